//! Invitations: made, taken back and settled for users, and looked at.

use wigwag_engine::command::{Answer as AnswerCommand, Cancel as CancelCommand};
use wigwag_engine::{Command, Reply};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::rest::Problem;
use wigwag_protocol::rest::invitation::{
    ActedForUser, CancelWish, InvitationHistory, InvitationHistoryPage, PartyParams,
};
use wigwag_protocol::rest::operations::{
    Accept, Cancel, GetInvitation, Invite, InviteInGroup, ListInvitations, ReadGroupInvitations,
    ReadInvitationHistory, Reject,
};
use wigwag_protocol::{GroupId, InviteId, Method, UserId};
use wigwag_session::query::{OpenPlace, OpenRange};
use wigwag_session::{Found, Query};

use super::asked::{Asked, page_limit};
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds, actor_or_nobody, unexpected};
use crate::door::HistoryOf;
use crate::store::Once;

/// Invitations of a page, unless the request says how many, and most of them. The store ends a page earlier when they are long.
const PAGE: (u32, u32) = (100, 1_000);

impl Answer for Invite {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        acted(api.call(&asked.params.user_id, Method::Invite, &asked.body, asked.once).await?)
    }
}

impl Answer for InviteInGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        acted(api.call(&asked.params.user_id, Method::InviteInGroup, &asked.body, asked.once).await?)
    }
}

impl Answer for ListInvitations {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let read = |text: String| {
            let place = OpenPlace::parse(&text);
            place.ok_or_else(|| Problem::invalid("after", "after: must be next of the page before"))
        };
        let after = asked.query.after.map(read).transpose()?;
        let limit = page_limit(asked.query.limit, PAGE.0, PAGE.1)?;
        api.profile(&asked.params.user_id).await?;
        let query = Query::OpenInvitations(OpenRange { after, limit });
        let Found::OpenInvitations(page) = api.look(&asked.params.user_id, query).await? else {
            return Err(unexpected());
        };
        Ok(page)
    }
}

impl Answer for ReadInvitationHistory {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.profile(&asked.params.user_id).await?;
        api.invitation_history(&asked.params.user_id, None, asked.query).await
    }
}

/// Its owner is a member, and so is told of each.
impl Answer for ReadGroupInvitations {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let group = api.group(&asked.params.group_id).await?;
        api.invitation_history(&group.owner, Some(group.group_id), asked.query).await
    }
}

impl Answer for Accept {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.settle(asked.params, asked.body.data, Command::Accept, asked.once).await
    }
}

impl Answer for Reject {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.settle(asked.params, asked.body.data, Command::Reject, asked.once).await
    }
}

impl Answer for GetInvitation {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.invitation(&asked.params.invite_id).await
    }
}

impl Answer for Cancel {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let CancelWish { data, invitee_list: from } = asked.body;
        if from.as_ref().is_some_and(Vec::is_empty) {
            let words = "inviteeList: must name somebody, or be left out";
            return Err(Problem::invalid("inviteeList", words));
        }
        let id = asked.params.invite_id;
        let inviter = api.invitation(&id).await.map(|invitation| invitation.inviter);
        let actor = actor_or_nobody(inviter, asked.once.as_ref())?;
        let cancel = Command::Cancel(CancelCommand { answer: AnswerCommand { id, data }, from });
        acted(api.act(&actor, cancel, asked.once).await?)
    }
}

impl BackEnds {
    async fn invitation(&self, id: &InviteId) -> Result<InvitationView, Box<Problem>> {
        self.door.whole_invitation(id).await.map_err(|refusal| problem_of(&refusal))
    }

    async fn invitation_history(
        &self,
        user: &UserId,
        group: Option<GroupId>,
        page: InvitationHistoryPage,
    ) -> Result<InvitationHistory, Box<Problem>> {
        let InvitationHistoryPage { since, after, status, limit } = page;
        let limit = page_limit(limit, PAGE.0, PAGE.1)?;
        let which = HistoryOf { since: since.unwrap_or(0), after, group, status, limit };
        let read = self.door.invitation_history(user, &which).await;
        read.map_err(|refusal| problem_of(&refusal))
    }

    async fn settle(
        &self,
        party: PartyParams,
        data: String,
        command: fn(AnswerCommand) -> Command,
        once: Option<Once>,
    ) -> Result<ActedForUser, Box<Problem>> {
        let PartyParams { user_id, invite_id } = party;
        self.profile(&user_id).await?;
        acted(self.act(&user_id, command(AnswerCommand { id: invite_id, data }), once).await?)
    }
}

fn acted(reply: Reply) -> Result<ActedForUser, Box<Problem>> {
    match reply {
        Reply::Acted(acted) => Ok(acted.into()),
        Reply::Sent(_) | Reply::Created(_) | Reply::AttributesSet(_) | Reply::Done(_) | Reply::Joined(_) => {
            Err(unexpected())
        }
    }
}

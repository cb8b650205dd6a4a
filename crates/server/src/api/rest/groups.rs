//! Groups: made, changed, looked at, and who is in them.
//!
//! Where the path names a user, they act. Where it names the group alone, its owner does: what the rules let an owner do, a back end
//! can do with the group.

use std::collections::BTreeMap;

use wigwag_engine::board::AttributesWish;
use wigwag_engine::command::GroupNotice;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::group::GroupView;
use wigwag_protocol::rest::group::{
    ADDED_MEMBERS, AttributesBody, GroupWish, NOTIFIED_MEMBERS, Notice, WrittenAttributes,
};
use wigwag_protocol::rest::operations::{
    AddMembers, CreateGroup, DismissGroup, GetAttributes, GetGroup, JoinGroup, ListAllGroups, ListGroups,
    ListMembers, NotifyGroup, PutAttributes, QuitGroup, RemoveMember, SetGroup, SetRole,
};
use wigwag_protocol::rest::{Changed, Problem};
use wigwag_protocol::{GroupId, Method};
use wigwag_session::{Found, Query};

use super::asked::{Asked, check_count, page_limit};
use super::blocks::changed;
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds, actor_or_nobody, unexpected};
use crate::store::Once;

/// Groups of a page, and most of them: each may have 4 KiB of the app's own.
const GROUPS: u32 = 100;
/// Members of a page, unless the request says how many, and most of them.
const MEMBERS: (u32, u32) = (100, 1_000);

impl Answer for CreateGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        match api.call(&asked.params.user_id, Method::GroupCreate, &asked.body, asked.once).await? {
            Reply::Created(created) => Ok(created),
            Reply::Acted(_)
            | Reply::Sent(_)
            | Reply::AttributesSet(_)
            | Reply::Done(_)
            | Reply::Joined(_) => Err(unexpected()),
        }
    }
}

impl Answer for ListGroups {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.profile(&asked.params.user_id).await?;
        let limit = page_limit(asked.query.limit, GROUPS, GROUPS)?;
        let query = Query::Groups { after: asked.query.after, limit };
        let Found::Groups(page) = api.look(&asked.params.user_id, query).await? else {
            return Err(unexpected());
        };
        Ok(page)
    }
}

impl Answer for ListAllGroups {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let limit = page_limit(asked.query.limit, GROUPS, GROUPS)?;
        let page = api.door.all_groups(asked.query.after.as_ref(), limit).await;
        page.map_err(|refusal| problem_of(&refusal))
    }
}

impl Answer for JoinGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.profile(&asked.params.user_id).await?;
        let join = Command::JoinGroup(asked.params.group_id);
        changed(&api.act(&asked.params.user_id, join, asked.once).await?)
    }
}

impl Answer for QuitGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.profile(&asked.params.user_id).await?;
        let quit = Command::QuitGroup(asked.params.group_id);
        changed(&api.act(&asked.params.user_id, quit, asked.once).await?)
    }
}

impl Answer for GetGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.group(&asked.params.group_id).await
    }
}

impl Answer for SetGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let GroupWish { name, ext, join_policy } = asked.body;
        let group = asked.params.group_id;
        let set = Command::SetGroupInfo { group: group.clone(), name, ext, join_policy };
        api.act_as_owner(&group, set, asked.once).await
    }
}

impl Answer for DismissGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let group = asked.params.group_id;
        api.act_as_owner(&group, Command::DismissGroup(group.clone()), asked.once).await
    }
}

impl Answer for ListMembers {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let limit = page_limit(asked.query.limit, MEMBERS.0, MEMBERS.1)?;
        let id = &asked.params.group_id;
        api.group(id).await?;
        let page = api.door.members_of(id, asked.query.after.as_ref(), limit).await;
        page.map_err(|refusal| problem_of(&refusal))
    }
}

impl Answer for AddMembers {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        check_count("userIDs", asked.body.user_ids.len(), ADDED_MEMBERS)?;
        let group = asked.params.group_id;
        let add = Command::AddMembers(group.clone(), asked.body.user_ids);
        api.act_as_owner(&group, add, asked.once).await
    }
}

impl Answer for RemoveMember {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let (group, user) = (asked.params.group_id, asked.params.user_id);
        let remove = Command::RemoveMembers(group.clone(), vec![user]);
        api.act_as_owner(&group, remove, asked.once).await
    }
}

impl Answer for SetRole {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let (group, user) = (asked.params.group_id, asked.params.user_id);
        let set = Command::SetRole { group: group.clone(), user, role: asked.body.role };
        api.act_as_owner(&group, set, asked.once).await
    }
}

impl Answer for GetAttributes {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let id = &asked.params.group_id;
        api.group(id).await?;
        api.door.attributes_of(id).await.map_err(|refusal| problem_of(&refusal))
    }
}

impl Answer for PutAttributes {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let AttributesBody { set, delete, replace, if_version, counters } = asked.body;
        // A repeated PUT must not count twice, so nothing is added here.
        let add = BTreeMap::new();
        let wish = Box::new(AttributesWish { set, delete, replace, if_version, counters, add });
        let id = asked.params.group_id;
        let reply = api.reply_to_owner(&id, Command::SetAttributes(id.clone(), wish), asked.once).await?;
        let Reply::AttributesSet(set) = reply else { return Err(unexpected()) };
        Ok(WrittenAttributes { time: set.time, version: set.version })
    }
}

impl Answer for NotifyGroup {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let (group, Notice { data, user_ids: to }) = (asked.params.group_id, asked.body);
        if let Some(users) = &to {
            check_count("userIDs", users.len(), NOTIFIED_MEMBERS)?;
        }
        let notify = Command::NotifyGroup(Box::new(GroupNotice { group: group.clone(), data, to }));
        api.act_as_owner(&group, notify, asked.once).await
    }
}

impl BackEnds {
    /// The group, whoever is in it.
    pub(super) async fn group(&self, id: &GroupId) -> Result<GroupView, Box<Problem>> {
        self.door.whole_group(id).await.map_err(|refusal| problem_of(&refusal))
    }

    async fn act_as_owner(
        &self,
        id: &GroupId,
        command: Command,
        once: Option<Once>,
    ) -> Result<Changed, Box<Problem>> {
        changed(&self.reply_to_owner(id, command, once).await?)
    }

    async fn reply_to_owner(
        &self,
        id: &GroupId,
        command: Command,
        once: Option<Once>,
    ) -> Result<Reply, Box<Problem>> {
        let owner = self.group(id).await.map(|group| group.owner);
        let actor = actor_or_nobody(owner, once.as_ref())?;
        self.act(&actor, command, once).await
    }
}

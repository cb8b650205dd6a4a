//! Messages: sent, read and taken back for a user.

use wigwag_engine::{Command, ConversationId, Reply};
use wigwag_protocol::message::Peer;
use wigwag_protocol::rest::Problem;
use wigwag_protocol::rest::message::{HistoryPage, MessagePlace};
use wigwag_protocol::rest::operations::{ReadHistory, RevokeMessage, SendMessage};
use wigwag_protocol::{GroupId, Method, UserId};
use wigwag_session::query::HistoryRange;
use wigwag_session::{Found, Query};

use super::asked::{Asked, page_limit};
use super::blocks::changed;
use super::{Answer, Answered, BackEnds, unexpected};

/// Messages of a page, unless the request says how many, and most of them.
const PAGE: (u32, u32) = (20, 1_000);

impl Answer for SendMessage {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        match api.call(&asked.params.user_id, Method::MessageSend, &asked.body, asked.once).await? {
            Reply::Sent(sent) => Ok(sent),
            Reply::Acted(_)
            | Reply::Created(_)
            | Reply::AttributesSet(_)
            | Reply::Done(_)
            | Reply::Joined(_) => Err(unexpected()),
        }
    }
}

impl Answer for ReadHistory {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let HistoryPage { with, group_id, from_seq, direction, limit } = asked.query;
        let user = asked.params.user_id;
        let conversation = ConversationId::with(&user, &peer(with, group_id)?);
        let limit = page_limit(limit, PAGE.0, PAGE.1)?;
        api.profile(&user).await?;
        let query = Query::History(HistoryRange { conversation, from_seq, direction, limit });
        let Found::History(page) = api.look(&user, query).await? else { return Err(unexpected()) };
        Ok(page)
    }
}

impl Answer for RevokeMessage {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let MessagePlace { with, group_id, seq } = asked.query;
        let revoke = Command::RevokeMessage { peer: peer(with, group_id)?, seq };
        api.profile(&asked.params.user_id).await?;
        changed(&api.act(&asked.params.user_id, revoke, asked.once).await?)
    }
}

fn peer(with: Option<UserId>, group: Option<GroupId>) -> Result<Peer, Box<Problem>> {
    Peer::from_fields(with, group)
        .ok_or_else(|| Problem::invalid("with", "with: either it or groupID must be given, and not both"))
}

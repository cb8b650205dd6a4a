//! Whom users block.

use wigwag_engine::{Command, Reply};
use wigwag_protocol::rest::block::{BlockParams, Blocks};
use wigwag_protocol::rest::operations::{BlockUser, ListBlocks, UnblockUser};
use wigwag_protocol::rest::{Changed, Problem};
use wigwag_protocol::{Reason, UserId};
use wigwag_session::{Found, Query};

use super::asked::{Asked, page_limit};
use super::{Answer, Answered, BackEnds, unexpected};
use crate::store::Once;

/// Users of a page, unless the request says how many.
const PAGE: u32 = 100;
/// Most users of a page: at 64 bytes each, 70 KB.
const LONGEST_PAGE: u32 = 1_000;

impl Answer for ListBlocks {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let user = asked.params.user_id;
        api.profile(&user).await?;
        let limit = page_limit(asked.query.limit, PAGE, LONGEST_PAGE)?;
        let query = Query::Blocked { after: asked.query.after, limit };
        let Found::Blocked(page) = api.look(&user, query).await? else { return Err(unexpected()) };
        Ok(Blocks { user_ids: page.user_ids, next: page.next })
    }
}

impl Answer for BlockUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.set_block(asked.params, true, asked.once).await
    }
}

impl Answer for UnblockUser {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.set_block(asked.params, false, asked.once).await
    }
}

impl BackEnds {
    async fn set_block(
        &self,
        pair: BlockParams,
        on: bool,
        once: Option<Once>,
    ) -> Result<Changed, Box<Problem>> {
        let BlockParams { user_id, blocked } = pair;
        self.profile(&user_id).await?;
        let unknown = |problem: Box<Problem>| named(problem, &blocked);
        let reply =
            self.act(&user_id, Command::SetBlock(blocked.clone(), on), once).await.map_err(unknown)?;
        changed(&reply)
    }
}

/// When a command was carried out whose only result is that it is done.
pub(super) fn changed(reply: &Reply) -> Result<Changed, Box<Problem>> {
    match reply {
        Reply::Done(done) => Ok(Changed { time: done.time }),
        Reply::Acted(_) | Reply::Sent(_) | Reply::Created(_) | Reply::AttributesSet(_) | Reply::Joined(_) => {
            Err(unexpected())
        }
    }
}

/// The user is known, so whoever is unknown is the other.
fn named(mut problem: Box<Problem>, blocked: &UserId) -> Box<Problem> {
    if problem.reason == Reason::UnknownUser.as_str() {
        problem.field = Some("blocked".to_owned());
        problem.id = Some(blocked.to_string());
    }
    problem
}

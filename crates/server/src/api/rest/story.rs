//! The story of an invitation. Who asked for it is logged: it tells what people do with each other.

use wigwag_protocol::rest::operations::ExplainInvitation;
use wigwag_protocol::rest::story::Story;

use super::asked::Asked;
use super::problem::problem_of;
use super::webhooks::store_failed;
use super::{Answer, Answered, BackEnds};
use crate::door::InvitationStory;

impl Answer for ExplainInvitation {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let id = asked.params.invite_id;
        tracing::info!(key = %asked.key.name, invite = %id, "the story of an invitation is asked for");
        let story = api.door.story(&id).await.map_err(|refusal| problem_of(&refusal))?;
        let InvitationStory { invitation, call, steps, complete } = story;
        let webhooks = api.webhooks.about(id.as_str(), &steps).await.map_err(|error| store_failed(&error))?;
        Ok(Story { invitation, call, steps, complete, webhooks })
    }
}

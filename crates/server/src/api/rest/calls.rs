//! Calls: looked at, ended, and somebody taken out of them.

use std::sync::Arc;

use wigwag_engine::command::CallRef;
use wigwag_engine::{Call, Command, Reply};
use wigwag_protocol::rest::operations::{EndCall, GetCall, ListCalls, ListRunningCalls, RemoveParticipant};
use wigwag_protocol::rest::{Changed, Problem};
use wigwag_protocol::{CallId, UserId};
use wigwag_session::query::{CallPlace, CallRange};
use wigwag_session::{Found, Query};

use super::asked::{Asked, page_limit};
use super::blocks::changed;
use super::problem::problem_of;
use super::{Answer, Answered, BackEnds, actor_or_nobody, unexpected};
use crate::store::Once;

/// Calls of a page of a user's, unless the request says how many, and most of them.
const PAGE: (u32, u32) = (20, 1_000);
/// The same of all that are running. The store ends a page earlier when its calls are long.
const RUNNING: (u32, u32) = (100, 1_000);

impl Answer for ListCalls {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let read = |text: String| {
            let place = CallPlace::parse(&text);
            place.ok_or_else(|| Problem::invalid("after", "after: must be next of the page before"))
        };
        let after = asked.query.after.map(read).transpose()?;
        let limit = page_limit(asked.query.limit, PAGE.0, PAGE.1)?;
        api.profile(&asked.params.user_id).await?;
        let query = Query::Calls(CallRange { missed: asked.query.missed, after, limit });
        let Found::Calls(page) = api.look(&asked.params.user_id, query).await? else {
            return Err(unexpected());
        };
        Ok(page)
    }
}

impl Answer for ListRunningCalls {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let limit = page_limit(asked.query.limit, RUNNING.0, RUNNING.1)?;
        let page = api.door.running_calls(asked.query.after.as_ref(), limit).await;
        page.map_err(|refusal| problem_of(&refusal))
    }
}

impl Answer for GetCall {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let call = api.whole_call(&asked.params.call_id).await?;
        Ok(api.door.view_of_call(&call))
    }
}

impl Answer for EndCall {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        let id = asked.params.call_id;
        let inside = api.whole_call(&id).await.and_then(|call| one_in(&call));
        let actor = actor_or_nobody(inside, asked.once.as_ref())?;
        changed(&api.act(&actor, Command::EndCall(id), asked.once).await?)
    }
}

impl Answer for RemoveParticipant {
    async fn answer(api: &BackEnds, asked: Asked<Self>) -> Answered<Self> {
        api.profile(&asked.params.user_id).await?;
        api.hang_up(&asked.params.call_id, &asked.params.user_id, asked.once).await
    }
}

/// Somebody who is in the call, or was.
fn one_in(call: &Call) -> Result<UserId, Box<Problem>> {
    let anybody = call.joined().next().or_else(|| call.people.first().map(|person| &person.user));
    anybody.cloned().ok_or_else(unexpected)
}

impl BackEnds {
    async fn whole_call(&self, id: &CallId) -> Result<Arc<Call>, Box<Problem>> {
        self.door.whole_call(id).await.map_err(|refusal| problem_of(&refusal))
    }

    async fn hang_up(&self, id: &CallId, user: &UserId, once: Option<Once>) -> Result<Changed, Box<Problem>> {
        let hang_up = Command::HangUp(CallRef::Call(id.clone()));
        match self.act(user, hang_up, once).await? {
            Reply::Done(done) => Ok(Changed { time: done.time }),
            Reply::Acted(acted) => Ok(Changed { time: acted.time }),
            Reply::Sent(_) | Reply::Created(_) | Reply::AttributesSet(_) | Reply::Joined(_) => {
                Err(unexpected())
            }
        }
    }
}

//! Commands about calls, beside those of the invitations that lead into them.

use wigwag_client::{Client, Error, requests};
use wigwag_protocol::call::{CallView, PersonState};
use wigwag_protocol::params::{CallList, CallOnly};
use wigwag_protocol::result::{CallEntry, Joined};
use wigwag_protocol::{RoomId, UserId};

use crate::act::{Acting, Outcome, done, outcome};
use crate::show;

/// Calls among which the one that the user is in is looked for. They are in one at most, and seldom have others begun since.
const RECENT_CALLS: u32 = 20;

pub(super) fn join(client: &Client, room: RoomId) -> Acting {
    let reply = client.join_call(&CallOnly { call_id: None, room_id: Some(room) });
    Box::pin(async move {
        let joined: Joined = reply.await?;
        Ok(outcome(&joined, vec![entered(&joined.entry)]))
    })
}

/// Leaves the call in this room, or without one the call that the user is in, or else the one that rings them.
pub(super) fn hang_up(client: &Client, room: Option<RoomId>, me: UserId) -> Acting {
    if room.is_some() {
        return done(client.hang_up(&CallOnly { call_id: None, room_id: room }), "hung up");
    }
    let client = client.clone();
    Box::pin(async move {
        match own_call(&client, &me).await? {
            Some(call) => done(client.hang_up(&requests::call_of(call.link.call_id)), "hung up").await,
            None => Ok(Outcome::only("you are in no call, and none rings you")),
        }
    })
}

/// The server is asked, because a client that has just started was told of no call that began before.
async fn own_call(client: &Client, me: &UserId) -> Result<Option<CallView>, Error> {
    let page = CallList { limit: Some(RECENT_CALLS), ..requests::calls() };
    let recent = client.call_list(&page).await?.calls;
    let mut running: Vec<CallView> = recent.into_iter().filter(|call| call.ended_at.is_none()).collect();
    let mut states = [PersonState::Joined, PersonState::Ringing].into_iter();
    let place = states.find_map(|state| running.iter().position(|call| stands(call, me, state)));
    Ok(place.map(|place| running.swap_remove(place)))
}

fn stands(call: &CallView, me: &UserId, state: PersonState) -> bool {
    call.people.iter().any(|person| person.user_id == *me && person.state == state)
}

/// What a person reads who has come into a call.
pub(super) fn entered(entry: &CallEntry) -> String {
    let (room, media) = (&entry.link.room_id, show::clean(&entry.link.media_type));
    format!("you are in the call in {room} ({media}) — type `hangup` to leave")
}

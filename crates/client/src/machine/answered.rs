//! The reply to a command, read from the event that the command made.
//!
//! The server sends a device the event of its own command when the connection that waited for the reply is gone. Then the event
//! completes the command, so that the app hears of it once: as the outcome of what it asked for.

use std::collections::BTreeSet;

use serde::Serialize;
use wigwag_protocol::event::{EventHead, InvitationClosed, InvitationReceived};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::message::{Message, MessagePlace};
use wigwag_protocol::params::{Cancel, MessageSend};
use wigwag_protocol::result::{Acted, MessageSent};
use wigwag_protocol::{Event, InvitationEvent, Method, UserId};

use super::acts::{Act, params};
use super::pending::{Answered, Pending};

/// The result of a command; `None` when it did not make this event, which one of the user's devices did. `known` is the
/// invitation that the event is about, if it is known.
pub(super) fn reply_in(
    head: &EventHead,
    event: &Event,
    known: Option<&InvitationView>,
    command: &Pending,
) -> Option<Answered> {
    if let Event::MessageReceived(received) = event {
        return sent(head, &received.message, command).map(|result| Answered::Wholly(json(&result)));
    }
    let about = event.of_invitation()?;
    let act = Act::read(command.method, &command.frame)?;
    if !made(&act, &about) && !met(&act, &about) {
        return None;
    }
    let result = json(&acted(head, &about, &act));
    Some(if may_lead_into_call(&about, known) { Answered::InPart(result) } else { Answered::Wholly(result) })
}

/// Whether the reply may tell more than the event. An invitation that is not known may have rung while the device was away, which
/// it is not told when the ring is over.
fn may_lead_into_call(about: &InvitationEvent<'_>, known: Option<&InvitationView>) -> bool {
    match about {
        InvitationEvent::Received(event) => event.call.is_some(),
        InvitationEvent::Accepted(_) => known.is_none_or(|invitation| invitation.call.is_some()),
        InvitationEvent::Rejected(_)
        | InvitationEvent::Cancelled(_)
        | InvitationEvent::TimedOut(_)
        | InvitationEvent::Modified(_) => false,
    }
}

fn sent(head: &EventHead, message: &Message, command: &Pending) -> Option<MessageSent> {
    let named = message.client_msg_id.as_ref().filter(|_| command.method == Method::MessageSend)?;
    let wish: MessageSend = params(&command.frame)?;
    (wish.client_msg_id.as_ref() == Some(named)).then(|| MessageSent {
        message_id: message.message_id.clone(),
        conversation: message.conversation.clone(),
        seq: message.seq,
        time: message.time,
        cursor: Some(head.cursor),
    })
}

/// With other data it is another command, which the server refuses as settled.
fn made(act: &Act, about: &InvitationEvent<'_>) -> bool {
    let said = match (about, act) {
        (InvitationEvent::Received(event), Act::Invite(wish)) => wish.data == event.data,
        (InvitationEvent::Received(event), Act::InviteInGroup(wish)) => wish.data == event.data,
        (InvitationEvent::Accepted(event), Act::Accept(answer))
        | (InvitationEvent::Rejected(event), Act::Reject(answer)) => answer.data == event.data,
        (InvitationEvent::Cancelled(event), Act::Cancel(cancel)) => {
            cancel.data == event.data && took_back(cancel, event)
        }
        // No command makes a timeout, and a modification is not sent a second time: it is given up with its connection.
        (
            InvitationEvent::Received(_)
            | InvitationEvent::Accepted(_)
            | InvitationEvent::Rejected(_)
            | InvitationEvent::Cancelled(_)
            | InvitationEvent::TimedOut(_)
            | InvitationEvent::Modified(_),
            _,
        ) => false,
    };
    said && act.invite_id() == Some(about.invite_id())
}

/// A cancel of everybody leaves nobody pending; a cancel of some takes back from nobody else.
fn took_back(cancel: &Cancel, event: &InvitationClosed) -> bool {
    let is_whole = cancel.invitee_list.is_none();
    event.invitee_list.iter().all(|user| cancel.means(user)) && !(is_whole && event.still_open)
}

/// The invite called a user who was calling already, so it accepted their invitation.
fn met(act: &Act, about: &InvitationEvent<'_>) -> bool {
    match (about, act) {
        (InvitationEvent::Accepted(event), Act::Invite(wish)) => {
            let calls = wish.call.is_some() && event.group_id.is_none();
            calls && wish.invitee == event.inviter && wish.data == event.data
        }
        (
            InvitationEvent::Received(_)
            | InvitationEvent::Accepted(_)
            | InvitationEvent::Rejected(_)
            | InvitationEvent::Cancelled(_)
            | InvitationEvent::TimedOut(_)
            | InvitationEvent::Modified(_),
            _,
        ) => false,
    }
}

fn acted(head: &EventHead, about: &InvitationEvent<'_>, act: &Act) -> Acted {
    let mut acted = Acted {
        // Where the two called each other, the other's: it is the one that stands.
        invite_id: about.invite_id().clone(),
        cursor: Some(head.cursor),
        time: head.time,
        version: about.version(),
        deadline: None,
        message: message_of(about).cloned(),
        ignored_invitees: Vec::new(),
        call: None,
    };
    if let InvitationEvent::Received(event) = about {
        acted.deadline = event.deadline;
        if let Act::InviteInGroup(wish) = act {
            acted.ignored_invitees = ignored(&wish.invitee_list, event);
        }
    }
    acted
}

/// Those whom an invitation was for and does not name, in their order.
fn ignored(invited: &[UserId], event: &InvitationReceived) -> Vec<UserId> {
    let mut seen: BTreeSet<&UserId> = event.invitee_list.iter().chain([&event.inviter]).collect();
    invited.iter().filter(|user| seen.insert(user)).cloned().collect()
}

fn message_of<'a>(about: &InvitationEvent<'a>) -> Option<&'a MessagePlace> {
    match about {
        InvitationEvent::Received(event) => event.message.as_ref(),
        InvitationEvent::Accepted(event) | InvitationEvent::Rejected(event) => event.message.as_ref(),
        InvitationEvent::Cancelled(event) | InvitationEvent::TimedOut(event) => event.message.as_ref(),
        InvitationEvent::Modified(_) => None,
    }
}

fn json(result: &impl Serialize) -> String {
    // Serialising our own types into memory cannot fail: no map has a non-string key.
    serde_json::to_string(result).unwrap_or_default()
}

//! Conversations in one user's list: pinning, and deleting. They concern that user alone; nobody else in the conversation is told.

use wigwag_protocol::Event;
use wigwag_protocol::event::{ConversationDeleted, ConversationPinned};
use wigwag_protocol::message::Peer;

use super::draft::{Draft, Telling};
use super::message::{done, read_up_to, seen};
use crate::{Actor, Change, Decision, Refusal, Stop};

/// Most pinned conversations of a user. They stand in front of every list, so each first page looks at all of them.
pub const MOST_PINNED: usize = 50;

/// Pins or unpins. Only what is in the list can be pinned; what has left it is not pinned any more.
pub(super) fn pin(mut draft: Draft<'_>, actor: &Actor, peer: &Peer, on: bool) -> Result<Decision, Stop> {
    let conversation = seen(&draft, actor, peer)?;
    let last_seq = draft.ledger.last_seq(&conversation)?;
    let reader = *draft.ledger.reader(&actor.user, &conversation)?;
    if reader.pinned == on {
        return Ok(done(draft, None));
    }
    if on && !reader.lists(&conversation, last_seq) {
        return Err(Refusal::NotListed.into());
    }
    if draft.ledger.pin_count(&actor.user)? >= MOST_PINNED && on {
        return Err(Refusal::TooManyPinned(MOST_PINNED).into());
    }
    let event =
        Event::ConversationPinned(ConversationPinned { conversation: conversation.to_string(), pinned: on });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::Pinned { user: actor.user.clone(), conversation, on });
    Ok(done(draft, receipt.cursor))
}

/// Takes a conversation out of the actor's list, with everything said in it so far, until something new is said. What was unread in it is
/// read by that, so that no total counts what nobody can open.
pub(super) fn delete(mut draft: Draft<'_>, actor: &Actor, peer: &Peer) -> Result<Decision, Stop> {
    let conversation = seen(&draft, actor, peer)?;
    let seq = draft.ledger.last_seq(&conversation)?;
    let reader = *draft.ledger.reader(&actor.user, &conversation)?;
    if !reader.lists(&conversation, seq) {
        return Ok(done(draft, None));
    }
    if seq > reader.read_seq {
        read_up_to(&mut draft, actor, &conversation, seq)?;
    }
    if reader.pinned {
        draft.change(Change::Pinned {
            user: actor.user.clone(),
            conversation: conversation.clone(),
            on: false,
        });
    }
    let event =
        Event::ConversationDeleted(ConversationDeleted { conversation: conversation.to_string(), seq });
    let receipt = draft.tell(vec![actor.user.clone()], Telling::default(), |_| event)?;
    draft.change(Change::ConversationDeleted { user: actor.user.clone(), conversation, seq });
    Ok(done(draft, receipt.cursor))
}

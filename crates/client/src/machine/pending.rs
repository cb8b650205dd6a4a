//! Commands that wait for their reply.

use std::collections::BTreeMap;

use wigwag_protocol::Method;

use super::timer::{Deadline, Timer};
use crate::book::Edition;
use crate::error::Error;

/// A command without its reply.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) method: Method,
    pub(super) frame: String,
    until: u64,
    /// The edition of the book when it was sent on this connection; `None` when it was not.
    pub(super) sent_at: Option<Edition>,
    /// The server asked to wait until then before it is sent again.
    held_back_until: Option<u64>,
    /// It was carried out, as its event says: the result as far as an event can say it.
    carried_out: Option<String>,
}

impl Pending {
    /// `frame` is the request's text; it is given up at `until`, ms.
    pub(super) fn new(method: Method, frame: String, until: u64) -> Self {
        Self { method, frame, until, sent_at: None, held_back_until: None, carried_out: None }
    }

    /// How it ends: as the server answered, unless that was a refusal of what had been carried out before.
    pub(super) fn outcome(self, answer: Result<String, Error>) -> Result<String, Error> {
        answer.or_else(|error| self.carried_out.ok_or(error))
    }
}

/// What an event says of the command that made it.
#[derive(Debug)]
pub(super) enum Answered {
    /// The result, as the reply would have it.
    Wholly(String),
    /// The result without what only the reply tells, because it is for the actor alone: how to reach the media of a call.
    InPart(String),
}

/// What an event does to the command that made it.
#[derive(Debug)]
pub(super) enum Completion {
    /// It completes the command.
    Settled { request: u64, result: String },
    /// The command goes on waiting, and is sent again for its reply.
    AsksAgain,
}

/// All commands without their reply, in the order they were given.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: BTreeMap<u64, Pending>,
}

impl Requests {
    pub(super) fn add(&mut self, id: u64, pending: Pending) {
        self.waiting.insert(id, pending);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The request, if it was waiting.
    pub(super) fn take(&mut self, id: u64) -> Option<Pending> {
        self.waiting.remove(&id)
    }

    /// The oldest request for which `answer` has something. It waits no more, unless only the reply says everything.
    pub(super) fn take_answered(
        &mut self,
        answer: impl Fn(&Pending) -> Option<Answered>,
    ) -> Option<Completion> {
        let (id, answered) = self.waiting.iter().find_map(|(id, pending)| Some((*id, answer(pending)?)))?;
        match answered {
            Answered::Wholly(result) => {
                self.waiting.remove(&id);
                Some(Completion::Settled { request: id, result })
            }
            Answered::InPart(result) => {
                self.waiting.get_mut(&id)?.carried_out = Some(result);
                Some(Completion::AsksAgain)
            }
        }
    }

    /// The oldest request that was not sent and need not wait, marked as sent now.
    pub(super) fn next_unsent(&mut self, edition: Edition, now: u64) -> Option<(u64, &Pending)> {
        let may_go = |pending: &Pending| {
            pending.sent_at.is_none() && pending.held_back_until.is_none_or(|until| until <= now)
        };
        let (id, pending) = self.waiting.iter_mut().find(|(_, pending)| may_go(pending))?;
        pending.sent_at = Some(edition);
        pending.held_back_until = None;
        Some((*id, pending))
    }

    /// Holds a read back that came too soon, to be sent again at `until`. Whether it is: commands are not, because the app shows a
    /// person what they asked for and has to know that it did not happen; neither is what would be overdue by then.
    pub(super) fn hold_back(&mut self, id: u64, until: u64) -> bool {
        let may = |pending: &&mut Pending| is_read(pending.method) && until < pending.until;
        let Some(pending) = self.waiting.get_mut(&id).filter(may) else { return false };
        pending.sent_at = None;
        pending.held_back_until = Some(until);
        true
    }

    /// When the first of those that were held back may go.
    pub(super) fn next_held_back(&self) -> Option<Deadline> {
        let held_back = self.waiting.values().filter_map(|pending| pending.held_back_until);
        held_back.min().map(|at| Timer::Again.at(at))
    }

    /// The connection is gone: what may be repeated is unsent again, the rest is given up and returned.
    pub(super) fn connection_lost(&mut self) -> Vec<(u64, Pending)> {
        let lost = self.given_up(|pending| pending.sent_at.is_some() && !may_repeat(pending.method));
        for pending in self.waiting.values_mut() {
            pending.sent_at = None;
            pending.held_back_until = None;
        }
        lost
    }

    /// Gives up what is overdue.
    pub(super) fn overdue(&mut self, now: u64) -> Vec<(u64, Pending)> {
        self.given_up(|pending| pending.until <= now)
    }

    /// Gives up everything.
    pub(super) fn all(&mut self) -> Vec<(u64, Pending)> {
        self.given_up(|_| true)
    }

    /// When the next one is overdue.
    pub(super) fn next_overdue(&self) -> Option<Deadline> {
        // Ids and deadlines grow together, because every request gets the same time.
        self.waiting.values().next().map(|pending| Timer::Request.at(pending.until))
    }

    fn given_up(&mut self, which: impl Fn(&Pending) -> bool) -> Vec<(u64, Pending)> {
        self.waiting.extract_if(.., |_, pending| which(pending)).collect()
    }
}

/// How long the server asks to wait, ms, if it does.
pub(super) fn wait_asked_for(error: &Error) -> Option<u64> {
    if let Error::Refused(body) = error { body.data.retry_after_ms } else { None }
}

/// Whether it changes nothing.
fn is_read(method: Method) -> bool {
    match method {
        Method::Get
        | Method::ListOpen
        | Method::CallGet
        | Method::CallList
        | Method::MessageHistory
        | Method::MessageReceipts
        | Method::ConversationList
        | Method::GroupMembers
        | Method::GroupInfo
        | Method::GroupAttributes
        | Method::GroupOnlineCount
        | Method::GroupNews
        | Method::GroupList
        | Method::UserGet
        | Method::UserListBlocked
        | Method::UserGetReach
        | Method::UserGetQuiet
        | Method::UserGetStatus
        | Method::UserWatch
        | Method::PushSettings => true,
        Method::Invite
        | Method::InviteInGroup
        | Method::Cancel
        | Method::Accept
        | Method::Reject
        | Method::Modify
        | Method::Ringing
        | Method::Silence
        | Method::CallJoin
        | Method::CallHangUp
        | Method::CallMarkSeen
        | Method::CallSignal
        | Method::MessageSend
        | Method::MessageRevoke
        | Method::MessageMarkRead
        | Method::ConversationPin
        | Method::ConversationDelete
        | Method::GroupCreate
        | Method::GroupJoin
        | Method::GroupQuit
        | Method::GroupDismiss
        | Method::GroupAddMembers
        | Method::GroupRemoveMembers
        | Method::GroupSetInfo
        | Method::GroupSetRole
        | Method::GroupSetAttributes
        | Method::UserSetProfile
        | Method::UserBlock
        | Method::UserUnblock
        | Method::UserSetReach
        | Method::UserSetQuiet
        | Method::UserSetStatus
        | Method::PushRegister
        | Method::PushUnregister
        | Method::SessionOpen
        | Method::SessionAck
        | Method::SessionClose => false,
    }
}

/// Whether sending the command a second time is sure to have no second effect.
///
/// Reads have none; invites and messages carry their idempotency key; the server gives the same device its first reply
/// again on cancel, accept and reject; a device rings once for an invitation, and silences it once; whoever joins or leaves a call twice has done it once;
/// reading marks only move forward.
pub(super) fn may_repeat(method: Method) -> bool {
    match method {
        Method::Invite
        | Method::InviteInGroup
        | Method::Cancel
        | Method::Accept
        | Method::Reject
        | Method::Ringing
        | Method::Silence
        | Method::Get
        | Method::ListOpen
        | Method::CallJoin
        | Method::CallHangUp
        | Method::CallGet
        | Method::CallList
        | Method::CallMarkSeen
        | Method::MessageSend
        | Method::MessageHistory
        | Method::MessageMarkRead
        | Method::MessageReceipts
        | Method::ConversationList
        | Method::GroupMembers
        | Method::GroupInfo
        | Method::GroupAttributes
        | Method::GroupOnlineCount
        | Method::GroupNews
        | Method::GroupList
        | Method::UserGet
        | Method::UserListBlocked
        | Method::UserGetReach
        | Method::UserGetQuiet
        | Method::UserGetStatus
        | Method::UserWatch
        | Method::PushRegister
        | Method::PushUnregister
        | Method::PushSettings => true,
        Method::SessionOpen
        | Method::SessionAck
        | Method::SessionClose
        | Method::Modify
        | Method::CallSignal
        | Method::MessageRevoke
        | Method::ConversationPin
        | Method::ConversationDelete
        | Method::GroupCreate
        | Method::GroupJoin
        | Method::GroupQuit
        | Method::GroupDismiss
        | Method::GroupAddMembers
        | Method::GroupRemoveMembers
        | Method::GroupSetInfo
        | Method::GroupSetRole
        | Method::GroupSetAttributes
        | Method::UserSetProfile
        | Method::UserBlock
        | Method::UserUnblock
        | Method::UserSetReach
        | Method::UserSetQuiet
        | Method::UserSetStatus => false,
    }
}

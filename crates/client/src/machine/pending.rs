//! Commands that wait for their reply.

use std::collections::BTreeMap;

use wigwag_protocol::Method;

/// A command without its reply.
#[derive(Debug)]
pub(super) struct Pending {
    method: Method,
    frame: String,
    until: u64,
    sent: bool,
}

/// All commands without their reply, in the order they were given.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: BTreeMap<u64, Pending>,
}

impl Requests {
    /// `frame` is the request's text; it is given up at `until`, ms.
    pub(super) fn add(&mut self, id: u64, method: Method, frame: String, until: u64) {
        self.waiting.insert(id, Pending { method, frame, until, sent: false });
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True when the request was waiting.
    pub(super) fn settle(&mut self, id: u64) -> bool {
        self.waiting.remove(&id).is_some()
    }

    /// Marks everything as sent and returns the frames that were not, oldest first.
    pub(super) fn take_unsent(&mut self) -> Vec<(u64, String)> {
        let unsent = self.waiting.iter_mut().filter(|(_, pending)| !pending.sent);
        unsent
            .map(|(id, pending)| {
                pending.sent = true;
                (*id, pending.frame.clone())
            })
            .collect()
    }

    /// The connection is gone: what may be repeated is unsent again, the rest is given up and returned.
    pub(super) fn connection_lost(&mut self) -> Vec<u64> {
        let lost: Vec<u64> = self.given_up(|pending| pending.sent && !may_repeat(pending.method));
        for pending in self.waiting.values_mut() {
            pending.sent = false;
        }
        lost
    }

    /// Gives up what is overdue.
    pub(super) fn overdue(&mut self, now: u64) -> Vec<u64> {
        self.given_up(|pending| pending.until <= now)
    }

    /// Gives up everything.
    pub(super) fn all(&mut self) -> Vec<u64> {
        self.given_up(|_| true)
    }

    /// When the next one is overdue.
    pub(super) fn next_overdue(&self) -> Option<u64> {
        // Ids and deadlines grow together, because every request gets the same time.
        self.waiting.values().next().map(|pending| pending.until)
    }

    fn given_up(&mut self, which: impl Fn(&Pending) -> bool) -> Vec<u64> {
        self.waiting.extract_if(.., |_, pending| which(pending)).map(|(id, _)| id).collect()
    }
}

/// Whether sending the command a second time is sure to have no second effect.
///
/// Reads have none; invites and messages carry their idempotency key; the server gives the same device its first reply
/// again on cancel, accept and reject; reading marks only move forward.
pub(super) fn may_repeat(method: Method) -> bool {
    match method {
        Method::Invite
        | Method::InviteInGroup
        | Method::Cancel
        | Method::Accept
        | Method::Reject
        | Method::Get
        | Method::ListOpen
        | Method::MessageSend
        | Method::MessageHistory
        | Method::MessageMarkRead
        | Method::MessageReceipts
        | Method::ConversationList
        | Method::GroupMembers
        | Method::GroupInfo
        | Method::GroupList
        | Method::UserGet
        | Method::UserListBlocked => true,
        Method::SessionOpen
        | Method::SessionAck
        | Method::SessionClose
        | Method::Modify
        | Method::MessageRevoke
        | Method::GroupCreate
        | Method::GroupJoin
        | Method::GroupQuit
        | Method::GroupDismiss
        | Method::GroupAddMembers
        | Method::GroupRemoveMembers
        | Method::GroupSetInfo
        | Method::GroupSetRole
        | Method::UserSetProfile
        | Method::UserBlock
        | Method::UserUnblock => false,
    }
}

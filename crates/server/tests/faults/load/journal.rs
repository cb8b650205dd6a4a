//! What one device did and heard, in order.

use serde_json::Value;
use wigwag_protocol::{ErrorBody, Reason, UserId};
use wigwag_server::clock::Clock;

use crate::load::wish::Wish;

/// What was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ack {
    pub(crate) cursor: Option<u64>,
    pub(crate) version: Option<u32>,
    pub(crate) deadline: Option<u64>,
    /// Conversation and seq of the message it made.
    pub(crate) message: Option<(String, u64)>,
    /// The call that it brought the user into.
    pub(crate) call: Option<Entered>,
}

/// A call that a reply says how to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entered {
    pub(crate) id: String,
    /// The invitation of the other's that was accepted instead, when both called each other.
    pub(crate) accepted: Option<String>,
}

/// How a command ended for the device.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Acked(Ack),
    Refused(Box<ErrorBody>),
    /// The connection was lost before the reply: it may have been carried out or not.
    Unknown,
}

impl Outcome {
    /// Refused for want of a store: it may have been carried out or not, and may be said again.
    pub(crate) fn is_for_want_of_a_store(&self) -> bool {
        matches!(self, Self::Refused(error) if error.data.reason == Reason::StoreUnavailable)
    }
}

/// A request that took its time: from when it was on a connection until it was answered or the connection broke.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait {
    /// The node it was sent to.
    pub(crate) node: usize,
    /// Both in server time, ms.
    pub(crate) from: u64,
    pub(crate) until: u64,
}

/// A shorter wait is not worth a note, ms.
const NOTED: u64 = 1_000;

/// Server time of all nodes: they run on this machine. In ms.
pub(crate) fn now_ms() -> u64 {
    Clock::starting_not_before(0).now_ms()
}

/// An event as a device was told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) cursor: u64,
    pub(crate) kind: String,
    pub(crate) invite_id: Option<String>,
    /// Of the events of calls.
    pub(crate) call_id: Option<String>,
    /// The invitation's or the call's.
    pub(crate) version: Option<u32>,
}

impl Seen {
    /// From the event's own members, the params from `type` on.
    pub(crate) fn of(cursor: u64, body: &Value) -> Self {
        let text = |field: &str| body[field].as_str().map(str::to_owned);
        let kind = text("type").unwrap_or_default();
        let is_of_call = kind.starts_with("call.");
        let is_of_either = is_of_call || kind.starts_with("invitation.");
        let version = body["version"].as_u64().filter(|_| is_of_either);
        Self {
            cursor,
            invite_id: text("inviteID").filter(|_| !is_of_call),
            call_id: text("callID").filter(|_| is_of_call),
            version: version.and_then(|version| u32::try_from(version).ok()),
            kind,
        }
    }
}

/// A line of a journal.
#[derive(Debug)]
pub(crate) enum Entry {
    /// Place of the command in [`Journal::wishes`], how it ended, and when (server time in ms). A command may be tried
    /// again later.
    Answered(usize, Outcome, u64),
    Saw(Seen),
}

impl Entry {
    pub(crate) fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Saw(seen) => Some(seen),
            Self::Answered(..) => None,
        }
    }

    /// The place in the stream that a reply stood for.
    pub(crate) fn replied_cursor(&self) -> Option<u64> {
        match self {
            Self::Answered(_, Outcome::Acked(ack), _) => ack.cursor,
            Self::Answered(_, Outcome::Refused(_) | Outcome::Unknown, _) | Self::Saw(_) => None,
        }
    }
}

/// A device's journal.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(crate) user: UserId,
    pub(crate) device: String,
    /// Commands whose connection was lost before the reply.
    pub(crate) repeats_by_itself: bool,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) entries: Vec<Entry>,
    /// What the device itself found wrong.
    pub(crate) complaints: Vec<String>,
    /// Sessions it had.
    pub(crate) sessions: u32,
    pub(crate) waits: Vec<Wait>,
}

impl Journal {
    pub(crate) fn new(user: UserId, device: String, repeats_by_itself: bool) -> Self {
        let (wishes, entries, complaints) = (Vec::new(), Vec::new(), Vec::new());
        Self { user, device, repeats_by_itself, wishes, entries, complaints, sessions: 0, waits: Vec::new() }
    }

    pub(crate) fn saw(&mut self, seen: Seen) {
        self.entries.push(Entry::Saw(seen));
    }

    /// A request that was on its way to `node` since `from` is settled or its connection gone.
    pub(crate) fn waited(&mut self, node: usize, from: u64) {
        let until = now_ms();
        if until.saturating_sub(from) >= NOTED {
            self.waits.push(Wait { node, from, until });
        }
    }

    /// Whether the newest command failed for want of a store.
    pub(crate) fn newest_may_be_tried_again(&self) -> bool {
        match self.entries.iter().rfind(|entry| matches!(entry, Entry::Answered(..))) {
            Some(Entry::Answered(_, outcome, _)) => outcome.is_for_want_of_a_store(),
            Some(Entry::Saw(_)) | None => false,
        }
    }

    /// Whether the refusal leaves open what became of the command. Where the device repeats by itself, one for its pace
    /// is for this try alone; and one for want of an invitation, a group or a membership may have overtaken the first
    /// try, which waits at another node and is carried out when these are there.
    pub(crate) fn leaves_open(&self, outcome: &Outcome) -> bool {
        let of_this_try = |error: &ErrorBody| {
            matches!(
                error.data.reason,
                Reason::RateLimited
                    | Reason::GroupRateLimited
                    | Reason::Overloaded
                    | Reason::UnknownInvitation
                    | Reason::UnknownGroup
                    | Reason::NotMember
            )
        };
        let by_itself =
            self.repeats_by_itself && matches!(outcome, Outcome::Refused(error) if of_this_try(error));
        by_itself || outcome.is_for_want_of_a_store()
    }

    pub(crate) fn complain(&mut self, words: &str) {
        self.complaints.push(format!("{}: {words}", self.device));
    }

    /// How commands ended, and when: server time in ms.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (u64, &Outcome)> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Answered(_, outcome, at) => Some((*at, outcome)),
            Entry::Saw(_) => None,
        })
    }

    /// The outcomes of each command, in order.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (&Wish, Vec<&Outcome>)> {
        let mut outcomes: Vec<Vec<&Outcome>> = vec![Vec::new(); self.wishes.len()];
        for entry in &self.entries {
            if let Entry::Answered(wish, outcome, _) = entry {
                outcomes[*wish].push(outcome);
            }
        }
        self.wishes.iter().zip(outcomes)
    }
}

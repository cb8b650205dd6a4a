//! What the app hears, and the receiver it hears it with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Notify, mpsc};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::{Event, InviteId, UserId};

use crate::error::StopReason;

/// Something the app should know.
#[derive(Debug, Clone)]
pub enum ClientEvent {
    /// An event of the user's stream: each is told once, in order. What this device did itself is among them only with
    /// [`Builder::own_acts`](crate::Builder::own_acts), or when its command was given up before its event came.
    Happened(Box<Happened>),
    /// An event of a type this version does not know, as the server sent it (the JSON params of the frame).
    Unknown {
        /// Its place in the stream.
        cursor: u64,
        /// The params, JSON.
        params: String,
    },
    /// The stream starts anew: what the app keeps about open invitations is replaced by this list, as it is in
    /// [`Client::invitations`](crate::Client::invitations) already.
    Resynced {
        /// What is open now, as inviter, invitee and in groups; oldest first.
        open_invitations: Vec<InvitationView>,
        /// Why.
        why: ResyncReason,
    },
    /// The time of an open invitation was over while this client was offline: stop ringing. The invitation has ended in
    /// [`Client::invitations`](crate::Client::invitations). What became of it comes as an event when the session resumes,
    /// which is news only if somebody was faster.
    RingOver {
        /// The invitation.
        invite_id: InviteId,
    },
    /// A user of those given to [`Client::watch`](crate::Client::watch) is like this from now on. Also told of all of them when the
    /// connection was lost and they are watched again.
    Status(UserStatus),
    /// The connection changed.
    State(ConnectionState),
    /// The cursor could not be stored; told once until storing works again. Events may be told again after a restart.
    CursorNotStored(String),
}

/// An event with its place in the user's stream.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Its place: 1, 2, 3 …
    pub cursor: u64,
    /// When it happened, server time in ms since 1970.
    pub time: u64,
    /// True when a command of this user's caused it.
    pub by_self: bool,
    /// True when this device did it itself; only with [`Builder::own_acts`](crate::Builder::own_acts).
    pub own: bool,
    /// On `invitation.received` with a deadline: ms left by the server's clock when the event was sent.
    pub remaining_ms: Option<u64>,
    /// On `invitation.received`: this user is quiet, so it rings without a sound.
    pub quiet: bool,
    /// What happened.
    pub event: Event,
}

impl Happened {
    /// The params of the event's frame once more, JSON.
    pub fn params(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Params<'a> {
            cursor: u64,
            time: u64,
            #[serde(rename = "self", skip_serializing_if = "std::ops::Not::not")]
            by_self: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            remaining_ms: Option<u64>,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            quiet: bool,
            #[serde(flatten)]
            event: &'a Event,
        }
        let Self { cursor, time, by_self, remaining_ms, quiet, ref event, own: _ } = *self;
        // Serialising our own types into memory cannot fail: no map has a non-string key.
        serde_json::to_string(&Params { cursor, time, by_self, remaining_ms, quiet, event })
            .unwrap_or_default()
    }
}

/// Why a stream starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResyncReason {
    /// This device had no cursor: its first session.
    NoCursor,
    /// The cursor was too old or unknown to the server; events may be missing in between.
    CursorTooOld,
}

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// A connection is being made.
    Connecting,
    /// Signed in.
    Connected {
        /// Who is signed in.
        user_id: UserId,
    },
    /// The connection was lost and will be made again.
    Reconnecting {
        /// How long until the next attempt.
        after: Duration,
        /// What happened to the last one.
        why: String,
    },
    /// The client will not connect again.
    Stopped(StopReason),
}

impl ClientEvent {
    /// Whether losing it would lose something of the stream, so that the cursor may pass it only when the app has it.
    pub(crate) fn is_counted(&self) -> bool {
        match self {
            Self::Happened(_) | Self::Unknown { .. } | Self::Resynced { .. } => true,
            Self::RingOver { .. } | Self::Status(_) | Self::State(_) | Self::CursorNotStored(_) => false,
        }
    }
}

/// How far the app has come, shared between its receiver and the driver.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Counted events the app is done with.
    pub(crate) finished: AtomicU64,
    /// Rung whenever the receiver took or finished something, or is gone.
    pub(crate) changed: Notify,
}

/// The receiving end of a client's events.
///
/// An event counts as taken over when the app asks for the next one; only then may the stored cursor pass it. A process
/// that dies while it handles an event is told it again, so handling should bear a repeat after a crash.
///
/// The queue is bounded. An app that does not keep up slows the connection down; nothing is lost.
#[derive(Debug)]
pub struct Events {
    queue: mpsc::Receiver<ClientEvent>,
    progress: Arc<Progress>,
    in_hand: bool,
}

impl Events {
    pub(crate) fn new(queue: mpsc::Receiver<ClientEvent>, progress: Arc<Progress>) -> Self {
        Self { queue, progress, in_hand: false }
    }

    /// The next event; `None` when the client has stopped and everything was told. Safe to cancel.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        self.finish();
        let event = self.queue.recv().await?;
        Some(self.hand_over(event))
    }

    /// As [`Events::next`], for those who wait in a way of their own. Needs no runtime.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<ClientEvent>> {
        self.finish();
        let event = ready!(self.queue.poll_recv(context));
        Poll::Ready(event.map(|event| self.hand_over(event)))
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<ClientEvent> {
        self.finish();
        let event = self.queue.try_recv().ok()?;
        Some(self.hand_over(event))
    }

    fn hand_over(&mut self, event: ClientEvent) -> ClientEvent {
        self.in_hand = event.is_counted();
        self.progress.changed.notify_one();
        event
    }

    /// Counts the event in hand as taken over without asking for the next one: for an app that is about to close the client.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.in_hand) {
            self.progress.finished.fetch_add(1, Ordering::Release);
            self.progress.changed.notify_one();
        }
    }
}

#[cfg(test)]
impl Events {
    /// Whether the app has an event that it is not done with.
    pub(crate) fn is_in_hand(&self) -> bool {
        self.in_hand
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.queue.close();
        self.progress.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_params_of_an_event_are_those_of_its_frame() {
        let body = r#""type":"message.received","message":{"messageID":"m","conversation":"c2c:a b","seq":4,"sender":"a","receiver":"b","time":9,"type":"custom","content":{"data":"{\"x\": 1}","n":[1.50]}}"#;
        let event = Event::read(&format!("{{{body}}}")).unwrap().unwrap();
        let (by_self, own, remaining_ms, quiet) = (true, false, None, false);
        let happened = Happened { cursor: 7, time: 9, by_self, own, remaining_ms, quiet, event };
        assert_eq!(happened.params(), format!(r#"{{"cursor":7,"time":9,"self":true,{body}}}"#));
    }
}

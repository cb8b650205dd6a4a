//! What the app hears, and the receiver it hears it with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use wigwag_protocol::invitation::InvitationView;
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
    /// What happened.
    pub event: Event,
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
            Self::RingOver { .. } | Self::State(_) | Self::CursorNotStored(_) => false,
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

impl Drop for Events {
    fn drop(&mut self) {
        self.queue.close();
        self.progress.changed.notify_one();
    }
}

//! How a store writes, and what it may forget.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wigwag_engine::Limits;
use wigwag_engine::call::Guest;
use wigwag_protocol::media::MediaAccess;
use wigwag_session::rates::Pace;

/// Tells somebody who comes into a room how they reach its media.
#[derive(Clone)]
pub struct GiveAccess(pub Arc<dyn Fn(&Guest<'_>) -> MediaAccess + Send + Sync>);

impl Default for GiveAccess {
    /// The server only signals; apps bring media of their own.
    fn default() -> Self {
        Self(Arc::new(|_| MediaAccess::default()))
    }
}

impl fmt::Debug for GiveAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GiveAccess").finish_non_exhaustive()
    }
}

/// How a writer gathers requests into transactions.
#[derive(Debug, Clone)]
pub struct WriterSettings {
    /// Bounds of the rules.
    pub limits: Limits,
    /// Most commands in one transaction.
    pub max_batch: usize,
    /// How long a busy writer waits for more commands; zero turns the wait off.
    pub linger: Duration,
    /// How fast messages and invitations may be started in a group.
    pub group_pace: Pace,
    /// What people are told of the media of the room that they come into.
    pub media: GiveAccess,
}

/// How old rows must be to be dropped: each field is the server time in ms before which they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionCutoffs {
    /// Events of onlineUserOnly actions.
    pub online_only: u64,
    /// Other events, from streams.
    pub events: u64,
    /// Messages, from history; 0 keeps them for ever. Never later than `events`, because a stream's event is read from its
    /// message.
    pub history: u64,
    /// Invitations that have ended and were made before this.
    pub invitations: u64,
    /// Calls that have ended and began before this.
    pub calls: u64,
    /// Replies kept for repeats of back ends' requests.
    pub replies: u64,
}

//! How a store writes, and what it may forget.

use std::time::Duration;

use wigwag_engine::Limits;
use wigwag_session::rates::Pace;

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
}

//! Everything that a machine waits for, and no longer than that.

/// Why a machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// A command of the app's got no reply in its time.
    Request,
    /// The provider gave no token: an app's own back end may be slow, but not for ever.
    Token,
    /// The connection was not made.
    Connection,
    /// `session.open` was not answered.
    SignIn,
    /// The delay before the next attempt is over.
    Reconnect,
    /// Nothing was heard for as long as the server takes to ping: ask whether it is there.
    Silence,
    /// The server did not answer that.
    Probe,
    /// The server has not been told for a while how far the app has come.
    Ack,
    /// The time of an open invitation is over, and the server cannot say so.
    Ring,
    /// The time is over that the server asked to wait before something is asked again.
    Again,
}

/// When a timer runs out, by the machine's clock in ms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: u64,
    pub(super) timer: Timer,
}

impl Timer {
    pub(super) const fn at(self, at: u64) -> Deadline {
        Deadline { at, timer: self }
    }
}

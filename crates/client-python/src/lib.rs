//! The Rust client for Python. The package `wigwag` in `sdk/python` stands on it and is what apps see; nobody else calls this
//! (docs/decisions/0013-python.md says why it is as it is).
//!
//! No thread of ours ever runs Python, and nothing here waits:
//!
//! - What takes time is a future that Python polls, on the thread of its event loop: [`Waiting`](waiting::Waiting) for replies,
//!   `poll_event` and `poll_token` of a client. A poll gives the result, or `None`.
//! - When a poll may give more, the number that Python gave with it comes through [`Wakeups`](wakeups::Wakeups), which is a file
//!   descriptor that every event loop can watch.
//!
//! So an await that is given up leaves nothing behind: what it would have got is still here, or is dropped with its future. The
//! interpreter may end at any moment, because nobody holds or wants its lock.

mod client;
mod guard;
mod library;
mod options;
mod reading;
mod tokens;
mod waiting;
mod wakeups;
mod words;

/// `wigwag._native`.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::client::NativeClient;
    #[pymodule_export]
    use crate::tokens::{TokenRequest, TokenRequests};
    #[pymodule_export]
    use crate::waiting::Waiting;
    #[pymodule_export]
    use crate::wakeups::Wakeups;
}

//! Callbacks that go on after they have returned, for borders in Rust that hand calls over to an app's own thread.
//!
//! A client's next callback waits for the end of the last one. Whoever waits for another thread inside a callback holds one of the few
//! threads that all clients share; when the other thread waits for a client in turn, nobody goes on. So such a callback takes a [`Later`] and
//! returns.

use std::cell::Cell;

use tokio::sync::oneshot;

use crate::guard::in_callback;

thread_local! {
    static BEGUN: Cell<Option<oneshot::Receiver<()>>> = const { Cell::new(None) };
}

/// A callback that has not ended yet, though it may have returned. One that is dropped did not reach the app: an event is told again while its
/// client is open, and its cursor does not pass it.
///
/// Whoever closes a client ends it first: closing waits for the callback in hand.
#[derive(Debug)]
pub struct Later(oneshot::Sender<()>);

impl Later {
    /// The callback that runs on this thread goes on until this is done; `None` outside of callbacks.
    pub fn begins() -> Option<Self> {
        in_callback().then(|| {
            let (tell, told) = oneshot::channel();
            BEGUN.set(Some(told));
            Self(tell)
        })
    }

    /// The app was called.
    pub fn done(self) {
        // Nobody listens only when the library ends.
        self.0.send(()).unwrap_or_default();
    }
}

/// What the callback that has just returned on this thread waits for.
pub(crate) fn taken() -> Option<oneshot::Receiver<()>> {
    BEGUN.take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::calling_back;

    #[test]
    fn a_callback_alone_can_go_on_later_and_says_whether_it_reached_the_app() {
        assert!(Later::begins().is_none());
        for reaches in [true, false] {
            let later = calling_back(Later::begins).unwrap();
            let mut told = taken().unwrap();
            assert!(told.try_recv().is_err() && taken().is_none());
            if reaches {
                later.done();
            } else {
                drop(later);
            }
            assert_eq!(told.blocking_recv().is_ok(), reaches);
        }
    }
}

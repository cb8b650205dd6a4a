//! How an event loop hears which of its waits may go on.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use pyo3::prelude::*;

use crate::guard::guarded;

/// One for each event loop, which watches `fileno()` and then calls `take()`.
#[pyclass(frozen, module = "wigwag._native")]
pub(crate) struct Wakeups {
    /// Readable while there are tickets.
    reader: UnixStream,
    inbox: Arc<Inbox>,
}

struct Inbox {
    /// Numbers of waits, as Python gave them. As many as there are waits at most: a waker wakes once for each poll.
    tickets: Mutex<Vec<u64>>,
    writer: UnixStream,
}

#[pymethods]
impl Wakeups {
    #[new]
    fn new() -> PyResult<Self> {
        guarded(|| {
            let (reader, writer) = UnixStream::pair()?;
            reader.set_nonblocking(true)?;
            writer.set_nonblocking(true)?;
            Ok(Self { reader, inbox: Arc::new(Inbox { tickets: Mutex::default(), writer }) })
        })
    }

    fn fileno(&self) -> i32 {
        self.reader.as_raw_fd()
    }

    /// The waits that may go on.
    fn take(&self) -> PyResult<Vec<u64>> {
        guarded(|| {
            let mut tickets = self.inbox.tickets.lock().unwrap_or_else(PoisonError::into_inner);
            // One byte is written for a list that was empty, so this reads one at most.
            match (&self.reader).read(&mut [0; 8]) {
                Ok(_) => {}
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {}
                Err(why) => return Err(why.into()),
            }
            Ok(std::mem::take(&mut *tickets))
        })
    }
}

impl Wakeups {
    /// Wakes the wait of this number.
    pub(crate) fn waker(&self, ticket: u64) -> Waker {
        Waker::from(Arc::new(Ticket { number: ticket, inbox: Arc::clone(&self.inbox) }))
    }
}

struct Ticket {
    number: u64,
    inbox: Arc<Inbox>,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        let mut tickets = self.inbox.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = tickets.is_empty();
        tickets.push(self.number);
        if was_empty {
            // It fails only when the event loop is gone, and nobody waits any more. A single byte always fits.
            (&self.inbox.writer).write(&[1]).unwrap_or_default();
        }
    }
}

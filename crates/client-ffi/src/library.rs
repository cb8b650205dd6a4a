//! The threads of the process: one runtime for the connections of all clients, and a pool for callbacks.
//!
//! Apps may be busy in callbacks, so these never run where connections are served: a hundred callbacks that wait delay other callbacks and
//! no frame.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::abi::types::WigwagResult;
use crate::guard::Fault;

/// Threads for connections. A thousand clients are mostly silent; two cores of frames are more than a device hears.
const IO_THREADS: usize = 2;
/// Most callbacks at once, of as many clients. They are started as needed.
const CALLBACK_THREADS: usize = 16;
/// How long a callback thread without work stays.
const KEPT: Duration = Duration::from_secs(10);
/// How long threads may take to end. All clients are closed by then, so they have nothing to do.
const LONGEST_END: Duration = Duration::from_secs(5);

static LIBRARY: Mutex<Option<Library>> = Mutex::new(None);
/// The process that uses the library; 0 before there is any.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// What runs while the library is in use.
pub(crate) struct Library {
    io: Runtime,
    callbacks: Runtime,
    clients: Arc<Clients>,
}

/// How to run something on the library's threads.
#[derive(Clone)]
pub(crate) struct Threads {
    pub(crate) io: Handle,
    pub(crate) callbacks: Handle,
    clients: Arc<Clients>,
}

/// How many clients have a task: one that was closed in a callback goes on until its last reply is told.
#[derive(Default)]
struct Clients {
    count: Mutex<usize>,
    changed: Condvar,
}

/// One of them, until it is dropped.
pub(crate) struct Counted(Arc<Clients>);

impl Threads {
    /// Counts a client whose task begins.
    pub(crate) fn count(&self) -> Counted {
        *self.clients.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Counted(Arc::clone(&self.clients))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.changed.notify_all();
    }
}

/// The library, to be started or ended under one lock.
pub(crate) struct Held(MutexGuard<'static, Option<Library>>);

/// Whether this process, or the one that it was forked from, uses the library or has used it.
pub(crate) fn is_used() -> bool {
    OWNER.load(Ordering::Acquire) != 0
}

/// Whether the threads were left behind by a fork.
pub(crate) fn is_forked() -> bool {
    let owner = OWNER.load(Ordering::Acquire);
    owner != 0 && owner != std::process::id()
}

/// Waits for whoever starts or ends the library.
pub(crate) fn hold() -> Held {
    // Before the lock and before there are threads: a fork from here on leaves both behind.
    OWNER.store(std::process::id(), Ordering::Release);
    Held(LIBRARY.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Held {
    /// The threads, which are started by the first client.
    pub(crate) fn threads(&mut self) -> Result<Threads, Fault> {
        let library = match &mut *self.0 {
            Some(library) => library,
            empty => {
                let started = Library::start().map_err(|why| {
                    Fault::new(WigwagResult::System, format!("the threads cannot be started: {why}"))
                })?;
                empty.insert(started)
            }
        };
        Ok(Threads {
            io: library.io.handle().clone(),
            callbacks: library.callbacks.handle().clone(),
            clients: Arc::clone(&library.clients),
        })
    }

    /// Takes the library out, to end its threads when its clients are closed; the next client starts another.
    pub(crate) fn take(&mut self) -> Option<Library> {
        self.0.take()
    }
}

impl Library {
    fn start() -> io::Result<Self> {
        let io = Builder::new_multi_thread()
            .worker_threads(IO_THREADS)
            .thread_name("wigwag-io")
            .enable_all()
            .build()?;
        // Its own thread is never driven: only its pool is used, which ends with it.
        let callbacks = Builder::new_current_thread()
            .max_blocking_threads(CALLBACK_THREADS)
            .thread_keep_alive(KEPT)
            .thread_name("wigwag-callback")
            .build()?;
        Ok(Self { io, callbacks, clients: Arc::default() })
    }

    /// Ends the threads when no client needs them any more, and waits for them.
    pub(crate) fn end(self) {
        let count = self.clients.count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            self.clients
                .changed
                .wait_while(count, |count| *count > 0)
                .unwrap_or_else(PoisonError::into_inner),
        );
        self.io.shutdown_timeout(LONGEST_END);
        self.callbacks.shutdown_timeout(LONGEST_END);
    }
}

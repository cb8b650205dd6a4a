//! The threads of the process: two for the connections of all clients. They never run Python.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for connections. A thousand clients are mostly silent; two cores of frames are more than Python takes.
const IO_THREADS: usize = 2;

/// Lives until the process ends. Only touched while the interpreter's lock is held, so no fork finds it locked.
static THREADS: Mutex<Option<Runtime>> = Mutex::new(None);
/// The process that started the threads; 0 before there are any.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Whether the threads were left behind by a fork.
pub(crate) fn is_forked() -> bool {
    let owner = OWNER.load(Ordering::Acquire);
    owner != 0 && owner != std::process::id()
}

/// The threads, which are started by the first client.
pub(crate) fn threads() -> io::Result<Handle> {
    let mut held = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*held {
        return Ok(runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(IO_THREADS)
        .thread_name("wigwag-io")
        .enable_all()
        .build()?;
    OWNER.store(std::process::id(), Ordering::Release);
    Ok(held.insert(runtime).handle().clone())
}

//! A result that is not there yet.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use wigwag_client::Trouble;

use crate::guard::{Kept, failed_inside, guarded};
use crate::wakeups::Wakeups;
use crate::words;

/// Whether it went well, and the result or what went wrong, as JSON.
pub(crate) type Outcome = (bool, String);

/// Something that is on its way, on threads of ours: it goes on also when nobody polls. Dropping it gives up the result and nothing else.
#[pyclass(frozen, module = "wigwag._native")]
pub(crate) struct Waiting {
    outcome: Mutex<Kept<JoinHandle<Outcome>>>,
}

#[pymethods]
impl Waiting {
    /// The outcome, once; or None, and `ticket` comes through `wakeups` when it is worth asking again.
    fn poll(&self, wakeups: &Wakeups, ticket: u64) -> PyResult<Option<Outcome>> {
        guarded(|| {
            let mut held = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
            let outcome = held
                .get()
                .ok_or_else(|| PyRuntimeError::new_err("this was awaited before; await it once"))?;
            let waker = wakeups.waker(ticket);
            match Pin::new(outcome).poll(&mut Context::from_waker(&waker)) {
                Poll::Pending => Ok(None),
                Poll::Ready(outcome) => {
                    drop(held.take());
                    outcome.map(Some).map_err(|_| failed_inside())
                }
            }
        })
    }
}

impl Waiting {
    pub(crate) fn new(
        threads: &Handle,
        outcome: impl Future<Output = Result<String, Trouble>> + Send + 'static,
    ) -> Self {
        let outcome = threads.spawn(async {
            match outcome.await {
                Ok(json) => (true, json),
                Err(trouble) => (false, words::of_trouble(&trouble)),
            }
        });
        Self { outcome: Mutex::new(Kept::new(outcome)) }
    }
}

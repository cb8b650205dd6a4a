//! What stands around everything that Python calls: no panic crosses, and a forked process is told so before it can touch a lock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::{PyErr, PyResult};

use crate::library;

const FORKED: &str = "this process was forked after wigwag had been used: its connections belong to the parent. Use wigwag in the parent \
     or in the child only, or start processes with multiprocessing.get_context(\"spawn\")";

/// Runs what Python has called.
pub(crate) fn guarded<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Before anything else: here a lock may be held by a thread that does not exist in this process.
    if library::is_forked() {
        return Err(PyRuntimeError::new_err(FORKED));
    }
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(failed_inside()))
}

/// A fault of ours.
pub(crate) fn failed_inside() -> PyErr {
    PyRuntimeError::new_err("wigwag failed inside; please report it")
}

/// An argument that breaks a rule.
pub(crate) fn wrong(words: impl Into<String>) -> PyErr {
    PyValueError::new_err(words.into())
}

/// Something of ours that a forked process must not drop, because dropping it wakes threads that are not there.
pub(crate) struct Kept<T>(Option<T>);

impl<T> Kept<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn get(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        if library::is_forked() {
            std::mem::forget(self.0.take());
        }
    }
}

//! What stands around every function of the ABI: no panic crosses, every fault has a code, and its words can be asked for.

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::abi::types::WigwagResult;
use crate::library;

/// Why a function did nothing.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) result: WigwagResult,
    /// What is wrong, for developers.
    pub(crate) words: String,
}

impl Fault {
    pub(crate) fn new(result: WigwagResult, words: impl Into<String>) -> Self {
        Self { result, words: words.into() }
    }

    /// An argument that breaks a rule.
    pub(crate) fn argument(words: impl Into<String>) -> Self {
        Self::new(WigwagResult::InvalidArgument, words)
    }
}

thread_local! {
    static LAST_ERROR: RefCell<CString> = RefCell::default();
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Runs the body of a function of the ABI.
pub(crate) fn guarded(body: impl FnOnce() -> Result<(), Fault>) -> WigwagResult {
    // Before anything else: in a forked process a lock may be held by a thread that does not exist there.
    if library::is_forked() {
        return failed(&Fault::new(
            WigwagResult::Forked,
            "this process was forked after the library had been used: use it in the parent, or only in the child",
        ));
    }
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => WigwagResult::Ok,
        Ok(Err(fault)) => failed(&fault),
        Err(_) => failed(&Fault::new(WigwagResult::Panicked, "the library failed inside; please report it")),
    }
}

/// Notes what `wigwag_last_error` says on this thread.
fn failed(fault: &Fault) -> WigwagResult {
    let words = fault.words.replace('\0', " ");
    // A thread that is about to end has no place for the words any more.
    LAST_ERROR
        .try_with(|last| *last.borrow_mut() = CString::new(words).unwrap_or_default())
        .unwrap_or_default();
    fault.result
}

/// What went wrong last on this thread. The pointer is valid until the next function fails on this thread.
pub(crate) fn last_error() -> *const std::ffi::c_char {
    LAST_ERROR.try_with(|last| last.borrow().as_ptr()).unwrap_or(c"".as_ptr())
}

/// Whether this thread runs a callback of some client.
pub(crate) fn in_callback() -> bool {
    IN_CALLBACK.try_with(Cell::get).unwrap_or_default()
}

/// Runs a callback of the app's on this thread.
pub(crate) fn calling_back<T>(call: impl FnOnce() -> T) -> T {
    struct Restored(bool);
    impl Drop for Restored {
        fn drop(&mut self) {
            IN_CALLBACK.try_with(|inside| inside.set(self.0)).unwrap_or_default();
        }
    }
    let before = IN_CALLBACK.try_with(|inside| inside.replace(true)).unwrap_or_default();
    let _restored = Restored(before);
    call()
}

//! Calls of Java's that have begun, by numbers that Java gives back when they are done. One for each client at most.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use jni::sys::jlong;
use wigwag::later::Later;

static CALLS: LazyLock<Mutex<HashMap<jlong, Later>>> = LazyLock::new(Mutex::default);
static LAST: AtomicI64 = AtomicI64::new(0);

/// The callback that runs on this thread goes on until its number has ended.
pub(crate) fn begins() -> jlong {
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    if let Some(later) = Later::begins() {
        held().insert(number, later);
    }
    number
}

/// A call is done; `told`: it reached the app. Of a number that has ended nothing happens.
pub(crate) fn ends(number: jlong, told: bool) {
    let later = held().remove(&number);
    if told {
        later.into_iter().for_each(Later::done);
    }
}

fn held() -> MutexGuard<'static, HashMap<jlong, Later>> {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The library's callback threads as threads of the JVM.

use std::cell::OnceCell;
use std::ffi::c_void;
use std::ptr::null_mut;

use jni::errors::Result;
use jni::sys::{JNI_OK, JNI_VERSION_1_6, JavaVMAttachArgs};
use jni::{Env, JavaVM};

use crate::java::{Java, java};

/// Local references of one callback: an event, what it is made of, and one of its list at a time.
const LOCALS: usize = 32;

thread_local! {
    static ATTACHED: OnceCell<Attached> = const { OnceCell::new() };
}

/// A thread that is known to the JVM until it ends.
struct Attached(JavaVM);

impl Attached {
    /// As a daemon: a program that has done its work must not wait until this thread has none any more.
    fn new(vm: JavaVM) -> Option<Self> {
        let mut env = null_mut::<c_void>();
        let mut wish = JavaVMAttachArgs {
            version: JNI_VERSION_1_6,
            name: c"wigwag-callback".as_ptr().cast_mut(),
            group: null_mut(),
        };
        let raw = vm.get_raw();
        // SAFETY: `raw` is the JVM; it writes `env` and reads `wish`, which outlive the call.
        let code =
            unsafe { ((**raw).v1_4.AttachCurrentThreadAsDaemon)(raw, &raw mut env, (&raw mut wish).cast()) };
        (code == JNI_OK).then_some(Self(vm))
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let raw = self.0.get_raw();
        // SAFETY: this thread was attached by `new`, and ends: nothing of Java's is on its stack.
        unsafe { ((**raw).v1_1.DetachCurrentThread)(raw) };
    }
}

/// Calls Java from a thread of the library's; gives whether it was called. What goes wrong here is a JVM without memory, which may have some
/// again at the next call, or one at its end.
pub(crate) fn with_java(call: impl FnOnce(&mut Env<'_>, &Java) -> Result<()>) -> bool {
    let (Some(java), Ok(vm)) = (java(), JavaVM::singleton()) else { return false };
    let is_attached = ATTACHED.with(|attached| is_kept(attached, || Attached::new(vm.clone())));
    // An exception that leaves the call is taken away by jni.
    is_attached && vm.attach_current_thread(|env| env.with_local_frame(LOCALS, |env| call(env, java))).is_ok()
}

/// Whether there is one; what could not be made is tried again the next time.
fn is_kept<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Option<T>) -> bool {
    cell.get().is_some() || make().is_some_and(|made| cell.set(made).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_could_not_be_attached_is_tried_again_and_then_kept() {
        let cell = OnceCell::new();
        assert!(!is_kept(&cell, || None));
        assert!(is_kept(&cell, || Some(1)));
        assert!(is_kept(&cell, || -> Option<i32> { panic!("it is attached") }));
    }
}

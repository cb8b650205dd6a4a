//! The border between the JVM and the C library, for `sdk/java` (docs/decisions/0012-java.md says why it is as it is).
//!
//! It decides nothing: each native method of `dev.wigwag.internal.Native` calls one function of the C ABI, and each callback of the ABI
//! calls one static method of that class.
//!
//! - `natives.rs` has the native methods. What the library refuses is thrown as a `WigwagException`; so is a panic.
//! - `callbacks.rs` is what the library calls, `told.rs` makes Java's objects of what it tells.
//! - `calls.rs` has the calls that wait for an executor of the app's: no thread does.
//! - `java.rs` has the classes and methods that are called, found once when the library is loaded: the only global references there are.
//! - `threads.rs` makes the library's callback threads known to the JVM.
//! - `texts.rs` copies texts. They cross as UTF-8 in byte arrays, because the UTF-8 of JNI's own strings is another one.
//!
//! What `user` points to in the C ABI is a number here, by which Java finds who is called: nothing of Java's is kept on this side.

mod callbacks;
mod calls;
mod java;
mod natives;
mod texts;
mod threads;
mod told;

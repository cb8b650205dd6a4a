//! The C ABI of the Rust client (docs/native.md; docs/decisions/0011-native.md says why it is as it is).
//!
//! This is the only crate with `unsafe`. What crosses the border, and where that is looked after:
//!
//! - `abi/` is everything that `wigwag.h` declares: types and functions. Each function is guarded (`guard.rs`): it checks what it is
//!   given, catches panics, and gives a result code.
//! - `foreign.rs` reads what an app's pointers point to; `callback.rs` calls an app's functions. There is no other `unsafe`.
//! - `registry.rs` turns handles into clients: a handle is a number with a generation, so that one that was closed is refused.
//! - `library.rs` has the threads of the process; `life.rs` is one client's task: the one place from which its callbacks are called.
//! - `later.rs` is for Java's border: callbacks that go on after they have returned. The header does not have it.

pub mod abi;
mod callback;
mod foreign;
mod guard;
pub mod later;
mod library;
mod life;
mod registry;
mod told;
mod trouble;

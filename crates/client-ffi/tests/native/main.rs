//! Programs in C and C++, built by the system's compiler with its sanitizers against the header and the static library, and run against a real
//! server.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod c;
mod calls;
mod figures;
mod pairs;
mod script;
mod v2tim;
mod world;

//! The server's side of a session: what one device on one connection may ask, hears, and when the connection ends.
//!
//! Two machines, used one after the other. A [`Greeting`] begins with the connection and ends with a signed-in device or a
//! closed connection; it makes the [`Session`], which lives until the connection is closed. Both are pure: no socket, no
//! task, no clock, no randomness, no I/O. The server drives them with sockets and a store; the simulation drives the same
//! code with virtual time.
//!
//! ```text
//!  frame ─▶ codec ─▶ Input ─┐                      ┌─▶ Output ─▶ codec ─▶ frame
//!  mail, page, answer ──────┼─▶ Greeting, Session ─┼─▶ ask the door, read the stream
//!  time ────────────────────┘                      └─▶ ping, close
//! ```
//!
//! A protocol is a [`codec`]: it turns frames into what is asked ([`Asked`], [`FirstAsked`]) and turns what the machines
//! put out into frames. The machines keep a codec's request ids and its faults without looking into them.
//!
//! # What a driver does
//!
//! 1. It passes every input to `handle`.
//! 2. After each input it calls `poll` until it gives `None`, and carries out each output before the next call, in order.
//!    Outputs that are to be sent are sent in that order.
//! 3. It gives the answer to an output that asks for something (`Ask`, `Query`, `Read`, `Verify` …) as an input as soon as it
//!    has it. Nothing else has to wait for the answer, but frames must: see 4.
//! 4. It passes a frame to a session only while [`Session::hears`]. Frames that come earlier stay in the socket, so that
//!    replies come in the order of requests and a device that floods the server slows down itself. While a session reads its
//!    stream ([`Session::is_reading`]) mail is better left in its mailbox: an event that is passed anyway is not lost, but is
//!    read from the store again.
//! 5. It passes `Time` at `poll_timeout` or later. The time moves when other inputs are passed; an early call is harmless.
//! 6. After `Close` it closes the connection. Later inputs change nothing. A driver whose connection is lost drops the
//!    machine.
//!
//! Times are server time in ms. They never go back from one call to the next, and they are the times of the same clock that
//! deadlines and tokens are measured with.

pub mod asked;
pub mod codec;
pub mod greeting;
pub mod logged;
pub mod push;
pub mod query;
pub mod rates;
pub mod refused;
pub mod session;
pub mod stream;
pub mod told;

pub use asked::{Asked, FirstAsked};
pub use codec::Codec;
pub use greeting::Greeting;
pub use logged::LoggedEvent;
pub use push::{Keeping, PushService, PushToken};
pub use query::{Found, OpenPage, OpenPlace, OpenRange, Query};
pub use refused::Refused;
pub use session::Session;
pub use stream::{Admission, StoredEvent, StreamBounds, StreamPage};
pub use told::{Body, Viewer};

//! The JSON protocol of OpenIM's JavaScript clients, `open-im-sdk` 2.3.0 and 3.5.2 (docs/decisions/0009-openim.md).
//!
//! Both put a call of one function into one frame and wait for one frame. They differ in how arguments and results stand in
//! `data`, in numbers and units, and in who is named how: that is [`Dialect`]. [`frame`] reads and writes frames, [`asked`] says
//! what a frame asks, and the other modules make the objects that results and events are made of. A request is often more than
//! one step for the server: a driver carries it out.

mod arguments;
pub mod asked;
pub mod call;
pub mod chat;
mod dialect;
pub mod error;
pub mod event;
pub mod followed;
pub mod frame;
mod line;
pub mod method;
pub mod people;
pub mod ringing;

pub use dialect::Dialect;
pub use error::Error;

/// OpenIM's protocol.
#[derive(Debug, Clone, Copy)]
pub struct OpenIm;

impl super::Codec for OpenIm {
    type RequestId = frame::Heading;
    type Fault = Error;
}

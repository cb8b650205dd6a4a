//! The words that may cross Wigwag's wire: identifiers, requests, replies, events, errors and close codes.
//!
//! This crate holds shapes and their validation only. It knows no rule of the product, no socket and no clock,
//! and depends on nothing but serde, so that it can be compiled wherever a client lives.
//! `docs/protocol.md` is the same in prose.

pub mod call;
pub mod close;
pub mod error;
pub mod event;
pub mod frame;
pub mod free_json;
pub mod group;
pub mod id;
pub mod invitation;
pub mod invitation_event;
pub mod media;
mod members;
pub mod message;
pub mod method;
pub mod params;
pub mod presence;
pub mod quiet;
pub mod rest;
pub mod result;
pub mod signaling_claim;
pub mod signaling_text;

pub use close::CloseCode;
pub use error::{ErrorBody, ErrorData, Reason};
pub use event::Event;
pub use id::{CallId, Device, DeviceId, GroupId, IdError, InviteId, Platform, RoomId, UserId};
pub use invitation_event::InvitationEvent;
pub use method::Method;

//! Rust SDK of Wigwag: invitations, messages and groups over one resumable session.
//!
//! ```no_run
//! use wigwag_client::protocol::params::Invite;
//! use wigwag_client::protocol::{DeviceId, Event, Platform, UserId};
//! use wigwag_client::{Client, ClientEvent, FileCursor, requests};
//!
//! # async fn ring() -> Result<(), Box<dyn std::error::Error>> {
//! let (client, mut events) = Client::builder("wss://im.example", "the user's token")
//!     .device(DeviceId::parse("kitchen-radio")?, Platform::LINUX)
//!     .cursor_store(FileCursor::new("/var/lib/radio/cursor"))
//!     .connect()
//!     .await?;
//!
//! let bob = UserId::parse("bob")?;
//! let inviting = client.invite(Invite { data: "dinner?".to_owned(), ..requests::invite(bob) });
//! println!("ringing as {}", inviting.invite_id());
//! inviting.await?;
//!
//! while let Some(event) = events.next().await {
//!     let ClientEvent::Happened(happened) = event else { continue };
//!     match happened.event {
//!         Event::InvitationReceived(invitation) => {
//!             client.accept(&requests::answer(invitation.invite_id)).await?;
//!         }
//!         Event::InvitationAccepted(answer) => println!("{} comes", answer.invitee),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What it takes care of
//!
//! - **Reconnecting** with exponential backoff and full jitter, and a new token from a [`Token::provider`] when the last
//!   one has expired.
//! - **Resuming**: every event of the user's stream is told once and in order, across reconnects and, with a
//!   [`CursorStore`], across restarts (after a crash what the app had in hand is told again, never lost).
//! - **Repeating** commands whose reply was lost, where a repeat is sure to have no second effect. Others settle with
//!   [`Error::Disconnected`].
//! - **The book of invitations**: [`Client::invitations`] is what is open, from listings, events and replies alike, so that
//!   the app folds nothing.
//! - **Calls**: an invite or an accept whose reply was lost is asked again, because only the reply says how to reach the media
//!   ([`CallEntry`](protocol::result::CallEntry)); two who call each other meet in one call.
//! - **Rings that end** while the client is offline: at its deadline an invitation is closed in the book, and the app is told
//!   to stop ringing ([`ClientEvent::RingOver`]).
//! - **Bounds**: every queue is bounded, and every wait for a server, a network or a token ends: for a token after 30 s, for
//!   a connection and for the sign-in after 10 s each, for a reply after [`Builder::request_timeout`], for a sign of life of
//!   a silent server 10 s after it was asked for one. Then the client tries again, or tells the app.
//!
//! What one's own command did is in its reply and is not told as an event on this device. When the reply was lost, the event
//! completes the command after the reconnect; only when the command was given up before is the event told. An app
//! that wants to hear it in its place among the events asks for that with [`Builder::own_acts`].
//!
//! # What it does not do
//!
//! It keeps no list of messages or groups, shows nothing, and stores nothing but how far the stream is read.
//! The machine inside is pure; the shell around it needs a tokio runtime.

mod book;
mod calls;
mod client;
mod cursor;
mod driver;
mod error;
mod events;
pub mod machine;
pub mod requests;
mod ringing;
pub mod rings;
#[cfg(test)]
mod scripted;
pub mod signaling;
mod token;
mod trouble;

pub use wigwag_protocol as protocol;

pub use crate::book::{Book, CallBook};
pub use crate::client::{Builder, Client, Inviting, Reply};
pub use crate::cursor::{CursorStore, FileCursor, StreamPlace};
pub use crate::error::{Error, StopReason};
pub use crate::events::{ClientEvent, ConnectionState, Events, Happened, ResyncReason};
pub use crate::ringing::{Ringing, RingingEvent, ToldInvitations};
pub use crate::token::{Token, TokenError};
pub use crate::trouble::{Trouble, TroubleKind};

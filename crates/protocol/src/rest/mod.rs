//! The API for back ends, over HTTP: every operation with its path, its scope and its shapes (docs/rest.md, spec/openapi.json).
//!
//! An [`Operation`] is a type, so the server that serves it and the document that describes it are made from the same line. The
//! files beside this one have the shapes, one file for each resource.

pub mod block;
pub mod call;
pub mod group;
pub mod invitation;
pub mod key;
pub mod message;
mod operation;
pub mod problem;
pub mod push;
pub mod statistics;
pub mod story;
pub mod token;
pub mod user;
pub mod webhook;

use serde::{Deserialize, Serialize};

pub use operation::{Described, Operation, Verb, Visitor, operations};
pub use problem::{Problem, ProblemReason};

/// Longest `Idempotency-Key`, bytes of visible ASCII.
pub const IDEMPOTENCY_KEY_BYTES: usize = 128;

/// What a key lets its holder do. Every operation asks for one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reads everything; changes nothing.
    Read,
    /// Makes and changes users, and whom they block.
    Users,
    /// Issues tokens for any user, revokes them, and says how devices are woken: with it, its holder can be anybody.
    Tokens,
    /// Makes and changes groups, and who is in them.
    Groups,
    /// Sends and takes back messages for any user.
    Messages,
    /// Makes, takes back and settles invitations for any user.
    Invitations,
    /// Ends calls, and takes people out of them.
    Calls,
    /// Pauses endpoints of webhooks, tells them again, and tries them.
    Webhooks,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Users,
        Self::Tokens,
        Self::Groups,
        Self::Messages,
        Self::Invitations,
        Self::Calls,
        Self::Webhooks,
    ];

    /// The scope's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Users => "users",
            Self::Tokens => "tokens",
            Self::Groups => "groups",
            Self::Messages => "messages",
            Self::Invitations => "invitations",
            Self::Calls => "calls",
            Self::Webhooks => "webhooks",
        }
    }

    /// The scope of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// Nothing: no parameters, or no body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A change that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changed {
    /// When, server time in ms. A repeat under the same idempotency key tells the first time.
    pub time: u64,
}

//! Whether users are online and what they say of themselves, for those who may know it.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// Whether a user is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// A device of theirs is connected, or was less than the server's grace ago.
    Online,
    /// None is.
    Offline,
    /// The server does not say: they do not know whoever asks, block them, or do not exist; or it cannot find out at the moment.
    #[default]
    Unknown,
}

/// How a user is, for one who asked. Params of a `user.status` notification: how they are from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserStatus {
    /// Who.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Whether they are online.
    pub presence: Presence,
    /// What they say of themselves while they are online, at most 100 bytes; absent when that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

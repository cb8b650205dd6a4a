//! Parameters of `user.setStatus`, `user.getStatus` and `user.watch`.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// `user.setStatus`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserSetStatus {
    /// The user's own words, at most 100 bytes; empty takes them back.
    pub status: String,
}

/// `user.getStatus`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserGetStatus {
    /// Who, 1 to 100.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    #[serde(rename = "userIDs")]
    pub user_ids: Vec<UserId>,
}

/// `user.watch`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserWatch {
    /// Whom this session watches from now on, in place of those before; at most 100, and none to watch nobody.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    #[serde(rename = "userIDs")]
    pub user_ids: Vec<UserId>,
}

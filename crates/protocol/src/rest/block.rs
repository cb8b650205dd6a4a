//! Whom users block.

use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// A block, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlockParams {
    /// The user who blocks.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// The user who is blocked.
    pub blocked: UserId,
}

/// A page of a list of users.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BlockedPage {
    /// The `next` of the page before.
    pub after: Option<UserId>,
    /// Most users of a page, 1 to 1,000; 100 when it is left out.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// Those whom a user blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Blocks {
    /// In byte order.
    #[serde(rename = "userIDs")]
    pub user_ids: Vec<UserId>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<UserId>,
}

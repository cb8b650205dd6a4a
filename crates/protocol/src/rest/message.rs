//! Messages, sent and read for a user.

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, UserId};
use crate::params::Direction;

/// Part of a conversation of a user: exactly one of `with` and `groupID`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HistoryPage {
    /// One-to-one with this user.
    pub with: Option<UserId>,
    /// Of this group.
    #[serde(rename = "groupID")]
    pub group_id: Option<GroupId>,
    /// Start here, inclusive. When it is left out: at the newest (older) or the oldest (newer).
    pub from_seq: Option<u64>,
    /// Which way to read.
    pub direction: Direction,
    /// Most messages of a page, 1 to 1,000; 20 when it is left out. A page ends by bytes as well.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// A message of a user: exactly one of `with` and `groupID`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessagePlace {
    /// One-to-one with this user.
    #[serde(default)]
    pub with: Option<UserId>,
    /// Of this group.
    #[serde(rename = "groupID", default)]
    pub group_id: Option<GroupId>,
    /// The message's place in the conversation.
    pub seq: u64,
}

//! Groups. Whoever is named in the path acts; where only the group is, its owner does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::group::{JoinPolicy, Role};
use crate::id::{GroupId, UserId};

/// Most users that are added in one request.
pub const ADDED_MEMBERS: usize = 100;
/// Most members that a notice names, as Tencent's. One to all members names nobody.
pub const NOTIFIED_MEMBERS: usize = 500;

/// A group, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupParams {
    /// The group.
    #[serde(rename = "groupID")]
    pub group_id: GroupId,
}

/// A user and a group, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberParams {
    /// The user.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// The group.
    #[serde(rename = "groupID")]
    pub group_id: GroupId,
}

/// A page of groups: a user's, or all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct GroupPage {
    /// The `next` of the page before.
    pub after: Option<GroupId>,
    /// Most groups of a page, 1 to 100; 100 when it is left out.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
    pub limit: Option<u32>,
}

/// A page of a group's members.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MemberPage {
    /// The `next` of the page before.
    pub after: Option<UserId>,
    /// Most members of a page, 1 to 1,000; 100 when it is left out.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// What to change in a group's description. What is left out stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GroupWish {
    /// Shown to people.
    pub name: Option<String>,
    /// Opaque to the server.
    pub ext: Option<String>,
    /// Whether users may join without being added.
    pub join_policy: Option<JoinPolicy>,
}

/// Users to add.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddedMembers {
    /// Who they are. Those who are members already are passed over.
    #[serde(rename = "userIDs")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub user_ids: Vec<UserId>,
}

/// What to tell members.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// What the app's clients are told, as it is: at most `limits.data_bytes`, 16 KiB unless the operator says otherwise.
    pub data: String,
    /// Who is told; all members when it is left out. Those who are not members are passed over.
    #[serde(default, rename = "userIDs", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub user_ids: Option<Vec<UserId>>,
}

/// What to change in a group's attributes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AttributesBody {
    /// Values to set, by keys of 1 to 32 bytes; a value has at most 4 KiB.
    pub set: BTreeMap<String, String>,
    /// Keys to delete; those that are not there are passed over, and a key may be named twice.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub delete: BTreeSet<String>,
    /// Whether every attribute that is not in `set` is deleted.
    pub replace: bool,
    /// Refused if a write after this version has changed the attributes that this one writes.
    pub if_version: Option<u64>,
    /// Counters to set, by keys of 1 to 128 bytes; at most 2^53 - 1 from 0.
    pub counters: BTreeMap<String, i64>,
}

/// Attributes after a write.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WrittenAttributes {
    /// When the server decided, server time in ms.
    pub time: u64,
    /// The version of the attributes as they are now.
    pub version: u64,
}

/// A member's new role.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleWish {
    /// The role; `owner` hands the group over.
    pub role: Role,
}

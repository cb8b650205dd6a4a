//! Groups and users as they are shown.

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, UserId};

/// What a member may do. Numbers in Tencent's surfaces: 200, 300, 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Speaks and invites.
    Member,
    /// Also removes members and changes the description.
    Admin,
    /// Also appoints admins, hands over and dismisses.
    Owner,
}

/// Whether users may join without being added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum JoinPolicy {
    /// Anybody.
    #[default]
    Free,
    /// Only those a member adds.
    InviteOnly,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Who.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Says what the member may do.
    pub role: Role,
    /// Server time in ms.
    pub joined_at: u64,
}

/// A group's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupView {
    /// Its name everywhere.
    #[serde(rename = "groupID")]
    pub group_id: GroupId,
    /// Shown to people.
    pub name: String,
    /// Opaque to the server.
    pub ext: String,
    /// Whether users may join without being added.
    pub join_policy: JoinPolicy,
    /// Who owns it.
    pub owner: UserId,
    /// How many members.
    pub member_count: u32,
    /// Server time in ms.
    pub created_at: u64,
}

/// By whom a user lets themselves be rung, or be added to groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ReachableBy {
    /// Everybody whom they have not blocked.
    #[default]
    Everybody,
    /// Users whom they know: they have written to them, or share a group with them.
    Known,
    /// Nobody.
    Nobody,
}

/// By whom a user lets themselves be reached. Only they are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// Who may invite them, one-to-one and in groups.
    pub ring: ReachableBy,
    /// Who may add them to groups.
    pub add: ReachableBy,
}

/// A user's profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Who.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Shown to people.
    pub nickname: String,
    /// Address of a picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// Opaque to the server.
    pub ext: String,
}

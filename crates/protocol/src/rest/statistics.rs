//! How much there is on the server.

use serde::{Deserialize, Serialize};

/// How much there is. Counted when it is asked for, at most every 10 s by each node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// When it was counted, server time in ms.
    pub time: u64,
    /// Users that are registered.
    pub users: u64,
    /// Those of them who are disabled.
    pub disabled_users: u64,
    /// Users with a session on any node.
    pub online_users: u64,
    /// Sessions on all nodes: one for each device that is signed in.
    pub sessions: u64,
    /// Devices that have registered for pushes, those included whose token is found dead at the next push.
    pub push_devices: u64,
    /// Groups.
    pub groups: u64,
    /// Invitations in which somebody is pending.
    pub open_invitations: u64,
    /// Calls that somebody is in or is still called to.
    pub running_calls: u64,
    /// Users who are in one of them.
    pub users_in_calls: u64,
}

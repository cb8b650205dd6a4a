//! How much there is, of what can be counted without looking at all that was ever said.

/// Rows of the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Registered users.
    pub users: u64,
    /// Those of them who may not sign in.
    pub disabled_users: u64,
    /// Devices that pushes wake.
    pub push_devices: u64,
    /// Groups.
    pub groups: u64,
    /// Invitations in which somebody is pending.
    pub open_invitations: u64,
    /// Calls that have not ended.
    pub running_calls: u64,
    /// Users who are in them.
    pub users_in_calls: u64,
}

/// Who is signed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignedIn {
    /// Users with a session.
    pub users: u64,
    /// Sessions.
    pub sessions: u64,
}

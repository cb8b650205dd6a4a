//! `[retention]`

/// How long things are kept.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct RetentionConfig {
    /// Days events stay in a user's stream, 1 to 3650. A device that was away for longer is told to start again from
    /// the present (resync).
    #[config(default = 7, env = "WIGWAG_RETENTION_EVENTS_DAYS")]
    pub events_days: u32,

    /// Seconds events of onlineUserOnly actions stay in it, 10 to 86400. Long enough for a reconnect, short enough
    /// to leave no trace.
    #[config(default = 60, env = "WIGWAG_RETENTION_ONLINE_ONLY_S")]
    pub online_only_s: u64,

    /// Hours until an invitation with timeout 0 that nobody settled is closed without an event, 1 to 8760.
    #[config(default = 24, env = "WIGWAG_RETENTION_NO_DEADLINE_HOURS")]
    pub no_deadline_hours: u32,

    /// Days messages stay in the history; more than events_days. 0 = forever.
    #[config(default = 0, env = "WIGWAG_RETENTION_HISTORY_DAYS")]
    pub history_days: u32,

    /// Days an invitation that has ended can still be read, counted from the invite; at least events_days and the longest
    /// time an invitation can be open (a day, or no_deadline_hours). After that its inviteID is unknown (8010).
    #[config(default = 30, env = "WIGWAG_RETENTION_ENDED_INVITATIONS_DAYS")]
    pub ended_invitations_days: u32,

    /// Days a call that has ended stays in the lists of its people, 1 to 3650, counted from its beginning.
    #[config(default = 90, env = "WIGWAG_RETENTION_CALLS_DAYS")]
    pub calls_days: u32,
}

//! `[sessions]`

/// Connected devices.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct SessionsConfig {
    /// Sessions one user may have at once on all servers together, 1 to 65536. The oldest is closed (close code 4501) when a new
    /// one would be too many. Each costs memory, and a copy of every event: 64 are more than one person's devices.
    #[config(default = 64, env = "WIGWAG_SESSIONS_PER_USER")]
    pub per_user: usize,

    /// Sessions one user may have per platform (iOS, Web, …) at once. The oldest is closed (close code 4501) when a
    /// new one would be too many. 0 = as many as per_user allows.
    #[config(default = 0, env = "WIGWAG_SESSIONS_PER_PLATFORM")]
    pub per_platform: usize,

    /// Seconds between two pings to a device, 5 to 3600. A device that is silent for two of them is taken as gone
    /// (close code 4003). 30 keeps most proxies and mobile networks from cutting idle connections.
    #[config(default = 30, env = "WIGWAG_SESSIONS_PING_INTERVAL_S")]
    pub ping_interval_s: u64,

    /// Events that may wait for one slow device, 16 to 65536. When they are more the session is closed (close code
    /// 4000) and the device resumes from the store: nothing is lost, and memory stays bounded.
    #[config(default = 256, env = "WIGWAG_SESSIONS_MAILBOX")]
    pub mailbox: usize,

    /// Bytes that may wait for one slow device, 65536 to 1073741824: events in its mailbox, frames that its connection does not
    /// take, its requests that wait, and room for a message that it has begun and not ended. When they are more the session is closed (close code 4000) and the device resumes from the store. The default has
    /// room for the largest frame that is sent, 256 KiB, and for as much behind it.
    #[config(default = 524_288, env = "WIGWAG_SESSIONS_BACKLOG_BYTES")]
    pub backlog_bytes: usize,

    /// Bytes that may wait for all devices of this server together, 1048576 to 1099511627776. When they are more, the sessions
    /// that have taken nothing for the longest, or whose message has begun and not ended for the longest, are closed (close code
    /// 4000, as far as they still take it) until a quarter is free. Devices that read, and send what they have begun, take part of
    /// it for milliseconds only, so the default, 16 MiB, is enough for a machine of any size: 9,000 that come back at once do not reach
    /// it. With what the allocator and the page cache of the store add, the server grows by up to 60 MB when it is used up.
    #[config(default = 16_777_216, env = "WIGWAG_SESSIONS_TOTAL_BACKLOG_BYTES")]
    pub total_backlog_bytes: usize,

    /// Seconds a user still counts as online after their last session was lost, 0 to 3600. Covers a change from Wi-Fi
    /// to mobile, so that onlineUserOnly invitations reach them when they are back.
    #[config(default = 30, env = "WIGWAG_SESSIONS_OFFLINE_GRACE_S")]
    pub offline_grace_s: u64,
}

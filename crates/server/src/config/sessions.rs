//! `[sessions]`

/// Connected devices.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct SessionsConfig {
    /// Sessions one user may have per platform (iOS, Web, …) at once. The oldest is closed (close code 4501) when a
    /// new one would be too many. 0 = as many as there are devices.
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

    /// Seconds a user still counts as online after their last session was lost, 0 to 3600. Covers a change from Wi-Fi
    /// to mobile, so that onlineUserOnly invitations reach them when they are back.
    #[config(default = 30, env = "WIGWAG_SESSIONS_OFFLINE_GRACE_S")]
    pub offline_grace_s: u64,
}

//! What a device needs to join a call's media.
//!
//! Tokens and credentials are for one user: [`MediaAccess`] stands in that user's reply, never in an event, which others may see.
//! Debug output shows neither, so that no log can.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who carries the media of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MediaProvider {
    /// The devices themselves, over WebRTC; they exchange offers, answers and candidates as custom signals.
    P2p,
    /// A LiveKit server: connect its client SDK to `liveURL` with `token`.
    Livekit,
    /// Nobody this server knows: the app has media of its own.
    #[default]
    None,
}

/// What one user needs to join the media of one call.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MediaAccess {
    /// Says which of the other fields are there.
    pub provider: MediaProvider,
    /// Address of the LiveKit server; with `livekit`.
    #[serde(rename = "liveURL", default, skip_serializing_if = "Option::is_none")]
    pub live_url: Option<String>,
    /// Lets this user, and nobody else, into this call's room; with `livekit`. Keep it out of logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// For the configuration of an `RTCPeerConnection`; with `p2p`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ice_servers: Vec<IceServer>,
    /// When the token or the credentials stop being taken from those who connect, ms since the epoch; who is connected by then stays.
    /// Absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}

/// A STUN or TURN server, as browsers take it (`RTCIceServer`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IceServer {
    /// Its addresses, such as `turn:turn.example.org:3478?transport=udp`.
    pub urls: Vec<String>,
    /// With TURN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password that belongs to `username`. Keep it out of logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl MediaAccess {
    /// Access to nothing, for `provider` to be filled in.
    pub fn new(provider: MediaProvider) -> Self {
        Self { provider, ..Self::default() }
    }
}

impl fmt::Debug for MediaAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaAccess")
            .field("provider", &self.provider)
            .field("live_url", &self.live_url)
            .field("ice_servers", &self.ice_servers)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_a_provider_does_not_have_are_left_out() {
        let none = serde_json::to_string(&MediaAccess::new(MediaProvider::None)).unwrap();
        assert_eq!(none, r#"{"provider":"none"}"#);
        let stun = IceServer { urls: vec!["stun:a".to_owned()], username: None, credential: None };
        let p2p = MediaAccess { ice_servers: vec![stun], ..MediaAccess::new(MediaProvider::P2p) };
        let text = serde_json::to_string(&p2p).unwrap();
        assert_eq!(text, r#"{"provider":"p2p","iceServers":[{"urls":["stun:a"]}]}"#);
        assert_eq!(serde_json::from_str::<MediaAccess>(&text).unwrap(), p2p);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let turn = IceServer {
            urls: vec!["turn:a".to_owned()],
            username: Some("1:alice".to_owned()),
            credential: Some("s3cret".to_owned()),
        };
        let access = MediaAccess {
            token: Some("s3cret".to_owned()),
            ice_servers: vec![turn],
            ..MediaAccess::new(MediaProvider::Livekit)
        };
        let shown = format!("{access:?}");
        assert!(shown.contains("1:alice") && !shown.contains("s3cret"), "{shown}");
    }
}

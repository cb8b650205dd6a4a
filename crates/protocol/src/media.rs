//! How a user reaches the media of a call: told to that user alone.

use serde::{Deserialize, Serialize};

/// The system that carries a call's media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The app's own: the server only signals.
    #[default]
    None,
    /// From browser to browser.
    P2p,
    /// A `LiveKit` server.
    LiveKit,
}

/// How a user reaches the media of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MediaAccess {
    /// What carries it.
    pub provider: Provider,
}

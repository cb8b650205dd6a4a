//! Endpoints of webhooks (docs/webhooks.md): looked at, paused, told again, tried.

use serde::{Deserialize, Serialize};

/// An endpoint, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointParams {
    /// Its name in the configuration.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub endpoint: String,
}

/// Everybody who is told by webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Endpoints {
    /// At most 20, in the order of the configuration.
    pub endpoints: Vec<EndpointView>,
}

/// An endpoint, without its address and its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EndpointView {
    /// Its name.
    pub endpoint: String,
    /// Types of events that it wants, or their beginnings with a star behind; all when there is none.
    pub events: Vec<String>,
    /// Since when it is paused, server time in ms; absent when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_since: Option<u64>,
    /// About how many events wait for it, those that it does not want included. On PostgreSQL those of the last 30 seconds are counted
    /// whether they were told or not, and at most 100,000 are.
    pub waiting: u64,
    /// How many of them it refused, or come after such a one.
    pub set_aside: u64,
    /// When the oldest of them happened, server time in ms; absent when none waits. On PostgreSQL it is not of the last 30 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<u64>,
}

/// What is to be told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayWish {
    /// Events from this time on, server time in ms: at most seven days ago.
    pub since: u64,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestOutcome {
    /// Whether the endpoint answered with 2xx.
    pub delivered: bool,
    /// The status of another answer; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What happened, for people.
    pub detail: String,
}

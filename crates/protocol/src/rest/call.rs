//! Calls, looked at and ended for users.

use serde::{Deserialize, Serialize};

use crate::call::CallView;
use crate::id::{CallId, UserId};

/// A call, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallParams {
    /// The call.
    #[serde(rename = "callID")]
    pub call_id: CallId,
}

/// Somebody in a call, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParticipantParams {
    /// The call.
    #[serde(rename = "callID")]
    pub call_id: CallId,
    /// The user.
    #[serde(rename = "userID")]
    pub user_id: UserId,
}

/// A page of a user's calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CallPage {
    /// Only calls that the user missed.
    pub missed: bool,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Most calls of a page, 1 to 1,000; 20 when it is left out. A page ends by bytes as well.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// A page of the calls that are running.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RunningPage {
    /// The `next` of the page before.
    pub after: Option<CallId>,
    /// Most calls of a page, 1 to 1,000; 100 when it is left out. A page ends earlier when many people are in its calls.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// Calls that are running.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunningCalls {
    /// In byte order of their callIDs.
    pub calls: Vec<CallView>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<CallId>,
}

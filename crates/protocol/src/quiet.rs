//! Quiet hours and silence: when rings of a user make no sound (docs/decisions/0030-quiet-hours.md).

use serde::{Deserialize, Serialize};

use crate::id::{InviteId, UserId};

/// What of a quiet ring reaches devices that have to be woken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum QuietPush {
    /// An alert without a sound.
    #[default]
    Silent,
    /// Nothing.
    None,
}

/// Hours that come back every week.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuietSpan {
    /// The days on which it begins: 1 is Monday, 7 is Sunday.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 7), inner(range(min = 1, max = 7))))]
    pub days: Vec<u8>,
    /// When it begins, minutes of the day: 0 to 1,439.
    #[cfg_attr(feature = "schema", schemars(range(max = 1_439)))]
    pub from: u16,
    /// When it ends, minutes of the day: 0 to 1,440. When that is not after `from`, it ends on the next day.
    #[cfg_attr(feature = "schema", schemars(range(max = 1_440)))]
    pub to: u16,
}

/// When a user's devices ring without a sound. Only they are told of it. Without `until` and `hours` they ring as always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Quiet {
    /// Quiet until then, server time in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// Quiet in these hours, at most 14 spans.
    #[cfg_attr(feature = "schema", schemars(length(max = 14)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<QuietSpan>,
    /// The time zone whose clocks `hours` means, by its IANA name, such as `Europe/Berlin`. With `hours` it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// At most 100 users who ring loudly all the same.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<UserId>,
    /// Whether a second invitation of the same inviter within three minutes rings loudly; `true` when it is left out.
    #[serde(default = "yes", skip_serializing_if = "is_on")]
    pub again: bool,
    /// What of a quiet ring wakes devices; `silent` when it is left out.
    #[serde(default, skip_serializing_if = "QuietPush::is_silent")]
    pub push: QuietPush,
}

impl QuietPush {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
    fn is_silent(&self) -> bool {
        *self == Self::Silent
    }
}

/// `signaling.silence`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Silence {
    /// The invitation.
    #[serde(rename = "inviteID")]
    pub invite_id: InviteId,
}

impl Default for Quiet {
    fn default() -> Self {
        Self {
            until: None,
            hours: Vec::new(),
            time_zone: None,
            except: Vec::new(),
            again: true,
            push: QuietPush::default(),
        }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_on(on: &bool) -> bool {
    *on
}

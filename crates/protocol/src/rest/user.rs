//! Users.

use serde::{Deserialize, Serialize};

use super::Problem;
use crate::group::{Reach, ReachableBy};
use crate::id::{Device, UserId};
use crate::quiet::{Quiet, QuietPush, QuietSpan};

/// Most users of one import: each is a command of its own, and the whole is answered at once.
pub const IMPORTED_USERS: usize = 100;

/// A user, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserParams {
    /// The user.
    #[serde(rename = "userID")]
    pub user_id: UserId,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    /// Their name everywhere.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Shown to people.
    pub nickname: String,
    /// Address of a picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// Opaque to the server.
    pub ext: String,
    /// Who may ring them, and who may add them to groups.
    pub reach: Reach,
    /// What they say of themselves, for as long as they are online; absent when that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Since when they are disabled, server time in ms; absent when they are not.
    #[serde(default, rename = "disabledSince", skip_serializing_if = "Option::is_none")]
    pub disabled_since: Option<u64>,
}

/// A page of all users.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UserPage {
    /// The `next` of the page before.
    pub after: Option<UserId>,
    /// Most users of a page, 1 to 1,000; 100 when it is left out. A page ends earlier when its users have much to say of themselves.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000)))]
    pub limit: Option<u32>,
}

/// Users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Users {
    /// In byte order of their userIDs.
    pub users: Vec<User>,
    /// Give it as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<UserId>,
}

/// What to make of a user. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UserWish {
    /// Shown to people.
    pub nickname: Option<String>,
    /// Address of a picture.
    #[serde(rename = "faceURL")]
    pub face_url: Option<String>,
    /// Opaque to the server.
    pub ext: Option<String>,
    /// Who may reach them.
    pub reach: ReachWish,
}

/// Who may reach a user. What is left out stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReachWish {
    /// Who may invite them, one-to-one and in groups.
    pub ring: Option<ReachableBy>,
    /// Who may add them to groups.
    pub add: Option<ReachableBy>,
}

/// When a user is to be quiet, in place of what was said before. What is left out is not kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct QuietWish {
    /// Quiet until then, server time in ms.
    pub until: Option<u64>,
    /// Quiet in these hours, at most 14 spans.
    #[cfg_attr(feature = "schema", schemars(length(max = 14)))]
    pub hours: Vec<QuietSpanWish>,
    /// The time zone whose clocks `hours` means, by its IANA name, such as `Europe/Berlin`. With `hours` it is needed.
    pub time_zone: Option<String>,
    /// At most 100 users who ring loudly all the same.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub except: Vec<UserId>,
    /// Whether a second invitation of the same inviter within three minutes rings loudly; `true` when it is left out.
    pub again: bool,
    /// What of a quiet ring wakes devices; `silent` when it is left out.
    pub push: QuietPush,
}

/// Hours that come back every week.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietSpanWish {
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

impl Default for QuietWish {
    fn default() -> Self {
        let Quiet { until, hours: _, time_zone, except, again, push } = Quiet::default();
        Self { until, hours: Vec::new(), time_zone, except, again, push }
    }
}

impl From<QuietWish> for Quiet {
    fn from(wish: QuietWish) -> Self {
        let QuietWish { until, hours, time_zone, except, again, push } = wish;
        let span = |QuietSpanWish { days, from, to }| QuietSpan { days, from, to };
        Self { until, hours: hours.into_iter().map(span).collect(), time_zone, except, again, push }
    }
}

/// Users to import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportUsers {
    /// Who they are. Of one who is named twice, the later entry comes after the earlier.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub users: Vec<ImportedUser>,
}

/// One user of an import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportedUser {
    /// Their name everywhere.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Shown to people.
    #[serde(default)]
    pub nickname: Option<String>,
    /// Address of a picture.
    #[serde(rename = "faceURL", default)]
    pub face_url: Option<String>,
    /// Opaque to the server.
    #[serde(default)]
    pub ext: Option<String>,
    /// Who may reach them.
    #[serde(default)]
    pub reach: ReachWish,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// How many were imported.
    pub imported: u32,
    /// Those who were not, in the order of the request.
    pub failed: Vec<NotImported>,
}

/// A user who was not imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotImported {
    /// Who.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// Why.
    pub problem: Box<Problem>,
}

/// The devices of a user that have a session now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Devices {
    /// In byte order of their deviceIDs.
    pub devices: Vec<Device>,
}

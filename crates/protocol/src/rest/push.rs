//! How the devices of users are woken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, Platform, UserId};
use crate::params::{PushKeys, PushProvider, PushRegister};

/// A device of a user, by the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistrationParams {
    /// The user.
    #[serde(rename = "userID")]
    pub user_id: UserId,
    /// The device.
    #[serde(rename = "deviceID")]
    pub device_id: DeviceId,
}

/// How a device is to be woken.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrationWish {
    /// What the device runs on.
    pub platform: Platform,
    /// Which way; one that the server is configured for.
    pub provider: PushProvider,
    /// `webPush`: `endpoint` of the browser's `PushSubscription`, https. `fcm`: the registration token. `apns`: the device token in
    /// hexadecimal, at most 200 digits. `adapter`: the vendor's token. 1 to 2,048 bytes.
    pub token: String,
    /// Of `webPush`: `keys` of the `PushSubscription`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<PushKeys>,
    /// Of `apns`: the token of the app's `PKPushRegistry`, in hexadecimal, if it takes VoIP pushes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voip_token: Option<String>,
    /// Of `adapter`: the vendor's channel, such as `huawei`; passed on as it is, at most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

impl RegistrationWish {
    /// What the device would have asked itself, and what it runs on.
    pub fn parts(self) -> (Platform, PushRegister) {
        let Self { platform, provider, token, keys, voip_token, channel } = self;
        (platform, PushRegister { provider, token, keys, voip_token, channel })
    }
}

/// Whoever has a token can wake the device.
impl fmt::Debug for RegistrationWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationWish").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// How a device is woken. Its token is not told: whoever has it can wake the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The device.
    #[serde(rename = "deviceID")]
    pub device_id: DeviceId,
    /// What it runs on.
    pub platform: Platform,
    /// Which way.
    pub provider: PushProvider,
    /// Of `adapter`: the vendor's channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Of `apns`: whether calls are VoIP pushes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voip: Option<bool>,
    /// Since when, server time in ms.
    pub registered_at: u64,
}

/// The devices of a user that are woken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registrations {
    /// In byte order of their deviceIDs, at most 20.
    pub registrations: Vec<Registration>,
}

//! Parameters of `push.register`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// By which way a device is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum PushProvider {
    /// A browser's push service (RFC 8030), encrypted for the page (RFC 8291).
    WebPush,
    /// Firebase Cloud Messaging, for Android.
    Fcm,
    /// The Apple Push Notification service, for iPhones.
    Apns,
    /// A signed request to the operator's own adapter, which knows the vendors' channels.
    Adapter,
}

/// `push.register`: replaces what this device registered before.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PushRegister {
    /// Which way; see `push.settings` for those that the server has.
    pub provider: PushProvider,
    /// `webPush`: `endpoint` of the browser's `PushSubscription`, https. `fcm`: the registration token. `apns`: the device token in
    /// hexadecimal, at most 200 digits. `adapter`: the vendor's token. 1 to
    /// 2,048 bytes.
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

/// What a browser's push messages are encrypted for, in base64url.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushKeys {
    /// The page's public key, 65 bytes.
    pub p256dh: String,
    /// The page's secret, 16 bytes.
    pub auth: String,
}

/// Whoever has a token can wake the device.
impl fmt::Debug for PushRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushRegister").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

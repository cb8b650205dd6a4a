//! `[push]`

use std::path::PathBuf;

use super::Secret;
use crate::webhooks::AddressRange;

/// How devices are woken that are away when somebody rings (docs/push.md). Without any of these, none is.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct PushConfig {
    /// Browsers, by Web Push.
    #[config(nested)]
    pub web: WebPushConfig,

    /// Android, by Firebase Cloud Messaging.
    #[config(nested)]
    pub fcm: FcmConfig,

    /// iPhones, by the Apple Push Notification service.
    #[config(nested)]
    pub apns: ApnsConfig,

    /// Everything else, by requests to an adapter of yours.
    #[config(nested)]
    pub adapter: AdapterConfig,
}

/// Browsers, by Web Push.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct WebPushConfig {
    /// The VAPID keys that name this server to the browsers' push services, in base64url: make them with "npx web-push generate-vapid-keys".
    /// All nodes have the same ones. With other keys, all browsers have to register again.
    #[config(env = "WIGWAG_PUSH_WEB_PUBLIC_KEY")]
    pub public_key: Option<String>,

    /// The secret one of the two.
    #[config(env = "WIGWAG_PUSH_WEB_PRIVATE_KEY")]
    pub private_key: Option<Secret>,

    /// Whom a push service may ask about this server: an address such as "mailto:admin@example.org" or "https://example.org".
    #[config(env = "WIGWAG_PUSH_WEB_CONTACT")]
    pub contact: Option<String>,

    /// The push services that subscriptions may lead to: names of hosts, or "*." and the end of a name. Every user can register an address, and
    /// nothing is sent anywhere else. By default those of Chrome, Edge, Firefox and Safari. In the environment: several with commas between.
    #[config(
        default = ["fcm.googleapis.com", "*.notify.windows.com", "updates.push.services.mozilla.com", "*.push.apple.com"],
        env = "WIGWAG_PUSH_WEB_SERVICES", parse_env = confique::env::parse::list_by_comma
    )]
    pub services: Vec<String>,

    /// Private, link-local and loopback addresses that subscriptions may lead to all the same, for a push service of yours or for tests. Every
    /// user can name addresses, so leave it empty. In the environment: several with commas between.
    #[config(default = [], env = "WIGWAG_PUSH_WEB_ALLOW", parse_env = confique::env::parse::list_by_comma)]
    pub allow: Vec<AddressRange>,
}

/// Android, by Firebase Cloud Messaging (HTTP v1).
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct FcmConfig {
    /// The JSON file of a service account that may send messages: in the Firebase console under "Project settings", "Service accounts",
    /// "Generate new private key". The project's name is in it. Read at the start.
    #[config(env = "WIGWAG_PUSH_FCM_SERVICE_ACCOUNT")]
    pub service_account: Option<PathBuf>,

    /// Where messages are sent: https, or http with a loopback address, for tests.
    #[config(default = "https://fcm.googleapis.com", env = "WIGWAG_PUSH_FCM_URL")]
    pub url: String,
}

/// iPhones, by the Apple Push Notification service, with a key for tokens.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct ApnsConfig {
    /// The key: a file such as AuthKey_ABC1234567.p8, which developer.apple.com makes under "Certificates, Identifiers & Profiles", "Keys",
    /// and gives once. Read at the start.
    #[config(env = "WIGWAG_PUSH_APNS_KEY_FILE")]
    pub key_file: Option<PathBuf>,

    /// The key's ID, ten characters: it is in the name of the file.
    #[config(env = "WIGWAG_PUSH_APNS_KEY_ID")]
    pub key_id: Option<String>,

    /// The ID of your team at Apple, ten characters.
    #[config(env = "WIGWAG_PUSH_APNS_TEAM_ID")]
    pub team_id: Option<String>,

    /// The app's bundle ID, such as "org.example.chat". VoIP pushes go to the same with ".voip" behind it.
    #[config(env = "WIGWAG_PUSH_APNS_TOPIC")]
    pub topic: Option<String>,

    /// "production" for apps from the App Store and TestFlight, "sandbox" for apps that Xcode has installed. The tokens of one are none in the
    /// other, and are dropped there. Or an address that begins with https, for tests.
    #[config(default = "production", env = "WIGWAG_PUSH_APNS_ENVIRONMENT")]
    pub environment: String,

    /// PEM file with certificates that are trusted there besides the system's, for tests.
    #[config(env = "WIGWAG_PUSH_APNS_CA")]
    pub ca: Option<PathBuf>,
}

impl ApnsConfig {
    /// Where pushes are sent.
    pub(crate) fn origin(&self) -> String {
        match self.environment.as_str() {
            "production" => "https://api.push.apple.com".to_owned(),
            "sandbox" => "https://api.sandbox.push.apple.com".to_owned(),
            other => other.trim_end_matches('/').to_owned(),
        }
    }
}

/// Everything else, by requests to an adapter.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct AdapterConfig {
    /// Where requests go: https, or http to an address that allow names. It may have a secret in it.
    #[config(env = "WIGWAG_PUSH_ADAPTER_URL")]
    pub url: Option<Secret>,

    /// What they are signed with: "whsec_" and the base64 of 32 random bytes, as for webhooks.
    #[config(env = "WIGWAG_PUSH_ADAPTER_SECRET")]
    pub secret: Option<Secret>,

    /// A secret that the adapter may still know.
    #[config(env = "WIGWAG_PUSH_ADAPTER_PREVIOUS_SECRET")]
    pub previous_secret: Option<Secret>,

    /// Private, link-local and loopback addresses that the adapter may have, such as "10.1.0.0/16". In the environment: several with
    /// commas between.
    #[config(default = [], env = "WIGWAG_PUSH_ADAPTER_ALLOW", parse_env = confique::env::parse::list_by_comma)]
    pub allow: Vec<AddressRange>,
}

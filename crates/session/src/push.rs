//! How a device is woken while it is away: what it registers, checked and kept.

use std::fmt;

use serde::{Deserialize, Serialize};
use wigwag_protocol::InviteId;
use wigwag_protocol::params::{PushKeys, PushProvider, PushRegister};

/// Longest token, bytes: twice what push services and vendors use.
const LONGEST_TOKEN: usize = 2_048;
/// Longest name of a vendor's channel, bytes.
const LONGEST_CHANNEL: usize = 64;
/// Longest token of APNs, digits: 100 bytes. They have 32 today, and Apple wants nobody to rely on that.
const LONGEST_APNS: usize = 200;

/// Something about its own device that a device wants to be kept. No rule depends on it, so it goes past them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// `push.register`
    Push(PushToken),
    /// `push.unregister`
    NoPush,
    /// `signaling.ringing`
    Ringing(InviteId),
}

/// Whoever has it can wake the device, so it is not shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "camelCase")]
pub enum PushToken {
    /// A subscription of a browser.
    WebPush {
        /// An https address at the browser's push service.
        endpoint: String,
        /// What messages are encrypted for.
        keys: PushKeys,
    },
    /// An app that uses Firebase Cloud Messaging.
    Fcm {
        /// Its registration token.
        token: String,
    },
    /// An app on an iPhone; tokens in hexadecimal.
    Apns {
        /// For alerts.
        token: String,
        /// For VoIP pushes, if the app takes them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voip: Option<String>,
    },
    /// Known to the operator's adapter.
    Adapter {
        /// The vendor's channel.
        channel: String,
        /// The vendor's token.
        token: String,
    },
}

impl fmt::Debug for PushToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PushToken").field(&self.provider()).finish()
    }
}

/// The field of `push.register` that is wrong, and what is wrong with it.
pub type Wrong = (&'static str, String);

impl PushToken {
    /// What `push.register` asks, if that can be.
    pub fn read(asked: PushRegister) -> Result<Self, Wrong> {
        let PushRegister { provider, token, keys, voip_token, channel } = asked;
        if !(1..=LONGEST_TOKEN).contains(&token.len()) {
            return Err(("token", format!("must be 1 to {LONGEST_TOKEN} bytes")));
        }
        match provider {
            PushProvider::WebPush => {
                if PushService::of(&token).is_none() {
                    return Err(("token", "must be an https address".to_owned()));
                }
                let keys = keys.ok_or_else(|| ("keys", "is missing".to_owned()))?;
                check("keys.p256dh", &keys.p256dh, 65)?;
                check("keys.auth", &keys.auth, 16)?;
                Ok(Self::WebPush { endpoint: token, keys })
            }
            PushProvider::Fcm => {
                if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(("token", "must be printable ASCII without spaces".to_owned()));
                }
                Ok(Self::Fcm { token })
            }
            PushProvider::Apns => {
                let voip = voip_token.map(|token| apns_token("voipToken", &token)).transpose()?;
                Ok(Self::Apns { token: apns_token("token", &token)?, voip })
            }
            PushProvider::Adapter => {
                let channel = channel.unwrap_or_default();
                if channel.len() > LONGEST_CHANNEL {
                    return Err(("channel", format!("is longer than {LONGEST_CHANNEL} bytes")));
                }
                Ok(Self::Adapter { channel, token })
            }
        }
    }

    /// By which way it wakes the device.
    pub fn provider(&self) -> PushProvider {
        match self {
            Self::WebPush { .. } => PushProvider::WebPush,
            Self::Fcm { .. } => PushProvider::Fcm,
            Self::Apns { .. } => PushProvider::Apns,
            Self::Adapter { .. } => PushProvider::Adapter,
        }
    }

    /// What names the device at its provider. A token belongs to one user at a time.
    pub fn name(&self) -> &str {
        match self {
            Self::WebPush { endpoint, .. } => endpoint,
            Self::Fcm { token } | Self::Apns { token, .. } | Self::Adapter { token, .. } => token,
        }
    }
}

/// Where a subscription leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushService<'a> {
    /// The name of the host, or its IPv4 address.
    pub host: &'a str,
    /// Whether it is reached by https.
    pub is_encrypted: bool,
}

impl<'a> PushService<'a> {
    /// `None` when the text is no address. Only what all programs read alike is one: a host of letters, digits, dots and hyphens.
    pub fn of(endpoint: &'a str) -> Option<Self> {
        let https = endpoint.strip_prefix("https://").map(|rest| (rest, true));
        let (rest, is_encrypted) = https.or_else(|| Some((endpoint.strip_prefix("http://")?, false)))?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        let is_host = !host.is_empty() && host.bytes().all(is_name) && port.parse::<u16>().is_ok();
        let is_text = endpoint.bytes().all(|byte| byte.is_ascii_graphic());
        (is_host && is_text).then_some(Self { host, is_encrypted })
    }

    /// Whether it is one of these: names of hosts, or `*.` and the end of a name.
    pub fn is_of(self, pattern: &str) -> bool {
        let host = self.host.to_ascii_lowercase();
        match pattern.strip_prefix('*') {
            Some(end) => host.strip_suffix(end).is_some_and(|start| !start.is_empty()),
            None => host == pattern,
        }
    }
}

/// A token of APNs, which becomes a part of an address. All ways to write one are one token.
fn apns_token(field: &'static str, text: &str) -> Result<String, Wrong> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && text.len().is_multiple_of(2) && (2..=LONGEST_APNS).contains(&text.len()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err((field, format!("must be bytes in hexadecimal, at most {LONGEST_APNS} digits")))
}

/// Whether a text is base64url of so many bytes, as browsers write it or with the padding that some libraries add.
fn check(field: &'static str, text: &str, bytes: usize) -> Result<(), Wrong> {
    let digits = text.trim_end_matches('=');
    let is_written = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_written && digits.len() == (bytes * 8).div_ceil(6) && text.len() - digits.len() <= 2 {
        return Ok(());
    }
    Err((field, format!("must be {bytes} bytes in base64url")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<PushToken, &'static str> {
        PushToken::read(serde_json::from_str(json).unwrap()).map_err(|(field, _)| field)
    }

    fn web(token: &str, p256dh: &str, auth: &str) -> Result<PushToken, &'static str> {
        read(&format!(
            r#"{{"provider":"webPush","token":"{token}","keys":{{"p256dh":"{p256dh}","auth":"{auth}"}}}}"#
        ))
    }

    #[test]
    fn a_subscription_has_an_address_and_keys() {
        let (key, auth) = ("B".repeat(87), "a-_4567890123456789012");
        assert!(web("https://push.example/1", &key, auth).is_ok());
        assert!(web("https://push.example/1", &format!("{key}="), &format!("{auth}==")).is_ok());
        let table = [
            ("ftp://push.example/1", key.as_str(), auth, "token"),
            ("https://push.example/1", "B", auth, "keys.p256dh"),
            ("https://push.example/1", &"+".repeat(87), auth, "keys.p256dh"),
            ("https://push.example/1", &key, "", "keys.auth"),
            ("https://push.example/1", &key, "a-_4567890123456789012===", "keys.auth"),
        ];
        for (token, key, auth, field) in table {
            assert_eq!(web(token, key, auth), Err(field), "{token} {key} {auth}");
        }
        assert_eq!(read(r#"{"provider":"webPush","token":"https://push.example/1"}"#), Err("keys"));
    }

    #[test]
    fn an_address_leads_where_every_program_reads_it() {
        let of = |text| PushService::of(text).map(|service| (service.host, service.is_encrypted));
        assert_eq!(of("https://push.example:8443/p/1?x#y"), Some(("push.example", true)));
        assert_eq!(of("http://127.0.0.1:80"), Some(("127.0.0.1", false)));
        for wrong in [
            "https://",
            "https://:443/",
            "push.example/1",
            "https://good.example@evil.example/",
            "https://good.example\\@evil.example/",
            "https://evil.example/\r\nhost: good.example",
            "https://evil.example /",
            "https://good.example:99999/",
            "https://[::1]/",
            "https://gööd.example/",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        let service = PushService::of("https://WEB.push.example/1").unwrap();
        assert!(service.is_of("web.push.example") && service.is_of("*.push.example"));
        for other in ["push.example", "*.web.push.example", "eb.push.example", "*.example.org"] {
            assert!(!service.is_of(other), "{other}");
        }
        assert!(!PushService::of("https://evilpush.example/").unwrap().is_of("*.push.example"));
    }

    #[test]
    fn tokens_of_apns_are_hexadecimal() {
        let of = |token: &str, voip: &str| {
            read(&format!(r#"{{"provider":"apns","token":"{token}","voipToken":"{voip}"}}"#))
        };
        let expected = PushToken::Apns { token: "00ab".to_owned(), voip: Some("cd".to_owned()) };
        assert_eq!(of("00AB", "Cd"), Ok(expected));
        let (longest, longer) = ("a".repeat(200), "a".repeat(202));
        assert!(of(&longest, &longest).is_ok());
        for wrong in ["", "abc", "0g", "../x", "<00 ab>", &longer] {
            assert_eq!(of(wrong, "ab"), Err("token"), "{wrong}");
            assert_eq!(of("ab", wrong), Err("voipToken"), "{wrong}");
        }
        let alone = read(r#"{"provider":"apns","token":"ab"}"#).unwrap();
        assert_eq!(alone, PushToken::Apns { token: "ab".to_owned(), voip: None });
        let kept = serde_json::to_string(&alone).unwrap();
        assert_eq!(serde_json::from_str::<PushToken>(&kept).unwrap(), alone);
    }

    #[test]
    fn a_token_of_fcm_is_printable() {
        let of = |token: &str| read(&format!(r#"{{"provider":"fcm","token":"{token}"}}"#));
        let token = "dXa:APA91b-_x".to_owned();
        assert_eq!(of(&token), Ok(PushToken::Fcm { token }));
        let (longest, longer) = ("x".repeat(2_048), "x".repeat(2_049));
        assert!(of(&longest).is_ok());
        for wrong in ["", "a b", "ä", "a\\n", &longer] {
            assert_eq!(of(wrong), Err("token"), "{wrong}");
        }
    }

    #[test]
    fn a_token_has_bounds_and_is_not_shown() {
        let of = |token: usize, channel: usize| {
            let (token, channel) = ("t".repeat(token), "c".repeat(channel));
            read(&format!(r#"{{"provider":"adapter","token":"{token}","channel":"{channel}"}}"#))
        };
        assert!(of(1, 0).is_ok());
        let longest = of(2_048, 64).unwrap();
        assert!(!format!("{longest:?}").contains("ttt"), "{longest:?}");
        assert_eq!((of(0, 0), of(2_049, 0), of(1, 65)), (Err("token"), Err("token"), Err("channel")));
        let kept = serde_json::to_string(&longest).unwrap();
        assert_eq!(serde_json::from_str::<PushToken>(&kept).unwrap(), longest);
    }
}

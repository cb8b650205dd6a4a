//! Identifiers. Each is validated once, when it is made, and cheap to clone.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    /// The field's name on the wire, such as `userID`.
    pub kind: &'static str,
    /// Longest allowed length in bytes.
    pub longest: usize,
    /// Whether spaces are allowed.
    pub spaces: bool,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without = if self.spaces { "" } else { " without space" };
        write!(f, "{} must be 1 to {} printable ASCII characters{without}", self.kind, self.longest)
    }
}

impl std::error::Error for IdError {}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $longest:literal, $first:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Longest allowed length in bytes.
            pub const LONGEST: usize = $longest;

            /// Accepts 1 to [`Self::LONGEST`] printable ASCII characters; see the type for spaces.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let valid = (1..=$longest).contains(&text.len()) && text.bytes().all(|b| ($first..=b'~').contains(&b));
                if valid {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { kind: $kind, longest: $longest, spaces: $first == b' ' })
                }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!($kind, " (a string)"))
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "minLength": 1, "maxLength": $longest,
                    "pattern": if $first == b' ' { "^[ -~]+$" } else { "^[!-~]+$" }
                })
            }
        }
    };
}

text_id!(
    /// A user of the app: 1–64 bytes.
    UserId, "userID", 64, b'!'
);
text_id!(
    /// One running client of a user: 1–64 bytes, chosen by the client and kept across restarts.
    DeviceId, "deviceID", 64, b'!'
);
text_id!(
    /// A group: 1–48 bytes, as Tencent's custom group IDs.
    GroupId, "groupID", 48, b'!'
);
text_id!(
    /// An invitation: 1–128 bytes, spaces allowed, usually a `UUIDv7` made by the inviter's client.
    InviteId, "inviteID", 128, b' '
);
text_id!(
    /// A call: the inviteID of the invitation that opened it.
    CallId, "callID", 128, b' '
);
text_id!(
    /// A room: 1–128 bytes, where the people of a call meet. It may be used again when its call has ended.
    RoomId, "roomID", 128, b'!'
);

impl CallId {
    /// The call that this invitation opens.
    pub fn opened_by(invitation: &InviteId) -> Self {
        Self(Arc::clone(&invitation.0))
    }
}

/// Kind of a device; numbers are `OpenIM`'s: 1 iOS, 2 Android, 3 Windows, 4 macOS, 5 Web, 6 mini-program web, 7 Linux,
/// 8 Android pad, 9 iPad, 10 admin, 11 `HarmonyOS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Platform(#[cfg_attr(feature = "schema", schemars(range(min = 1, max = 11)))] u8);

impl Platform {
    /// A browser.
    pub const WEB: Self = Self(5);
    /// A Linux program.
    pub const LINUX: Self = Self(7);

    /// Accepts 1 to 11.
    pub fn new(number: u8) -> Option<Self> {
        (1..=11).contains(&number).then_some(Self(number))
    }

    /// The platform's number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u8::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| serde::de::Error::custom("platform must be a number from 1 to 11"))
    }
}

/// A device as others may see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Device {
    /// Chosen by the client.
    #[serde(rename = "deviceID")]
    pub device_id: DeviceId,
    /// What kind of device it is.
    pub platform: Platform,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_printable_ascii_of_bounded_length() {
        assert!(UserId::parse("alice").is_ok());
        assert!(UserId::parse("~!@#").is_ok());
        for bad in ["", "a b", "né", "tab\t", &"x".repeat(65)] {
            assert!(UserId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(InviteId::parse(&"x".repeat(128)).is_ok());
        assert!(serde_json::from_str::<GroupId>(r#""two words""#).is_err());
    }

    #[test]
    fn platforms_are_one_to_eleven() {
        assert!(serde_json::from_str::<Platform>("11").is_ok());
        assert!(serde_json::from_str::<Platform>("0").is_err());
        assert!(serde_json::from_str::<Platform>("12").is_err());
    }
}

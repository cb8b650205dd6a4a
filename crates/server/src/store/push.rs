//! What is kept for pushes (docs/decisions/0018-push.md): how devices are woken, and what each was told of a ring.

use std::fmt;

use ring::digest;
use wigwag_protocol::{Device, DeviceId, InviteId, Platform, UserId};
use wigwag_session::PushToken;

use super::{StoreError, bad_record};

/// Devices of one user that can be woken. With one more, the one that registered first is forgotten: a phone that was set up anew has
/// another deviceID, and its old token may never be found dead.
pub const DEVICES_WOKEN: usize = 20;

/// A device of a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnDevice {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub device: DeviceId,
}

/// How a device is woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptToken {
    /// The device.
    pub of: OwnDevice,
    /// What it runs on.
    pub platform: Platform,
    /// What it registered.
    pub token: PushToken,
    /// When the token was made with which it had signed in, ms since the epoch; 0 when that did not say.
    pub signed_at: u64,
    /// The user may not sign in.
    pub is_disabled: bool,
}

/// How far a device is with a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RingState {
    /// The device has said that it has the ring. It is not pushed.
    Heard,
    /// A push is about to leave, or has left and the answer is not known.
    Leaving,
    /// The provider has taken the push.
    Pushed,
    /// The provider does not want it.
    Refused,
}

impl RingState {
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Heard, "heard"),
        (Self::Leaving, "leaving"),
        (Self::Pushed, "pushed"),
        (Self::Refused, "refused"),
    ];

    /// As stores keep it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::Leaving => "leaving",
            Self::Pushed => "pushed",
            Self::Refused => "refused",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, StoreError> {
        let found = Self::NAMES.into_iter().find(|(_, known)| *known == name);
        found.map(|(state, _)| state).ok_or_else(|| bad_record(&format!("a ring cannot be {name}")))
    }
}

/// A device of an invitee of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The invitation.
    pub invite: InviteId,
    /// The device.
    pub of: OwnDevice,
}

/// What becomes different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushChange {
    /// The device is woken by this token from now on. Whoever had the token before has it no more.
    Registered {
        /// Whose.
        user: UserId,
        /// Which device.
        device: Device,
        /// How.
        token: PushToken,
        /// When the token was made with which it had signed in, ms since the epoch; 0 when that did not say.
        signed_at: u64,
    },
    /// The device is not woken any more.
    Unregistered(OwnDevice),
    /// The provider says that there is no such token. One that the device has registered since stays.
    Dead(OwnDevice, PushToken),
    /// How far a device is with a ring. A ring that was heard before it was pushed stays heard; otherwise the later one counts.
    Ring(Rung, RingState),
    /// The ring is over, and the device knows it or cannot be told.
    Over(Rung),
}

/// Names a token, so that it is found whoever has it. Tokens are too long to be a key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TokenDigest(pub(super) Vec<u8>);

impl TokenDigest {
    /// Of a token: what names the device at its provider.
    pub(super) fn of(token: &PushToken) -> Self {
        Self(digest::digest(&digest::SHA256, token.name().as_bytes()).as_ref().to_vec())
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest")
    }
}

/// What is wrong with a token, as the store keeps it. The text is not repeated, because it is a secret.
pub(super) fn unreadable(token: &str) -> Option<String> {
    let line = |error: serde_json::Error| format!("no token: see column {}", error.column());
    serde_json::from_str::<PushToken>(token).err().map(line)
}

/// What is wrong with how far a device is with a ring, as the store keeps it.
pub(super) fn unreadable_state(name: &str) -> Option<String> {
    RingState::parse(name).err().map(|error| error.to_string())
}

/// A row as a store has it.
pub(super) struct TokenRow<'a> {
    pub(super) user: &'a str,
    pub(super) device: &'a str,
    pub(super) platform: u8,
    pub(super) token: &'a str,
    pub(super) signed_at: u64,
    pub(super) is_disabled: bool,
}

/// Reads one row.
pub(super) fn token(row: &TokenRow<'_>) -> Result<KeptToken, StoreError> {
    let &TokenRow { user, device, platform, token, signed_at, is_disabled } = row;
    let wrong = |what: &dyn fmt::Display| bad_record(&format!("the token of {user}'s {device}: {what}"));
    let of = OwnDevice {
        user: UserId::parse(user).map_err(|error| wrong(&error))?,
        device: DeviceId::parse(device).map_err(|error| wrong(&error))?,
    };
    let platform = Platform::new(platform).ok_or_else(|| wrong(&"no such platform"))?;
    let token = serde_json::from_str(token).map_err(|_| wrong(&"it cannot be read"))?;
    Ok(KeptToken { of, platform, token, signed_at, is_disabled })
}

/// Reads one row.
pub(super) fn ring(user: &str, device: &str, state: &str) -> Result<(OwnDevice, RingState), StoreError> {
    let wrong = |what: &dyn fmt::Display| bad_record(&format!("the ring at {user}'s {device}: {what}"));
    let of = OwnDevice {
        user: UserId::parse(user).map_err(|error| wrong(&error))?,
        device: DeviceId::parse(device).map_err(|error| wrong(&error))?,
    };
    Ok((of, RingState::parse(state)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_names() {
        for (state, name) in RingState::NAMES {
            assert_eq!((state.name(), RingState::parse(name).unwrap()), (name, state));
        }
        assert!(RingState::parse("lost").is_err());
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        let why = unreadable(r#"{"provider":"adapter","channel":"c","tokin":"s3cret"}"#).unwrap();
        assert!(!why.contains("s3cret"), "{why}");
        let text = r#"{"provider":"s3cret"}"#;
        let row = TokenRow {
            user: "bob",
            device: "phone",
            platform: 1,
            token: text,
            signed_at: 0,
            is_disabled: false,
        };
        let error = token(&row).unwrap_err().to_string();
        assert!(!error.contains("s3cret") && error.contains("bob"), "{error}");
    }
}

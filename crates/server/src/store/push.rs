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
    /// When it registered, server time in ms.
    pub registered_at: u64,
    /// The user may not sign in.
    pub is_disabled: bool,
}

/// How far a device is with a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RingState {
    /// It was sent to the device, whose inviter wants to know.
    Sent,
    /// The device has said that it has the ring. It is not pushed.
    Heard,
    /// The device shows it to its user. It is not pushed.
    Ringing,
    /// A push is about to leave, or has left and the answer is not known.
    Leaving,
    /// The provider has taken the push.
    Pushed,
    /// The provider does not want it.
    Refused,
}

impl RingState {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Sent, "sent"),
        (Self::Heard, "heard"),
        (Self::Ringing, "ringing"),
        (Self::Leaving, "leaving"),
        (Self::Pushed, "pushed"),
        (Self::Refused, "refused"),
    ];

    /// As stores keep it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Heard => "heard",
            Self::Ringing => "ringing",
            Self::Leaving => "leaving",
            Self::Pushed => "pushed",
            Self::Refused => "refused",
        }
    }

    /// What becomes of a device that is there: what it says itself comes second to a push, whose end it is to be told.
    pub(super) fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Sent, next) => next,
            (before, Self::Sent | Self::Heard | Self::Ringing) => before,
            (_, next) => next,
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, StoreError> {
        let found = Self::NAMES.into_iter().find(|(_, known)| *known == name);
        found.map(|(state, _)| state).ok_or_else(|| bad_record(&format!("a ring cannot be {name}")))
    }
}

/// How far a device is with a ring, and since when: server time in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingRow {
    /// How far.
    pub state: RingState,
    /// It was sent to the device.
    pub sent_at: Option<u64>,
    /// The device had it.
    pub heard_at: Option<u64>,
    /// The device showed it.
    pub ringing_at: Option<u64>,
    /// A provider took or refused a push.
    pub pushed_at: Option<u64>,
}

impl RingRow {
    /// A device that is so far now.
    pub(crate) fn new(state: RingState, now: u64) -> Self {
        let row = Self { state, sent_at: None, heard_at: None, ringing_at: None, pushed_at: None };
        row.then(state, now)
    }

    /// What becomes of it; the first time of each step counts.
    pub(crate) fn then(mut self, next: RingState, now: u64) -> Self {
        let time = match next {
            RingState::Sent => &mut self.sent_at,
            RingState::Heard => &mut self.heard_at,
            RingState::Ringing => &mut self.ringing_at,
            RingState::Pushed | RingState::Refused => &mut self.pushed_at,
            RingState::Leaving => return Self { state: self.state.then(next), ..self },
        };
        time.get_or_insert(now);
        Self { state: self.state.then(next), ..self }
    }

    /// Whether the device has the ring by its own word.
    pub fn is_heard(&self) -> bool {
        self.heard_at.is_some() || self.ringing_at.is_some() || self.state == RingState::Heard
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
    /// How far a device is with a ring.
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
    pub(super) registered_at: u64,
    pub(super) is_disabled: bool,
}

/// Reads one row.
pub(super) fn token(row: &TokenRow<'_>) -> Result<KeptToken, StoreError> {
    let &TokenRow { user, device, platform, token, signed_at, registered_at, is_disabled } = row;
    let wrong = |what: &dyn fmt::Display| bad_record(&format!("the token of {user}'s {device}: {what}"));
    let of = OwnDevice {
        user: UserId::parse(user).map_err(|error| wrong(&error))?,
        device: DeviceId::parse(device).map_err(|error| wrong(&error))?,
    };
    let platform = Platform::new(platform).ok_or_else(|| wrong(&"no such platform"))?;
    let token = serde_json::from_str(token).map_err(|_| wrong(&"it cannot be read"))?;
    Ok(KeptToken { of, platform, token, signed_at, registered_at, is_disabled })
}

/// Reads one row: the times are of [`RingRow`], in its order.
pub(super) fn ring(
    user: &str,
    device: &str,
    state: &str,
    times: [Option<u64>; 4],
) -> Result<(OwnDevice, RingRow), StoreError> {
    let wrong = |what: &dyn fmt::Display| bad_record(&format!("the ring at {user}'s {device}: {what}"));
    let of = OwnDevice {
        user: UserId::parse(user).map_err(|error| wrong(&error))?,
        device: DeviceId::parse(device).map_err(|error| wrong(&error))?,
    };
    let [sent_at, heard_at, ringing_at, pushed_at] = times;
    Ok((of, RingRow { state: RingState::parse(state)?, sent_at, heard_at, ringing_at, pushed_at }))
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
    fn a_push_is_not_forgotten_for_what_the_device_says() {
        use RingState::{Heard, Leaving, Pushed, Refused, Ringing, Sent};
        let table = [
            (vec![Sent, Heard, Ringing], Heard),
            (vec![Heard, Sent], Heard),
            (vec![Sent, Leaving, Pushed, Heard, Ringing], Pushed),
            (vec![Leaving, Refused, Sent], Refused),
            (vec![Heard, Leaving], Leaving),
        ];
        for (steps, state) in table {
            let mut rows = steps.iter().zip(1..);
            let (first, at) = rows.next().unwrap();
            let row = rows.fold(RingRow::new(*first, at), |row, (step, at)| row.then(*step, at));
            assert_eq!(row.state, state, "{steps:?}");
        }
        let row = RingRow::new(Sent, 1).then(Heard, 2).then(Sent, 3).then(Ringing, 4).then(Ringing, 5);
        let times = (row.sent_at, row.heard_at, row.ringing_at, row.pushed_at);
        assert_eq!(times, (Some(1), Some(2), Some(4), None));
        assert!(row.is_heard() && !RingRow::new(Sent, 1).is_heard());
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
            registered_at: 0,
            is_disabled: false,
        };
        let error = token(&row).unwrap_err().to_string();
        assert!(!error.contains("s3cret") && error.contains("bob"), "{error}");
    }
}

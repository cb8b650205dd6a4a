//! What a LiveKit server says of its rooms (<https://docs.livekit.io/home/server/webhooks>).
//!
//! A webhook is signed, but may come late, twice or never, so it decides nothing: it is a [`Hint`] that somebody may be gone from
//! a room, which [`super::watch`] looks into.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde::Deserialize;

/// Somebody may be gone from this room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hint {
    /// The room's name.
    pub(super) room: String,
    /// Who went; `None` when the whole room is over.
    pub(super) left: Option<Left>,
}

/// Somebody who went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    /// Their identity in the room: a userID, unless it is one of LiveKit's own agents.
    pub(super) identity: String,
    /// When, ms since the epoch by LiveKit's clock, which counts whole seconds.
    pub(super) at_ms: u64,
}

/// Whether a signed token that claims `sha256` belongs to this body.
pub(super) fn is_body_of(sha256: &str, body: &[u8]) -> bool {
    STANDARD.decode(sha256).is_ok_and(|claimed| claimed == digest(&SHA256, body).as_ref())
}

/// What a body hints at; `Ok(None)` for what is of no interest here, `Err` when it is no webhook.
pub(super) fn hint(body: &[u8]) -> Result<Option<Hint>, serde_json::Error> {
    let told: Told = serde_json::from_slice(body)?;
    let room = told.room.map(|room| room.name);
    Ok(match (told.event.as_str(), room, told.participant) {
        ("participant_left" | "participant_connection_aborted", Some(room), Some(participant)) => {
            let at_ms = told.created_at.seconds().saturating_mul(1_000);
            Some(Hint { room, left: Some(Left { identity: participant.identity, at_ms }) })
        }
        ("room_finished", Some(room), _) => Some(Hint { room, left: None }),
        // There are some ten events, and every version of LiveKit adds more.
        (_, _, _) => None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    event: String,
    room: Option<Room>,
    participant: Option<Participant>,
    #[serde(default)]
    created_at: Seconds,
}

#[derive(Deserialize)]
struct Room {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Participant {
    #[serde(default)]
    identity: String,
}

/// Protobuf's JSON writes numbers of 64 bits as texts, and reads both.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

impl Default for Seconds {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Seconds {
    fn seconds(&self) -> u64 {
        match self {
            Self::Number(seconds) => *seconds,
            Self::Text(text) => text.parse().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_went_are_of_interest() {
        let told = |event: &str| {
            let body = format!(
                r#"{{"event":"{event}","room":{{"sid":"RM_1","name":"r1"}},"participant":{{"identity":"alice"}},"createdAt":"1700000000"}}"#
            );
            hint(body.as_bytes()).unwrap()
        };
        let left = Left { identity: "alice".to_owned(), at_ms: 1_700_000_000_000 };
        assert_eq!(told("participant_left"), Some(Hint { room: "r1".to_owned(), left: Some(left) }));
        assert_eq!(told("room_finished"), Some(Hint { room: "r1".to_owned(), left: None }));
        assert_eq!((told("participant_joined"), told("track_published"), told("")), (None, None, None));
    }

    #[test]
    fn what_is_no_webhook_is_none() {
        for body in ["", "[]", "{}", r#"{"event":7}"#, r#"{"event":"room_finished","room":"r1"}"#] {
            assert!(hint(body.as_bytes()).is_err(), "{body}");
        }
        assert_eq!(hint(br#"{"event":"participant_left"}"#).unwrap(), None);
    }

    #[test]
    fn a_token_belongs_to_the_body_that_it_hashes() {
        // printf '{}' | openssl dgst -sha256 -binary | base64
        let hash = "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
        assert!(is_body_of(hash, b"{}"));
        assert!(!is_body_of(hash, b"{ }") && !is_body_of("", b"{}") && !is_body_of("?", b"{}"));
    }
}

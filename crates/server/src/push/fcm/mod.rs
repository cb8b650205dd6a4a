//! Android, by Firebase Cloud Messaging: its HTTP v1 API, as a service account ([`account`]) with an [`access`] token.
//!
//! Messages carry data alone, so that the app decides what it shows, and are of high priority, so that they wake a phone that sleeps; those that make no sound are of normal priority.

mod access;
mod account;
mod answer;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use ureq::Agent;

use self::access::{Access, AccessToken};
use self::account::Account;
use self::answer::Said;
use super::note::Note;
use super::provider::{Message, SetupError, TIME_LIMIT, Verdict};
use super::wish::{AndroidWish, Wish};
use crate::config::FcmConfig;
use crate::telemetry::Throttle;
use crate::webhooks::{answer, guarded};

/// Most bytes of a message's data, keys and values together.
const MOST_DATA: usize = 4_096;

/// Sends to apps that use FCM.
pub(super) struct Fcm {
    agent: Agent,
    account: Account,
    access: Access,
    url: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    message: Sent<'a>,
}

#[derive(Serialize)]
struct Sent<'a> {
    token: &'a str,
    data: BTreeMap<String, String>,
    android: Android,
}

#[derive(Serialize)]
struct Android {
    priority: &'static str,
    /// Whole seconds, with an "s" behind them.
    ttl: String,
    collapse_key: String,
}

impl Fcm {
    /// `None` when the operator has not set it up.
    pub(super) fn new(config: &FcmConfig) -> Result<Option<Self>, SetupError> {
        let Some(path) = &config.service_account else { return Ok(None) };
        let account = Account::read(path)?;
        let url =
            format!("{}/v1/projects/{}/messages:send", config.url.trim_end_matches('/'), account.project);
        // The operator alone names addresses, so all of them may be reached.
        let anywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|range| range.parse().ok()).collect();
        let agent = guarded(TIME_LIMIT, anywhere);
        Ok(Some(Self { agent, account, access: Access::new(), url }))
    }

    /// With a new access token, once, when the one that there was is not taken any more.
    pub(super) fn send(&self, token: &str, message: &Message) -> Verdict {
        let begun = Instant::now();
        let attempt = || {
            let access = self.access.token(&self.agent, &self.account);
            let access = access.map_err(|outcome| Verdict::of(outcome, &[]))?;
            let waited = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let note = message.note.clone().later(waited).ok_or(Verdict::Late)?;
            Ok((self.post(&access, &body(token, &note, &message.wish())), access))
        };
        match attempt() {
            Err(verdict) | Ok((Said::Verdict(verdict), _)) => verdict,
            Ok((Said::SignedOut, spoilt)) => {
                self.access.drop_token(&spoilt);
                match attempt() {
                    Err(verdict) | Ok((Said::Verdict(verdict), _)) => verdict,
                    Ok((Said::SignedOut, _)) => not_let_in(),
                }
            }
        }
    }

    fn post(&self, access: &AccessToken, body: &str) -> Said {
        let sent = self
            .agent
            .post(&self.url)
            .header("authorization", access.authorization())
            .content_type("application/json")
            .send(body.as_bytes());
        Said::of(&answer(sent))
    }
}

fn not_let_in() -> Verdict {
    static LINES: Throttle = Throttle::every(Duration::from_mins(1));
    if LINES.pass(1, Instant::now()).is_some() {
        tracing::warn!(
            "FCM takes no access token of push.fcm.service_account: may the account send messages?"
        );
    }
    Verdict::Refused
}

fn body(token: &str, note: &Note, wish: &Wish) -> String {
    let data = note.fitted(MOST_DATA, |note| data(note, &wish.android), size);
    let android = Android {
        priority: if note.is_quiet() { "NORMAL" } else { "HIGH" },
        ttl: format!("{}s", note.seconds_left()),
        collapse_key: note.topic(token),
    };
    // Serialising our own types into memory cannot fail.
    serde_json::to_string(&Envelope { message: Sent { token, data, android } }).unwrap_or_default()
}

/// A note as texts by name: what is no text is its JSON.
fn data(note: &Note, android: &AndroidWish) -> BTreeMap<String, String> {
    let Ok(Value::Object(fields)) = serde_json::to_value(note) else { return BTreeMap::new() };
    let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
    let mut data: BTreeMap<String, String> =
        fields.into_iter().map(|(name, value)| (name, text(value))).collect();
    if let (Some(sound), Some(own)) = (data.get_mut("sound"), &android.sound) {
        sound.clone_from(own);
    }
    if let (Note::Ring(_), Some(channel)) = (note, &android.channel)
        && !note.is_quiet()
    {
        data.insert("channelID".to_owned(), channel.clone());
    }
    data
}

fn size(data: &BTreeMap<String, String>) -> usize {
    data.iter().map(|(name, text)| name.len() + text.len()).sum()
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::{DeviceId, UserId};

    use super::*;
    use crate::store::OwnDevice;

    fn ring(title: &str, sound: &str, data: &str) -> Note {
        let of = OwnDevice { user: UserId::parse("bob").unwrap(), device: DeviceId::parse("phone").unwrap() };
        Note::of_test(&of, 29_950).saying(title, sound, data)
    }

    #[test]
    fn a_message_is_texts_alone_and_lasts_as_long_as_the_ring() {
        let wish = Wish::read(Some(r#"{"AndroidFCMChannelID":"calls","AndroidSound":"ring"}"#));
        let note = ring("Alice", "ring.caf", "room 7");
        let sent: Value = serde_json::from_str(&body("t0ken", &note, &wish)).unwrap();
        let expected = serde_json::json!({"message": {
            "token": "t0ken",
            "data": {"type": "ring", "id": note.id(), "inviteID": "i", "userID": "bob", "inviter": "alice",
                "createdAt": "1", "deadline": "29951", "remainingMs": "29950", "actionToken": "t",
                "call": r#"{"callID":"i","mediaType":"video","roomID":"r"}"#,
                "title": "Alice", "sound": "ring", "data": "room 7", "channelID": "calls"},
            "android": {"priority": "HIGH", "ttl": "29s", "collapse_key": note.topic("t0ken")},
        }});
        assert_eq!(sent, expected);
    }

    #[test]
    fn who_is_quiet_gets_no_sound_no_channel_of_rings_and_no_high_priority() {
        let wish = Wish::read(Some(r#"{"AndroidFCMChannelID":"calls","AndroidSound":"ring"}"#));
        let sent: Value =
            serde_json::from_str(&body("t", &ring("A", "ring.caf", "").hushed(), &wish)).unwrap();
        let (data, android) = (&sent["message"]["data"], &sent["message"]["android"]);
        assert_eq!((&data["quiet"], &android["priority"]), (&"true".into(), &"NORMAL".into()));
        assert!(data.get("sound").is_none() && data.get("channelID").is_none(), "{data}");
    }

    #[test]
    fn what_is_too_long_leaves_out_the_payload_first() {
        let nothing = AndroidWish::default();
        let fits = |data_bytes: usize, title: usize| {
            let note = ring(&"t".repeat(title), "s", &"d".repeat(data_bytes));
            note.fitted(MOST_DATA, |note| data(note, &nothing), size)
        };
        let room = MOST_DATA - size(&fits(1, 1)) + 1;
        let exact = fits(room, 1);
        assert!(size(&exact) == MOST_DATA && exact.contains_key("data"), "{exact:?}");
        let over = fits(room + 1, 1);
        assert!(!over.contains_key("data") && over.contains_key("sound"), "{over:?}");
        let none_fits = fits(1, MOST_DATA);
        assert!(none_fits.contains_key("actionToken") && !none_fits.contains_key("title"), "{none_fits:?}");
    }
}

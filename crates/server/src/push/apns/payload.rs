//! What APNs is given: which kind of push, and its JSON.
//!
//! | | a device with a token for VoIP pushes | without |
//! |---|---|---|
//! | a call rings | VoIP | alert |
//! | another invitation | alert | alert |
//! | the user is quiet | alert without a sound | the same |
//! | it is over | background, or an alert when the ring was one | alert in the place of the ring's |

use serde::Serialize;

use super::super::note::Note;
use super::super::provider::Message;
use super::super::wish::{IosWish, Wish};

/// Most bytes of an alert or a background push, and of a VoIP push ("Generating a remote notification").
const MOST: usize = 4_096;
const MOST_VOIP: usize = 5_120;

/// Of what kind a push is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The system shows it.
    Alert,
    /// The app is woken, and has to show a call.
    Voip,
    /// The app is told, when the system likes.
    Background,
}

impl Kind {
    /// Of a push to a device that takes VoIP pushes, or not. The inviter may choose; otherwise calls are VoIP pushes.
    fn of(message: &Message, wish: &IosWish, takes_voip: bool) -> Self {
        let is_voip = takes_voip && !message.is_quiet && wish.voip.unwrap_or(message.is_call);
        match message.note {
            Note::Ring(_) if is_voip => Self::Voip,
            Note::Over(_) if is_voip => Self::Background,
            Note::Ring(_) | Note::Over(_) => Self::Alert,
        }
    }

    /// `apns-push-type`
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Voip => "voip",
            Self::Background => "background",
        }
    }

    /// `apns-priority`: at once, but for background pushes, which APNs refuses otherwise.
    pub(super) fn priority(self) -> &'static str {
        match self {
            Self::Alert | Self::Voip => "10",
            Self::Background => "5",
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Alert | Self::Background => MOST,
            Self::Voip => MOST_VOIP,
        }
    }
}

/// A push.
pub(super) struct Payload {
    pub(super) kind: Kind,
    pub(super) body: String,
}

#[derive(Serialize)]
struct Written<'a> {
    aps: Aps<'a>,
    note: &'a Note,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "kebab-case")]
struct Aps<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<Alert<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interruption_level: Option<&'a str>,
    /// An extension of the app may change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mutable_content: Option<u8>,
    /// The app is told of it, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_available: Option<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Alert<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    /// A text of the app's `Localizable.strings`; iOS shows the key where there is none, so the keys are English.
    #[serde(skip_serializing_if = "Option::is_none")]
    loc_key: Option<&'static str>,
}

impl Payload {
    pub(super) fn of(message: &Message, takes_voip: bool) -> Self {
        let wish = message.wish();
        let kind = Kind::of(message, &wish.ios, takes_voip);
        let write = |note: &Note| written(kind, message, &wish, note);
        Self { kind, body: message.note.fitted(kind.most(), write, String::len) }
    }
}

fn written(kind: Kind, message: &Message, wish: &Wish, note: &Note) -> String {
    let shown = note.shown();
    let told = match kind {
        // What the system shows need not be there twice.
        Kind::Alert => note.untitled(),
        Kind::Voip | Kind::Background => note.clone(),
    };
    let aps = match (kind, note) {
        (Kind::Voip, _) => Aps::default(),
        (Kind::Background, _) => Aps { content_available: Some(1), ..Aps::default() },
        (Kind::Alert, Note::Ring(_)) => {
            let loc_key = shown.body.is_none().then(|| rings(message.is_call));
            let title = shown.title.unwrap_or(message.inviter());
            let alert = Alert { title, body: shown.body, loc_key };
            if note.is_quiet() {
                return write_out(alerting(alert, None, Some("passive")), &told);
            }
            let sound = wish.ios.sound(shown.sound);
            alerting(alert, sound, wish.ios.level)
        }
        (Kind::Alert, Note::Over(_)) => {
            let title = wish.title.as_deref().unwrap_or(message.inviter());
            let loc_key = Some(is_over(note.reason(), message.is_call));
            alerting(Alert { title, body: None, loc_key }, None, Some("passive"))
        }
    };
    write_out(aps, &told)
}

fn write_out(aps: Aps<'_>, note: &Note) -> String {
    // Serialising our own types into memory cannot fail.
    serde_json::to_string(&Written { aps, note }).unwrap_or_default()
}

fn alerting<'a>(alert: Alert<'a>, sound: Option<&'a str>, interruption_level: Option<&'a str>) -> Aps<'a> {
    let (mutable_content, content_available) = (Some(1), Some(1));
    Aps { alert: Some(alert), sound, interruption_level, mutable_content, content_available }
}

fn rings(is_call: bool) -> &'static str {
    if is_call { "Incoming call" } else { "Invitation" }
}

fn is_over(reason: &str, is_call: bool) -> &'static str {
    match (reason, is_call) {
        ("accepted", _) => "Answered on another device",
        ("rejected", _) => "Declined on another device",
        ("silenced", _) => "Silenced on another device",
        ("cancelled" | "timedOut", true) => "Missed call",
        (_, true) => "The call is over",
        (_, false) => "The invitation is over",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn payload(message: &Message, takes_voip: bool) -> (Kind, Value) {
        let Payload { kind, body } = Payload::of(message, takes_voip);
        (kind, serde_json::from_str(&body).unwrap())
    }

    fn ring(info: &str, is_call: bool) -> Message {
        let mut message = Message::of_test(info);
        message.is_call = is_call;
        message
    }

    #[test]
    fn a_call_is_a_voip_push_for_who_takes_them_and_its_end_is_none() {
        let table = [
            ("{}", true, true, Kind::Voip, Kind::Background),
            ("{}", true, false, Kind::Alert, Kind::Alert),
            ("{}", false, true, Kind::Alert, Kind::Alert),
            (r#"{"iOSPushType":1}"#, false, true, Kind::Voip, Kind::Background),
            (r#"{"iOSPushType":1}"#, false, false, Kind::Alert, Kind::Alert),
            (r#"{"iOSPushType":0}"#, true, true, Kind::Alert, Kind::Alert),
            (r#"{"apnsInfo":{"disableVoipPush":true}}"#, true, true, Kind::Alert, Kind::Alert),
        ];
        for (info, is_call, takes_voip, rings, ends) in table {
            let message = ring(info, is_call);
            assert_eq!(payload(&message, takes_voip).0, rings, "{info} {is_call} {takes_voip}");
            assert_eq!(payload(&message.ended(), takes_voip).0, ends, "{info} {is_call} {takes_voip}");
        }
        let (_, voip) = payload(&ring(r#"{"title":"Alice"}"#, true), true);
        assert_eq!((&voip["aps"], &voip["note"]["title"]), (&json!({}), &json!("Alice")));
        let (_, over) = payload(&ring("{}", true).ended(), true);
        assert_eq!((&over["aps"], &over["note"]["type"]), (&json!({"content-available": 1}), &json!("over")));
    }

    #[test]
    fn an_alert_shows_what_the_inviter_wants_and_its_end_takes_its_place() {
        let info = r#"{"title":"Alice","desc":"calls","iOSSound":"ring.caf","iOSInterruptionLevel":"time-sensitive"}"#;
        let message = ring(info, true);
        let (_, sent) = payload(&message, false);
        let aps = json!({"alert": {"title": "Alice", "body": "calls"}, "sound": "ring.caf",
            "interruption-level": "time-sensitive", "mutable-content": 1, "content-available": 1});
        assert_eq!(sent["aps"], aps);
        assert!(sent["note"].get("title").is_none() && sent["note"]["actionToken"] == "t", "{sent}");
        let (_, over) = payload(&message.ended(), false);
        let aps = json!({"alert": {"title": "Alice", "loc-key": "The call is over"},
            "interruption-level": "passive", "mutable-content": 1, "content-available": 1});
        assert_eq!(over["aps"], aps);
        let (_, bare) = payload(&ring("{}", true), false);
        assert_eq!(bare["aps"]["alert"], json!({"title": "alice", "loc-key": "Incoming call"}));
        assert_eq!(bare["aps"]["sound"], "default");
        let (_, silent) = payload(&ring(r#"{"iOSSound":"push.no_sound"}"#, true), false);
        assert!(silent["aps"].get("sound").is_none(), "{silent}");
    }

    #[test]
    fn who_is_quiet_gets_an_alert_without_a_sound_however_calls_come_to_them() {
        for takes_voip in [false, true] {
            let mut message =
                ring(r#"{"title":"Alice","iOSSound":"ring.caf","iOSInterruptionLevel":"critical"}"#, true);
            (message.note, message.is_quiet) = (message.note.hushed(), true);
            let (kind, sent) = payload(&message, takes_voip);
            let aps = json!({"alert": {"title": "Alice", "loc-key": "Incoming call"},
                "interruption-level": "passive", "mutable-content": 1, "content-available": 1});
            assert_eq!((kind, &sent["aps"], &sent["note"]["quiet"]), (Kind::Alert, &aps, &json!(true)));
            assert_eq!(payload(&message.ended(), takes_voip).0, Kind::Alert, "its end takes its place");
        }
    }

    #[test]
    fn every_end_has_words() {
        let table = [
            ("accepted", true, "Answered on another device"),
            ("rejected", false, "Declined on another device"),
            ("silenced", true, "Silenced on another device"),
            ("cancelled", true, "Missed call"),
            ("timedOut", true, "Missed call"),
            ("timedOut", false, "The invitation is over"),
            ("removed", true, "The call is over"),
            ("gone", false, "The invitation is over"),
        ];
        for (reason, is_call, words) in table {
            assert_eq!(is_over(reason, is_call), words, "{reason}");
        }
    }

    #[test]
    fn what_is_too_long_leaves_out_the_payload_first() {
        let message = |ext: usize, title: usize| {
            ring(&json!({"ext": "e".repeat(ext), "title": "t".repeat(title), "desc": "d"}).to_string(), true)
        };
        for (takes_voip, most) in [(false, MOST), (true, MOST_VOIP)] {
            let length = |ext| Payload::of(&message(ext, 1), takes_voip).body.len();
            let room = most - length(1) + 1;
            assert_eq!(length(room), most);
            let (_, over) = payload(&message(room + 1, 1), takes_voip);
            assert!(over["note"].get("ext").is_none(), "{over}");
            let (_, none) = payload(&message(1, most), takes_voip);
            assert!(none["note"]["actionToken"] == "t" && none.to_string().len() < 600, "{none}");
        }
    }
}

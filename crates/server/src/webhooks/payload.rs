//! What an endpoint is sent of an event.

use serde::Deserialize;

use crate::store::JournalEvent;

/// What is looked at of an event.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, rename = "type")]
    kind: &'a str,
    #[serde(borrow, default, rename = "inviteID")]
    invite: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, rename = "callID")]
    call: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    version: u32,
}

/// An event as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payload {
    /// The event's type.
    pub(super) kind: String,
    /// Events of one key are sent in their order: those of an invitation, and of the call that it opened, which has its name.
    pub(super) key: Option<String>,
    /// Of the invitation, or of the call: which of its steps it is.
    pub(super) version: u32,
    /// Whether it is a step of a call.
    pub(super) is_of_call: bool,
    /// As what it is said.
    pub(super) said: Said,
    /// The same for each attempt.
    pub(super) id: String,
    /// JSON.
    pub(super) body: String,
}

/// As what an event is said to a back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Under its own type.
    Event,
    /// As this command of Tencent's callbacks.
    Callback(&'static str),
}

impl Payload {
    /// One that tries an endpoint; no event of the journal.
    pub(super) fn of_test(endpoint: &str, at: u64) -> Self {
        let (kind, time, id) = ("webhook.test".to_owned(), written(at), format!("evt_{at:x}_test"));
        let data = serde_json::json!({"type": kind, "endpoint": endpoint});
        let body = format!(r#"{{"type":"{kind}","timestamp":"{time}","data":{data}}}"#);
        Self { kind, key: None, version: 0, is_of_call: false, said: Said::Event, id, body }
    }

    /// A question about what has not happened, with this `data`; no event of the journal.
    pub(super) fn of_question(kind: &str, at: u64, data: &str) -> Self {
        let id = format!("ask_{}", uuid::Uuid::now_v7().simple());
        let body = format!(r#"{{"type":"{kind}","timestamp":"{}","data":{data}}}"#, written(at));
        Self { kind: kind.to_owned(), key: None, version: 0, is_of_call: false, said: Said::Event, id, body }
    }

    /// Something that is told once and not written down, with this `data`; no event of the journal.
    pub(super) fn of_session(kind: &str, at: u64, data: &str) -> Self {
        let id = format!("ses_{}", uuid::Uuid::now_v7().simple());
        Self { id, ..Self::of_question(kind, at, data) }
    }

    /// `None` when the journal has something that is no event.
    pub(super) fn of(event: &JournalEvent) -> Option<Self> {
        let data = format!("{{{}", event.body);
        let named: Named<'_> = serde_json::from_str(&data).ok()?;
        let kind = named.kind.to_owned();
        let (version, is_of_call) = (named.version, named.call.is_some());
        let key = named.call.or(named.invite).map(std::borrow::Cow::into_owned);
        let time = written(event.time);
        let body = format!(r#"{{"type":"{kind}","timestamp":"{time}","data":{data}}}"#);
        let (said, id) = (Said::Event, format!("evt_{:x}_{}", event.time, event.id));
        Some(Self { kind, key, version, is_of_call, said, id, body })
    }
}

/// A time as ISO 8601 has it, in UTC with milliseconds.
pub(crate) fn written(ms: u64) -> String {
    let (days, rest) = (ms / 86_400_000, ms % 86_400_000);
    let (year, month, day) = date(days);
    let (hours, minutes, seconds) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", rest % 1_000)
}

/// The date this many days after 1970-01-01, by Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::EventId;

    fn sent(body: &str) -> Option<Payload> {
        Payload::of(&JournalEvent { id: EventId(26), time: 1_582_934_400_007, body: body.to_owned() })
    }

    #[test]
    fn an_event_is_wrapped_as_it_is() {
        let payload = sent(r#""type":"invitation.accepted","inviteID":"i-1","data":"\"}"}"#).unwrap();
        assert_eq!((payload.kind.as_str(), payload.key.as_deref()), ("invitation.accepted", Some("i-1")));
        assert_eq!(payload.id, "evt_1708e3e1c07_1a");
        let json: serde_json::Value = serde_json::from_str(&payload.body).unwrap();
        assert_eq!(json["timestamp"], "2020-02-29T00:00:00.007Z");
        assert_eq!(
            (&json["type"], &json["data"]["inviteID"]),
            (&"invitation.accepted".into(), &"i-1".into())
        );
        assert_eq!(json["data"]["data"], "\"}");
    }

    #[test]
    fn calls_and_their_invitations_have_one_key() {
        let payload = sent(r#""type":"call.joined","callID":"i-1","version":2}"#).unwrap();
        assert_eq!(payload.key.as_deref(), Some("i-1"));
        assert_eq!(sent(r#""type":"message.received"}"#).unwrap().key, None);
        assert_eq!(sent("}"), None);
    }

    #[test]
    fn times_are_written_as_dates() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (1_798_761_599_000, "2026-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(written(ms), text);
        }
    }
}

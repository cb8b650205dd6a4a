//! An event with the viewer's own part of it.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Event;

/// Params of an `event` notification, as a client reads them.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The event's place in the user's stream.
    pub cursor: u64,
    /// While catching up, the place this one follows directly because what lay between is folded away.
    /// Absent: it follows `cursor - 1`.
    pub after: Option<u64>,
    /// When it happened, server time in ms.
    pub time: u64,
    /// True when another device of this user did it.
    pub by_self: bool,
    /// On `invitation.received` with a deadline: ms left by the server's clock when this frame was made.
    pub remaining_ms: Option<u64>,
    /// On `invitation.received`: this user's devices ring without a sound.
    pub quiet: bool,
    /// What happened; `None` for a type this version does not know.
    pub event: Option<Event>,
}

/// The viewer's own part of an event's params.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventHead {
    /// The event's place in the user's stream: 1, 2, 3 …
    pub cursor: u64,
    /// Only while catching up: the place this one follows directly; what lay between is folded away.
    #[serde(default)]
    pub after: Option<u64>,
    /// When it happened, server time in ms.
    pub time: u64,
    /// True when another device of this user did it.
    #[serde(default, rename = "self")]
    pub by_self: bool,
    /// On `invitation.received` with a deadline: ms left by the server's clock when this frame was made.
    #[serde(default)]
    pub remaining_ms: Option<u64>,
    /// On `invitation.received`: this user's devices ring without a sound.
    #[serde(default)]
    pub quiet: bool,
}

impl<'de> Deserialize<'de> for Placed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let raw = <&RawValue>::deserialize(deserializer)?;
        let head: EventHead = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let event = Event::read(raw.get()).map_err(D::Error::custom)?;
        Ok(Self {
            cursor: head.cursor,
            after: head.after,
            time: head.time,
            by_self: head.by_self,
            remaining_ms: head.remaining_ms,
            quiet: head.quiet,
            event,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_back_and_an_unknown_type_is_kept_apart() {
        let text = r#"{"cursor":7,"time":5,"self":true,"type":"message.read","conversation":"group:g","reader":"bob","seq":3}"#;
        let placed: Placed = serde_json::from_str(text).unwrap();
        assert!(placed.by_self && placed.cursor == 7);
        assert!(matches!(placed.event, Some(Event::MessageRead(read)) if read.seq == 3));
        let text = r#"{"cursor":8,"time":5,"type":"weather.changed"}"#;
        assert!(serde_json::from_str::<Placed>(text).unwrap().event.is_none());
    }
}

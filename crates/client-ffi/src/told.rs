//! What an app is told, in the library's own memory, and how it is shown: structs of the header that point into it.

use std::ptr::null;

use serde::Serialize;
use serde_json::{Value, json};
use wigwag_client::protocol::invitation::InvitationView;
use wigwag_client::protocol::presence::UserStatus;
use wigwag_client::protocol::{Event, InvitationEvent, UserId};
use wigwag_client::rings::Hint;
use wigwag_client::{ConnectionState, Happened, ResyncReason, Trouble, signaling};

use crate::abi::types::{WigwagEvent, WigwagEventType, WigwagInvitation, WigwagText};
use crate::trouble::ShownTrouble;

/// A text followed by a NUL.
#[derive(Debug)]
pub(crate) struct Text(Vec<u8>);

impl Text {
    pub(crate) fn new(text: String) -> Self {
        let mut bytes = text.into_bytes();
        bytes.push(0);
        Self(bytes)
    }

    /// Points into this one.
    pub(crate) fn shown(&self) -> WigwagText {
        WigwagText { bytes: self.0.as_ptr().cast(), length: self.0.len() - 1 }
    }
}

/// An event for the app.
#[derive(Debug)]
pub(crate) struct Told {
    event_type: WigwagEventType,
    by_self: bool,
    own: bool,
    name: Text,
    cursor: u64,
    time_ms: u64,
    invitation: Option<Invitation>,
    trouble: Option<ShownTrouble>,
    message: Text,
    json: Text,
}

#[derive(Debug)]
struct Invitation {
    invite_id: Text,
    inviter: Text,
    group_id: Text,
    invitees: Vec<Text>,
    data: Text,
    timeout: u32,
    version: u32,
    remaining_ms: Option<u64>,
    hint: Hint,
    still_open: bool,
}

impl Told {
    /// An event of the stream.
    pub(crate) fn happened(happened: &Happened, hint: Hint) -> Self {
        let event = happened.event.of_invitation();
        Self {
            event_type: event.as_ref().map_or(WigwagEventType::Other, type_of),
            by_self: happened.by_self,
            own: happened.own,
            name: Text::new(happened.event.type_name().to_owned()),
            cursor: happened.cursor,
            time_ms: happened.time,
            invitation: event.map(|event| Invitation::of(&event, happened.remaining_ms, hint)),
            trouble: None,
            message: Text::new(message_in(happened)),
            json: Text::new(happened.params()),
        }
    }

    /// An event of a type that this version does not know; `params` is as the server sent it.
    pub(crate) fn unknown(cursor: u64, params: String) -> Self {
        let read: Value = serde_json::from_str(&params).unwrap_or_default();
        let name = read["type"].as_str().unwrap_or_default().to_owned();
        let of_self = read["self"] == true;
        let time_ms = read["time"].as_u64().unwrap_or_default();
        Self {
            name: Text::new(name),
            cursor,
            time_ms,
            by_self: of_self,
            json: Text::new(params),
            ..Self::client(WigwagEventType::Other, "", &json!({}))
        }
    }

    /// Where the connection stands.
    pub(crate) fn state(state: ConnectionState, server_time: Option<u64>) -> Self {
        let nothing = json!({});
        match state {
            ConnectionState::Connecting => {
                Self::client(WigwagEventType::Connecting, "client.connecting", &nothing)
            }
            ConnectionState::Connected { user_id } => {
                let who = json!({ "userID": user_id, "serverTime": server_time });
                Self::client(WigwagEventType::Connected, "client.connected", &who)
            }
            ConnectionState::Reconnecting { after, why } => {
                let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                let told = Self::client(WigwagEventType::Reconnecting, "client.reconnecting", &nothing);
                told.with(Trouble::connection_lost(why, after))
            }
            ConnectionState::Stopped(reason) => Self::stopped(Trouble::stopped(&reason)),
        }
    }

    /// The client will not connect again.
    pub(crate) fn stopped(why: Trouble) -> Self {
        Self::client(WigwagEventType::Stopped, "client.stopped", &json!({})).with(why)
    }

    /// The stream starts anew.
    pub(crate) fn resynced(open: &[InvitationView], why: ResyncReason) -> Self {
        let why = match why {
            ResyncReason::NoCursor => "noCursor",
            ResyncReason::CursorTooOld => "cursorTooOld",
        };
        let told = json!({ "why": why, "openInvitations": open });
        Self::client(WigwagEventType::Resynced, "client.resynced", &told)
    }

    /// A user who is watched is like this from now on.
    pub(crate) fn status(status: &UserStatus) -> Self {
        Self::client(WigwagEventType::Other, "user.status", &json!(status))
    }

    /// The cursor file cannot be written.
    pub(crate) fn cursor_not_stored(why: String) -> Self {
        let told = Self::client(WigwagEventType::CursorNotStored, "client.cursorNotStored", &json!({}));
        told.with(Trouble::cursor_not_stored(why))
    }

    fn client(event_type: WigwagEventType, name: &str, told: &Value) -> Self {
        Self {
            event_type,
            by_self: false,
            own: false,
            name: Text::new(name.to_owned()),
            cursor: 0,
            time_ms: 0,
            invitation: None,
            trouble: None,
            message: Text::new(String::new()),
            json: Text::new(told.to_string()),
        }
    }

    fn with(self, trouble: Trouble) -> Self {
        Self { trouble: Some(trouble.into()), ..self }
    }

    /// Shows it in the form of the header, for as long as `see` runs.
    pub(crate) fn show(&self, see: impl FnOnce(&WigwagEvent)) {
        let invitees: Vec<WigwagText> =
            self.invitation.iter().flat_map(|told| &told.invitees).map(Text::shown).collect();
        let invitation = self.invitation.as_ref().map(|told| told.shown(&invitees));
        let trouble = self.trouble.as_ref().map(ShownTrouble::shown);
        see(&WigwagEvent {
            event_type: self.event_type,
            by_self: u8::from(self.by_self),
            own: u8::from(self.own),
            name: self.name.shown(),
            cursor: self.cursor,
            time_ms: self.time_ms,
            invitation: invitation.as_ref().map_or(null(), std::ptr::from_ref),
            trouble: trouble.as_ref().map_or(null(), std::ptr::from_ref),
            message: self.message.shown(),
            json: self.json.shown(),
        });
    }
}

impl Invitation {
    fn of(event: &InvitationEvent<'_>, remaining_ms: Option<u64>, hint: Hint) -> Self {
        let (inviter, group_id, data) = match event {
            InvitationEvent::Received(event) => (&event.inviter, &event.group_id, &event.data),
            InvitationEvent::Accepted(event) | InvitationEvent::Rejected(event) => {
                (&event.inviter, &event.group_id, &event.data)
            }
            InvitationEvent::Cancelled(event) | InvitationEvent::TimedOut(event) => {
                (&event.inviter, &event.group_id, &event.data)
            }
            InvitationEvent::Modified(event) => (&event.inviter, &event.group_id, &event.data),
        };
        Self {
            invite_id: Text::new(event.invite_id().to_string()),
            inviter: Text::new(inviter.to_string()),
            group_id: Text::new(group_id.as_ref().map(ToString::to_string).unwrap_or_default()),
            invitees: invitees_of(event).iter().map(|user| Text::new(user.to_string())).collect(),
            data: Text::new(data.clone()),
            timeout: timeout_of(event),
            version: event.version(),
            remaining_ms,
            hint,
            still_open: is_still_open(event),
        }
    }

    fn shown(&self, invitees: &[WigwagText]) -> WigwagInvitation {
        WigwagInvitation {
            invite_id: self.invite_id.shown(),
            inviter: self.inviter.shown(),
            group_id: self.group_id.shown(),
            invitees: invitees.as_ptr(),
            invitee_count: invitees.len(),
            data: self.data.shown(),
            timeout: self.timeout,
            version: self.version,
            remaining_ms: self.remaining_ms.and_then(|left| i64::try_from(left).ok()).unwrap_or(-1),
            told_before: u8::from(self.hint.told_before),
            is_past: u8::from(self.hint.is_past),
            still_open: u8::from(self.still_open),
        }
    }
}

fn invitees_of<'a>(event: &'a InvitationEvent<'_>) -> &'a [UserId] {
    match event {
        InvitationEvent::Received(event) => &event.invitee_list,
        InvitationEvent::Accepted(event) | InvitationEvent::Rejected(event) => {
            std::slice::from_ref(&event.invitee)
        }
        InvitationEvent::Cancelled(event) | InvitationEvent::TimedOut(event) => &event.invitee_list,
        InvitationEvent::Modified(_) => &[],
    }
}

fn timeout_of(event: &InvitationEvent<'_>) -> u32 {
    match event {
        InvitationEvent::Received(event) => event.timeout,
        InvitationEvent::Accepted(_)
        | InvitationEvent::Rejected(_)
        | InvitationEvent::Cancelled(_)
        | InvitationEvent::TimedOut(_)
        | InvitationEvent::Modified(_) => 0,
    }
}

fn is_still_open(event: &InvitationEvent<'_>) -> bool {
    match event {
        InvitationEvent::Cancelled(event) => event.still_open,
        InvitationEvent::Received(_)
        | InvitationEvent::Accepted(_)
        | InvitationEvent::Rejected(_)
        | InvitationEvent::TimedOut(_)
        | InvitationEvent::Modified(_) => false,
    }
}

fn type_of(event: &InvitationEvent<'_>) -> WigwagEventType {
    match event {
        InvitationEvent::Received(_) => WigwagEventType::InvitationReceived,
        InvitationEvent::Accepted(_) => WigwagEventType::InvitationAccepted,
        InvitationEvent::Rejected(_) => WigwagEventType::InvitationRejected,
        InvitationEvent::Cancelled(_) => WigwagEventType::InvitationCancelled,
        InvitationEvent::TimedOut(_) => WigwagEventType::InvitationTimedOut,
        InvitationEvent::Modified(_) => WigwagEventType::InvitationModified,
    }
}

/// The message that came, or that an action on an invitation left.
fn message_in(happened: &Happened) -> String {
    if let Event::MessageReceived(received) = &happened.event {
        return json_of(&received.message);
    }
    signaling::message_of(happened).as_ref().map(json_of).unwrap_or_default()
}

/// JSON of a type of the protocol.
pub(crate) fn json_of(value: &impl Serialize) -> String {
    // Serialising our own types into memory cannot fail: no map has a non-string key.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(event: &str) -> Happened {
        let event = Event::read(event).unwrap().unwrap();
        Happened { cursor: 7, time: 9, by_self: true, own: false, remaining_ms: None, quiet: false, event }
    }

    #[test]
    fn a_text_is_counted_and_ends_with_a_nul() {
        let text = Text::new("a\0b".to_owned());
        assert_eq!((text.shown().length, text.0.as_slice()), (3, b"a\0b\0".as_slice()));
    }

    #[test]
    fn a_cancel_says_whether_others_are_still_asked() {
        let cancel = |rest: &str| {
            let body = r#""type":"invitation.cancelled","inviteID":"i","inviter":"a","inviteeList":["b"],"data":"","version":2"#;
            Told::happened(&happened(&format!("{{{body}{rest}}}")), Hint::default())
        };
        for (rest, still_open) in [("", 0), (r#","stillOpen":true"#, 1)] {
            cancel(rest).show(|event| {
                // SAFETY: it points into what is told, which lives until `show` returns.
                let invitation = unsafe { event.invitation.as_ref() }.unwrap();
                assert_eq!((invitation.still_open, invitation.invitee_count), (still_open, 1), "{rest}");
            });
        }
    }

    #[test]
    fn an_event_without_invitation_points_nowhere() {
        let read = r#"{"type":"message.read","conversation":"group:g","reader":"b","seq":3}"#;
        Told::happened(&happened(read), Hint::default()).show(|event| {
            assert!(event.invitation.is_null() && event.trouble.is_null());
            assert_eq!((event.event_type, event.cursor), (WigwagEventType::Other, 7));
        });
        let newer = Told::unknown(3, r#"{"cursor":3,"time":5,"type":"weather.changed"}"#.to_owned());
        assert_eq!((newer.time_ms, newer.name.0.as_slice()), (5, b"weather.changed\0".as_slice()));
    }
}

//! The message side of an invitation event (docs/protocol.md, "Signaling in history").
//!
//! An action and the message it makes are one event, which carries only the message's place. Apps that show invitations
//! in a conversation get the message from here.

use serde::Deserialize;
use wigwag_protocol::message::Message;
use wigwag_protocol::signaling_text::{self, SignalingText};

use crate::events::Happened;

/// The message that an invitation event stands for, as `message.history` would show it; `None` for other events and for
/// invitations that leave no message. The sender's switches (such as `excludedFromUnread`) and its push settings are not
/// part of the event and are left at their defaults.
pub fn message_of(happened: &Happened) -> Option<Message> {
    signaling_text::message_of(&happened.event, happened.time)
}

/// What a live or historic message says about an invitation; `None` when it is not signaling.
pub fn signaling_of(message: &Message) -> Option<SignalingText> {
    #[derive(Deserialize)]
    struct Custom {
        data: String,
    }
    let content: Custom =
        (message.kind == "custom").then(|| serde_json::from_str(message.content.get()).ok())??;
    SignalingText::read(&content.data)
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::{Event, UserId};

    use super::*;

    fn happened(event: &str) -> Happened {
        let event = Event::read(event).unwrap().unwrap();
        Happened { cursor: 1, time: 7, by_self: false, own: false, remaining_ms: None, quiet: false, event }
    }

    const PLACE: &str = r#""message":{"messageID":"m1","conversation":"c2c:alice bob","seq":4}"#;

    #[test]
    fn an_invitation_event_gives_its_message_and_the_message_its_signaling() {
        let event = format!(
            r#"{{"type":"invitation.accepted","inviteID":"i","inviter":"alice","invitee":"bob","data":"ok","version":2,{PLACE}}}"#
        );
        let message = message_of(&happened(&event)).unwrap();
        assert_eq!((message.sender.as_str(), message.seq, message.time), ("bob", Some(4), 7));
        assert_eq!(message.receiver.as_ref().map(UserId::as_str), Some("alice"));
        let text = signaling_of(&message).unwrap();
        assert_eq!((text.action_type, text.data.as_str()), (3, "ok"));
        assert_eq!(text.invitee_list, [UserId::parse("bob").unwrap()]);
    }

    #[test]
    fn without_a_message_there_is_none() {
        let event = r#"{"type":"invitation.timedOut","inviteID":"i","inviter":"a","inviteeList":["b"],"data":"","version":2}"#;
        assert!(message_of(&happened(event)).is_none());
        let read = r#"{"type":"message.read","conversation":"group:g","reader":"b","seq":3}"#;
        assert!(message_of(&happened(read)).is_none());
    }
}

//! What nodes say to each other, as bytes: the version, a line of JSON, and after the line the body of an event as it is,
//! because escaping a JSON text into another would cost more than all the rest.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wigwag_engine::decision::{InvitationMark, Place};
use wigwag_protocol::{CloseCode, InviteId, UserId};
use wigwag_session::LoggedEvent;

use crate::store::SessionId;
use crate::store::shared::{NodeId, SessionName};

/// Of this format. Nodes of another one are not understood; their events are found in the store.
const VERSION: u8 = b'1';
/// What a place costs besides the user's name: `["",18446744073709551615],`, and its number among the quiet ones.
const PLACE_BYTES: usize = 26 + 6;
/// What the line of an event costs besides its places: names of fields, numbers, and the two longest identifiers with
/// every character escaped.
const HEAD_BYTES: usize = 1_024;

/// A message between nodes.
#[derive(Debug)]
pub(super) enum Message {
    /// An event with some of its places.
    Event(Box<LoggedEvent>),
    /// A session has to end.
    End { user: UserId, session: SessionName, code: CloseCode },
    /// Does anybody follow the user of this subject? To hear it is the answer.
    Question,
    /// A node lives.
    Beat(NodeId),
    /// Which of these users are online at a node?
    Who(Vec<UserId>),
    /// Those of the users in a [`Message::Who`] who are online at a node, by their places in it.
    Here { node: NodeId, online: Vec<usize> },
    /// These users may have come to a node, or gone from it.
    Moved(Vec<UserId>),
}

/// Why a message cannot be understood: of another version, or damaged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Head {
    Event(EventHead),
    End { user: UserId, node: Uuid, session: u64, code: u16 },
    Question,
    Beat(Uuid),
    Who(Vec<UserId>),
    Here { node: Uuid, online: Vec<usize> },
    Moved(Vec<UserId>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventHead {
    time: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<UserId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    online_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invitation: Option<(InviteId, u32, Option<u64>)>,
    places: Vec<(UserId, u64)>,
    /// Of the places, those whose users it rings for without a sound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    quiet: Vec<usize>,
}

/// An event for the users of `places`, which are some of its own.
pub(super) fn event(event: &LoggedEvent, places: &[Place]) -> Vec<u8> {
    let mark = event.invitation.as_ref();
    let head = Head::Event(EventHead {
        time: event.time,
        actor: event.actor.clone(),
        online_only: event.online_only,
        invitation: mark.map(|mark| (mark.id.clone(), mark.version, mark.deadline)),
        places: places.iter().map(|place| (place.user.clone(), place.cursor)).collect(),
        quiet: quiet(event, places),
    });
    let mut bytes = line(&head, event.body.len());
    bytes.extend_from_slice(event.body.as_bytes());
    bytes
}

fn quiet(event: &LoggedEvent, places: &[Place]) -> Vec<usize> {
    if event.quiet.is_empty() {
        return Vec::new();
    }
    let is_quiet = |place: &Place| event.quiet.binary_search(&place.user).is_ok();
    places.iter().enumerate().filter(|(_, place)| is_quiet(place)).map(|(number, _)| number).collect()
}

/// Parts of an event's places, each small enough for one message of at most `most` bytes with the event.
pub(super) fn split(event: &LoggedEvent, most: usize) -> impl Iterator<Item = &[Place]> {
    let room = most.saturating_sub(HEAD_BYTES + event.body.len());
    let mut rest = event.places.as_slice();
    std::iter::from_fn(move || {
        let mut used = 0;
        let fits = rest.iter().take_while(|place| {
            // A name of printable ASCII at most doubles as JSON.
            used += PLACE_BYTES + 2 * place.user.as_str().len();
            used <= room
        });
        // At least one, or it would not end; what is still too large is not taken by the bus and counted there.
        let count = fits.count().max(1).min(rest.len());
        let (part, after) = rest.split_at(count);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// The end of a session.
pub(super) fn end(user: &UserId, session: SessionName, code: CloseCode) -> Vec<u8> {
    let SessionName { node, session } = session;
    line(&Head::End { user: user.clone(), node: node.0, session: session.0, code: code.number() }, 0)
}

/// Whether anybody follows the user of the subject it is sent to.
pub(super) fn question() -> Vec<u8> {
    line(&Head::Question, 0)
}

/// That a node lives.
pub(super) fn beat(node: NodeId) -> Vec<u8> {
    line(&Head::Beat(node.0), 0)
}

/// Which of these users are online at the node that hears it.
pub(super) fn who(users: &[UserId]) -> Vec<u8> {
    line(&Head::Who(users.to_vec()), 0)
}

/// The answer: the places, in the question, of those who are.
pub(super) fn here(node: NodeId, online: Vec<usize>) -> Vec<u8> {
    line(&Head::Here { node: node.0, online }, 0)
}

/// That these users may have come to the node that says it, or gone from it.
pub(super) fn moved(users: &[UserId]) -> Vec<u8> {
    line(&Head::Moved(users.to_vec()), 0)
}

/// Understands a message.
pub(super) fn read(bytes: &[u8]) -> Result<Message, Unreadable> {
    let (version, rest) = bytes.split_first().ok_or(Unreadable)?;
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(Unreadable)?;
    let (head, body) = rest.split_at(end);
    if *version != VERSION {
        return Err(Unreadable);
    }
    match serde_json::from_slice(head).map_err(|_| Unreadable)? {
        Head::Event(head) => placed(head, body.get(1..).unwrap_or_default()),
        Head::End { user, node, session, code } => {
            let code = CloseCode::ALL.into_iter().find(|known| known.number() == code).ok_or(Unreadable)?;
            let session = SessionName { node: NodeId(node), session: SessionId(session) };
            Ok(Message::End { user, session, code })
        }
        Head::Question => Ok(Message::Question),
        Head::Beat(node) => Ok(Message::Beat(NodeId(node))),
        Head::Moved(users) => Ok(Message::Moved(users)),
        Head::Who(users) => Ok(Message::Who(users)),
        Head::Here { node, online } => Ok(Message::Here { node: NodeId(node), online }),
    }
}

fn placed(head: EventHead, body: &[u8]) -> Result<Message, Unreadable> {
    let mark = head.invitation;
    let mut quiet: Vec<UserId> = head
        .quiet
        .iter()
        .filter_map(|number| head.places.get(*number))
        .map(|(user, _)| user.clone())
        .collect();
    quiet.sort_unstable();
    Ok(Message::Event(Box::new(LoggedEvent {
        time: head.time,
        body: std::str::from_utf8(body).map_err(|_| Unreadable)?.to_owned(),
        event: None,
        actor: head.actor,
        online_only: head.online_only,
        invitation: mark.map(|(id, version, deadline)| InvitationMark { id, version, deadline }),
        // Its place in a history is the store's business and was written before it was told.
        message: None,
        places: head.places.into_iter().map(|(user, cursor)| Place { user, cursor }).collect(),
        quiet,
    })))
}

/// The version and the head, with room for what follows.
fn line(head: &Head, room: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256 + room);
    bytes.push(VERSION);
    serde_json::to_writer(&mut bytes, head).expect("names and numbers can be written as JSON");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn an_event(places: Vec<Place>) -> LoggedEvent {
        LoggedEvent {
            time: 7,
            body: "\"type\":\"x\",\n\"data\":\"ü\"}".to_owned(),
            event: None,
            actor: Some(user("a\"\\")),
            online_only: true,
            invitation: Some(InvitationMark {
                id: InviteId::parse("i 1").unwrap(),
                version: 1,
                deadline: Some(30_000),
            }),
            message: None,
            places,
            quiet: vec![user("bob")],
        }
    }

    fn heard(bytes: &[u8]) -> LoggedEvent {
        let message = read(bytes).unwrap();
        let Message::Event(event) = message else { panic!("{message:?}") };
        *event
    }

    #[test]
    fn an_event_arrives_as_it_was_sent() {
        let sent = an_event(vec![Place { user: user("bob"), cursor: u64::MAX }]);
        let got = heard(&event(&sent, &sent.places));
        assert_eq!(format!("{got:?}"), format!("{sent:?}"));
        let plain = LoggedEvent { actor: None, online_only: false, invitation: None, ..sent };
        assert_eq!(format!("{:?}", heard(&event(&plain, &plain.places))), format!("{plain:?}"));
    }

    #[test]
    fn ends_questions_and_beats_arrive() {
        let node = NodeId(Uuid::from_u128(5));
        let session = SessionName { node, session: SessionId(9) };
        for code in CloseCode::ALL {
            let Ok(Message::End { user: whose, session: which, code: how }) =
                read(&end(&user("bob"), session, code))
            else {
                panic!("no end")
            };
            assert_eq!((whose, which, how), (user("bob"), session, code));
        }
        assert!(matches!(read(&question()), Ok(Message::Question)));
        assert!(matches!(read(&beat(node)), Ok(Message::Beat(heard)) if heard == node));
        let users = ["bob", "c\"\\"].map(user);
        assert!(matches!(read(&who(&users)), Ok(Message::Who(asked)) if asked == users));
        assert!(matches!(read(&moved(&users)), Ok(Message::Moved(heard)) if heard == users));
        let Ok(Message::Here { node: who, online }) = read(&here(node, vec![0, 499])) else {
            panic!("no answer")
        };
        assert_eq!((who, online), (node, vec![0, 499]));
    }

    #[test]
    fn other_versions_kinds_and_damage_are_not_understood() {
        let mut newer = question();
        newer[0] = b'2';
        let unknown = b"1{\"shout\":1}\n".to_vec();
        let mut torn = beat(NodeId(Uuid::nil()));
        torn.truncate(9);
        let mut not_text = event(&an_event(Vec::new()), &[]);
        not_text.push(0xff);
        for bytes in [Vec::new(), newer, unknown, torn, not_text] {
            assert!(matches!(read(&bytes), Err(Unreadable)), "{bytes:?}");
        }
    }

    #[test]
    fn a_newer_node_may_say_more() {
        let text = b"1{\"event\":{\"time\":1,\"colour\":\"red\",\"places\":[[\"bob\",3]]}}\n\"type\":\"x\"}";
        assert_eq!(heard(text).places, [Place { user: user("bob"), cursor: 3 }]);
    }

    #[test]
    fn many_places_are_split_to_fit() {
        let places: Vec<Place> = (0..30_000)
            .map(|number| Place { user: user(&format!("{number:\"<64}")), cursor: u64::MAX - number })
            .collect();
        let wide = an_event(places);
        let most = 1_048_576;
        let parts: Vec<&[Place]> = split(&wide, most).collect();
        assert!(parts.len() > 1 && parts.len() < 6, "{}", parts.len());
        assert_eq!(parts.concat(), wide.places);
        for part in parts {
            assert!(event(&wide, part).len() <= most);
        }
        assert_eq!(split(&wide, 0).count(), 30_000, "one each when there is no room");
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>) {
            read(&bytes).ok();
        }
    }
}

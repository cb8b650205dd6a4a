//! What the generator says and hears: requests written by hand, answers read only as far as they are checked.
//! Tests hold both against the protocol's own types.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::value::RawValue;

/// An invitation's payload as it stands in the frame: JSON inside a JSON string, as apps send it; about 200 bytes.
pub(crate) const INVITE_DATA: &str = r#"{\"businessID\":\"av_call\",\"version\":4,\"cmd\":\"videoCall\",\"roomID\":1804289383,\"nickname\":\"Alice in the north office\",\"faceURL\":\"https://cdn.example.com/avatars/3f2c91-small.png?v=1731\"}"#;

/// An answer's payload as it stands in the frame.
pub(crate) const ANSWER_DATA: &str = r#"{\"businessID\":\"av_call\",\"version\":4,\"cmd\":\"videoCall\"}"#;

#[derive(Deserialize)]
struct Incoming<'a> {
    #[serde(default)]
    id: Option<u64>,
    #[serde(borrow, default)]
    method: Option<&'a str>,
    #[serde(borrow, default)]
    params: Option<Told<'a>>,
    #[serde(borrow, default)]
    result: Option<Told<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The fields of results and events that are checked.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Told<'a> {
    /// Place in the device's stream.
    #[serde(default)]
    pub(crate) cursor: Option<u64>,
    /// The place it follows, if not the one before.
    #[serde(default)]
    pub(crate) after: Option<u64>,
    /// In the reply to session.open: the newest place.
    #[serde(default)]
    pub(crate) head: Option<u64>,
    /// In the reply to session.open: the cursor given was of no use.
    #[serde(default)]
    pub(crate) resync: bool,
    #[serde(default)]
    pub(crate) version: Option<u32>,
    #[serde(borrow, default, rename = "inviteID")]
    pub(crate) invite_id: Option<&'a str>,
    /// In the events of a call.
    #[serde(borrow, default, rename = "callID")]
    pub(crate) call_id: Option<&'a str>,
    /// An event's type.
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Option<&'a str>,
}

/// What a server may say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    Reply(u64, Told<'a>),
    Event(Told<'a>),
    /// `session.caughtUp`, up to this place.
    CaughtUp(u64),
}

/// Reads a frame; a refusal is an error.
pub(crate) fn read(text: &str) -> Result<Said<'_>> {
    let incoming: Incoming<'_> = serde_json::from_str(text).with_context(|| format!("unreadable: {text}"))?;
    match incoming {
        Incoming { error: Some(error), .. } => bail!("refused: {}", error.get()),
        Incoming { id: Some(id), result: Some(told), .. } => Ok(Said::Reply(id, told)),
        Incoming { method: Some("event"), params: Some(told), .. } => Ok(Said::Event(told)),
        Incoming {
            method: Some("session.caughtUp"),
            params: Some(Told { cursor: Some(cursor), .. }),
            ..
        } => Ok(Said::CaughtUp(cursor)),
        Incoming { .. } => bail!("neither reply nor event: {text}"),
    }
}

/// An invitation to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ring<'a> {
    pub(crate) invite_id: &'a str,
    pub(crate) invitee: &'a str,
    /// Seconds.
    pub(crate) timeout: u32,
    /// Whether it invites into a call.
    pub(crate) call: bool,
}

/// Writes a signaling.invite.
pub(crate) fn invite(out: &mut String, id: u64, ring: Ring<'_>) {
    let Ring { invite_id, invitee, timeout, call } = ring;
    let call = if call { r#","call":{"mediaType":"video"}"# } else { "" };
    start(out, id, "signaling.invite");
    append(
        out,
        format_args!(
            r#"{{"inviteID":"{invite_id}","invitee":"{invitee}","data":"{INVITE_DATA}","timeout":{timeout}{call}}}}}"#
        ),
    );
}

/// Writes a call.hangUp.
pub(crate) fn hang_up(out: &mut String, id: u64, call_id: &str) {
    start(out, id, "call.hangUp");
    append(out, format_args!(r#"{{"callID":"{call_id}"}}}}"#));
}

/// Writes a signaling.accept.
pub(crate) fn accept(out: &mut String, id: u64, invite_id: &str) {
    start(out, id, "signaling.accept");
    append(out, format_args!(r#"{{"inviteID":"{invite_id}","data":"{ANSWER_DATA}"}}}}"#));
}

/// A group.create with these members besides its owner.
pub(crate) fn create_group<'a>(id: u64, group: &str, members: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    start(&mut out, id, "group.create");
    append(&mut out, format_args!(r#"{{"groupID":"{group}","members":["#));
    append_names(&mut out, members);
    out.push_str("]}}");
    out
}

/// A signaling.inviteInGroup of these members, for a minute.
pub(crate) fn invite_in_group<'a>(
    id: u64,
    (invite_id, group): (&str, &str),
    invitees: impl Iterator<Item = &'a str>,
) -> String {
    let mut out = String::new();
    start(&mut out, id, "signaling.inviteInGroup");
    append(&mut out, format_args!(r#"{{"inviteID":"{invite_id}","groupID":"{group}","inviteeList":["#));
    append_names(&mut out, invitees);
    append(&mut out, format_args!(r#"],"data":"{INVITE_DATA}","timeout":60}}}}"#));
    out
}

fn append_names<'a>(out: &mut String, names: impl Iterator<Item = &'a str>) {
    for (at, name) in names.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        append(out, format_args!(r#"{comma}"{name}""#));
    }
}

/// Writes a session.open; without a cursor the session starts at the head.
pub(crate) fn open(out: &mut String, id: u64, user: &str, token: &str, cursor: Option<u64>) {
    open_on(out, id, (user, &format!("{user}-bench")), (token, cursor));
}

/// The same on a device of this name.
pub(crate) fn open_on(
    out: &mut String,
    id: u64,
    (user, device): (&str, &str),
    (token, cursor): (&str, Option<u64>),
) {
    start(out, id, "session.open");
    append(out, format_args!(r#"{{"token":"{token}","userID":"{user}","deviceID":"{device}","platform":7"#));
    if let Some(cursor) = cursor {
        append(out, format_args!(r#","cursor":{cursor}"#));
    }
    out.push_str("}}");
}

/// A message.send with three parts of this text.
pub(crate) fn message(id: u64, user: &str, text: &str) -> String {
    let mut out = String::new();
    start(&mut out, id, "message.send");
    append(
        &mut out,
        format_args!(
            r#"{{"userID":"{user}","type":"app","content":{{"text":"{text}"}},"cloudCustomData":"{text}","offlinePushInfo":{{"text":"{text}"}}}}}}"#
        ),
    );
    out
}

/// A push.register at the operator's adapter.
pub(crate) fn register(id: u64, token: &str) -> String {
    let mut out = String::new();
    start(&mut out, id, "push.register");
    append(&mut out, format_args!(r#"{{"provider":"adapter","channel":"bench","token":"{token}"}}}}"#));
    out
}

/// A message.history of the newest messages with a user.
pub(crate) fn history(id: u64, user: &str, limit: usize) -> String {
    let mut out = String::new();
    start(&mut out, id, "message.history");
    append(&mut out, format_args!(r#"{{"userID":"{user}","limit":{limit}}}}}"#));
    out
}

fn start(out: &mut String, id: u64, method: &str) {
    out.clear();
    append(out, format_args!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":"#));
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    if out.write_fmt(text).is_err() {
        unreachable!("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::frame::Request;
    use wigwag_protocol::params::{Answer, CallOnly, GroupCreate, Invite, InviteInGroup, SessionOpen};

    use super::*;

    fn params<T: serde::de::DeserializeOwned>(text: &str, method: &str) -> T {
        let request: Request<'_> = serde_json::from_str(text).unwrap();
        assert_eq!((request.method.as_ref(), request.id.unwrap().get()), (method, "5"));
        serde_json::from_str(request.params.unwrap().get()).unwrap()
    }

    #[test]
    fn requests_are_read_by_the_protocol_s_types() {
        let mut out = String::new();
        let ring = Ring { invite_id: "some-id", invitee: "bob", timeout: 30, call: false };
        invite(&mut out, 5, ring);
        let read: Invite = params(&out, "signaling.invite");
        assert_eq!((read.invitee.as_str(), read.timeout, read.call), ("bob", 30, None));
        invite(&mut out, 5, Ring { call: true, ..ring });
        let read: Invite = params(&out, "signaling.invite");
        assert_eq!(read.call.unwrap().media_type, "video");
        hang_up(&mut out, 5, "some-id");
        let ended: CallOnly = params(&out, "call.hangUp");
        assert_eq!(ended.call_id.unwrap().as_str(), "some-id");
        assert!((180..=220).contains(&read.data.len()), "{}", read.data.len());

        let made: GroupCreate = params(&create_group(5, "g", ["bob", "carol"].into_iter()), "group.create");
        assert_eq!(made.members.len(), 2);
        let request = invite_in_group(5, ("some-id", "g"), ["bob"].into_iter());
        let read: InviteInGroup = params(&request, "signaling.inviteInGroup");
        assert_eq!((read.invitee_list.len(), read.timeout), (1, 60));

        accept(&mut out, 5, "some-id");
        let read: Answer = params(&out, "signaling.accept");
        assert_eq!(read.invite_id.as_str(), "some-id");

        open(&mut out, 5, "alice", "abc", Some(9));
        let read: SessionOpen = params(&out, "session.open");
        assert_eq!((read.token.as_str(), read.cursor, read.platform.number()), ("abc", Some(9), 7));
    }

    #[test]
    fn refusals_are_errors_and_strangers_too() {
        assert!(read(r#"{"jsonrpc":"2.0","id":1,"error":{"code":7008,"message":"m"}}"#).is_err());
        assert!(read(r#"{"jsonrpc":"2.0","method":"other","params":{}}"#).is_err());
        assert!(read("{").is_err());
        let caught_up =
            read(r#"{"jsonrpc":"2.0","method":"session.caughtUp","params":{"cursor":4}}"#).unwrap();
        assert_eq!(caught_up, Said::CaughtUp(4));
    }
}

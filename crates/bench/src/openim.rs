//! What a client of OpenIM's (`open-im-sdk` 2.3.0) says and hears in a call between two: requests written by hand, answers
//! read only as far as they are checked. All that is inside `data` is JSON in a text.

use std::fmt::Write;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::sign_in::Identity;

/// The number of a browser.
const PLATFORM: u8 = 5;

/// An invitation's payload: about as long as the native one's.
const CUSTOM_DATA: &str = "businessID=av_call&version=4&cmd=videoCall&roomID=1804289383&nickname=Alice in the north office&faceURL=https://cdn.example.com/avatars/3f2c91-small.png?v=1731";

/// A call between two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) caller: &'a str,
    pub(crate) callee: &'a str,
    pub(crate) room: &'a str,
    /// Seconds it rings.
    pub(crate) timeout: u32,
}

/// A frame of the server's.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame<'a> {
    /// The function that is answered, or the event.
    pub(crate) event: &'a str,
    #[serde(rename = "errCode")]
    code: i32,
    #[serde(rename = "errMsg")]
    message: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(rename = "operationID")]
    operation_id: &'a str,
}

impl Frame<'_> {
    /// Whether it answers the request of this number.
    pub(crate) fn answers(&self, request: u64) -> bool {
        self.operation_id.parse() == Ok(request)
    }

    /// Whether it is about the call in this room.
    pub(crate) fn is_about(&self, room: &str) -> bool {
        self.data.get().contains(room)
    }
}

/// Where a connection asks for its WebSocket.
pub(crate) fn path(who: &Identity) -> String {
    format!("/openim?sendID={}&token={}&platformID={PLATFORM}", who.user, who.token)
}

/// Writes a Login.
pub(crate) fn login(out: &mut String, who: &Identity) {
    let Identity { user, token } = who;
    request(out, 0, (user, "Login"), format_args!(r#"{{\"userID\":\"{user}\",\"token\":\"{token}\"}}"#));
}

/// Writes a `SignalingInvite`.
pub(crate) fn invite(out: &mut String, id: u64, call: Call<'_>) {
    request(out, id, (call.caller, "SignalingInvite"), format_args!("{{{}}}", Invitation(call)));
}

/// Writes a `SignalingAccept` of the callee's.
pub(crate) fn accept(out: &mut String, id: u64, call: Call<'_>) {
    about(out, id, (call.callee, "SignalingAccept"), call);
}

/// Writes a `SignalingHungUp` of the caller's.
pub(crate) fn hang_up(out: &mut String, id: u64, call: Call<'_>) {
    about(out, id, (call.caller, "SignalingHungUp"), call);
}

/// Reads a frame; a refusal is an error.
pub(crate) fn read(text: &str) -> Result<Frame<'_>> {
    let frame: Frame<'_> = serde_json::from_str(text).with_context(|| format!("unreadable: {text}"))?;
    ensure!(frame.code == 0, "{} is refused: {} {}", frame.event, frame.code, frame.message);
    Ok(frame)
}

/// Whether a frame says that the client is signed in and may go on.
pub(crate) fn is_signed_in(text: &str) -> Result<bool> {
    match read(text)?.event {
        "OnSyncServerFinish" => Ok(true),
        "Login" | "OnConnectSuccess" | "OnSyncServerStart" => Ok(false),
        other => bail!("{other} comes while signing in"),
    }
}

/// The object that names a call, with the quotation marks of a text.
struct Invitation<'a>(Call<'a>);

impl std::fmt::Display for Invitation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(Call { caller, callee, room, timeout }) = self;
        write!(
            f,
            r#"\"invitation\":{{\"inviterUserID\":\"{caller}\",\"inviteeUserIDList\":[\"{callee}\"],\"customData\":\"{CUSTOM_DATA}\",\"groupID\":\"\",\"roomID\":\"{room}\",\"timeout\":{timeout},\"mediaType\":\"video\",\"sessionType\":1,\"platformID\":{PLATFORM}}}"#
        )
    }
}

fn about(out: &mut String, id: u64, (user, function): (&str, &str), call: Call<'_>) {
    let data = format_args!(r#"{{\"opUserID\":\"{user}\",{}}}"#, Invitation(call));
    request(out, id, (user, function), data);
}

fn request(out: &mut String, id: u64, (user, function): (&str, &str), data: std::fmt::Arguments<'_>) {
    out.clear();
    let written = write!(
        out,
        r#"{{"reqFuncName":"{function}","operationID":"{id}","userID":"{user}","data":"{data}"}}"#
    );
    if written.is_err() {
        unreachable!("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::UserId;
    use wigwag_session::codec::openim::asked::{self, Act, Request};
    use wigwag_session::codec::openim::{Dialect, frame};

    use super::*;

    const CALL: Call<'_> = Call { caller: "alice", callee: "bob", room: "room-1", timeout: 30 };

    fn asked_by(text: &str) -> Request {
        let frame = frame::read(text, 64 << 10).unwrap();
        let user = UserId::parse(&frame.user_id).unwrap();
        asked::asked(Dialect::Two, &frame, &user).unwrap()
    }

    #[test]
    fn requests_are_read_by_the_server_s_codec() {
        let mut out = String::new();
        invite(&mut out, 7, CALL);
        let Request::Invite(calling) = asked_by(&out) else { panic!("{out}") };
        assert_eq!((calling.invitees[0].as_str(), calling.room.unwrap().as_str()), ("bob", "room-1"));
        accept(&mut out, 7, CALL);
        let Request::Act(Act::Accept, known) = asked_by(&out) else { panic!("{out}") };
        assert_eq!((known.inviter.as_str(), known.room.as_str()), ("alice", "room-1"));
        hang_up(&mut out, 8, CALL);
        assert!(matches!(asked_by(&out), Request::Act(Act::HangUp, _)), "{out}");
    }

    #[test]
    fn refusals_are_errors() {
        let refused =
            r#"{"event":"SignalingInvite","errCode":35001,"errMsg":"busy","data":"","operationID":"7"}"#;
        assert!(read(refused).is_err());
        let done = refused.replace("35001", "0");
        let done = read(&done).unwrap();
        assert!(done.answers(7) && !done.answers(8));
    }
}

//! The relay's frames: the protocol's shapes and sizes, with values that only look like the server's.

use anyhow::{Context, Result, bail};
use uuid::Uuid;
use wigwag_protocol::event::{InvitationAnswered, InvitationReceived};
use wigwag_protocol::frame::{self, Request, RequestId};
use wigwag_protocol::message::MessagePlace;
use wigwag_protocol::params::{Answer, Invite, InviteInGroup, SessionOpen};
use wigwag_protocol::result::{Acted, Limits, SessionOpened};
use wigwag_protocol::{Device, DeviceId, Event, InviteId, Method, Platform, UserId};

use crate::clock::now_ms;

/// The requests of a lifecycle.
pub(super) enum Command {
    Invite(RequestId, Box<Invite>),
    InviteInGroup(RequestId, Box<InviteInGroup>),
    Accept(RequestId, Answer),
}

/// Where a command falls in the streams of the two and in their conversation.
pub(super) struct Place {
    pub(super) sender: u64,
    pub(super) peer: u64,
    pub(super) message: u64,
}

impl Command {
    /// Reads a request as the server does.
    pub(super) fn read(text: &str) -> Result<Self> {
        let request: Request<'_> = serde_json::from_str(text)?;
        let id = request.id.and_then(RequestId::read).context("the request has no id")?;
        let params = request.params.context("the request has no params")?.get();
        match Method::parse(&request.method) {
            Some(Method::Invite) => Ok(Self::Invite(id, serde_json::from_str(params)?)),
            Some(Method::InviteInGroup) => Ok(Self::InviteInGroup(id, serde_json::from_str(params)?)),
            Some(Method::Accept) => Ok(Self::Accept(id, serde_json::from_str(params)?)),
            _ => bail!("the relay knows no {}", request.method),
        }
    }

    /// The reply to the sender and the event for the other.
    pub(super) fn answer(self, sender: &UserId, peer: &UserId, place: &Place) -> Result<(String, String)> {
        match self {
            Self::Invite(id, invite) => invited(&id, *invite, (sender, peer), place),
            Self::InviteInGroup(id, invite) => invited_in_group(&id, *invite, sender, place),
            Self::Accept(id, answer) => accepted(&id, answer, (sender, peer), place),
        }
    }
}

/// The reply to session.open, and who it is. The relay believes everybody.
pub(super) fn open(text: &str) -> Result<(String, UserId)> {
    let request: Request<'_> = serde_json::from_str(text)?;
    let id = request.id.and_then(RequestId::read).context("session.open has no id")?;
    let params: SessionOpen =
        serde_json::from_str(request.params.context("session.open has no params")?.get())?;
    let user = params.user_id.context("the relay needs userID")?;
    let limits = Limits {
        data_bytes: 16 << 10,
        frame_bytes: 64 << 10,
        invitees: 1_000,
        commands_per_second: 20,
        command_burst: 40,
    };
    let opened = SessionOpened {
        open_invitations_next: None,
        user_id: user.clone(),
        time: now_ms(),
        cursor: 0,
        head: 0,
        resync: false,
        open_invitations: Some(Vec::new()),
        ping_interval: 30,
        limits,
    };
    Ok((frame::reply(&id, &opened), user))
}

fn invited(
    id: &RequestId,
    invite: Invite,
    (inviter, invitee): (&UserId, &UserId),
    place: &Place,
) -> Result<(String, String)> {
    let time = now_ms();
    let invite_id = invite.invite_id.context("the relay needs inviteID")?;
    let deadline = Some(time + u64::from(invite.timeout) * 1000);
    let message = Some(message((inviter, invitee), place));
    let event = Event::InvitationReceived(InvitationReceived {
        invite_id: invite_id.clone(),
        inviter: inviter.clone(),
        group_id: None,
        invitee_list: vec![invitee.clone()],
        data: invite.data,
        timeout: invite.timeout,
        deadline,
        online_user_only: false,
        progress: false,
        version: 1,
        device: Some(device(inviter)?),
        call: None,
        busy: Vec::new(),
        message: message.clone(),
    });
    let event = push(place.peer, time, Some(u64::from(invite.timeout) * 1000), &event)?;
    let mut reply = acted(invite_id, place, time, 1);
    (reply.deadline, reply.message) = (deadline, message);
    Ok((frame::reply(id, &reply), event))
}

/// To a group, the event is the same for everybody.
fn invited_in_group(
    id: &RequestId,
    invite: InviteInGroup,
    inviter: &UserId,
    place: &Place,
) -> Result<(String, String)> {
    let time = now_ms();
    let invite_id = invite.invite_id.context("the relay needs inviteID")?;
    let deadline = Some(time + u64::from(invite.timeout) * 1000);
    let event = Event::InvitationReceived(InvitationReceived {
        invite_id: invite_id.clone(),
        inviter: inviter.clone(),
        group_id: Some(invite.group_id),
        invitee_list: invite.invitee_list,
        data: invite.data,
        timeout: invite.timeout,
        deadline,
        online_user_only: false,
        progress: false,
        version: 1,
        device: Some(device(inviter)?),
        call: None,
        busy: Vec::new(),
        message: None,
    });
    let event = push(place.peer, time, Some(u64::from(invite.timeout) * 1000), &event)?;
    Ok((frame::reply(id, &acted(invite_id, place, time, 1)), event))
}

fn accepted(
    id: &RequestId,
    answer: Answer,
    (invitee, inviter): (&UserId, &UserId),
    place: &Place,
) -> Result<(String, String)> {
    let time = now_ms();
    let message = Some(message((inviter, invitee), place));
    let event = Event::InvitationAccepted(InvitationAnswered {
        invite_id: answer.invite_id.clone(),
        inviter: inviter.clone(),
        group_id: None,
        invitee: invitee.clone(),
        data: answer.data,
        version: 2,
        reason: None,
        device: Some(device(invitee)?),
        message: message.clone(),
    });
    let event = push(place.peer, time, None, &event)?;
    let mut reply = acted(answer.invite_id, place, time, 2);
    reply.message = message;
    Ok((frame::reply(id, &reply), event))
}

fn acted(invite_id: InviteId, place: &Place, time: u64, version: u32) -> Acted {
    let cursor = Some(place.sender);
    Acted {
        invite_id,
        cursor,
        time,
        version,
        deadline: None,
        message: None,
        ignored_invitees: Vec::new(),
        call: None,
    }
}

/// The viewer's own part in front, the part that is the same for everybody behind it.
fn push(cursor: u64, time: u64, remaining_ms: Option<u64>, event: &Event) -> Result<String> {
    let body = serde_json::to_string(event)?;
    let remaining = remaining_ms.map_or(String::new(), |ms| format!(r#""remainingMs":{ms},"#));
    Ok(format!(
        r#"{{"jsonrpc":"2.0","method":"event","params":{{"cursor":{cursor},"time":{time},{remaining}{}}}"#,
        &body[1..]
    ))
}

fn message((one, other): (&UserId, &UserId), place: &Place) -> MessagePlace {
    let (first, second) = (one.min(other), one.max(other));
    MessagePlace {
        message_id: Uuid::now_v7().to_string(),
        conversation: format!("c2c:{first} {second}"),
        seq: place.message,
    }
}

fn device(user: &UserId) -> Result<Device> {
    Ok(Device { device_id: DeviceId::parse(&format!("{user}-bench"))?, platform: Platform::LINUX })
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::event::Placed;
    use wigwag_protocol::frame::Incoming;

    use super::*;
    use crate::wire::{self, Ring, Said};

    const RING: Ring<'_> = Ring { invite_id: "the-id", invitee: "bob", timeout: 30, call: false };
    const PLACE: Place = Place { sender: 3, peer: 8, message: 5 };

    fn answered(request: &str) -> (String, String) {
        let (alice, bob) = (UserId::parse("alice").unwrap(), UserId::parse("bob").unwrap());
        Command::read(request).unwrap().answer(&alice, &bob, &PLACE).unwrap()
    }

    fn placed(event: &str) -> Placed {
        let incoming: Incoming<'_> = serde_json::from_str(event).unwrap();
        assert_eq!(incoming.method.as_deref(), Some("event"));
        serde_json::from_str(incoming.params.unwrap().get()).unwrap()
    }

    fn acted(reply: &str) -> Acted {
        let incoming: Incoming<'_> = serde_json::from_str(reply).unwrap();
        serde_json::from_str(incoming.result.unwrap().get()).unwrap()
    }

    #[test]
    fn an_invite_is_answered_in_the_protocol_s_words() {
        let mut request = String::new();
        wire::invite(&mut request, 7, RING);
        let (reply, event) = answered(&request);

        let acted = acted(&reply);
        assert_eq!((acted.cursor, acted.version, acted.deadline.is_some()), (Some(3), 1, true));
        assert_eq!(acted.message.unwrap().conversation, "c2c:alice bob");
        let placed = placed(&event);
        assert_eq!((placed.cursor, placed.remaining_ms), (8, Some(30_000)));
        let Some(Event::InvitationReceived(received)) = placed.event else { panic!("{event}") };
        assert_eq!((received.inviter.as_str(), received.timeout), ("alice", 30));
        assert!(received.data.contains("videoCall"));
    }

    #[test]
    fn an_accept_is_answered_in_the_protocol_s_words() {
        let mut request = String::new();
        wire::accept(&mut request, 7, "the-id");
        let (reply, event) = answered(&request);

        assert_eq!((acted(&reply).version, acted(&reply).deadline), (2, None));
        let Some(Event::InvitationAccepted(answered)) = placed(&event).event else { panic!("{event}") };
        assert_eq!((answered.inviter.as_str(), answered.invitee.as_str()), ("bob", "alice"));
    }

    #[test]
    fn the_generator_reads_what_it_checks() {
        let mut request = String::new();
        wire::invite(&mut request, 7, RING);
        let (reply, event) = answered(&request);
        let Said::Reply(7, told) = wire::read(&reply).unwrap() else { panic!("{reply}") };
        assert_eq!((told.cursor, told.version, told.invite_id), (Some(3), Some(1), Some("the-id")));
        let Said::Event(told) = wire::read(&event).unwrap() else { panic!("{event}") };
        assert_eq!((told.cursor, told.kind), (Some(8), Some("invitation.received")));
    }

    #[test]
    fn everybody_may_sign_in() {
        let mut request = String::new();
        wire::open(&mut request, 1, "alice", "token", None);
        let (reply, user) = open(&request).unwrap();
        assert_eq!(user.as_str(), "alice");
        let Said::Reply(1, told) = wire::read(&reply).unwrap() else { panic!("{reply}") };
        assert_eq!((told.cursor, told.head), (Some(0), Some(0)));
    }
}

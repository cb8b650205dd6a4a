//! A small world with verbs, for stories. Every verb answers with one line: what was told to whom, or the refusal.
//!
//! `invitation.received v1 → alice bob #1` means: that event, producing version 1, told to alice and bob, and the first
//! message of its conversation. `8010 settled (accepted by bob, phone)` is a refusal with what beat the command.

use wigwag_engine::command::{
    Answer, CallRef, CallSignal, Cancel, CreateGroup, Invite, Invited, SendMessage,
};
use wigwag_engine::invitation::{Invitation, Switches};
use wigwag_engine::{Actor, Command, Decision, Due, Limits, PlacedEvent, Refusal, Reply, Request};
use wigwag_protocol::error::Outcome;
use wigwag_protocol::group::{JoinPolicy, ReachableBy, Role};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::params::CallWish;
use wigwag_protocol::{
    CallId, Device, DeviceId, ErrorBody, Event, GroupId, InviteId, Platform, RoomId, UserId,
};
use wigwag_session::codec::native::error_of_refusal;
use wigwag_sim::Commands;

use crate::invariants;

pub(crate) struct World {
    pub(crate) server: Commands,
    pub(crate) now: u64,
    offline: Vec<UserId>,
    last: Option<Result<Decision, Refusal>>,
}

/// A user on one of their devices, about to do something.
pub(crate) struct Person<'a> {
    world: &'a mut World,
    name: &'static str,
    device: Option<&'static str>,
}

impl World {
    /// Alice, bob, carol and dave, all online.
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let server = Commands::new(limits);
        let mut world = Self { server, now: 1_000_000, offline: Vec::new(), last: None };
        for name in ["alice", "bob", "carol", "dave"] {
            world.person(name).asks(Command::Register);
        }
        world
    }

    /// The same with alice's group `class` of all four.
    pub(crate) fn with_class() -> Self {
        let mut world = Self::new();
        world.alice().creates("class", &["bob", "carol", "dave"]);
        world
    }

    pub(crate) fn alice(&mut self) -> Person<'_> {
        self.person("alice")
    }

    pub(crate) fn bob(&mut self) -> Person<'_> {
        self.person("bob")
    }

    pub(crate) fn carol(&mut self) -> Person<'_> {
        self.person("carol")
    }

    pub(crate) fn dave(&mut self) -> Person<'_> {
        self.person("dave")
    }

    pub(crate) fn person(&mut self, name: &'static str) -> Person<'_> {
        Person { world: self, name, device: Some("phone") }
    }

    pub(crate) fn goes_offline(&mut self, name: &str) {
        self.offline.push(user(name));
    }

    /// Retention drops an invitation that has ended long ago.
    pub(crate) fn drops(&mut self, id: &str) {
        let dropped = self.server.journal.invitations.remove(&invite_id(id));
        assert!(dropped.is_some_and(|invitation| !invitation.is_open()), "retention drops what has ended");
        self.server.ledger.clear();
    }

    pub(crate) fn passes(&mut self, seconds: u64) {
        self.now += seconds * 1_000;
    }

    /// The server looks at an invitation.
    pub(crate) fn looks_at(&mut self, id: &str) -> String {
        self.run(&Request::Due(Due::Invitation(invite_id(id))))
    }

    /// A user's devices have been gone for as long as they may.
    pub(crate) fn misses(&mut self, name: &str) -> String {
        self.run(&Request::Due(Due::Absence(user(name))))
    }

    /// The media server has seen a user go.
    pub(crate) fn sees_leave(&mut self, name: &str, room: &str) -> String {
        self.run(&Request::Due(Due::RoomLeft(room_id(room), user(name))))
    }

    /// A call in one line: who stands where, and how it ended.
    pub(crate) fn call(&self, id: &str) -> String {
        let call = &self.server.journal.calls[&CallId::parse(id).expect("a callID")];
        let people = call.people.iter().map(|person| {
            let state = serde_json::to_string(&person.standing.state()).expect("JSON");
            format!("{} {}", person.user, state.trim_matches('"'))
        });
        let people = people.collect::<Vec<_>>().join(", ");
        let end = call.end.map(|end| serde_json::to_string(&end.reason).expect("JSON"));
        end.map_or(people.clone(), |end| format!("{people} ■ {}", end.trim_matches('"')))
    }

    /// An invitation as it is.
    pub(crate) fn invitation(&self, id: &str) -> &Invitation {
        &self.server.journal.invitations[&invite_id(id)]
    }

    /// The events of the last command.
    pub(crate) fn events(&self) -> Vec<&PlacedEvent> {
        let Some(Ok(decision)) = &self.last else { return Vec::new() };
        decision.events.iter().map(AsRef::as_ref).collect()
    }

    /// The reply to the last command.
    pub(crate) fn reply(&self) -> &Reply {
        match &self.last {
            Some(Ok(decision)) => &decision.reply,
            other => panic!("there was no reply: {other:?}"),
        }
    }

    /// Whom the invitation that was just made leaves out.
    pub(crate) fn ignored(&self) -> Vec<String> {
        let Reply::Acted(acted) = self.reply() else { panic!("not the reply to an invite") };
        acted.ignored_invitees.iter().map(ToString::to_string).collect()
    }

    /// What a device is told of the last command's refusal.
    pub(crate) fn error(&self) -> ErrorBody {
        match &self.last {
            Some(Err(refusal)) => error_of(refusal),
            other => panic!("there was no refusal: {other:?}"),
        }
    }

    fn run(&mut self, request: &Request) -> String {
        let offline = &self.offline;
        let came_to = self.server.run(request, self.now, &|user| !offline.contains(user));
        let line = match &came_to {
            Ok(decision) if decision.events.is_empty() => "nothing".to_owned(),
            Ok(decision) => decision.events.iter().map(|event| line(event)).collect::<Vec<_>>().join("; "),
            Err(refused) => refusal(&error_of(refused)),
        };
        self.last = Some(came_to);
        line
    }
}

impl Person<'_> {
    pub(crate) fn on(mut self, device: &'static str) -> Self {
        self.device = Some(device);
        self
    }

    /// A back end acts for them: there is no device.
    pub(crate) fn through_a_back_end(mut self) -> Self {
        self.device = None;
        self
    }

    pub(crate) fn asks(self, command: Command) -> String {
        let device = self.device.map(|name| Device {
            device_id: DeviceId::parse(name).expect("a deviceID"),
            platform: Platform::LINUX,
        });
        let actor = Actor { user: user(self.name), device };
        self.world.run(&Request::By(actor, command))
    }

    /// Rings for 30 s.
    pub(crate) fn invites(self, whom: &str, id: &str) -> String {
        self.asks(Command::Invite(Box::new(invite(whom, id))))
    }

    pub(crate) fn invites_members(self, group: &str, whom: &[&str], id: &str) -> String {
        self.asks(Command::Invite(Box::new(invite_members(group, whom, id))))
    }

    /// Calls one user, and rings for 30 s.
    pub(crate) fn calls(self, whom: &str, id: &str) -> String {
        self.asks(Command::Invite(Box::new(Invite { call: Some(video(None)), ..invite(whom, id) })))
    }

    /// Invites one more into the room.
    pub(crate) fn calls_into(self, room: &str, whom: &str, id: &str) -> String {
        self.asks(Command::Invite(Box::new(Invite { call: Some(video(Some(room))), ..invite(whom, id) })))
    }

    /// Calls members of a group into a room.
    pub(crate) fn calls_members(self, group: &str, room: &str, whom: &[&str], id: &str) -> String {
        let wish = Invite { call: Some(video(Some(room))), ..invite_members(group, whom, id) };
        self.asks(Command::Invite(Box::new(wish)))
    }

    /// The same, told to its parties alone.
    pub(crate) fn calls_parties(self, group: &str, room: &str, whom: &[&str], id: &str) -> String {
        let invited =
            Invited::Members { group: group_id(group), invitees: users(whom), notify: Notify::Parties };
        self.asks(Command::Invite(Box::new(Invite {
            call: Some(video(Some(room))),
            invited,
            ..invite("nobody", id)
        })))
    }

    pub(crate) fn hangs_up(self, id: &str) -> String {
        self.asks(Command::HangUp(CallRef::Call(CallId::parse(id).expect("a callID"))))
    }

    pub(crate) fn ends_call(self, id: &str) -> String {
        self.asks(Command::EndCall(CallId::parse(id).expect("a callID")))
    }

    pub(crate) fn joins_room(self, room: &str) -> String {
        self.asks(Command::JoinCall(CallRef::Room(room_id(room))))
    }

    pub(crate) fn signals_in(self, room: &str, to: Option<&str>) -> String {
        let (call, data) = (CallRef::Room(room_id(room)), "offer".to_owned());
        self.asks(Command::SignalCall(Box::new(CallSignal { call, to: to.map(user), data })))
    }

    pub(crate) fn accepts(self, id: &str) -> String {
        self.asks(Command::Accept(answer(id, "")))
    }

    pub(crate) fn rejects(self, id: &str) -> String {
        self.asks(Command::Reject(answer(id, "")))
    }

    pub(crate) fn cancels(self, id: &str) -> String {
        self.asks(Command::Cancel(Cancel::all(answer(id, ""))))
    }

    /// Takes an invitation back from these alone.
    pub(crate) fn cancels_for(self, whom: &[&str], id: &str) -> String {
        self.asks(Command::Cancel(Cancel { answer: answer(id, ""), from: Some(users(whom)) }))
    }

    pub(crate) fn modifies(self, id: &str, data: &str) -> String {
        self.asks(Command::Modify(answer(id, data)))
    }

    pub(crate) fn creates(self, group: &str, members: &[&str]) -> String {
        self.asks(Command::CreateGroup(Box::new(CreateGroup {
            id: Some(group_id(group)),
            name: group.to_owned(),
            ext: String::new(),
            join_policy: JoinPolicy::Free,
            members: users(members),
        })))
    }

    pub(crate) fn joins(self, group: &str) -> String {
        self.asks(Command::JoinGroup(group_id(group)))
    }

    pub(crate) fn quits(self, group: &str) -> String {
        self.asks(Command::QuitGroup(group_id(group)))
    }

    pub(crate) fn dismisses(self, group: &str) -> String {
        self.asks(Command::DismissGroup(group_id(group)))
    }

    pub(crate) fn adds(self, group: &str, whom: &[&str]) -> String {
        self.asks(Command::AddMembers(group_id(group), users(whom)))
    }

    pub(crate) fn removes(self, group: &str, whom: &[&str]) -> String {
        self.asks(Command::RemoveMembers(group_id(group), users(whom)))
    }

    pub(crate) fn makes(self, group: &str, whom: &str, role: Role) -> String {
        self.asks(Command::SetRole { group: group_id(group), user: user(whom), role })
    }

    pub(crate) fn blocks(self, whom: &str, on: bool) -> String {
        self.asks(Command::SetBlock(user(whom), on))
    }

    pub(crate) fn lets_reach(self, ring: ReachableBy, add: ReachableBy) -> String {
        self.asks(Command::SetReach { ring: Some(ring), add: Some(add) })
    }

    pub(crate) fn says(self, peer: Peer, text: &str) -> String {
        self.asks(Command::SendMessage(Box::new(message(peer, text))))
    }

    pub(crate) fn takes_back(self, peer: Peer, seq: u64) -> String {
        self.asks(Command::RevokeMessage { peer, seq })
    }

    pub(crate) fn reads(self, peer: Peer, seq: u64) -> String {
        self.asks(Command::MarkRead { peer, seq })
    }
}

pub(crate) fn to(name: &str) -> Peer {
    Peer::User(user(name))
}

pub(crate) fn in_group(name: &str) -> Peer {
    Peer::Group(group_id(name))
}

/// A video call, in a room of the server's choice or in this one.
pub(crate) fn video(room: Option<&str>) -> CallWish {
    CallWish { media_type: "video".to_owned(), room_id: room.map(room_id) }
}

pub(crate) fn room_id(name: &str) -> RoomId {
    RoomId::parse(name).expect("a roomID")
}

pub(crate) fn invite(whom: &str, id: &str) -> Invite {
    Invite {
        id: Some(invite_id(id)),
        invited: Invited::User(user(whom)),
        data: "ring".to_owned(),
        timeout: 30,
        switches: Switches::default(),
        offline_push_info: None,
        call: None,
        unreachable: Vec::new(),
    }
}

pub(crate) fn invite_members(group: &str, whom: &[&str], id: &str) -> Invite {
    let (group, invitees, notify) = (group_id(group), users(whom), Notify::Members);
    Invite { invited: Invited::Members { group, invitees, notify }, ..invite("nobody", id) }
}

pub(crate) fn answer(id: &str, data: &str) -> Answer {
    Answer { id: invite_id(id), data: data.to_owned() }
}

pub(crate) fn message(peer: Peer, text: &str) -> SendMessage {
    let content = serde_json::json!({ "text": text }).to_string();
    SendMessage {
        peer,
        client_msg_id: None,
        kind: "text".to_owned(),
        content: serde_json::value::RawValue::from_string(content).expect("JSON"),
        options: MessageOptions::default(),
        offline_push_info: None,
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).expect("a userID")
}

pub(crate) fn group_id(name: &str) -> GroupId {
    GroupId::parse(name).expect("a groupID")
}

fn users(names: &[&str]) -> Vec<UserId> {
    names.iter().map(|name| user(name)).collect()
}

pub(crate) fn invite_id(name: &str) -> InviteId {
    InviteId::parse(name).expect("an inviteID")
}

fn line(event: &PlacedEvent) -> String {
    let heard: Event = invariants::read(event);
    let version = event.invitation.as_ref().map(|mark| format!(" v{}", mark.version)).unwrap_or_default();
    let seq = event.message.as_ref().map(|mark| format!(" #{}", mark.seq)).unwrap_or_default();
    let names: Vec<&str> = event.places.iter().map(|place| place.user.as_str()).collect();
    format!("{}{version} → {}{seq}", heard.type_name(), names.join(" "))
}

/// What a device is told of a refusal.
pub(crate) fn error_of(refusal: &Refusal) -> ErrorBody {
    error_of_refusal(&refusal.clone().into())
}

fn refusal(error: &ErrorBody) -> String {
    let head = format!("{} {}", error.code, error.data.reason.as_str());
    match &error.data.outcome {
        Some(outcome) => format!("{head} ({})", beaten_by(outcome)),
        None => head,
    }
}

fn beaten_by(outcome: &Outcome) -> String {
    let state = outcome.state.map(|state| format!("{state:?}").to_lowercase());
    let who = outcome.user_id.as_ref().map(|user| format!("by {user}"));
    let device = outcome.device.as_ref().map(|device| format!("on {}", device.device_id));
    [state, who, device].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

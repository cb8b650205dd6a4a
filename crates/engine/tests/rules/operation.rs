//! Random operations on a small world: five users with two devices each, two groups, a few inviteIDs that collide.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wigwag_engine::command::{Answer, Cancel, CreateGroup, Invite, Invited, SendMessage};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Actor, Command, Due, Request};
use wigwag_protocol::group::{JoinPolicy, ReachableBy, Role};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{Device, DeviceId, GroupId, InviteId, Platform, UserId};

pub(crate) type Name = &'static str;

pub(crate) const USERS: [Name; 5] = ["alice", "bob", "carol", "dave", "erin"];
/// Somebody the server does not know.
const NOBODY: Name = "nobody";
const GROUPS: [Name; 2] = ["red", "blue"];
pub(crate) const INVITES: [Name; 8] = ["i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) user: Name,
    pub(crate) device: Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum To {
    User(Name),
    Group(Name),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Accept,
    Reject,
    Cancel,
    Modify,
}

/// An invite, as far as a repeat has to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) group: Option<Name>,
    pub(crate) to: Vec<Name>,
    pub(crate) timeout: u32,
    pub(crate) online_only: bool,
    pub(crate) parties: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Membership {
    Create(Vec<Name>),
    Join,
    Quit,
    Dismiss,
    Add(Vec<Name>),
    Remove(Vec<Name>),
    Role(Name, Role),
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Invite {
        by: Who,
        id: Name,
        wish: Wish,
    },
    Answer {
        verb: Verb,
        by: Who,
        id: Name,
        words: Name,
    },
    /// Takes an invitation back from these alone.
    CancelFor {
        by: Who,
        id: Name,
        from: Vec<Name>,
        words: Name,
    },
    Expire(Name),
    Group {
        by: Who,
        group: Name,
        what: Membership,
    },
    Block {
        by: Who,
        whom: Name,
        on: bool,
    },
    /// `again`: a second call is loud; `None` ends it.
    Quiet {
        by: Who,
        again: Option<bool>,
    },
    Status {
        by: Who,
        status: Name,
    },
    Silence {
        by: Who,
        id: Name,
    },
    Reach {
        by: Who,
        ring: ReachableBy,
        add: ReachableBy,
    },
    Send {
        by: Who,
        to: To,
        key: Option<Name>,
        online_only: bool,
    },
    Revoke {
        by: Who,
        to: To,
        seq: u64,
    },
    Read {
        by: Who,
        to: To,
        seq: u64,
    },
    Pin {
        by: Who,
        to: To,
        on: bool,
    },
    Delete {
        by: Who,
        to: To,
    },
    /// Time passes; `sweep`: what is due is expired at once.
    Wait {
        ms: u64,
        sweep: bool,
    },
    Online {
        who: Name,
        on: bool,
    },
    /// One of the earlier commands, to the letter.
    Repeat(prop::sample::Index),
    /// The ledger forgets everything, or what has no bound.
    Forget {
        all: bool,
    },
    /// The commands that follow are one batch, which a store writes at its end.
    Batch {
        on: bool,
    },
}

pub(crate) fn operations() -> impl Strategy<Value = Vec<Op>> {
    vec(operation(), 1..90)
}

fn operation() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (who(), select(&INVITES[..]), wish()).prop_map(|(by, id, wish)| Op::Invite { by, id, wish }),
        12 => (verb(), who(), select(&INVITES[..]), select(&["so", "thus"][..]))
            .prop_map(|(verb, by, id, words)| Op::Answer { verb, by, id, words }),
        3 => (who(), select(&INVITES[..]), vec(select(&USERS[..]), 1..3), select(&["so", "thus"][..]))
            .prop_map(|(by, id, from, words)| Op::CancelFor { by, id, from, words }),
        3 => select(&INVITES[..]).prop_map(Op::Expire),
        8 => (who(), select(&GROUPS[..]), membership())
            .prop_map(|(by, group, what)| Op::Group { by, group, what }),
        2 => (who(), anybody(), any::<bool>()).prop_map(|(by, whom, on)| Op::Block { by, whom, on }),
        2 => (who(), reachable_by(), reachable_by())
            .prop_map(|(by, ring, add)| Op::Reach { by, ring, add }),
        2 => (who(), prop::option::of(any::<bool>())).prop_map(|(by, again)| Op::Quiet { by, again }),
        2 => (who(), select(&["", "in a call", "away"][..])).prop_map(|(by, status)| Op::Status { by, status }),
        2 => (who(), select(&INVITES[..])).prop_map(|(by, id)| Op::Silence { by, id }),
        4 => (who(), to(), prop::option::of(select(&["k0", "k1"][..])), prop::bool::weighted(0.2))
            .prop_map(|(by, to, key, online_only)| Op::Send { by, to, key, online_only }),
        2 => (who(), to(), 0..6_u64).prop_map(|(by, to, seq)| Op::Revoke { by, to, seq }),
        2 => (who(), to(), 0..9_u64).prop_map(|(by, to, seq)| Op::Read { by, to, seq }),
        2 => (who(), to(), prop::bool::weighted(0.7)).prop_map(|(by, to, on)| Op::Pin { by, to, on }),
        2 => (who(), to()).prop_map(|(by, to)| Op::Delete { by, to }),
        4 => (select(&[1, 4_000, 5_000, 30_000, 121_000, 300_000][..]), any::<bool>())
            .prop_map(|(ms, sweep)| Op::Wait { ms, sweep }),
        2 => (select(&USERS[..]), any::<bool>()).prop_map(|(who, on)| Op::Online { who, on }),
        4 => any::<prop::sample::Index>().prop_map(Op::Repeat),
        2 => any::<bool>().prop_map(|all| Op::Forget { all }),
        3 => any::<bool>().prop_map(|on| Op::Batch { on }),
    ]
}

fn quiet(again: Option<bool>) -> Quiet {
    let until = again.map(|_| u64::MAX);
    Quiet { until, again: again.unwrap_or(true), ..Quiet::default() }
}

fn who() -> impl Strategy<Value = Who> {
    (select(&USERS[..]), select(&["phone", "laptop"][..])).prop_map(|(user, device)| Who { user, device })
}

fn anybody() -> impl Strategy<Value = Name> {
    prop_oneof![9 => select(&USERS[..]), 1 => Just(NOBODY)]
}

/// Mostly the rule that has to find something out.
fn reachable_by() -> impl Strategy<Value = ReachableBy> {
    prop_oneof![
        1 => Just(ReachableBy::Everybody),
        4 => Just(ReachableBy::Known),
        1 => Just(ReachableBy::Nobody),
    ]
}

fn to() -> impl Strategy<Value = To> {
    prop_oneof![anybody().prop_map(To::User), select(&GROUPS[..]).prop_map(To::Group)]
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![4 => Just(Verb::Accept), 2 => Just(Verb::Reject), 2 => Just(Verb::Cancel), 1 => Just(Verb::Modify)]
}

fn wish() -> impl Strategy<Value = Wish> {
    let whom = prop_oneof![
        (Just(None), anybody().prop_map(|user| vec![user])),
        (select(&GROUPS[..]).prop_map(Some), vec(anybody(), 0..4)),
    ];
    (whom, select(&[0, 5, 30][..]), prop::bool::weighted(0.2), prop::bool::weighted(0.3)).prop_map(
        |((group, to), timeout, online_only, parties)| Wish { group, to, timeout, online_only, parties },
    )
}

fn membership() -> impl Strategy<Value = Membership> {
    let role = select(&[Role::Member, Role::Admin, Role::Owner][..]);
    prop_oneof![
        2 => vec(anybody(), 0..4).prop_map(Membership::Create),
        3 => Just(Membership::Join),
        2 => Just(Membership::Quit),
        1 => Just(Membership::Dismiss),
        2 => vec(anybody(), 0..3).prop_map(Membership::Add),
        2 => vec(anybody(), 0..3).prop_map(Membership::Remove),
        1 => (anybody(), role).prop_map(|(user, role)| Membership::Role(user, role)),
    ]
}

impl Op {
    /// The same in the engine's words; `None` for what is no command.
    pub(crate) fn request(&self) -> Option<Request> {
        match self {
            Op::Invite { by, id, wish } => Some(by.asks(Command::Invite(Box::new(wish.invite(id))))),
            Op::Answer { verb, by, id, words } => Some(by.asks(verb.command(id, words))),
            Op::CancelFor { by, id, from, words } => {
                let answer = Answer { id: invite_id(id), data: (*words).to_owned() };
                Some(by.asks(Command::Cancel(Cancel { answer, from: Some(users(from)) })))
            }
            Op::Expire(id) => Some(Request::Due(Due::Invitation(invite_id(id)))),
            Op::Group { by, group, what } => Some(by.asks(what.command(group))),
            Op::Block { by, whom, on } => Some(by.asks(Command::SetBlock(user(whom), *on))),
            Op::Reach { by, ring, add } => {
                Some(by.asks(Command::SetReach { ring: Some(*ring), add: Some(*add) }))
            }
            Op::Quiet { by, again } => Some(by.asks(Command::SetQuiet(Box::new(quiet(*again))))),
            Op::Status { by, status } => Some(by.asks(Command::SetStatus((*status).to_owned()))),
            Op::Silence { by, id } => Some(by.asks(Command::Silence(invite_id(id)))),
            Op::Send { by, to, key, online_only } => {
                Some(by.asks(Command::SendMessage(Box::new(to.message(*key, *online_only)))))
            }
            Op::Revoke { by, to, seq } => {
                Some(by.asks(Command::RevokeMessage { peer: to.peer(), seq: *seq }))
            }
            Op::Read { by, to, seq } => Some(by.asks(Command::MarkRead { peer: to.peer(), seq: *seq })),
            Op::Pin { by, to, on } => Some(by.asks(Command::PinConversation { peer: to.peer(), on: *on })),
            Op::Delete { by, to } => Some(by.asks(Command::DeleteConversation(to.peer()))),
            Op::Wait { .. } | Op::Online { .. } | Op::Repeat(_) | Op::Forget { .. } | Op::Batch { .. } => {
                None
            }
        }
    }

    /// Who gives the command; `None` for the server and for what is no command.
    pub(crate) fn by(&self) -> Option<Who> {
        match self {
            Op::Invite { by, .. }
            | Op::Answer { by, .. }
            | Op::CancelFor { by, .. }
            | Op::Group { by, .. }
            | Op::Block { by, .. }
            | Op::Reach { by, .. }
            | Op::Quiet { by, .. }
            | Op::Status { by, .. }
            | Op::Silence { by, .. }
            | Op::Send { by, .. }
            | Op::Revoke { by, .. }
            | Op::Read { by, .. }
            | Op::Pin { by, .. }
            | Op::Delete { by, .. } => Some(*by),
            Op::Expire(_)
            | Op::Wait { .. }
            | Op::Online { .. }
            | Op::Repeat(_)
            | Op::Forget { .. }
            | Op::Batch { .. } => None,
        }
    }

    /// Whether the same device sending it again is promised its first reply again.
    pub(crate) fn has_memory(&self) -> bool {
        match self {
            Op::Invite { .. } | Op::CancelFor { .. } => true,
            Op::Answer { verb, .. } => *verb != Verb::Modify,
            Op::Send { key, .. } => key.is_some(),
            Op::Expire(_)
            | Op::Group { .. }
            | Op::Block { .. }
            | Op::Reach { .. }
            | Op::Quiet { .. }
            | Op::Status { .. }
            | Op::Silence { .. }
            | Op::Revoke { .. }
            | Op::Read { .. }
            | Op::Pin { .. }
            | Op::Delete { .. }
            | Op::Wait { .. }
            | Op::Online { .. }
            | Op::Repeat(_)
            | Op::Forget { .. }
            | Op::Batch { .. } => false,
        }
    }
}

impl Who {
    pub(crate) fn asks(self, command: Command) -> Request {
        let device = DeviceId::parse(self.device).expect("a deviceID");
        let device = Device { device_id: device, platform: Platform::LINUX };
        Request::By(Actor { user: user(self.user), device: Some(device) }, command)
    }
}

impl Wish {
    fn invite(&self, id: Name) -> Invite {
        let invited = match self.group {
            None => Invited::User(user(self.to[0])),
            Some(name) => Invited::Members {
                group: group_id(name),
                invitees: users(&self.to),
                notify: if self.parties { Notify::Parties } else { Notify::Members },
            },
        };
        Invite {
            id: Some(invite_id(id)),
            invited,
            data: "ring".to_owned(),
            timeout: self.timeout,
            switches: Switches { online_user_only: self.online_only, ..Switches::default() },
            offline_push_info: None,
            call: None,
            unreachable: Vec::new(),
        }
    }
}

impl Verb {
    fn command(self, id: Name, words: Name) -> Command {
        let answer = Answer { id: invite_id(id), data: words.to_owned() };
        match self {
            Verb::Accept => Command::Accept(answer),
            Verb::Reject => Command::Reject(answer),
            Verb::Cancel => Command::Cancel(Cancel::all(answer)),
            Verb::Modify => Command::Modify(answer),
        }
    }
}

impl Membership {
    fn command(&self, group: Name) -> Command {
        let id = group_id(group);
        match self {
            Membership::Create(members) => Command::CreateGroup(Box::new(CreateGroup {
                id: Some(id),
                name: group.to_owned(),
                ext: String::new(),
                join_policy: JoinPolicy::Free,
                members: users(members),
            })),
            Membership::Join => Command::JoinGroup(id),
            Membership::Quit => Command::QuitGroup(id),
            Membership::Dismiss => Command::DismissGroup(id),
            Membership::Add(names) => Command::AddMembers(id, users(names)),
            Membership::Remove(names) => Command::RemoveMembers(id, users(names)),
            Membership::Role(name, role) => Command::SetRole { group: id, user: user(name), role: *role },
        }
    }
}

impl To {
    fn peer(self) -> Peer {
        match self {
            To::User(name) => Peer::User(user(name)),
            To::Group(name) => Peer::Group(group_id(name)),
        }
    }

    fn message(self, key: Option<Name>, online_user_only: bool) -> SendMessage {
        SendMessage {
            peer: self.peer(),
            client_msg_id: key.map(str::to_owned),
            kind: "text".to_owned(),
            content: serde_json::value::RawValue::from_string(r#"{"text":"hi"}"#.to_owned()).expect("JSON"),
            options: MessageOptions { online_user_only, ..MessageOptions::default() },
            offline_push_info: None,
        }
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).expect("a userID")
}

fn users(names: &[Name]) -> Vec<UserId> {
    names.iter().map(|name| user(name)).collect()
}

fn group_id(name: &str) -> GroupId {
    GroupId::parse(name).expect("a groupID")
}

fn invite_id(name: &str) -> InviteId {
    InviteId::parse(name).expect("an inviteID")
}

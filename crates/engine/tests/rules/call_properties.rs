//! Random operations on calls through `decide` and `Ledger::apply`, compared with the [`Model`] and held to the
//! [`call_invariants`](crate::call_invariants) and [`invariants`](crate::invariants).
//!
//! A failing run prints its smallest form and is kept in `call_properties.regressions`, which is replayed first.
//! `PROPTEST_CASES=10000` tries more.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use wigwag_engine::command::{CallRef, CallSignal, Cancel, CreateGroup, Invite, Invited};
use wigwag_engine::limits::WhenBusy;
use wigwag_engine::{Actor, Command, Due, Limits, PlacedEvent, Request};
use wigwag_protocol::group::JoinPolicy;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::params::CallWish;
use wigwag_protocol::{CallId, InviteId, Reason, UserId};
use wigwag_sim::Commands;

use crate::call_invariants;
use crate::call_model::Model;
use crate::invariants::{self, Before};
use crate::operation::{Name, Who, user};
use crate::wanted;
use crate::world::{answer, error_of, group_id, invite, invite_members, room_id, video};

pub(crate) const PEOPLE: [Name; 4] = ["alice", "bob", "carol", "dave"];
/// The first of each made it.
pub(crate) const GROUPS: [Members; 2] = [
    Members { name: "class", members: &PEOPLE },
    Members { name: "team", members: &["dave", "alice", "carol"] },
];
const INVITES: [Name; 6] = ["i0", "i1", "i2", "i3", "i4", "i5"];
const ROOMS: [Name; 2] = ["r0", "r1"];
/// The most people that a call may have here: one fewer than there are.
pub(crate) const MOST: usize = 3;
/// Seconds that an invitation rings.
pub(crate) const TIMEOUT: u64 = 30;
const START: u64 = 1_700_000_000_000;

/// A group and who is in it at first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Members {
    pub(crate) name: Name,
    pub(crate) members: &'static [Name],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Accept,
    Reject,
    Cancel,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// Calls one user, or members of the group when several are named.
    Call {
        by: Who,
        id: Name,
        to: Vec<Name>,
        room: Option<Name>,
        media: Name,
    },
    Answer {
        said: Said,
        by: Who,
        id: Name,
    },
    /// Takes an invitation back from one user.
    CancelFor {
        by: Who,
        id: Name,
        whom: Name,
    },
    HangUp {
        by: Who,
        id: Name,
    },
    /// A back end ends the call in the name of somebody who knows it.
    End {
        by: Name,
        id: Name,
    },
    Join {
        by: Who,
        room: Name,
    },
    Signal {
        by: Who,
        room: Name,
    },
    /// The server looks whether this user is gone.
    Missed {
        who: Name,
    },
    /// The media server has seen them go.
    RoomLeft {
        who: Name,
        room: Name,
    },
    Expire(Name),
    Quit(Who, Name),
    Rejoin(Who, Name),
    Dismiss(Who, Name),
    Wait {
        ms: u64,
        sweep: bool,
    },
    Online {
        who: Name,
        on: bool,
    },
    Repeat(prop::sample::Index),
    Forget {
        all: bool,
    },
    Batch {
        on: bool,
    },
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/rules/call_properties.regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_rules_of_calls_hold_whatever_is_asked(busy_rings: bool, operations in vec(operation(), 1..80)) {
        let mut run = Run::new(if busy_rings { WhenBusy::Ring } else { WhenBusy::Report });
        for operation in &operations {
            run.step(operation);
        }
        invariants::check_run(&run.server.journal, &run.log);
    }
}

fn operation() -> impl Strategy<Value = Op> {
    let to = prop_oneof![3 => vec(select(&PEOPLE[..]), 1), 2 => vec(select(&PEOPLE[..]), 2..4)];
    let room = prop::option::weighted(0.6, select(&ROOMS[..]));
    let media = prop_oneof![3 => Just("video"), 1 => Just("audio")];
    let said = prop_oneof![4 => Just(Said::Accept), 1 => Just(Said::Reject), 1 => Just(Said::Cancel)];
    prop_oneof![
        10 => (who(), select(&INVITES[..]), to, room, media)
            .prop_map(|(by, id, to, room, media)| Op::Call { by, id, to, room, media }),
        12 => (said, who(), select(&INVITES[..])).prop_map(|(said, by, id)| Op::Answer { said, by, id }),
        3 => (who(), select(&INVITES[..]), select(&PEOPLE[..]))
            .prop_map(|(by, id, whom)| Op::CancelFor { by, id, whom }),
        5 => (who(), select(&INVITES[..])).prop_map(|(by, id)| Op::HangUp { by, id }),
        1 => (select(&PEOPLE[..]), select(&INVITES[..])).prop_map(|(by, id)| Op::End { by, id }),
        4 => (who(), select(&ROOMS[..])).prop_map(|(by, room)| Op::Join { by, room }),
        2 => (who(), select(&ROOMS[..])).prop_map(|(by, room)| Op::Signal { by, room }),
        3 => select(&PEOPLE[..]).prop_map(|who| Op::Missed { who }),
        2 => (select(&PEOPLE[..]), select(&ROOMS[..])).prop_map(|(who, room)| Op::RoomLeft { who, room }),
        2 => select(&INVITES[..]).prop_map(Op::Expire),
        2 => (who(), group()).prop_map(|(by, group)| Op::Quit(by, group)),
        2 => (who(), group()).prop_map(|(by, group)| Op::Rejoin(by, group)),
        1 => (who(), group()).prop_map(|(by, group)| Op::Dismiss(by, group)),
        3 => (select(&[1, 9_000, 30_000][..]), any::<bool>()).prop_map(|(ms, sweep)| Op::Wait { ms, sweep }),
        3 => (select(&PEOPLE[..]), any::<bool>()).prop_map(|(who, on)| Op::Online { who, on }),
        3 => any::<prop::sample::Index>().prop_map(Op::Repeat),
        2 => any::<bool>().prop_map(|all| Op::Forget { all }),
        3 => any::<bool>().prop_map(|on| Op::Batch { on }),
    ]
}

fn group() -> impl Strategy<Value = Name> {
    select(GROUPS.map(|group| group.name).to_vec())
}

fn who() -> impl Strategy<Value = Who> {
    (select(&PEOPLE[..]), select(&["phone", "laptop"][..])).prop_map(|(user, device)| Who { user, device })
}

/// The engine and the model, side by side.
struct Run {
    server: Commands,
    model: Model,
    online: BTreeSet<UserId>,
    log: Vec<Arc<PlacedEvent>>,
    /// Invites and answers that were carried out, with their replies.
    done: Vec<(Op, String)>,
}

impl Run {
    /// Everybody is online.
    fn new(busy: WhenBusy) -> Self {
        let limits = Limits { group_calls: 3, call_people: MOST, busy, ..Limits::default() };
        let online = PEOPLE.iter().map(|name| user(name)).collect();
        let mut run = Self {
            server: Commands::new(limits),
            model: Model::at(START, busy),
            online,
            log: Vec::new(),
            done: Vec::new(),
        };
        for name in PEOPLE {
            run.must(&Who { user: name, device: "phone" }.asks(Command::Register));
        }
        for Members { name, members } in GROUPS {
            let create = CreateGroup {
                id: Some(group_id(name)),
                name: String::new(),
                ext: String::new(),
                join_policy: JoinPolicy::Free,
                members: members.iter().map(|name| user(name)).collect(),
            };
            let owner = Who { user: members[0], device: "phone" };
            run.must(&owner.asks(Command::CreateGroup(Box::new(create))));
        }
        run
    }

    fn must(&mut self, request: &Request) {
        let decision = self.server.run(request, START, &|_| true).expect("nothing stands against it");
        self.log.extend(decision.events);
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Wait { ms, sweep } => {
                self.model.now += ms;
                for id in INVITES.iter().filter(|_| *sweep) {
                    self.command(&Op::Expire(id));
                }
            }
            Op::Online { who, on } => {
                if *on {
                    self.online.insert(user(who))
                } else {
                    self.online.remove(&user(who))
                };
                self.model.online(who, *on);
            }
            Op::Repeat(index) => self.repeat(*index),
            Op::Forget { all } => {
                self.server.end_batch();
                if *all { self.server.ledger.clear() } else { self.server.ledger.trim(2) }
            }
            Op::Batch { on: true } => self.server.begin_batch(),
            Op::Batch { on: false } => self.server.end_batch(),
            Op::Call { .. } | Op::Answer { .. } | Op::CancelFor { .. } => {
                if let Some(reply) = self.command(op) {
                    self.done.push((op.clone(), reply));
                }
            }
            Op::HangUp { .. }
            | Op::End { .. }
            | Op::Join { .. }
            | Op::Signal { .. }
            | Op::Missed { .. }
            | Op::RoomLeft { .. }
            | Op::Expire(_)
            | Op::Quit(..)
            | Op::Rejoin(..)
            | Op::Dismiss(..) => {
                self.command(op);
            }
        }
    }

    /// Carries it out on both sides. The reply, when it was not refused.
    fn command(&mut self, op: &Op) -> Option<String> {
        let request = request(op);
        let (now, online) = (self.model.now, self.online.clone());
        let is_online = |user: &UserId| online.contains(user);
        let before = Before::of(&self.server.journal);
        let calls = self.server.journal.calls.clone();
        let cold = self.server.rehearse(&request, now, &is_online);
        wanted::check_enough(&self.server, &request, now, &is_online);
        let came_to = self.server.run(&request, now, &is_online);
        assert_eq!(format!("{cold:?}"), format!("{came_to:?}"), "{op:?}: what is loaded makes no difference");
        let reason: Option<Reason> = came_to.as_ref().err().map(|refusal| error_of(refusal).data.reason);
        let expected = self.model.carry_out(op);
        assert_eq!(reason, expected.err(), "{op:?}");
        assert_eq!(written(&self.server), self.model.written(), "{op:?}");
        let decision = came_to.ok()?;
        invariants::check_step(&before, &self.server.journal, &self.server.ledger, &decision);
        call_invariants::check(&calls, &self.server.journal, &self.server.ledger);
        call_invariants::check_told(&calls, &self.server.journal, &decision);
        self.log.extend(decision.events.iter().cloned());
        Some(format!("{:?}", decision.reply))
    }

    /// The same command of the same device gets the first reply again and changes nothing, whatever happened since.
    fn repeat(&mut self, index: prop::sample::Index) {
        if self.done.is_empty() {
            return;
        }
        let (op, first) = index.get(&self.done).clone();
        let before = written(&self.server);
        let (now, online) = (self.model.now, self.online.clone());
        let again = self.server.run(&request(&op), now, &|user| online.contains(user));
        match again {
            Ok(decision) => {
                assert!(decision.is_empty(), "{op:?} changed something the second time: {decision:?}");
                assert_eq!(format!("{:?}", decision.reply), first, "{op:?}");
            }
            // Whoever left the group meanwhile sees less of it, and somebody may have settled it in between.
            Err(refusal) => assert!(
                matches!(op, Op::Answer { .. } | Op::CancelFor { .. })
                    && error_of(&refusal).data.reason == Reason::UnknownInvitation,
                "{op:?}: {refusal:?}"
            ),
        }
        assert_eq!(written(&self.server), before, "{op:?}");
    }
}

/// Every call in one line each: who stands where, and how it ended.
fn written(server: &Commands) -> Vec<String> {
    let calls = server.journal.calls.values().map(|call| {
        let mut people: Vec<String> = call
            .people
            .iter()
            .map(|person| {
                let state = serde_json::to_string(&person.standing.state()).expect("JSON");
                format!("{} {}", person.user, state.trim_matches('"'))
            })
            .collect();
        people.sort();
        let end = call.end.map(|end| serde_json::to_string(&end.reason).expect("JSON"));
        let end = end.map(|end| format!(" ■ {}", end.trim_matches('"'))).unwrap_or_default();
        format!("{}: {}{end}", call.id(), people.join(", "))
    });
    calls.collect()
}

/// The group of which an invitation invites members, when it names several.
pub(crate) fn group_of(id: Name, to: &[Name]) -> Option<Name> {
    let group = if id.ends_with(['2', '5']) { GROUPS[1] } else { GROUPS[0] };
    (to.len() > 1).then_some(group.name)
}

/// Of every other one, its parties alone are told.
fn members(group: Name, several: &[Name], id: Name) -> Invite {
    let mut wish = invite_members(group, several, id);
    if let Invited::Members { notify, .. } = &mut wish.invited
        && id.ends_with(['1', '3', '5'])
    {
        *notify = Notify::Parties;
    }
    wish
}

fn request(op: &Op) -> Request {
    match op {
        Op::Call { by, id, to, room, media } => {
            let call = Some(CallWish { media_type: (*media).to_owned(), ..video(*room) });
            let wish = match group_of(id, to) {
                None => Invite { call, ..invite(to[0], id) },
                Some(group) => Invite { call, ..members(group, to, id) },
            };
            by.asks(Command::Invite(Box::new(wish)))
        }
        Op::Answer { said, by, id } => by.asks(match said {
            Said::Accept => Command::Accept(answer(id, "")),
            Said::Reject => Command::Reject(answer(id, "")),
            Said::Cancel => Command::Cancel(Cancel::all(answer(id, ""))),
        }),
        Op::CancelFor { by, id, whom } => {
            by.asks(Command::Cancel(Cancel { answer: answer(id, ""), from: Some(vec![user(whom)]) }))
        }
        Op::HangUp { by, id } => {
            by.asks(Command::HangUp(CallRef::Call(CallId::parse(id).expect("a callID"))))
        }
        Op::End { by, id } => {
            Request::By(Actor::back_end(user(by)), Command::EndCall(CallId::parse(id).expect("a callID")))
        }
        Op::Join { by, room } => by.asks(Command::JoinCall(CallRef::Room(room_id(room)))),
        Op::Signal { by, room } => {
            let signal = CallSignal { call: CallRef::Room(room_id(room)), to: None, data: String::new() };
            by.asks(Command::SignalCall(Box::new(signal)))
        }
        Op::Missed { who } => Request::Due(Due::Absence(user(who))),
        Op::RoomLeft { who, room } => Request::Due(Due::RoomLeft(room_id(room), user(who))),
        Op::Expire(id) => Request::Due(Due::Invitation(InviteId::parse(id).expect("an inviteID"))),
        Op::Quit(by, group) => by.asks(Command::QuitGroup(group_id(group))),
        Op::Rejoin(by, group) => by.asks(Command::JoinGroup(group_id(group))),
        Op::Dismiss(by, group) => by.asks(Command::DismissGroup(group_id(group))),
        Op::Wait { .. } | Op::Online { .. } | Op::Repeat(_) | Op::Forget { .. } | Op::Batch { .. } => {
            unreachable!("{op:?} is no command")
        }
    }
}

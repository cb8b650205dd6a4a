//! Random operations through `decide` and `Ledger::apply`, compared with the [`Model`] and held to the
//! [`invariants`](crate::invariants).
//!
//! A failing run prints its smallest form and is kept in `properties.regressions`, which is replayed first.
//! `PROPTEST_CASES=10000` tries more.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use wigwag_engine::{Command, Decision, Limits, PlacedEvent, Refusal};
use wigwag_protocol::UserId;
use wigwag_sim::Commands;

use crate::by_message;
use crate::invariants::{self, Before};
use crate::model::{
    GROUP_OPEN_INVITATIONS, INVITEE_OPEN_INVITATIONS, Model, NO_DEADLINE_AGE_MS, OPEN_INVITATIONS,
    OPEN_LASTING, PAIR_OPEN_INVITATIONS, REVOKE_WINDOW_MS, Told,
};
use crate::operation::{INVITES, Membership, Op, USERS, Who, operations, user};
use crate::wanted;
use crate::world::error_of;

const START: u64 = 1_700_000_000_000;

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/rules/properties.regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_rules_hold_whatever_is_asked(operations in operations()) {
        let mut run = Run::new();
        for operation in &operations {
            run.step(operation);
        }
        invariants::check_run(&run.server.journal, &run.log);
    }
}

/// The engine and the model, side by side.
struct Run {
    server: Commands,
    model: Model,
    online: BTreeSet<UserId>,
    log: Vec<Arc<PlacedEvent>>,
    /// Commands that were carried out and can be repeated, with their replies.
    done: Vec<(Op, String)>,
}

impl Run {
    /// Everybody is registered, alice and bob are online, and there is one group.
    fn new() -> Self {
        let limits = Limits {
            open_invitations: OPEN_INVITATIONS,
            group_open_invitations: GROUP_OPEN_INVITATIONS,
            open_lasting: OPEN_LASTING,
            pair_open_invitations: PAIR_OPEN_INVITATIONS,
            invitee_open_invitations: INVITEE_OPEN_INVITATIONS,
            revoke_window_ms: REVOKE_WINDOW_MS,
            no_deadline_age_ms: NO_DEADLINE_AGE_MS,
            ..Limits::default()
        };
        let server = Commands::new(limits);
        let model = Model::at(START);
        let mut run = Self { server, model, online: BTreeSet::new(), log: Vec::new(), done: Vec::new() };
        for name in USERS {
            let who = Who { user: name, device: "phone" };
            run.server.run(&who.asks(Command::Register), START, &|_| false).expect("anybody may register");
        }
        for who in ["alice", "bob"] {
            run.step(&Op::Online { who, on: true });
        }
        let by = Who { user: "alice", device: "phone" };
        let what = Membership::Create(vec!["bob", "carol", "dave"]);
        run.step(&Op::Group { by, group: "red", what });
        run
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Wait { ms, sweep } => {
                self.model.now += ms;
                for id in INVITES.iter().filter(|_| *sweep) {
                    self.command(&Op::Expire(id)).expect("looking at an invitation is never refused");
                }
            }
            Op::Online { who, on } => {
                if *on {
                    self.online.insert(user(who))
                } else {
                    self.online.remove(&user(who))
                };
                if *on {
                    self.model.online.insert(who)
                } else {
                    self.model.online.remove(who)
                };
            }
            Op::Repeat(index) => self.repeat(*index),
            Op::Forget { all } => {
                // Only between batches: what is forgotten is loaded again from what is written.
                self.server.end_batch();
                if *all { self.server.ledger.clear() } else { self.server.ledger.trim(2) }
            }
            Op::Batch { on: true } => self.server.begin_batch(),
            Op::Batch { on: false } => self.server.end_batch(),
            Op::Invite { .. }
            | Op::Answer { .. }
            | Op::CancelFor { .. }
            | Op::Expire(_)
            | Op::Group { .. }
            | Op::Block { .. }
            | Op::Reach { .. }
            | Op::Quiet { .. }
            | Op::Status { .. }
            | Op::Silence { .. }
            | Op::Send { .. }
            | Op::Revoke { .. }
            | Op::Read { .. }
            | Op::Pin { .. }
            | Op::Delete { .. } => {
                let came_to = self.command(op);
                if let (true, Ok(decision)) = (op.has_memory(), came_to) {
                    self.done.push((op.clone(), format!("{:?}", decision.reply)));
                }
            }
        }
    }

    fn command(&mut self, op: &Op) -> Result<Decision, Refusal> {
        let request = op.request().expect("a command");
        let (now, online) = (self.model.now, self.online.clone());
        let is_online = |user: &UserId| online.contains(user);
        let before = Before::of(&self.server.journal);
        let cold = self.server.rehearse(&request, now, &is_online);
        by_message::check(&self.server, &request, now, &is_online, &cold);
        wanted::check(&self.server, &request, now, &is_online);
        let warm = self.server.run(&request, now, &is_online);
        assert_eq!(
            format!("{warm:?}"),
            format!("{cold:?}"),
            "what was loaded before and what the store says differ at {op:?}"
        );
        assert_eq!(
            events_of(&warm),
            self.model.step(op).map(sorted),
            "engine (left) and model (right) at {op:?}"
        );
        if let Ok(decision) = &warm {
            invariants::check_step(&before, &self.server.journal, &self.server.ledger, decision);
            self.log.extend(decision.events.iter().cloned());
        }
        warm
    }

    /// The same device sends the same again: the first reply, and nothing else.
    fn repeat(&mut self, index: prop::sample::Index) {
        if self.done.is_empty() {
            return;
        }
        let (op, first_reply) = index.get(&self.done).clone();
        let decision = self.command(&op).expect("it was carried out before");
        assert_eq!(format!("{:?}", decision.reply), first_reply, "the reply to a repeated {op:?}");
        assert!(decision.events.is_empty() && decision.changes.is_empty(), "a repeat does nothing: {op:?}");
    }
}

fn events_of(came_to: &Result<Decision, Refusal>) -> Result<Vec<Told>, wigwag_protocol::Reason> {
    let decision = came_to.as_ref().map_err(|refusal| error_of(refusal).data.reason)?;
    let events = decision.events.iter().map(|event| Told {
        kind: invariants::read(event).type_name().to_owned(),
        to: event.places.iter().map(|place| place.user.to_string()).collect(),
        stored: event.message.is_some(),
    });
    Ok(sorted(events.collect()))
}

/// The order in which several invitations of a group hear of a change is nobody's promise.
fn sorted(mut told: Vec<Told>) -> Vec<Told> {
    told.sort();
    told
}

//! A sound run, made by hand, for tests that break it: alice calls bob, who accepts; she writes to him; she calls again and
//! nobody answers; much later he writes to her.
//!
//! Both are told everything and everything is a message, so that an event's number is also its cursor in both streams and
//! its seq.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wigwag_client::requests;
use wigwag_protocol::message::Peer;
use wigwag_protocol::params::{Answer, Invite};
use wigwag_protocol::{InviteId, UserId};

use super::{Findings, check};
use crate::load::Run;
use crate::load::journal::{Ack, Entry, Journal, Outcome, Seen};
use crate::load::wish::Wish;
use crate::model::{Event, Tables};
use crate::record::Invitation;

pub(crate) const ALICE: i64 = 1;
pub(crate) const BOB: i64 = 2;
const THEIR_TALK: i64 = 1;
/// Rows of the two invitations.
pub(crate) const FIRST: i64 = 1;
pub(crate) const SECOND: i64 = 2;

pub(crate) const CALLS: u64 = 1;
pub(crate) const ACCEPTS: u64 = 2;
pub(crate) const WRITES: u64 = 3;
pub(crate) const CALLS_AGAIN: u64 = 4;
pub(crate) const TIMES_OUT: u64 = 5;
pub(crate) const ANSWERS_LATE: u64 = 6;

/// When it begins, server time in ms.
const START: u64 = 1_000_000;
/// When the second invitation is due.
pub(crate) const DEADLINE: u64 = START + 11_000;
/// Alice's commands by their place.
pub(crate) const HER_MESSAGE: usize = 1;

/// What is left of it.
pub(crate) struct Story {
    pub(crate) run: Run,
    pub(crate) tables: Tables,
}

impl Story {
    pub(crate) fn sound() -> Self {
        let mut story = Self { run: nobody_did_anything(), tables: empty() };
        story.invitation(FIRST, 0, 30, &json!({"version": 2, "settled": [[0, {"state": "accepted", "version": 2}]], "end": {"version": 2}}));
        story.invitation(SECOND, 10_000, 1, &json!({"version": 2, "settled": [[0, {"state": "timedOut", "version": 2}]], "end": {"version": 2}}));
        story.happens(
            0,
            Some((FIRST, 1)),
            json!({"type": "invitation.received", "inviteeList": ["bob"], "data": "a1"}),
        );
        story.happens(
            2_000,
            Some((FIRST, 2)),
            json!({"type": "invitation.accepted", "invitee": "bob", "data": "b1"}),
        );
        story.happens(5_000, None, json!({"type": "message.received", "message": {"clientMsgID": "a2"}}));
        story.happens(
            10_000,
            Some((SECOND, 1)),
            json!({"type": "invitation.received", "inviteeList": ["bob"], "data": "a3"}),
        );
        story.happens(
            11_005,
            Some((SECOND, 2)),
            json!({"type": "invitation.timedOut", "inviteeList": ["bob"]}),
        );
        story.happens(60_000, None, json!({"type": "message.received", "message": {"clientMsgID": "b2"}}));
        story.is_noted();
        story
    }

    /// What the checker finds.
    pub(crate) fn findings(self) -> Findings {
        let mut found = Findings::default();
        check(&self.run, self.tables, &mut found);
        found
    }

    pub(crate) fn alice(&mut self) -> &mut Journal {
        &mut self.run.journals[0]
    }

    pub(crate) fn bob(&mut self) -> &mut Journal {
        &mut self.run.journals[1]
    }

    pub(crate) fn event(&mut self, number: u64) -> &mut Event {
        self.tables.events.get_mut(&number.cast_signed()).unwrap()
    }

    /// Puts an invitation's record in the tables; times in ms and s after the start.
    pub(crate) fn invitation(&mut self, row: i64, at: u64, timeout: u32, course: &Value) {
        let terms = json!({"id": format!("call-{row}"), "inviter": "alice", "invitees": ["bob"], "timeout": timeout, "created_at": START + at});
        let invitation = Invitation::read(&terms.to_string(), Some(&course.to_string())).unwrap();
        self.tables.invitations.insert(row, invitation);
    }

    /// Adds an event to the tables, told to both.
    pub(crate) fn happens(&mut self, at: u64, of: Option<(i64, u32)>, mut body: Value) {
        let number = self.tables.events.len() as u64 + 1;
        let id = number.cast_signed();
        body["message"]["seq"] = json!(number);
        if let Some((row, version)) = of {
            body["inviteID"] = json!(format!("call-{row}"));
            body["version"] = json!(version);
        }
        let event = Event {
            time: START + at,
            online_only: false,
            invitation: of.map(|(row, _)| row),
            version: of.map(|(_, version)| version),
            body,
            message: Some((THEIR_TALK, number)),
            streams: vec![(ALICE, number), (BOB, number)],
        };
        self.tables.streams.extend(event.streams.iter().map(|place| (*place, id)));
        self.tables.messages.insert((THEIR_TALK, number), id);
        self.tables.events.insert(id, event);
    }

    /// Takes an event out of the tables, as if it had never happened.
    pub(crate) fn never_happened(&mut self, number: u64) {
        let event = self.tables.events.remove(&number.cast_signed()).unwrap();
        self.tables.messages.remove(&event.message.unwrap());
        self.tables.streams.retain(|place, _| !event.streams.contains(place));
    }

    /// As a device is told it.
    pub(crate) fn seen(&self, number: u64) -> Seen {
        let event = &self.tables.events[&number.cast_signed()];
        Seen::of(number, &event.body)
    }

    /// Both devices were connected all the time; new ones are told how the calls ended.
    fn is_noted(&mut self) {
        self.asks("alice", invite("call-1", "a1", 30), CALLS, Some(START + 30_000));
        self.hears("alice", &[ACCEPTS]);
        self.asks("alice", Wish::message(Peer::User(name("bob")), "a2"), WRITES, None);
        self.asks("alice", invite("call-2", "a3", 1), CALLS_AGAIN, Some(DEADLINE));
        self.hears("alice", &[TIMES_OUT, ANSWERS_LATE]);
        self.hears("bob", &[CALLS]);
        let answer = Answer { data: "b1".to_owned(), ..requests::answer(invite_id("call-1")) };
        self.asks("bob", Wish::Accept(answer), ACCEPTS, None);
        self.hears("bob", &[WRITES, CALLS_AGAIN, TIMES_OUT]);
        self.asks("bob", Wish::message(Peer::User(name("alice")), "b2"), ANSWERS_LATE, None);
        let folded: Vec<Seen> =
            [ACCEPTS, WRITES, TIMES_OUT, ANSWERS_LATE].into_iter().map(|number| self.seen(number)).collect();
        self.run.replays = ["alice", "bob"].map(|user| (name(user), folded.clone())).to_vec();
    }

    fn asks(&mut self, who: &str, wish: Wish, number: u64, deadline: Option<u64>) {
        let event = &self.tables.events[&number.cast_signed()];
        let message = Some((self.tables.conversations[&THEIR_TALK].clone(), number));
        let ack = Ack { cursor: Some(number), version: event.version, deadline, message, call: None };
        let at = event.time;
        let journal = self.journal(who);
        journal.wishes.push(wish);
        let place = journal.wishes.len() - 1;
        journal.entries.push(Entry::Answered(place, Outcome::Acked(ack), at));
    }

    fn hears(&mut self, who: &str, numbers: &[u64]) {
        for number in numbers {
            let seen = self.seen(*number);
            self.journal(who).saw(seen);
        }
    }

    fn journal(&mut self, who: &str) -> &mut Journal {
        self.run.journals.iter_mut().find(|journal| journal.user.as_str() == who).unwrap()
    }
}

fn nobody_did_anything() -> Run {
    let journals = ["alice", "bob"].map(|user| Journal::new(name(user), format!("{user}'s phone"), false));
    Run { journals: journals.into(), replays: Vec::new(), views: Vec::new(), store_may_be_away: true }
}

fn empty() -> Tables {
    Tables {
        users: [(ALICE, "alice"), (BOB, "bob")].map(|(row, name)| (row, name.to_owned())).into(),
        conversations: [(THEIR_TALK, "c2c/alice/bob".to_owned())].into(),
        events: BTreeMap::new(),
        streams: BTreeMap::new(),
        messages: BTreeMap::new(),
        invitations: BTreeMap::new(),
        open: BTreeSet::new(),
        calls: BTreeMap::new(),
        running: BTreeSet::new(),
        client_messages: BTreeMap::new(),
    }
}

fn invite(id: &str, data: &str, timeout: u32) -> Wish {
    let id = Some(invite_id(id));
    Wish::Invite(Invite { invite_id: id, data: data.to_owned(), timeout, ..requests::invite(name("bob")) })
}

fn invite_id(text: &str) -> InviteId {
    InviteId::parse(text).unwrap()
}

fn name(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

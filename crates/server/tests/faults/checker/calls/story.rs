//! A sound call, made by hand, for tests that break it: alice calls bob while he calls her, so that both are in one call;
//! she invites carol into it, who comes; bob hangs up, then alice, which ends it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wigwag_client::requests;
use wigwag_protocol::params::{Answer, Invite};
use wigwag_protocol::{InviteId, UserId};

use super::check;
use crate::checker::{Facts, Findings};
use crate::load::journal::{Ack, Entered, Entry, Journal, Outcome};
use crate::load::wish::Wish;
use crate::load::{Run, View};
use crate::model::{Event, Tables};
use crate::record::{Call, Invitation};

pub(super) const USERS: [&str; 3] = ["alice", "bob", "carol"];
/// The call, and the invitation that opens it.
pub(super) const CALL: &str = "one";
/// Bob's invite, which met alice's.
pub(super) const MET: &str = "two";
/// By which carol is invited.
pub(super) const MORE: &str = "three";
/// The events in their order.
pub(super) const CALLS: i64 = 1;
pub(super) const CAROL_RINGS: i64 = 4;
pub(super) const CAROL_JOINS: i64 = 6;
pub(super) const BOB_GOES: i64 = 7;
pub(super) const ENDS: i64 = 8;

/// What is left of it.
pub(super) struct Story {
    pub(super) run: Run,
    pub(super) tables: Tables,
}

impl Story {
    pub(super) fn sound() -> Self {
        let mut story = Self { run: nobody_did_anything(), tables: empty() };
        story.invitation(
            1,
            (CALL, "alice", "bob"),
            CALL,
            &json!({"version": 2, "settled": [[0, {"state": "accepted"}]], "end": {}}),
        );
        story.invitation(
            2,
            (MET, "bob", "alice"),
            CALL,
            &json!({"version": 1, "settled": [[0, {"state": "cancelled"}]], "end": {"accepted": CALL}}),
        );
        story.invitation(
            3,
            (MORE, "alice", "carol"),
            CALL,
            &json!({"version": 2, "settled": [[0, {"state": "accepted"}]], "end": {}}),
        );
        story.call(
            CALL,
            &json!({"version": 6, "end": {"reason": "hungUp", "at": 6_000}, "people": all_left()}),
        );
        story.happens();
        story.is_noted();
        story
    }

    fn happens(&mut self) {
        let step = |kind: &str, version: u32| json!({"type": kind, "callID": CALL, "version": version});
        let with = |mut body: Value, more: &Value| {
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let [alice, bob, carol] = USERS;
        self.tell(
            1_000,
            &[alice, bob],
            json!({"type": "invitation.received", "inviteID": CALL, "inviter": alice, "inviteeList": [bob]}),
        );
        self.tell(
            2_000,
            &[alice, bob],
            json!({"type": "invitation.accepted", "inviteID": CALL, "invitee": bob}),
        );
        self.tell(3_000, &[alice, carol], json!({"type": "invitation.received", "inviteID": MORE, "inviter": alice, "inviteeList": [carol]}));
        self.tell(
            3_000,
            &[alice, bob],
            with(step("call.invited", 3), &json!({"by": alice, "inviteID": MORE, "userIDs": [carol]})),
        );
        self.tell(
            4_000,
            &[alice, carol],
            json!({"type": "invitation.accepted", "inviteID": MORE, "invitee": carol}),
        );
        self.tell(4_000, &USERS, with(step("call.joined", 4), &json!({"userID": carol})));
        self.tell(5_000, &USERS, with(step("call.hungUp", 5), &json!({"userID": bob, "reason": "hungUp"})));
        self.tell(
            6_000,
            &USERS,
            with(
                step("call.hungUp", 6),
                &json!({"userID": alice, "reason": "hungUp", "endReason": "hungUp"}),
            ),
        );
    }

    fn is_noted(&mut self) {
        let entered =
            |accepted: Option<&str>| Entered { id: CALL.to_owned(), accepted: accepted.map(str::to_owned) };
        self.acks("alice", invite(CALL, "bob"), entered(None));
        self.acks("bob", invite(MET, "alice"), entered(Some(CALL)));
        self.acks("alice", invite(MORE, "carol"), entered(None));
        self.acks("carol", Wish::Accept(Answer { ..requests::answer(id(MORE)) }), entered(None));
        for user in USERS {
            let told = json!({
                "callID": CALL, "roomID": "room", "mediaType": "video", "caller": "alice", "createdAt": 1_000, "people": read_people(),
                "endedAt": 6_000, "endReason": "hungUp", "durationMs": 4_000, "missed": false, "version": 6
            });
            let told = Ok(serde_json::from_value(told).unwrap());
            self.run.views.push(View { user: name(user), call: CALL.to_owned(), told });
        }
    }

    /// What the checker finds.
    pub(super) fn findings(self) -> Findings {
        let mut found = Findings::default();
        check(&self.run, &Facts::new(self.tables), &mut found);
        found
    }

    pub(super) fn event(&mut self, number: i64) -> &mut Event {
        self.tables.events.get_mut(&number).unwrap()
    }

    /// What a user read of the call.
    pub(super) fn view(&mut self, user: &str) -> &mut View {
        self.run.views.iter_mut().find(|view| view.user.as_str() == user).unwrap()
    }

    /// What the first reply to a user said.
    pub(super) fn entered(&mut self, user: &str) -> &mut Entered {
        let journal = self.run.journals.iter_mut().find(|journal| journal.user.as_str() == user).unwrap();
        let Some(Entry::Answered(_, Outcome::Acked(Ack { call: Some(entered), .. }), _)) =
            journal.entries.first_mut()
        else {
            panic!("{user} was told of no call")
        };
        entered
    }

    /// Puts an invitation's record in the tables.
    pub(super) fn invitation(
        &mut self,
        row: i64,
        (id, from, to): (&str, &str, &str),
        call: &str,
        course: &Value,
    ) {
        let link = json!({"callID": call, "roomID": "room", "mediaType": "video"});
        let terms = json!({"id": id, "inviter": from, "invitees": [to], "timeout": 30, "created_at": 1_000, "call": link});
        let invitation = Invitation::read(&terms.to_string(), Some(&course.to_string())).unwrap();
        self.tables.invitations.insert(row, invitation);
    }

    /// Puts a call's record in the tables.
    pub(super) fn call(&mut self, id: &str, rest: &Value) {
        let mut record = rest.clone();
        record["link"] = json!({"callID": id, "roomID": "room", "mediaType": "video"});
        let call: Call = serde_json::from_value(record).unwrap();
        self.tables.calls.insert(id.to_owned(), call);
    }

    /// Adds an event to the streams of these users.
    pub(super) fn tell(&mut self, time: u64, users: &[&str], body: Value) {
        let number = (1..).nth(self.tables.events.len()).unwrap();
        let event = Event {
            time,
            online_only: false,
            invitation: None,
            version: None,
            body,
            message: None,
            streams: Vec::new(),
        };
        self.tables.events.insert(number, event);
        for user in users {
            let row = self.row(user);
            let head = self
                .tables
                .streams
                .range((row, 0)..=(row, u64::MAX))
                .next_back()
                .map_or(0, |((_, head), _)| *head);
            self.tables.streams.insert((row, head + 1), number);
        }
    }

    /// Adds a user who has nothing to do with the call.
    pub(super) fn knows(&mut self, user: &str) {
        let row = (1..).nth(self.tables.users.len()).unwrap();
        self.tables.users.insert(row, user.to_owned());
    }

    /// Takes an event out of a user's stream, as if they had not been told of it.
    pub(super) fn is_not_told(&mut self, user: &str, number: i64) {
        let row = self.row(user);
        self.tables.streams.retain(|(owner, _), event| *owner != row || *event != number);
    }

    /// The number of a user in the tables.
    fn row(&self, user: &str) -> i64 {
        *self.tables.users.iter().find(|(_, name)| *name == user).unwrap().0
    }

    fn acks(&mut self, user: &str, wish: Wish, entered: Entered) {
        let journal = self.run.journals.iter_mut().find(|journal| journal.user.as_str() == user).unwrap();
        journal.wishes.push(wish);
        let ack = Ack { cursor: None, version: None, deadline: None, message: None, call: Some(entered) };
        journal.entries.push(Entry::Answered(journal.wishes.len() - 1, Outcome::Acked(ack), 0));
    }
}

/// As the record has them when the call is over.
pub(super) fn all_left() -> Value {
    USERS.map(|user| json!({"user": user, "state": "left"})).into_iter().collect()
}

fn read_people() -> Value {
    USERS.map(|user| json!({"userID": user, "state": "left", "at": 6_000, "joinedAt": 2_000, "reason": "hungUp"})).into_iter().collect()
}

fn nobody_did_anything() -> Run {
    let journals = USERS.map(|user| Journal::new(name(user), format!("{user}'s phone"), false));
    Run { journals: journals.into(), replays: Vec::new(), views: Vec::new(), store_may_be_away: false }
}

fn empty() -> Tables {
    Tables {
        users: (1..).zip(USERS.map(str::to_owned)).collect(),
        conversations: BTreeMap::new(),
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

fn invite(name_of_it: &str, invitee: &str) -> Wish {
    let call = Some(requests::call("video"));
    Wish::Invite(Invite { invite_id: Some(id(name_of_it)), call, ..requests::invite(name(invitee)) })
}

fn id(text: &str) -> InviteId {
    InviteId::parse(text).unwrap()
}

fn name(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

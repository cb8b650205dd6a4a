//! A book that is fed by a model server in random order: its events in the order of the stream, and between them listings and
//! single invitations that were made at some moment and come later.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use serde_json::{Value, json};
use wigwag_protocol::invitation::{InvitationView, Status};
use wigwag_protocol::{Event, InviteId};

use super::tests::id;
use super::*;

/// What happens next. Numbers choose among the invitations that there are.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody invites bob and carol.
    Invites,
    /// An invitee answers.
    Answers(usize, bool),
    /// The inviter takes it back.
    Cancels(usize),
    /// The inviter takes it back from one of the two.
    TakesBack(usize, bool),
    /// Its deadline passes.
    TimesOut(usize),
    /// Its data is replaced.
    Modifies(usize),
    /// The device is told the next event.
    Hears,
    /// The device asks what is open, and the server answers at once; the answer is on its way.
    Lists,
    /// The same for one invitation.
    Gets(usize),
    /// The next answer comes.
    Answered,
    /// The device misses the rest of its stream and signs in anew.
    Resyncs,
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>;
    prop_oneof![
        4 => Just(Step::Invites),
        4 => (which(), any::<bool>()).prop_map(|(at, first)| Step::Answers(at, first)),
        1 => which().prop_map(Step::Cancels),
        2 => (which(), any::<bool>()).prop_map(|(at, first)| Step::TakesBack(at, first)),
        1 => which().prop_map(Step::TimesOut),
        1 => which().prop_map(Step::Modifies),
        10 => Just(Step::Hears),
        2 => Just(Step::Lists),
        2 => which().prop_map(Step::Gets),
        3 => Just(Step::Answered),
        1 => Just(Step::Resyncs),
    ]
}

/// An answer on its way.
enum Answer {
    Listing(Vec<InvitationView>, Edition),
    Invitation(InvitationView),
}

#[derive(Default)]
struct World {
    /// The server's invitations, by a book that hears everything at once.
    truth: Book,
    names: Vec<InviteId>,
    stream: VecDeque<Event>,
    answers: VecDeque<Answer>,
    book: Book,
    /// The highest version that the book has shown of each, and whether it had ended.
    shown: BTreeMap<InviteId, (u32, Status)>,
}

impl World {
    fn takes(&mut self, step: &Step) {
        match step {
            Step::Invites => self.invites(),
            Step::Answers(at, first) => {
                let invitee = if *first { "bob" } else { "carol" };
                let kind = if at % 2 == 0 { "invitation.accepted" } else { "invitation.rejected" };
                self.changes(*at, invitee, kind, &json!({"invitee": invitee}));
            }
            Step::Cancels(at) => self.closes(*at, "invitation.cancelled"),
            Step::TakesBack(at, first) => {
                let (from, other) = if *first { ("bob", "carol") } else { ("carol", "bob") };
                let still_open = self.is_pending(*at, other);
                let taken = json!({"inviteeList": [from], "stillOpen": still_open});
                self.changes(*at, from, "invitation.cancelled", &taken);
            }
            Step::TimesOut(at) => self.closes(*at, "invitation.timedOut"),
            Step::Modifies(at) => self.changes(*at, "", "invitation.modified", &json!({"by": "bob"})),
            Step::Hears => self.hears(),
            Step::Lists => {
                self.answers.push_back(Answer::Listing(self.truth.open(0), self.book.edition()));
            }
            Step::Gets(at) => {
                let asked = self.pick(*at).and_then(|name| self.truth.get(&name, 0));
                self.answers.extend(asked.map(Answer::Invitation));
            }
            Step::Answered => self.answered(),
            Step::Resyncs => {
                self.stream.clear();
                self.answers.clear();
                self.book.take_all(self.truth.open(0), self.book.edition(), 0);
            }
        }
    }

    fn pick(&self, at: usize) -> Option<InviteId> {
        (!self.names.is_empty()).then(|| self.names[at % self.names.len()].clone())
    }

    fn invites(&mut self) {
        let name = format!("i{}", self.names.len());
        self.names.push(id(&name));
        self.happens(json!({
            "type": "invitation.received", "inviteID": name, "inviteeList": ["bob", "carol"], "timeout": 0, "version": 1,
            "device": {"deviceID": "a", "platform": 7}
        }));
    }

    /// Something happens to an open invitation, if `pending` is pending in it (nobody: always).
    fn changes(&mut self, at: usize, pending: &str, kind: &str, more: &Value) {
        let Some(view) = self.pick(at).and_then(|name| self.truth.get(&name, 0)) else { return };
        let waits = |name: &str| pending_in(&view).iter().any(|one| one == name);
        if view.status == Status::Open && (pending.is_empty() || waits(pending)) {
            let mut event = more.clone();
            event["type"] = json!(kind);
            event["inviteID"] = json!(view.invite_id);
            event["version"] = json!(view.version + 1);
            self.happens(event);
        }
    }

    fn closes(&mut self, at: usize, kind: &str) {
        let pending = self.pending(at);
        self.changes(at, "", kind, &json!({"inviteeList": pending}));
    }

    fn pending(&self, at: usize) -> Vec<String> {
        let view = self.pick(at).and_then(|name| self.truth.get(&name, 0));
        view.as_ref().map(pending_in).unwrap_or_default()
    }

    fn is_pending(&self, at: usize, who: &str) -> bool {
        self.pending(at).iter().any(|name| name == who)
    }

    fn happens(&mut self, mut event: Value) {
        event["inviter"] = json!("alice");
        event["data"] = json!("");
        let event = Event::read(&event.to_string()).unwrap().unwrap();
        self.truth.hear(event.of_invitation().unwrap(), MOMENT);
        self.stream.push_back(event);
    }

    fn hears(&mut self) {
        if let Some(event) = self.stream.pop_front() {
            let about = event.of_invitation().unwrap();
            self.book.hear(about, MOMENT);
            assert!(self.book.version(about.invite_id()) >= about.version(), "older than what was heard");
        }
    }

    fn answered(&mut self) {
        match self.answers.pop_front() {
            Some(Answer::Listing(open, asked)) => self.book.take_all(open, asked, 0),
            Some(Answer::Invitation(view)) => self.book.take(view, 0),
            None => {}
        }
    }

    /// No entry steps back, nothing rings again, and the book is not newer than the server.
    fn check(&mut self) {
        for name in &self.names {
            let Some(view) = self.book.get(name, 0) else { continue };
            let truth = self.truth.get(name, 0).unwrap();
            assert!(view.version <= truth.version, "{view:?} was never true");
            let (version, status) = self.shown.entry(name.clone()).or_insert((view.version, view.status));
            assert!(view.version >= *version, "{view:?} stepped back from {version}");
            assert!(*status == Status::Open || view.status == Status::Ended, "{view:?} rings again");
            (*version, *status) = (view.version, view.status);
        }
    }
}

fn pending_in(view: &InvitationView) -> Vec<String> {
    let pending = |state| state == wigwag_protocol::invitation::InviteeState::Pending;
    view.invitees.iter().filter(|one| pending(one.state)).map(|one| one.user_id.to_string()).collect()
}

const MOMENT: Moment = Moment { time: 1, remaining_ms: None, quiet: false, heard_at: 0 };

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn nothing_steps_back_or_rings_again_and_in_the_end_the_book_is_right(
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut world = World::default();
        for step in &steps {
            world.takes(step);
            world.check();
        }
        while !world.stream.is_empty() || !world.answers.is_empty() {
            world.hears();
            world.answered();
            world.check();
        }
        world.takes(&Step::Lists);
        world.answered();
        world.check();
        prop_assert_eq!(world.book.open(0), world.truth.open(0));
    }
}

//! A book of calls that is fed by a model server in random order: the events of its stream, of which some steps are not told, and
//! between them calls that were read at some moment and come later.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use wigwag_protocol::call::CallView;
use wigwag_protocol::{CallId, Event, UserId};

use super::Moment;
use super::calls::CallBook;

/// The device is bob's. Alice calls him, or him and others in a group.
const ME: &str = "bob";
const OTHERS: [&str; 3] = ["bob", "carol", "dave"];
const EVERYBODY: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// What happens next. Numbers choose among the calls that there are; a step that the call does not allow does nothing.
#[derive(Debug, Clone)]
enum Step {
    /// Alice calls bob, or in a group bob and carol; bob may be busy.
    Begins {
        in_group: bool,
        busy: bool,
    },
    Enters(usize, &'static str),
    /// Says no, or is cancelled, or out of time.
    Declines(usize, &'static str, &'static str),
    InvitesMore(usize, &'static str),
    Leaves(usize, &'static str),
    /// The device is told the next event.
    Hears,
    /// It is not told the next event, if that is a call's own.
    Misses,
    /// The device asks for a call; the answer is on its way.
    Gets(usize),
    /// The next answer comes.
    Answered,
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>;
    let how = select(&["rejected", "cancelled", "timedOut"][..]);
    prop_oneof![
        3 => (any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(in_group, busy)| Step::Begins { in_group, busy }),
        6 => (which(), select(&OTHERS[..])).prop_map(|(at, who)| Step::Enters(at, who)),
        3 => (which(), select(&OTHERS[..]), how).prop_map(|(at, who, how)| Step::Declines(at, who, how)),
        3 => (which(), select(&OTHERS[..])).prop_map(|(at, who)| Step::InvitesMore(at, who)),
        3 => (which(), select(&EVERYBODY[..])).prop_map(|(at, who)| Step::Leaves(at, who)),
        14 => Just(Step::Hears),
        2 => Just(Step::Misses),
        3 => which().prop_map(Step::Gets),
        3 => Just(Step::Answered),
    ]
}

/// Who stands where, in the order in which they were first named, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stand {
    people: Vec<(String, String)>,
    end: Option<String>,
}

/// A call as the server has it: how it stood at each version, from 1 on.
#[derive(Debug)]
struct Call {
    id: String,
    in_group: bool,
    stands: Vec<Stand>,
}

impl Call {
    fn now(&self) -> &Stand {
        self.stands.last().expect("a call begins with a stand")
    }

    fn is_running(&self) -> bool {
        self.now().end.is_none()
    }

    fn state(&self, who: &str) -> Option<&str> {
        self.now().people.iter().find(|(name, _)| name == who).map(|(_, state)| state.as_str())
    }

    fn is_between_two(&self) -> bool {
        !self.in_group && self.now().people.len() <= 2
    }

    /// The next version, in which somebody stands elsewhere. With `why` it ends, if nobody has anybody to talk with or to wait for.
    fn put(&mut self, who: &str, state: &str, why: &str) -> Option<String> {
        let mut next = self.now().clone();
        match next.people.iter_mut().find(|(name, _)| name == who) {
            Some((_, before)) => state.clone_into(before),
            None => next.people.push((who.to_owned(), state.to_owned())),
        }
        let many = |state: &str| next.people.iter().filter(|(_, one)| one == state).count();
        let goes_on = many("joined") > 1 || (many("joined") == 1 && many("ringing") > 0);
        if !goes_on {
            next.end = Some(why.to_owned());
            for (_, state) in &mut next.people {
                match state.as_str() {
                    "joined" => "left".clone_into(state),
                    "ringing" => "cancelled".clone_into(state),
                    _ => {}
                }
            }
        }
        self.stands.push(next);
        self.now().end.clone()
    }

    fn view(&self) -> CallView {
        let people: Vec<Value> = self
            .now()
            .people
            .iter()
            .map(|(name, state)| json!({"userID": name, "state": state, "at": 1, "inviteID": self.id}))
            .collect();
        let mut view = json!({
            "callID": self.id, "roomID": format!("room-{}", self.id), "mediaType": "video", "caller": "alice",
            "createdAt": 1, "people": people, "durationMs": 0, "version": self.stands.len(),
        });
        if self.in_group {
            view["groupID"] = json!("class");
        }
        if let Some(end) = &self.now().end {
            view["endedAt"] = json!(1);
            view["endReason"] = json!(end);
        }
        serde_json::from_value(view).expect("a call")
    }
}

#[derive(Default)]
struct World {
    calls: Vec<Call>,
    stream: VecDeque<Event>,
    answers: VecDeque<CallView>,
    book: CallBook,
    /// The highest version that the book has shown of each, and whether it ran.
    shown: BTreeMap<String, (u32, bool)>,
}

impl World {
    fn takes(&mut self, step: &Step) {
        match step {
            Step::Begins { in_group, busy } => self.begins(*in_group, *busy),
            Step::Enters(at, who) => self.enters(*at, who),
            Step::Declines(at, who, how) => self.declines(*at, who, how),
            Step::InvitesMore(at, who) => self.invites_more(*at, who),
            Step::Leaves(at, who) => self.leaves(*at, who),
            Step::Hears => self.hears(),
            Step::Misses => {
                // What an invitation tells, its parties are always told.
                if self.stream.front().is_some_and(|event| event.of_invitation().is_none()) {
                    self.stream.pop_front();
                }
            }
            Step::Gets(at) => {
                let view = self.pick(*at).map(|call| call.view());
                self.answers.extend(view);
            }
            Step::Answered => self.answered(),
        }
    }

    fn pick(&mut self, at: usize) -> Option<&mut Call> {
        let many = self.calls.len();
        (many > 0).then(|| &mut self.calls[at % many])
    }

    /// The running call of that number in which somebody stands so.
    fn with(&mut self, at: usize, who: &str, states: &[&str]) -> Option<&mut Call> {
        self.pick(at)
            .filter(|call| call.is_running() && call.state(who).is_some_and(|state| states.contains(&state)))
    }

    fn begins(&mut self, in_group: bool, busy: bool) {
        let id = format!("c{}", self.calls.len());
        let invited: &[&str] = if in_group { &["bob", "carol"] } else { &["bob"] };
        let mut people = vec![("alice".to_owned(), "joined".to_owned())];
        people.extend(invited.iter().map(|name| {
            let state = if busy && *name == ME { "busy" } else { "ringing" };
            ((*name).to_owned(), state.to_owned())
        }));
        let mut stand = Stand { people, end: None };
        if busy && !in_group {
            "left".clone_into(&mut stand.people[0].1);
            stand.end = Some("busy".to_owned());
        }
        let busy: &[&str] = if busy { &[ME] } else { &[] };
        let mut event = json!({
            "type": "invitation.received", "inviteID": id, "inviter": "alice", "inviteeList": invited, "data": "",
            "timeout": 0, "version": 1, "busyLineUserIDList": busy,
            "call": {"callID": id, "roomID": format!("room-{id}"), "mediaType": "video"},
        });
        if in_group {
            event["groupID"] = json!("class");
        }
        self.calls.push(Call { id, in_group, stands: vec![stand] });
        self.tells(&event);
    }

    fn enters(&mut self, at: usize, who: &'static str) {
        let Some(call) = self.pick(at).filter(|call| call.is_running()) else { return };
        let may_come = match call.state(who) {
            Some("ringing" | "left") => true,
            Some("joined") => false,
            Some(_) | None => call.in_group,
        };
        if !may_come {
            return;
        }
        let by_invitation = call.is_between_two() && call.state(who) == Some("ringing");
        call.put(who, "joined", "");
        let (id, version) = (call.id.clone(), call.stands.len());
        self.tells(&if by_invitation {
            json!({"type": "invitation.accepted", "inviteID": id, "inviter": "alice", "invitee": who, "data": "", "version": 2})
        } else {
            json!({"type": "call.joined", "callID": id, "roomID": "r", "version": version, "userID": who})
        });
    }

    fn declines(&mut self, at: usize, who: &'static str, how: &'static str) {
        let Some(call) = self.with(at, who, &["ringing"]) else { return };
        let by_invitation = call.is_between_two();
        let end = call.put(who, how, how);
        let (id, version) = (call.id.clone(), call.stands.len());
        let invitation = json!({"inviteID": id, "inviter": "alice", "data": "", "version": 2});
        let mut event = if by_invitation {
            invitation
        } else {
            json!({"callID": id, "roomID": "r", "version": version, "userIDs": [who], "state": how, "endReason": end})
        };
        let told = match (by_invitation, how) {
            (false, _) => "call.declined",
            (true, "rejected") => "invitation.rejected",
            (true, "cancelled") => "invitation.cancelled",
            (true, _) => "invitation.timedOut",
        };
        event["type"] = json!(told);
        event["invitee"] = json!(who);
        event["inviteeList"] = json!([who]);
        self.tells(&event);
    }

    fn invites_more(&mut self, at: usize, who: &'static str) {
        let Some(call) = self.pick(at).filter(|call| call.is_running()) else { return };
        if matches!(call.state(who), Some("joined" | "ringing")) {
            return;
        }
        call.put(who, "ringing", "");
        let (id, version, between_two) = (call.id.clone(), call.stands.len(), call.is_between_two());
        if between_two {
            // Somebody who declined or left is invited again, and nothing but an invitation tells of it.
            call.stands.pop();
            return;
        }
        self.tells(&json!({
            "type": "call.invited", "callID": id, "roomID": "r", "version": version, "by": "alice",
            "inviteID": format!("{id}-{version}"), "userIDs": [who],
        }));
    }

    fn leaves(&mut self, at: usize, who: &'static str) {
        let Some(call) = self.with(at, who, &["joined"]) else { return };
        // While it rings in a call between two, hanging up is the cancel.
        if call.now().people.iter().filter(|(_, state)| state == "joined").count() < 2 {
            return;
        }
        let end = call.put(who, "left", "hungUp");
        let (id, version) = (call.id.clone(), call.stands.len());
        self.tells(&json!({
            "type": "call.hungUp", "callID": id, "roomID": "r", "version": version, "userID": who, "reason": "hungUp",
            "durationMs": 0, "endReason": end,
        }));
    }

    fn tells(&mut self, event: &Value) {
        self.stream.push_back(Event::read(&event.to_string()).expect("JSON").expect("an event"));
    }

    fn hears(&mut self) {
        if let Some(event) = self.stream.pop_front() {
            self.book.hear(&event, MOMENT, &UserId::parse(ME).expect("a userID"));
        }
    }

    fn answered(&mut self) {
        if let Some(view) = self.answers.pop_front() {
            self.book.take(view, 0);
        }
    }

    /// What is shown was true at that version, no call steps back, and none runs again.
    fn check(&mut self) {
        for call in &self.calls {
            let id = CallId::parse(&call.id).expect("a callID");
            let Some(view) = self.book.get(&id, 0) else { continue };
            let version = view.version as usize;
            assert!(version <= call.stands.len(), "{view:?} is newer than the server");
            assert_eq!(stand_of(&view), call.stands[version - 1], "{} at version {version}", call.id);
            let running = view.ended_at.is_none();
            let (before, ran) = self.shown.entry(call.id.clone()).or_insert((view.version, running));
            assert!(view.version >= *before, "{view:?} stepped back from {before}");
            assert!(*ran || !running, "{view:?} runs again");
            (*before, *ran) = (view.version, running);
        }
    }
}

fn stand_of(view: &CallView) -> Stand {
    let word = |value: Value| value.as_str().expect("a word").to_owned();
    let people = view.people.iter().map(|person| {
        (person.user_id.to_string(), word(serde_json::to_value(person.state).expect("a word")))
    });
    let end = view.end_reason.map(|end| word(serde_json::to_value(end).expect("a word")));
    Stand { people: people.collect(), end }
}

const MOMENT: Moment = Moment { time: 1, remaining_ms: None, quiet: false, heard_at: 0 };

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_is_shown_was_true_and_nothing_steps_back(steps in prop::collection::vec(step(), 1..150)) {
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
        for at in 0..world.calls.len() {
            world.takes(&Step::Gets(at));
            world.answered();
            world.check();
            let call = &world.calls[at];
            let shown = world.book.get(&CallId::parse(&call.id).expect("a callID"), 0);
            prop_assert_eq!(shown.map(|view| stand_of(&view)), Some(call.now().clone()));
        }
    }
}

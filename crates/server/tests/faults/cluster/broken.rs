//! The checks of a cluster can fail, too: each fault that they look for is put into a sound run, and found.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use wigwag_protocol::Reason;

use super::checks::{check, log_is_clean};
use super::tables::Sums;
use super::timeline::{Absence, Away, Stall, StoreEnd, Timeline};
use crate::checker::Findings;
use crate::checker::story::{ALICE, BOB, DEADLINE, FIRST, SECOND, Story, TIMES_OUT};
use crate::load::journal::{Entry, Outcome, Wait};

/// Alice's invitations were made there.
const NODE: usize = 0;

/// A run with what a cluster keeps besides.
struct Scene {
    story: Story,
    sums: Sums,
    timeline: Timeline,
}

impl Scene {
    fn sound() -> Self {
        let sums = Sums {
            users: [(ALICE, (6, 0)), (BOB, (6, 0))].into(),
            last_seqs: [(1, 6)].into(),
            pending: BTreeSet::new(),
            nodes: [(FIRST, name(NODE)), (SECOND, name(NODE))].into(),
            in_calls: BTreeMap::new(),
        };
        // A fault that has to do with nothing.
        let timeline = Timeline {
            start: 0,
            absences: vec![gone(Away::Bus, 1, 2)],
            stalls: Vec::new(),
            notes: Vec::new(),
        };
        Self { story: Story::sound(), sums, timeline }
    }

    fn findings(&self) -> Findings {
        let mut found = Findings::default();
        let nodes = [Some(name(NODE)), Some(name(1))];
        check(&self.story.run, (&self.story.tables, &self.sums), &self.timeline, &nodes, &mut found);
        found
    }
}

fn name(node: usize) -> Uuid {
    Uuid::from_u128(node as u128 + 1)
}

fn gone(what: Away, from: u64, until: u64) -> Absence {
    Absence { what, from, until }
}

/// Breaks a sound run; the checks must complain in these words.
fn found(words: &str, breaks: impl FnOnce(&mut Scene)) {
    let findings = after(breaks);
    let complains = findings.violations.iter().any(|violation| violation.contains(words));
    assert!(complains, "no complaint has \"{words}\" in it; {}", findings.words());
}

/// What happens is no fault.
fn is_right(happens: impl FnOnce(&mut Scene)) {
    let findings = after(happens);
    assert!(findings.violations.is_empty(), "{}", findings.words());
}

fn after(happens: impl FnOnce(&mut Scene)) -> Findings {
    let mut scene = Scene::sound();
    happens(&mut scene);
    scene.findings()
}

#[test]
fn a_sound_run_of_a_cluster_has_nothing_wrong() {
    is_right(|_| ());
}

#[test]
fn a_deadline_is_late_while_its_node_lives() {
    found("timed out 550 ms late (Peace", |scene| scene.story.event(TIMES_OUT).time = DEADLINE + 550);
    // Another node's absence long ago is no excuse.
    found("late (Peace", |scene| {
        scene.timeline.absences.push(gone(Away::Killed(1), DEADLINE - 20_000, DEADLINE - 15_000));
        scene.story.event(TIMES_OUT).time = DEADLINE + 550;
    });
    // Nor is one that does not concern it.
    found("late (OthersAway", |scene| {
        scene.timeline.absences.push(gone(Away::Killed(1), DEADLINE - 100, DEADLINE + 9_000));
        scene.story.event(TIMES_OUT).time = DEADLINE + 550;
    });
}

#[test]
fn a_deadline_is_later_than_the_machine_was_slow() {
    let slow = Stall { from: DEADLINE - 50, until: DEADLINE + 50 };
    is_right(|scene| {
        scene.timeline.stalls.push(slow);
        scene.story.event(TIMES_OUT).time = DEADLINE + 890;
    });
    found("late (Peace", |scene| {
        scene.timeline.stalls.push(slow);
        scene.story.event(TIMES_OUT).time = DEADLINE + 910;
    });
}

#[test]
fn a_deadline_is_late_whose_slow_commit_the_store_cut_off() {
    let slow = Stall { from: DEADLINE - 50, until: DEADLINE + 50 };
    let store = gone(Away::Store(StoreEnd::Killed), DEADLINE + 800, DEADLINE + 5_000);
    // Back after 5 s, found again within 1.5, fired within 2, and all that four times as slow for 0.1 s.
    is_right(|scene| {
        scene.timeline.stalls.push(slow);
        scene.timeline.absences.push(store);
        scene.story.event(TIMES_OUT).time = DEADLINE + 8_890;
    });
    found("late (StoreAway", |scene| {
        scene.timeline.stalls.push(slow);
        scene.timeline.absences.push(store);
        scene.story.event(TIMES_OUT).time = DEADLINE + 8_910;
    });
    // On a machine that was not slow it had to be fired before.
    found("late (Peace", |scene| {
        scene.timeline.absences.push(store);
        scene.story.event(TIMES_OUT).time = DEADLINE + 5_600;
    });
}

#[test]
fn a_deadline_is_late_after_its_node_was_killed() {
    let killed = gone(Away::Killed(NODE), DEADLINE - 100, DEADLINE + 9_000);
    is_right(|scene| {
        scene.timeline.absences.push(killed);
        scene.story.event(TIMES_OUT).time = DEADLINE + 1_900;
    });
    found("late (Killed", |scene| {
        scene.timeline.absences.push(killed);
        scene.story.event(TIMES_OUT).time = DEADLINE + 2_100;
    });
}

#[test]
fn a_deadline_is_late_although_the_locks_of_a_node_that_stands_still_are_free() {
    let frozen = gone(Away::Frozen(1), DEADLINE - 5_000, DEADLINE + 5_000);
    is_right(|scene| {
        scene.timeline.absences.push(frozen);
        scene.story.event(TIMES_OUT).time = DEADLINE + 2_900;
    });
    found("late (Stopped", |scene| {
        scene.timeline.absences.push(frozen);
        scene.story.event(TIMES_OUT).time = DEADLINE + 3_100;
    });
}

#[test]
fn a_deadline_is_late_after_the_store_came_back() {
    let away = gone(Away::Store(StoreEnd::Killed), DEADLINE - 1_000, DEADLINE + 5_000);
    is_right(|scene| {
        scene.timeline.absences.push(away);
        scene.story.event(TIMES_OUT).time = DEADLINE + 6_000;
    });
    found("late (StoreAway", |scene| {
        scene.timeline.absences.push(away);
        scene.story.event(TIMES_OUT).time = DEADLINE + 11_000;
    });
}

#[test]
fn a_deadline_is_nobodys() {
    found("nobody watched", |scene| {
        scene.sums.nodes.insert(SECOND, Uuid::nil());
    });
}

#[test]
fn a_device_waits_in_silence() {
    let wait = Wait { node: NODE, from: DEADLINE, until: DEADLINE + 7_000 };
    found("waited 7000 ms", |scene| scene.story.bob().waits.push(wait));
    found("waited 7000 ms", |scene| {
        scene.timeline.absences.push(gone(Away::Frozen(1), DEADLINE, DEADLINE + 6_000));
        scene.story.bob().waits.push(wait);
    });
    is_right(|scene| {
        scene.timeline.absences.push(gone(Away::Frozen(NODE), DEADLINE, DEADLINE + 6_000));
        scene.story.bob().waits.push(wait);
    });
}

#[test]
fn a_device_waits_for_a_store_that_comes_and_goes() {
    let back = gone(Away::Store(StoreEnd::Stopped), DEADLINE, DEADLINE + 3_000);
    let wait = |until| Wait { node: NODE, from: DEADLINE, until };
    is_right(|scene| {
        scene.timeline.absences.push(back);
        scene.story.bob().waits.push(wait(DEADLINE + 7_900));
    });
    found("waited 8100 ms", |scene| {
        scene.timeline.absences.push(back);
        scene.story.bob().waits.push(wait(DEADLINE + 8_100));
    });
}

#[test]
fn a_node_loses_a_store_that_is_there() {
    let refused = |at| Entry::Answered(0, Outcome::Refused(Box::new(Reason::StoreUnavailable.error())), at);
    found("when the store was there", |scene| scene.story.alice().entries.push(refused(DEADLINE)));
    is_right(|scene| {
        scene.timeline.absences.push(gone(Away::Store(StoreEnd::Killed), DEADLINE - 4_000, DEADLINE - 1_000));
        scene.story.alice().entries.push(refused(DEADLINE));
    });
}

#[test]
fn a_sum_is_wrong() {
    found("alice's head", |scene| {
        scene.sums.users.insert(ALICE, (7, 0));
    });
    found("alice's head and open invitations", |scene| {
        scene.sums.users.insert(ALICE, (6, 1));
    });
    found("is pending for bob", |scene| {
        scene.sums.pending.insert(("bob".to_owned(), SECOND));
    });
    found("bob is kept as in one", |scene| {
        scene.sums.in_calls.insert("bob".to_owned(), "one".to_owned());
    });
    found("last seq is kept as 5", |scene| {
        scene.sums.last_seqs.insert(1, 5);
    });
}

#[test]
fn a_log_tells_of_errors() {
    let mut found = Findings::default();
    log_is_clean(
        "WARN slow\nERROR the database cannot be reached; commands are refused until it can",
        &mut found,
    );
    assert!(found.violations.is_empty(), "{}", found.words());
    log_is_clean("ERROR it hurts\nthread 'main' panicked at src/main.rs", &mut found);
    assert_eq!(found.violations.len(), 2, "{}", found.words());
}

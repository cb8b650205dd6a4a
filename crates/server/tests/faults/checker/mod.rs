//! What must be true after a run, each rule a function with a name.

mod broken;
mod calls;
mod commands;
mod devices;
mod invitations;
pub(crate) mod story;
mod streams;

use std::collections::{BTreeMap, HashMap};

use crate::load::Run;
use crate::load::journal::{Entry, Outcome};
use crate::model::{Event, Tables};

/// Violations told in words; the first ones are the cause, the rest usually their echo.
const TOLD: usize = 25;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// In words.
    pub(crate) violations: Vec<String>,
    /// Counts of what was looked at.
    pub(crate) summary: String,
}

impl Findings {
    pub(crate) fn only(violation: String) -> Self {
        Self { violations: vec![violation], summary: String::new() }
    }

    /// The first violations in words.
    pub(crate) fn words(&self) -> String {
        let first: Vec<&str> = self.violations.iter().take(TOLD).map(String::as_str).collect();
        format!("{} violations, the first:\n- {}", self.violations.len(), first.join("\n- "))
    }

    /// Takes over what another look has found.
    pub(crate) fn join(&mut self, other: Self) {
        self.violations.extend(other.violations);
        self.summary.push_str(&other.summary);
    }

    /// Adds a line to the summary.
    pub(crate) fn counted(&mut self, line: &str) {
        self.summary.push_str(line);
        self.summary.push('\n');
    }

    pub(crate) fn wrong(&mut self, words: String) {
        self.violations.push(words);
    }
}

/// The tables, with the ways into them that the rules need.
struct Facts {
    tables: Tables,
    rows: HashMap<String, i64>,
    invitation_rows: HashMap<String, i64>,
    /// Events of each invitation by version.
    of_invitation: BTreeMap<i64, Vec<i64>>,
}

impl Facts {
    fn new(tables: Tables) -> Self {
        let rows = tables.users.iter().map(|(row, name)| (name.clone(), *row)).collect();
        let invitation_rows =
            tables.invitations.iter().map(|(row, one)| (one.id().to_owned(), *row)).collect();
        let mut of_invitation: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (id, event) in &tables.events {
            if let Some(invitation) = event.invitation {
                of_invitation.entry(invitation).or_default().push(*id);
            }
        }
        for ids in of_invitation.values_mut() {
            ids.sort_by_key(|id| tables.events[id].version);
        }
        Self { tables, rows, invitation_rows, of_invitation }
    }

    fn event_at(&self, user: &str, cursor: u64) -> Option<&Event> {
        let row = self.rows.get(user)?;
        self.tables.streams.get(&(*row, cursor)).and_then(|event| self.tables.events.get(event))
    }
}

/// Looks at all that every store must get right.
pub(crate) fn check(run: &Run, tables: Tables, found: &mut Findings) {
    let facts = Facts::new(tables);
    devices::check_complaints(run, found);
    streams::check(&facts, found);
    invitations::check(&facts, found);
    calls::check(run, &facts, found);
    commands::check(run, &facts, found);
    devices::check(run, &facts, found);
    found.summary.push_str(&summary(run, &facts));
    calls::count(run, &facts, found);
}

fn summary(run: &Run, facts: &Facts) -> String {
    let (mut acked, mut refused, mut unknown, mut seen) = (0, 0, 0, 0);
    for entry in run.journals.iter().flat_map(|journal| &journal.entries) {
        match entry {
            Entry::Answered(_, Outcome::Acked(_), _) => acked += 1,
            Entry::Answered(_, Outcome::Refused(_), _) => refused += 1,
            Entry::Answered(_, Outcome::Unknown, _) => unknown += 1,
            Entry::Saw(_) => seen += 1,
        }
    }
    let sessions: u32 = run.journals.iter().map(|journal| journal.sessions).sum();
    let Tables { events, streams, messages, invitations, .. } = &facts.tables;
    let lateness = lateness(facts);
    format!(
        "{} devices in {sessions} sessions\n\
         commands: {acked} acknowledged, {refused} refused, {unknown} cut off without a reply\n\
         events: {} at {} places in streams, told {seen} times; {} messages\n\
         invitations: {}, {} of them timed out, at most {} ms late\n",
        run.journals.len(),
        events.len(),
        streams.len(),
        messages.len(),
        invitations.len(),
        lateness.len(),
        lateness.iter().max().unwrap_or(&0),
    )
}

/// How long after its deadline each timeout came, ms; those that passed while no server ran had to wait for one.
fn lateness(facts: &Facts) -> Vec<u64> {
    let timeouts = facts.tables.events.values().filter(|event| event.kind() == "invitation.timedOut");
    timeouts
        .filter_map(|event| {
            let invitation = facts.tables.invitations.get(&event.invitation?)?;
            Some(event.time.saturating_sub(invitation.deadline()?))
        })
        .collect()
}

//! What must be true after a run, each rule a function with a name.

mod commands;
mod devices;
mod invitations;
mod streams;

use std::collections::{BTreeMap, HashMap};

use crate::journal::{Entry, Outcome};
use crate::load::Run;
use crate::process::House;
use crate::tables::{Event, Tables};

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

    fn wrong(&mut self, words: String) {
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
        Self { tables, rows, invitation_rows, of_invitation }
    }

    fn event_at(&self, user: &str, cursor: u64) -> Option<&Event> {
        let row = self.rows.get(user)?;
        self.tables.streams.get(&(*row, cursor)).and_then(|event| self.tables.events.get(event))
    }
}

/// Looks at everything.
pub(crate) fn check(run: &Run, house: &House) -> Findings {
    let tables = match Tables::read(&house.database()) {
        Ok(tables) => tables,
        Err(error) => return Findings::only(format!("the database cannot be read: {error}")),
    };
    let facts = Facts::new(tables);
    let mut found = Findings::default();
    streams::check(&facts, &mut found);
    invitations::check(&facts, &mut found);
    commands::check(run, &facts, &mut found);
    devices::check(run, &facts, &mut found);
    the_server_did_not_panic(house, &mut found);
    found.summary = summary(run, &facts);
    found
}

fn the_server_did_not_panic(house: &House, found: &mut Findings) {
    for line in house.log().lines().filter(|line| line.contains("panicked") || line.contains("ERROR")) {
        found.wrong(format!("the server's log says: {line}"));
    }
}

fn summary(run: &Run, facts: &Facts) -> String {
    let (mut acked, mut refused, mut unknown, mut seen) = (0, 0, 0, 0);
    for entry in run.journals.iter().flat_map(|journal| &journal.entries) {
        match entry {
            Entry::Answered(_, Outcome::Acked(_)) => acked += 1,
            Entry::Answered(_, Outcome::Refused(_)) => refused += 1,
            Entry::Answered(_, Outcome::Unknown) => unknown += 1,
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

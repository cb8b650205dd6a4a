//! Streams and conversations have no gaps, and journal and index tables say the same.

use std::collections::BTreeMap;

use super::{Facts, Findings};

pub(super) fn check(facts: &Facts, found: &mut Findings) {
    streams_agree_with_the_journal(facts, found);
    conversations_agree_with_the_journal(facts, found);
    no_event_stands_twice_in_a_stream(facts, found);
    versions_go_up_in_every_stream(facts, found);
}

type Places = BTreeMap<(i64, u64), i64>;

fn streams_agree_with_the_journal(facts: &Facts, found: &mut Findings) {
    let mut journal = Places::new();
    for (id, event) in &facts.tables.events {
        for (user, cursor) in &event.streams {
            if let Some(other) = journal.insert((*user, *cursor), *id) {
                let name = &facts.tables.users[user];
                found.wrong(format!("events {other} and {id} both stand at {cursor} in {name}'s stream"));
            }
        }
    }
    gap_free(&journal, |user| format!("{}'s stream", facts.tables.users[&user]), found);
    same(&journal, &facts.tables.streams, "streams", found);
}

fn conversations_agree_with_the_journal(facts: &Facts, found: &mut Findings) {
    let mut journal = Places::new();
    for (id, event) in &facts.tables.events {
        let Some((conversation, seq)) = event.message else { continue };
        if let Some(other) = journal.insert((conversation, seq), *id) {
            let name = &facts.tables.conversations[&conversation];
            found.wrong(format!("events {other} and {id} both stand at {seq} in {name}"));
        }
    }
    gap_free(&journal, |row| facts.tables.conversations[&row].clone(), found);
    same(&journal, &facts.tables.messages, "messages", found);
}

/// Each owner's places are 1, 2, 3 …
fn gap_free(places: &Places, name: impl Fn(i64) -> String, found: &mut Findings) {
    let (mut owner, mut last) = (0, 0);
    for (now, place) in places.keys() {
        if *now != owner {
            (owner, last) = (*now, 0);
        }
        if *place != last + 1 {
            found.wrong(format!("{} goes from {last} to {place}", name(owner)));
        }
        last = *place;
    }
}

fn same(journal: &Places, table: &Places, name: &str, found: &mut Findings) {
    for (place, event) in journal {
        if table.get(place) != Some(event) {
            found.wrong(format!(
                "{place:?} is event {event} in the journal, {:?} in {name}",
                table.get(place)
            ));
        }
    }
    for (place, event) in table.iter().filter(|(place, _)| !journal.contains_key(place)) {
        found.wrong(format!("{place:?} (event {event}) stands in {name} and not in the journal"));
    }
}

fn no_event_stands_twice_in_a_stream(facts: &Facts, found: &mut Findings) {
    let mut places: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    for ((user, cursor), id) in &facts.tables.streams {
        if let Some(before) = places.insert((*user, *id), *cursor) {
            let name = &facts.tables.users[user];
            found.wrong(format!("event {id} stands twice in {name}'s stream, at {before} and {cursor}"));
        }
    }
}

/// Whoever is told of an invitation is told in the order in which it happened.
fn versions_go_up_in_every_stream(facts: &Facts, found: &mut Findings) {
    let mut newest: BTreeMap<(i64, i64), u32> = BTreeMap::new();
    for ((user, cursor), id) in &facts.tables.streams {
        let Some(event) = facts.tables.events.get(id) else { continue };
        let Some((invitation, version)) = event.invitation.zip(event.version) else { continue };
        if newest.insert((*user, invitation), version).is_some_and(|before| before >= version) {
            let name = &facts.tables.users[user];
            found
                .wrong(format!("{name}'s stream goes back to version {version} at {cursor}: {}", event.body));
        }
    }
}

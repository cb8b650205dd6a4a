//! What was acknowledged is there, as it was acknowledged; what was refused is not.

use std::collections::HashMap;

use wigwag_protocol::Reason;

use super::{Facts, Findings};
use crate::load::Run;
use crate::load::journal::{Ack, Journal, Outcome};
use crate::load::wish::Wish;
use crate::model::Event;

pub(super) fn check(run: &Run, facts: &Facts, found: &mut Findings) {
    let mut made: HashMap<(&str, &str), usize> = HashMap::new();
    for event in facts.tables.events.values() {
        *made.entry((event.kind(), event.token())).or_default() += 1;
    }
    for journal in &run.journals {
        for (wish, outcomes) in journal.commands() {
            let mut wrong = |words: String| found.wrong(format!("{}: {wish:?} {words}", journal.device));
            let acks: Vec<&Ack> = outcomes.iter().filter_map(|outcome| acked(outcome)).collect();
            repeats_get_the_first_reply(&acks, &mut wrong);
            only_the_rules_refuse(&outcomes, run.store_may_be_away, &mut wrong);
            if let Some(token) = wish.token() {
                let made_as = |kind: &&str| made.get(&(*kind, token)).copied().unwrap_or(0);
                let times = wish.event_types().iter().map(made_as).sum();
                it_happened_as_often_as_told(journal, &outcomes, times, &mut wrong);
                if times == 0 {
                    nothing_of_it_is_left(facts, journal, wish, &mut wrong);
                }
            }
            for ack in acks {
                it_is_where_it_was_acknowledged(facts, journal, (wish, ack), &mut wrong);
            }
        }
    }
}

fn acked(outcome: &Outcome) -> Option<&Ack> {
    match outcome {
        Outcome::Acked(ack) => Some(ack),
        Outcome::Refused(_) | Outcome::Unknown => None,
    }
}

fn repeats_get_the_first_reply(acks: &[&Ack], wrong: &mut impl FnMut(String)) {
    if acks.windows(2).any(|pair| pair[0] != pair[1]) {
        wrong(format!("was acknowledged in different words: {acks:?}"));
    }
}

/// A server that is killed has no other fault to report, as long as its store is there.
fn only_the_rules_refuse(outcomes: &[&Outcome], store_may_be_away: bool, wrong: &mut impl FnMut(String)) {
    for outcome in outcomes {
        if let Outcome::Refused(error) = outcome {
            let reason = error.data.reason;
            let ours = matches!(reason, Reason::Internal | Reason::StoreFull)
                || (reason == Reason::StoreUnavailable && !store_may_be_away);
            if ours {
                wrong(format!("failed: {error}"));
            }
        }
    }
}

/// Once when it was acknowledged, never when it was refused, at most once when nobody knows.
fn it_happened_as_often_as_told(
    journal: &Journal,
    outcomes: &[&Outcome],
    times: usize,
    wrong: &mut impl FnMut(String),
) {
    let acknowledged = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Acked(_)));
    let refused = outcomes
        .iter()
        .all(|outcome| matches!(outcome, Outcome::Refused(_)) && !journal.leaves_open(outcome));
    let right = match (acknowledged, refused) {
        (true, _) => times == 1,
        (false, true) => times == 0,
        (false, false) => times <= 1,
    };
    if !right {
        wrong(format!("happened {times} times; it was answered with {outcomes:?}"));
    }
}

/// A command without its event has left no state either: the two are one transaction.
fn nothing_of_it_is_left(facts: &Facts, journal: &Journal, wish: &Wish, wrong: &mut impl FnMut(String)) {
    let made = match wish {
        Wish::Invite(_) | Wish::InviteInGroup(_) => {
            wish.invite_id().is_some_and(|id| facts.invitation_rows.contains_key(id.as_str()))
        }
        Wish::Send(message) => {
            let key = (facts.rows[journal.user.as_str()], message.client_msg_id.clone().unwrap_or_default());
            facts.tables.client_messages.contains_key(&key)
        }
        Wish::Accept(_)
        | Wish::Reject(_)
        | Wish::Cancel(_)
        | Wish::Modify(_)
        | Wish::AddMembers(_)
        | Wish::RemoveMembers(_)
        | Wish::Join(_)
        | Wish::Quit(_)
        | Wish::CallJoin(_)
        | Wish::HangUp(_) => false,
    };
    if made {
        wrong("left its state without its event".to_owned());
    }
}

fn it_is_where_it_was_acknowledged(
    facts: &Facts,
    journal: &Journal,
    (wish, ack): (&Wish, &Ack),
    wrong: &mut impl FnMut(String),
) {
    let Some(cursor) = ack.cursor else {
        if wish.token().is_some() {
            wrong("was acknowledged without a cursor".to_owned());
        }
        return;
    };
    let Some(event) = facts.event_at(journal.user.as_str(), cursor) else {
        return wrong(format!("was acknowledged at cursor {cursor}, where nothing is"));
    };
    if !is_what_was_acknowledged(event, wish, ack) {
        wrong(format!("was acknowledged as {ack:?}; there is {}", event.body));
    }
    // The reply to a step of a call does not name the message that an invitation's step makes.
    if place(facts, event) != ack.message && !wish.is_step_of_call() {
        wrong(format!("was acknowledged as {ack:?}; its message is at {:?}", place(facts, event)));
    }
    if let (Some(deadline), Some(id)) = (ack.deadline, wish.invite_id()) {
        let row = facts.invitation_rows.get(id.as_str());
        let kept = row.and_then(|row| facts.tables.invitations[row].deadline());
        if kept != Some(deadline) {
            wrong(format!("was acknowledged with deadline {deadline}; its record says {kept:?}"));
        }
    }
}

fn is_what_was_acknowledged(event: &Event, wish: &Wish, ack: &Ack) -> bool {
    let its_own =
        wish.event_types().contains(&event.kind()) && wish.token().is_none_or(|token| token == event.token());
    let accepted = ack.call.as_ref().and_then(|call| call.accepted.as_deref());
    match (accepted, wish.invite_id()) {
        // An invite that met the other's is told as its accept; its own version is 1 all the same.
        (Some(theirs), _) => its_own && event.text("inviteID") == theirs && ack.version == Some(1),
        (None, Some(own)) => {
            its_own && event.text("inviteID") == own.as_str() && event.version == ack.version
        }
        (None, None) => its_own && (wish.is_step_of_call() || event.version == ack.version),
    }
}

fn place(facts: &Facts, event: &Event) -> Option<(String, u64)> {
    // A modification makes none, and names the invite's.
    if event.kind() == "invitation.modified" {
        let named = &event.body["message"];
        return Some((named["conversation"].as_str()?.to_owned(), named["seq"].as_u64()?));
    }
    event.message.map(|(row, seq)| (facts.tables.conversations[&row].clone(), seq))
}

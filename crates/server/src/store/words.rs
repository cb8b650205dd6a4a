//! The words that stand for small enumerations in the tables.

use wigwag_protocol::group::{JoinPolicy, Reach, ReachableBy, Role};

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

pub(super) fn read_role(text: &str) -> Role {
    match text {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        _ => Role::Member,
    }
}

pub(super) fn join_policy(policy: JoinPolicy) -> &'static str {
    match policy {
        JoinPolicy::Free => "free",
        JoinPolicy::InviteOnly => "inviteOnly",
    }
}

pub(super) fn read_join_policy(text: &str) -> JoinPolicy {
    if text == "inviteOnly" { JoinPolicy::InviteOnly } else { JoinPolicy::Free }
}

pub(super) fn reachable_by(by: ReachableBy) -> &'static str {
    match by {
        ReachableBy::Everybody => "everybody",
        ReachableBy::Known => "known",
        ReachableBy::Nobody => "nobody",
    }
}

fn known_reachable_by(text: &str) -> Option<ReachableBy> {
    match text {
        "everybody" => Some(ReachableBy::Everybody),
        "known" => Some(ReachableBy::Known),
        "nobody" => Some(ReachableBy::Nobody),
        _ => None,
    }
}

/// A word that this version does not know was written by a newer one, and lets nobody in.
fn read_reachable_by(text: &str) -> ReachableBy {
    known_reachable_by(text).unwrap_or(ReachableBy::Nobody)
}

/// The rules of one user, by their two columns.
pub(super) fn read_reach(ring: &str, add: &str) -> Reach {
    Reach { ring: read_reachable_by(ring), add: read_reachable_by(add) }
}

/// What is wrong with a time in ms, given in words.
pub(super) fn unreadable_time(words: &str) -> Option<String> {
    words.parse::<u64>().is_err().then(|| format!("{words} is no time since the epoch"))
}

/// What is wrong with the rules of one user, given as both words with a space between them.
pub(super) fn unreadable_reach(words: &str) -> Option<String> {
    let unknown = words.split(' ').find(|word| known_reachable_by(word).is_none())?;
    Some(format!("{unknown:?} is none of the rules, and counts as nobody"))
}

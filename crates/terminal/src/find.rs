//! Which open invitation a person means, so that they need not type inviteIDs.

use wigwag_protocol::invitation::{InvitationView, InviteeState};
use wigwag_protocol::{InviteId, UserId};

use crate::command::{Target, Verb};

/// Shortest part of an inviteID that is taken for it.
const SHORTEST_PART: usize = 4;

/// The invitation meant by `target` for `verb`, or for any use when there is none. `open` is what is open, oldest first. A
/// name that fits no open invitation is left to the server.
pub(super) fn find(
    open: &[InvitationView],
    me: &UserId,
    verb: Option<Verb>,
    target: &Target,
) -> Result<InviteId, String> {
    match target {
        Target::Named(name) => Ok(completed(open, name)),
        Target::Last => {
            let newest = open.iter().rev().find(|invitation| fits(invitation, me, verb));
            newest.map(|invitation| invitation.invite_id.clone()).ok_or_else(|| nothing_to(verb))
        }
    }
}

fn completed(open: &[InvitationView], name: &InviteId) -> InviteId {
    let part = name.as_str();
    let is_meant = |id: &&InviteId| {
        let id = id.as_str();
        id == part || (part.len() >= SHORTEST_PART && (id.starts_with(part) || id.ends_with(part)))
    };
    let mut meant = open.iter().map(|invitation| &invitation.invite_id).filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(only), None) => only.clone(),
        _ => name.clone(),
    }
}

fn fits(invitation: &InvitationView, me: &UserId, verb: Option<Verb>) -> bool {
    match verb {
        Some(Verb::Accept | Verb::Reject) => invitation
            .invitees
            .iter()
            .any(|invitee| invitee.user_id == *me && invitee.state == InviteeState::Pending),
        Some(Verb::Cancel) => invitation.inviter == *me,
        None => true,
    }
}

fn nothing_to(verb: Option<Verb>) -> String {
    match verb {
        Some(Verb::Accept) => "no open invitation waits for you to accept it",
        Some(Verb::Reject) => "no open invitation waits for you to reject it",
        Some(Verb::Cancel) => "none of your invitations is open",
        None => "no invitation is open",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id(text: &str) -> InviteId {
        InviteId::parse(text).unwrap()
    }

    fn user(text: &str) -> UserId {
        UserId::parse(text).unwrap()
    }

    fn invitation(name: &str, inviter: &str, invitees: &[(&str, &str)]) -> InvitationView {
        let invitees: Vec<_> =
            invitees.iter().map(|(user, state)| json!({"userID": user, "state": state})).collect();
        serde_json::from_value(json!({
            "inviteID": name, "inviter": inviter, "inviterDevice": {"deviceID": "d", "platform": 7}, "invitees": invitees,
            "data": "", "timeout": 0, "createdAt": 1, "status": "open", "version": 1
        }))
        .unwrap()
    }

    fn open() -> Vec<InvitationView> {
        vec![
            invitation("first-aaaa", "alice", &[("bob", "pending")]),
            invitation(
                "second-bbbb",
                "bob",
                &[("alice", "pending"), ("carol", "pending"), ("eve", "rejected")],
            ),
            invitation("third-cccc", "carol", &[("dave", "pending")]),
        ]
    }

    #[test]
    fn the_newest_that_fits_is_meant() {
        let (open, alice) = (open(), user("alice"));
        let last = |verb| find(&open, &alice, verb, &Target::Last);
        assert_eq!(last(Some(Verb::Accept)), Ok(id("second-bbbb")));
        assert_eq!(last(Some(Verb::Cancel)), Ok(id("first-aaaa")));
        assert_eq!(last(None), Ok(id("third-cccc")));
        let of_eve = find(&open, &user("eve"), Some(Verb::Reject), &Target::Last);
        assert_eq!(of_eve, Err("no open invitation waits for you to reject it".to_owned()));
    }

    #[test]
    fn a_part_of_a_name_is_enough_when_it_is_the_only_one() {
        let open = open();
        for (given, meant) in
            [("first", "first-aaaa"), ("bbbb", "second-bbbb"), ("cc", "cc"), ("other", "other")]
        {
            let found = find(&open, &user("alice"), None, &Target::Named(id(given)));
            assert_eq!(found, Ok(id(meant)));
        }
    }
}

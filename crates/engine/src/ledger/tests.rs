//! What the ledger forgets.

use wigwag_protocol::invitation::Notify;

use super::*;
use crate::invitation::{Guests, Receipt, Switches};

const MOST: usize = 4;

fn told_to(number: usize, users: usize) -> Loaded {
    let id = InviteId::parse(&format!("i{number}")).unwrap();
    let user = |number| UserId::parse(&format!("user-{number:04}")).unwrap();
    let (group, notify) = (GroupId::parse("g").unwrap(), Notify::Members);
    let invitation = Invitation {
        id: id.clone(),
        inviter: user(0),
        inviter_device: None,
        guests: Guests::Members { group, invitees: Vec::new(), ignored: Vec::new(), notify },
        data: String::new(),
        first_data: None,
        timeout: 30,
        created_at: 1,
        switches: Switches { online_user_only: true, ..Switches::default() },
        told: Some((0..users).map(user).collect()),
        offline_push_info: None,
        replaced_push_info: None,
        call: None,
        version: 1,
        receipt: Receipt::default(),
        withdrawals: Vec::new(),
        end: None,
    };
    Loaded::Invitation(id, Some(Arc::new(invitation)))
}

#[test]
fn few_invitations_that_name_many_users_are_forgotten_too() {
    let mut ledger = Ledger::default();
    ledger.take(told_to(0, MOST * NAMES_PER_ROW));
    ledger.take(told_to(0, 1_000));
    ledger.trim(MOST);
    assert_eq!(ledger.invitations.len(), 1, "at the bound, which what is not taken in does not count for");
    ledger.take(told_to(1, 1));
    ledger.trim(MOST);
    assert_eq!((ledger.invitations.len(), ledger.names_in_invitations), (0, 0));
}

#[test]
fn nobody_has_left_a_group_whose_namesake_was_dismissed_before_that_is_written() {
    let mut ledger = Ledger::default();
    let (group, user) = (GroupId::parse("g").unwrap(), UserId::parse("u").unwrap());
    ledger.carry_out(Effect::GroupDropped(&group));
    ledger.take(Loaded::HasLeft(group.clone(), user.clone(), true));
    assert!(!ledger.has_left(&group, &user).unwrap(), "what is loaded is older than the dismissal");
    ledger.trim(0);
    ledger.take(Loaded::HasLeft(group.clone(), user.clone(), true));
    assert!(ledger.has_left(&group, &user).unwrap(), "what was written since counts");
}

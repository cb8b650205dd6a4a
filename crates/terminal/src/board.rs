//! The invitations known to be open, so that a person need not type inviteIDs.

use std::collections::VecDeque;

use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::invitation::{InvitationView, InviteeState};
use wigwag_protocol::{Event, InvitationEvent, InviteId, UserId};

use crate::command::{Target, Verb};

/// Open invitations in the order they came.
#[derive(Debug, Default)]
pub(super) struct Board {
    open: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    invite_id: InviteId,
    inviter: UserId,
    pending: Vec<UserId>,
}

/// Most invitations kept: far more than a person can have in mind. The oldest go first.
const MOST: usize = 1_000;
/// Shortest part of an inviteID that is taken for it.
const SHORTEST_PART: usize = 4;

impl Board {
    /// Takes the server's list, oldest first, for the truth.
    pub(super) fn replace(&mut self, invitations: &[InvitationView]) {
        self.open.clear();
        for invitation in invitations {
            let pending = invitation.invitees.iter().filter(|invitee| invitee.state == InviteeState::Pending);
            let pending = pending.map(|invitee| invitee.user_id.clone()).collect();
            self.add(&invitation.invite_id, &invitation.inviter, pending);
        }
    }

    /// Follows an event.
    pub(super) fn follow(&mut self, event: &Event) {
        let Some(event) = event.of_invitation() else { return };
        match event {
            InvitationEvent::Received(InvitationReceived { invite_id, inviter, invitee_list, .. }) => {
                self.add(invite_id, inviter, invitee_list.clone());
            }
            InvitationEvent::Accepted(answered) | InvitationEvent::Rejected(answered) => {
                self.settle(&answered.invite_id, &answered.invitee);
            }
            InvitationEvent::Cancelled(closed) | InvitationEvent::TimedOut(closed) => {
                self.remove(&closed.invite_id);
            }
            InvitationEvent::Modified(_) => {}
        }
    }

    pub(super) fn add(&mut self, invite_id: &InviteId, inviter: &UserId, pending: Vec<UserId>) {
        self.remove(invite_id);
        self.open.push_back(Entry { invite_id: invite_id.clone(), inviter: inviter.clone(), pending });
        if self.open.len() > MOST {
            self.open.pop_front();
        }
    }

    /// `invitee` is no longer pending; without pending invitees the invitation has ended.
    pub(super) fn settle(&mut self, invite_id: &InviteId, invitee: &UserId) {
        if let Some(entry) = self.open.iter_mut().find(|entry| entry.invite_id == *invite_id) {
            entry.pending.retain(|pending| pending != invitee);
        }
        self.open.retain(|entry| !entry.pending.is_empty());
    }

    pub(super) fn remove(&mut self, invite_id: &InviteId) {
        self.open.retain(|entry| entry.invite_id != *invite_id);
    }

    /// The invitation meant by `target` for `verb`, or for any use when there is none. A name that fits no open
    /// invitation is left to the server.
    pub(super) fn find(&self, me: &UserId, verb: Option<Verb>, target: &Target) -> Result<InviteId, String> {
        match target {
            Target::Named(name) => Ok(self.completed(name)),
            Target::Last => {
                let newest = self.open.iter().rev().find(|entry| entry.fits(me, verb));
                newest.map(|entry| entry.invite_id.clone()).ok_or_else(|| nothing_to(verb))
            }
        }
    }

    fn completed(&self, name: &InviteId) -> InviteId {
        let part = name.as_str();
        let fits = |entry: &&Entry| {
            let id = entry.invite_id.as_str();
            id == part || (part.len() >= SHORTEST_PART && (id.starts_with(part) || id.ends_with(part)))
        };
        let mut fitting = self.open.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => only.invite_id.clone(),
            _ => name.clone(),
        }
    }
}

impl Entry {
    fn fits(&self, me: &UserId, verb: Option<Verb>) -> bool {
        match verb {
            Some(Verb::Accept | Verb::Reject) => self.pending.contains(me),
            Some(Verb::Cancel) => self.inviter == *me,
            None => true,
        }
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
    use super::*;

    fn id(text: &str) -> InviteId {
        InviteId::parse(text).unwrap()
    }

    fn user(text: &str) -> UserId {
        UserId::parse(text).unwrap()
    }

    fn board() -> Board {
        let mut board = Board::default();
        board.add(&id("first-aaaa"), &user("alice"), vec![user("bob")]);
        board.add(&id("second-bbbb"), &user("bob"), vec![user("alice"), user("carol")]);
        board.add(&id("third-cccc"), &user("carol"), vec![user("dave")]);
        board
    }

    #[test]
    fn the_newest_that_fits_is_meant() {
        let (board, alice) = (board(), user("alice"));
        let last = |verb| board.find(&alice, verb, &Target::Last);
        assert_eq!(last(Some(Verb::Accept)), Ok(id("second-bbbb")));
        assert_eq!(last(Some(Verb::Cancel)), Ok(id("first-aaaa")));
        assert_eq!(last(None), Ok(id("third-cccc")));
        assert!(board.find(&user("eve"), Some(Verb::Reject), &Target::Last).is_err());
    }

    #[test]
    fn a_part_of_a_name_is_enough_when_it_is_the_only_one() {
        let board = board();
        for (given, meant) in
            [("first", "first-aaaa"), ("bbbb", "second-bbbb"), ("cc", "cc"), ("other", "other")]
        {
            let found = board.find(&user("alice"), None, &Target::Named(id(given)));
            assert_eq!(found, Ok(id(meant)));
        }
    }

    #[test]
    fn settled_invitations_leave_the_board() {
        let mut board = board();
        board.settle(&id("second-bbbb"), &user("alice"));
        assert!(board.find(&user("alice"), Some(Verb::Accept), &Target::Last).is_err());
        assert_eq!(board.find(&user("carol"), Some(Verb::Accept), &Target::Last), Ok(id("second-bbbb")));
        board.settle(&id("first-aaaa"), &user("bob"));
        assert!(board.find(&user("alice"), Some(Verb::Cancel), &Target::Last).is_err());
    }
}

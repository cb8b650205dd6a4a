//! The rows a batch has to lock before it may believe what they guard, and the keys it loads under them. Pure: names in,
//! names out.
//!
//! Every key of the ledger is guarded by one row (docs/decisions/0003-several-nodes.md): whoever holds the row's lock
//! may believe the key. Guards are locked class by class in the order of the fields below, and in byte order within a
//! class.
//!
//! Who is in which call has no lock of its own: it is guarded by the user's row, as pending invitations are. Whoever moves
//! somebody in or out tells them or their partner, or keeps an invitation of theirs, and so holds their row. So of two
//! users who call each other on two nodes the second waits for the first, and finds the first one's call; and an invitee is
//! busy or not until the invite is written. A room is guarded by its own row. When it has none yet there is nothing to
//! lock: two nodes that open it meet at its key, and the second begins again. The same holds for a call or an invitation that is not there;
//! one that another node commits before the user's lock is ours is named by what that lock guards, and the batch begins again (`load.rs`).

use std::collections::BTreeSet;

use wigwag_engine::{ConversationId, Key};
use wigwag_protocol::{CallId, DeviceId, GroupId, InviteId, RoomId, UserId};

/// Names of rows and of what they guard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Guards {
    /// Guard members, board, departures, conversation, messages, open invitations and running calls of the group.
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) invitations: BTreeSet<InviteId>,
    pub(super) calls: BTreeSet<CallId>,
    /// Guard the newest call of the room.
    pub(super) rooms: BTreeSet<RoomId>,
    /// Guard head, blocks, open count, open invitations without deadline, pending invitations, used-up client message IDs, read
    /// marks, the running call, the seen calls and the quiet hours of the user.
    pub(super) users: BTreeSet<UserId>,
    /// One-to-one; guard their messages.
    pub(super) conversations: BTreeSet<ConversationId>,
    pub(super) blocks: BTreeSet<(UserId, UserId)>,
    pub(super) quiet: BTreeSet<UserId>,
    pub(super) lasting: BTreeSet<UserId>,
    pub(super) pending_for: BTreeSet<UserId>,
    pub(super) in_calls: BTreeSet<UserId>,
    pub(super) running_in: BTreeSet<GroupId>,
    pub(super) calls_seen: BTreeSet<UserId>,
    pub(super) boards: BTreeSet<GroupId>,
    pub(super) departures: BTreeSet<(GroupId, UserId)>,
    /// Guarded by the user, for the same reason as shared groups.
    pub(super) group_counts: BTreeSet<UserId>,
    /// Guarded by both users: a change of membership is told to the member, and so locks them.
    pub(super) shared_groups: BTreeSet<(UserId, UserId)>,
    pub(super) client_messages: BTreeSet<(UserId, String)>,
    pub(super) reads: BTreeSet<(UserId, ConversationId)>,
    /// Guarded by the user, as their read marks.
    pub(super) pin_counts: BTreeSet<UserId>,
    pub(super) messages: BTreeSet<(ConversationId, u64)>,
    /// The seats of the devices that ask, read under the lock of their users.
    pub(super) seats: BTreeSet<(UserId, DeviceId)>,
}

impl Extend<Key> for Guards {
    fn extend<T: IntoIterator<Item = Key>>(&mut self, keys: T) {
        for key in keys {
            self.add(key);
        }
    }
}

impl Guards {
    /// Adds a key with its guard.
    fn add(&mut self, key: Key) {
        match key {
            Key::User(user) | Key::OpenCount(user) => {
                self.users.insert(user);
            }
            Key::Quiet(user) => self.guard_user(user, |guards| &mut guards.quiet),
            Key::Block(by, target) => {
                self.users.insert(by.clone());
                self.blocks.insert((by, target));
            }
            Key::OpenLasting(inviter) => self.guard_user(inviter, |guards| &mut guards.lasting),
            Key::PendingFor(invitee) => self.guard_user(invitee, |guards| &mut guards.pending_for),
            Key::Invitation(id) => {
                self.invitations.insert(id);
            }
            Key::Call(id) => {
                self.calls.insert(id);
            }
            Key::Room(room) => {
                self.rooms.insert(room);
            }
            Key::InCall(user) => self.guard_user(user, |guards| &mut guards.in_calls),
            Key::RunningInGroup(group) => {
                self.groups.insert(group.clone());
                self.running_in.insert(group);
            }
            Key::CallsSeen(user) => self.guard_user(user, |guards| &mut guards.calls_seen),
            Key::Group(group) | Key::OpenInGroup(group) => {
                self.groups.insert(group);
            }
            Key::Board(group) => self.guard_board(group),
            Key::HasLeft(group, user) => {
                self.groups.insert(group.clone());
                self.departures.insert((group, user));
            }
            Key::GroupCount(user) => self.guard_user(user, |guards| &mut guards.group_counts),
            Key::SharedGroups(of, with) => {
                self.users.extend([of.clone(), with.clone()]);
                self.shared_groups.insert((of, with));
            }
            Key::Conversation(conversation) => self.guard(&conversation),
            Key::Message(conversation, seq) => {
                self.guard(&conversation);
                self.messages.insert((conversation, seq));
            }
            Key::ClientMessage(sender, id) => {
                self.users.insert(sender.clone());
                self.client_messages.insert((sender, id));
            }
            Key::Read(user, conversation) => {
                self.users.insert(user.clone());
                self.guard(&conversation);
                self.reads.insert((user, conversation));
            }
            Key::PinCount(user) => self.guard_user(user, |guards| &mut guards.pin_counts),
        }
    }

    /// A set of users' names, each guarded by the user.
    fn guard_user(&mut self, user: UserId, names: fn(&mut Self) -> &mut BTreeSet<UserId>) {
        self.users.insert(user.clone());
        names(self).insert(user);
    }

    fn guard_board(&mut self, group: GroupId) {
        self.groups.insert(group.clone());
        self.boards.insert(group);
    }

    fn guard(&mut self, conversation: &ConversationId) {
        match conversation {
            ConversationId::Group(group) => {
                self.groups.insert(group.clone());
            }
            ConversationId::OneToOne(..) => {
                self.conversations.insert(conversation.clone());
            }
        }
    }

    /// What is here and not in `have`.
    pub(super) fn beyond(&self, have: &Self) -> Self {
        Self {
            groups: &self.groups - &have.groups,
            invitations: &self.invitations - &have.invitations,
            calls: &self.calls - &have.calls,
            rooms: &self.rooms - &have.rooms,
            users: &self.users - &have.users,
            conversations: &self.conversations - &have.conversations,
            blocks: &self.blocks - &have.blocks,
            quiet: &self.quiet - &have.quiet,
            lasting: &self.lasting - &have.lasting,
            pending_for: &self.pending_for - &have.pending_for,
            in_calls: &self.in_calls - &have.in_calls,
            running_in: &self.running_in - &have.running_in,
            calls_seen: &self.calls_seen - &have.calls_seen,
            boards: &self.boards - &have.boards,
            departures: &self.departures - &have.departures,
            group_counts: &self.group_counts - &have.group_counts,
            shared_groups: &self.shared_groups - &have.shared_groups,
            client_messages: &self.client_messages - &have.client_messages,
            reads: &self.reads - &have.reads,
            pin_counts: &self.pin_counts - &have.pin_counts,
            messages: &self.messages - &have.messages,
            seats: &self.seats - &have.seats,
        }
    }

    /// Adds all of `other`.
    pub(super) fn join(&mut self, other: Self) {
        self.groups.extend(other.groups);
        self.invitations.extend(other.invitations);
        self.calls.extend(other.calls);
        self.rooms.extend(other.rooms);
        self.users.extend(other.users);
        self.conversations.extend(other.conversations);
        self.blocks.extend(other.blocks);
        self.quiet.extend(other.quiet);
        self.lasting.extend(other.lasting);
        self.pending_for.extend(other.pending_for);
        self.in_calls.extend(other.in_calls);
        self.running_in.extend(other.running_in);
        self.calls_seen.extend(other.calls_seen);
        self.boards.extend(other.boards);
        self.departures.extend(other.departures);
        self.group_counts.extend(other.group_counts);
        self.shared_groups.extend(other.shared_groups);
        self.client_messages.extend(other.client_messages);
        self.reads.extend(other.reads);
        self.pin_counts.extend(other.pin_counts);
        self.messages.extend(other.messages);
        self.seats.extend(other.seats);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn guards(keys: impl IntoIterator<Item = Key>) -> Guards {
        let mut guards = Guards::default();
        guards.extend(keys);
        guards
    }

    #[test]
    fn every_key_comes_with_its_guard() {
        let group = GroupId::parse("g").unwrap();
        let (alice, bob) = (user("alice"), user("bob"));
        let theirs = ConversationId::between(&alice, &bob);
        let of_group = ConversationId::Group(group.clone());
        let with = |key: Key| guards([key]);
        assert!(with(Key::Block(bob.clone(), alice.clone())).users.contains(&bob));
        assert!(with(Key::OpenCount(alice.clone())).users.contains(&alice));
        assert!(with(Key::OpenLasting(alice.clone())).users.contains(&alice));
        assert!(with(Key::PendingFor(alice.clone())).users.contains(&alice));
        assert!(with(Key::InCall(alice.clone())).users.contains(&alice));
        assert!(with(Key::CallsSeen(alice.clone())).users.contains(&alice));
        assert!(with(Key::RunningInGroup(group.clone())).groups.contains(&group));
        assert!(with(Key::ClientMessage(alice.clone(), "x".to_owned())).users.contains(&alice));
        assert!(with(Key::GroupCount(alice.clone())).users.contains(&alice));
        let shared = with(Key::SharedGroups(alice.clone(), bob.clone()));
        assert!(shared.users.contains(&alice) && shared.users.contains(&bob));
        assert!(with(Key::Board(group.clone())).groups.contains(&group));
        assert!(with(Key::HasLeft(group.clone(), bob.clone())).groups.contains(&group));
        assert!(with(Key::Read(alice.clone(), of_group.clone())).groups.contains(&group));
        assert!(with(Key::PinCount(alice.clone())).users.contains(&alice));
        assert!(with(Key::Message(of_group.clone(), 1)).groups.contains(&group));
        assert!(with(Key::Conversation(of_group)).groups.contains(&group));
        assert!(with(Key::Message(theirs.clone(), 1)).conversations.contains(&theirs));
        assert!(with(Key::OpenInGroup(group.clone())).groups.contains(&group));
    }

    #[test]
    fn what_is_loaded_is_not_wanted_again() {
        let mut have = guards([Key::User(user("alice"))]);
        let mut more = have.clone();
        more.extend([Key::Block(user("alice"), user("bob"))]);
        let rest = more.beyond(&have);
        assert!(rest.users.is_empty() && rest.blocks.len() == 1);
        have.join(rest);
        assert_eq!(more.beyond(&have), Guards::default());
    }
}

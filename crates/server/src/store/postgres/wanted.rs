//! What a batch needs to have loaded, and which rows it has to lock for it. Pure: names in, names out.
//!
//! Every key of the ledger is guarded by one row (docs/decisions/0003): whoever holds the guard's lock may believe the
//! key. Guards are locked class by class in the order of the fields below, and in byte order within a class.

use std::collections::BTreeSet;

use wigwag_engine::command::{Invited, Signal};
use wigwag_engine::ledger::Key;
use wigwag_engine::{Command, ConversationId, Due, Invitation, Request};
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::Peer;
use wigwag_protocol::signaling_text::ActionType;
use wigwag_protocol::{GroupId, InviteId, UserId};

/// Names of rows and of what they guard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Guard members, conversation, messages and open invitations of the group.
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) invitations: BTreeSet<InviteId>,
    /// Guard head, blocks, open count, used-up client message IDs and read marks of the user.
    pub(super) users: BTreeSet<UserId>,
    /// One-to-one; guard their messages.
    pub(super) conversations: BTreeSet<ConversationId>,
    pub(super) blocks: BTreeSet<(UserId, UserId)>,
    pub(super) client_messages: BTreeSet<(UserId, String)>,
    pub(super) reads: BTreeSet<(UserId, ConversationId)>,
    pub(super) messages: BTreeSet<(ConversationId, u64)>,
}

/// What a command leads on to, beyond the names in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Leads {
    /// Invitations whose parties will be needed.
    pub(super) invitations: BTreeSet<InviteId>,
    /// Groups whose members will be told.
    pub(super) told_groups: BTreeSet<GroupId>,
    /// Groups whose open invitations may be settled.
    pub(super) emptied_groups: BTreeSet<GroupId>,
}

/// Who has to do with an invitation; never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parties {
    users: Vec<UserId>,
    group: Option<(GroupId, Notify)>,
    conversation: Option<ConversationId>,
}

impl Parties {
    pub(super) fn of(invitation: &Invitation) -> Self {
        let invitees = invitation.users();
        let conversation = invitation.conversation();
        let kept = !invitation.switches.online_user_only && invitation.group().is_none();
        Self {
            users: std::iter::once(invitation.inviter.clone()).chain(invitees).collect(),
            group: invitation.group().cloned().map(|group| (group, invitation.notify())),
            conversation: kept.then_some(conversation),
        }
    }
}

impl Wanted {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what a request names. A wrong guess costs a look or a round trip, never truth: the ledger asks for what it
    /// misses.
    pub(super) fn guess(&mut self, request: &Request, leads: &mut Leads) {
        match request {
            Request::By(actor, command) => self.commanded(&actor.user, command, leads),
            Request::Due(Due::Invitation(id)) => self.answer(id, leads),
        }
    }

    fn commanded(&mut self, actor: &UserId, command: &Command, leads: &mut Leads) {
        self.users.insert(actor.clone());
        match command {
            Command::Register | Command::SetProfile { .. } => {}
            Command::Invite(invite) => {
                self.invitations.extend(invite.id.clone());
                self.invited(actor, &invite.invited, invite.switches.online_user_only, leads);
            }
            Command::Cancel(answer)
            | Command::Accept(answer)
            | Command::Reject(answer)
            | Command::Modify(answer) => self.answer(&answer.id, leads),
            Command::SendMessage(send) => {
                self.client_messages.extend(send.client_msg_id.clone().map(|id| (actor.clone(), id)));
                self.peer(actor, &send.peer, leads);
            }
            Command::Signal(signal) => {
                let Signal { text, message, .. } = signal.as_ref();
                self.client_messages.extend(message.client_msg_id.clone().map(|id| (actor.clone(), id)));
                if signal.action == ActionType::Invite {
                    self.invitations.insert(text.invite_id.clone());
                    self.peer(actor, &message.peer, leads);
                } else {
                    self.answer(&text.invite_id, leads);
                }
            }
            Command::RevokeMessage { peer, seq } => {
                self.peer(actor, peer, leads);
                self.messages.insert((ConversationId::with(actor, peer), *seq));
            }
            Command::MarkRead { peer, .. } => {
                // Only his own devices hear of it in a group.
                self.peer(actor, peer, &mut Leads::default());
                self.reads.insert((actor.clone(), ConversationId::with(actor, peer)));
            }
            Command::CreateGroup(create) => {
                self.groups.extend(create.id.clone());
                self.users.extend(create.members.iter().cloned());
            }
            Command::JoinGroup(group) | Command::SetGroupInfo { group, .. } => self.told(group, leads),
            Command::SetRole { group, user, .. } => {
                self.users.insert(user.clone());
                self.told(group, leads);
            }
            Command::AddMembers(group, users) => {
                self.users.extend(users.iter().cloned());
                self.told(group, leads);
            }
            Command::QuitGroup(group) | Command::DismissGroup(group) | Command::RemoveMembers(group, _) => {
                self.told(group, leads);
                leads.emptied_groups.insert(group.clone());
            }
            Command::SetBlock(target, _) => {
                self.users.insert(target.clone());
                self.blocks.insert((actor.clone(), target.clone()));
            }
        }
    }

    fn invited(&mut self, actor: &UserId, invited: &Invited, online_only: bool, leads: &mut Leads) {
        match invited {
            Invited::User(guest) => {
                self.users.insert(guest.clone());
                self.blocks.insert((guest.clone(), actor.clone()));
                if !online_only {
                    self.conversations.insert(ConversationId::between(actor, guest));
                }
            }
            Invited::Members { group, invitees, notify } => match notify {
                Notify::Members => self.told(group, leads),
                Notify::Parties => {
                    self.groups.insert(group.clone());
                    self.users.extend(invitees.iter().cloned());
                }
            },
        }
    }

    fn answer(&mut self, id: &InviteId, leads: &mut Leads) {
        self.invitations.insert(id.clone());
        leads.invitations.insert(id.clone());
    }

    fn peer(&mut self, actor: &UserId, peer: &Peer, leads: &mut Leads) {
        match peer {
            Peer::User(other) => {
                self.users.insert(other.clone());
                self.blocks.insert((other.clone(), actor.clone()));
                self.conversations.insert(ConversationId::between(actor, other));
            }
            Peer::Group(group) => self.told(group, leads),
        }
    }

    fn told(&mut self, group: &GroupId, leads: &mut Leads) {
        self.groups.insert(group.clone());
        leads.told_groups.insert(group.clone());
    }

    /// Adds those an invitation concerns.
    pub(super) fn parties(&mut self, parties: &Parties, leads: &mut Leads) {
        self.users.extend(parties.users.iter().cloned());
        self.conversations.extend(parties.conversation.clone());
        match &parties.group {
            Some((group, Notify::Members)) => self.told(group, leads),
            Some((group, Notify::Parties)) => {
                self.groups.insert(group.clone());
            }
            None => {}
        }
    }

    /// Adds a key the ledger misses, with its guard.
    pub(super) fn add(&mut self, key: Key) {
        match key {
            Key::User(user) | Key::OpenCount(user) => {
                self.users.insert(user);
            }
            Key::Block(by, target) => {
                self.users.insert(by.clone());
                self.blocks.insert((by, target));
            }
            Key::Invitation(id) => {
                self.invitations.insert(id);
            }
            Key::Group(group) | Key::OpenInGroup(group) => {
                self.groups.insert(group);
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
        }
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
            users: &self.users - &have.users,
            conversations: &self.conversations - &have.conversations,
            blocks: &self.blocks - &have.blocks,
            client_messages: &self.client_messages - &have.client_messages,
            reads: &self.reads - &have.reads,
            messages: &self.messages - &have.messages,
        }
    }

    /// Adds all of `other`.
    pub(super) fn join(&mut self, other: Self) {
        self.groups.extend(other.groups);
        self.invitations.extend(other.invitations);
        self.users.extend(other.users);
        self.conversations.extend(other.conversations);
        self.blocks.extend(other.blocks);
        self.client_messages.extend(other.client_messages);
        self.reads.extend(other.reads);
        self.messages.extend(other.messages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    #[test]
    fn every_key_comes_with_its_guard() {
        let group = GroupId::parse("g").unwrap();
        let (alice, bob) = (user("alice"), user("bob"));
        let theirs = ConversationId::between(&alice, &bob);
        let of_group = ConversationId::Group(group.clone());
        let with = |key: Key| {
            let mut wanted = Wanted::default();
            wanted.add(key);
            wanted
        };
        assert!(with(Key::Block(bob.clone(), alice.clone())).users.contains(&bob));
        assert!(with(Key::OpenCount(alice.clone())).users.contains(&alice));
        assert!(with(Key::ClientMessage(alice.clone(), "x".to_owned())).users.contains(&alice));
        assert!(with(Key::Read(alice.clone(), of_group.clone())).groups.contains(&group));
        assert!(with(Key::Message(of_group.clone(), 1)).groups.contains(&group));
        assert!(with(Key::Conversation(of_group)).groups.contains(&group));
        assert!(with(Key::Message(theirs.clone(), 1)).conversations.contains(&theirs));
        assert!(with(Key::OpenInGroup(group.clone())).groups.contains(&group));
    }

    #[test]
    fn what_is_loaded_is_not_wanted_again() {
        let mut have = Wanted::default();
        have.add(Key::User(user("alice")));
        let mut more = have.clone();
        more.add(Key::Block(user("alice"), user("bob")));
        let rest = more.beyond(&have);
        assert!(rest.users.is_empty() && rest.blocks.len() == 1);
        have.join(rest);
        assert!(more.beyond(&have).is_empty());
    }
}

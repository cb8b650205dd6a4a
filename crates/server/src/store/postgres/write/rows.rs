//! The rows that a batch of decisions writes: each row once, as it is after the batch. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::store::deciding::ToWrite;
use crate::store::once::Keep;
use uuid::{ContextV7, Timestamp, Uuid};
use wigwag_engine::conversation::Writers;
use wigwag_engine::group::Membership;
use wigwag_engine::ledger::KeyedMessage;
use wigwag_engine::quiet::Rang;
use wigwag_engine::{Board, Call, Change, ConversationId, Effect, Group, Invitation};
use wigwag_protocol::group::{Profile, Reach};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};
use wigwag_session::LoggedEvent;

use super::load::LoadedRows;
use crate::store::postgres::connection::About;

/// How a user's row changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UserDelta {
    /// The newest cursor, or 0 when nothing was appended.
    pub(super) head: u64,
    /// The difference to add to the count of open invitations.
    pub(super) open: i32,
    /// The end of their admitted commands, µs; 0 when they gave none.
    pub(super) paced_until: u64,
}

/// An event with the ids of its rows.
#[derive(Debug)]
pub(super) struct NewEvent<'a> {
    pub(super) id: Uuid,
    pub(super) event: &'a LoggedEvent,
    /// The conversation in which it is a message.
    pub(super) conversation: Option<Uuid>,
}

/// The rows to write, by table.
#[derive(Debug, Default)]
pub(super) struct NewRows<'a> {
    pub(super) new_users: BTreeMap<UserId, &'a Profile>,
    pub(super) moved_users: BTreeMap<UserId, UserDelta>,
    pub(super) profiles: BTreeMap<UserId, &'a Profile>,
    pub(super) reaches: BTreeMap<UserId, Reach>,
    /// When users are quiet; `None` for those who have set nothing from now on.
    pub(super) quiet: BTreeMap<UserId, Option<&'a Quiet>>,
    /// Who rang quiet users lately.
    pub(super) rang: BTreeMap<UserId, &'a [Rang]>,
    /// What users say of themselves.
    pub(super) statuses: BTreeMap<UserId, &'a str>,
    /// Since when users may not sign in; `None` for those who may from now on.
    pub(super) disabled: BTreeMap<UserId, Option<u64>>,
    /// When users were deleted.
    pub(super) deleted_users: BTreeMap<UserId, u64>,
    pub(super) blocks: BTreeMap<(UserId, UserId), bool>,
    pub(super) dismissed: BTreeSet<GroupId>,
    pub(super) dead_conversations: BTreeSet<Uuid>,
    pub(super) new_groups: BTreeMap<GroupId, (About, u64)>,
    pub(super) groups: BTreeMap<GroupId, About>,
    pub(super) members: BTreeMap<(GroupId, UserId), Option<Membership>>,
    /// What stands on boards, from now on.
    pub(super) boards: BTreeMap<GroupId, &'a Board>,
    /// Whether a user left a group by their own wish, from now on.
    pub(super) departures: BTreeMap<(GroupId, UserId), bool>,
    pub(super) new_conversations: BTreeMap<ConversationId, (Uuid, u64)>,
    pub(super) conversations: BTreeMap<ConversationId, u64>,
    /// Users of a conversation who have written to the other since.
    pub(super) writers: BTreeMap<ConversationId, Writers>,
    pub(super) readers: BTreeMap<(UserId, Uuid), Option<u64>>,
    /// Whether users have pinned conversations, from now on. Written after `readers`, as the next one.
    pub(super) pins: BTreeMap<(UserId, Uuid), bool>,
    /// Up to where users have deleted conversations; `None` for those who came back after they had left.
    pub(super) deleted: BTreeMap<(UserId, Uuid), Option<u64>>,
    pub(super) made: BTreeMap<InviteId, Arc<Invitation>>,
    pub(super) changed: BTreeMap<InviteId, Arc<Invitation>>,
    /// By invitee and invitation: the inviter while the invitation is pending for the invitee.
    pub(super) pending: BTreeMap<(UserId, InviteId), Option<UserId>>,
    /// Calls, each in its last version.
    pub(super) calls: BTreeMap<CallId, Arc<Call>>,
    /// The newest call of rooms.
    pub(super) rooms: BTreeMap<RoomId, CallId>,
    /// Rooms that had a call before this batch.
    pub(super) known_rooms: BTreeSet<RoomId>,
    /// By user and call: when the call began.
    pub(super) call_lists: BTreeMap<(UserId, CallId), u64>,
    /// Who was in which call before this batch or during it, and is not any more or came again.
    pub(super) exits: BTreeSet<(UserId, CallId)>,
    /// Who came into which call, and is in it after this batch. Written after the exits.
    pub(super) entries: BTreeMap<UserId, CallId>,
    pub(super) calls_seen: BTreeMap<UserId, u64>,
    pub(super) events: Vec<NewEvent<'a>>,
    pub(super) revoked: Vec<(Uuid, u64)>,
    pub(super) client_messages: Vec<(&'a UserId, &'a str, &'a KeyedMessage)>,
    /// Replies that are kept for repeats.
    pub(super) kept: Vec<&'a Keep>,
    /// `paced_until`, µs.
    pub(super) paced_groups: BTreeMap<GroupId, u64>,
    ids: BTreeMap<ConversationId, Uuid>,
}

impl<'a> NewRows<'a> {
    /// The rows that these decisions come to when they are applied in this order.
    pub(super) fn of(decisions: impl Iterator<Item = &'a ToWrite>, rows: &LoadedRows) -> Self {
        // Keeps ids in the order of events, also within one millisecond.
        let order = ContextV7::new();
        let ids = rows.conversations.iter().map(|(name, id)| (name.clone(), *id)).collect();
        let (paced_groups, known_rooms) = (rows.paced_groups.clone(), rows.rooms.clone());
        let mut new_rows = Self { known_rooms, paced_groups, ids, ..Self::default() };
        for decision in decisions {
            for effect in decision.changes.iter().flat_map(Change::effects) {
                new_rows.carry_out(effect);
            }
            for event in &decision.events {
                new_rows.event(event, &order);
            }
            new_rows.kept.extend(decision.keep.as_deref());
        }
        for (user, until) in &rows.paced_users {
            new_rows.moved(user).paced_until = *until;
        }
        new_rows
    }

    /// Whether nothing has to be written.
    pub(super) fn is_empty(&self) -> bool {
        let Self { new_users, moved_users, profiles, reaches, disabled, blocks, writers, .. } = self;
        let Self { dismissed, new_groups, groups, members, readers, pins, deleted, .. } = self;
        let Self { made, changed, events, revoked, client_messages, paced_groups, .. } = self;
        let Self { calls, calls_seen, kept, boards, deleted_users, .. } = self;
        let no_users =
            new_users.is_empty() && moved_users.is_empty() && profiles.is_empty() && blocks.is_empty();
        let nobody_known = reaches.is_empty() && disabled.is_empty() && writers.is_empty();
        let nobody_gone = deleted_users.is_empty();
        let nobody_quiet = self.quiet.is_empty() && self.rang.is_empty() && self.statuses.is_empty();
        let no_groups =
            dismissed.is_empty() && new_groups.is_empty() && groups.is_empty() && members.is_empty();
        let no_paces = paced_groups.is_empty();
        let no_invitations = made.is_empty() && changed.is_empty();
        let no_calls = calls.is_empty() && calls_seen.is_empty();
        let no_lists = readers.is_empty() && pins.is_empty() && deleted.is_empty();
        let no_messages = no_lists && revoked.is_empty() && client_messages.is_empty();
        no_users
            && nobody_known
            && nobody_gone
            && nobody_quiet
            && no_groups
            && no_paces
            && no_invitations
            && no_calls
            && no_messages
            && boards.is_empty()
            && kept.is_empty()
            && events.is_empty()
    }

    /// The event that exists if and only if this batch was committed.
    pub(super) fn receipt(&self) -> Option<Uuid> {
        self.events.first().map(|event| event.id)
    }

    fn carry_out(&mut self, effect: Effect<'a>) {
        match effect {
            Effect::UserAdded(profile) => {
                self.new_users.insert(profile.user_id.clone(), profile);
            }
            Effect::ProfileSet(profile) => {
                self.profiles.insert(profile.user_id.clone(), profile);
            }
            Effect::ReachSet { user, reach } => {
                self.reaches.insert(user.clone(), reach);
            }
            Effect::QuietSet { user, quiet } => self.quiet_set(user, quiet.map(AsRef::as_ref)),
            Effect::RangSet { user, rang } => drop(self.rang.insert(user.clone(), rang)),
            Effect::StatusSet { user, status } => drop(self.statuses.insert(user.clone(), status)),
            Effect::DisabledSet { user, since } => drop(self.disabled.insert(user.clone(), since)),
            Effect::UserDeleted { user, at, .. } => drop(self.deleted_users.insert(user.clone(), at)),
            Effect::Acquainted { user, with } => self.acquainted(user, with),
            Effect::BlockSet { by, target, on } => {
                self.blocks.insert((by.clone(), target.clone()), on);
            }
            Effect::InvitationAdded(invitation) => {
                self.made.insert(invitation.id.clone(), Arc::clone(invitation));
            }
            Effect::InvitationSet(invitation) => self.invitation_set(invitation),
            Effect::Opened(invitation) => self.moved(&invitation.inviter).open += 1,
            Effect::Ended(invitation) => self.moved(&invitation.inviter).open -= 1,
            Effect::Awaited { invitation, invitee } => {
                let inviter = Some(invitation.inviter.clone());
                self.pending.insert((invitee.clone(), invitation.id.clone()), inviter);
            }
            Effect::Settled { invitation, invitee } => {
                self.pending.insert((invitee.clone(), invitation.id.clone()), None);
            }
            Effect::CallSet(call) => self.call_set(call),
            Effect::CallListed { user, call } => {
                self.call_lists.insert((user.clone(), call.id().clone()), call.created_at);
            }
            Effect::Entered { user, call } => {
                self.entries.insert(user.clone(), call.id().clone());
            }
            Effect::Exited { user, call } => self.exited(user, call),
            Effect::CallsSeen(user, up_to) => {
                self.calls_seen.insert(user.clone(), up_to);
            }
            Effect::ClientMessageAdded { sender, client_msg_id, message } => {
                self.client_messages.push((sender, client_msg_id, message));
            }
            Effect::MessageRevoked(conversation, seq) => self.message_revoked(conversation, seq),
            Effect::ReadSet { user, conversation, seq } => {
                let conversation = self.conversation(&conversation);
                self.readers.insert((user.clone(), conversation), Some(seq));
            }
            Effect::PinSet { user, conversation, on } => self.pin_set(user, conversation, on),
            Effect::DeletedUpTo { user, conversation, seq } => self.deleted_up_to(user, conversation, seq),
            Effect::ReadDropped { user, conversation } => self.read_dropped(user, &conversation),
            Effect::GroupAdded(group) => self.group_added(group),
            Effect::GroupSet { id, name, ext, join_policy } => {
                self.group_set(id, About { name: name.to_owned(), ext: ext.to_owned(), join_policy });
            }
            Effect::MemberSet { group, user, membership } => {
                self.members.insert((group.clone(), user.clone()), Some(membership.clone()));
            }
            Effect::MemberDropped { group, user } => {
                self.members.insert((group.clone(), user.clone()), None);
            }
            Effect::DepartureSet { group, user, has_left } => {
                self.departures.insert((group.clone(), user.clone()), has_left);
            }
            Effect::BoardSet(group, board) => self.board_set(group, board),
            Effect::GroupDropped(id) => self.group_dropped(id),
        }
    }

    /// A list of this batch goes with the settings. One that is made after them is written after them.
    fn quiet_set(&mut self, user: &UserId, quiet: Option<&'a Quiet>) {
        if quiet.is_none() {
            self.rang.remove(user);
        }
        self.quiet.insert(user.clone(), quiet);
    }

    fn board_set(&mut self, group: &GroupId, board: &'a Board) {
        self.boards.insert(group.clone(), board);
    }

    fn pin_set(&mut self, user: &UserId, conversation: &ConversationId, on: bool) {
        let key = (user.clone(), self.conversation(conversation));
        self.pins.insert(key, on);
    }

    fn deleted_up_to(&mut self, user: &UserId, conversation: &ConversationId, seq: u64) {
        let key = (user.clone(), self.conversation(conversation));
        self.deleted.insert(key, Some(seq));
    }

    /// If the user comes back in this batch, the row is the old one.
    fn read_dropped(&mut self, user: &UserId, conversation: &ConversationId) {
        let key = (user.clone(), self.conversation(conversation));
        self.readers.insert(key.clone(), None);
        self.pins.insert(key.clone(), false);
        self.deleted.insert(key, None);
    }

    fn message_revoked(&mut self, conversation: &'a ConversationId, seq: u64) {
        let conversation = self.conversation(conversation);
        self.revoked.push((conversation, seq));
    }

    fn acquainted(&mut self, user: &UserId, with: &UserId) {
        let name = ConversationId::between(user, with);
        self.conversation(&name);
        let writers = self.writers.entry(name).or_default();
        *writers = writers.and(Writers::only(user, with));
    }

    fn call_set(&mut self, call: &Arc<Call>) {
        if call.version == 1 {
            self.rooms.insert(call.room().clone(), call.id().clone());
        }
        self.calls.insert(call.id().clone(), Arc::clone(call));
    }

    fn exited(&mut self, user: &UserId, call: &Call) {
        self.exits.insert((user.clone(), call.id().clone()));
        if self.entries.get(user) == Some(call.id()) {
            self.entries.remove(user);
        }
    }

    fn group_added(&mut self, group: &Group) {
        let about =
            About { name: group.name.clone(), ext: group.ext.clone(), join_policy: group.join_policy };
        self.new_groups.insert(group.id.clone(), (about, group.created_at));
    }

    fn group_set(&mut self, id: &GroupId, about: About) {
        match self.new_groups.get_mut(id) {
            Some((new, _)) => *new = about,
            None => {
                self.groups.insert(id.clone(), about);
            }
        }
    }

    fn event(&mut self, event: &'a LoggedEvent, order: &ContextV7) {
        for place in &event.places {
            let moved = self.moved(&place.user);
            moved.head = moved.head.max(place.cursor);
        }
        let conversation = event.message.as_ref().map(|mark| {
            let id = self.conversation(&mark.conversation);
            match self.new_conversations.get_mut(&mark.conversation) {
                Some((_, seq)) => *seq = mark.seq,
                None => {
                    self.conversations.insert(mark.conversation.clone(), mark.seq);
                }
            }
            id
        });
        self.events.push(NewEvent { id: event_id(event.time, order), event, conversation });
    }

    fn moved(&mut self, user: &UserId) -> &mut UserDelta {
        self.moved_users.entry(user.clone()).or_default()
    }

    /// The conversation's id; a new one when the conversation has no row yet.
    fn conversation(&mut self, name: &ConversationId) -> Uuid {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = Uuid::now_v7();
        self.ids.insert(name.clone(), id);
        self.new_conversations.insert(name.clone(), (id, 0));
        id
    }

    fn invitation_set(&mut self, invitation: &Arc<Invitation>) {
        let rows = if self.made.contains_key(&invitation.id) { &mut self.made } else { &mut self.changed };
        rows.insert(invitation.id.clone(), Arc::clone(invitation));
    }

    /// The group's messages stay until retention drops them, but can no longer be found.
    fn group_dropped(&mut self, id: &GroupId) {
        if self.new_groups.remove(id).is_none() {
            self.dismissed.insert(id.clone());
        }
        self.groups.remove(id);
        self.members.retain(|(group, _), _| group != id);
        self.boards.remove(id);
        self.departures.retain(|(group, _), _| group != id);
        let name = ConversationId::Group(id.clone());
        self.conversations.remove(&name);
        let is_new = self.new_conversations.remove(&name).is_some();
        if let Some(conversation) = self.ids.remove(&name) {
            self.readers.retain(|(_, of), _| *of != conversation);
            self.pins.retain(|(_, of), _| *of != conversation);
            self.deleted.retain(|(_, of), _| *of != conversation);
            if !is_new {
                self.dead_conversations.insert(conversation);
            }
        }
    }
}

/// An id that grows with server time, because retention cuts by id. The machine's own clock may be wrong.
fn event_id(ms: u64, order: &ContextV7) -> Uuid {
    let nanoseconds = u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(Timestamp::from_unix(order, ms / 1_000, nanoseconds))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use wigwag_engine::Reply;
    use wigwag_engine::decision::{MessageMark, Place};
    use wigwag_protocol::group::{JoinPolicy, Role};
    use wigwag_protocol::result::Done;
    use wigwag_session::rates::Pace;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn decision(changes: Vec<Change>, events: Vec<LoggedEvent>) -> ToWrite {
        ToWrite {
            changes,
            events: events.into_iter().map(Arc::new).collect(),
            reply: Reply::Done(Done { cursor: None, time: 0 }),
            keep: None,
            asks_about: None,
        }
    }

    fn with_conversation(name: &ConversationId, id: Uuid) -> LoadedRows {
        let pace = Pace::new(NonZeroU32::MIN, NonZeroU32::MIN);
        let mut rows = LoadedRows::new(pace, pace);
        rows.conversations.insert(name.clone(), id);
        rows
    }

    fn group(id: &GroupId) -> Group {
        let owner = Membership { role: Role::Owner, joined_at: 1, familiar: true };
        Group {
            id: id.clone(),
            name: String::new(),
            ext: String::new(),
            join_policy: JoinPolicy::Free,
            created_at: 1,
            members: [(user("alice"), owner)].into(),
        }
    }

    fn said(conversation: &ConversationId, seq: u64, cursor: u64) -> LoggedEvent {
        LoggedEvent {
            time: 1,
            body: String::new(),
            event: None,
            actor: None,
            online_only: false,
            invitation: None,
            message: Some(MessageMark {
                conversation: conversation.clone(),
                seq,
                sender: user("alice"),
                message_id: "m".to_owned(),
                counted: true,
                shown_last: true,
            }),
            places: vec![Place { user: user("alice"), cursor }],
            quiet: Vec::new(),
        }
    }

    #[test]
    fn a_stream_and_a_conversation_are_moved_once() {
        let name = ConversationId::between(&user("alice"), &user("bob"));
        let rows = with_conversation(&name, Uuid::nil());
        let decisions = [
            decision(Vec::new(), vec![said(&name, 4, 8)]),
            decision(Vec::new(), vec![said(&name, 5, 9), said(&name, 6, 10)]),
        ];
        let new_rows = NewRows::of(decisions.iter(), &rows);
        assert_eq!(new_rows.moved_users[&user("alice")], UserDelta { head: 10, ..UserDelta::default() });
        assert_eq!(new_rows.conversations[&name], 6);
        assert!(new_rows.new_conversations.is_empty());
        assert_eq!(new_rows.events.len(), 3);
    }

    #[test]
    fn a_group_that_is_made_anew_in_one_batch_leaves_nothing_of_the_old_one() {
        let id = GroupId::parse("g").unwrap();
        let name = ConversationId::Group(id.clone());
        let old = Uuid::from_u128(1);
        let rows = with_conversation(&name, old);
        let bob = Membership { role: Role::Member, joined_at: 2, familiar: false };
        let member =
            Change::Member { group: id.clone(), user: user("bob"), membership: bob, joined_at_seq: Some(3) };
        let decisions = [
            decision(vec![member], vec![said(&name, 4, 8)]),
            decision(vec![Change::GroupDismissed(id.clone())], Vec::new()),
            decision(vec![Change::GroupCreated(Box::new(group(&id)))], vec![said(&name, 1, 9)]),
        ];
        let new_rows = NewRows::of(decisions.iter(), &rows);
        assert!(new_rows.dismissed.contains(&id) && new_rows.new_groups.contains_key(&id));
        assert_eq!(new_rows.dead_conversations, [old].into());
        assert_eq!(new_rows.members.keys().map(|(_, user)| user.as_str()).collect::<Vec<_>>(), ["alice"]);
        let (new, seq) = new_rows.new_conversations[&name];
        assert_eq!((new == old, seq), (false, 1));
        assert_eq!(new_rows.readers.keys().collect::<Vec<_>>(), [&(user("alice"), new)]);
    }
}

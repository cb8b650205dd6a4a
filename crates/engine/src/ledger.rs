//! What a store has loaded for the commands at hand, and what they made of it.
//!
//! A getter answers with what is there, with "there is no such thing", or with [`Stop::Missing`]. So no decision rests on
//! rows that were not loaded, even when [`wanted`](crate::wanted) did not foresee that the rules would read them.
//!
//! A store keeps one ledger for as many batches as it likes. It gives what it loads to [`Ledger::take`] and each decision
//! to [`Ledger::apply`], in the order of the decisions. It calls [`Ledger::clear`] when a commit fails, and [`Ledger::trim`]
//! now and then.
//!
//! A store may decide a whole batch before it writes any of it, and answer loads from what was written before the batch.
//! So whatever a decision changes must be in the ledger when the decision is applied. A count that is not loaded cannot be
//! updated; loading it later would return the value from before the batch.

mod acquaintance;
mod boards;
mod calls;
mod group_counts;
mod messages;
mod readers;
#[cfg(test)]
mod tests;
mod user;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wigwag_protocol::result::MessageSent;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use self::acquaintance::SharedGroups;
use self::calls::CallRows;
pub use self::readers::Reader;
pub use self::user::User;
use crate::board::Board;
use crate::conversation::ConversationHead;
use crate::open::{LastingTo, OpenInGroup, Pending};
use crate::quiet::Kept;
use crate::{Call, Change, ConversationId, Decision, Effect, Group, Invitation, Stop};

/// Something a store can load.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A user with the head of their stream.
    User(UserId),
    /// When a user is quiet, and who rang them lately.
    Quiet(UserId),
    /// Whether the first blocks the second.
    Block(UserId, UserId),
    /// An invitation.
    Invitation(InviteId),
    /// How many invitations of this inviter are open.
    OpenCount(UserId),
    /// Which of this inviter's open invitations have no deadline.
    OpenLasting(UserId),
    /// Which invitations of this group are open.
    OpenInGroup(GroupId),
    /// Which invitations are pending for this user.
    PendingFor(UserId),
    /// A call.
    Call(CallId),
    /// The newest call of this room.
    Room(RoomId),
    /// The call that this user is in.
    InCall(UserId),
    /// Which calls of this group are running.
    RunningInGroup(GroupId),
    /// Up to when this user has looked at their missed calls.
    CallsSeen(UserId),
    /// A group with its members.
    Group(GroupId),
    /// What stands on a group's board.
    Board(GroupId),
    /// Whether a user left this group by their own wish and has not joined it since.
    HasLeft(GroupId, UserId),
    /// How many groups this user is in.
    GroupCount(UserId),
    /// The groups of the first user that are familiar to them and have the second as a member.
    SharedGroups(UserId, UserId),
    /// A conversation's newest seq, and who has written in it.
    Conversation(ConversationId),
    /// A message.
    Message(ConversationId, u64),
    /// The message that used up a sender's idempotency key.
    ClientMessage(UserId, String),
    /// What a user's list says of a conversation.
    Read(UserId, ConversationId),
    /// How many conversations this user has pinned.
    PinCount(UserId),
}

/// A stored message as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The message's name, unique on this server.
    pub message_id: String,
    /// The user who sent it.
    pub sender: UserId,
    /// When it was sent, server time in ms.
    pub time: u64,
    /// Whether its sender has taken it back.
    pub revoked: bool,
}

/// The message that used up an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyedMessage {
    /// The first reply.
    #[serde(flatten)]
    pub sent: MessageSent,
    /// A hash of its type and content, by which a repeat is known. Absent in rows of versions that did not keep it.
    #[serde(rename = "hash", default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<u64>,
}

/// Most groups of two users that are loaded: one is enough. If a batch takes all of them away, the two count as strangers.
pub const MOST_SHARED_GROUPS: usize = 8;
/// How many groups a store looks through for them: those familiar ones that the user came to last. A user may have any number of
/// groups, and looking through all would keep the writer from others.
pub const MOST_FAMILIAR_GROUPS: usize = 1_000;

/// Names of users that the invitations of a ledger may hold for each row that [`Ledger::trim`] leaves of them. One
/// `onlineUserOnly` invitation may name the 2,000 members of its group, each in about 100 bytes.
const NAMES_PER_ROW: usize = 32;

/// Everything loaded; `None` inside means: looked for, and there is none.
#[derive(Debug, Default)]
pub struct Ledger {
    users: HashMap<UserId, Option<User>>,
    quiet: HashMap<UserId, Option<Arc<Kept>>>,
    blocks: HashMap<(UserId, UserId), bool>,
    invitations: HashMap<InviteId, Option<Arc<Invitation>>>,
    /// How many users the invitations name in all.
    names_in_invitations: usize,
    open_counts: HashMap<UserId, usize>,
    open_lasting: HashMap<UserId, Vec<LastingTo>>,
    open_in_groups: HashMap<GroupId, Vec<OpenInGroup>>,
    pending_for: HashMap<UserId, Vec<Pending>>,
    calls: CallRows,
    groups: HashMap<GroupId, Option<Group>>,
    boards: HashMap<GroupId, Board>,
    have_left: HashMap<(GroupId, UserId), bool>,
    /// Groups that this batch dismissed, forgotten before the next: nobody has left a later one of that name, whatever is loaded.
    dismissed: HashSet<GroupId>,
    group_counts: HashMap<UserId, usize>,
    shared_groups: SharedGroups,
    conversations: HashMap<ConversationId, ConversationHead>,
    messages: HashMap<(ConversationId, u64), Option<StoredMessage>>,
    client_messages: HashMap<(UserId, String), Option<KeyedMessage>>,
    readers: HashMap<(UserId, ConversationId), Reader>,
    pin_counts: HashMap<UserId, usize>,
    #[cfg(test)]
    heads_read: std::cell::Cell<usize>,
}

/// Something loaded, on its way into the ledger.
#[derive(Debug)]
pub enum Loaded {
    /// For [`Key::User`].
    User(UserId, Option<User>),
    /// For [`Key::Quiet`]; `None` when they have set nothing.
    Quiet(UserId, Option<Arc<Kept>>),
    /// For [`Key::Block`].
    Block(UserId, UserId, bool),
    /// For [`Key::Invitation`].
    Invitation(InviteId, Option<Arc<Invitation>>),
    /// For [`Key::OpenCount`].
    OpenCount(UserId, usize),
    /// For [`Key::OpenLasting`], in any order.
    OpenLasting(UserId, Vec<LastingTo>),
    /// For [`Key::OpenInGroup`], in any order.
    OpenInGroup(GroupId, Vec<OpenInGroup>),
    /// For [`Key::PendingFor`], in any order.
    PendingFor(UserId, Vec<Pending>),
    /// For [`Key::Call`].
    Call(CallId, Option<Arc<Call>>),
    /// For [`Key::Room`].
    Room(RoomId, Option<CallId>),
    /// For [`Key::InCall`].
    InCall(UserId, Option<CallId>),
    /// For [`Key::RunningInGroup`], in any order.
    RunningInGroup(GroupId, Vec<CallId>),
    /// For [`Key::CallsSeen`]; 0 when they never looked.
    CallsSeen(UserId, u64),
    /// For [`Key::Group`].
    Group(GroupId, Option<Group>),
    /// For [`Key::Board`]; the default when nobody wrote to it.
    Board(GroupId, Board),
    /// For [`Key::HasLeft`].
    HasLeft(GroupId, UserId, bool),
    /// For [`Key::GroupCount`].
    GroupCount(UserId, usize),
    /// For [`Key::SharedGroups`]: some of them, [`MOST_SHARED_GROUPS`] at the most.
    SharedGroups(UserId, UserId, Vec<GroupId>),
    /// For [`Key::Conversation`].
    Conversation(ConversationId, ConversationHead),
    /// For [`Key::Message`].
    Message(ConversationId, u64, Option<StoredMessage>),
    /// For [`Key::ClientMessage`].
    ClientMessage(UserId, String, Option<KeyedMessage>),
    /// For [`Key::Read`]; the default when it is not in the list.
    Read(UserId, ConversationId, Reader),
    /// For [`Key::PinCount`].
    PinCount(UserId, usize),
}

fn found<'a, K: Hash + Eq, V>(
    map: &'a HashMap<K, V>,
    key: &K,
    name: impl FnOnce() -> Key,
) -> Result<&'a V, Stop> {
    map.get(key).ok_or_else(|| Stop::Missing(vec![name()]))
}

/// Getters: what is loaded, or which key is missing.
impl Ledger {
    /// Whether `key` is loaded.
    pub fn has(&self, key: &Key) -> bool {
        match key {
            Key::User(id) => self.users.contains_key(id),
            Key::Quiet(user) => self.quiet.contains_key(user),
            Key::Block(by, target) => self.blocks.contains_key(&(by.clone(), target.clone())),
            Key::Invitation(id) => self.invitations.contains_key(id),
            Key::OpenCount(inviter) => self.open_counts.contains_key(inviter),
            Key::OpenLasting(inviter) => self.open_lasting.contains_key(inviter),
            Key::OpenInGroup(group) => self.open_in_groups.contains_key(group),
            Key::PendingFor(user) => self.pending_for.contains_key(user),
            Key::Call(id) => self.calls.by_id.contains_key(id),
            Key::Room(id) => self.calls.newest_in.contains_key(id),
            Key::InCall(user) => self.calls.with.contains_key(user),
            Key::RunningInGroup(group) => self.calls.running_in.contains_key(group),
            Key::CallsSeen(user) => self.calls.seen.contains_key(user),
            Key::Group(id) => self.groups.contains_key(id),
            Key::Board(group) => self.boards.contains_key(group),
            Key::HasLeft(group, user) => self.have_left.contains_key(&(group.clone(), user.clone())),
            Key::GroupCount(user) => self.group_counts.contains_key(user),
            Key::SharedGroups(of, with) => {
                self.shared_groups.of_pairs.contains_key(&(of.clone(), with.clone()))
            }
            Key::Conversation(id) => self.conversations.contains_key(id),
            Key::Message(id, seq) => self.messages.contains_key(&(id.clone(), *seq)),
            Key::ClientMessage(sender, id) => {
                self.client_messages.contains_key(&(sender.clone(), id.clone()))
            }
            Key::Read(user, conversation) => self.readers.contains_key(&(user.clone(), conversation.clone())),
            Key::PinCount(user) => self.pin_counts.contains_key(user),
        }
    }

    /// The stream heads of all these users at once; an unregistered user has 0. A deleted one has none: nothing is told to them.
    pub fn heads(&self, users: &[UserId]) -> Result<Vec<Option<u64>>, Stop> {
        #[cfg(test)]
        self.heads_read.set(self.heads_read.get() + users.len());
        let missing: Vec<Key> =
            users.iter().filter(|id| !self.users.contains_key(*id)).map(|id| Key::User(id.clone())).collect();
        if !missing.is_empty() {
            return Err(Stop::Missing(missing));
        }
        Ok(users
            .iter()
            .map(|id| match self.users.get(id).and_then(Option::as_ref) {
                Some(user) => user.deleted_at.is_none().then_some(user.head),
                None => Some(0),
            })
            .collect())
    }

    /// How many heads were asked for.
    #[cfg(test)]
    pub(crate) fn heads_read(&self) -> usize {
        self.heads_read.get()
    }

    /// Whether `by` blocks `target`.
    pub fn blocks(&self, by: &UserId, target: &UserId) -> Result<bool, Stop> {
        let key = (by.clone(), target.clone());
        found(&self.blocks, &key, || Key::Block(by.clone(), target.clone())).copied()
    }

    /// The invitation of that name.
    pub fn invitation(&self, id: &InviteId) -> Result<Option<&Arc<Invitation>>, Stop> {
        found(&self.invitations, id, || Key::Invitation(id.clone())).map(Option::as_ref)
    }

    /// How many invitations of `inviter` are open.
    pub fn open_count(&self, inviter: &UserId) -> Result<usize, Stop> {
        found(&self.open_counts, inviter, || Key::OpenCount(inviter.clone())).copied()
    }

    /// The open invitations of `inviter` that have no deadline, the oldest first.
    pub fn open_lasting(&self, inviter: &UserId) -> Result<Vec<&LastingTo>, Stop> {
        let open = found(&self.open_lasting, inviter, || Key::OpenLasting(inviter.clone()))?;
        let mut open: Vec<&LastingTo> = open.iter().collect();
        open.sort_unstable_by_key(|to| &to.lasting);
        Ok(open)
    }

    /// The open invitations of a group.
    pub fn open_in_group(&self, group: &GroupId) -> Result<&[OpenInGroup], Stop> {
        found(&self.open_in_groups, group, || Key::OpenInGroup(group.clone())).map(Vec::as_slice)
    }

    /// The invitations that are pending for `user`.
    pub fn pending_for(&self, user: &UserId) -> Result<&[Pending], Stop> {
        found(&self.pending_for, user, || Key::PendingFor(user.clone())).map(Vec::as_slice)
    }

    /// Stops unless what is pending for all these users is loaded.
    pub fn have_pending_for<'a>(&self, users: impl Iterator<Item = &'a UserId>) -> Result<(), Stop> {
        let unknown = users.filter(|user| !self.pending_for.contains_key(*user));
        let missing: Vec<Key> = unknown.cloned().map(Key::PendingFor).collect();
        if missing.is_empty() { Ok(()) } else { Err(Stop::Missing(missing)) }
    }

    /// The group of that name.
    pub fn group(&self, id: &GroupId) -> Result<Option<&Group>, Stop> {
        found(&self.groups, id, || Key::Group(id.clone())).map(Option::as_ref)
    }

    /// Whether `user` left the group by their own wish and has not joined it since.
    pub fn has_left(&self, group: &GroupId, user: &UserId) -> Result<bool, Stop> {
        let key = (group.clone(), user.clone());
        found(&self.have_left, &key, || Key::HasLeft(group.clone(), user.clone())).copied()
    }
}

/// The calls a store makes: it takes rows in, applies decisions, and forgets.
impl Ledger {
    /// Takes in what was loaded. What is here already is newer and stays.
    pub fn take(&mut self, loaded: Loaded) {
        fn keep<K: Hash + Eq, V>(map: &mut HashMap<K, V>, key: K, value: V) {
            if let Entry::Vacant(place) = map.entry(key) {
                place.insert(value);
            }
        }
        match loaded {
            Loaded::User(id, user) => keep(&mut self.users, id, user),
            Loaded::Quiet(user, kept) => keep(&mut self.quiet, user, kept),
            Loaded::Block(by, target, on) => keep(&mut self.blocks, (by, target), on),
            Loaded::Invitation(id, invitation) => {
                if !self.invitations.contains_key(&id) {
                    self.put_invitation(id, invitation);
                }
            }
            Loaded::OpenCount(id, count) => keep(&mut self.open_counts, id, count),
            Loaded::OpenLasting(inviter, open) => keep(&mut self.open_lasting, inviter, open),
            Loaded::OpenInGroup(id, open) => keep(&mut self.open_in_groups, id, open),
            Loaded::PendingFor(user, pending) => keep(&mut self.pending_for, user, pending),
            Loaded::Call(id, call) => keep(&mut self.calls.by_id, id, call),
            Loaded::Room(id, call) => keep(&mut self.calls.newest_in, id, call),
            Loaded::InCall(user, call) => keep(&mut self.calls.with, user, call),
            Loaded::RunningInGroup(id, running) => keep(&mut self.calls.running_in, id, running),
            Loaded::CallsSeen(user, up_to) => keep(&mut self.calls.seen, user, up_to),
            Loaded::Group(id, group) => keep(&mut self.groups, id, group),
            Loaded::Board(group, board) => self.board_loaded(group, board),
            Loaded::HasLeft(group, user, left) => {
                let left = left && !self.dismissed.contains(&group);
                keep(&mut self.have_left, (group, user), left);
            }
            Loaded::GroupCount(user, count) => keep(&mut self.group_counts, user, count),
            Loaded::SharedGroups(of, with, groups) => {
                let groups = self.shared_now(&of, &with, groups);
                keep(&mut self.shared_groups.of_pairs, (of, with), groups);
            }
            Loaded::Conversation(id, head) => keep(&mut self.conversations, id, head),
            Loaded::Message(id, seq, message) => keep(&mut self.messages, (id, seq), message),
            Loaded::ClientMessage(sender, id, message) => {
                keep(&mut self.client_messages, (sender, id), message);
            }
            Loaded::Read(user, conversation, reader) => {
                keep(&mut self.readers, (user, conversation), reader);
            }
            Loaded::PinCount(user, count) => keep(&mut self.pin_counts, user, count),
        }
    }

    /// Makes a decision true for the commands after it.
    pub fn apply(&mut self, decision: &Decision) {
        for effect in decision.changes.iter().flat_map(Change::effects) {
            self.carry_out(effect);
        }
        for event in &decision.events {
            for place in &event.places {
                if let Some(Some(user)) = self.users.get_mut(&place.user) {
                    user.head = place.cursor;
                }
            }
            if let Some(mark) = &event.message {
                self.posted(mark, event.time);
            }
        }
    }

    /// Forgets everything, after a commit failed or to bound memory; it is loaded again when needed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets what has no bound of its own when there is more than `most` of it: invitations, calls, who is pending or has
    /// left, messages, keys and read marks. Invitations that name very many users go sooner, and which groups users share
    /// and how many they are in, how many conversations they have pinned, when they are quiet, and boards always. Users, groups and conversations are kept until [`Self::clear`].
    pub fn trim(&mut self, most: usize) {
        if self.invitations.len() > most || self.names_in_invitations > most.saturating_mul(NAMES_PER_ROW) {
            self.invitations.clear();
            self.names_in_invitations = 0;
        }
        if self.pending_for.len() > most {
            self.pending_for.clear();
        }
        if self.calls.len() > most {
            self.calls = CallRows::default();
        }
        self.shared_groups = SharedGroups::default();
        self.group_counts.clear();
        self.pin_counts.clear();
        self.quiet.clear();
        self.dismissed.clear();
        self.boards.clear();
        if self.have_left.len() > most {
            self.have_left.clear();
        }
        if self.messages.len() + self.client_messages.len() + self.readers.len() + self.blocks.len() > most {
            self.messages.clear();
            self.client_messages.clear();
            self.readers.clear();
            self.blocks.clear();
        }
    }

    /// How many rows are kept whose number grows with the users of the server.
    pub fn len(&self) -> usize {
        self.users.len() + self.groups.len() + self.conversations.len() + self.open_counts.len()
    }

    /// Whether nothing is loaded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn carry_out(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::UserAdded(profile) => {
                self.users.insert(profile.user_id.clone(), Some(User::new(profile)));
            }
            Effect::ProfileSet(profile) => {
                if let Some(Some(user)) = self.users.get_mut(&profile.user_id) {
                    user.profile = profile.clone();
                }
            }
            Effect::ReachSet { user, reach } => self.reach_set(user, reach),
            Effect::QuietSet { user, quiet } => self.quiet_set(user, quiet),
            Effect::StatusSet { user, status } => self.status_set(user, status),
            Effect::RangSet { user, rang } => self.rang_set(user, rang),
            Effect::DisabledSet { user, since } => self.disabled_set(user, since),
            Effect::UserDeleted { user, at, .. } => self.user_deleted(user, at),
            Effect::Acquainted { user, with } => self.acquainted(user, with),
            Effect::BlockSet { by, target, on } => {
                self.blocks.insert((by.clone(), target.clone()), on);
            }
            Effect::InvitationAdded(invitation) | Effect::InvitationSet(invitation) => {
                self.put_invitation(invitation.id.clone(), Some(Arc::clone(invitation)));
            }
            Effect::Opened(invitation) => self.opened(invitation),
            Effect::Ended(invitation) => self.ended(invitation),
            Effect::Awaited { invitation, invitee } => {
                if let Some(pending) = self.pending_for.get_mut(invitee) {
                    pending.push(Pending::of(invitation));
                }
            }
            Effect::Settled { invitation, invitee } => self.settled(invitation, invitee),
            Effect::CallSet(call) => self.calls.set(call),
            Effect::CallListed { .. } => {}
            Effect::Entered { user, call } => self.calls.entered(user, call),
            Effect::Exited { user, call } => self.calls.exited(user, call),
            Effect::CallsSeen(user, up_to) => drop(self.calls.seen.insert(user.clone(), up_to)),
            Effect::ClientMessageAdded { sender, client_msg_id, message } => {
                self.client_messages
                    .insert((sender.clone(), client_msg_id.to_owned()), Some(message.clone()));
            }
            Effect::MessageRevoked(conversation, seq) => {
                if let Some(Some(message)) = self.messages.get_mut(&(conversation.clone(), seq)) {
                    message.revoked = true;
                }
            }
            Effect::ReadSet { user, conversation, seq } => self.read(user, conversation.into_owned(), seq),
            Effect::PinSet { user, conversation, on } => self.pinned(user, conversation, on),
            Effect::DeletedUpTo { user, conversation, seq } => self.deleted(user, conversation, seq),
            Effect::ReadDropped { user, conversation } => {
                self.readers.insert((user.clone(), conversation), Reader::default());
            }
            Effect::GroupAdded(group) => {
                self.came_to_group(group.members.keys());
                self.groups.insert(group.id.clone(), Some(group.clone()));
            }
            Effect::GroupSet { id, name, ext, join_policy } => {
                if let Some(group) = self.known_group(id) {
                    name.clone_into(&mut group.name);
                    ext.clone_into(&mut group.ext);
                    group.join_policy = join_policy;
                }
            }
            Effect::MemberSet { group, user, membership } => self.member(group, user, Some(membership)),
            Effect::MemberDropped { group, user } => self.member(group, user, None),
            Effect::DepartureSet { group, user, has_left } => {
                self.have_left.insert((group.clone(), user.clone()), has_left);
            }
            Effect::BoardSet(group, board) => self.board_set(group, board),
            Effect::GroupDropped(id) => self.group_dropped(id),
        }
    }

    fn put_invitation(&mut self, id: InviteId, invitation: Option<Arc<Invitation>>) {
        self.names_in_invitations += invitation.as_deref().map_or(0, Invitation::names);
        let before = self.invitations.insert(id, invitation).flatten();
        self.names_in_invitations -= before.as_deref().map_or(0, Invitation::names);
    }

    fn known_group(&mut self, id: &GroupId) -> Option<&mut Group> {
        self.groups.get_mut(id)?.as_mut()
    }

    fn opened(&mut self, invitation: &Invitation) {
        if let Some(count) = self.open_counts.get_mut(&invitation.inviter) {
            *count += 1;
        }
        if let Some(open) = self.open_lasting.get_mut(&invitation.inviter) {
            open.extend(LastingTo::of(invitation));
        }
        if let Some(open) = invitation.group().and_then(|group| self.open_in_groups.get_mut(group)) {
            open.push(OpenInGroup::of(invitation));
        }
    }

    fn ended(&mut self, invitation: &Invitation) {
        if let Some(count) = self.open_counts.get_mut(&invitation.inviter) {
            *count = count.saturating_sub(1);
        }
        if let Some(open) = self.open_lasting.get_mut(&invitation.inviter) {
            open.retain(|to| to.lasting.id != invitation.id);
        }
        if let Some(open) = invitation.group().and_then(|group| self.open_in_groups.get_mut(group)) {
            open.retain(|open| *open.id() != invitation.id);
        }
    }

    fn settled(&mut self, invitation: &Invitation, invitee: &UserId) {
        let Some(pending) = self.pending_for.get_mut(invitee) else { return };
        let settled = Pending::of(invitation);
        if let Some(place) = pending.iter().position(|one| *one == settled) {
            pending.swap_remove(place);
        }
    }

    /// A later group of the same name starts with an empty conversation. The old one's rows are overwritten, not removed:
    /// if they were removed, the ledger could load them again before the dismissal is written.
    #[expect(clippy::iter_over_hash_type, reason = "every entry is treated alike")]
    fn group_dropped(&mut self, id: &GroupId) {
        let gone = ConversationId::Group(id.clone());
        for ((_, conversation), reader) in &mut self.readers {
            if *conversation == gone {
                *reader = Reader::default();
            }
        }
        for ((conversation, _), message) in &mut self.messages {
            if *conversation == gone {
                *message = None;
            }
        }
        for ((group, _), has_left) in &mut self.have_left {
            *has_left &= group != id;
        }
        self.board_set(id, &Board::default());
        self.dismissed.insert(id.clone());
        self.shared_groups.group_dropped(id);
        if let Some(Some(group)) = self.groups.insert(id.clone(), None) {
            self.left_group(group.members.keys());
        }
        self.conversations.insert(gone, ConversationHead::default());
        self.groups.insert(id.clone(), None);
    }
}

//! Everything a server has to remember, in memory: rebuilt from decisions alone, as a store's tables are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wigwag_engine::conversation::{ConversationHead, Writers};
use wigwag_engine::group::Membership;
use wigwag_engine::ledger::{KeyedMessage, Loaded, Reader, StoredMessage, User};
use wigwag_engine::open::{LastingTo, OpenInGroup, Pending};
use wigwag_engine::quiet::{Kept, Rang};
use wigwag_engine::{
    Board, Call, Change, ConversationId, Decision, Effect, Group, Invitation, Key, PlacedEvent,
};
use wigwag_protocol::group::{Profile, Reach};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

/// The state, and the stream of every user.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Every registered user's profile.
    pub profiles: BTreeMap<UserId, Profile>,
    /// Who may ring and add users, of those who have said it.
    pub reaches: BTreeMap<UserId, Reach>,
    /// When users are quiet, and who rang them lately, of those who have set something.
    pub quiet: BTreeMap<UserId, Arc<Kept>>,
    /// What users say of themselves.
    pub statuses: BTreeMap<UserId, String>,
    /// Who has written to whom.
    pub acquainted: BTreeSet<(UserId, UserId)>,
    /// Users who were deleted, and when, server time in ms. They have a profile still, which says nothing.
    pub deleted: BTreeMap<UserId, u64>,
    /// Who blocks whom.
    pub blocks: BTreeSet<(UserId, UserId)>,
    /// Every invitation that was ever made.
    pub invitations: BTreeMap<InviteId, Arc<Invitation>>,
    /// Every call that ever was.
    pub calls: BTreeMap<CallId, Arc<Call>>,
    /// Every call as it stood at each version. A store keeps the newest alone.
    pub call_versions: BTreeMap<(CallId, u32), Arc<Call>>,
    /// The newest call of each room.
    pub rooms: BTreeMap<RoomId, CallId>,
    /// Who is in which call.
    pub in_calls: BTreeMap<UserId, CallId>,
    /// The calls of each user, in the order in which they were listed.
    pub call_lists: BTreeMap<UserId, Vec<CallId>>,
    /// Up to when users have looked at their missed calls.
    pub calls_seen: BTreeMap<UserId, u64>,
    /// Every group that is not dismissed.
    pub groups: BTreeMap<GroupId, Group>,
    /// What stands on the boards of groups that were written to.
    pub boards: BTreeMap<GroupId, Board>,
    /// Who has left which group by their own wish.
    pub departures: BTreeSet<(GroupId, UserId)>,
    /// Every message, at its seq − 1.
    pub conversations: BTreeMap<ConversationId, Vec<StoredMessage>>,
    /// First replies by idempotency key.
    pub client_messages: BTreeMap<(UserId, String), KeyedMessage>,
    /// What users' lists of conversations say.
    pub readers: BTreeMap<(UserId, ConversationId), Reader>,
    /// Every user's events with their cursors, as they came.
    pub streams: BTreeMap<UserId, Vec<(u64, Arc<PlacedEvent>)>>,
}

impl Journal {
    /// What the rules asked for.
    pub fn load(&self, key: &Key) -> Loaded {
        match key {
            Key::User(id) => Loaded::User(id.clone(), self.user(id)),
            Key::Quiet(user) => Loaded::Quiet(user.clone(), self.quiet.get(user).cloned()),
            Key::Block(by, target) => {
                let on = self.blocks.contains(&(by.clone(), target.clone()));
                Loaded::Block(by.clone(), target.clone(), on)
            }
            Key::Invitation(id) => Loaded::Invitation(id.clone(), self.invitations.get(id).cloned()),
            Key::OpenCount(inviter) => Loaded::OpenCount(inviter.clone(), self.open_of(inviter).count()),
            Key::OpenLasting(inviter) => {
                let open = self.open_of(inviter).filter_map(|one| LastingTo::of(one));
                Loaded::OpenLasting(inviter.clone(), open.collect())
            }
            Key::OpenInGroup(group) => {
                let open = self.open_in(group).map(|one| OpenInGroup::of(one));
                Loaded::OpenInGroup(group.clone(), open.collect())
            }
            Key::PendingFor(user) => {
                let pending = self.invitations.values().filter(|one| one.pending().any(|name| name == user));
                Loaded::PendingFor(user.clone(), pending.map(|one| Pending::of(one)).collect())
            }
            Key::Call(id) => Loaded::Call(id.clone(), self.calls.get(id).cloned()),
            Key::Room(room) => Loaded::Room(room.clone(), self.rooms.get(room).cloned()),
            Key::InCall(user) => Loaded::InCall(user.clone(), self.in_calls.get(user).cloned()),
            Key::RunningInGroup(group) => {
                let running =
                    self.calls.values().filter(|call| call.is_running() && call.group() == Some(group));
                Loaded::RunningInGroup(group.clone(), running.map(|call| call.id().clone()).collect())
            }
            Key::CallsSeen(user) => {
                Loaded::CallsSeen(user.clone(), self.calls_seen.get(user).copied().unwrap_or(0))
            }
            Key::Group(id) => Loaded::Group(id.clone(), self.groups.get(id).cloned()),
            Key::Board(group) => {
                Loaded::Board(group.clone(), self.boards.get(group).cloned().unwrap_or_default())
            }
            Key::HasLeft(group, user) => {
                let left = self.departures.contains(&(group.clone(), user.clone()));
                Loaded::HasLeft(group.clone(), user.clone(), left)
            }
            Key::GroupCount(user) => {
                let count = self.groups.values().filter(|group| group.has(user)).count();
                Loaded::GroupCount(user.clone(), count)
            }
            Key::SharedGroups(of, with) => {
                let shared = self.groups.values().filter(|group| group.is_familiar_to(of) && group.has(with));
                let shared = shared.map(|group| group.id.clone());
                Loaded::SharedGroups(of.clone(), with.clone(), shared.collect())
            }
            Key::Conversation(id) => Loaded::Conversation(id.clone(), self.conversation(id)),
            Key::Message(id, seq) => Loaded::Message(id.clone(), *seq, self.message(id, *seq).cloned()),
            Key::ClientMessage(sender, id) => {
                let sent = self.client_messages.get(&(sender.clone(), id.clone())).cloned();
                Loaded::ClientMessage(sender.clone(), id.clone(), sent)
            }
            Key::Read(user, conversation) => {
                let reader = self.readers.get(&(user.clone(), conversation.clone())).copied();
                Loaded::Read(user.clone(), conversation.clone(), reader.unwrap_or_default())
            }
            Key::PinCount(user) => {
                let pinned = self.readers.iter().filter(|((of, _), reader)| of == user && reader.pinned);
                Loaded::PinCount(user.clone(), pinned.count())
            }
        }
    }

    /// Writes a decision down.
    pub fn write(&mut self, decision: &Decision) {
        for effect in decision.changes.iter().flat_map(Change::effects) {
            self.carry_out(effect);
        }
        for event in &decision.events {
            self.append(event);
        }
    }

    /// The newest cursor of a user's stream; 0 when it is empty.
    pub fn head(&self, user: &UserId) -> u64 {
        self.stream(user).last().map_or(0, |(cursor, _)| *cursor)
    }

    /// A user's events, oldest first.
    pub fn stream(&self, user: &UserId) -> &[(u64, Arc<PlacedEvent>)] {
        self.streams.get(user).map_or(&[], Vec::as_slice)
    }

    /// The newest seq; 0 when the conversation has no message.
    pub fn last_seq(&self, id: &ConversationId) -> u64 {
        self.conversations.get(id).map_or(0, |messages| messages.len() as u64)
    }

    fn conversation(&self, id: &ConversationId) -> ConversationHead {
        let mut writers = Writers::default();
        if let ConversationId::OneToOne(one, other) = id {
            for (user, with) in [(one, other), (other, one)] {
                if self.acquainted.contains(&(user.clone(), with.clone())) {
                    writers = writers.and(Writers::only(user, with));
                }
            }
        }
        ConversationHead { last_seq: self.last_seq(id), writers }
    }

    /// The message at that place.
    pub fn message(&self, id: &ConversationId, seq: u64) -> Option<&StoredMessage> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.conversations.get(id)?.get(place)
    }

    /// The open invitations a user made.
    pub fn open_of<'a>(&'a self, inviter: &'a UserId) -> impl Iterator<Item = &'a Arc<Invitation>> {
        self.invitations.values().filter(move |one| one.is_open() && one.inviter == *inviter)
    }

    /// The open invitations of a group.
    pub fn open_in<'a>(&'a self, group: &'a GroupId) -> impl Iterator<Item = &'a Arc<Invitation>> {
        self.invitations.values().filter(move |one| one.is_open() && one.group() == Some(group))
    }

    fn user(&self, id: &UserId) -> Option<User> {
        let reach = self.reaches.get(id).copied().unwrap_or_default();
        self.profiles.get(id).map(|profile| User {
            profile: profile.clone(),
            head: self.head(id),
            reach,
            has_quiet: self.quiet.contains_key(id),
            status: self.statuses.get(id).cloned().unwrap_or_default(),
            disabled_since: None,
            deleted_at: self.deleted.get(id).copied(),
        })
    }

    /// Their name stays, and nothing else of theirs.
    fn user_deleted(&mut self, user: &UserId, at: u64) {
        self.deleted.insert(user.clone(), at);
        let (nickname, face_url, ext) = <(String, String, String)>::default();
        self.profiles.insert(user.clone(), Profile { user_id: user.clone(), nickname, face_url, ext });
        self.reaches.remove(user);
        self.quiet.remove(user);
        self.statuses.remove(user);
        self.blocks.retain(|(by, _)| by != user);
    }

    fn quiet_set(&mut self, user: &UserId, quiet: Option<&Arc<Quiet>>) {
        let before = self.quiet.remove(user);
        if let Some(quiet) = quiet {
            let rang = before.map(|kept| kept.rang.clone()).unwrap_or_default();
            self.quiet.insert(user.clone(), Arc::new(Kept { quiet: Quiet::clone(quiet), rang }));
        }
    }

    fn rang_set(&mut self, user: &UserId, rang: &[Rang]) {
        if let Some(kept) = self.quiet.get_mut(user) {
            Arc::make_mut(kept).rang = rang.to_vec();
        }
    }

    fn append(&mut self, event: &Arc<PlacedEvent>) {
        for place in &event.places {
            self.streams.entry(place.user.clone()).or_default().push((place.cursor, Arc::clone(event)));
        }
        let Some(mark) = &event.message else { return };
        self.conversations.entry(mark.conversation.clone()).or_default().push(StoredMessage {
            message_id: mark.message_id.clone(),
            sender: mark.sender.clone(),
            time: event.time,
            revoked: false,
        });
    }

    fn carry_out(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::UserAdded(profile) | Effect::ProfileSet(profile) => {
                self.profiles.insert(profile.user_id.clone(), profile.clone());
            }
            Effect::ReachSet { user, reach } => drop(self.reaches.insert(user.clone(), reach)),
            Effect::QuietSet { user, quiet } => self.quiet_set(user, quiet),
            Effect::RangSet { user, rang } => self.rang_set(user, rang),
            Effect::StatusSet { user, status } => {
                self.statuses.insert(user.clone(), status.to_owned());
            }
            Effect::Acquainted { user, with } => {
                self.acquainted.insert((user.clone(), with.clone()));
            }
            Effect::BlockSet { by, target, on } => keep(&mut self.blocks, (by.clone(), target.clone()), on),
            Effect::InvitationAdded(invitation) | Effect::InvitationSet(invitation) => {
                self.invitations.insert(invitation.id.clone(), Arc::clone(invitation));
            }
            // Counted anew whenever somebody asks. And only back ends disable users: nobody here is one.
            Effect::Opened(_)
            | Effect::Ended(_)
            | Effect::Awaited { .. }
            | Effect::Settled { .. }
            | Effect::DisabledSet { .. } => {}
            Effect::UserDeleted { user, at, .. } => self.user_deleted(user, at),
            Effect::CallSet(call) => self.call_set(call),
            Effect::CallListed { user, call } => {
                self.call_lists.entry(user.clone()).or_default().push(call.id().clone());
            }
            Effect::Entered { user, call } => {
                self.in_calls.insert(user.clone(), call.id().clone());
            }
            Effect::Exited { user, call } => self.exited(user, call),
            Effect::CallsSeen(user, up_to) => {
                self.calls_seen.insert(user.clone(), up_to);
            }
            Effect::ClientMessageAdded { sender, client_msg_id, message } => {
                self.client_messages.insert((sender.clone(), client_msg_id.to_owned()), message.clone());
            }
            Effect::MessageRevoked(conversation, seq) => self.revoke(conversation, seq),
            Effect::ReadSet { user, conversation, seq } => {
                self.reader(user, &conversation).read_seq = seq;
            }
            Effect::PinSet { user, conversation, on } => self.reader(user, conversation).pinned = on,
            Effect::DeletedUpTo { user, conversation, seq } => {
                self.reader(user, conversation).deleted_seq = Some(seq);
            }
            Effect::ReadDropped { user, conversation } => {
                self.readers.remove(&(user.clone(), conversation));
            }
            Effect::GroupAdded(group) => {
                self.groups.insert(group.id.clone(), group.clone());
            }
            Effect::GroupSet { id, name, ext, join_policy } => {
                if let Some(group) = self.groups.get_mut(id) {
                    name.clone_into(&mut group.name);
                    ext.clone_into(&mut group.ext);
                    group.join_policy = join_policy;
                }
            }
            Effect::MemberSet { group, user, membership } => self.member(group, user, Some(membership)),
            Effect::MemberDropped { group, user } => self.member(group, user, None),
            Effect::DepartureSet { group, user, has_left } => {
                keep(&mut self.departures, (group.clone(), user.clone()), has_left);
            }
            Effect::BoardSet(group, board) => {
                self.boards.insert(group.clone(), board.clone());
            }
            Effect::GroupDropped(id) => self.forget_group(id),
        }
    }

    fn reader(&mut self, user: &UserId, conversation: &ConversationId) -> &mut Reader {
        self.readers.entry((user.clone(), conversation.clone())).or_default()
    }

    /// A member comes, changes or goes.
    fn member(&mut self, id: &GroupId, user: &UserId, membership: Option<&Membership>) {
        let Some(group) = self.groups.get_mut(id) else { return };
        match membership {
            Some(membership) => group.members.insert(user.clone(), membership.clone()),
            None => group.members.remove(user),
        };
    }

    fn call_set(&mut self, call: &Arc<Call>) {
        if call.version == 1 {
            self.rooms.insert(call.room().clone(), call.id().clone());
        }
        self.call_versions.insert((call.id().clone(), call.version), Arc::clone(call));
        self.calls.insert(call.id().clone(), Arc::clone(call));
    }

    fn exited(&mut self, user: &UserId, call: &Call) {
        if self.in_calls.get(user) == Some(call.id()) {
            self.in_calls.remove(user);
        }
    }

    fn revoke(&mut self, conversation: &ConversationId, seq: u64) {
        let place = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(message) = self.conversations.get_mut(conversation).and_then(|all| all.get_mut(place)) {
            message.revoked = true;
        }
    }

    fn forget_group(&mut self, id: &GroupId) {
        let conversation = ConversationId::Group(id.clone());
        self.groups.remove(id);
        self.boards.remove(id);
        self.departures.retain(|(group, _)| group != id);
        self.conversations.remove(&conversation);
        self.readers.retain(|(_, read), _| *read != conversation);
    }
}

/// Puts something into a set, or takes it out.
fn keep<T: Ord>(set: &mut BTreeSet<T>, item: T, is_in: bool) {
    if is_in {
        set.insert(item);
    } else {
        set.remove(&item);
    }
}

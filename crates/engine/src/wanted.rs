//! What a request will read, named before it is decided.
//!
//! [`decide`](crate::decide()) stops at the first key that the ledger misses, so a request that finds nothing loaded
//! would be decided once for every key it reads. A store asks here first and loads the keys together:
//!
//! 1. [`Wanted::of`] names the keys that the request spells out, and its [leads](Lead): keys that only a stored row can
//!    tell, such as the parties of an invitation.
//! 2. [`Wanted::missing`] follows the leads through what has been loaded and returns the keys that the ledger lacks.
//!    Load them and call it again until it returns none.
//! 3. Decide.
//!
//! A store that has to lock all rows at once follows the leads by itself, with [`Wanted::parties`], [`Wanted::answer_by`],
//! [`Wanted::people`] and [`Wanted::users`].
//!
//! `decide` stays the authority: a key too many costs time, a key too few costs another round. The property test
//! `tests/rules/wanted.rs` fails when the keys named here and the keys that the rules read differ.

use std::collections::{BTreeSet, HashSet};

use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::Peer;
use wigwag_protocol::params::CallWish;
use wigwag_protocol::signaling_text::ActionType;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use crate::command::{CallRef, CreateGroup, Invite, Invited, SendMessage, Signal};
use crate::open::{LastingTo, OpenInGroup};
use crate::{Call, Command, ConversationId, Due, Invitation, Key, Ledger, Request};

/// A stored row that names further keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lead {
    /// The invitation's parties are told what becomes of it.
    Invitation(InviteId),
    /// The invitation's pending invitees may all be settled at once.
    Pending(InviteId),
    /// Every member of the group is told.
    Members(GroupId),
    /// The group's open invitations may lose a party.
    OpenInvitations(GroupId),
    /// A new invitation without deadline, of this inviter to this side, closes older ones.
    OpenLasting(UserId, Peer),
    /// If the invitation leads into a call, the invitee who answers may leave the one that they are in.
    Answer(InviteId, UserId),
    /// The people of the call are told what becomes of it, and its end ends what rings.
    Call(CallId),
    /// The call of the room is meant.
    Room(RoomId),
    /// The user may leave the call that they are in.
    InCall(UserId),
    /// The group's running calls may lose somebody.
    RunningInGroup(GroupId),
}

/// Keys that a request will read, and leads to more of them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// May repeat a key, and may name one that is loaded already.
    pub keys: Vec<Key>,
    /// Leads that have not been followed yet.
    pub leads: BTreeSet<Lead>,
    followed: HashSet<Lead>,
}

/// The people and places an invitation concerns. They are fixed by the invite, so a store may remember them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    inviter: UserId,
    invitees: Vec<UserId>,
    group: Option<(GroupId, Notify)>,
    lasting: bool,
    call: Option<CallId>,
    /// Absent when the invitation leaves no messages.
    conversation: Option<ConversationId>,
}

impl Parties {
    /// The parties of this invitation.
    pub fn of(invitation: &Invitation) -> Self {
        let stored = !invitation.switches.online_user_only;
        Self {
            inviter: invitation.inviter.clone(),
            invitees: invitation.users().collect(),
            group: invitation.group().cloned().map(|group| (group, invitation.notify())),
            lasting: invitation.is_lasting(),
            call: invitation.call.as_ref().map(|call| call.call_id.clone()),
            conversation: stored.then(|| invitation.conversation()),
        }
    }
}

impl Wanted {
    /// The keys and leads that the request itself names.
    pub fn of(request: &Request) -> Self {
        let mut wanted = Self::default();
        match request {
            Request::By(actor, command) => wanted.by_user(&actor.user, command),
            Request::Due(Due::Invitation(id)) => wanted.ending(id),
            Request::Due(Due::Absence(user)) => {
                wanted.users([user]);
                wanted.in_call(user);
            }
            Request::Due(Due::RoomLeft(room, _)) => wanted.room(room),
        }
        wanted
    }

    /// The wanted keys that `ledger` lacks, each once. The caller loads them; they are not returned again.
    pub fn missing(&mut self, ledger: &Ledger) -> Vec<Key> {
        while self.follow(ledger) {}
        let mut keys = std::mem::take(&mut self.keys);
        let mut seen = HashSet::new();
        keys.retain(|key| !ledger.has(key) && seen.insert(key.clone()));
        keys
    }

    /// Adds what an invitation's transition reads about its parties.
    pub fn parties(&mut self, parties: &Parties) {
        self.keys.push(Key::OpenCount(parties.inviter.clone()));
        if parties.lasting {
            self.keys.push(Key::OpenLasting(parties.inviter.clone()));
        }
        self.users([&parties.inviter]);
        self.users(&parties.invitees);
        self.keys.extend(parties.conversation.clone().map(Key::Conversation));
        if let Some(call) = &parties.call {
            self.call(call);
        }
        let Some((group, notify)) = &parties.group else { return };
        self.keys.push(Key::OpenInGroup(group.clone()));
        match notify {
            Notify::Members => self.told(group),
            Notify::Parties => self.group(group),
        }
    }

    /// Adds the open invitations without deadline that a new one to `peer` may close: those to the same side, and the
    /// oldest of all. `open` has the inviter's, the oldest first. At a bound an invitation may have to close others, also one
    /// with a deadline; that is rare, and costs another round.
    pub fn pushed_out<'a>(&mut self, open: impl IntoIterator<Item = &'a LastingTo>, peer: &Peer) {
        for (place, to) in open.into_iter().enumerate() {
            if place == 0 || to.peer == *peer {
                self.keys.push(Key::Invitation(to.lasting.id.clone()));
                self.lead(Lead::Pending(to.lasting.id.clone()));
                self.keys.extend(group_of(&to.peer).cloned().map(Key::OpenInGroup));
            }
        }
    }

    /// Adds what is counted for the invitees of an invitation that ends.
    pub fn pending(&mut self, parties: &Parties) {
        self.keys.extend(parties.invitees.iter().cloned().map(Key::PendingFor));
    }

    /// Adds what an invitee's answer reads about the call that they may leave by it.
    pub fn answer_by(&mut self, invitee: &UserId, parties: &Parties) {
        if parties.call.is_some() {
            self.in_call(invitee);
        }
    }

    /// Adds what a step of a call reads about its people, whom it is told to, and about what rings in it.
    pub fn people(&mut self, call: &Call) {
        self.users(call.people.iter().map(|person| &person.user));
        if let Some(circle) = &call.circle {
            self.keys.push(Key::RunningInGroup(circle.group.clone()));
            match circle.notify {
                Notify::Members => self.told(&circle.group),
                Notify::Parties => self.group(&circle.group),
            }
        }
        // Whoever rings may answer by joining or hanging up, and what rings ends with the call.
        call.rings_by().iter().for_each(|id| self.ending(id));
    }

    /// Adds users whose streams are written to.
    pub fn users<'a>(&mut self, users: impl IntoIterator<Item = &'a UserId>) {
        self.keys.extend(users.into_iter().cloned().map(Key::User));
    }

    /// Follows every lead whose row is loaded. True when one of them has led on to new leads.
    fn follow(&mut self, ledger: &Ledger) -> bool {
        let leads = std::mem::take(&mut self.leads);
        let (open, unloaded) = leads.into_iter().partition(|lead| ledger.has(&lead.key()));
        let unloaded: BTreeSet<Lead> = unloaded;
        let open: BTreeSet<Lead> = open;
        for lead in open {
            self.follow_one(&lead, ledger);
            self.followed.insert(lead);
        }
        let led_on = !self.leads.is_empty();
        self.leads.extend(unloaded);
        led_on
    }

    fn follow_one(&mut self, lead: &Lead, ledger: &Ledger) {
        match lead {
            Lead::Invitation(id) => {
                if let Ok(Some(invitation)) = ledger.invitation(id) {
                    self.parties(&Parties::of(invitation));
                }
            }
            Lead::Pending(id) => {
                if let Ok(Some(invitation)) = ledger.invitation(id) {
                    self.keys.extend(invitation.pending().cloned().map(Key::PendingFor));
                }
            }
            Lead::Members(id) => {
                if let Ok(Some(group)) = ledger.group(id) {
                    self.users(group.members.keys());
                }
            }
            Lead::OpenInvitations(id) => {
                for id in ledger.open_in_group(id).unwrap_or_default().iter().map(OpenInGroup::id) {
                    self.ending(id);
                }
            }
            Lead::OpenLasting(inviter, peer) => {
                self.pushed_out(ledger.open_lasting(inviter).unwrap_or_default(), peer);
            }
            Lead::Answer(id, invitee) => {
                if let Ok(Some(invitation)) = ledger.invitation(id) {
                    self.answer_by(invitee, &Parties::of(invitation));
                }
            }
            Lead::Call(id) => {
                if let Ok(Some(call)) = ledger.call(id) {
                    self.people(call);
                }
            }
            Lead::Room(room) => {
                if let Ok(Some(id)) = ledger.newest_call(room) {
                    self.call(id);
                }
            }
            Lead::InCall(user) => {
                if let Ok(Some(id)) = ledger.call_with(user) {
                    self.call(id);
                }
            }
            Lead::RunningInGroup(group) => {
                for id in ledger.running_in_group(group).unwrap_or_default() {
                    self.call(id);
                }
            }
        }
    }

    fn lead(&mut self, lead: Lead) {
        if !self.followed.contains(&lead) {
            self.leads.insert(lead);
        }
    }
}

impl Lead {
    /// The key of the row that tells where it leads.
    pub fn key(&self) -> Key {
        match self {
            Self::Invitation(id) | Self::Pending(id) | Self::Answer(id, _) => Key::Invitation(id.clone()),
            Self::Members(id) => Key::Group(id.clone()),
            Self::OpenInvitations(id) => Key::OpenInGroup(id.clone()),
            Self::OpenLasting(inviter, _) => Key::OpenLasting(inviter.clone()),
            Self::Call(id) => Key::Call(id.clone()),
            Self::Room(room) => Key::Room(room.clone()),
            Self::InCall(user) => Key::InCall(user.clone()),
            Self::RunningInGroup(group) => Key::RunningInGroup(group.clone()),
        }
    }
}

/// What each command reads.
impl Wanted {
    fn by_user(&mut self, actor: &UserId, command: &Command) {
        self.users([actor]);
        match command {
            Command::Register
            | Command::Provision(_)
            | Command::MarkTime(_)
            | Command::SetDisabled(_)
            | Command::SetProfile { .. }
            | Command::SetStatus(_)
            | Command::SetReach { .. } => {}
            Command::SetQuiet(_) => self.keys.push(Key::Quiet(actor.clone())),
            Command::Silence(id) => self.keys.push(Key::Invitation(id.clone())),
            Command::DeleteUser => self.ties(actor),
            Command::Withdraw(id) => {
                self.ending(id);
                self.answer(actor, id);
            }
            Command::Invite(invite) => self.invite(actor, invite),
            Command::Cancel(cancel) => self.ending(&cancel.answer.id),
            Command::Accept(answer) | Command::Reject(answer) => self.answer(actor, &answer.id),
            Command::Modify(answer) => self.invitation(&answer.id),
            Command::Progress(progress) => {
                self.keys.push(Key::Invitation(progress.id.clone()));
                self.users([&progress.inviter]);
                self.keys.push(Key::Block(actor.clone(), progress.inviter.clone()));
            }
            Command::JoinCall(which) => {
                self.call_meant(which);
                self.in_call(actor);
            }
            Command::HangUp(which) => self.call_meant(which),
            Command::EndCall(id) => self.call_meant(&CallRef::Call(id.clone())),
            Command::SignalCall(signal) => self.call_meant(&signal.call),
            Command::SeeCalls(_) => self.keys.push(Key::CallsSeen(actor.clone())),
            Command::SendMessage(send) => self.send(actor, send),
            Command::Signal(signal) => self.signal(actor, signal),
            Command::RevokeMessage { peer, seq } => self.revoke(actor, peer, *seq),
            Command::MarkRead { peer, .. } | Command::DeleteConversation(peer) => self.mark_read(actor, peer),
            Command::PinConversation { peer, .. } => self.pin(actor, peer),
            Command::CreateGroup(create) => self.create_group(actor, create),
            Command::JoinGroup(group) => self.come(group, std::slice::from_ref(actor)),
            Command::AddMembers(group, users) => {
                self.may_add(actor, users);
                self.come(group, users);
            }
            Command::QuitGroup(group)
            | Command::RemoveMembers(group, _)
            | Command::DismissGroup(group)
            | Command::PartWith(group) => self.go(group),
            Command::SetGroupInfo { group, .. } | Command::SetRole { group, .. } => self.told(group),
            Command::NotifyGroup(notice) => self.notify(&notice.group, notice.to.as_deref()),
            Command::SetAttributes(group, _) => {
                self.told(group);
                self.keys.push(Key::Board(group.clone()));
            }
            Command::SetBlock(target, _) => self.set_block(actor, target),
        }
    }

    /// What binds a user to others.
    fn ties(&mut self, user: &UserId) {
        self.keys.extend([
            Key::GroupCount(user.clone()),
            Key::InCall(user.clone()),
            Key::OpenCount(user.clone()),
            Key::PendingFor(user.clone()),
        ]);
    }

    fn invite(&mut self, actor: &UserId, invite: &Invite) {
        self.keys.extend(invite.id.clone().map(Key::Invitation));
        self.keys.push(Key::OpenCount(actor.clone()));
        self.make_room(actor, invite.timeout, invite.invited.peer());
        let stored = !invite.switches.online_user_only;
        if let Some(wish) = &invite.call {
            // A call that is kept has used up the name, also when its invitation is gone.
            self.keys.extend(invite.id.as_ref().map(CallId::opened_by).map(Key::Call));
            self.calling(actor, &invite.invited, wish);
        }
        match &invite.invited {
            Invited::User(invitee) => {
                self.reach(actor, invitee);
                self.keys.push(Key::PendingFor(invitee.clone()));
                if stored {
                    self.conversation(ConversationId::between(actor, invitee));
                }
            }
            Invited::Members { group, invitees, notify } => {
                self.may_ring(actor, invitees);
                self.invite_members(group, invitees, *notify, stored);
            }
        }
    }

    fn invite_members(&mut self, group: &GroupId, invitees: &[UserId], notify: Notify, stored: bool) {
        self.keys.push(Key::OpenInGroup(group.clone()));
        match notify {
            Notify::Members => self.told(group),
            Notify::Parties => {
                self.group(group);
                self.users(invitees);
            }
        }
        if stored {
            self.conversation(ConversationId::Group(group.clone()));
        }
    }

    /// The keys for closing older invitations without deadline.
    fn make_room(&mut self, inviter: &UserId, timeout: u32, peer: Peer) {
        if timeout == 0 {
            self.keys.push(Key::OpenLasting(inviter.clone()));
            self.lead(Lead::OpenLasting(inviter.clone(), peer));
        }
    }

    /// The keys for an invitation into a call: where it takes place, and who is in other calls.
    fn calling(&mut self, actor: &UserId, invited: &Invited, wish: &CallWish) {
        if let Some(room) = &wish.room_id {
            self.room(room);
        }
        self.in_call(actor);
        match invited {
            Invited::User(callee) => self.in_call(callee),
            Invited::Members { group, invitees, .. } => {
                self.keys.push(Key::RunningInGroup(group.clone()));
                for invitee in invitees {
                    self.in_call(invitee);
                }
            }
        }
    }

    /// The keys for a command on an existing invitation.
    fn invitation(&mut self, id: &InviteId) {
        self.keys.push(Key::Invitation(id.clone()));
        self.lead(Lead::Invitation(id.clone()));
    }

    /// The keys for an invitee's answer.
    fn answer(&mut self, invitee: &UserId, id: &InviteId) {
        self.invitation(id);
        self.keys.push(Key::PendingFor(invitee.clone()));
        self.lead(Lead::Answer(id.clone(), invitee.clone()));
    }

    /// The keys for what may end an invitation.
    fn ending(&mut self, id: &InviteId) {
        self.invitation(id);
        self.lead(Lead::Pending(id.clone()));
    }

    fn send(&mut self, actor: &UserId, send: &SendMessage) {
        self.client_message(actor, send);
        match &send.peer {
            Peer::User(other) => self.reach(actor, other),
            Peer::Group(group) => self.told(group),
        }
        if !send.options.online_user_only {
            self.conversation(ConversationId::with(actor, &send.peer));
        }
    }

    fn signal(&mut self, actor: &UserId, signal: &Signal) {
        let Signal { action, text, message } = signal;
        self.client_message(actor, message);
        match action {
            ActionType::Invite => {
                self.keys.push(Key::Invitation(text.invite_id.clone()));
                self.keys.push(Key::OpenCount(actor.clone()));
                self.make_room(actor, text.timeout, message.peer.clone());
                self.may_ring(actor, &text.invitee_list);
                let stored = !(text.online_user_only || message.options.online_user_only);
                match &message.peer {
                    Peer::User(invitee) => self.reach(actor, invitee),
                    Peer::Group(group) => {
                        self.keys.push(Key::OpenInGroup(group.clone()));
                        self.told(group);
                    }
                }
                if stored {
                    self.conversation(ConversationId::with(actor, &message.peer));
                }
            }
            ActionType::Cancel => self.ending(&text.invite_id),
            ActionType::Accept | ActionType::Reject => self.answer(actor, &text.invite_id),
            ActionType::Timeout => self.invitation(&text.invite_id),
        }
    }

    fn revoke(&mut self, actor: &UserId, peer: &Peer, seq: u64) {
        self.keys.push(Key::Message(ConversationId::with(actor, peer), seq));
        match peer {
            Peer::User(other) => self.users([other]),
            Peer::Group(group) => self.told(group),
        }
    }

    /// In a group only the reader's own devices are told.
    fn mark_read(&mut self, actor: &UserId, peer: &Peer) {
        let conversation = ConversationId::with(actor, peer);
        self.keys.push(Key::Read(actor.clone(), conversation.clone()));
        self.conversation(conversation);
        match peer {
            Peer::User(other) => self.users([other]),
            Peer::Group(group) => self.group(group),
        }
    }

    fn pin(&mut self, actor: &UserId, peer: &Peer) {
        let conversation = ConversationId::with(actor, peer);
        self.keys.push(Key::Read(actor.clone(), conversation.clone()));
        self.keys.push(Key::PinCount(actor.clone()));
        self.conversation(conversation);
        if let Peer::Group(group) = peer {
            self.group(group);
        }
    }

    fn create_group(&mut self, actor: &UserId, create: &CreateGroup) {
        self.keys.extend(create.id.clone().map(Key::Group));
        self.users(&create.members);
        self.may_add(actor, &create.members);
        self.group_counts(&create.members);
        self.keys.push(Key::GroupCount(actor.clone()));
    }

    /// New members start to count unread messages at the conversation's newest.
    fn come(&mut self, group: &GroupId, new: &[UserId]) {
        self.told(group);
        self.users(new);
        self.group_counts(new);
        self.keys.extend(new.iter().map(|user| Key::HasLeft(group.clone(), user.clone())));
        self.conversation(ConversationId::Group(group.clone()));
    }

    fn notify(&mut self, group: &GroupId, to: Option<&[UserId]>) {
        match to {
            None => self.told(group),
            Some(users) => {
                self.group(group);
                self.users(users);
            }
        }
    }

    fn group_counts(&mut self, users: &[UserId]) {
        self.keys.extend(users.iter().cloned().map(Key::GroupCount));
    }

    fn go(&mut self, group: &GroupId) {
        self.told(group);
        self.keys.push(Key::OpenInGroup(group.clone()));
        self.lead(Lead::OpenInvitations(group.clone()));
        self.keys.push(Key::RunningInGroup(group.clone()));
        self.lead(Lead::RunningInGroup(group.clone()));
    }

    fn set_block(&mut self, actor: &UserId, target: &UserId) {
        self.users([target]);
        self.keys.push(Key::Block(actor.clone(), target.clone()));
    }

    /// Whether members block the actor, and how much is pending for them.
    fn may_ring(&mut self, actor: &UserId, members: &[UserId]) {
        self.may_add(actor, members);
        self.keys.extend(members.iter().cloned().map(Key::PendingFor));
    }

    /// Whether users block the actor.
    fn may_add(&mut self, actor: &UserId, users: &[UserId]) {
        self.keys.extend(users.iter().map(|user| Key::Block(user.clone(), actor.clone())));
    }

    /// Whoever speaks to a user must know that they exist and do not block the speaker.
    fn reach(&mut self, actor: &UserId, other: &UserId) {
        self.users([other]);
        self.keys.push(Key::Block(other.clone(), actor.clone()));
    }

    fn call_meant(&mut self, which: &CallRef) {
        match which {
            CallRef::Call(id) => self.call(id),
            CallRef::Room(room) => self.room(room),
        }
    }

    fn call(&mut self, id: &CallId) {
        self.keys.push(Key::Call(id.clone()));
        self.lead(Lead::Call(id.clone()));
    }

    fn room(&mut self, room: &RoomId) {
        self.keys.push(Key::Room(room.clone()));
        self.lead(Lead::Room(room.clone()));
    }

    fn in_call(&mut self, user: &UserId) {
        self.keys.push(Key::InCall(user.clone()));
        self.lead(Lead::InCall(user.clone()));
    }

    fn client_message(&mut self, actor: &UserId, send: &SendMessage) {
        self.keys.extend(send.client_msg_id.clone().map(|id| Key::ClientMessage(actor.clone(), id)));
    }

    fn conversation(&mut self, conversation: ConversationId) {
        self.keys.push(Key::Conversation(conversation));
    }

    fn group(&mut self, group: &GroupId) {
        self.keys.push(Key::Group(group.clone()));
    }

    /// Adds what is read to tell every member: the group's key and a lead to its members.
    fn told(&mut self, group: &GroupId) {
        self.group(group);
        self.lead(Lead::Members(group.clone()));
    }
}

fn group_of(peer: &Peer) -> Option<&GroupId> {
    match peer {
        Peer::Group(group) => Some(group),
        Peer::User(_) => None,
    }
}

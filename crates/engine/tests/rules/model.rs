//! A second, simple-minded opinion on the rules: what docs/semantics.md says, over plain maps and names.
//!
//! It shares nothing with the engine but the names of reasons and roles. For each operation it says who is told what,
//! or why not.

mod groups;
mod lasting;
mod lists;
mod quiet;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use wigwag_protocol::Reason;
use wigwag_protocol::group::{ReachableBy, Role};

use self::lists::Listing;
use crate::operation::{Name, Op, To, USERS, Verb, Who, Wish};

/// Revoke window, open invitations per inviter, per group and without deadline per side, and age of those, as the test configures them.
pub(crate) const REVOKE_WINDOW_MS: u64 = 120_000;
pub(crate) const OPEN_INVITATIONS: usize = 3;
pub(crate) const GROUP_OPEN_INVITATIONS: usize = 4;
pub(crate) const OPEN_LASTING: usize = 2;
/// Pending invitations from one inviter to one invitee, and of one invitee in all.
pub(crate) const PAIR_OPEN_INVITATIONS: usize = 2;
pub(crate) const INVITEE_OPEN_INVITATIONS: usize = 3;
pub(crate) const NO_DEADLINE_AGE_MS: u64 = 300_000;

/// An event: its type, who is told, and whether it is in a conversation's history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) kind: String,
    pub(crate) to: BTreeSet<String>,
    pub(crate) stored: bool,
}

type Expected = Result<Vec<Told>, Reason>;
type Names = BTreeSet<Name>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Answered(Verb, Who, Name),
    Late,
    /// By whom and with which words, if by command.
    Cancelled(Option<(Who, Name)>),
    Gone,
}

#[derive(Debug)]
struct Invite {
    by: Who,
    wish: Wish,
    guests: BTreeMap<Name, State>,
    /// In the order in which they were.
    settled: Vec<Name>,
    born: u64,
    data: Name,
    cancelled: Option<(Who, Name)>,
    open: bool,
    /// Who was told of the invite, when only those who were online are.
    told: Option<Names>,
}

#[derive(Debug)]
struct Message {
    sender: Name,
    at: u64,
    revoked: bool,
}

/// Both users in order, or the group.
type Conversation = (Name, Option<Name>);

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: u64,
    pub(crate) online: Names,
    /// Who gives the command at hand; `None` for the server.
    actor: Option<Name>,
    /// Who leaves a group by it.
    leaving: Names,
    blocks: BTreeSet<(Name, Name)>,
    /// Who may ring and who may add, of those who have said it.
    reaches: BTreeMap<Name, (ReachableBy, ReachableBy)>,
    /// Who is quiet, and whether a second call is loud.
    quiet: BTreeMap<Name, bool>,
    /// What users say of themselves.
    statuses: BTreeMap<Name, Name>,
    silenced: BTreeSet<(Name, Name)>,
    /// Who has written to whom.
    wrote: BTreeSet<(Name, Name)>,
    groups: BTreeMap<Name, BTreeMap<Name, Role>>,
    /// Groups and their members who take the others for people they know.
    at_home: BTreeSet<(Name, Name)>,
    /// Who has left which group by their own wish.
    departures: BTreeSet<(Name, Name)>,
    invites: BTreeMap<Name, Invite>,
    messages: BTreeMap<Conversation, Vec<Message>>,
    keys: BTreeMap<(Name, Name), Conversation>,
    lists: BTreeMap<(Name, Conversation), Listing>,
}

impl Invite {
    fn deadline(&self) -> Option<u64> {
        (self.wish.timeout > 0).then(|| self.born + u64::from(self.wish.timeout) * 1_000)
    }

    fn overdue(&self, now: u64) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now)
    }

    fn pending(&self) -> Names {
        self.guests.iter().filter(|(_, state)| **state == State::Pending).map(|(name, _)| *name).collect()
    }

    fn parties(&self) -> Names {
        self.guests.keys().copied().chain([self.by.user]).collect()
    }

    fn settle_pending(&mut self, state: State) -> Names {
        let pending = self.pending();
        for name in &pending {
            self.settle(name, state);
        }
        pending
    }

    fn settle(&mut self, name: Name, state: State) {
        self.guests.insert(name, state);
        self.settled.push(name);
        self.open = !self.pending().is_empty();
    }

    /// Where the one of these stands who was settled last.
    fn last_of(&self, names: &[Name]) -> Option<State> {
        let last = self.settled.iter().rev().find(|name| names.contains(name))?;
        self.guests.get(last).copied()
    }
}

impl Model {
    /// Nothing has happened yet.
    pub(crate) fn at(now: u64) -> Self {
        Self { now, ..Self::default() }
    }

    /// Carries a command out.
    pub(crate) fn step(&mut self, op: &Op) -> Expected {
        self.actor = op.by().map(|by| by.user);
        self.leaving.clear();
        match op {
            Op::Invite { by, id, wish } => self.invite(*by, id, wish),
            Op::Answer { verb, by, id, words } => match verb {
                Verb::Accept | Verb::Reject => self.answer(*verb, *by, id, words),
                Verb::Cancel => self.cancel(*by, id, None, words),
                Verb::Modify => self.modify(*by, id, words),
            },
            Op::CancelFor { by, id, from, words } => self.cancel(*by, id, Some(from), words),
            Op::Expire(id) => Ok(self.expire(id)),
            Op::Group { by, group, what } => self.membership(by.user, group, what),
            Op::Block { by, whom, on } => self.block(by.user, whom, *on),
            Op::Reach { by, ring, add } => Ok(self.set_reach(by.user, *ring, *add)),
            Op::Quiet { by, again } => Ok(self.set_quiet(by.user, *again)),
            Op::Status { by, status } => Ok(self.set_status(by.user, status)),
            Op::Silence { by, id } => self.silence(by.user, id),
            Op::Send { by, to, key, online_only } => self.send(by.user, *to, *key, *online_only),
            Op::Revoke { by, to, seq } => self.revoke(by.user, *to, *seq),
            Op::Read { by, to, seq } => self.read(by.user, *to, *seq),
            Op::Pin { by, to, on } => self.pin(by.user, *to, *on),
            Op::Delete { by, to } => self.delete(by.user, *to),
            Op::Wait { .. } | Op::Online { .. } | Op::Repeat(_) | Op::Forget { .. } | Op::Batch { .. } => {
                Ok(Vec::new())
            }
        }
    }

    // ---- invitations ----------------------------------------------------------------------------------------------

    fn invite(&mut self, by: Who, id: Name, wish: &Wish) -> Expected {
        if let Some(before) = self.invites.get(id) {
            let guests =
                |wish: &Wish| wish.to.iter().filter(|to| **to != by.user).copied().collect::<Names>();
            let first = &before.wish;
            let same = before.by.user == by.user
                && first.group == wish.group
                && guests(first) == guests(wish)
                && (first.timeout, first.online_only) == (wish.timeout, wish.online_only)
                && (wish.group.is_none() || first.parties == wish.parties);
            return if same { Ok(Vec::new()) } else { Err(Reason::InviteIdTaken) };
        }
        let mut guests = self.guests(by.user, wish)?;
        let mut closed = self.pushed_out(by.user, wish)?;
        let mut full = None;
        guests.retain(|to| {
            self.has_room(by.user, to, &mut closed).map_err(|why| full.get_or_insert(why)).is_ok()
        });
        if guests.is_empty() {
            return Err(full.expect("somebody was welcome"));
        }
        for id in closed {
            self.invites.get_mut(id).expect("it is open").settle_pending(State::Late);
        }
        let guests = guests.into_iter().map(|name| (name, State::Pending)).collect();
        let (wish, born) = (wish.clone(), self.now);
        let invite = Invite {
            by,
            wish,
            guests,
            settled: Vec::new(),
            born,
            data: "ring",
            cancelled: None,
            open: true,
            told: None,
        };
        let online_only = invite.wish.online_only;
        self.invites.insert(id, invite);
        if online_only {
            let told = self.listening(self.audience(id), true);
            self.invites.get_mut(id).expect("it was made").told = Some(told);
        }
        Ok(vec![self.tell("received", id, by.user)])
    }

    /// Who may be invited, if there is room for them, in the order in which they are named.
    fn guests(&self, by: Name, wish: &Wish) -> Result<Vec<Name>, Reason> {
        let Some(group) = wish.group else {
            let to = wish.to[0];
            self.may_reach(by, to)?;
            if !self.may_ring(by, to) {
                return Err(Reason::BlockedByPeer);
            }
            return Ok(vec![to]);
        };
        let members = self.members_for(by, group)?;
        let mut named: Vec<Name> = Vec::new();
        for to in wish.to.iter().filter(|to| **to != by && members.contains_key(*to)) {
            if !named.contains(to) {
                named.push(to);
            }
        }
        let (blocking, guests): (Vec<Name>, Vec<Name>) =
            named.into_iter().partition(|to| !self.may_ring(by, to));
        match (guests.is_empty(), blocking.is_empty()) {
            (false, _) => Ok(guests),
            (true, false) => Err(Reason::BlockedByPeer),
            (true, true) => Err(Reason::NoValidInvitee),
        }
    }

    fn may_reach(&self, by: Name, to: Name) -> Result<(), Reason> {
        if by == to {
            Err(Reason::InvalidParameter)
        } else if !USERS.contains(&to) {
            Err(Reason::UnknownUser)
        } else if self.blocks.contains(&(to, by)) {
            Err(Reason::BlockedByPeer)
        } else {
            Ok(())
        }
    }

    fn members_for(&self, user: Name, group: Name) -> Result<&BTreeMap<Name, Role>, Reason> {
        let members = self.groups.get(group).ok_or(Reason::UnknownGroup)?;
        if members.contains_key(user) { Ok(members) } else { Err(Reason::NotMember) }
    }

    fn is_member(&self, user: Name, group: Name) -> bool {
        self.members_for(user, group).is_ok()
    }

    /// The invitation, if the user may know that it exists.
    fn visible(&self, user: Name, id: Name) -> Result<&Invite, Reason> {
        let invite = self.invites.get(id).ok_or(Reason::UnknownInvitation)?;
        let member = invite.wish.group.is_some_and(|group| self.is_member(user, group));
        let told = invite.told.as_ref().is_none_or(|told| told.contains(user));
        let concerned = member || invite.parties().contains(user);
        if concerned && told { Ok(invite) } else { Err(Reason::UnknownInvitation) }
    }

    fn answer(&mut self, verb: Verb, by: Who, id: Name, words: Name) -> Expected {
        let invite = self.visible(by.user, id)?;
        match invite.guests.get(by.user).ok_or(Reason::NotInvitee)? {
            State::Answered(first, on, said) if (*first, *on, *said) == (verb, by, words) => {
                return Ok(Vec::new());
            }
            State::Answered(..) | State::Gone => return Err(Reason::Settled),
            State::Late => return Err(Reason::TimedOut),
            State::Cancelled(_) => return Err(Reason::Cancelled),
            State::Pending if invite.overdue(self.now) => return Err(Reason::TimedOut),
            State::Pending => {}
        }
        let kind = if verb == Verb::Accept { "accepted" } else { "rejected" };
        self.invites.get_mut(id).expect("it is visible").settle(by.user, State::Answered(verb, by, words));
        Ok(vec![self.tell(kind, id, by.user)])
    }

    /// Takes the invitation back from everybody, or from some.
    fn cancel(&mut self, by: Who, id: Name, from: Option<&[Name]>, words: Name) -> Expected {
        let invite = self.visible(by.user, id)?;
        if invite.by.user != by.user {
            return Err(Reason::NotInviter);
        }
        if from.into_iter().flatten().any(|name| !invite.guests.contains_key(name)) {
            return Err(Reason::InvalidParameter);
        }
        let mut meant = invite.pending();
        meant.retain(|name| from.is_none_or(|from| from.contains(name)));
        let how = State::Cancelled(Some((by, words)));
        if meant.is_empty() {
            // Who was settled after this command had been given first was not meant by it.
            let again = match from {
                Some(from) => invite.last_of(from) == Some(how),
                None => invite.cancelled == Some((by, words)),
            };
            return if again { Ok(Vec::new()) } else { Err(Reason::Settled) };
        }
        if invite.overdue(self.now) {
            return Err(Reason::TimedOut);
        }
        let invite = self.invites.get_mut(id).expect("it is visible");
        for name in &meant {
            invite.settle(name, how);
        }
        if invite.open {
            return Ok(vec![self.tell("cancelled", id, by.user)]);
        }
        invite.cancelled = Some((by, words));
        Ok(vec![self.tell_end("cancelled", id, &meant)])
    }

    fn modify(&mut self, by: Who, id: Name, words: Name) -> Expected {
        let invite = self.visible(by.user, id)?;
        if let Some(group) = invite.wish.group.filter(|group| self.groups.contains_key(group)) {
            self.members_for(by.user, group)?;
        }
        if !invite.parties().contains(by.user) {
            return Err(Reason::NotParty);
        }
        if !invite.open {
            return Err(Reason::Settled);
        }
        if invite.wish.online_only {
            return Err(Reason::OnlineOnly);
        }
        if invite.overdue(self.now) {
            return Err(Reason::TimedOut);
        }
        if invite.data == words {
            return Ok(Vec::new());
        }
        self.invites.get_mut(id).expect("it is visible").data = words;
        let audience = self.audience(id);
        Ok(vec![Told { kind: "invitation.modified".to_owned(), to: owned(&audience), stored: false }])
    }

    fn expire(&mut self, id: Name) -> Vec<Told> {
        let now = self.now;
        let Some(invite) = self.invites.get_mut(id).filter(|invite| invite.open) else { return Vec::new() };
        if invite.overdue(now) {
            let late = invite.settle_pending(State::Late);
            return vec![self.tell_end("timedOut", id, &late)];
        }
        if invite.deadline().is_none() && invite.born + NO_DEADLINE_AGE_MS <= now {
            invite.settle_pending(State::Late);
        }
        Vec::new()
    }

    /// What the going of those who are leaving does to one invitation of the group.
    fn lose(&mut self, id: Name) -> Vec<Told> {
        let mut told = Vec::new();
        for name in self.leaving.clone() {
            let now = self.now;
            let invite = self.invites.get_mut(id).expect("an invitation of the group");
            let concerned = invite.by.user == name || invite.pending().contains(name);
            if !invite.open || !concerned {
                continue;
            }
            if invite.overdue(now) {
                let late = invite.settle_pending(State::Late);
                told.push(self.tell_end("timedOut", id, &late));
            } else if invite.by.user == name {
                let pending = invite.settle_pending(State::Cancelled(None));
                told.push(self.tell_end("cancelled", id, &pending));
            } else {
                invite.settle(name, State::Gone);
                told.push(self.tell("rejected", id, name));
            }
        }
        told
    }

    /// Who hears of an invitation: both sides; in a group those who are staying in it, or the parties among them, and
    /// of those who are just leaving the parties.
    fn audience(&self, id: Name) -> Names {
        let invite = &self.invites[id];
        let parties = invite.parties();
        let told = |name: &Name| invite.told.as_ref().is_none_or(|told| told.contains(name));
        let Some(group) = invite.wish.group else { return parties.into_iter().filter(told).collect() };
        let members: Names = self.groups[group].keys().copied().collect();
        let all = !invite.wish.parties;
        let hears = |name: &Name| parties.contains(name) || (all && !self.leaving.contains(name));
        members.into_iter().filter(hears).filter(told).collect()
    }

    fn tell(&mut self, kind: &str, id: Name, sender: Name) -> Told {
        let audience = self.audience(id);
        self.told(kind, id, sender, audience)
    }

    /// A cancel or timeout is no business of those who had answered, unless the whole group hears it.
    fn tell_end(&mut self, kind: &str, id: Name, pending: &Names) -> Told {
        let mut audience = self.audience(id);
        let invite = &self.invites[id];
        let inviter = invite.by.user;
        if invite.wish.group.is_none() || invite.wish.parties {
            audience.retain(|name| *name == inviter || pending.contains(name));
        }
        self.told(kind, id, inviter, audience)
    }

    fn told(&mut self, kind: &str, id: Name, sender: Name, audience: Names) -> Told {
        let invite = &self.invites[id];
        let online_only = invite.wish.online_only;
        let place = match invite.wish.group {
            Some(group) => (group, None),
            None => pair(invite.by.user, invite.guests.keys().next().expect("a guest")),
        };
        let to = self.listening(audience, online_only);
        if !online_only {
            if ["received", "accepted"].contains(&kind) {
                self.gets_to_know(place, sender);
            }
            self.post(place, sender);
        }
        Told { kind: format!("invitation.{kind}"), to: owned(&to), stored: !online_only }
    }

    fn listening(&self, mut audience: Names, online_only: bool) -> Names {
        audience.retain(|name| !online_only || self.online.contains(name) || self.actor == Some(name));
        audience
    }

    // ---- messages -------------------------------------------------------------------------------------------------

    fn send(&mut self, by: Name, to: To, key: Option<Name>, online_only: bool) -> Expected {
        if let Some(before) = key.and_then(|key| self.keys.get(&(by, key))) {
            let same = *before == conversation(by, to);
            return if same { Ok(Vec::new()) } else { Err(Reason::ClientMsgIdTaken) };
        }
        match to {
            To::User(user) => self.may_reach(by, user)?,
            To::Group(group) => {
                self.members_for(by, group)?;
            }
        }
        self.keys.extend(key.map(|key| ((by, key), conversation(by, to))));
        if !online_only {
            self.gets_to_know(conversation(by, to), by);
            self.post(conversation(by, to), by);
        }
        let listeners = self.listening(self.people(by, to), online_only);
        Ok(vec![Told { kind: "message.received".to_owned(), to: owned(&listeners), stored: !online_only }])
    }

    fn revoke(&mut self, by: Name, to: To, seq: u64) -> Expected {
        self.may_see(by, to)?;
        let now = self.now;
        let messages = self.messages.get_mut(&conversation(by, to)).ok_or(Reason::UnknownMessage)?;
        let message = seq.checked_sub(1).and_then(|at| messages.get_mut(usize::try_from(at).ok()?));
        let message = message.ok_or(Reason::UnknownMessage)?;
        if message.sender != by {
            return Err(Reason::NotSender);
        }
        if message.revoked {
            return Ok(Vec::new());
        }
        if message.at + REVOKE_WINDOW_MS < now {
            return Err(Reason::RevokeWindow);
        }
        message.revoked = true;
        let to = owned(&self.people(by, to));
        Ok(vec![Told { kind: "message.revoked".to_owned(), to, stored: false }])
    }

    fn may_see(&self, by: Name, to: To) -> Result<(), Reason> {
        match to {
            To::User(_) => Ok(()),
            To::Group(group) => self.members_for(by, group).map(|_| ()),
        }
    }

    fn people(&self, by: Name, to: To) -> Names {
        match to {
            To::User(user) => Names::from([by, user]),
            To::Group(group) => self.groups[group].keys().copied().collect(),
        }
    }

    fn post(&mut self, place: Conversation, sender: Name) {
        let message = Message { sender, at: self.now, revoked: false };
        self.messages.entry(place).or_default().push(message);
    }
}

fn conversation(by: Name, to: To) -> Conversation {
    match to {
        To::User(user) => pair(by, user),
        To::Group(group) => (group, None),
    }
}

fn pair(one: Name, other: Name) -> Conversation {
    (one.min(other), Some(one.max(other)))
}

fn owned(names: &Names) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

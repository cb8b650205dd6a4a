//! A decision in the making: gives every event its place in streams and conversation.
//!
//! A rule that has passed its checks calls [`Draft::tell`] for each event and [`Draft::change`] or [`Draft::keep`] for each
//! change, then [`Draft::finish`] once. Events are told in the order of these calls, so a rule that tells two events about
//! the same thing calls them in the order in which they happened. `parting` is set before the first event that it
//! concerns.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use wigwag_protocol::media::MediaAccess;
use wigwag_protocol::message::MessagePlace;
use wigwag_protocol::{CallId, Event, GroupId, InviteId, RoomId, UserId};

use super::streams::{Audience, Streams};
use super::{Chance, Surroundings};
use crate::call::Guest;
use crate::decision::{CallChange, InvitationMark, MessageMark, PlacedEvent};
use crate::group::Membership;
use crate::invitation::Receipt;
use crate::{Call, Change, ConversationId, Decision, Group, Invitation, Ledger, Refusal, Reply, Stop};

pub(super) struct Draft<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) around: &'a Surroundings<'a>,
    pub(super) chance: &'a mut dyn Chance,
    /// What this command does to a group. A call may have invitations from other groups, to which it does nothing.
    pub(super) parting: Option<Parting>,
    actor: Option<&'a UserId>,
    /// Calls as this command has left them so far.
    calls: HashMap<CallId, Arc<Call>>,
    /// Invitations as this command has left them so far.
    invitations: HashMap<InviteId, Arc<Invitation>>,
    changes: Vec<Change>,
    events: Vec<Arc<PlacedEvent>>,
    streams: Streams,
    staying: Vec<Staying>,
}

/// How people and a group part.
pub(super) enum Parting {
    /// These members leave it. They still hear how an invitation ends for them, and nothing else.
    Leaving(GroupId, BTreeSet<UserId>),
    /// It is dismissed. Its conversation is deleted too, so its events are not written to history.
    Dismissed(GroupId),
}

/// The members who stay in a group, as an audience: made once, since every open invitation of the group may be told to all of
/// them.
struct Staying {
    group: GroupId,
    online_only: bool,
    audience: Audience,
}

/// How an event is to be told, besides to whom.
#[derive(Default)]
pub(super) struct Telling {
    /// Only to those who are online, and kept briefly.
    pub(super) online_only: bool,
    /// Nobody did it: for the actor it is no act of theirs, and their reply does not stand for it.
    pub(super) by_nobody: bool,
    /// The event of an invitation: version and, at the invite, deadline.
    pub(super) invitation: Option<InvitationMark>,
    /// It is also a message.
    pub(super) message: Option<Posting>,
    /// Of the invite: for whom it rings without a sound.
    pub(super) quiet: Vec<UserId>,
}

/// A message in the making.
pub(super) struct Posting {
    pub(super) conversation: ConversationId,
    pub(super) sender: UserId,
    /// Whether the sender turns to the others by it, and knows them from now on.
    pub(super) acquaints: bool,
    pub(super) counted: bool,
    pub(super) shown_last: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        ledger: &'a Ledger,
        around: &'a Surroundings<'a>,
        chance: &'a mut dyn Chance,
        actor: Option<&'a UserId>,
    ) -> Self {
        Self {
            ledger,
            around,
            chance,
            parting: None,
            actor,
            calls: HashMap::new(),
            invitations: HashMap::new(),
            changes: Vec::new(),
            events: Vec::new(),
            streams: Streams::default(),
            staying: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.around.now
    }

    /// The user who acts; `None` when something was due.
    pub(super) fn actor(&self) -> Option<&'a UserId> {
        self.actor
    }

    pub(super) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Writes an invitation that was made or changed. The counts that it belongs to must be loaded by now: the ledger cannot
    /// update a count that it does not have.
    pub(super) fn keep(&mut self, invitation: Arc<Invitation>) -> Result<(), Stop> {
        self.ledger.open_count(&invitation.inviter)?;
        if invitation.is_lasting() {
            self.ledger.open_lasting(&invitation.inviter)?;
        }
        if let Some(group) = invitation.group() {
            self.ledger.open_in_group(group)?;
        }
        if invitation.call.is_some() {
            self.invitations.insert(invitation.id.clone(), Arc::clone(&invitation));
        }
        self.changes.push(if invitation.version == 1 {
            self.ledger.have_pending_for(invitation.pending())?;
            Change::InvitationMade(invitation)
        } else {
            self.ledger.have_pending_for(invitation.just_settled())?;
            Change::InvitationChanged(invitation)
        });
        Ok(())
    }

    /// Writes a call that `before` has become. The list of its group's calls must be loaded, as the counts of
    /// [`Self::keep`].
    pub(super) fn keep_call(&mut self, before: &Call, next: Arc<Call>) -> Result<(), Stop> {
        if let Some(group) = next.group() {
            self.ledger.running_in_group(group)?;
        }
        self.calls.insert(next.id().clone(), Arc::clone(&next));
        let before = (before.version > 0).then_some(before);
        self.changes.push(Change::Call(Box::new(CallChange::between(before, next))));
        Ok(())
    }

    /// The call as this command has left it so far.
    pub(super) fn call(&self, id: &CallId) -> Result<Option<Arc<Call>>, Stop> {
        match self.calls.get(id) {
            Some(call) => Ok(Some(Arc::clone(call))),
            None => Ok(self.ledger.call(id)?.cloned()),
        }
    }

    /// The invitation as this command has left it so far.
    pub(super) fn invitation(&self, id: &InviteId) -> Result<Option<Arc<Invitation>>, Stop> {
        match self.invitations.get(id) {
            Some(invitation) => Ok(Some(Arc::clone(invitation))),
            None => Ok(self.ledger.invitation(id)?.cloned()),
        }
    }

    /// How `user` reaches the media of a room; `rings_until` as in [`Guest`].
    pub(super) fn media(
        &self,
        user: &UserId,
        room: &RoomId,
        rings_until: Option<u64>,
    ) -> Result<MediaAccess, Stop> {
        let user = self.ledger.user(user)?.ok_or(Refusal::UnknownUser(None))?;
        Ok((self.around.media)(&Guest { profile: &user.profile, room, rings_until }))
    }

    /// These users as an audience: each once, and of an event that is told online only those who are online.
    pub(super) fn audience(&mut self, mut users: Vec<UserId>, online_only: bool) -> Result<Audience, Stop> {
        if online_only {
            users.retain(|user| self.actor == Some(user) || (self.around.online)(user));
        }
        self.streams.audience(self.ledger, users)
    }

    /// The members of `group` who are not leaving it.
    pub(super) fn staying(&mut self, group: &Group, online_only: bool) -> Result<Audience, Stop> {
        let is_it = |made: &&Staying| made.group == group.id && made.online_only == online_only;
        if let Some(made) = self.staying.iter().find(is_it) {
            return Ok(made.audience.clone());
        }
        let users = group.members.keys().filter(|user| !self.leaves(&group.id, user)).cloned().collect();
        let audience = self.audience(users, online_only)?;
        self.staying.push(Staying { group: group.id.clone(), online_only, audience: audience.clone() });
        Ok(audience)
    }

    /// Whether `user` leaves `group` by this command.
    pub(super) fn leaves(&self, group: &GroupId, user: &UserId) -> bool {
        self.leaving(group).is_some_and(|users| users.contains(user))
    }

    /// Who leaves `group` by this command, if anybody does.
    pub(super) fn leaving(&self, group: &GroupId) -> Option<&BTreeSet<UserId>> {
        match &self.parting {
            Some(Parting::Leaving(left, users)) if left == group => Some(users),
            Some(Parting::Leaving(..) | Parting::Dismissed(_)) | None => None,
        }
    }

    /// Whether this command dismisses `group`.
    pub(super) fn dismisses(&self, group: &GroupId) -> bool {
        matches!(&self.parting, Some(Parting::Dismissed(dismissed)) if dismissed == group)
    }

    /// The users of an audience, in byte order.
    pub(super) fn users(&self, audience: &Audience) -> Vec<UserId> {
        self.streams.users(audience)
    }

    /// Both audiences as one. They have no user in common.
    pub(super) fn joined(&self, one: &Audience, other: &Audience) -> Audience {
        self.streams.joined(one, other)
    }

    /// Tells each of these users once, and says what the actor's reply has to carry.
    pub(super) fn tell(
        &mut self,
        users: Vec<UserId>,
        telling: Telling,
        event: impl FnOnce(Option<MessagePlace>) -> Event,
    ) -> Result<Receipt, Stop> {
        let audience = self.audience(users, telling.online_only)?;
        self.tell_audience(&audience, telling, event)
    }

    /// [`Self::tell`] for an audience that is made already.
    pub(super) fn tell_audience(
        &mut self,
        audience: &Audience,
        telling: Telling,
        event: impl FnOnce(Option<MessagePlace>) -> Event,
    ) -> Result<Receipt, Stop> {
        let message = telling.message.map(|posting| self.post(posting)).transpose()?;
        let place = message.as_ref().map(MessageMark::place);
        let actor = self.actor.filter(|_| !telling.by_nobody);
        let told = PlacedEvent {
            time: self.around.now,
            event: event(place),
            actor: actor.cloned(),
            online_only: telling.online_only,
            invitation: telling.invitation,
            message,
            places: self.streams.advance(audience),
            quiet: telling.quiet,
        };
        let receipt = Receipt {
            cursor: actor.and_then(|actor| told.cursor_of(actor)),
            message: told.message.as_ref().map(|mark| (mark.message_id.clone(), mark.seq)),
        };
        self.events.push(Arc::new(told));
        Ok(receipt)
    }

    pub(super) fn finish(self, reply: Reply) -> Decision {
        Decision { changes: self.changes, events: self.events, reply }
    }

    fn post(&mut self, posting: Posting) -> Result<MessageMark, Stop> {
        let before = self.last_seq(&posting.conversation)?;
        if before == 0
            && let ConversationId::OneToOne(one, other) = &posting.conversation
        {
            self.changes.push(Change::ConversationStarted(one.clone(), other.clone()));
        }
        if posting.acquaints {
            self.acquaint(&posting)?;
        }
        Ok(MessageMark {
            conversation: posting.conversation,
            seq: before + 1,
            sender: posting.sender,
            message_id: self.chance.fresh_id(),
            counted: posting.counted,
            shown_last: posting.shown_last,
        })
    }

    /// The sender knows the other from now on, or takes the members of the group for users they know.
    fn acquaint(&mut self, posting: &Posting) -> Result<(), Stop> {
        let sender = &posting.sender;
        match &posting.conversation {
            ConversationId::OneToOne(one, other) => {
                let with = if one == sender { other } else { one };
                if !self.ledger.has_written(sender, with)? {
                    let (user, with) = (sender.clone(), with.clone());
                    self.changes.push(Change::Acquainted { user, with });
                }
            }
            ConversationId::Group(id) => {
                let member = self.ledger.group(id)?.and_then(|group| group.members.get(sender));
                if let Some(member) = member.filter(|member| !member.familiar) {
                    self.changes.push(Change::Member {
                        group: id.clone(),
                        user: sender.clone(),
                        membership: Membership { familiar: true, ..member.clone() },
                        joined_at_seq: None,
                    });
                }
            }
        }
        Ok(())
    }

    fn last_seq(&self, conversation: &ConversationId) -> Result<u64, Stop> {
        let marks = self.events.iter().rev().filter_map(|event| event.message.as_ref());
        match marks.filter(|mark| mark.conversation == *conversation).map(|mark| mark.seq).next() {
            Some(seq) => Ok(seq),
            None => self.ledger.last_seq(conversation),
        }
    }
}

impl MessageMark {
    fn place(&self) -> MessagePlace {
        MessagePlace {
            message_id: self.message_id.clone(),
            conversation: self.conversation.to_string(),
            seq: self.seq,
        }
    }
}

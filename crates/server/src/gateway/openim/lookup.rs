//! What has to be looked up to show something in OpenIM's words, as one user may see it.
//!
//! Nothing is kept: profiles and groups change without an event for everybody who sees them. Only how many traces of calls are unread in
//! a conversation is, by what it can be told to be old by (`unread.rs`).

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::time::timeout;
use wigwag_engine::ConversationId;
use wigwag_engine::command::CallRef;
use wigwag_protocol::call::{CallView, PersonState};
use wigwag_protocol::group::{GroupView, Member, Profile};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::message::{ConversationView, Message, Peer};
use wigwag_protocol::params::Direction;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};
use wigwag_session::codec::openim::call::{Person, Ring};
use wigwag_session::codec::openim::chat;
use wigwag_session::query::{ConversationPlace, HistoryRange, MOST_PROFILES, PageRange, WhichCall};
use wigwag_session::refused::Refusal;
use wigwag_session::{Found, Query};

use super::unread::Traces;
use crate::door::Door;

/// Members in one page; a group has a few pages at most.
const MEMBERS: usize = 500;
/// Messages in one page.
pub(super) const MESSAGES: usize = 100;
/// Pages of a history in which a message is looked for.
const MOST_PAGES: usize = 10;
/// Conversations in one page.
const CONVERSATIONS: usize = 100;

/// What was found, or why not.
pub(super) type Looked<T> = Result<T, Refusal>;

/// The door, seen by one user.
#[derive(Clone)]
pub(super) struct Lookup {
    door: Arc<Door>,
    user: UserId,
    traces: Arc<Mutex<Traces>>,
}

impl Lookup {
    pub(super) fn new(door: &Arc<Door>, user: &UserId) -> Self {
        Self { door: Arc::clone(door), user: user.clone(), traces: Arc::default() }
    }

    /// What is known of the traces of calls. All copies of a look-up share it.
    pub(super) fn traces(&self) -> MutexGuard<'_, Traces> {
        self.traces.lock()
    }

    pub(super) async fn ask(&self, query: Query) -> Looked<Found> {
        self.door.answer(&self.user, query).await
    }

    /// Whether the store answers at all. It is asked for what it keeps on disk alone.
    pub(super) async fn is_answered(&self, within: Duration) -> bool {
        matches!(timeout(within, self.ask(Query::Reach)).await, Ok(Ok(_)))
    }

    /// The profiles of those who exist.
    pub(super) async fn profiles(&self, users: &[UserId]) -> Looked<Vec<Profile>> {
        let mut profiles = Vec::new();
        for some in users.chunks(MOST_PROFILES) {
            if let Found::Profiles(found) = self.ask(Query::Profiles(some.to_vec())).await? {
                profiles.extend(found.profiles);
            }
        }
        Ok(profiles)
    }

    pub(super) async fn profile(&self, user: &UserId) -> Looked<Option<Profile>> {
        Ok(self.profiles(std::slice::from_ref(user)).await?.pop())
    }

    pub(super) async fn group(&self, group: &GroupId) -> Looked<Option<GroupView>> {
        let found = self.ask(Query::Group(group.clone())).await?;
        Ok(if let Found::Group(found) = found { Some(found.group) } else { None })
    }

    /// All members.
    pub(super) async fn members(&self, group: &GroupId) -> Looked<Vec<Member>> {
        let (mut members, mut after) = (Vec::new(), None);
        loop {
            let query = Query::Members { group: group.clone(), after, limit: MEMBERS };
            let Found::Members(page) = self.ask(query).await? else { return Ok(members) };
            members.extend(page.members);
            after = page.next;
            if after.is_none() {
                return Ok(members);
            }
        }
    }

    /// Those of these users who are members.
    pub(super) async fn members_named(&self, group: &GroupId, users: &[UserId]) -> Looked<Vec<Member>> {
        self.door.members_named(&self.user, group, users).await
    }

    /// The same; nobody of a group that the user may not see.
    pub(super) async fn members_seen(&self, group: &GroupId, users: &[UserId]) -> Looked<Vec<Member>> {
        Ok(seen(self.members_named(group, users).await)?.unwrap_or_default())
    }

    /// People as a call shows them. What the user may not see of them is left out.
    pub(super) async fn people(&self, users: &[UserId], group: Option<&GroupId>) -> Looked<Vec<Person>> {
        let profiles = seen(self.profiles(users).await)?.unwrap_or_default();
        let (view, members) = match group {
            Some(group) => (seen(self.group(group).await)?.flatten(), self.members_seen(group, users).await?),
            None => (None, Vec::new()),
        };
        let person = |profile: Profile| Person {
            member: members.iter().find(|member| member.user_id == profile.user_id).cloned(),
            profile: Some(profile),
            group: view.clone(),
        };
        Ok(profiles.into_iter().map(person).collect())
    }

    /// One of them. What they did is told without their name rather than not at all.
    pub(super) async fn person(&self, user: &UserId, group: Option<&GroupId>) -> Person {
        let people = self.people(std::slice::from_ref(user), group).await;
        people.unwrap_or_default().pop().unwrap_or_default()
    }
}

/// Calls.
impl Lookup {
    pub(super) async fn invitation(&self, id: &InviteId) -> Looked<Option<InvitationView>> {
        let found = self.ask(Query::Invitation { id: id.clone(), after: None }).await?;
        Ok(if let Found::Invitation(found) = found { Some(found.invitation) } else { None })
    }

    /// An invitation, if it is a call that the user may know of.
    pub(super) async fn ring(&self, id: &InviteId) -> Looked<Option<Ring>> {
        let invitation = seen(self.invitation(id).await)?.flatten();
        Ok(invitation.as_ref().and_then(Ring::seen))
    }

    /// The invitation that opened a call.
    pub(super) async fn opening(&self, call: &CallId) -> Looked<Option<Ring>> {
        match InviteId::parse(call.as_str()) {
            Ok(id) => self.ring(&id).await,
            Err(_) => Ok(None),
        }
    }

    pub(super) async fn call(&self, which: WhichCall) -> Looked<Option<CallView>> {
        let found = self.ask(Query::Call(which)).await?;
        Ok(if let Found::Call(found) = found { Some(found.call) } else { None })
    }

    pub(super) async fn call_in(&self, room: &RoomId) -> Looked<Option<CallView>> {
        self.call(WhichCall::Ref(CallRef::Room(room.clone()))).await
    }

    pub(super) async fn call_named(&self, call: &CallId) -> Looked<Option<CallView>> {
        Ok(seen(self.call(WhichCall::Ref(CallRef::Call(call.clone()))).await)?.flatten())
    }
}

/// What the user may not see is not there for them. That the server failed says nothing about what is there.
pub(super) fn seen<T>(looked: Looked<T>) -> Looked<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(refusal) if refusal.is_failure() => Err(refusal),
        Err(_) => Ok(None),
    }
}

/// The people who are in a call now.
pub(super) fn in_room(call: &CallView) -> Vec<UserId> {
    let joined = call.people.iter().filter(|person| person.state == PersonState::Joined);
    joined.map(|person| person.user_id.clone()).collect()
}

/// Messages.
impl Lookup {
    /// Messages of a conversation in the order of the direction, and whether nothing follows. Without the traces of calls.
    pub(super) async fn history(
        &self,
        peer: &Peer,
        from_seq: Option<u64>,
        direction: Direction,
        limit: usize,
    ) -> Looked<(Vec<Message>, bool)> {
        let conversation = ConversationId::with(&self.user, peer);
        let range = HistoryRange { conversation, from_seq, direction, limit };
        let Found::History(page) = self.ask(Query::History(range)).await? else {
            return Ok((Vec::new(), true));
        };
        Ok((page.messages, page.complete))
    }

    /// The message of this number.
    pub(super) async fn message_at(&self, peer: &Peer, seq: u64) -> Looked<Option<Message>> {
        let (messages, _) = self.history(peer, Some(seq), Direction::Newer, 1).await?;
        Ok(messages.into_iter().find(|message| message.seq == Some(seq)))
    }

    /// The message that clients call so, among the newest of a conversation.
    pub(super) async fn message_named(&self, peer: &Peer, name: &str) -> Looked<Option<Message>> {
        let mut from_seq = None;
        for _ in 0..MOST_PAGES {
            let (messages, complete) = self.history(peer, from_seq, Direction::Older, MESSAGES).await?;
            let oldest = messages.last().and_then(|message| message.seq);
            if let Some(found) = messages.into_iter().find(|message| chat::client_msg_id(message) == name) {
                return Ok(Some(found));
            }
            from_seq = oldest.and_then(|seq| seq.checked_sub(1)).filter(|seq| *seq > 0);
            if complete || from_seq.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// The user's conversations, newest first: at most a thousand.
    pub(super) async fn conversations(&self, most: usize) -> Looked<Vec<ConversationView>> {
        Ok(self.conversations_and_unread(most).await?.0)
    }

    /// The same, and what is unread in all conversations, with the traces of calls.
    pub(super) async fn conversations_and_unread(&self, most: usize) -> Looked<(Vec<ConversationView>, u64)> {
        let (mut all, mut after, mut unread) = (Vec::new(), None, 0);
        for _ in 0..MOST_PAGES {
            let limit = CONVERSATIONS.min(most.saturating_sub(all.len()).max(1));
            let Found::Conversations(page) =
                self.ask(Query::Conversations(PageRange { after, limit })).await?
            else {
                break;
            };
            all.extend(page.conversations);
            unread = page.total_unread;
            after = page.next.as_deref().and_then(ConversationPlace::parse);
            if after.is_none() || all.len() >= most {
                break;
            }
        }
        Ok((all, unread))
    }

    /// The conversation with this other side.
    pub(super) async fn conversation(&self, peer: &Peer) -> Looked<Option<ConversationView>> {
        self.door.conversation(&self.user, &ConversationId::with(&self.user, peer)).await
    }
}

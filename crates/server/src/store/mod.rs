//! Where everything is kept. The trait speaks the domain; SQL stands only in the back-ends below it.
//!
//! Requests go in by [`Store::submit`] and come out, after they are durable, as batches of [`Committed`]. Only a store can
//! make a [`Committed`], so nobody is told what is not written.
//!
//! A back-end brings its own I/O. What both do alike is here: [`deciding`] decides the requests of a batch, [`batching`]
//! has the bounds of a writer, [`outcomes`] how its commits end, [`record`] and [`words`] the form of
//! stored invitations and names. [`shared`] is what several nodes agree on besides the log, [`moving`] brings what one store
//! keeps to another, [`check`] is what can be wrong with one.

mod batching;
pub mod check;
mod counted;
mod deciding;
mod erasing;
mod error;
mod journal;
mod kept_place;
mod known_user;
pub mod moving;
mod once;
mod online_users;
mod outcomes;
mod pages;
pub mod postgres;
mod push;
mod record;
mod settings;
pub mod shared;
pub mod sqlite;
mod submission;
mod unreadable;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use wigwag_engine::group::Relation;
use wigwag_engine::presence::Regard;
use wigwag_engine::{Board, Call, ConversationId, Due, Invitation};
use wigwag_protocol::group::{GroupView, Member, Profile, Reach};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{CallId, GroupId, InviteId, Platform, UserId};
use wigwag_session::refused::Failure;

pub use wigwag_session::query::{
    CallPage, CallPlace, CallRange, ConversationPlace, HistoryRange, OpenPage, OpenPlace, OpenRange,
    PageRange, WhichCall,
};
pub use wigwag_session::stream::{Admission, StoredEvent, StreamBounds, StreamPage};

pub use self::counted::{Counted, SignedIn};
pub use self::error::StoreError;
use self::error::bad_record;
pub use self::journal::{EventId, JOURNAL_BYTES, JournalEvent, ListedEvent, Served, SetAside, Wishes};
pub use self::kept_place::KeptPlace;
pub use self::known_user::KnownUser;
pub use self::once::{KEPT_MS, Once};
pub use self::online_users::OnlineUsers;
pub use self::pages::{ConversationPage, ConversationRow, HistoryPage, NamedPage, ReaderPage, ReaderRange};
use self::pages::{LOOKED_BACK, OPEN_LOOKED_AT, PAGE_BYTES, PageBytes, ShownConversations};
pub use self::push::{DEVICES_WOKEN, KeptToken, OwnDevice, PushChange, RingRow, RingState, Rung};
pub use self::settings::{GiveAccess, RetentionCutoffs, WriterSettings};
pub use self::submission::{
    Asker, Committed, Grant, Growth, Permission, Planned, Question, ReplyTo, SessionId, Submission,
};

/// Bytes of a stream's events after which a page of them ends: a session that resumes holds a page while its device reads, and
/// the largest events would make one of megabytes.
pub const STREAM_PAGE_BYTES: usize = PAGE_BYTES as usize;

/// A store of everything that has to outlive the process.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Queues a request. Its result comes out of the store's batches once it is durable. Refused when the queue is full.
    fn submit(&self, submission: Submission) -> Result<(), Failure>;

    /// The bounds of a user's stream; `None` when they are not registered.
    async fn stream_bounds(&self, user: &UserId) -> Result<Option<StreamBounds>, StoreError>;

    /// Events after a cursor: at most `limit`, and no further one once they have [`STREAM_PAGE_BYTES`]. A page ends before an
    /// event that cannot be read; when that is the first one, the stream is broken there ([`StoreError::BrokenStream`]).
    async fn events_after(&self, user: &UserId, cursor: u64, limit: usize) -> Result<StreamPage, StoreError>;

    /// The invitation of that name.
    async fn invitation(&self, id: &InviteId) -> Result<Option<Arc<Invitation>>, StoreError>;

    /// A page of the open invitations that the user is told of ([`Invitation::told_to`]), oldest first.
    async fn open_invitations(&self, user: &UserId, range: OpenRange) -> Result<OpenPage, StoreError>;

    /// Open invitations that a user has made, and those that are pending for them, told or not: at most `limit`.
    async fn open_invitations_of(&self, user: &UserId, limit: usize) -> Result<Vec<InviteId>, StoreError>;

    /// Everything that is due at some time, with that time (server time in ms), given the age at which invitations without
    /// deadline are closed. With several nodes: what this node has to watch.
    async fn due_times(&self, no_deadline_age_ms: u64) -> Result<Vec<(u64, Due)>, StoreError>;

    /// The call of that name.
    async fn call(&self, id: &CallId) -> Result<Option<Arc<Call>>, StoreError>;

    /// The running call that a user is in.
    async fn call_with(&self, user: &UserId) -> Result<Option<CallId>, StoreError>;

    /// The call that is meant.
    async fn call_found(&self, which: &WhichCall) -> Result<Option<Arc<Call>>, StoreError>;

    /// A page of the calls that a user was called to or came into, the newest first. For missed ones it looks at a bounded
    /// number of calls, so it may be short, or empty, although another follows.
    async fn calls_of(&self, user: &UserId, range: CallRange) -> Result<CallPage, StoreError>;

    /// Up to when the user has looked at their missed calls, server time in ms; 0 when they never did.
    async fn calls_seen(&self, user: &UserId) -> Result<u64, StoreError>;

    /// Everybody who is in a running call, in no order.
    async fn people_in_calls(&self) -> Result<Vec<UserId>, StoreError>;

    /// The calls that are running, in no order.
    async fn running_calls(&self) -> Result<Vec<CallId>, StoreError>;

    /// The calls that are running, in byte order of their names, at most `limit` after `after`. A page ends earlier when what is kept of its
    /// calls is long.
    async fn running_page(
        &self,
        after: Option<&CallId>,
        limit: usize,
    ) -> Result<NamedPage<Arc<Call>>, StoreError>;

    /// Those of these users who are in a running call, in no order.
    async fn those_in_calls(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError>;

    /// The group of that name. Its members are counted already and not read, here and below.
    async fn group(&self, id: &GroupId) -> Result<Option<GroupView>, StoreError>;

    /// What a user is to a group; `None` when there is no such group.
    async fn relation(&self, group: &GroupId, user: &UserId) -> Result<Option<Relation>, StoreError>;

    /// What stands on a group's board.
    async fn board(&self, group: &GroupId) -> Result<Board, StoreError>;

    /// The members of a group, in byte order, at most `limit` after `after`.
    async fn members(
        &self,
        group: &GroupId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<Member>, StoreError>;

    /// Those of these users who are members of a group, in byte order.
    async fn members_named(&self, group: &GroupId, users: &[UserId]) -> Result<Vec<Member>, StoreError>;

    /// The groups a user is in, in byte order, at most `limit` after `after`.
    async fn groups_of(
        &self,
        user: &UserId,
        after: Option<&GroupId>,
        limit: usize,
    ) -> Result<NamedPage<GroupView>, StoreError>;

    /// All groups, in byte order, at most `limit` after `after`.
    async fn all_groups(
        &self,
        after: Option<&GroupId>,
        limit: usize,
    ) -> Result<NamedPage<GroupView>, StoreError>;

    /// A page of a conversation's history.
    async fn history(&self, range: HistoryRange) -> Result<HistoryPage, StoreError>;

    /// A page of a user's conversations: those that they have pinned, then the others, both newest first. What they have deleted is not
    /// there until something newer is said.
    async fn conversations(&self, user: &UserId, page: PageRange) -> Result<ConversationPage, StoreError>;

    /// One of them; `None` when it is not in the user's list.
    async fn conversation(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> Result<Option<ConversationRow>, StoreError>;

    /// Up to which seq the user has deleted a conversation; 0 when they never did.
    async fn deleted_up_to(&self, user: &UserId, conversation: &ConversationId) -> Result<u64, StoreError>;

    /// The users who have read a message, and how many have not.
    async fn readers(&self, range: ReaderRange) -> Result<ReaderPage, StoreError>;

    /// The profiles of those of `users` who are registered.
    async fn profiles(&self, users: &[UserId]) -> Result<Vec<Profile>, StoreError>;

    /// Who may ring and add `user`; the default when they are not registered.
    async fn reach(&self, user: &UserId) -> Result<Reach, StoreError>;

    /// When `user` is quiet; the default when they have set nothing or are not registered.
    async fn quiet(&self, user: &UserId) -> Result<Quiet, StoreError>;

    /// What those of `users` say of themselves who say something, whether they are online or not.
    async fn statuses(&self, users: &[UserId]) -> Result<HashMap<UserId, String>, StoreError>;

    /// Everybody who says something of themselves, in no order.
    async fn users_with_status(&self) -> Result<Vec<UserId>, StoreError>;

    /// The user of that name, for those who look after users.
    async fn known_user(&self, user: &UserId) -> Result<Option<KnownUser>, StoreError>;

    /// All users, in byte order, at most `limit` after `after`. A page ends earlier when what was said of its users is long.
    async fn known_users(
        &self,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<KnownUser>, StoreError>;

    /// Those who may not sign in since `since` (server time in ms) or later, in no order.
    async fn disabled_users(&self, since: u64) -> Result<Vec<UserId>, StoreError>;

    /// Erases some of what is kept in many rows for a deleted user alone: their stream, lists, blocks and keys of messages. True when
    /// something may be left. Nothing is erased of anybody else.
    async fn erase(&self, user: &UserId) -> Result<bool, StoreError>;

    /// How many there are of what can be counted without looking at all that was said.
    async fn counted(&self) -> Result<Counted, StoreError>;

    /// The users whom `user` blocks, in byte order, at most `limit` after `after`.
    async fn blocked_by(
        &self,
        user: &UserId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<NamedPage<UserId>, StoreError>;

    /// Those of these users who block `target`, in no order.
    async fn blocking(&self, users: &[UserId], target: &UserId) -> Result<Vec<UserId>, StoreError>;

    /// What the first user of each of these pairs has to do with the second.
    async fn regards(&self, pairs: Vec<(UserId, UserId)>) -> Result<Vec<Regard>, StoreError>;

    /// How far a user was told on a platform; `None` when they never were.
    async fn kept_place(&self, user: &UserId, platform: Platform) -> Result<Option<u64>, StoreError>;

    /// Keeps how far users were told. A place never goes back; one of an unknown user is left out.
    async fn keep_places(&self, places: Vec<KeptPlace>) -> Result<(), StoreError>;

    /// How these users' devices are woken; those of a user in byte order of their deviceIDs.
    async fn push_tokens(&self, users: &[UserId]) -> Result<Vec<KeptToken>, StoreError>;

    /// How far devices are with the ring of an invitation, in byte order.
    async fn rung(&self, invite: &InviteId) -> Result<Vec<(OwnDevice, RingRow)>, StoreError>;

    /// Keeps what is different, at `now` (server time in ms). Making a change twice does no harm.
    async fn keep_push(&self, changes: Vec<PushChange>, now: u64) -> Result<(), StoreError>;

    /// How far an endpoint has been served; `None` when it never was.
    async fn served(&self, endpoint: &str) -> Result<Option<Served>, StoreError>;

    /// Keeps how far an endpoint has been served, if it still is as far as `known` says (`None` = it never was). False when it is not,
    /// because another node serves it or an operator wants something else: read it again.
    async fn keep_served(
        &self,
        endpoint: &str,
        known: Option<&Served>,
        served: &Served,
    ) -> Result<bool, StoreError>;

    /// A place behind which everything comes that is committed from now on. What was committed less than
    /// [`journal_settles_ms`](Self::journal_settles_ms) ago may come behind it too.
    async fn journal_end(&self) -> Result<EventId, StoreError>;

    /// A place behind which everything comes that happened at this time, ms, or later; what happened before it does not.
    async fn journal_before(&self, time: u64) -> Result<EventId, StoreError>;

    /// The events after a place, in order, at most `limit`.
    async fn journal_after(&self, place: EventId, limit: usize) -> Result<Vec<ListedEvent>, StoreError>;

    /// These events, as many of the first as have [`JOURNAL_BYTES`] and one more; `None` for one that retention has dropped or that
    /// cannot be read.
    async fn journal_events(&self, ids: &[EventId]) -> Result<Vec<Option<JournalEvent>>, StoreError>;

    /// About how many events are after a place.
    async fn journal_waiting(&self, place: EventId) -> Result<u64, StoreError>;

    /// For how long after its time an event may become readable behind one that follows it, ms.
    fn journal_settles_ms(&self) -> u64;

    /// Drops some of what is older than the cutoffs, in a step that is short enough to run between batches. True when
    /// something may be left to drop.
    async fn retain(&self, cutoffs: RetentionCutoffs) -> bool;

    /// Whether the store answers and takes commits, for readiness checks. When nothing was committed for a second, it commits
    /// something to find out.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Commits what is queued, then stops. Later commands are refused.
    async fn close(&self);
}

//! What the two stores hand over. Texts that both keep in the same form (records of invitations, bodies of events,
//! answers to used-up keys) stay texts, so that a move does not change them.

use wigwag_engine::conversation::Writers;
use wigwag_engine::ledger::Reader;
use wigwag_engine::{Call, Invitation};
use wigwag_protocol::group::{JoinPolicy, Profile, Reach};

use crate::store::{SetAside, Wishes};

/// Most bytes of a batch, about: little enough to hold a few, enough that a round trip for each costs nothing.
pub(in crate::store) const BATCH_BYTES: usize = 4 << 20;

/// Names a conversation in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct ConversationNumber(pub(in crate::store) i64);

/// Names an event in the source. A later event has a greater `number` and never an earlier `time` (server time in ms).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct EventNumber {
    pub(in crate::store) time: u64,
    pub(in crate::store) number: i64,
}

/// A batch: rows of one kind.
#[derive(Debug)]
pub(in crate::store) enum Rows {
    Users(Vec<UserRow>),
    Blocks(Vec<BlockRow>),
    Groups(Vec<GroupRow>),
    Members(Vec<MemberRow>),
    Boards(Vec<BoardRow>),
    Departures(Vec<DepartureRow>),
    Conversations(Vec<ConversationRow>),
    Readers(Vec<ReaderRow>),
    Invitations(Vec<InvitationRow>),
    Calls(Vec<CallRow>),
    Rooms(Vec<RoomRow>),
    CallsSeen(Vec<CallsSeenRow>),
    PlatformCursors(Vec<PlatformCursorRow>),
    Events(Vec<EventRow>),
    ClientMessages(Vec<ClientMessageRow>),
    KeptReplies(Vec<KeptReplyRow>),
    Marks(Vec<MarkRow>),
    Webhooks(Vec<WebhookRow>),
    PushTokens(Vec<PushTokenRow>),
    Rings(Vec<RingRow>),
}

impl Rows {
    /// What the rows are, for people.
    pub(in crate::store) fn kind(&self) -> &'static str {
        match self {
            Self::Users(_) => "users",
            Self::Blocks(_) => "blocks",
            Self::Groups(_) => "groups",
            Self::Members(_) => "members",
            Self::Boards(_) => "boards",
            Self::Departures(_) => "departures",
            Self::Conversations(_) => "conversations",
            Self::Readers(_) => "read marks",
            Self::Invitations(_) => "invitations",
            Self::Calls(_) => "calls",
            Self::Rooms(_) => "rooms",
            Self::CallsSeen(_) => "marks of seen calls",
            Self::PlatformCursors(_) => "cursors of platforms",
            Self::Events(_) => "events",
            Self::ClientMessages(_) => "idempotency records",
            Self::KeptReplies(_) => "kept replies",
            Self::Marks(_) => "retention marks",
            Self::Webhooks(_) => "webhooks",
            Self::PushTokens(_) => "push tokens",
            Self::Rings(_) => "rings",
        }
    }

    pub(in crate::store) fn len(&self) -> u64 {
        let len = match self {
            Self::Users(rows) => rows.len(),
            Self::Blocks(rows) => rows.len(),
            Self::Groups(rows) => rows.len(),
            Self::Members(rows) => rows.len(),
            Self::Boards(rows) => rows.len(),
            Self::Departures(rows) => rows.len(),
            Self::Conversations(rows) => rows.len(),
            Self::Readers(rows) => rows.len(),
            Self::Invitations(rows) => rows.len(),
            Self::Calls(rows) => rows.len(),
            Self::Rooms(rows) => rows.len(),
            Self::CallsSeen(rows) => rows.len(),
            Self::PlatformCursors(rows) => rows.len(),
            Self::Events(rows) => rows.len(),
            Self::ClientMessages(rows) => rows.len(),
            Self::KeptReplies(rows) => rows.len(),
            Self::Marks(rows) => rows.len(),
            Self::Webhooks(rows) => rows.len(),
            Self::PushTokens(rows) => rows.len(),
            Self::Rings(rows) => rows.len(),
        };
        len as u64
    }
}

/// A user, with the newest cursor of their stream and the newest that retention dropped.
#[derive(Debug)]
pub(in crate::store) struct UserRow {
    pub(in crate::store) profile: Profile,
    pub(in crate::store) created_at: u64,
    pub(in crate::store) head: u64,
    pub(in crate::store) floor: u64,
    /// Open invitations they have made.
    pub(in crate::store) open_invitations: usize,
    pub(in crate::store) reach: Reach,
    pub(in crate::store) disabled_since: Option<u64>,
    pub(in crate::store) deleted_at: Option<u64>,
    /// Both as they are stored.
    pub(in crate::store) quiet: Option<String>,
    pub(in crate::store) rang: Option<String>,
    pub(in crate::store) status: String,
}

#[derive(Debug)]
pub(in crate::store) struct BlockRow {
    pub(in crate::store) by: String,
    pub(in crate::store) target: String,
}

#[derive(Debug)]
pub(in crate::store) struct GroupRow {
    pub(in crate::store) id: String,
    pub(in crate::store) name: String,
    pub(in crate::store) ext: String,
    pub(in crate::store) join_policy: JoinPolicy,
    pub(in crate::store) created_at: u64,
}

#[derive(Debug)]
pub(in crate::store) struct MemberRow {
    pub(in crate::store) group: String,
    pub(in crate::store) user: String,
    pub(in crate::store) role: String,
    pub(in crate::store) joined_at: u64,
    pub(in crate::store) familiar: bool,
}

/// A group's board with its record, as it is stored.
#[derive(Debug)]
pub(in crate::store) struct BoardRow {
    pub(in crate::store) group: String,
    pub(in crate::store) record: String,
}

/// A user who left a group by their own wish.
#[derive(Debug)]
pub(in crate::store) struct DepartureRow {
    pub(in crate::store) group: String,
    pub(in crate::store) user: String,
}

#[derive(Debug)]
pub(in crate::store) struct ConversationRow {
    pub(in crate::store) number: ConversationNumber,
    /// Absent for a conversation whose group was dismissed: nobody can find it, and its messages wait for retention.
    pub(in crate::store) name: Option<String>,
    pub(in crate::store) last_seq: u64,
    pub(in crate::store) writers: Writers,
}

#[derive(Debug)]
pub(in crate::store) struct ReaderRow {
    pub(in crate::store) user: String,
    pub(in crate::store) conversation: ConversationNumber,
    pub(in crate::store) reader: Reader,
}

/// An invitation with its two records, as they are stored and as they are read.
#[derive(Debug)]
pub(in crate::store) struct InvitationRow {
    pub(in crate::store) invitation: Invitation,
    pub(in crate::store) terms: String,
    pub(in crate::store) course: Option<String>,
}

/// A call with its record, as it is stored and as it is read. The record says in whose lists the call is, and who is in it.
#[derive(Debug)]
pub(in crate::store) struct CallRow {
    pub(in crate::store) call: Call,
    pub(in crate::store) record: String,
}

/// A room with its newest call.
#[derive(Debug)]
pub(in crate::store) struct RoomRow {
    pub(in crate::store) room: String,
    pub(in crate::store) call: String,
}

/// Up to when a user has looked at their missed calls.
#[derive(Debug)]
pub(in crate::store) struct CallsSeenRow {
    pub(in crate::store) user: String,
    pub(in crate::store) up_to: u64,
}

/// How far a user was told on a platform.
#[derive(Debug)]
pub(in crate::store) struct PlatformCursorRow {
    pub(in crate::store) user: String,
    pub(in crate::store) platform: u8,
    pub(in crate::store) cursor: u64,
}

#[derive(Debug)]
pub(in crate::store) struct EventRow {
    pub(in crate::store) number: EventNumber,
    pub(in crate::store) time: u64,
    pub(in crate::store) actor: Option<String>,
    pub(in crate::store) online_only: bool,
    /// The invitation it is about, unless retention has dropped that.
    pub(in crate::store) invite_id: Option<String>,
    pub(in crate::store) version: Option<u32>,
    pub(in crate::store) body: String,
    pub(in crate::store) places: Vec<PlaceRow>,
    pub(in crate::store) message: Option<MessageRow>,
}

/// A place of an event in a user's stream.
#[derive(Debug)]
pub(in crate::store) struct PlaceRow {
    pub(in crate::store) user: String,
    pub(in crate::store) cursor: u64,
    /// Retention has taken the event out of this stream already; its body is kept as a message.
    pub(in crate::store) dropped: bool,
}

/// The place of an event in a history.
#[derive(Debug)]
pub(in crate::store) struct MessageRow {
    pub(in crate::store) conversation: ConversationNumber,
    pub(in crate::store) seq: u64,
    pub(in crate::store) sender: String,
    pub(in crate::store) counted: bool,
    pub(in crate::store) shown_last: bool,
    pub(in crate::store) revoked: bool,
}

#[derive(Debug)]
pub(in crate::store) struct ClientMessageRow {
    pub(in crate::store) sender: String,
    pub(in crate::store) client_msg_id: String,
    pub(in crate::store) time: u64,
    pub(in crate::store) sent: String,
}

/// A reply to a back end, by its idempotency key.
#[derive(Debug)]
pub(in crate::store) struct KeptReplyRow {
    pub(in crate::store) holder: String,
    pub(in crate::store) key: String,
    pub(in crate::store) fingerprint: Vec<u8>,
    pub(in crate::store) kept_at: u64,
    pub(in crate::store) reply: String,
    pub(in crate::store) place: u64,
}

/// The event up to which a kind of retention has come.
#[derive(Debug)]
pub(in crate::store) struct MarkRow {
    pub(in crate::store) kind: MarkKind,
    pub(in crate::store) event: EventNumber,
}

/// How far an endpoint of webhooks was served; no place when nothing before it is there any more.
#[derive(Debug)]
pub(in crate::store) struct WebhookRow {
    pub(in crate::store) endpoint: String,
    pub(in crate::store) place: Option<EventNumber>,
    pub(in crate::store) aside: Vec<(EventNumber, SetAside)>,
    pub(in crate::store) wishes: Wishes,
}

/// What the retention of that mark drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum MarkKind {
    /// Events from streams.
    Streams,
    /// Messages from histories.
    History,
}

/// How a device is woken. Not shown: whoever has the token can wake it.
pub(in crate::store) struct PushTokenRow {
    pub(in crate::store) user: String,
    pub(in crate::store) device: String,
    pub(in crate::store) platform: u8,
    pub(in crate::store) token: String,
    pub(in crate::store) digest: Vec<u8>,
    pub(in crate::store) signed_at: u64,
    pub(in crate::store) registered_at: u64,
}

impl std::fmt::Debug for PushTokenRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { user, device, .. } = self;
        f.debug_struct("PushTokenRow").field("user", user).field("device", device).finish_non_exhaustive()
    }
}

/// How far a device is with a ring.
#[derive(Debug)]
pub(in crate::store) struct RingRow {
    pub(in crate::store) invite: String,
    pub(in crate::store) user: String,
    pub(in crate::store) device: String,
    pub(in crate::store) state: String,
    pub(in crate::store) at: u64,
    /// Sent, heard, ringing, pushed.
    pub(in crate::store) times: [Option<u64>; 4],
}

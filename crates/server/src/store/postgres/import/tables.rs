//! The tables and columns that a move fills. A test compares them with the schema: what stands in neither list fails it.

use tokio_postgres::types::Type;

/// A table with the columns that are filled, in the order in which their values are given.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Type)],
}

macro_rules! tables {
    ($($constant:ident $name:literal: $($column:ident $kind:ident),+;)+) => {
        $(pub(super) const $constant: Table =
            Table { name: $name, columns: &[$((stringify!($column), Type::$kind)),+] };)+
        /// All of them.
        pub(super) const ALL: &[Table] = &[$($constant),+];
    };
}

tables! {
    USERS "users": user_id TEXT, profile TEXT, created_at INT8, head INT8, stream_floor INT8, open_invitations INT4,
        reach_ring TEXT, reach_add TEXT, disabled_since INT8, deleted_at INT8, quiet TEXT, rang TEXT, status TEXT;
    BLOCKS "blocks": by_user TEXT, target TEXT;
    GROUPS "groups": group_id TEXT, about TEXT, created_at INT8;
    MEMBERS "members": group_id TEXT, user_id TEXT, role TEXT, joined_at INT8, familiar BOOL;
    BOARDS "boards": group_id TEXT, record TEXT;
    DEPARTURES "departures": group_id TEXT, user_id TEXT;
    CONVERSATIONS "conversations": name TEXT, id UUID, last_seq INT8, writers INT2;
    READERS "readers": user_id TEXT, conversation UUID, read_seq INT8, deleted_seq INT8, pinned BOOL;
    INVITATIONS "invitations": invite_id TEXT, inviter TEXT, invitee TEXT, group_id TEXT, created_at INT8, due_at INT8,
        lasting BOOL, node UUID, terms TEXT, course TEXT;
    PENDING "pending": invitee TEXT, invite_id TEXT, inviter TEXT;
    CALLS "calls": call_id TEXT, created_at INT8, is_running BOOL, group_id TEXT, record TEXT;
    ROOMS "rooms": room_id TEXT, call_id TEXT;
    IN_CALLS "in_calls": user_id TEXT, call_id TEXT;
    CALL_LISTS "call_lists": user_id TEXT, created_at INT8, call_id TEXT;
    CALLS_SEEN "calls_seen": user_id TEXT, up_to INT8;
    PLATFORM_CURSORS "platform_cursors": user_id TEXT, platform INT2, cursor INT8;
    EVENTS "events": id UUID, time INT8, actor TEXT, online_only BOOL, invite_id TEXT, version INT4, body TEXT,
        places TEXT, conversation UUID, seq INT8;
    STREAMS "streams": user_id TEXT, cursor INT8, event UUID;
    MESSAGES "messages": conversation UUID, seq INT8, event UUID, sender TEXT, counted BOOL, shown_last BOOL,
        revoked BOOL;
    CLIENT_MESSAGES "client_messages": sender TEXT, client_msg_id BYTEA, time INT8, sent TEXT;
    KEPT_REPLIES "kept_replies": holder TEXT, key TEXT, fingerprint BYTEA, kept_at INT8, reply TEXT, place INT8;
    MARKS "marks": name TEXT, event UUID;
    WEBHOOKS "webhooks": endpoint TEXT, place UUID, state TEXT;
    PUSH_TOKENS "push_tokens": user_id TEXT, device_id TEXT, platform INT2, token TEXT, digest BYTEA, signed_at INT8, registered_at INT8;
    RINGS "rings": invite_id TEXT, user_id TEXT, device_id TEXT, state TEXT, at INT8,
        sent_at INT8, heard_at INT8, ringing_at INT8, pushed_at INT8;
}

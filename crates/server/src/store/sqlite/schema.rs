//! Tables and their migrations. Every migration stays as it was released; changes are new ones at the end.
//!
//! The shape follows one measurement: a page dirtied at a random place costs about as much as ten rows appended at the
//! end of a table (docs/decisions/0001). So a command appends to `events` and the invitation tables, whose young rows lie together;
//! `streams` and `messages`, whose order is by user and conversation, are filled later and in bulk from the tail of
//! `events`.

use rusqlite::{Connection, Transaction};
use rusqlite_migration::{HookResult, M, Migrations};

const TABLES: &str = "
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    nickname TEXT NOT NULL DEFAULT '',
    face_url TEXT NOT NULL DEFAULT '',
    ext TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    -- Events up to stream_floor were dropped by retention; stream_head is a lower bound of the newest cursor, kept
    -- because the row that carried it may be dropped.
    stream_floor INTEGER NOT NULL DEFAULT 0,
    stream_head INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE blocks (
    by_user INTEGER NOT NULL,
    target INTEGER NOT NULL,
    PRIMARY KEY (by_user, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    group_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    ext TEXT NOT NULL,
    join_policy TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    group_row INTEGER NOT NULL,
    user INTEGER NOT NULL,
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (group_row, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX groups_of_user ON members (user);

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- A lower bound of the newest seq, kept because the row that carried it may be dropped.
    last_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who has a conversation in his list, and how far he has read it.
CREATE TABLE readers (
    user INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    read_seq INTEGER NOT NULL,
    PRIMARY KEY (user, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX readers_of_conversation ON readers (conversation);

-- What an invite said; never changes.
CREATE TABLE invitations (
    id INTEGER PRIMARY KEY,
    invite_id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    terms TEXT NOT NULL
) STRICT;

-- What has happened to it since; no row while nothing has.
CREATE TABLE courses (
    invitation INTEGER PRIMARY KEY,
    course TEXT NOT NULL
) STRICT;

-- Those somebody is pending in.
CREATE TABLE open_invitations (invitation INTEGER PRIMARY KEY) STRICT;

-- The journal: what happened, in order. places says in which streams and where in a conversation.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    actor INTEGER,
    online_only INTEGER NOT NULL,
    invitation INTEGER,
    version INTEGER,
    body TEXT NOT NULL,
    places BLOB NOT NULL
) STRICT;

CREATE TABLE streams (
    user INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (user, cursor)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    shown_last INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

-- Messages taken back.
CREATE TABLE revoked (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

-- Used-up idempotency keys of senders, and what they were answered.
CREATE TABLE client_messages (
    sender INTEGER NOT NULL,
    client_msg_id TEXT NOT NULL,
    time INTEGER NOT NULL,
    sent TEXT NOT NULL,
    PRIMARY KEY (sender, client_msg_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_messages_by_time ON client_messages (time);

-- streams and messages hold everything of the events up to `indexed`; each kind of retention goes on from its own mark.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES ('indexed', 0);
";

/// Who has left a group by their own wish: others cannot put them back.
const DEPARTURES: &str = "
CREATE TABLE departures (
    group_row INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (group_row, user)
) STRICT, WITHOUT ROWID;
";

/// Calls. Who is in which, and which a group has running, is an index in memory, made at start from `running_calls`.
const CALLS: &str = "
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL UNIQUE,
    room_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
-- The newest call of a room has the greatest row. Rooms that the server names grow with time, so this grows at its end.
CREATE INDEX calls_of_room ON calls (room_id);

-- Those that have not ended.
CREATE TABLE running_calls (call INTEGER PRIMARY KEY) STRICT;

-- Each user's list: everybody who was called to a call, or came into it.
CREATE TABLE call_lists (
    user INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    call INTEGER NOT NULL,
    PRIMARY KEY (user, created_at, call)
) STRICT, WITHOUT ROWID;

-- Up to when users have looked at their missed calls; no row for those who never did.
CREATE TABLE calls_seen (
    user INTEGER PRIMARY KEY,
    up_to INTEGER NOT NULL
) STRICT;
";

/// How far users were told on each platform, for clients that have no cursor.
const PLATFORM_CURSORS: &str = "
CREATE TABLE platform_cursors (
    user INTEGER NOT NULL,
    platform INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    PRIMARY KEY (user, platform)
) STRICT, WITHOUT ROWID;
";

/// Who may ring and add users, and whom they know. Of the time before, those who have written count, as far as the index of
/// messages knows, and all groups. A rejection is no writing.
const REACH: &str = r#"
ALTER TABLE users ADD COLUMN reach_ring TEXT NOT NULL DEFAULT 'everybody';
ALTER TABLE users ADD COLUMN reach_add TEXT NOT NULL DEFAULT 'everybody';
-- One-to-one: 1 when the first of the two in the name has written to the other, 2 when the second has, 3 for both.
ALTER TABLE conversations ADD COLUMN writers INTEGER NOT NULL DEFAULT 0;
-- Whether the other members count as users whom the member knows.
ALTER TABLE members ADD COLUMN familiar INTEGER NOT NULL DEFAULT 1;
CREATE INDEX familiar_groups ON members (user, joined_at) WHERE familiar;

UPDATE conversations SET writers = (SELECT coalesce(sum(side), 0) FROM (
    SELECT DISTINCT CASE WHEN substr(conversations.name, 5, length(user_id) + 1) = user_id || ' '
        THEN 1 ELSE 2 END AS side
    FROM messages JOIN users ON users.id = messages.sender JOIN events ON events.id = messages.event
    WHERE messages.conversation = conversations.id AND substr(events.body, 1, 28) <> '"type":"invitation.rejected"'))
WHERE name LIKE 'c2c:%';
"#;

/// Lists of conversations (docs/decisions/0014). `newest` is the event of the newest row of `messages`, 0 without one, and `unread`
/// what of them is unread, for the two users of a one-to-one conversation; of groups nothing is kept. `users.unread` is the sum.
/// `merges` counts how often the journal's tail was merged. The index is made while it is empty, because sorting all rows for it
/// would hold them in memory.
const LISTS: &str = "
ALTER TABLE readers ADD COLUMN newest INTEGER;
ALTER TABLE readers ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
CREATE INDEX lists ON readers (user, newest, conversation) WHERE newest IS NOT NULL;
INSERT INTO marks VALUES ('merges', 0);
";

/// Users whose lists are filled at once, so that one statement does not hold the keys of all rows in memory.
const LISTS_AT_ONCE: i64 = 100;

/// Fills in what [`LISTS`] keeps of the time before.
fn fill_lists(transaction: &Transaction<'_>) -> HookResult {
    let last: i64 = transaction.query_row("SELECT coalesce(max(id), 0) FROM users", [], |row| row.get(0))?;
    let mut readers = transaction.prepare(
        "UPDATE readers SET
            newest = coalesce((SELECT event FROM messages WHERE messages.conversation = readers.conversation
                ORDER BY seq DESC LIMIT 1), 0),
            unread = (SELECT count(*) FROM messages WHERE messages.conversation = readers.conversation
                AND seq > read_seq AND sender <> user AND counted = 1)
         WHERE user BETWEEN ?1 AND ?2
            AND (SELECT name FROM conversations WHERE id = readers.conversation) LIKE 'c2c:%'",
    )?;
    let mut users = transaction.prepare(
        "UPDATE users SET unread = (SELECT coalesce(sum(readers.unread), 0) FROM readers WHERE user = users.id)
         WHERE id BETWEEN ?1 AND ?2",
    )?;
    let mut first = 0;
    while first <= last {
        let range = (first, first + LISTS_AT_ONCE - 1);
        readers.execute(range)?;
        users.execute(range)?;
        first += LISTS_AT_ONCE;
    }
    transaction.execute_batch("CREATE INDEX groups_in_list ON readers (user) WHERE newest IS NULL")?;
    Ok(())
}

/// Replies to requests of back ends, by their idempotency keys. `place` counts those of a holder, so that how many there are is known
/// without counting them: they go in its order.
const KEPT_REPLIES: &str = "
CREATE TABLE kept_replies (
    holder TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    kept_at INTEGER NOT NULL,
    reply TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (holder, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_replies_by_time ON kept_replies (kept_at);
CREATE INDEX kept_replies_by_place ON kept_replies (holder, place);
";

/// `call_lists` holds every call up to `listed_calls`; of those behind it, the records say in whose lists they are. A program that
/// does not know the mark would leave them out, so it is kept from such a database by the schema's number.
const LISTED_CALLS: &str = "
INSERT INTO marks SELECT 'listed_calls', coalesce(max(id), 0) FROM calls;
";

/// Since when users may not sign in, server time in ms; NULL for those who may. The server looks for those who were disabled lately.
const DISABLED_USERS: &str = "
ALTER TABLE users ADD COLUMN disabled_since INTEGER;
CREATE INDEX disabled_users ON users (disabled_since) WHERE disabled_since IS NOT NULL;
";

/// What reads ask of a group without its members: how many they are, who owns it, and a page of them in the order of their names. The
/// index of names is made while it has no rows, because sorting all rows for it would hold them in memory.
const GROUP_COUNTS: &str = "
ALTER TABLE groups ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0;
-- The member's name, as users has it.
ALTER TABLE members ADD COLUMN name TEXT;
CREATE INDEX members_by_name ON members (group_row, name) WHERE name IS NOT NULL;
CREATE INDEX owners ON members (group_row) WHERE role = 'owner';
UPDATE members SET name = (SELECT user_id FROM users WHERE users.id = members.user);
UPDATE groups SET member_count = (SELECT count(*) FROM members WHERE group_row = groups.id);
CREATE TRIGGER members_came AFTER INSERT ON members BEGIN
    UPDATE groups SET member_count = member_count + 1 WHERE id = NEW.group_row;
END;
CREATE TRIGGER members_gone AFTER DELETE ON members BEGIN
    UPDATE groups SET member_count = member_count - 1 WHERE id = OLD.group_row;
END;
";

/// How far each endpoint of webhooks has been served, and as JSON, which events before that place wait for another attempt.
const WEBHOOKS: &str = "
CREATE TABLE webhooks (
    endpoint TEXT PRIMARY KEY,
    place INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// How devices are woken while they are away, and how far they are with rings that are open or were until lately
/// (docs/decisions/0018). A token belongs to one device: its digest, because tokens are too long for an index.
const PUSH: &str = "
CREATE TABLE push_tokens (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    platform INTEGER NOT NULL,
    token TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    signed_at INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE rings (
    invite_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (invite_id, user_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rings_by_time ON rings (at);
";

/// What members of groups have written on their boards, as JSON; no row for a group that nobody wrote to.
const BOARDS: &str = "
CREATE TABLE boards (
    group_row INTEGER PRIMARY KEY,
    record TEXT NOT NULL
) STRICT;
";

/// When each step was of a ring at a device, for inviters who want to know.
const RING_TIMES: &str = "
ALTER TABLE rings ADD COLUMN sent_at INTEGER;
ALTER TABLE rings ADD COLUMN heard_at INTEGER;
ALTER TABLE rings ADD COLUMN ringing_at INTEGER;
ALTER TABLE rings ADD COLUMN pushed_at INTEGER;
";

/// What users say of their lists of conversations: up to which seq they have deleted one, and which they have pinned. A one-to-one conversation
/// that is deleted to its end has [`lists::HIDDEN`](super::lists::HIDDEN) in `newest`, a place that no list has.
const OWN_LISTS: &str = "
ALTER TABLE readers ADD COLUMN deleted_seq INTEGER;
ALTER TABLE readers ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
CREATE INDEX pins ON readers (user) WHERE pinned = 1;
";

/// When users were deleted, server time in ms; NULL for all others. Their rows stay, empty, because the journal and others' histories name
/// them. What has a user in the second place of its key, and is erased with them, is found by an index.
const DELETED_USERS: &str = "
ALTER TABLE users ADD COLUMN deleted_at INTEGER;
CREATE INDEX departures_of_user ON departures (user);
CREATE INDEX rings_of_user ON rings (user_id);
";

/// When users are quiet, and who rang them lately while they were, as JSON; NULL for those who have set nothing. They come last, so that
/// what stands before them is read without them.
const QUIET: &str = "
ALTER TABLE users ADD COLUMN quiet TEXT;
ALTER TABLE users ADD COLUMN rang TEXT;
";

/// What users say of themselves while they are online; empty for nearly all. The index finds those who may be gone.
const STATUS: &str = "
ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT '';
CREATE INDEX users_with_status ON users (id) WHERE status <> '';
";

/// Every migration, oldest first.
fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(TABLES),
        M::up(DEPARTURES),
        M::up(CALLS),
        M::up(PLATFORM_CURSORS),
        M::up(REACH),
        M::up_with_hook(LISTS, fill_lists),
        M::up(KEPT_REPLIES),
        M::up(LISTED_CALLS),
        M::up(DISABLED_USERS),
        M::up(GROUP_COUNTS),
        M::up(WEBHOOKS),
        M::up(PUSH),
        M::up(BOARDS),
        M::up(RING_TIMES),
        M::up(OWN_LISTS),
        M::up(DELETED_USERS),
        M::up(QUIET),
        M::up(STATUS),
    ])
}

/// The schema version this program writes.
pub(super) fn newest() -> usize {
    18
}

/// The schema version of a database; 0 when it is empty.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a database to the newest schema.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    migrations().to_latest(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_valid_and_counted() {
        migrations().validate().unwrap();
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), newest());
    }
}

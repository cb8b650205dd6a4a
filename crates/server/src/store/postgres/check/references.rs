//! Which numbers count which rows, and which rows refer to which.

/// Numbers that are kept, and what they count: `of, kept, counted`, where the two disagree. A head or a last seq may be ahead
/// of the rows, which retention drops.
pub(super) const COUNTS: [&str; 8] = [
    "SELECT users.user_id || '''s open invitations', open_invitations::bigint, count(invite_id)
     FROM users LEFT JOIN invitations ON inviter = users.user_id AND due_at IS NOT NULL
     GROUP BY users.user_id HAVING open_invitations <> count(invite_id)",
    "SELECT users.user_id || '''s head', head, max(cursor) FROM users JOIN streams ON streams.user_id = users.user_id
     GROUP BY users.user_id HAVING head < max(cursor)",
    "SELECT name || '''s last seq', last_seq, max(seq) FROM conversations
     JOIN messages ON messages.conversation = conversations.id GROUP BY conversations.name HAVING last_seq < max(seq)",
    "SELECT user_id || '''s read mark in ' || name, read_seq, last_seq FROM readers
     JOIN conversations ON conversations.id = readers.conversation WHERE read_seq > last_seq",
    "SELECT user_id || '''s list: the newest seq of ' || name,
        coalesce((SELECT seq FROM messages WHERE messages.conversation = readers.conversation AND event = newest), 0),
        coalesce((SELECT max(seq) FROM messages WHERE messages.conversation = readers.conversation), 0)
     FROM readers JOIN conversations ON conversations.id = readers.conversation
     WHERE starts_with(name, 'group:') AND newest IS NOT NULL
        OR starts_with(name, 'c2c:') AND newest IS DISTINCT FROM CASE WHEN deleted_seq >= last_seq
            THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff' ELSE coalesce((SELECT event FROM messages
                WHERE messages.conversation = readers.conversation ORDER BY seq DESC LIMIT 1), '00000000-0000-0000-0000-000000000000') END",
    "SELECT user_id || '''s list: unread in ' || name, unread, counted FROM (
        SELECT user_id, name, readers.unread, (SELECT count(*) FROM messages
            WHERE messages.conversation = readers.conversation AND seq > read_seq AND sender <> user_id
                AND messages.counted) AS counted
        FROM readers JOIN conversations ON conversations.id = readers.conversation) AS listed
     WHERE starts_with(name, 'c2c:') AND unread <> counted OR starts_with(name, 'group:') AND unread <> 0",
    "SELECT user_id || '''s unread messages', unread, counted FROM (
        SELECT user_id, users.unread, (SELECT coalesce(sum(readers.unread), 0) FROM readers
            WHERE readers.user_id = users.user_id)::bigint AS counted FROM users) AS summed
     WHERE unread <> counted",
    "SELECT 'the members of ' || group_id, member_count, counted FROM (
        SELECT group_id, member_count, (SELECT count(*) FROM members WHERE members.group_id = groups.group_id) AS counted
        FROM groups) AS summed
     WHERE member_count <> counted",
];

/// Rows that refer to others: the table, the other one, and a query for the keys of those whose other one is missing. A deleted
/// user counts as missing where only what is theirs would refer to them.
pub(super) const REFERENCES: [(&str, &str, &str); 18] = [
    (
        "members",
        "groups",
        "SELECT group_id || ' ' || user_id FROM members WHERE group_id NOT IN (SELECT group_id FROM groups)",
    ),
    (
        "members",
        "users",
        "SELECT group_id || ' ' || user_id FROM members WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "blocks",
        "users",
        "SELECT by_user || ' ' || target FROM blocks
         WHERE by_user NOT IN (SELECT user_id FROM users) OR target NOT IN (SELECT user_id FROM users)",
    ),
    (
        "readers",
        "users",
        "SELECT user_id || ' ' || conversation FROM readers WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "readers",
        "conversations",
        "SELECT user_id || ' ' || conversation FROM readers WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
    (
        "client_messages",
        "users",
        "SELECT sender FROM client_messages WHERE sender NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    ("boards", "groups", "SELECT group_id FROM boards WHERE group_id NOT IN (SELECT group_id FROM groups)"),
    (
        "departures",
        "groups",
        "SELECT group_id || ' ' || user_id FROM departures WHERE group_id NOT IN (SELECT group_id FROM groups)",
    ),
    (
        "departures",
        "users",
        "SELECT group_id || ' ' || user_id FROM departures WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "call_lists",
        "users",
        "SELECT user_id || ' ' || call_id FROM call_lists WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "in_calls",
        "calls",
        "SELECT user_id || ' ' || call_id FROM in_calls WHERE call_id NOT IN (SELECT call_id FROM calls)",
    ),
    (
        "in_calls",
        "users",
        "SELECT user_id || ' ' || call_id FROM in_calls WHERE user_id NOT IN (SELECT user_id FROM users)",
    ),
    (
        "rooms",
        "calls",
        "SELECT room_id || ' ' || call_id FROM rooms WHERE call_id NOT IN (SELECT call_id FROM calls)",
    ),
    (
        "calls_seen",
        "users",
        "SELECT user_id FROM calls_seen WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "push_tokens",
        "users",
        "SELECT user_id || ' ' || device_id FROM push_tokens WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "platform_cursors",
        "users",
        "SELECT user_id FROM platform_cursors WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "pending",
        "invitations",
        "SELECT invite_id || ' ' || invitee FROM pending
         WHERE invite_id NOT IN (SELECT invite_id FROM invitations)",
    ),
    (
        "pending",
        "users",
        "SELECT invite_id || ' ' || invitee FROM pending WHERE invitee NOT IN (SELECT user_id FROM users)",
    ),
];

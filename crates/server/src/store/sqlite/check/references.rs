//! Which numbers count which rows, and which rows refer to which.

/// What is kept of users' lists, and what it follows from: `of, kept, counted`, where the two disagree. Only one-to-one conversations
/// have a place in the index.
pub(super) const LISTS: [&str; 3] = [
    "SELECT user_id || '''s list: the newest seq of ' || name,
        coalesce((SELECT seq FROM messages WHERE messages.conversation = readers.conversation AND event = newest), 0),
        coalesce((SELECT max(seq) FROM messages WHERE messages.conversation = readers.conversation), 0)
     FROM readers JOIN users ON users.id = user JOIN conversations ON conversations.id = readers.conversation
     WHERE name LIKE 'group:%' AND newest IS NOT NULL
        OR name LIKE 'c2c:%' AND newest = 9223372036854775807 AND deleted_seq IS NULL
        OR name LIKE 'c2c:%' AND newest <> 9223372036854775807 AND newest IS NOT coalesce((SELECT event
            FROM messages WHERE messages.conversation = readers.conversation ORDER BY seq DESC LIMIT 1), 0)
        OR name LIKE 'c2c:%' AND newest = 9223372036854775807 AND deleted_seq <
            (SELECT max(seq) FROM messages WHERE messages.conversation = readers.conversation)",
    "SELECT user_id || '''s list: unread in ' || name, unread, counted FROM (
        SELECT user_id, name, readers.unread, (SELECT count(*) FROM messages
            WHERE messages.conversation = readers.conversation AND seq > read_seq AND sender <> user
                AND messages.counted = 1) AS counted
        FROM readers JOIN users ON users.id = user JOIN conversations ON conversations.id = readers.conversation)
     WHERE name LIKE 'c2c:%' AND unread <> counted OR name LIKE 'group:%' AND unread <> 0",
    "SELECT user_id || '''s unread messages', unread, counted FROM (
        SELECT user_id, unread, (SELECT coalesce(sum(readers.unread), 0) FROM readers WHERE user = users.id) AS counted
        FROM users)
     WHERE unread <> counted",
];

/// Numbers and names that are kept of groups, and what they follow from: `of, kept, counted`, where the two disagree.
pub(super) const GROUPS: [&str; 2] = [
    "SELECT 'the members of ' || group_id, member_count, counted FROM (
        SELECT group_id, member_count, (SELECT count(*) FROM members WHERE group_row = groups.id) AS counted FROM groups)
     WHERE member_count <> counted",
    "SELECT 'the names of members of ' || group_id, count(*) FILTER (WHERE members.name = user_id), count(*)
     FROM members JOIN groups ON groups.id = group_row JOIN users ON users.id = user
     GROUP BY group_id HAVING count(*) FILTER (WHERE members.name = user_id) <> count(*)",
];

/// Rows that refer to others: the table, the other one, and a query for the keys of those whose other one is missing. A deleted
/// user counts as missing where only what is theirs would refer to them.
pub(super) const REFERENCES: [(&str, &str, &str); 19] = [
    (
        "members",
        "groups",
        "SELECT group_row || ' ' || user FROM members WHERE group_row NOT IN (SELECT id FROM groups)",
    ),
    (
        "members",
        "users",
        "SELECT group_row || ' ' || user FROM members WHERE user NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "blocks",
        "users",
        "SELECT by_user || ' ' || target FROM blocks
         WHERE by_user NOT IN (SELECT id FROM users) OR target NOT IN (SELECT id FROM users)",
    ),
    (
        "readers",
        "users",
        "SELECT user || ' ' || conversation FROM readers WHERE user NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "readers",
        "conversations",
        "SELECT user || ' ' || conversation FROM readers WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
    (
        "client_messages",
        "users",
        "SELECT sender FROM client_messages WHERE sender NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "courses",
        "invitations",
        "SELECT invitation FROM courses WHERE invitation NOT IN (SELECT id FROM invitations)",
    ),
    (
        "open_invitations",
        "invitations",
        "SELECT invitation FROM open_invitations WHERE invitation NOT IN (SELECT id FROM invitations)",
    ),
    ("running_calls", "calls", "SELECT call FROM running_calls WHERE call NOT IN (SELECT id FROM calls)"),
    (
        "call_lists",
        "calls",
        "SELECT user || ' ' || call FROM call_lists WHERE NOT EXISTS
         (SELECT 1 FROM calls WHERE id = call AND calls.created_at = call_lists.created_at)",
    ),
    (
        "call_lists",
        "users",
        "SELECT user || ' ' || call FROM call_lists WHERE user NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "calls_seen",
        "users",
        "SELECT user FROM calls_seen WHERE user NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "platform_cursors",
        "users",
        "SELECT user FROM platform_cursors WHERE user NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "push_tokens",
        "users",
        "SELECT user_id || ' ' || device_id FROM push_tokens WHERE user_id NOT IN (SELECT user_id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "events",
        "users",
        "SELECT id FROM events WHERE actor IS NOT NULL AND actor NOT IN (SELECT id FROM users)",
    ),
    ("boards", "groups", "SELECT group_row FROM boards WHERE group_row NOT IN (SELECT id FROM groups)"),
    (
        "departures",
        "groups",
        "SELECT group_row || ' ' || user FROM departures WHERE group_row NOT IN (SELECT id FROM groups)",
    ),
    (
        "departures",
        "users",
        "SELECT group_row || ' ' || user FROM departures WHERE user NOT IN (SELECT id FROM users WHERE deleted_at IS NULL)",
    ),
    (
        "revoked",
        "conversations",
        "SELECT conversation || ' ' || seq FROM revoked WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
];

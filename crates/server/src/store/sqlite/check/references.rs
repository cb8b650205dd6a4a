//! Which rows refer to which.

/// Rows that refer to others: the table, the other one, and a query for the keys of those whose other one is missing.
pub(super) const REFERENCES: [(&str, &str, &str); 17] = [
    (
        "members",
        "groups",
        "SELECT group_row || ' ' || user FROM members WHERE group_row NOT IN (SELECT id FROM groups)",
    ),
    (
        "members",
        "users",
        "SELECT group_row || ' ' || user FROM members WHERE user NOT IN (SELECT id FROM users)",
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
        "SELECT user || ' ' || conversation FROM readers WHERE user NOT IN (SELECT id FROM users)",
    ),
    (
        "readers",
        "conversations",
        "SELECT user || ' ' || conversation FROM readers WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
    (
        "client_messages",
        "users",
        "SELECT sender FROM client_messages WHERE sender NOT IN (SELECT id FROM users)",
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
        "SELECT user || ' ' || call FROM call_lists WHERE user NOT IN (SELECT id FROM users)",
    ),
    ("calls_seen", "users", "SELECT user FROM calls_seen WHERE user NOT IN (SELECT id FROM users)"),
    (
        "platform_cursors",
        "users",
        "SELECT user FROM platform_cursors WHERE user NOT IN (SELECT id FROM users)",
    ),
    (
        "events",
        "users",
        "SELECT id FROM events WHERE actor IS NOT NULL AND actor NOT IN (SELECT id FROM users)",
    ),
    (
        "departures",
        "groups",
        "SELECT group_row || ' ' || user FROM departures WHERE group_row NOT IN (SELECT id FROM groups)",
    ),
    (
        "departures",
        "users",
        "SELECT group_row || ' ' || user FROM departures WHERE user NOT IN (SELECT id FROM users)",
    ),
    (
        "revoked",
        "conversations",
        "SELECT conversation || ' ' || seq FROM revoked WHERE conversation NOT IN (SELECT id FROM conversations)",
    ),
];

//! Every statement of a batch. They are prepared when the writer connects, so that a batch can send several at once
//! without waiting for the replies in between.

/// Declares the statements as an enum with their text.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        /// A statement of a batch.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Statement { $($(#[$doc])* $name,)* }

        impl Statement {
            /// All of them, in the order of their numbers.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// The statement's text.
            pub(crate) fn sql(self) -> &'static str {
                match self { $(Self::$name => $sql,)* }
            }
        }
    };
}

statements! {
    // Leads, followed without locks: the answers are only a guess.
    PartiesOf = "SELECT invite_id, terms FROM invitations WHERE invite_id = ANY($1::text[])";
    MembersOf = "SELECT DISTINCT user_id FROM members WHERE group_id = ANY($1::text[])";
    OpenIn = "SELECT invite_id, terms FROM invitations WHERE due_at IS NOT NULL AND group_id = ANY($1::text[])";

    // The calls that leads name: by themselves, by a room, by somebody in them, and by their group.
    CallsOf = "SELECT call_id, record FROM calls WHERE call_id IN (
            SELECT unnest($1::text[])
            UNION SELECT call_id FROM rooms WHERE room_id = ANY($2::text[])
            UNION SELECT call_id FROM in_calls WHERE user_id = ANY($3::text[])
            UNION SELECT call_id FROM calls WHERE is_running AND group_id IS NOT NULL AND group_id = ANY($4::text[]))";

    // Guards. PostgreSQL sorts before it locks, so the locks are taken in the order of the sort.
    LockGroups = "SELECT group_id, about, created_at, paced_until FROM groups
        WHERE group_id = ANY($1::text[]) ORDER BY group_id FOR UPDATE";
    TryGroups = "SELECT group_id, about, created_at, paced_until FROM groups
        WHERE group_id = ANY($1::text[]) ORDER BY group_id FOR UPDATE NOWAIT";
    LockInvitations = "SELECT invite_id, terms, course FROM invitations
        WHERE invite_id = ANY($1::text[]) ORDER BY invite_id FOR UPDATE";
    TryInvitations = "SELECT invite_id, terms, course FROM invitations
        WHERE invite_id = ANY($1::text[]) ORDER BY invite_id FOR UPDATE NOWAIT";
    LockCalls = "SELECT call_id, record FROM calls
        WHERE call_id = ANY($1::text[]) ORDER BY call_id FOR UPDATE";
    TryCalls = "SELECT call_id, record FROM calls
        WHERE call_id = ANY($1::text[]) ORDER BY call_id FOR UPDATE NOWAIT";
    LockRooms = "SELECT room_id, call_id FROM rooms
        WHERE room_id = ANY($1::text[]) ORDER BY room_id FOR UPDATE";
    TryRooms = "SELECT room_id, call_id FROM rooms
        WHERE room_id = ANY($1::text[]) ORDER BY room_id FOR UPDATE NOWAIT";
    LockUsers = "SELECT user_id, profile, head, open_invitations, paced_until, reach_ring, reach_add, disabled_since, deleted_at,
            quiet IS NOT NULL, status
        FROM users WHERE user_id = ANY($1::text[]) ORDER BY user_id FOR UPDATE";
    TryUsers = "SELECT user_id, profile, head, open_invitations, paced_until, reach_ring, reach_add, disabled_since, deleted_at,
            quiet IS NOT NULL, status
        FROM users WHERE user_id = ANY($1::text[]) ORDER BY user_id FOR UPDATE NOWAIT";
    LockConversations = "SELECT name, id, last_seq, writers FROM conversations
        WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE";
    TryConversations = "SELECT name, id, last_seq, writers FROM conversations
        WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE NOWAIT";

    // Guarded rows. Separate statements, so that they see what was committed while the lock was waited for.
    Members = "SELECT group_id, user_id, role, joined_at, familiar FROM members WHERE group_id = ANY($1::text[])";
    OpenInGroups = "SELECT group_id, invite_id, created_at, lasting FROM invitations
        WHERE due_at IS NOT NULL AND group_id = ANY($1::text[])";
    OpenLasting = "SELECT inviter, invitee, invite_id, created_at, group_id FROM invitations
        WHERE due_at IS NOT NULL AND lasting AND inviter = ANY($1::text[]) ORDER BY created_at, invite_id";
    ConversationsOfGroups = "SELECT name, id, last_seq, writers FROM conversations WHERE name = ANY($1::text[])";
    Quiet = "SELECT user_id, quiet, rang FROM users WHERE user_id = ANY($1::text[]) AND quiet IS NOT NULL";
    Blocks = "SELECT by_user, target FROM blocks
        JOIN unnest($1::text[], $2::text[]) AS wanted (b, t) ON by_user = b AND target = t";
    // A node of the version before ends invitations without deleting their rows here, so only open ones count.
    PendingFor = "SELECT pending.invitee, pending.inviter, pending.invite_id, created_at, lasting FROM pending
        JOIN invitations ON invitations.invite_id = pending.invite_id AND due_at IS NOT NULL
        WHERE pending.invitee = ANY($1::text[])";
    InCalls = "SELECT user_id, call_id FROM in_calls JOIN calls USING (call_id) WHERE user_id = ANY($1::text[])";
    RunningInGroups = "SELECT group_id, call_id FROM calls
        WHERE is_running AND group_id IS NOT NULL AND group_id = ANY($1::text[])";
    CallsSeen = "SELECT user_id, up_to FROM calls_seen WHERE user_id = ANY($1::text[])";
    GroupCounts = "SELECT user_id, count(*) FROM members WHERE user_id = ANY($1::text[]) GROUP BY user_id";
    Boards = "SELECT group_id, record FROM boards WHERE group_id = ANY($1::text[])";
    Departures = "SELECT group_id, user_id FROM departures
        JOIN unnest($1::text[], $2::text[]) AS wanted (g, u) ON group_id = g AND user_id = u";
    // The newest familiar groups are enough to look through.
    SharedGroups = "SELECT u, w, shared.group_id FROM unnest($1::text[], $2::text[]) AS wanted (u, w)
        CROSS JOIN LATERAL (SELECT own.group_id FROM (SELECT group_id FROM members
                WHERE user_id = u AND familiar ORDER BY joined_at DESC LIMIT $3) AS own
            JOIN members AS other ON other.group_id = own.group_id AND other.user_id = w LIMIT $4) AS shared";
    ClientMessages = "SELECT sender, client_msg_id, sent FROM client_messages
        JOIN unnest($1::text[], $2::bytea[]) AS wanted (s, c) ON sender = s AND client_msg_id = c";
    Reads = "SELECT user_id, name, read_seq, deleted_seq, pinned FROM unnest($1::text[], $2::text[]) AS wanted (u, n)
        JOIN conversations ON name = n JOIN readers ON user_id = u AND conversation = conversations.id";
    PinCounts = "SELECT user_id, count(*) FROM readers WHERE user_id = ANY($1::text[]) AND pinned GROUP BY user_id";
    Messages = "SELECT name, messages.seq, time, body, revoked FROM unnest($1::text[], $2::bigint[]) AS wanted (n, s)
        JOIN conversations ON name = n
        JOIN messages ON messages.conversation = conversations.id AND messages.seq = s
        JOIN events ON events.id = messages.event";
    Seats = "SELECT user_id, device_id, node, session, connected_at FROM seats
        JOIN unnest($1::text[], $2::text[]) AS wanted (u, d) ON user_id = u AND device_id = d";
    KeptReply = "SELECT fingerprint, reply FROM kept_replies WHERE holder = $1 AND key = $2";
    IsThere = "SELECT 1 FROM events WHERE id = $1";

    // Writing: one statement for all rows of a kind.
    AddUsers = "INSERT INTO users (user_id, profile, created_at)
        SELECT u, p, $3 FROM unnest($1::text[], $2::text[]) AS new (u, p)";
    MoveUsers = "UPDATE users SET head = greatest(head, h), open_invitations = open_invitations + o,
            paced_until = greatest(paced_until, p)
        FROM unnest($1::text[], $2::bigint[], $3::integer[], $4::bigint[]) AS new (u, h, o, p) WHERE user_id = u";
    SetProfiles = "UPDATE users SET profile = p FROM unnest($1::text[], $2::text[]) AS new (u, p) WHERE user_id = u";
    SetReaches = "UPDATE users SET reach_ring = r, reach_add = a
        FROM unnest($1::text[], $2::text[], $3::text[]) AS new (u, r, a) WHERE user_id = u";
    SetQuiet = "UPDATE users SET quiet = q, rang = CASE WHEN q IS NULL THEN NULL ELSE rang END
        FROM unnest($1::text[], $2::text[]) AS new (u, q) WHERE user_id = u";
    SetRang = "UPDATE users SET rang = r FROM unnest($1::text[], $2::text[]) AS new (u, r) WHERE user_id = u AND quiet IS NOT NULL";
    SetStatuses = "UPDATE users SET status = s FROM unnest($1::text[], $2::text[]) AS new (u, s) WHERE user_id = u";
    SetDisabled = "UPDATE users SET disabled_since = d FROM unnest($1::text[], $2::bigint[]) AS new (u, d) WHERE user_id = u";
    DeleteUsers = "UPDATE users SET profile = p, reach_ring = $4, reach_add = $4, disabled_since = coalesce(disabled_since, d), deleted_at = d,
            quiet = NULL, rang = NULL, status = '', stream_floor = greatest(stream_floor, head)
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS old (u, p, d) WHERE user_id = u";
    DropPushTokensOf = "DELETE FROM push_tokens WHERE user_id = ANY($1::text[])";
    DropPlatformCursorsOf = "DELETE FROM platform_cursors WHERE user_id = ANY($1::text[])";
    DropCallsSeenOf = "DELETE FROM calls_seen WHERE user_id = ANY($1::text[])";
    AddBlocks = "INSERT INTO blocks (by_user, target) SELECT * FROM unnest($1::text[], $2::text[])
        ON CONFLICT DO NOTHING";
    DropBlocks = "DELETE FROM blocks USING unnest($1::text[], $2::text[]) AS old (b, t)
        WHERE by_user = b AND target = t";
    DropConversations = "DELETE FROM conversations WHERE id = ANY($1::uuid[])";
    DropReadersOf = "DELETE FROM readers WHERE conversation = ANY($1::uuid[])";
    DropGroups = "DELETE FROM groups WHERE group_id = ANY($1::text[])";
    DropBoards = "DELETE FROM boards WHERE group_id = ANY($1::text[])";
    DropDeparturesOf = "DELETE FROM departures WHERE group_id = ANY($1::text[])";
    DropMembersOf = "DELETE FROM members WHERE group_id = ANY($1::text[])";
    AddGroups = "INSERT INTO groups (group_id, about, created_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])";
    SetGroups = "UPDATE groups SET about = a FROM unnest($1::text[], $2::text[]) AS new (g, a) WHERE group_id = g";
    PaceGroups = "UPDATE groups SET paced_until = p FROM unnest($1::text[], $2::bigint[]) AS new (g, p)
        WHERE group_id = g";
    DropMembers = "DELETE FROM members USING unnest($1::text[], $2::text[]) AS old (g, u)
        WHERE group_id = g AND user_id = u";
    SetMembers = "INSERT INTO members (group_id, user_id, role, joined_at, familiar)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::boolean[])
        ON CONFLICT (group_id, user_id) DO UPDATE
            SET role = excluded.role, joined_at = excluded.joined_at, familiar = excluded.familiar";
    SetBoards = "INSERT INTO boards (group_id, record) SELECT * FROM unnest($1::text[], $2::text[])
        ON CONFLICT (group_id) DO UPDATE SET record = excluded.record";
    AddDepartures = "INSERT INTO departures (group_id, user_id) SELECT * FROM unnest($1::text[], $2::text[])
        ON CONFLICT DO NOTHING";
    DropDepartures = "DELETE FROM departures USING unnest($1::text[], $2::text[]) AS old (g, u)
        WHERE group_id = g AND user_id = u";
    AddConversations = "INSERT INTO conversations (name, id, last_seq)
        SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])";
    MoveConversations = "UPDATE conversations SET last_seq = s FROM unnest($1::text[], $2::bigint[]) AS new (n, s)
        WHERE name = n";
    AddWriters = "UPDATE conversations SET writers = writers | w FROM unnest($1::text[], $2::smallint[]) AS new (n, w)
        WHERE name = n";
    DropReaders = "DELETE FROM readers USING unnest($1::text[], $2::uuid[]) AS old (u, c)
        WHERE user_id = u AND conversation = c";
    SetReaders = "INSERT INTO readers (user_id, conversation, read_seq)
        SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])
        ON CONFLICT (user_id, conversation) DO UPDATE SET read_seq = excluded.read_seq";
    SetPins = "UPDATE readers SET pinned = p FROM unnest($1::text[], $2::uuid[], $3::boolean[]) AS new (u, c, p)
        WHERE user_id = u AND conversation = c";
    SetDeleted = "UPDATE readers SET deleted_seq = s FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS new (u, c, s)
        WHERE user_id = u AND conversation = c";
    AddInvitations = "INSERT INTO invitations
            (invite_id, inviter, invitee, group_id, created_at, due_at, lasting, terms, course, node)
        SELECT *, $10::uuid FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
            $7::boolean[], $8::text[], $9::text[])";
    SetInvitations = "UPDATE invitations SET course = c, due_at = d
        FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (i, c, d) WHERE invite_id = i";
    AddPending = "INSERT INTO pending (invitee, invite_id, inviter)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
        ON CONFLICT (invitee, invite_id) DO UPDATE SET inviter = excluded.inviter";
    DropPending = "DELETE FROM pending USING unnest($1::text[], $2::text[]) AS old (u, i)
        WHERE invitee = u AND invite_id = i";
    // The row is there when the call goes on. When it began and whose it is never change.
    SetCalls = "INSERT INTO calls (call_id, created_at, is_running, group_id, record)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::text[], $5::text[])
        ON CONFLICT (call_id) DO UPDATE SET is_running = excluded.is_running, record = excluded.record";
    AddRooms = "INSERT INTO rooms (room_id, call_id) SELECT * FROM unnest($1::text[], $2::text[])";
    SetRooms = "UPDATE rooms SET call_id = c FROM unnest($1::text[], $2::text[]) AS new (r, c) WHERE room_id = r";
    ListCalls = "INSERT INTO call_lists (user_id, created_at, call_id)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) ON CONFLICT DO NOTHING";
    SetInCalls = "INSERT INTO in_calls (user_id, call_id) SELECT * FROM unnest($1::text[], $2::text[])
        ON CONFLICT (user_id) DO UPDATE SET call_id = excluded.call_id";
    DropInCalls = "DELETE FROM in_calls USING unnest($1::text[], $2::text[]) AS old (u, c)
        WHERE user_id = u AND call_id = c";
    SetCallsSeen = "INSERT INTO calls_seen (user_id, up_to) SELECT * FROM unnest($1::text[], $2::bigint[])
        ON CONFLICT (user_id) DO UPDATE SET up_to = excluded.up_to";
    AddEvents = "INSERT INTO events
            (id, time, actor, online_only, invite_id, version, body, places, conversation, seq)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::boolean[], $5::text[], $6::integer[],
            $7::text[], $8::text[], $9::uuid[], $10::bigint[])";
    AddStreams = "INSERT INTO streams (user_id, cursor, event)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[])";
    AddMessages = "INSERT INTO messages (conversation, seq, event, sender, counted, shown_last)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::boolean[], $6::boolean[])";
    Revoke = "UPDATE messages SET revoked = true FROM unnest($1::uuid[], $2::bigint[]) AS old (c, s)
        WHERE conversation = c AND seq = s";
    AddKeptReplies = "INSERT INTO kept_replies (holder, key, fingerprint, reply, kept_at, place)
        SELECT h, k, f, r, $5::bigint,
            coalesce((SELECT max(place) FROM kept_replies WHERE holder = h), 0) + row_number() OVER (PARTITION BY h ORDER BY n)
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[]) WITH ORDINALITY AS new (h, k, f, r, n)";
    AddClientMessages = "INSERT INTO client_messages (sender, client_msg_id, sent, time)
        SELECT *, $4::bigint FROM unnest($1::text[], $2::bytea[], $3::text[])";
}

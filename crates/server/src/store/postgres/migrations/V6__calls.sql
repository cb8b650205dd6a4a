-- Calls, each as one record that is written as a whole at every step. A row's lock guards the call.
CREATE TABLE calls (
    call_id text COLLATE "C" PRIMARY KEY,
    created_at bigint NOT NULL,
    is_running boolean NOT NULL,
    -- The group it belongs to; which of a group's calls are running is guarded by the group's row.
    group_id text COLLATE "C",
    record text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX running_calls_of_group ON calls (group_id) WHERE is_running AND group_id IS NOT NULL;
CREATE INDEX calls_by_age ON calls USING brin (created_at);

-- The newest call of each room, guarded by this row. Two nodes that open a room without a row meet at the key.
CREATE TABLE rooms (
    room_id text COLLATE "C" PRIMARY KEY,
    call_id text COLLATE "C" NOT NULL
);

-- Who is in which running call: nobody is in two. Guarded by the user's row in users.
CREATE TABLE in_calls (
    user_id text COLLATE "C" PRIMARY KEY,
    call_id text COLLATE "C" NOT NULL
);

-- Each user's list: everybody who was called to a call, or came into it. A name that is free again may be given to another
-- call, which has begun at another time.
CREATE TABLE call_lists (
    user_id text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    call_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, created_at, call_id)
);
CREATE INDEX call_lists_by_age ON call_lists USING brin (created_at);

-- Up to when users have looked at their missed calls; no row for those who never did. Guarded by the user's row in users.
CREATE TABLE calls_seen (
    user_id text COLLATE "C" PRIMARY KEY,
    up_to bigint NOT NULL
);

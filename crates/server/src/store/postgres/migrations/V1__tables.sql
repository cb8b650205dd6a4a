-- Names (users, groups, invitations) are their own keys, in byte order, so that rows can be spread over machines by them and locked in one order
-- everywhere. Nothing here has a sequence: identifiers are UUIDs that grow with time, made by the nodes.
--
-- What clients may fill with any characters is kept as JSON text, because text in PostgreSQL cannot hold the character U+0000.

CREATE TABLE users (
    user_id text COLLATE "C" PRIMARY KEY,
    profile text NOT NULL,
    created_at bigint NOT NULL,
    -- The newest cursor of his stream; whoever appends holds this row's lock.
    head bigint NOT NULL DEFAULT 0,
    -- Events up to here were dropped by retention.
    stream_floor bigint NOT NULL DEFAULT 0,
    -- Open invitations he has made.
    open_invitations integer NOT NULL DEFAULT 0,
    -- When the commands he has given would be over at the allowed rate, microseconds.
    paced_until bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE blocks (
    by_user text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    PRIMARY KEY (by_user, target)
);

CREATE TABLE groups (
    group_id text COLLATE "C" PRIMARY KEY,
    about text NOT NULL,
    created_at bigint NOT NULL,
    paced_until bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE members (
    group_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    role text NOT NULL,
    joined_at bigint NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX groups_of_user ON members (user_id);

-- The id, and not the name, is what messages refer to: a later group of the same name starts with an empty conversation.
CREATE TABLE conversations (
    name text COLLATE "C" PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    last_seq bigint NOT NULL
) WITH (fillfactor = 70);

-- Who has a conversation in his list, and how far he has read it.
CREATE TABLE readers (
    user_id text COLLATE "C" NOT NULL,
    conversation uuid NOT NULL,
    read_seq bigint NOT NULL,
    PRIMARY KEY (user_id, conversation)
);
CREATE INDEX readers_of_conversation ON readers (conversation);

CREATE TABLE invitations (
    invite_id text COLLATE "C" PRIMARY KEY,
    inviter text COLLATE "C" NOT NULL,
    -- One-to-one; in groups, the group.
    invitee text COLLATE "C",
    group_id text COLLATE "C",
    created_at bigint NOT NULL,
    -- When the server has to look at it by itself; only while it is open.
    due_at bigint,
    -- Without deadline: due_at is then made of created_at and the age configured at the time.
    lasting boolean NOT NULL,
    -- Which node watches that time.
    node uuid NOT NULL,
    -- What the invite said, and what has happened since.
    terms text NOT NULL,
    course text
);
CREATE INDEX open_invitations_by_time ON invitations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX open_invitations_of_inviter ON invitations (inviter) WHERE due_at IS NOT NULL;
CREATE INDEX open_invitations_of_invitee ON invitations (invitee) WHERE due_at IS NOT NULL AND invitee IS NOT NULL;
CREATE INDEX open_invitations_of_group ON invitations (group_id) WHERE due_at IS NOT NULL AND group_id IS NOT NULL;
CREATE INDEX invitations_by_age ON invitations USING brin (created_at);

-- What happened. Young events have great ids.
CREATE TABLE events (
    id uuid PRIMARY KEY,
    time bigint NOT NULL,
    actor text COLLATE "C",
    online_only boolean NOT NULL,
    invite_id text COLLATE "C",
    version integer,
    -- The shared part of its params, from `type` on.
    body text NOT NULL,
    -- Its places in streams, as [["user", cursor], …], for retention.
    places text NOT NULL,
    conversation uuid,
    seq bigint
);
CREATE INDEX brief_events ON events (id) WHERE online_only;

CREATE TABLE streams (
    user_id text COLLATE "C" NOT NULL,
    cursor bigint NOT NULL,
    event uuid NOT NULL,
    PRIMARY KEY (user_id, cursor)
);

CREATE TABLE messages (
    conversation uuid NOT NULL,
    seq bigint NOT NULL,
    event uuid NOT NULL,
    sender text COLLATE "C" NOT NULL,
    counted boolean NOT NULL,
    shown_last boolean NOT NULL,
    revoked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (conversation, seq)
);

-- Used-up idempotency keys of senders, and what they were answered.
CREATE TABLE client_messages (
    sender text COLLATE "C" NOT NULL,
    client_msg_id bytea NOT NULL,
    time bigint NOT NULL,
    sent text NOT NULL,
    PRIMARY KEY (sender, client_msg_id)
);
CREATE INDEX client_messages_by_time ON client_messages USING brin (time);

-- How far each kind of retention has come.
CREATE TABLE marks (
    name text PRIMARY KEY,
    event uuid NOT NULL
);

CREATE TABLE nodes (
    node uuid PRIMARY KEY,
    series text NOT NULL,
    app text NOT NULL,
    has_bus boolean NOT NULL,
    beat_at timestamptz NOT NULL
);

CREATE TABLE leases (
    name text PRIMARY KEY,
    node uuid NOT NULL,
    until timestamptz NOT NULL
);

-- Which session has a device's seat. Need not outlive a crash: nodes give seats back to the sessions they have.
CREATE UNLOGGED TABLE seats (
    user_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    platform smallint NOT NULL,
    node uuid NOT NULL,
    session bigint NOT NULL,
    connected_at bigint NOT NULL,
    PRIMARY KEY (user_id, device_id)
);
CREATE INDEX seats_of_node ON seats (node);

-- How devices are woken while they are away (docs/decisions/0018-push.md). A token belongs to one device: its digest, because tokens
-- are too long for an index.
CREATE TABLE push_tokens (
    user_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    platform smallint NOT NULL,
    token text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    -- When the token was made with which the device had signed in, ms since the epoch: it may be revoked.
    signed_at bigint NOT NULL,
    registered_at bigint NOT NULL,
    PRIMARY KEY (user_id, device_id)
);
-- How far devices are with rings that are open, or were until lately.
CREATE TABLE rings (
    invite_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    state text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (invite_id, user_id, device_id)
);
CREATE INDEX rings_by_time ON rings (at);

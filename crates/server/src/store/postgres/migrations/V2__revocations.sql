-- Users whose tokens were taken back. Every node reads what was added lately twice a second.
CREATE TABLE revocations (
    user_id text COLLATE "C" PRIMARY KEY,
    -- Tokens made before this do not count, ms since the epoch.
    before_ms bigint NOT NULL,
    revoked_at timestamptz NOT NULL
);
CREATE INDEX revocations_by_time ON revocations (revoked_at);

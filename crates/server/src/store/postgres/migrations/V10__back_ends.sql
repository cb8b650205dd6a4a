-- Keys of back ends: their names, what they may do, and the SHA-256 of each. Nobody can find a key from it.
CREATE TABLE api_keys (
    name text COLLATE "C" PRIMARY KEY,
    scopes text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

-- Replies to requests of back ends, by their idempotency keys. kept_at is server time in ms. place counts those of a holder, so that
-- how many there are is known without counting them; nodes that write at once may use a place twice.
CREATE TABLE kept_replies (
    holder text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    kept_at bigint NOT NULL,
    reply text NOT NULL,
    place bigint NOT NULL,
    PRIMARY KEY (holder, key)
);
CREATE INDEX kept_replies_by_time ON kept_replies (kept_at);
CREATE INDEX kept_replies_by_place ON kept_replies (holder, place);

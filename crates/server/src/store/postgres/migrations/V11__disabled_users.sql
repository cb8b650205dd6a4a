-- Since when users may not sign in, server time in ms; NULL for those who may. Nodes look for those who were disabled lately.
ALTER TABLE users ADD COLUMN disabled_since bigint;
CREATE INDEX disabled_users ON users (disabled_since) WHERE disabled_since IS NOT NULL;

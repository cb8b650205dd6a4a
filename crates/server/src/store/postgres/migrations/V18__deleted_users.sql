-- When users were deleted, server time in ms; NULL for all others. Their rows stay, empty, because the journal and others' histories name them.
-- What has a user in the second place of its key, and is erased with them, is found by an index.
ALTER TABLE users ADD COLUMN deleted_at bigint;
CREATE INDEX departures_of_user ON departures (user_id);
CREATE INDEX rings_of_user ON rings (user_id);

-- What users say of themselves while they are online; empty for nearly all. The index finds those who may be gone.
ALTER TABLE users ADD COLUMN status text NOT NULL DEFAULT '';
CREATE INDEX users_with_status ON users (user_id) WHERE status <> '';

-- When each step was of a ring at a device, server time in ms, for inviters who want to know.
ALTER TABLE rings
    ADD COLUMN sent_at bigint,
    ADD COLUMN heard_at bigint,
    ADD COLUMN ringing_at bigint,
    ADD COLUMN pushed_at bigint;

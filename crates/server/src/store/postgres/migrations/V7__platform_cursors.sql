-- How far users were told on each platform, for clients that have no cursor. A place never goes back.
CREATE TABLE platform_cursors (
    user_id text COLLATE "C" NOT NULL,
    platform smallint NOT NULL,
    cursor bigint NOT NULL,
    PRIMARY KEY (user_id, platform)
) WITH (fillfactor = 70);

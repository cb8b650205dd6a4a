-- Who has left a group by their own wish: others cannot put them back. Guarded by the group's row.
CREATE TABLE departures (
    group_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, user_id)
);

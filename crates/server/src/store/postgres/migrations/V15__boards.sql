-- What members of groups have written on their boards, as JSON; no row for a group that nobody wrote to. Guarded by the group's row.
CREATE TABLE boards (
    group_id text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

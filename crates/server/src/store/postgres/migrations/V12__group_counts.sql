-- What reads ask of a group without its members, and the order of open invitations.
--
-- groups.member_count is how many rows of members a group has. The triggers below keep it, and not the nodes: while an upgrade goes on, nodes of
-- the version before write beside newer ones. Whoever changes the members of a group holds the lock of its row.

-- Writers lock rows of users before they read or write the others, so this waits for those that are under way, and nobody in a circle.
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;
LOCK TABLE groups, members IN ACCESS EXCLUSIVE MODE;
ALTER TABLE groups ADD COLUMN member_count bigint NOT NULL DEFAULT 0;
UPDATE groups SET member_count = counted.members
FROM (SELECT group_id, count(*) AS members FROM members GROUP BY group_id) AS counted
WHERE groups.group_id = counted.group_id;

CREATE FUNCTION members_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE groups SET member_count = member_count + moved.members
        FROM (SELECT group_id, count(*) AS members FROM came GROUP BY group_id) AS moved
        WHERE groups.group_id = moved.group_id;
    ELSE
        UPDATE groups SET member_count = member_count - moved.members
        FROM (SELECT group_id, count(*) AS members FROM gone GROUP BY group_id) AS moved
        WHERE groups.group_id = moved.group_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER members_came AFTER INSERT ON members REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION members_counted();
CREATE TRIGGER members_gone AFTER DELETE ON members REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION members_counted();

CREATE INDEX owners ON members (group_id, user_id) WHERE role = 'owner';

-- A page of a user's open invitations is read in the order of these, from where the page begins. In groups there is none for each
-- member: of each of the user's groups a page of names is read.
CREATE INDEX open_of_inviter ON invitations (inviter, group_id, created_at, invite_id) WHERE due_at IS NOT NULL;
CREATE INDEX open_of_invitee ON invitations (invitee, created_at, invite_id) WHERE due_at IS NOT NULL AND invitee IS NOT NULL;
CREATE INDEX open_of_group ON invitations (group_id, created_at, invite_id) WHERE due_at IS NOT NULL AND group_id IS NOT NULL;
DROP INDEX open_invitations_of_inviter, open_invitations_of_invitee, open_invitations_of_group;

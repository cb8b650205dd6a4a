-- Who may ring and add users, and whom they know. Of the time before, those who have written count, and all groups. A rejection is no writing.
ALTER TABLE users ADD COLUMN reach_ring text NOT NULL DEFAULT 'everybody';
ALTER TABLE users ADD COLUMN reach_add text NOT NULL DEFAULT 'everybody';
-- One-to-one: 1 when the first of the two in the name has written to the other, 2 when the second has, 3 for both. Guarded by the row itself.
ALTER TABLE conversations ADD COLUMN writers smallint NOT NULL DEFAULT 0;
-- Whether the other members count as users whom the member knows. Guarded by the group's row.
ALTER TABLE members ADD COLUMN familiar boolean NOT NULL DEFAULT true;
CREATE INDEX familiar_groups ON members (user_id, joined_at) WHERE familiar;

UPDATE conversations SET writers = (SELECT coalesce(sum(side), 0) FROM (
    SELECT DISTINCT CASE WHEN starts_with(substr(conversations.name, 5), sender || ' ') THEN 1 ELSE 2 END AS side
    FROM messages JOIN events ON events.id = messages.event
    WHERE messages.conversation = conversations.id AND NOT starts_with(body, '"type":"invitation.rejected"')) AS sides)
WHERE starts_with(name, 'c2c:');

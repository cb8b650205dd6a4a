-- Lists of conversations (docs/decisions/0014). For the two users of a one-to-one conversation, `newest` is the event of the newest row of
-- messages, the nil UUID without one, and `unread` is how many rows of messages are unread for them; users.unread is the sum. Of groups, whose every
-- message would move a row for each member, nothing is kept: `newest` is null.
--
-- The triggers below keep these numbers, and not the nodes: while an upgrade goes on, nodes of the version before write beside newer ones.
-- Whoever writes a conversation's messages and read marks holds the locks of its row and of its users' rows in users.

-- Writers lock rows of users before they read or write the others, so this waits for those that are under way, and nobody in a circle.
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;
LOCK TABLE readers, messages IN ACCESS EXCLUSIVE MODE;
ALTER TABLE users ADD COLUMN unread bigint NOT NULL DEFAULT 0;
ALTER TABLE readers ADD COLUMN newest uuid, ADD COLUMN unread bigint NOT NULL DEFAULT 0;

UPDATE readers SET
    newest = coalesce((SELECT event FROM messages WHERE messages.conversation = readers.conversation ORDER BY seq DESC LIMIT 1),
        '00000000-0000-0000-0000-000000000000'),
    unread = (SELECT count(*) FROM messages
        WHERE messages.conversation = readers.conversation AND seq > read_seq AND sender <> user_id AND counted)
FROM conversations WHERE conversations.id = readers.conversation AND starts_with(name, 'c2c:');
UPDATE users SET unread = summed.unread
FROM (SELECT user_id, sum(readers.unread) AS unread FROM readers WHERE readers.unread > 0 GROUP BY user_id) AS summed
WHERE users.user_id = summed.user_id;
CREATE INDEX lists ON readers (user_id, newest, conversation);

-- A read mark comes or moves. What is unread behind it is counted on its shorter side: each message is then counted at most once for each user,
-- however slowly they read.
CREATE FUNCTION lists_read() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- An upsert comes here first, also when it goes on to be an update.
        IF EXISTS (SELECT FROM readers WHERE user_id = NEW.user_id AND conversation = NEW.conversation) THEN
            RETURN NEW;
        END IF;
        SELECT last_seq INTO last FROM conversations WHERE id = NEW.conversation AND starts_with(name, 'c2c:');
        IF NOT FOUND THEN
            RETURN NEW;
        END IF;
        SELECT event INTO NEW.newest FROM messages WHERE conversation = NEW.conversation ORDER BY seq DESC LIMIT 1;
        NEW.newest := coalesce(NEW.newest, '00000000-0000-0000-0000-000000000000');
        NEW.unread := (SELECT count(*) FROM messages
            WHERE conversation = NEW.conversation AND seq > NEW.read_seq AND sender <> NEW.user_id AND counted);
        RETURN NEW;
    END IF;
    IF OLD.newest IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT last_seq INTO last FROM conversations WHERE id = NEW.conversation;
    IF NEW.read_seq >= last THEN
        NEW.unread := 0;
    ELSIF NEW.read_seq >= OLD.read_seq AND NEW.read_seq - OLD.read_seq <= last - NEW.read_seq THEN
        NEW.unread := OLD.unread - (SELECT count(*) FROM messages WHERE conversation = NEW.conversation
            AND seq > OLD.read_seq AND seq <= NEW.read_seq AND sender <> NEW.user_id AND counted);
    ELSE
        NEW.unread := (SELECT count(*) FROM messages
            WHERE conversation = NEW.conversation AND seq > NEW.read_seq AND sender <> NEW.user_id AND counted);
    END IF;
    RETURN NEW;
END $$;

-- Messages come.
CREATE FUNCTION lists_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Each message of the batch is looked at once for each of the two users, and those of groups never reach their members' rows.
    WITH said AS MATERIALIZED (
        SELECT added.* FROM added JOIN conversations ON conversations.id = added.conversation
        WHERE starts_with(conversations.name, 'c2c:')),
    moved AS MATERIALIZED (
        SELECT readers.user_id, readers.conversation, (array_agg(said.event ORDER BY said.seq DESC))[1] AS newest,
            count(*) FILTER (WHERE said.seq > read_seq AND said.sender <> user_id AND said.counted) AS unread
        FROM said JOIN readers ON readers.conversation = said.conversation GROUP BY readers.user_id, readers.conversation)
    UPDATE readers SET newest = moved.newest, unread = readers.unread + moved.unread
    FROM moved WHERE readers.user_id = moved.user_id AND readers.conversation = moved.conversation;
    RETURN NULL;
END $$;

-- Retention drops messages. Nodes of the version before do it without the locks, and the update below would then count what a writer has changed
-- while it waited; each statement here sees what was committed before it.
CREATE FUNCTION lists_dropped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM users WHERE user_id IN (SELECT user_id FROM readers
        WHERE conversation IN (SELECT conversation FROM dropped) AND newest IS NOT NULL) ORDER BY user_id FOR UPDATE;
    PERFORM FROM conversations WHERE id IN (SELECT conversation FROM dropped) AND starts_with(name, 'c2c:') ORDER BY name FOR UPDATE;
    WITH gone AS MATERIALIZED (
        SELECT dropped.* FROM dropped JOIN conversations ON conversations.id = dropped.conversation
        WHERE starts_with(conversations.name, 'c2c:')),
    moved AS MATERIALIZED (
        SELECT readers.user_id, readers.conversation,
            count(*) FILTER (WHERE gone.seq > read_seq AND gone.sender <> user_id AND gone.counted) AS unread
        FROM gone JOIN readers ON readers.conversation = gone.conversation GROUP BY readers.user_id, readers.conversation)
    UPDATE readers SET unread = readers.unread - moved.unread,
        newest = coalesce((SELECT event FROM messages WHERE messages.conversation = readers.conversation ORDER BY seq DESC LIMIT 1),
            '00000000-0000-0000-0000-000000000000')
    FROM moved WHERE readers.user_id = moved.user_id AND readers.conversation = moved.conversation;
    RETURN NULL;
END $$;

-- The sums follow from the rows of readers, whatever has moved those.
CREATE FUNCTION lists_summed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE users SET unread = users.unread + moved.unread
        FROM (SELECT user_id, sum(unread) AS unread FROM now_listed WHERE unread > 0 GROUP BY user_id) AS moved
        WHERE users.user_id = moved.user_id;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE users SET unread = users.unread - moved.unread
        FROM (SELECT user_id, sum(unread) AS unread FROM was_listed WHERE unread > 0 GROUP BY user_id) AS moved
        WHERE users.user_id = moved.user_id;
    ELSE
        UPDATE users SET unread = users.unread + moved.unread
        FROM (SELECT user_id, sum(unread) AS unread
            FROM (SELECT user_id, unread FROM now_listed UNION ALL SELECT user_id, -unread FROM was_listed) AS both_sides
            GROUP BY user_id HAVING sum(unread) <> 0) AS moved
        WHERE users.user_id = moved.user_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER lists_read BEFORE INSERT OR UPDATE OF read_seq ON readers FOR EACH ROW EXECUTE FUNCTION lists_read();
CREATE TRIGGER lists_said AFTER INSERT ON messages REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION lists_said();
CREATE TRIGGER lists_dropped AFTER DELETE ON messages REFERENCING OLD TABLE AS dropped
    FOR EACH STATEMENT EXECUTE FUNCTION lists_dropped();
CREATE TRIGGER lists_summed_in AFTER INSERT ON readers REFERENCING NEW TABLE AS now_listed
    FOR EACH STATEMENT EXECUTE FUNCTION lists_summed();
CREATE TRIGGER lists_summed_out AFTER DELETE ON readers REFERENCING OLD TABLE AS was_listed
    FOR EACH STATEMENT EXECUTE FUNCTION lists_summed();
CREATE TRIGGER lists_summed AFTER UPDATE ON readers REFERENCING OLD TABLE AS was_listed NEW TABLE AS now_listed
    FOR EACH STATEMENT EXECUTE FUNCTION lists_summed();

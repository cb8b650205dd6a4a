-- What users say of their lists of conversations (docs/decisions/0014): up to which seq they have deleted one, and which they have pinned. Of a
-- one-to-one conversation that is deleted to its end `newest` is the greatest UUID, a place that no list has: rows are behind it and not at it.
--
-- The triggers of V9 keep `newest`, so a message that a node of the version before writes brings a conversation back as well.

-- Writers lock rows of users before they read or write the others, as in V9.
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;
LOCK TABLE readers, messages IN ACCESS EXCLUSIVE MODE;
ALTER TABLE readers ADD COLUMN deleted_seq bigint, ADD COLUMN pinned boolean NOT NULL DEFAULT false;
CREATE INDEX pins ON readers (user_id) WHERE pinned;

-- A read mark comes or moves, or a conversation is deleted. What is unread behind a mark is counted on its shorter side: each message is then
-- counted at most once for each user, however slowly they read.
CREATE OR REPLACE FUNCTION lists_read() RETURNS trigger LANGUAGE plpgsql AS $$
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
        IF NEW.deleted_seq >= last THEN
            NEW.newest := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.newest IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT last_seq INTO last FROM conversations WHERE id = NEW.conversation;
    -- Only what was said until now is deleted. What this transaction says later brings the conversation back by lists_said.
    IF NEW.deleted_seq IS DISTINCT FROM OLD.deleted_seq THEN
        NEW.newest := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    END IF;
    IF NEW.read_seq = OLD.read_seq THEN
        RETURN NEW;
    ELSIF NEW.read_seq >= last THEN
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
DROP TRIGGER lists_read ON readers;
CREATE TRIGGER lists_read BEFORE INSERT OR UPDATE OF read_seq, deleted_seq ON readers FOR EACH ROW EXECUTE FUNCTION lists_read();

-- Messages come.
CREATE OR REPLACE FUNCTION lists_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Each message of the batch is looked at once for each of the two users, and those of groups never reach their members' rows.
    WITH said AS MATERIALIZED (
        SELECT added.* FROM added JOIN conversations ON conversations.id = added.conversation
        WHERE starts_with(conversations.name, 'c2c:')),
    moved AS MATERIALIZED (
        SELECT readers.user_id, readers.conversation, (array_agg(said.event ORDER BY said.seq DESC))[1] AS newest, max(said.seq) AS seq,
            count(*) FILTER (WHERE said.seq > read_seq AND said.sender <> user_id AND said.counted) AS unread
        FROM said JOIN readers ON readers.conversation = said.conversation GROUP BY readers.user_id, readers.conversation)
    UPDATE readers SET unread = readers.unread + moved.unread,
        newest = CASE WHEN moved.seq > coalesce(deleted_seq, 0) THEN moved.newest ELSE readers.newest END
    FROM moved WHERE readers.user_id = moved.user_id AND readers.conversation = moved.conversation;
    RETURN NULL;
END $$;

-- Retention drops messages. Nodes of the version before do it without the locks, and the update below would then count what a writer has changed
-- while it waited; each statement here sees what was committed before it.
CREATE OR REPLACE FUNCTION lists_dropped() RETURNS trigger LANGUAGE plpgsql AS $$
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
        newest = CASE readers.newest WHEN 'ffffffff-ffff-ffff-ffff-ffffffffffff' THEN readers.newest
            ELSE coalesce((SELECT event FROM messages WHERE messages.conversation = readers.conversation ORDER BY seq DESC LIMIT 1),
                '00000000-0000-0000-0000-000000000000') END
    FROM moved WHERE readers.user_id = moved.user_id AND readers.conversation = moved.conversation;
    RETURN NULL;
END $$;

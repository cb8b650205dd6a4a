//! Pages of a user's list of conversations (docs/decisions/0014).
//!
//! A page is taken from two lists, both in the order of their newest messages: the user's one-to-one conversations, which an index
//! of `readers` orders, and what every page looks at, which is all of their groups and the few conversations that they have pinned. What was
//! deleted to its end stands in none of them.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;
use wigwag_engine::ConversationId;
use wigwag_protocol::UserId;
use wigwag_protocol::message::Message;

use super::connection::{Param, int, nat, spoilt};
use super::read::{PAGE, ReadResult, Reader, message, one_more};
use crate::store::{
    ConversationPage, ConversationPlace, ConversationRow, LOOKED_BACK, PageRange, ShownConversations,
};

/// A place in a user's list: the newest message's event, nil without one, and the conversation. A list goes from the greatest
/// place down.
type Place = (Uuid, Uuid);

/// Before the first place of a list, and behind what is hidden: that has the greatest UUID in `newest`.
const FRONT: Place = (Uuid::max(), Uuid::nil());

/// A place in the whole list: the pinned part stands in front.
type WholePlace = (bool, Place);

/// The one-to-one conversations behind a place: of the user's rows it reads those of the page alone.
pub(crate) const ONE_TO_ONE: &str =
    "SELECT name, conversations.id, read_seq, last_seq, newest, unread, deleted_seq, pinned
     FROM (SELECT conversation, read_seq, newest, unread, deleted_seq, pinned FROM readers
        WHERE user_id = $1 AND newest IS NOT NULL AND (newest, conversation) < ($2, $3) AND NOT pinned
        ORDER BY newest DESC, conversation DESC LIMIT $4) AS page
     JOIN conversations ON conversations.id = page.conversation
     ORDER BY newest DESC, conversations.id DESC";

/// The few one-to-one conversations that the user has pinned. What is deleted is not pinned.
const PINNED: &str = "SELECT name, conversations.id, read_seq, last_seq, newest, unread, deleted_seq, pinned
    FROM readers JOIN conversations ON conversations.id = readers.conversation
    WHERE user_id = $1 AND pinned AND newest IS NOT NULL";

/// All groups in the list: nothing is kept of their lists, so each is looked at.
const GROUPS: &str = "SELECT name, conversations.id, read_seq, last_seq, latest.event,
        (SELECT count(*) FROM messages WHERE conversation = conversations.id
            AND seq > greatest(read_seq, last_seq - $2) AND sender <> $1 AND counted), deleted_seq, pinned
    FROM readers JOIN conversations ON conversations.id = readers.conversation
    LEFT JOIN LATERAL (SELECT event FROM messages WHERE conversation = conversations.id
        ORDER BY seq DESC LIMIT 1) AS latest ON true
    WHERE user_id = $1 AND newest IS NULL AND (deleted_seq IS NULL OR deleted_seq < last_seq)";

/// One of them, of either kind; where it stands in the list is not asked.
const ONE: &str =
    "SELECT name, conversations.id, read_seq, last_seq, newest, CASE WHEN newest IS NOT NULL THEN unread
        ELSE (SELECT count(*) FROM messages WHERE conversation = conversations.id
            AND seq > greatest(read_seq, last_seq - $2) AND sender <> $1 AND counted) END, deleted_seq, pinned
    FROM conversations JOIN readers ON readers.conversation = conversations.id AND user_id = $1
    WHERE name = $3 AND (deleted_seq IS NULL OR deleted_seq < last_seq)";

const DELETED: &str = "SELECT deleted_seq FROM conversations
    JOIN readers ON readers.conversation = conversations.id AND user_id = $1 WHERE name = $2";

/// A conversation in a user's list. Its name is parsed only when it is shown: one whose name cannot be read has its place in the
/// list all the same, and the page goes on behind it.
#[derive(Clone)]
struct Listed {
    name: String,
    id: Uuid,
    read_seq: u64,
    last_seq: u64,
    newest: Uuid,
    unread: u64,
    deleted_seq: u64,
    pinned: bool,
}

impl Listed {
    fn place(&self) -> WholePlace {
        (self.pinned, (self.newest, self.id))
    }

    /// Messages up to this seq are deleted, or too old to be looked at.
    fn too_old(&self) -> i64 {
        int(self.last_seq.saturating_sub(LOOKED_BACK).max(self.deleted_seq))
    }
}

impl Reader {
    pub(super) async fn conversations(
        &self,
        user: &UserId,
        page: &PageRange,
    ) -> ReadResult<ConversationPage> {
        let groups = self.listed(GROUPS, &[&user.as_str(), &int(LOOKED_BACK)]).await?;
        let total_unread =
            self.unread_one_to_one(user).await? + groups.iter().map(|group| group.unread).sum::<u64>();
        let start = match &page.after {
            Some(after) => self.place_of(user, after).await?,
            None => Some((true, FRONT)),
        };
        let Some(mut start) = start else {
            return Ok(ConversationPage { total_unread, ..ConversationPage::default() });
        };
        let looked_at = [groups, self.listed(PINNED, &[&user.as_str()]).await?].concat();
        loop {
            let behind = self.behind(user, start, &looked_at, one_more(page.limit)).await?;
            let shown = self.shown(user, behind.get(..page.limit).unwrap_or(&behind)).await?;
            let Some(skipped) = shown.goes_on_behind(&behind) else {
                return Ok(shown.page(behind.len(), total_unread));
            };
            start = skipped.place();
        }
    }

    pub(super) async fn conversation(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> ReadResult<Option<ConversationRow>> {
        let params: &[Param<'_>] = &[&user.as_str(), &int(LOOKED_BACK), &conversation.to_string()];
        let listed = self.listed(ONE, params).await?;
        Ok(self.shown(user, &listed).await?.rows.pop())
    }

    pub(super) async fn deleted_up_to(
        &self,
        user: &UserId,
        conversation: &ConversationId,
    ) -> ReadResult<u64> {
        let rows = self.rows(DELETED, &[&user.as_str(), &conversation.to_string()]).await?;
        Ok(rows.first().and_then(|row| row.get::<_, Option<i64>>(0)).map_or(0, nat))
    }

    /// The conversations behind a place, from the front on: at least so many of them, when there are so many.
    async fn behind(
        &self,
        user: &UserId,
        start: WholePlace,
        looked_at: &[Listed],
        wanted: i64,
    ) -> ReadResult<Vec<Listed>> {
        let (in_pinned_part, place) = start;
        let (newest, id) = if in_pinned_part { FRONT } else { place };
        let mut behind = self.listed(ONE_TO_ONE, &[&user.as_str(), &newest, &id, &wanted]).await?;
        behind.extend(looked_at.iter().filter(|listed| listed.place() < start).cloned());
        behind.sort_unstable_by_key(|listed| std::cmp::Reverse(listed.place()));
        Ok(behind)
    }

    async fn listed(&self, sql: &str, params: &[Param<'_>]) -> ReadResult<Vec<Listed>> {
        Ok(self.rows(sql, params).await?.iter().map(listed).collect())
    }

    /// Unread messages in all one-to-one conversations of the user.
    async fn unread_one_to_one(&self, user: &UserId) -> ReadResult<u64> {
        let rows = self.rows("SELECT unread FROM users WHERE user_id = $1", &[&user.as_str()]).await?;
        Ok(rows.first().map_or(0, |row| nat(row.get(0))))
    }

    /// Where a place that a client gives back is now; `None` when its conversation is not in the user's list. A message that
    /// retention has dropped meanwhile stands where conversations without one do: all behind it have lost theirs as well.
    async fn place_of(&self, user: &UserId, after: &ConversationPlace) -> ReadResult<Option<WholePlace>> {
        let sql = "SELECT coalesce((SELECT event FROM messages WHERE conversation = conversations.id AND seq <= $3
                AND ($4 OR seq = $3) ORDER BY seq DESC LIMIT 1), $5), conversations.id
            FROM conversations JOIN readers ON conversation = conversations.id WHERE name = $2 AND user_id = $1";
        let (name, seq) = (after.conversation.to_string(), after.last_seq.map_or(i64::MAX, int));
        let is_newest = after.last_seq.is_none();
        let rows = self.rows(sql, &[&user.as_str(), &name, &seq, &is_newest, &Uuid::nil()]).await?;
        Ok(rows.first().map(|row| (after.pinned, (row.get(0), row.get(1)))))
    }

    async fn shown(&self, user: &UserId, listed: &[Listed]) -> ReadResult<ShownConversations> {
        let ids: Vec<Uuid> = listed.iter().map(|listed| listed.id).collect();
        let too_old: Vec<i64> = listed.iter().map(Listed::too_old).collect();
        let last = "SELECT time, body, counted, shown_last, revoked, id, place, before < $2 FROM (
                SELECT time, body, counted, shown_last, revoked, wanted.id, place,
                    sum(octet_length(body)) OVER (ORDER BY place) - octet_length(body) AS before
                FROM unnest($1::uuid[], $3::bigint[]) WITH ORDINALITY AS wanted (id, too_old, place)
                JOIN LATERAL (SELECT * FROM messages WHERE conversation = wanted.id AND seq > too_old
                    AND shown_last ORDER BY seq DESC LIMIT 1) AS newest ON true
                JOIN events ON events.id = newest.event) AS summed
            ORDER BY place";
        let mut last_messages: HashMap<Uuid, Message> = HashMap::new();
        let mut listed = listed;
        for row in self.rows(last, &[&ids, &PAGE, &too_old]).await? {
            if !row.get::<_, bool>(7) {
                // The page is full: it ends before this conversation. Places begin with 1.
                let before = usize::try_from(nat(row.get(6))).unwrap_or(1) - 1;
                listed = listed.get(..before).unwrap_or(listed);
                break;
            }
            let id: Uuid = row.get(5);
            let last = self.readable("a message", &id, message(&row)).flatten();
            last_messages.extend(last.map(|message| (id, message)));
        }
        let looked_at = listed.len();
        let named: Vec<(&Listed, ConversationId)> = listed
            .iter()
            .filter_map(|listed| {
                Some((listed, self.readable("a conversation", &listed.name, conversation(&listed.name))?))
            })
            .collect();
        let read = "SELECT conversation, user_id, read_seq FROM readers WHERE conversation = ANY($1::uuid[])
            AND user_id = ANY($2::text[])";
        let peers: Vec<&str> = named
            .iter()
            .filter_map(|(_, conversation)| conversation.other(user).map(UserId::as_str))
            .collect();
        let mut peers_read: HashMap<(Uuid, String), u64> = HashMap::new();
        for row in self.rows(read, &[&ids, &peers]).await? {
            peers_read.insert((row.get(0), row.get(1)), nat(row.get(2)));
        }
        let row = |(listed, conversation): (&Listed, ConversationId)| {
            let peer = conversation.other(user);
            let read = |peer: &UserId| peers_read.get(&(listed.id, peer.to_string())).copied().unwrap_or(0);
            ConversationRow {
                last_message: last_messages.remove(&listed.id),
                peer_read_seq: peer.map(read),
                conversation,
                last_seq: listed.last_seq,
                read_seq: listed.read_seq,
                unread: listed.unread,
                pinned: listed.pinned,
            }
        };
        Ok(ShownConversations { rows: named.into_iter().map(row).collect(), looked_at })
    }
}

/// `name, id, read_seq, last_seq, newest event, unread, deleted_seq, pinned`
fn listed(row: &Row) -> Listed {
    Listed {
        name: row.get(0),
        id: row.get(1),
        read_seq: nat(row.get(2)),
        last_seq: nat(row.get(3)),
        newest: row.get::<_, Option<Uuid>>(4).unwrap_or_default(),
        unread: nat(row.get(5)),
        deleted_seq: row.get::<_, Option<i64>>(6).map_or(0, nat),
        pinned: row.get(7),
    }
}

fn conversation(name: &str) -> ReadResult<ConversationId> {
    ConversationId::parse(name).ok_or_else(|| spoilt(&name))
}

#[cfg(test)]
mod tests {
    use super::super::plans::{migrated, most_rows, plan};
    use super::*;

    /// Of 5,000 conversations, in the middle of a list.
    #[tokio::test]
    async fn a_page_reads_the_rows_of_a_page() {
        let server = migrated().await;
        let id = |column: &str| format!("lpad(to_hex({column}), 32, '0')::uuid");
        let fill = format!(
            "INSERT INTO users (user_id, profile, created_at)
                SELECT unnest(ARRAY['alice'] || array_agg('user' || n)), '', 1 FROM generate_series(1, 5000) AS n;
             INSERT INTO conversations (name, id, last_seq)
                SELECT 'c2c:alice user' || n, {0}, 1 FROM generate_series(1, 5000) AS n;
             INSERT INTO readers (user_id, conversation, read_seq) SELECT 'alice', id, 0 FROM conversations;
             INSERT INTO messages (conversation, seq, event, sender, counted, shown_last)
                SELECT id, 1, id, 'someone', true, true FROM conversations;
             ANALYZE",
            id("n")
        );
        server.sql("postgres", &fill);
        assert_eq!(server.sql("postgres", "SELECT unread FROM users WHERE user_id = 'alice'").trim(), "5000");
        let values = format!("'alice', {0}, {0}, 21", id("2500"));
        let plan = plan(&server, ONE_TO_ONE, "text, uuid, uuid, bigint", &values);
        assert!(plan.contains("using lists on readers") && !plan.contains("Removed by"), "{plan}");
        assert_eq!(most_rows(plan.lines()), 21, "{plan}");
    }

    /// Of 5,000 that are unread the first two are read.
    #[tokio::test]
    async fn a_read_mark_looks_at_what_it_reads_and_at_no_more() {
        let server = migrated().await;
        let fill = "INSERT INTO users (user_id, profile, created_at) VALUES ('alice', '', 1), ('bob', '', 1);
             INSERT INTO conversations (name, id, last_seq) VALUES ('c2c:alice bob', gen_random_uuid(), 5000);
             INSERT INTO readers (user_id, conversation, read_seq) SELECT 'alice', id, 0 FROM conversations;
             INSERT INTO messages (conversation, seq, event, sender, counted, shown_last)
                SELECT id, n, gen_random_uuid(), 'bob', true, true FROM conversations, generate_series(1, 5000) AS n;
             ANALYZE";
        server.sql("postgres", fill);
        let read =
            "INSERT INTO readers (user_id, conversation, read_seq) SELECT 'alice', id, 2 FROM conversations
                ON CONFLICT (user_id, conversation) DO UPDATE SET read_seq = excluded.read_seq;
             SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'messages'";
        let looked_at = server.sql("postgres", read);
        let looked_at: u64 = looked_at.lines().last().unwrap().parse().unwrap();
        assert!(looked_at < 10, "{looked_at} messages");
        assert_eq!(server.sql("postgres", "SELECT unread FROM users WHERE user_id = 'alice'").trim(), "4998");
    }
}

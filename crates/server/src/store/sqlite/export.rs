//! Reading everything for a move to another store ([`crate::store::moving`]).
//!
//! Streams and histories are read from the journal (`places` of `events`), which has all of them; `streams` and `messages`
//! are indexes of it and may lag behind.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rusqlite::{Connection, Row};
use wigwag_engine::ledger::Reader;
use wigwag_protocol::UserId;
use wigwag_protocol::group::Profile;

use super::held_file::HeldFile;
use super::open::{OpenError, connect, migrate_held, recover};
use super::places::Places;
use super::tail::{COUNTED, SHOWN_LAST};
use super::{SharedMemory, query, webhooks};
use crate::store::moving::rows::{
    BATCH_BYTES, BlockRow, BoardRow, CallRow, CallsSeenRow, ClientMessageRow, ConversationNumber,
    ConversationRow, DepartureRow, EventNumber, EventRow, GroupRow, InvitationRow, KeptReplyRow, MarkKind,
    MarkRow, MemberRow, MessageRow, PlaceRow, PlatformCursorRow, PushTokenRow, ReaderRow, RingRow, RoomRow,
    Rows, UserRow, WebhookRow,
};
use crate::store::moving::{Batches, Progress};
use crate::store::{Served, StoreError, bad_record, record, words};
use crate::telemetry::Metrics;

/// Names of users that are remembered between events, some tens of megabytes; then they are looked up anew.
const NAMES: usize = 200_000;
/// Bytes that a row takes besides its texts, and the bytes that a packed place takes at most for each of its own.
const ROW_BYTES: usize = 128;
const UNPACKED: usize = 32;

type Read<T> = Result<T, StoreError>;

/// A database that is read from its beginning to its end.
pub(in crate::store) struct Export {
    connection: Connection,
    shared: SharedMemory,
    /// After the connection, which ends before it.
    _file: HeldFile,
}

impl Export {
    /// Opens the database and brings it to this program's schema, as a server's start would.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        let file = HeldFile::hold(path)?;
        migrate_held(path)?;
        Self::of(connect(path)?, file).map_err(|error| OpenError::of_store(path, error))
    }

    fn of(connection: Connection, file: HeldFile) -> Read<Self> {
        // One transaction, so that everything is read as it is at this moment.
        connection.execute_batch("BEGIN")?;
        // What it leaves out, `invitations` finds again and refuses.
        let shared = recover(&connection, &Metrics::new())?;
        Ok(Self { connection, shared, _file: file })
    }

    /// The kinds of rows, in the order in which they are read, with their counts.
    pub(in crate::store) fn totals(&self) -> Read<Vec<Progress>> {
        let tables = [
            ("users", "users"),
            ("blocks", "blocks"),
            ("groups", "groups"),
            ("members", "members"),
            ("boards", "boards"),
            ("departures", "departures"),
            ("conversations", "conversations"),
            ("read marks", "readers"),
            ("invitations", "invitations"),
            ("calls", "calls"),
            ("rooms", "(SELECT DISTINCT room_id FROM calls)"),
            ("marks of seen calls", "calls_seen"),
            ("cursors of platforms", "platform_cursors"),
            ("events", "events"),
            ("idempotency records", "client_messages"),
            ("kept replies", "kept_replies"),
            ("webhooks", "webhooks"),
            ("push tokens", "push_tokens"),
            ("rings", "rings"),
        ];
        let total = |(kind, table)| {
            let sql = format!("SELECT count(*) FROM {table}");
            let of = self.connection.query_row(&sql, [], |row| row.get(0))?;
            Ok(Progress { kind, moved: 0, of })
        };
        tables.into_iter().map(total).collect()
    }

    /// Hands all rows over, and waits while the other side is slower.
    pub(in crate::store) fn read_all(&self, batches: &Batches) -> Read<()> {
        self.users(batches)?;
        self.groups(batches)?;
        self.conversations(batches)?;
        self.invitations(batches)?;
        self.calls(batches)?;
        self.platforms(batches)?;
        self.events(batches)?;
        self.client_messages(batches)?;
        self.kept_replies(batches)?;
        self.pushes(batches)
    }

    fn users(&self, batches: &Batches) -> Read<()> {
        let users = "SELECT id, user_id, nickname, face_url, ext, created_at, reach_ring, reach_add, disabled_since, deleted_at, quiet, rang, status
            FROM users ORDER BY id";
        self.each(batches, users, Rows::Users, |row| self.user(row))?;
        let blocks = "SELECT one.user_id, other.user_id FROM blocks
            JOIN users AS one ON one.id = by_user JOIN users AS other ON other.id = target";
        self.each(batches, blocks, Rows::Blocks, |row| Ok(BlockRow { by: row.get(0)?, target: row.get(1)? }))
    }

    fn user(&self, row: &Row<'_>) -> Read<UserRow> {
        let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
        let bounds = query::stream_bounds(&self.connection, id)?;
        let newest = self.shared.tails.read().streams.newest(id).unwrap_or(0);
        let user_id = UserId::parse(&name).map_err(|error| bad_record(&format!("user {name}: {error}")))?;
        Ok(UserRow {
            profile: Profile { user_id, nickname: row.get(2)?, face_url: row.get(3)?, ext: row.get(4)? },
            created_at: row.get(5)?,
            head: bounds.head.max(newest),
            floor: bounds.floor,
            open_invitations: self.shared.open.read().count(id),
            reach: words::read_reach(&row.get::<_, String>(6)?, &row.get::<_, String>(7)?),
            disabled_since: row.get(8)?,
            deleted_at: row.get(9)?,
            quiet: row.get(10)?,
            rang: row.get(11)?,
            status: row.get(12)?,
        })
    }

    fn groups(&self, batches: &Batches) -> Read<()> {
        let groups = "SELECT group_id, name, ext, join_policy, created_at FROM groups ORDER BY id";
        self.each(batches, groups, Rows::Groups, |row| {
            Ok(GroupRow {
                id: row.get(0)?,
                name: row.get(1)?,
                ext: row.get(2)?,
                join_policy: words::read_join_policy(&row.get::<_, String>(3)?),
                created_at: row.get(4)?,
            })
        })?;
        let members = "SELECT group_id, user_id, role, joined_at, familiar FROM members
            JOIN groups ON groups.id = group_row JOIN users ON users.id = user";
        self.each(batches, members, Rows::Members, |row| {
            let (group, user, role) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(MemberRow { group, user, role, joined_at: row.get(3)?, familiar: row.get(4)? })
        })?;
        let boards = "SELECT group_id, record FROM boards JOIN groups ON groups.id = group_row";
        self.each(batches, boards, Rows::Boards, |row| {
            Ok(BoardRow { group: row.get(0)?, record: row.get(1)? })
        })?;
        let departures = "SELECT group_id, user_id FROM departures
            JOIN groups ON groups.id = group_row JOIN users ON users.id = user";
        self.each(batches, departures, Rows::Departures, |row| {
            Ok(DepartureRow { group: row.get(0)?, user: row.get(1)? })
        })
    }

    fn conversations(&self, batches: &Batches) -> Read<()> {
        let conversations = "SELECT id, name FROM conversations ORDER BY id";
        self.each(batches, conversations, Rows::Conversations, |row| {
            let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
            let newest = self.shared.tails.read().messages.newest(id).unwrap_or(0);
            let last_seq = query::last_seq(&self.connection, id)?.max(newest);
            let name = (!name.starts_with(query::DISMISSED)).then_some(name);
            let writers = query::writers(&self.connection, id)?;
            Ok(ConversationRow { number: ConversationNumber(id), name, last_seq, writers })
        })?;
        let readers = "SELECT user_id, conversation, read_seq, deleted_seq, pinned FROM readers
            JOIN users ON users.id = user";
        self.each(batches, readers, Rows::Readers, |row| {
            let conversation = ConversationNumber(row.get(1)?);
            let reader = Reader { read_seq: row.get(2)?, deleted_seq: row.get(3)?, pinned: row.get(4)? };
            Ok(ReaderRow { user: row.get(0)?, conversation, reader })
        })
    }

    fn invitations(&self, batches: &Batches) -> Read<()> {
        let sql = "SELECT invite_id, terms, course FROM invitations
            LEFT JOIN courses ON invitation = id ORDER BY id";
        self.each(batches, sql, Rows::Invitations, |row| {
            let (id, terms): (String, String) = (row.get(0)?, row.get(1)?);
            let course: Option<String> = row.get(2)?;
            let invitation = record::read(&terms, course.as_deref())
                .map_err(|error| bad_record(&format!("invitation {id}: {error}")))?;
            Ok(InvitationRow { invitation, terms, course })
        })
    }

    fn calls(&self, batches: &Batches) -> Read<()> {
        let calls = "SELECT call_id, record FROM calls ORDER BY id";
        self.each(batches, calls, Rows::Calls, |row| {
            let (id, record): (String, String) = (row.get(0)?, row.get(1)?);
            let call =
                record::read_call(&record).map_err(|error| bad_record(&format!("call {id}: {error}")))?;
            Ok(CallRow { call, record })
        })?;
        let rooms =
            "SELECT room_id, call_id FROM calls WHERE id IN (SELECT max(id) FROM calls GROUP BY room_id)";
        self.each(batches, rooms, Rows::Rooms, |row| Ok(RoomRow { room: row.get(0)?, call: row.get(1)? }))?;
        let seen = "SELECT user_id, up_to FROM calls_seen JOIN users ON users.id = user";
        self.each(batches, seen, Rows::CallsSeen, |row| {
            Ok(CallsSeenRow { user: row.get(0)?, up_to: row.get(1)? })
        })
    }

    fn platforms(&self, batches: &Batches) -> Read<()> {
        let cursors = "SELECT user_id, platform, cursor FROM platform_cursors JOIN users ON users.id = user";
        self.each(batches, cursors, Rows::PlatformCursors, |row| {
            Ok(PlatformCursorRow { user: row.get(0)?, platform: row.get(1)?, cursor: row.get(2)? })
        })
    }

    fn pushes(&self, batches: &Batches) -> Read<()> {
        let tokens =
            "SELECT user_id, device_id, platform, token, digest, signed_at, registered_at FROM push_tokens";
        self.each(batches, tokens, Rows::PushTokens, |row| {
            Ok(PushTokenRow {
                user: row.get(0)?,
                device: row.get(1)?,
                platform: row.get(2)?,
                token: row.get(3)?,
                digest: row.get(4)?,
                signed_at: row.get(5)?,
                registered_at: row.get(6)?,
            })
        })?;
        let rings = "SELECT invite_id, user_id, device_id, state, at, sent_at, heard_at, ringing_at, pushed_at FROM rings";
        self.each(batches, rings, Rows::Rings, |row| {
            Ok(RingRow {
                invite: row.get(0)?,
                user: row.get(1)?,
                device: row.get(2)?,
                state: row.get(3)?,
                at: row.get(4)?,
                times: [row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?],
            })
        })
    }

    fn events(&self, batches: &Batches) -> Read<()> {
        let sql = "SELECT events.id, time, user_id, online_only, invite_id, version, body, places FROM events
            LEFT JOIN users ON users.id = actor LEFT JOIN invitations ON invitations.id = events.invitation
            ORDER BY events.id";
        let mut names = Names { connection: &self.connection, known: HashMap::new() };
        let mut marks = Marks::of(&self.connection)?;
        let mut endpoints = Endpoints::of(&self.connection)?;
        self.each(batches, sql, Rows::Events, |row| {
            let event = self.event(row, &mut names, marks.newest)?;
            marks.passed(event.number);
            endpoints.passed(event.number);
            Ok(event)
        })?;
        send(batches, Rows::Marks(marks.rows()))?;
        send(batches, Rows::Webhooks(endpoints.rows()))
    }

    fn event(&self, row: &Row<'_>, names: &mut Names<'_>, newest: u64) -> Read<EventRow> {
        let (number, time): (i64, u64) = (row.get(0)?, row.get(1)?);
        let places = Places::unpack(row.get_ref(7)?.as_blob().unwrap_or_default())
            .ok_or_else(|| bad_record(&format!("event {number} has bad places")))?;
        let mut in_streams = Vec::with_capacity(places.streams.len());
        for (user, cursor) in places.streams {
            let Named { name, floor } = names.of(user)?;
            in_streams.push(PlaceRow { user: name, cursor, dropped: cursor <= floor });
        }
        let message = places.message.map(|message| self.message(message, names)).transpose()?;
        // A body that is not text is no better read there than here, and is skipped there as it is here.
        let body = String::from_utf8_lossy(row.get_ref(6)?.as_bytes().unwrap_or_default());
        Ok(EventRow {
            number: EventNumber { time: time.max(newest), number },
            time,
            actor: row.get(2)?,
            online_only: row.get(3)?,
            invite_id: row.get(4)?,
            version: row.get(5)?,
            body: body.replace('\0', "\u{fffd}"),
            places: in_streams,
            message,
        })
    }

    fn message(
        &self,
        (conversation, seq, sender, flags): (i64, u64, i64, u8),
        names: &mut Names<'_>,
    ) -> Read<MessageRow> {
        Ok(MessageRow {
            conversation: ConversationNumber(conversation),
            seq,
            sender: names.of(sender)?.name,
            counted: flags & COUNTED != 0,
            shown_last: flags & SHOWN_LAST != 0,
            revoked: query::is_revoked(&self.connection, conversation, seq)?,
        })
    }

    fn client_messages(&self, batches: &Batches) -> Read<()> {
        let sql = "SELECT user_id, client_msg_id, time, sent FROM client_messages
            JOIN users ON users.id = sender";
        self.each(batches, sql, Rows::ClientMessages, |row| {
            Ok(ClientMessageRow {
                sender: row.get(0)?,
                client_msg_id: row.get(1)?,
                time: row.get(2)?,
                sent: row.get(3)?,
            })
        })
    }

    fn kept_replies(&self, batches: &Batches) -> Read<()> {
        let sql = "SELECT holder, key, fingerprint, kept_at, reply, place FROM kept_replies";
        self.each(batches, sql, Rows::KeptReplies, |row| {
            Ok(KeptReplyRow {
                holder: row.get(0)?,
                key: row.get(1)?,
                fingerprint: row.get(2)?,
                kept_at: row.get(3)?,
                reply: row.get(4)?,
                place: row.get(5)?,
            })
        })
    }

    /// Reads the rows of a query and hands them over in batches.
    fn each<T>(
        &self,
        batches: &Batches,
        sql: &str,
        rows_of: fn(Vec<T>) -> Rows,
        mut read: impl FnMut(&Row<'_>) -> Read<T>,
    ) -> Read<()> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            bytes += size(row)?;
            batch.push(read(row)?);
            if bytes >= BATCH_BYTES {
                send(batches, rows_of(std::mem::take(&mut batch)))?;
                bytes = 0;
            }
        }
        if batch.is_empty() { Ok(()) } else { send(batches, rows_of(batch)) }
    }
}

fn send(batches: &Batches, rows: Rows) -> Read<()> {
    batches.blocking_send(rows).map_err(|_| StoreError::Unavailable("the other store has stopped".to_owned()))
}

/// About the bytes that a row takes in memory.
fn size(row: &Row<'_>) -> rusqlite::Result<usize> {
    let mut bytes = ROW_BYTES;
    for column in 0..row.as_ref().column_count() {
        let value = row.get_ref(column)?;
        bytes += value.as_bytes_or_null().ok().flatten().map_or(0, <[u8]>::len);
        bytes += value.as_blob_or_null().ok().flatten().map_or(0, |places| places.len() * UNPACKED);
    }
    Ok(bytes)
}

/// A user's name, and the newest cursor that retention took out of their stream.
#[derive(Debug, Clone)]
struct Named {
    name: String,
    floor: u64,
}

/// The users that events refer to.
struct Names<'a> {
    connection: &'a Connection,
    known: HashMap<i64, Named>,
}

impl Names<'_> {
    fn of(&mut self, user: i64) -> Read<Named> {
        if let Some(named) = self.known.get(&user) {
            return Ok(named.clone());
        }
        if self.known.len() >= NAMES {
            self.known.clear();
        }
        let name = query::user_name(self.connection, user)?.to_string();
        let named = Named { name, floor: query::stream_bounds(self.connection, user)?.floor };
        self.known.insert(user, named.clone());
        Ok(named)
    }
}

/// Finds the events up to which retention has come. They may be gone, so each mark stands at the newest one before it.
struct Marks {
    newest: u64,
    swept: [(MarkKind, i64, Option<EventNumber>); 2],
}

impl Marks {
    fn of(connection: &Connection) -> Read<Self> {
        let mark = |name: &str| query::mark(connection, name);
        let streams = (MarkKind::Streams, mark("swept_events")?, None);
        Ok(Self { newest: 0, swept: [streams, (MarkKind::History, mark("swept_history")?, None)] })
    }

    fn passed(&mut self, event: EventNumber) {
        self.newest = event.time;
        for (_, until, last) in &mut self.swept {
            if event.number <= *until {
                *last = Some(event);
            }
        }
    }

    fn rows(self) -> Vec<MarkRow> {
        let row =
            |(kind, _, last): (MarkKind, i64, Option<EventNumber>)| last.map(|event| MarkRow { kind, event });
        self.swept.into_iter().filter_map(row).collect()
    }
}

/// Finds the events up to which endpoints of webhooks were served, as [`Marks`] does, and those that were set aside for them.
struct Endpoints {
    served: Vec<(String, Served, Option<EventNumber>)>,
    aside: BTreeMap<i64, Option<EventNumber>>,
}

impl Endpoints {
    fn of(connection: &Connection) -> Read<Self> {
        let mut statement = connection.prepare("SELECT endpoint, place, state FROM webhooks")?;
        let mut rows = statement.query([])?;
        let mut endpoints = Self { served: Vec::new(), aside: BTreeMap::new() };
        while let Some(row) = rows.next()? {
            let (endpoint, state): (String, String) = (row.get(0)?, row.get(2)?);
            let served = Served::read(webhooks::id_of(row.get(1)?), &state)
                .map_err(|error| bad_record(&format!("endpoint {endpoint} of webhooks: {error}")))?;
            endpoints.aside.extend(served.aside.iter().map(|aside| (webhooks::row_of(aside.event), None)));
            endpoints.served.push((endpoint, served, None));
        }
        Ok(endpoints)
    }

    fn passed(&mut self, event: EventNumber) {
        for (_, served, last) in &mut self.served {
            if event.number <= webhooks::row_of(served.place) {
                *last = Some(event);
            }
        }
        if let Some(aside) = self.aside.get_mut(&event.number) {
            *aside = Some(event);
        }
    }

    /// An event that retention has dropped meanwhile is sent by nobody.
    fn rows(self) -> Vec<WebhookRow> {
        let found = |served: Served| {
            let event = |event| self.aside.get(&webhooks::row_of(event)).copied().flatten();
            served.aside.into_iter().filter_map(|aside| Some((event(aside.event)?, aside))).collect()
        };
        let row = |(endpoint, served, place): (String, Served, _)| {
            let wishes = served.wishes;
            WebhookRow { endpoint, place, aside: found(served), wishes }
        };
        self.served.into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use parking_lot::Mutex;
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::*;

    /// Columns that a move has no use for, and why.
    const NOT_READ: &[(&str, &[&str], &str)] = &[
        ("streams", &["event"], "the journal says where each event stands"),
        ("messages", &["event", "sender", "counted", "shown_last"], "the journal says it"),
        ("readers", &["newest", "unread"], "the journal and the read marks say it"),
        ("users", &["unread"], "the journal and the read marks say it"),
        ("groups", &["member_count"], "the members say it"),
        ("members", &["name"], "the users say it"),
        ("invitations", &["created_at"], "the terms say it"),
        ("calls", &["created_at"], "the record says it"),
        ("call_lists", &["user", "created_at", "call"], "the records of the calls say it"),
    ];

    type Columns = BTreeSet<(String, String)>;

    fn columns(connection: &Connection) -> Columns {
        let sql = "SELECT tables.name, columns.name FROM sqlite_schema AS tables
            JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// A table or column that somebody adds has to be moved, or listed above with a reason.
    #[test]
    fn every_column_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let file = HeldFile::hold(&path).unwrap();
        migrate_held(&path).unwrap();
        let connection = connect(&path).unwrap();
        // One row of each kind that is looked at by a statement of its own.
        let rows = "INSERT INTO users (id, user_id, created_at) VALUES (1, 'alice', 1);
            INSERT INTO conversations (id, name) VALUES (1, 'group:g');
            INSERT INTO events VALUES (1, 1, 1, 0, NULL, NULL, '}', X'01010101000101');";
        connection.execute_batch(rows).unwrap();
        let read = Arc::new(Mutex::new(Columns::new()));
        let noted = Arc::clone(&read);
        let note = move |context: AuthContext<'_>| {
            if let AuthAction::Read { table_name, column_name } = context.action {
                noted.lock().insert((table_name.to_owned(), column_name.to_owned()));
            }
            Authorization::Allow
        };
        let all = columns(&connection);
        connection.authorizer(Some(note)).unwrap();
        let (batches, _waiting) = tokio::sync::mpsc::channel(100);
        let export = Export::of(connection, file).unwrap();
        export.read_all(&batches).unwrap();
        let left: Columns = all.difference(&read.lock()).cloned().collect();
        let expected = NOT_READ.iter().flat_map(|(table, columns, _)| {
            columns.iter().map(|column| ((*table).to_owned(), (*column).to_owned()))
        });
        assert_eq!(left, expected.collect(), "a move leaves these columns out");
    }
}

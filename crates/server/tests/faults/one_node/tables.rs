//! The tables as they stand, read by themselves and not through the server.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Row};
use tokio::time::sleep;
use wigwag_server::clock::Clock;

use crate::model::{Event, Tables};
use crate::record::{Call, Invitation};

/// What SQLite says of the file itself.
#[derive(Debug)]
pub(crate) struct FileState {
    /// The event up to which everything is merged.
    pub(crate) indexed: i64,
    /// `ok`, or what SQLite finds wrong with the file.
    pub(crate) integrity: String,
}

/// Everything.
pub(crate) fn read(path: &Path) -> rusqlite::Result<(Tables, FileState)> {
    let connection = open(path)?;
    let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let place = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    let tables = Tables {
        users: all(&connection, "SELECT id, user_id FROM users", pair)?,
        conversations: all(&connection, "SELECT id, name FROM conversations", pair)?,
        events: all(
            &connection,
            "SELECT id, time, online_only, invitation, version, body, places FROM events",
            event,
        )?,
        streams: all(&connection, "SELECT user, cursor, event FROM streams", place)?,
        messages: all(&connection, "SELECT conversation, seq, event FROM messages", place)?,
        invitations: all(&connection, INVITATIONS, invitation)?,
        open: all(&connection, "SELECT invitation FROM open_invitations", |row| Ok((row.get(0)?, ())))?
            .into_keys()
            .collect(),
        calls: all(&connection, "SELECT call_id, record FROM calls", call)?,
        running: all(&connection, RUNNING, |row| Ok((row.get(0)?, ())))?.into_keys().collect(),
        client_messages: all(
            &connection,
            "SELECT sender, client_msg_id, sent FROM client_messages",
            |row| Ok(((row.get(0)?, row.get(1)?), json(row, 2)?)),
        )?,
    };
    let integrity = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    Ok((tables, FileState { indexed: indexed(&connection)?, integrity }))
}

/// Waits until no invitation is open whose deadline comes within `patience`.
pub(crate) async fn deadlines_have_passed(path: &Path, patience: Duration) -> Result<(), String> {
    let until = Instant::now() + patience;
    let soon = Clock::starting_not_before(0).now_ms() + u64::try_from(patience.as_millis()).unwrap();
    loop {
        let pending = open_before(path, soon).map_err(|error| error.to_string())?;
        if pending == 0 {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(format!("{pending} invitations are open long after their deadline"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until no call is running, which must be soon when everybody is gone.
pub(crate) async fn calls_are_over(path: &Path, patience: Duration) -> Result<(), String> {
    let until = Instant::now() + patience;
    loop {
        let running = all(&open(path).map_err(|error| error.to_string())?, RUNNING, |row| {
            Ok((row.get::<_, String>(0)?, ()))
        });
        let running = running.map_err(|error| error.to_string())?;
        if running.is_empty() {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(format!("these calls run although everybody is gone: {:?}", running.keys()));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The event up to which everything is merged.
pub(crate) fn merged(path: &Path) -> rusqlite::Result<i64> {
    indexed(&open(path)?)
}

fn indexed(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT value FROM marks WHERE name = 'indexed'", [], |row| row.get(0))
}

fn open_before(path: &Path, time: u64) -> rusqlite::Result<usize> {
    let sql = format!("{INVITATIONS} WHERE id IN (SELECT invitation FROM open_invitations)");
    let open = all(&open(path)?, &sql, invitation)?;
    Ok(open.values().filter_map(Invitation::deadline).filter(|deadline| *deadline < time).count())
}

const RUNNING: &str = "SELECT call_id, call FROM running_calls JOIN calls ON calls.id = call";
const INVITATIONS: &str = "SELECT id, terms, course FROM invitations LEFT JOIN courses ON invitation = id";

fn invitation(row: &Row<'_>) -> rusqlite::Result<(i64, Invitation)> {
    let (terms, course): (String, Option<String>) = (row.get(1)?, row.get(2)?);
    let invitation = Invitation::read(&terms, course.as_deref());
    Ok((row.get(0)?, invitation.unwrap_or_else(|error| panic!("{error} in {terms} {course:?}"))))
}

fn call(row: &Row<'_>) -> rusqlite::Result<(String, Call)> {
    Ok((row.get(0)?, json(row, 1)?))
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn all<K: Ord, V>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<(K, V)>,
) -> rusqlite::Result<BTreeMap<K, V>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")))
}

fn event(row: &Row<'_>) -> rusqlite::Result<(i64, Event)> {
    let body: String = row.get(5)?;
    let places: Vec<u8> = row.get(6)?;
    let (message, streams) = unpack(&places);
    let event = Event {
        time: row.get(1)?,
        online_only: row.get(2)?,
        invitation: row.get(3)?,
        version: row.get(4)?,
        body: serde_json::from_str(&format!("{{{body}")).unwrap(),
        message,
        streams,
    };
    Ok((row.get(0)?, event))
}

/// A row and a place in it: a conversation and a seq, or a user and a cursor.
type Seat = (i64, u64);

/// `places` as the schema describes it: `1 conversation seq sender flags` or `0`, then pairs of user and cursor, all of
/// them varints.
fn unpack(bytes: &[u8]) -> (Option<Seat>, Vec<Seat>) {
    let mut numbers = Vec::new();
    let (mut number, mut shift) = (0_u64, 0);
    for byte in bytes {
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            numbers.push(number);
            (number, shift) = (0, 0);
        }
    }
    let (message, streams) = match numbers.as_slice() {
        [0, streams @ ..] => (None, streams),
        [1, conversation, seq, _sender, _flags, streams @ ..] => {
            (Some((conversation.cast_signed(), *seq)), streams)
        }
        _ => panic!("places {bytes:?} are not as the schema says"),
    };
    let pairs = streams.chunks_exact(2).map(|pair| (pair[0].cast_signed(), pair[1])).collect();
    (message, pairs)
}

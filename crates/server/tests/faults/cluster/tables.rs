//! PostgreSQL's tables as they stand, read by themselves and not through a server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;
use tokio_postgres::types::FromSql;
use tokio_postgres::{Client, Error, NoTls, Row};
use uuid::Uuid;

use crate::load::journal::now_ms;
use crate::model::{Event, Place, Tables};
use crate::record::{Call, Invitation};

/// What is kept besides, so that it need not be counted again and again.
#[derive(Debug)]
pub(crate) struct Sums {
    /// By user row: the head of their stream, and how many open invitations they have made.
    pub(crate) users: BTreeMap<i64, (u64, usize)>,
    /// By conversation row: its newest seq.
    pub(crate) last_seqs: BTreeMap<i64, u64>,
    /// Each invitee whose answer an open invitation waits for, and the invitation's row.
    pub(crate) pending: BTreeSet<(String, i64)>,
    /// By invitation row: the node that watches its deadline.
    pub(crate) nodes: BTreeMap<i64, Uuid>,
    /// Who is in which call.
    pub(crate) in_calls: BTreeMap<String, String>,
}

/// Everything.
pub(crate) async fn read(url: &str) -> Result<(Tables, Sums), Error> {
    let rows = Rows::read(&connect(url).await?).await?;
    let numbers = Numbers::of(&rows);
    Ok((rows.tables(&numbers), rows.sums(&numbers)))
}

const EVENTS: &str =
    "SELECT id, time, online_only, invite_id, version, body, places, conversation, seq FROM events";
const INVITATIONS: &str = "SELECT invite_id, terms, course, due_at, node FROM invitations";
const CALLS: &str = "SELECT call_id, record, is_running FROM calls";

/// As the database gives them.
struct Rows {
    users: Vec<Row>,
    conversations: Vec<Row>,
    events: Vec<Row>,
    streams: Vec<Row>,
    messages: Vec<Row>,
    invitations: Vec<Row>,
    sent: Vec<Row>,
    pending: Vec<Row>,
    calls: Vec<Row>,
    in_calls: Vec<Row>,
}

/// The number each name has in the model.
struct Numbers<'a> {
    users: BTreeMap<&'a str, i64>,
    conversations: BTreeMap<Uuid, i64>,
    events: BTreeMap<Uuid, i64>,
    invitations: BTreeMap<&'a str, i64>,
}

impl<'a> Numbers<'a> {
    fn of(rows: &'a Rows) -> Self {
        Self {
            users: numbered(&rows.users),
            conversations: numbered(&rows.conversations),
            events: numbered(&rows.events),
            invitations: numbered(&rows.invitations),
        }
    }

    fn user(&self, row: &Row) -> i64 {
        self.users[row.get::<_, &str>(0)]
    }

    fn conversation(&self, row: &Row) -> i64 {
        self.conversations[&row.get(0)]
    }

    fn invitation(&self, row: &Row) -> i64 {
        self.invitations[row.get::<_, &str>(0)]
    }

    /// `…, place, event`. An event that is not there gets a number none has.
    fn placed(&self, owner: i64, row: &Row) -> (Place, i64) {
        ((owner, nat(row, 1)), self.events.get(&row.get(2)).copied().unwrap_or(0))
    }
}

impl Rows {
    async fn read(client: &Client) -> Result<Self, Error> {
        Ok(Self {
            users: client.query("SELECT user_id, head, open_invitations FROM users", &[]).await?,
            conversations: client.query("SELECT id, name, last_seq FROM conversations", &[]).await?,
            events: client.query(EVENTS, &[]).await?,
            streams: client.query("SELECT user_id, cursor, event FROM streams", &[]).await?,
            messages: client.query("SELECT conversation, seq, event FROM messages", &[]).await?,
            invitations: client.query(INVITATIONS, &[]).await?,
            sent: client.query("SELECT sender, client_msg_id, sent FROM client_messages", &[]).await?,
            pending: client.query("SELECT invite_id, invitee FROM pending", &[]).await?,
            calls: client.query(CALLS, &[]).await?,
            in_calls: client.query("SELECT user_id, call_id FROM in_calls", &[]).await?,
        })
    }

    fn tables(&self, numbers: &Numbers<'_>) -> Tables {
        let (users, talks, rings) = (self.users.iter(), self.conversations.iter(), self.invitations.iter());
        let (streams, messages) = (self.streams.iter(), self.messages.iter());
        let is_open = |row: &&Row| row.get::<_, Option<i64>>(3).is_some();
        Tables {
            users: users.map(|row| (numbers.user(row), row.get(0))).collect(),
            conversations: talks.map(|row| (numbers.conversation(row), row.get(1))).collect(),
            events: self.events.iter().map(|row| event(row, numbers)).collect(),
            streams: streams.map(|row| numbers.placed(numbers.user(row), row)).collect(),
            messages: messages.map(|row| numbers.placed(numbers.conversation(row), row)).collect(),
            open: rings.clone().filter(is_open).map(|row| numbers.invitation(row)).collect(),
            invitations: rings.map(|row| (numbers.invitation(row), invitation(row))).collect(),
            calls: self.calls.iter().map(call).collect(),
            running: self.calls.iter().filter(|row| row.get(2)).map(|row| row.get(0)).collect(),
            client_messages: self.sent.iter().map(|row| client_message(row, numbers)).collect(),
        }
    }

    fn sums(&self, numbers: &Numbers<'_>) -> Sums {
        let (users, talks, rings) = (self.users.iter(), self.conversations.iter(), self.invitations.iter());
        let open = |row: &Row| usize::try_from(row.get::<_, i32>(2)).unwrap();
        Sums {
            users: users.map(|row| (numbers.user(row), (nat(row, 1), open(row)))).collect(),
            last_seqs: talks.map(|row| (numbers.conversation(row), nat(row, 2))).collect(),
            pending: self.pending.iter().map(|row| (row.get(1), numbers.invitation(row))).collect(),
            nodes: rings.map(|row| (numbers.invitation(row), row.get(4))).collect(),
            in_calls: self.in_calls.iter().map(|row| (row.get(0), row.get(1))).collect(),
        }
    }
}

/// Numbers the rows by the name in their first column, in its order.
fn numbered<'a, K: Ord + FromSql<'a>>(rows: &'a [Row]) -> BTreeMap<K, i64> {
    let names: BTreeSet<K> = rows.iter().map(|row| row.get(0)).collect();
    names.into_iter().zip(1..).collect()
}

fn nat(row: &Row, column: usize) -> u64 {
    row.get::<_, i64>(column).cast_unsigned()
}

fn event(row: &Row, numbers: &Numbers<'_>) -> (i64, Event) {
    let body: &str = row.get(5);
    let places: Vec<(String, u64)> = serde_json::from_str(row.get(6)).unwrap();
    let message = row.get::<_, Option<Uuid>>(7).zip(row.get::<_, Option<i64>>(8));
    let invitation = row.get::<_, Option<&str>>(3);
    let event = Event {
        time: nat(row, 1),
        online_only: row.get(2),
        invitation: invitation.map(|id| numbers.invitations.get(id).copied().unwrap_or(0)),
        version: row.get::<_, Option<i32>>(4).map(i32::cast_unsigned),
        body: serde_json::from_str(&format!("{{{body}")).unwrap(),
        message: message.map(|(talk, seq)| (numbers.conversations[&talk], seq.cast_unsigned())),
        streams: places.into_iter().map(|(user, cursor)| (numbers.users[user.as_str()], cursor)).collect(),
    };
    (numbers.events[&row.get(0)], event)
}

fn invitation(row: &Row) -> Invitation {
    let (terms, course): (&str, Option<&str>) = (row.get(1), row.get(2));
    Invitation::read(terms, course).unwrap_or_else(|error| panic!("{error} in {terms} {course:?}"))
}

fn call(row: &Row) -> (String, Call) {
    let record: &str = row.get(1);
    (row.get(0), serde_json::from_str(record).unwrap_or_else(|error| panic!("{error} in {record}")))
}

fn client_message(row: &Row, numbers: &Numbers<'_>) -> ((i64, String), Value) {
    let id: &[u8] = row.get(1);
    let sent = serde_json::from_str(row.get(2)).unwrap();
    ((numbers.user(row), String::from_utf8_lossy(id).into_owned()), sent)
}

/// Waits until no call is running, which must be soon when everybody is gone.
pub(super) async fn calls_are_over(url: &str, patience: Duration) -> Result<(), String> {
    let client = connect(url).await.map_err(|error| error.to_string())?;
    let until = Instant::now() + patience;
    loop {
        let sql = "SELECT call_id FROM calls WHERE is_running";
        let rows = client.query(sql, &[]).await.map_err(|error| error.to_string())?;
        if rows.is_empty() {
            return Ok(());
        }
        if Instant::now() > until {
            let running: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
            return Err(format!("these calls run although everybody is gone: {running:?}"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until no invitation is open whose deadline comes within `patience`.
pub(super) async fn deadlines_have_passed(url: &str, patience: Duration) -> Result<(), String> {
    let client = connect(url).await.map_err(|error| error.to_string())?;
    let until = Instant::now() + patience;
    let soon = now_ms() + u64::try_from(patience.as_millis()).unwrap();
    loop {
        let sql = "SELECT count(*) FROM invitations WHERE due_at < $1";
        let pending =
            client.query_one(sql, &[&soon.cast_signed()]).await.map_err(|error| error.to_string())?;
        let pending: i64 = pending.get(0);
        if pending == 0 {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(format!("{pending} invitations are open long after their deadline"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

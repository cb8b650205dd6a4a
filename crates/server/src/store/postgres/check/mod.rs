//! Reading a database through ([`crate::store::check`]). It only reads, so servers may run meanwhile.

mod calls;
mod references;

use std::pin::Pin;

use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;
use wigwag_engine::{ConversationId, Invitation};
use wigwag_protocol::UserId;
use wigwag_protocol::event::Event;
use wigwag_protocol::group::Profile;
use wigwag_protocol::result::MessageSent;

use self::references::{COUNTS, REFERENCES};
use super::connection::{About, DatabaseAddress, Param, int, nat, said};
use super::opening::{OpenError, PostgresSettings, reach};
use super::schema;
use crate::auth::KeyName;
use crate::store::check::{Finding, Findings};
use crate::store::{journal, once, push, record, words};

/// Rows that are fetched at once; of events, a few megabytes as a rule and 32 MB at the most.
const CHUNK: usize = 500;

/// Rows of one kind of damage that are looked at; of a database that has more, these are enough to see how.
const ROWS: usize = 10_000;

type Looked = Result<(), Error>;

/// How long servers keep what they drop after a time. What is older may be gone, or go at any moment in several steps.
#[derive(Debug, Clone, Copy)]
pub struct KeptFor {
    /// Events of onlineUserOnly actions, ms: older holes in streams may be theirs.
    pub brief_ms: u64,
    /// Calls that have ended, ms: older places in lists may lead to none of them.
    pub calls_ms: u64,
}

/// Reads the database through.
pub async fn check(settings: &PostgresSettings, kept_for: KeptFor) -> Result<Findings, OpenError> {
    let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
    let client = reach(&address).await?;
    let found = schema::version(&client).await.map_err(|error| OpenError::Other(said(&error)))?;
    let (place, known) = (address.place(), schema::newest());
    if found > known {
        return Err(OpenError::Newer { place, found, known });
    }
    if found < known {
        return Err(OpenError::Older { place, found, known });
    }
    let mut check = Check { client, findings: Findings::default(), kept_for };
    check.all().await;
    Ok(check.findings)
}

struct Check {
    client: Client,
    findings: Findings,
    kept_for: KeptFor,
}

/// A look of a check.
type Step = for<'a> fn(&'a mut Check) -> Look<'a>;
type Look<'a> = Pin<Box<dyn Future<Output = Looked> + Send + 'a>>;

impl Check {
    /// Each look has a transaction of its own, so that one that fails does not keep the others from being made.
    async fn all(&mut self) {
        let looks: [(&str, Step); 8] = [
            ("events", |check| Box::pin(check.events())),
            ("streams and messages", |check| Box::pin(check.places())),
            ("invitations", |check| Box::pin(check.invitations())),
            ("pending invitees", |check| Box::pin(check.kept_as_pending())),
            ("calls", |check| Box::pin(check.calls())),
            ("names and records", |check| Box::pin(check.records())),
            ("counts", |check| Box::pin(check.counts())),
            ("references", |check| Box::pin(check.references())),
        ];
        for (what, look) in looks {
            if let Err(error) = self.within_a_transaction(look).await {
                let why = said(&error);
                self.findings.note(Finding::File(format!("{what} cannot be read to the end: {why}")));
            }
        }
    }

    async fn within_a_transaction(&mut self, look: Step) -> Looked {
        self.client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let looked = look(self).await;
        self.client.batch_execute("ROLLBACK").await?;
        looked
    }

    async fn events(&mut self) -> Looked {
        let sql = "SELECT id, body, places, conversation, seq FROM events ORDER BY id";
        self.open(sql).await?;
        let mut seen = 0;
        while let Some(rows) = self.fetched().await? {
            seen += rows.len() as u64;
            self.are_readable(&rows);
            self.stand_in_streams(&rows).await?;
            self.stand_in_histories(&rows).await?;
        }
        self.findings.looked("events", seen);
        Ok(())
    }

    /// Begins to read rows, a chunk at a time, within the transaction.
    async fn open(&self, sql: &str) -> Looked {
        self.client.batch_execute(&format!("DECLARE looked CURSOR FOR {sql}")).await
    }

    /// The next rows of what is open; `None` at its end.
    async fn fetched(&self) -> Result<Option<Vec<Row>>, Error> {
        let rows = self.client.query(&format!("FETCH {CHUNK} FROM looked"), &[]).await?;
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn are_readable(&mut self, rows: &[Row]) {
        for row in rows {
            let body: &str = row.get(1);
            let why = match (Event::read(&format!("{{{body}")), places(row)) {
                (Err(error), _) => error.to_string(),
                (Ok(_), None) => "its places cannot be read".to_owned(),
                (Ok(_), Some(_)) => continue,
            };
            let places = places(row).unwrap_or_default();
            let places = places.into_iter().map(|(user, cursor)| (user, nat(cursor))).collect();
            self.findings.note(Finding::UnreadableEvent { event: id(row, 0), places, why });
        }
    }

    async fn stand_in_streams(&mut self, rows: &[Row]) -> Looked {
        let (mut users, mut cursors, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            for (user, cursor) in places(row).unwrap_or_default() {
                users.push(user);
                cursors.push(cursor);
                events.push(row.get::<_, Uuid>(0));
            }
        }
        let sql = "SELECT u, c, e FROM unnest($1::text[], $2::bigint[], $3::uuid[]) AS placed (u, c, e)
            JOIN users ON users.user_id = u LEFT JOIN streams ON streams.user_id = u AND cursor = c
            WHERE c > stream_floor AND event IS DISTINCT FROM e";
        self.misplaced(sql, &[&users, &cursors, &events]).await
    }

    async fn stand_in_histories(&mut self, rows: &[Row]) -> Looked {
        let said = || rows.iter().filter(|row| row.get::<_, Option<i64>>(4).is_some());
        let events: Vec<Uuid> = said().map(|row| row.get(0)).collect();
        let conversations: Vec<Option<Uuid>> = said().map(|row| row.get(3)).collect();
        let seqs: Vec<Option<i64>> = said().map(|row| row.get(4)).collect();
        let sql = "SELECT coalesce(name, c::text), s, e FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) AS placed (c, s, e)
            LEFT JOIN conversations ON conversations.id = c
            LEFT JOIN messages ON messages.conversation = c AND seq = s WHERE event IS DISTINCT FROM e";
        self.misplaced(sql, &[&conversations, &seqs, &events]).await
    }

    async fn misplaced(&mut self, sql: &str, params: &[Param<'_>]) -> Looked {
        for row in self.client.query(&bounded(sql), params).await? {
            self.findings.note(Finding::Misplaced {
                of: row.get(0),
                position: nat(row.get(1)),
                event: id(&row, 2),
            });
        }
        Ok(())
    }

    /// Places whose event is not there, and holes that are not those of events which are kept only briefly.
    async fn places(&mut self) -> Looked {
        self.misplaced(
            "SELECT user_id, cursor, event FROM streams WHERE NOT EXISTS (SELECT 1 FROM events WHERE id = event)",
            &[],
        )
        .await?;
        self.misplaced(
            "SELECT coalesce(name, messages.conversation::text), seq, event FROM messages
             LEFT JOIN conversations ON conversations.id = messages.conversation
             WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.id = event)",
            &[],
        )
        .await?;
        let in_streams = "SELECT user_id, before, cursor FROM
            (SELECT streams.user_id, cursor, lag(cursor) OVER owner AS before, lag(time) OVER owner AS time
                FROM streams LEFT JOIN events ON events.id = event
                WINDOW owner AS (PARTITION BY streams.user_id ORDER BY cursor)) AS steps
            WHERE cursor <> before + 1
                AND time > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1";
        self.holes(in_streams, &[&int(self.kept_for.brief_ms)]).await?;
        let in_histories = "SELECT coalesce(name, steps.conversation::text), before, seq FROM
            (SELECT conversation, seq, lag(seq) OVER owner AS before FROM messages
                WINDOW owner AS (PARTITION BY conversation ORDER BY seq)) AS steps
            LEFT JOIN conversations ON conversations.id = steps.conversation WHERE seq <> before + 1";
        self.holes(in_histories, &[]).await
    }

    async fn holes(&mut self, sql: &str, params: &[Param<'_>]) -> Looked {
        for row in self.client.query(&bounded(sql), params).await? {
            let (after, before) = (nat(row.get(1)), nat(row.get(2)));
            self.findings.note(Finding::Hole { of: row.get(0), after, before });
        }
        Ok(())
    }

    async fn invitations(&mut self) -> Looked {
        let sql = "SELECT invite_id, terms, course, due_at IS NOT NULL FROM invitations";
        self.open(sql).await?;
        let mut seen = 0;
        while let Some(rows) = self.fetched().await? {
            seen += rows.len() as u64;
            let mut pending = PendingRows::default();
            for row in &rows {
                let read = record::read(row.get(1), row.get(2));
                if let Ok(invitation) = &read {
                    pending.add(invitation);
                }
                let is_open = read.map(|invitation| invitation.is_open());
                self.invitation(row.get(0), is_open.map_err(|error| error.to_string()), row.get(3));
            }
            self.are_kept_as_pending(&pending).await?;
        }
        self.findings.looked("invitations", seen);
        Ok(())
    }

    /// Invitees who are pending, and are not in the table that counts them.
    async fn are_kept_as_pending(&mut self, pending: &PendingRows) -> Looked {
        let sql = "SELECT v, u FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (u, v, i)
            LEFT JOIN pending ON pending.invitee = u AND invite_id = v AND inviter = i WHERE pending.invitee IS NULL";
        let PendingRows { invitees, invite_ids, inviters } = pending;
        for row in self.client.query(sql, &[invitees, invite_ids, inviters]).await? {
            let (invite_id, invitee) = (row.get(0), row.get(1));
            self.findings.note(Finding::Pending { invite_id, invitee, is_kept: false });
        }
        Ok(())
    }

    /// Invitees who are in that table, and are not pending in what is open. Rows of what has ended are dropped by retention.
    async fn kept_as_pending(&mut self) -> Looked {
        let sql = "SELECT invite_id, pending.invitee, terms, course FROM pending JOIN invitations USING (invite_id)";
        self.open(sql).await?;
        let mut seen = 0;
        while let Some(rows) = self.fetched().await? {
            seen += rows.len() as u64;
            for row in &rows {
                // One that cannot be read is noted where invitations are.
                let Ok(invitation) = record::read(row.get(2), row.get(3)) else { continue };
                let invitee: &str = row.get(1);
                if invitation.is_open() && invitation.pending().all(|pending| pending.as_str() != invitee) {
                    let (invite_id, invitee) = (row.get(0), invitee.to_owned());
                    self.findings.note(Finding::Pending { invite_id, invitee, is_kept: true });
                }
            }
        }
        self.findings.looked("pending", seen);
        Ok(())
    }

    fn invitation(&mut self, invite_id: String, is_open: Result<bool, String>, is_due: bool) {
        self.findings.note(match (is_open, is_due) {
            (Err(why), _) => Finding::UnreadableInvitation { invite_id, why },
            (Ok(true), false) => Finding::NoDeadline(invite_id),
            (Ok(false), true) => Finding::DeadlineOfEnded(invite_id),
            (Ok(true), true) | (Ok(false), false) => return,
        });
    }

    async fn records(&mut self) -> Looked {
        self.each("users", "SELECT user_id, profile FROM users", |text| {
            serde_json::from_str::<Profile>(text).err().map(|error| error.to_string())
        })
        .await?;
        let reach = "SELECT user_id, reach_ring || ' ' || reach_add FROM users";
        self.each("users (reach)", reach, words::unreadable_reach).await?;
        let quiet = "SELECT user_id, quiet FROM users WHERE quiet IS NOT NULL";
        self.each("users (quiet)", quiet, record::unreadable_quiet).await?;
        let rang = "SELECT user_id, rang FROM users WHERE rang IS NOT NULL";
        self.each("users (rang)", rang, record::unreadable_rang).await?;
        let disabled = "SELECT user_id, disabled_since::text FROM users WHERE disabled_since IS NOT NULL";
        self.each("users (disabled)", disabled, words::unreadable_time).await?;
        let deleted = "SELECT user_id, deleted_at::text FROM users WHERE deleted_at IS NOT NULL";
        self.each("users (deleted)", deleted, words::unreadable_time).await?;
        self.each("groups", "SELECT group_id, about FROM groups", |text| {
            serde_json::from_str::<About>(text).err().map(|error| error.to_string())
        })
        .await?;
        self.each("conversations", "SELECT id::text, name FROM conversations", |name| {
            ConversationId::parse(name).is_none().then(|| "a name of no known form".to_owned())
        })
        .await?;
        let sent = "SELECT sender || ' ' || encode(client_msg_id, 'escape'), sent FROM client_messages";
        self.each("client_messages", sent, |text| {
            serde_json::from_str::<MessageSent>(text).err().map(|error| error.to_string())
        })
        .await?;
        self.each("revocations", "SELECT user_id, user_id FROM revocations", |name| {
            UserId::parse(name).err().map(|error| error.to_string())
        })
        .await?;
        let kept = "SELECT holder || ' ' || key, reply FROM kept_replies";
        self.each("kept_replies", kept, once::unreadable).await?;
        self.each("api_keys", "SELECT name, name FROM api_keys", |name| name.parse::<KeyName>().err())
            .await?;
        self.each("boards", "SELECT group_id, record FROM boards", record::unreadable_board).await?;
        self.each("webhooks", "SELECT endpoint, state FROM webhooks", journal::unreadable).await?;
        let tokens = "SELECT user_id || ' ' || device_id, token FROM push_tokens";
        self.each("push_tokens", tokens, push::unreadable).await?;
        let rings = "SELECT invite_id || ' ' || user_id || ' ' || device_id, state FROM rings";
        self.each("rings", rings, push::unreadable_state).await
    }

    /// Reads `key, text` of a table.
    async fn each(&mut self, table: &'static str, sql: &str, wrong: fn(&str) -> Option<String>) -> Looked {
        self.open(sql).await?;
        let mut seen = 0;
        while let Some(rows) = self.fetched().await? {
            seen += rows.len() as u64;
            for row in &rows {
                if let Some(why) = wrong(row.get(1)) {
                    self.findings.note(Finding::UnreadableRow { table, row: row.get(0), why });
                }
            }
        }
        self.findings.looked(table, seen);
        self.client.batch_execute("CLOSE looked").await
    }

    async fn counts(&mut self) -> Looked {
        for sql in COUNTS {
            for row in self.client.query(&bounded(sql), &[]).await? {
                let (kept, counted) = (nat(row.get(1)), nat(row.get(2)));
                self.findings.note(Finding::Count { of: row.get(0), kept, counted });
            }
        }
        Ok(())
    }

    async fn references(&mut self) -> Looked {
        for (table, to, sql) in REFERENCES {
            for row in self.client.query(&bounded(sql), &[]).await? {
                self.findings.note(Finding::Dangling { table, row: row.get(0), to });
            }
        }
        Ok(())
    }
}

/// Rows that the table of pending invitees has to have.
#[derive(Default)]
struct PendingRows {
    invitees: Vec<String>,
    invite_ids: Vec<String>,
    inviters: Vec<String>,
}

impl PendingRows {
    fn add(&mut self, invitation: &Invitation) {
        for invitee in invitation.pending() {
            self.invitees.push(invitee.to_string());
            self.invite_ids.push(invitation.id.to_string());
            self.inviters.push(invitation.inviter.to_string());
        }
    }
}

fn bounded(sql: &str) -> String {
    format!("{sql} LIMIT {ROWS}")
}

/// An event's places, unless they cannot be read.
fn places(row: &Row) -> Option<Vec<(String, i64)>> {
    serde_json::from_str(row.get(2)).ok()
}

fn id(row: &Row, column: usize) -> String {
    row.get::<_, Uuid>(column).to_string()
}

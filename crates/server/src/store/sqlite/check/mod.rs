//! Reading a database through ([`crate::store::check`]). It only reads, so a server may run meanwhile.

mod calls;
mod references;

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, Params, Row};
use wigwag_engine::ConversationId;
use wigwag_protocol::event::Event;
use wigwag_protocol::result::MessageSent;
use wigwag_protocol::{GroupId, UserId};

use self::references::{GROUPS, LISTS, REFERENCES};
use super::open::{OpenError, checked_version, connect_reader};
use super::places::Places;
use super::{query, schema};
use crate::store::check::{Finding, Findings};
use crate::store::{StoreError, bad_record, journal, once, push, record, words};

/// Rows of one kind of damage that are looked at; of a database that has more, these are enough to see how.
const ROWS: usize = 10_000;
/// Lines of SQLite's own check that are taken over.
const LINES: u32 = 20;

type Looked = Result<(), StoreError>;

/// Reads the database through.
pub fn check(path: &Path) -> Result<Findings, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing(path.to_owned()));
    }
    let connection = connect_reader(path)?;
    let (found, known) = (checked_version(path, &connection)?, schema::newest());
    if found < known {
        return Err(OpenError::Older { path: path.to_owned(), found, known });
    }
    let mut check = Check { connection: &connection, findings: Findings::default(), names: HashMap::new() };
    check.all();
    Ok(check.findings)
}

struct Check<'a> {
    connection: &'a Connection,
    findings: Findings,
    /// Name and floor of the users that were looked up.
    names: HashMap<i64, (String, u64)>,
}

/// A look of a check.
type Step<'c> = fn(&mut Check<'c>) -> Looked;

impl<'c> Check<'c> {
    /// Each look goes as far as it can; a table that cannot be read to its end does not keep the others from being read.
    fn all(&mut self) {
        let looks: [(&str, Step<'c>); 9] = [
            ("the file", Self::file),
            ("events", Self::events),
            ("streams", Self::streams),
            ("messages", Self::messages),
            ("invitations", Self::invitations),
            ("calls", Self::calls),
            ("names and records", Self::records),
            ("lists of conversations", Self::lists),
            ("references", Self::references),
        ];
        // One transaction, so that all looks see the same. Without it they are no worse than a server's.
        self.connection.execute_batch("BEGIN").ok();
        for (what, look) in looks {
            if let Err(error) = look(self) {
                self.findings.note(Finding::File(format!("{what} cannot be read to the end: {error}")));
            }
        }
    }

    fn file(&mut self) -> Looked {
        let mut statement = self.connection.prepare(&format!("PRAGMA integrity_check({LINES})"))?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        for line in lines {
            let line = line?;
            if line != "ok" {
                self.findings.note(Finding::File(line));
            }
        }
        Ok(())
    }

    fn events(&mut self) -> Looked {
        let indexed = query::mark(self.connection, "indexed")?;
        let mut statement = self.connection.prepare("SELECT id, body, places FROM events ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            self.event(row, indexed)?;
        }
        self.findings.looked("events", seen);
        Ok(())
    }

    fn event(&mut self, row: &Row<'_>, indexed: i64) -> Looked {
        let event: i64 = row.get(0)?;
        let places = Places::unpack(row.get_ref(2)?.as_bytes().unwrap_or_default());
        let why = match (readable(row), &places) {
            (Err(error), _) => Some(error.to_string()),
            (Ok(()), None) => Some("its places cannot be read".to_owned()),
            (Ok(()), Some(_)) => None,
        };
        let places = places.unwrap_or_default();
        if let Some(why) = why {
            let named = places.streams.iter().map(|(user, cursor)| (self.user(*user).0, *cursor)).collect();
            self.findings.note(Finding::UnreadableEvent { event: event.to_string(), places: named, why });
        }
        if event <= indexed { self.placed(event, &places) } else { Ok(()) }
    }

    /// Whether the indexes have the event where its places say.
    fn placed(&mut self, event: i64, places: &Places) -> Looked {
        for (user, cursor) in &places.streams {
            let (name, floor) = self.user(*user);
            let sql = "SELECT 1 FROM streams WHERE user = ? AND cursor = ? AND event = ?";
            if *cursor > floor && !self.connection.prepare_cached(sql)?.exists((user, cursor, event))? {
                self.misplaced(name, *cursor, event);
            }
        }
        if let Some((conversation, seq, ..)) = places.message
            && query::message_event(self.connection, conversation, seq)? != Some(event)
        {
            self.misplaced(self.conversation(conversation), seq, event);
        }
        Ok(())
    }

    fn misplaced(&mut self, of: String, position: u64, event: i64) {
        self.findings.note(Finding::Misplaced { of, position, event: event.to_string() });
    }

    /// Places whose event is not there, and holes. Events that are kept only briefly leave holes when they are dropped; a hole
    /// behind the last of them is none of theirs.
    fn streams(&mut self) -> Looked {
        let brief = query::mark(self.connection, "swept_online_only")?;
        let astray = "SELECT user, cursor, event FROM streams LEFT JOIN events ON events.id = event
            WHERE events.id IS NULL";
        let holes = "SELECT user, before, cursor FROM
            (SELECT user, cursor, lag(cursor) OVER owner AS before, lag(event) OVER owner AS last FROM streams
                WINDOW owner AS (PARTITION BY user ORDER BY cursor)) WHERE cursor <> before + 1 AND last >= ?";
        for (user, cursor, event) in self.numbers(astray, [])? {
            let (of, _) = self.user(user);
            self.misplaced(of, cursor.unsigned_abs(), event);
        }
        for (user, after, before) in self.numbers(holes, [brief])? {
            let (of, _) = self.user(user);
            self.hole(of, after, before);
        }
        Ok(())
    }

    fn messages(&mut self) -> Looked {
        let astray = "SELECT conversation, seq, event FROM messages LEFT JOIN events ON events.id = event
            WHERE events.id IS NULL";
        let holes = "SELECT conversation, before, seq FROM
            (SELECT conversation, seq, lag(seq) OVER owner AS before FROM messages
                WINDOW owner AS (PARTITION BY conversation ORDER BY seq)) WHERE seq <> before + 1";
        for (conversation, seq, event) in self.numbers(astray, [])? {
            self.misplaced(self.conversation(conversation), seq.unsigned_abs(), event);
        }
        for (conversation, after, before) in self.numbers(holes, [])? {
            self.hole(self.conversation(conversation), after, before);
        }
        Ok(())
    }

    fn hole(&mut self, of: String, after: i64, before: i64) {
        let (after, before) = (after.unsigned_abs(), before.unsigned_abs());
        self.findings.note(Finding::Hole { of, after, before });
    }

    /// Three numbers of each row that is found; a bounded number of rows.
    fn numbers(&self, sql: &str, params: impl Params) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        let mut statement = self.connection.prepare(&format!("{sql} LIMIT {ROWS}"))?;
        let rows = statement.query_map(params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn invitations(&mut self) -> Looked {
        let sql = "SELECT invite_id, terms, course, open_invitations.invitation IS NOT NULL FROM invitations
            LEFT JOIN courses ON courses.invitation = id
            LEFT JOIN open_invitations ON open_invitations.invitation = id ORDER BY id";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            let id: String = row.get(0)?;
            let read = text(row, 1).and_then(|terms| {
                let course = row.get_ref(2)?.as_str_or_null().map_err(|error| bad_record(&error))?;
                record::read(terms, course)
            });
            let finding = match (read.map(|invitation| invitation.is_open()), row.get(3)?) {
                (Err(error), _) => Finding::UnreadableInvitation { invite_id: id, why: error.to_string() },
                (Ok(true), false) => Finding::NoDeadline(id),
                (Ok(false), true) => Finding::DeadlineOfEnded(id),
                (Ok(true), true) | (Ok(false), false) => continue,
            };
            self.findings.note(finding);
        }
        self.findings.looked("invitations", seen);
        Ok(())
    }

    /// Names and records that a server reads by themselves.
    fn records(&mut self) -> Looked {
        self.each("users", "SELECT id, user_id FROM users", |name| UserId::parse(name).err().map(why))?;
        let reach = "SELECT user_id, reach_ring || ' ' || reach_add FROM users";
        self.each("users (reach)", reach, words::unreadable_reach)?;
        self.each(
            "users (quiet)",
            "SELECT user_id, quiet FROM users WHERE quiet IS NOT NULL",
            record::unreadable_quiet,
        )?;
        self.each(
            "users (rang)",
            "SELECT user_id, rang FROM users WHERE rang IS NOT NULL",
            record::unreadable_rang,
        )?;
        let disabled =
            "SELECT user_id, CAST(disabled_since AS TEXT) FROM users WHERE disabled_since IS NOT NULL";
        self.each("users (disabled)", disabled, words::unreadable_time)?;
        let deleted = "SELECT user_id, CAST(deleted_at AS TEXT) FROM users WHERE deleted_at IS NOT NULL";
        self.each("users (deleted)", deleted, words::unreadable_time)?;
        self.each("groups", "SELECT id, group_id FROM groups", |name| GroupId::parse(name).err().map(why))?;
        self.each("conversations", "SELECT id, name FROM conversations", |name| {
            let known = name.starts_with(query::DISMISSED) || ConversationId::parse(name).is_some();
            (!known).then(|| "a name of no known form".to_owned())
        })?;
        let sent = "SELECT sender || ' ' || client_msg_id, sent FROM client_messages";
        self.each("client_messages", sent, |sent| serde_json::from_str::<MessageSent>(sent).err().map(why))?;
        let kept = "SELECT holder || ' ' || key, reply FROM kept_replies";
        self.each("kept_replies", kept, once::unreadable)?;
        self.each("boards", "SELECT group_row, record FROM boards", record::unreadable_board)?;
        self.each("webhooks", "SELECT endpoint, state FROM webhooks", journal::unreadable)?;
        let tokens = "SELECT user_id || ' ' || device_id, token FROM push_tokens";
        self.each("push_tokens", tokens, push::unreadable)?;
        let rings = "SELECT invite_id || ' ' || user_id || ' ' || device_id, state FROM rings";
        self.each("rings", rings, push::unreadable_state)
    }

    /// Reads `key, text` of a table.
    fn each(&mut self, table: &'static str, sql: &str, wrong: impl Fn(&str) -> Option<String>) -> Looked {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            let why = match text(row, 1) {
                Ok(text) => wrong(text),
                Err(error) => Some(error.to_string()),
            };
            if let Some(why) = why {
                let row = key(row)?;
                self.findings.note(Finding::UnreadableRow { table, row, why });
            }
        }
        self.findings.looked(table, seen);
        Ok(())
    }

    fn lists(&mut self) -> Looked {
        for sql in LISTS.iter().chain(&GROUPS) {
            let mut statement = self.connection.prepare(&format!("{sql} LIMIT {ROWS}"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (of, kept, counted) = (row.get(0)?, row.get(1)?, row.get(2)?);
                self.findings.note(Finding::Count { of, kept, counted });
            }
        }
        Ok(())
    }

    fn references(&mut self) -> Looked {
        for (table, to, sql) in REFERENCES {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                self.findings.note(Finding::Dangling { table, row: key(row)?, to });
            }
        }
        let beyond = "SELECT users.user_id || '''s read mark in ' || name, read_seq, (SELECT max(last_seq,
                coalesce((SELECT max(seq) FROM messages WHERE messages.conversation = conversations.id), 0)))
            FROM readers JOIN users ON users.id = user JOIN conversations ON conversations.id = conversation
            WHERE (SELECT value FROM marks WHERE name = 'indexed') >= (SELECT coalesce(max(id), 0) FROM events)";
        let mut statement = self.connection.prepare(beyond)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kept, counted) = (row.get(1)?, row.get(2)?);
            if kept > counted {
                self.findings.note(Finding::Count { of: row.get(0)?, kept, counted });
            }
        }
        Ok(())
    }

    /// A user's name, and their floor. Only those who are looked up are remembered, and damaged rows are named by number.
    fn user(&mut self, row: i64) -> (String, u64) {
        if let Some(known) = self.names.get(&row) {
            return known.clone();
        }
        let name = query::user_name(self.connection, row).map(|name| name.to_string());
        let floor = query::stream_bounds(self.connection, row).map_or(0, |bounds| bounds.floor);
        let user = (name.unwrap_or_else(|_| format!("user row {row}")), floor);
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        self.names.insert(row, user.clone());
        user
    }

    fn conversation(&self, row: i64) -> String {
        let name = self.connection.prepare_cached("SELECT name FROM conversations WHERE id = ?");
        name.and_then(|mut name| name.query_row([row], |row| row.get(0)))
            .unwrap_or_else(|_| format!("conversation row {row}"))
    }
}

/// Names that are remembered, some tens of megabytes.
const NAMES: usize = 200_000;

fn readable(row: &Row<'_>) -> Looked {
    let body = text(row, 1)?;
    Event::read(&format!("{{{body}")).map(drop).map_err(|error| bad_record(&error))
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|error| bad_record(&error))
}

/// The first column, whatever it is.
fn key(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get_ref(0)?.as_i64().map(|number| number.to_string()).or_else(|_| row.get(0))
}

fn why(error: impl std::fmt::Display) -> String {
    error.to_string()
}

//! What a check finds, damage by damage, in a database that is otherwise sound.

use wigwag_server::store::check::{Findings, Kind};
use wigwag_server::store::{postgres, sqlite};
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::sqlite::Sqlite;
use crate::words::{create_group, group, invite, mark_read, on_phone, ring, send, text, to, user};
use crate::world::{Backend, World};

/// How long events of onlineUserOnly actions are kept, ms.
const BRIEF_MS: u64 = 60_000;

/// A group, a block, three messages of alice to bob, and her ring that is open.
async fn lives_on(backend: Box<dyn Backend>) {
    let mut world = World::new(backend).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    world.does(&alice, create_group(&group("g"), &[&bob.user])).await.succeeds();
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to(&bob.user), words))).await.succeeds();
    }
    world.does(&on_phone(&user("bob")), mark_read(to(&alice.user), 2)).await.succeeds();
    world.does(&alice, invite(ring("i", &bob.user))).await.succeeds();
    world.closes().await;
}

fn finds(findings: &Findings, kind: Kind, words: &str, damage: &str) {
    let told: Vec<String> = findings.kept.iter().map(ToString::to_string).collect();
    assert_eq!(findings.counts.keys().collect::<Vec<_>>(), [&kind], "{damage}: {told:?}");
    assert!(told.iter().any(|line| line.contains(words)), "{damage}: {words:?} is not in {told:?}");
}

#[tokio::test]
async fn sqlite_tells_what_is_wrong() {
    let damages = [
        ("UPDATE events SET body = '{' WHERE id = 2", Kind::UnreadableEvent, "bob at cursor 2"),
        (
            "UPDATE events SET body = CAST(X'ff' AS TEXT) WHERE id = 2",
            Kind::UnreadableEvent,
            "event 2 cannot",
        ),
        (
            "UPDATE streams SET event = 1 WHERE user = 2 AND cursor = 5",
            Kind::Misplaced,
            "bob: place 5 and event 5",
        ),
        (
            "DELETE FROM events WHERE id = 5; DELETE FROM messages WHERE event = 5;
          DELETE FROM streams WHERE event = 5",
            Kind::Hole,
            "",
        ),
        ("UPDATE messages SET event = 77 WHERE seq = 3", Kind::Misplaced, "c2c:alice bob: place 3"),
        ("UPDATE invitations SET terms = '{'", Kind::UnreadableInvitation, "invitation i cannot be read"),
        ("DELETE FROM open_invitations", Kind::NoDeadline, "invitation i is open"),
        (
            "UPDATE readers SET read_seq = 9 WHERE read_seq = 2",
            Kind::Count,
            "bob's read mark in c2c:alice bob: kept as 9",
        ),
        ("UPDATE conversations SET name = 'talk' WHERE id = 2", Kind::UnreadableRow, "conversations: row 2"),
        ("INSERT INTO blocks VALUES (1, 77)", Kind::Dangling, "blocks: row 1 77 refers to a row of users"),
        ("INSERT INTO courses VALUES (77, '')", Kind::Dangling, "courses: row 77"),
        (
            "INSERT INTO departures VALUES (77, 1)",
            Kind::Dangling,
            "departures: row 77 1 refers to a row of groups",
        ),
        ("INSERT INTO revoked VALUES (77, 1)", Kind::Dangling, "revoked: row 77 1"),
    ];
    for (damage, kind, words) in damages {
        let from = Sqlite::new();
        lives_on(Box::new(from.clone())).await;
        let sound = sqlite::check(&from.path()).unwrap();
        assert!(sound.is_empty(), "{:?}", sound.kept);
        let database = rusqlite::Connection::open(from.path()).unwrap();
        database.execute_batch(damage).unwrap();
        finds(&sqlite::check(&from.path()).unwrap(), kind, words, damage);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_tells_what_is_wrong() {
    let server = Postgres::start(Durability::Fast);
    let damages = [
        ("UPDATE events SET body = '{' WHERE seq = 2", Kind::UnreadableEvent, "bob at cursor 3"),
        ("UPDATE streams SET event = first.event FROM streams AS first
          WHERE first.cursor = 1 AND first.user_id = 'bob' AND streams.user_id = 'bob' AND streams.cursor = 3", Kind::Misplaced, "bob: place 3"),
        (
            "DELETE FROM streams USING events WHERE id = event AND events.seq = 2;
          DELETE FROM messages WHERE seq = 2 AND sender = 'alice'; DELETE FROM events WHERE seq = 2",
            Kind::Hole,
            "",
        ),
        (
            "UPDATE messages SET event = gen_random_uuid() WHERE seq = 3",
            Kind::Misplaced,
            "c2c:alice bob: place 3",
        ),
        ("UPDATE invitations SET terms = '{'", Kind::UnreadableInvitation, "invitation i cannot be read"),
        (
            "UPDATE users SET open_invitations = 5 WHERE user_id = 'alice'",
            Kind::Count,
            "alice's open invitations: kept as 5, and is 1",
        ),
        ("UPDATE users SET head = 1 WHERE user_id = 'bob'", Kind::Count, "bob's head: kept as 1"),
        (
            "UPDATE conversations SET last_seq = 2 WHERE last_seq = 4",
            Kind::Count,
            "last seq: kept as 2, and is 4",
        ),
        ("UPDATE users SET profile = '' WHERE user_id = 'bob'", Kind::UnreadableRow, "users: row bob"),
        ("INSERT INTO blocks VALUES ('alice', 'nobody')", Kind::Dangling, "blocks: row alice nobody"),
        ("DELETE FROM pending", Kind::Pending, "invitation i: bob is pending, and the table pending does not have"),
        ("UPDATE pending SET inviter = 'bob'", Kind::Pending, "invitation i: bob is pending"),
        (
            "INSERT INTO pending VALUES ('alice', 'i', 'alice')",
            Kind::Pending,
            "alice is not pending, and the table pending has",
        ),
        ("INSERT INTO pending VALUES ('bob', 'gone', 'alice')", Kind::Dangling, "pending: row gone bob"),
        ("INSERT INTO departures VALUES ('nowhere', 'bob')", Kind::Dangling, "departures: row nowhere bob"),
        ("INSERT INTO revocations VALUES ('', 0, now())", Kind::UnreadableRow, "revocations: row "),
    ];
    for (number, (damage, kind, words)) in damages.into_iter().enumerate() {
        let name = format!("damage_{number}");
        server.create_database(&name);
        lives_on(Box::new(Database::of(&server, &name, 1))).await;
        let settings = Database::of(&server, &name, 1);
        let sound = postgres::check(settings.settings(), BRIEF_MS).await.unwrap();
        assert!(sound.is_empty(), "{:?}", sound.kept);
        server.sql(&name, damage);
        finds(&postgres::check(settings.settings(), BRIEF_MS).await.unwrap(), kind, words, damage);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_without_its_deadline_is_found_on_postgres() {
    let server = Postgres::start(Durability::Fast);
    lives_on(Box::new(Database::of(&server, "postgres", 1))).await;
    server.sql("postgres", "UPDATE invitations SET due_at = NULL; UPDATE users SET open_invitations = 0");
    let settings = Database::of(&server, "postgres", 1);
    let findings = postgres::check(settings.settings(), BRIEF_MS).await.unwrap();
    finds(&findings, Kind::NoDeadline, "invitation i is open", "due_at");
}

/// Tables that a check does not look at, and why.
const NOT_LOOKED_AT: &[(&str, &str)] = &[
    ("leases", "one that is wrong ends with its time"),
    ("marks", "a wrong one drops old rows later, and none too early"),
    ("nodes", "they enter themselves at each start"),
    ("seats", "sessions claim them anew"),
];

/// A check that does not miss a table has not looked at it: a table that somebody adds has to be looked at, or listed above with a
/// reason.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_of_postgres_is_looked_at() {
    let server = Postgres::start(Durability::Fast);
    lives_on(Box::new(Database::of(&server, "postgres", 1))).await;
    let settings = Database::of(&server, "postgres", 1);
    let sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1";
    let mut missed = Vec::new();
    for table in server.sql("postgres", sql).lines() {
        server.sql("postgres", &format!("ALTER TABLE {table} RENAME TO gone"));
        let checked = postgres::check(settings.settings(), BRIEF_MS).await;
        server.sql("postgres", &format!("ALTER TABLE gone RENAME TO {table}"));
        if checked.is_ok_and(|findings| findings.is_empty()) {
            missed.push(table.to_owned());
        }
    }
    assert_eq!(missed, NOT_LOOKED_AT.iter().map(|(table, _)| *table).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_table_of_sqlite_is_looked_at() {
    let from = Sqlite::new();
    lives_on(Box::new(from.clone())).await;
    let database = rusqlite::Connection::open(from.path()).unwrap();
    let mut statement = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
    let tables = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for table in tables.collect::<rusqlite::Result<Vec<_>>>().unwrap() {
        database.execute_batch(&format!("ALTER TABLE {table} RENAME TO gone")).unwrap();
        let findings = sqlite::check(&from.path()).unwrap();
        database.execute_batch(&format!("ALTER TABLE gone RENAME TO {table}")).unwrap();
        assert!(!findings.is_empty(), "a check does not miss the table {table}");
    }
}

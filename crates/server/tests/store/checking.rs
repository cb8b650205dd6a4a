//! What a check finds, damage by damage, in a database that is otherwise sound.

use wigwag_engine::Command;
use wigwag_server::store::check::{Findings, Kind};
use wigwag_server::store::postgres::KeptFor;
use wigwag_server::store::{postgres, sqlite};
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::retention::a_moment_passes;
use crate::sqlite::Sqlite;
use crate::words::{
    accept, create_group, group, invite, mark_read, on_phone, reject, ring, send, text, to, to_room, user,
};
use crate::world::{Backend, World};

/// Longer than any of these databases is old.
pub(crate) const KEPT_FOR: KeptFor = KeptFor { brief_ms: 3_600_000, calls_ms: 3_600_000 };

/// A group, three messages of alice to bob, and her ring that is open. Carol has called dave twice in one room: he said no and
/// has looked at it, and is in the second call.
async fn lives_on(backend: Box<dyn Backend>) {
    let mut world = World::new(backend).await;
    let (alice, bob) = (world.joins("alice").await, world.joins("bob").await);
    world.does(&alice, create_group(&group("g"), &[&bob.user])).await.succeeds();
    for words in ["one", "two", "three"] {
        world.does(&alice, send(text(to(&bob.user), words))).await.succeeds();
    }
    world.does(&on_phone(&user("bob")), mark_read(to(&alice.user), 2)).await.succeeds();
    world.does(&alice, invite(ring("i", &bob.user))).await.succeeds();
    let (carol, dave) = (world.joins("carol").await, world.joins("dave").await);
    for (id, answer) in [("over", reject("over")), ("on", accept("on"))] {
        a_moment_passes(&world).await;
        world.does(&carol, invite(to_room(ring(id, &dave.user), "room"))).await.succeeds();
        world.does(&dave, answer).await.succeeds();
    }
    world.does(&dave, Command::SeeCalls(world.now())).await.succeeds();
    world.closes().await;
}

fn finds(findings: &Findings, kind: Kind, words: &str, damage: &str) {
    let told: Vec<String> = findings.kept.iter().map(ToString::to_string).collect();
    assert_eq!(findings.counts.keys().collect::<Vec<_>>(), [&kind], "{damage}: {told:?}");
    assert!(told.iter().any(|line| line.contains(words)), "{damage}: {words:?} is not in {told:?}");
}

/// A statement that damages a database, the kind of what is found then, and words of one finding.
type Damage = (&'static str, Kind, &'static str);

/// What is done to a database of SQLite.
const SQLITE: &[Damage] = &[
    ("UPDATE events SET body = '{' WHERE id = 2", Kind::UnreadableEvent, "bob at cursor 2"),
    ("UPDATE events SET body = CAST(X'ff' AS TEXT) WHERE id = 2", Kind::UnreadableEvent, "event 2 cannot"),
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
    (
        "UPDATE users SET disabled_since = -1 WHERE user_id = 'bob'",
        Kind::UnreadableRow,
        "users (disabled): row bob cannot be read (-1 is no time",
    ),
    (
        "UPDATE users SET reach_ring = '' WHERE user_id = 'bob'",
        Kind::UnreadableRow,
        "users (reach): row bob cannot be read (\"\" is none of the rules",
    ),
    ("UPDATE groups SET member_count = 7", Kind::Count, "the members of g: kept as 7"),
    ("UPDATE members SET name = NULL WHERE user = 2", Kind::Count, "the names of members of g: kept as 1"),
    ("INSERT INTO blocks VALUES (1, 77)", Kind::Dangling, "blocks: row 1 77 refers to a row of users"),
    ("INSERT INTO courses VALUES (77, '')", Kind::Dangling, "courses: row 77"),
    ("INSERT INTO boards SELECT id, '{' FROM groups", Kind::UnreadableRow, "boards: row 1 cannot"),
    ("INSERT INTO boards VALUES (77, '{}')", Kind::Dangling, "boards: row 77 refers to a row of groups"),
    (
        "INSERT INTO departures VALUES (77, 1)",
        Kind::Dangling,
        "departures: row 77 1 refers to a row of groups",
    ),
    ("INSERT INTO revoked VALUES (77, 1)", Kind::Dangling, "revoked: row 77 1"),
    (
        "INSERT INTO push_tokens VALUES ('bob', 'phone', 1, '{}', x'00', 1, 1)",
        Kind::UnreadableRow,
        "push_tokens: row bob phone cannot",
    ),
    (
        "INSERT INTO push_tokens VALUES ('gone', 'phone', 1, '{\"provider\":\"adapter\",\"channel\":\"\",\"token\":\"t\"}', x'01', 1, 1)",
        Kind::Dangling,
        "push_tokens: row gone phone",
    ),
    (
        "INSERT INTO rings (invite_id, user_id, device_id, state, at) VALUES ('i', 'bob', 'phone', 'lost', 1)",
        Kind::UnreadableRow,
        "rings: row i bob phone cannot",
    ),
    ("INSERT INTO webhooks VALUES ('shop', 0, '{')", Kind::UnreadableRow, "webhooks: row shop cannot"),
    ("UPDATE calls SET record = '{' WHERE call_id = 'on'", Kind::UnreadableRow, "calls: row on cannot"),
    (
        "UPDATE calls SET room_id = 'elsewhere' WHERE call_id = 'on'",
        Kind::UnreadableRow,
        "calls: row on cannot be read (its record is that of another call)",
    ),
    ("DELETE FROM running_calls", Kind::Running, "call on is running, and is not kept as running"),
    (
        "INSERT INTO running_calls SELECT id FROM calls WHERE call_id = 'over'",
        Kind::Running,
        "call over has ended, and is kept as running",
    ),
    ("INSERT INTO running_calls VALUES (77)", Kind::Dangling, "running_calls: row 77"),
    (
        "DELETE FROM call_lists WHERE user = 4",
        Kind::BesideCall,
        "call_lists: the row of dave with call over is missing",
    ),
    (
        "INSERT INTO call_lists SELECT 1, created_at, id FROM calls WHERE call_id = 'on'",
        Kind::BesideCall,
        "call_lists: the row of alice with call on is not what the call says",
    ),
    (
        "INSERT INTO call_lists SELECT 3, created_at - 1, id FROM calls WHERE call_id = 'on'",
        Kind::Dangling,
        "call_lists: row 3 2 refers to a row of calls",
    ),
    (
        "INSERT INTO call_lists SELECT 77, created_at, id FROM calls WHERE call_id = 'on'",
        Kind::Dangling,
        "call_lists: row 77 2 refers to a row of users",
    ),
    ("UPDATE calls_seen SET user = 77", Kind::Dangling, "calls_seen: row 77 refers to a row of users"),
    (
        "UPDATE readers SET newest = 0 WHERE newest > 0 AND user = 2",
        Kind::Count,
        "bob's list: the newest seq of c2c:alice bob: kept as 0, and is 4",
    ),
    (
        "UPDATE readers SET newest = 0 WHERE newest IS NULL AND user = 2",
        Kind::Count,
        "bob's list: the newest seq of group:g",
    ),
    (
        "UPDATE readers SET unread = 5 WHERE unread = 2; UPDATE users SET unread = 5 WHERE user_id = 'bob'",
        Kind::Count,
        "bob's list: unread in c2c:alice bob: kept as 5, and is 2",
    ),
    (
        "UPDATE users SET unread = 7 WHERE user_id = 'bob'",
        Kind::Count,
        "bob's unread messages: kept as 7, and is 2",
    ),
];

#[tokio::test]
async fn sqlite_tells_what_is_wrong() {
    for &(damage, kind, words) in SQLITE {
        let from = Sqlite::new();
        lives_on(Box::new(from.clone())).await;
        let sound = sqlite::check(&from.path()).unwrap();
        assert!(sound.is_empty(), "{:?}", sound.kept);
        let database = rusqlite::Connection::open(from.path()).unwrap();
        database.execute_batch(damage).unwrap();
        finds(&sqlite::check(&from.path()).unwrap(), kind, words, damage);
    }
}

/// What is done to a database of PostgreSQL.
const POSTGRES: &[Damage] = &[
        ("UPDATE groups SET member_count = 7", Kind::Count, "the members of g: kept as 7"),
        ("UPDATE events SET body = '{' WHERE seq = 2", Kind::UnreadableEvent, "bob at cursor 3"),
        ("UPDATE streams SET event = first.event FROM streams AS first
          WHERE first.cursor = 1 AND first.user_id = 'bob' AND streams.user_id = 'bob' AND streams.cursor = 3", Kind::Misplaced, "bob: place 3"),
        (
            "DELETE FROM streams USING events WHERE id = event AND events.seq = 2;
          DELETE FROM messages WHERE seq = 2; DELETE FROM events WHERE seq = 2",
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
        (
            "UPDATE users SET disabled_since = -1 WHERE user_id = 'bob'",
            Kind::UnreadableRow,
            "users (disabled): row bob cannot be read (-1 is no time",
        ),
        (
            "UPDATE users SET reach_add = 'friends' WHERE user_id = 'bob'",
            Kind::UnreadableRow,
            "users (reach): row bob cannot be read (\"friends\" is none of the rules",
        ),
        ("INSERT INTO blocks VALUES ('alice', 'nobody')", Kind::Dangling, "blocks: row alice nobody"),
        ("DELETE FROM pending", Kind::Pending, "invitation i: bob is pending, and the table pending does not have"),
        ("UPDATE pending SET inviter = 'bob'", Kind::Pending, "invitation i: bob is pending"),
        (
            "INSERT INTO pending VALUES ('alice', 'i', 'alice')",
            Kind::Pending,
            "alice is not pending, and the table pending has",
        ),
        ("INSERT INTO pending VALUES ('bob', 'gone', 'alice')", Kind::Dangling, "pending: row gone bob"),
        ("INSERT INTO boards VALUES ('g', '{')", Kind::UnreadableRow, "boards: row g cannot"),
        ("INSERT INTO boards VALUES ('nowhere', '{}')", Kind::Dangling, "boards: row nowhere"),
        ("INSERT INTO departures VALUES ('nowhere', 'bob')", Kind::Dangling, "departures: row nowhere bob"),
        ("INSERT INTO revocations VALUES ('', 0, now())", Kind::UnreadableRow, "revocations: row "),
        (
            "INSERT INTO push_tokens VALUES ('bob', 'phone', 1, '{}', '\\x00', 1, 1)",
            Kind::UnreadableRow,
            "push_tokens: row bob phone cannot",
        ),
        (
            "INSERT INTO push_tokens VALUES ('gone', 'phone', 1, '{\"provider\":\"adapter\",\"channel\":\"\",\"token\":\"t\"}', '\\x01', 1, 1)",
            Kind::Dangling,
            "push_tokens: row gone phone",
        ),
        (
            "INSERT INTO rings (invite_id, user_id, device_id, state, at) VALUES ('i', 'bob', 'phone', 'lost', 1)",
            Kind::UnreadableRow,
            "rings: row i bob phone cannot",
        ),
        (
            "INSERT INTO webhooks VALUES ('shop', '00000000-0000-0000-0000-000000000000', '{')",
            Kind::UnreadableRow,
            "webhooks: row shop cannot",
        ),
        ("UPDATE calls SET record = '{' WHERE call_id = 'on'", Kind::UnreadableRow, "calls: row on cannot"),
        (
            "UPDATE calls SET group_id = 'g' WHERE call_id = 'on'",
            Kind::UnreadableRow,
            "calls: row on cannot be read (its record is that of another call)",
        ),
        (
            "UPDATE calls SET is_running = NOT is_running",
            Kind::Running,
            "call on is running, and is not kept as running",
        ),
        (
            "UPDATE calls SET is_running = true",
            Kind::Running,
            "call over has ended, and is kept as running",
        ),
        (
            "DELETE FROM call_lists WHERE user_id = 'dave'",
            Kind::BesideCall,
            "call_lists: the row of dave with call over is missing",
        ),
        (
            "INSERT INTO call_lists SELECT 'alice', created_at, call_id FROM calls WHERE call_id = 'on'",
            Kind::BesideCall,
            "call_lists: the row of alice with call on is not what the call says",
        ),
        (
            "INSERT INTO call_lists SELECT 'carol', created_at - 1, call_id FROM calls WHERE call_id = 'on'",
            Kind::Dangling,
            "call_lists: row carol on refers to a row of calls",
        ),
        ("UPDATE in_calls SET call_id = 'over' WHERE user_id = 'dave'", Kind::BesideCall, "in_calls: the row of dave with call on is missing"),
        (
            "INSERT INTO in_calls VALUES ('alice', 'over')",
            Kind::BesideCall,
            "in_calls: the row of alice with call over is not what the call says",
        ),
        ("INSERT INTO in_calls VALUES ('alice', 'gone')", Kind::Dangling, "in_calls: row alice gone refers to a row of calls"),
        ("UPDATE rooms SET call_id = 'over'", Kind::BesideCall, "rooms: the row of room with call on is missing"),
        ("DELETE FROM rooms", Kind::BesideCall, "rooms: the row of room with call on is missing"),
        (
            "INSERT INTO rooms VALUES ('elsewhere', 'on')",
            Kind::BesideCall,
            "rooms: the row of elsewhere with call on is not what the call says",
        ),
        ("INSERT INTO rooms VALUES ('elsewhere', 'gone')", Kind::Dangling, "rooms: row elsewhere gone"),
        ("UPDATE calls_seen SET user_id = 'nobody'", Kind::Dangling, "calls_seen: row nobody"),
        (
            "UPDATE readers SET newest = gen_random_uuid() WHERE newest IS NOT NULL AND user_id = 'bob'",
            Kind::Count,
            "bob's list: the newest seq of c2c:alice bob: kept as 0, and is 4",
        ),
        (
            "UPDATE readers SET newest = gen_random_uuid() WHERE newest IS NULL AND user_id = 'bob'",
            Kind::Count,
            "bob's list: the newest seq of group:g",
        ),
        (
            "UPDATE readers SET unread = 5 WHERE unread = 2 AND user_id = 'bob'",
            Kind::Count,
            "bob's list: unread in c2c:alice bob: kept as 5, and is 2",
        ),
        (
            "UPDATE users SET unread = 7 WHERE user_id = 'bob'",
            Kind::Count,
            "bob's unread messages: kept as 7, and is 2",
        ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_tells_what_is_wrong() {
    let server = Postgres::start(Durability::Fast);
    server.create_database("sound");
    lives_on(Box::new(Database::of(&server, "sound", 1))).await;
    for (number, &(damage, kind, words)) in POSTGRES.iter().enumerate() {
        let name = format!("damage_{number}");
        server.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE sound"));
        let settings = Database::of(&server, &name, 1);
        let sound = postgres::check(settings.settings(), KEPT_FOR).await.unwrap();
        assert!(sound.is_empty(), "{:?}", sound.kept);
        server.sql(&name, damage);
        finds(&postgres::check(settings.settings(), KEPT_FOR).await.unwrap(), kind, words, damage);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_without_its_deadline_is_found_on_postgres() {
    let server = Postgres::start(Durability::Fast);
    lives_on(Box::new(Database::of(&server, "postgres", 1))).await;
    server.sql("postgres", "UPDATE invitations SET due_at = NULL; UPDATE users SET open_invitations = 0");
    let settings = Database::of(&server, "postgres", 1);
    let findings = postgres::check(settings.settings(), KEPT_FOR).await.unwrap();
    finds(&findings, Kind::NoDeadline, "invitation i is open", "due_at");
}

/// Retention drops calls and their places in lists in several steps, and a check may come between two of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_is_about_to_drop_is_no_damage() {
    let server = Postgres::start(Durability::Fast);
    lives_on(Box::new(Database::of(&server, "postgres", 1))).await;
    let half_dropped = "DELETE FROM calls WHERE call_id = 'over'; DELETE FROM rooms;
        UPDATE calls SET created_at = 1, record = regexp_replace(record, '\"created_at\":[0-9]+', '\"created_at\":1');
        UPDATE call_lists SET created_at = 1";
    server.sql("postgres", half_dropped);
    let settings = Database::of(&server, "postgres", 1);
    let findings = postgres::check(settings.settings(), KEPT_FOR).await.unwrap();
    // A running call is never dropped, so its room has to lead to it however old it is.
    finds(&findings, Kind::BesideCall, "rooms: the row of room with call on is missing", half_dropped);
    assert_eq!(findings.kept.len(), 1, "{:?}", findings.kept);
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
        let checked = postgres::check(settings.settings(), KEPT_FOR).await;
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

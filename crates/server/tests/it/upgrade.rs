//! Data of earlier versions under today's build. `before/` holds what a server of each released schema left behind when it
//! stopped: the SQLite file, a dump of PostgreSQL, and what people had been told. How it is made is in its README.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_testbed::{Durability, Postgres};

use crate::world::{Cluster, Device, Ended, World, command, now_ms};

/// Nothing may be dropped for its age, however long after it was made the copy is started.
const KEEPS: &str =
    "[retention]\nevents_days = 3284\nended_invitations_days = 3650\nno_deadline_hours = 8760\n";
const DATABASE: &str = "wigwag.db";
const FILE: &str = "wigwag.db.gz";
const DUMP: &str = "postgres.sql";
const DAY_MS: u64 = 86_400_000;
/// Users of before who have written to each other, or accepted an invitation, are known to each other (`user.setReach`).
const WHO_KNOWS_WHOM: &str = "SELECT name || '|' || writers FROM conversations WHERE name LIKE 'c2c:%'";
const BOTH_KNOW: &str = "c2c:alice bob|3";

fn copies() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/before");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut copies: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    copies.sort();
    assert!(!copies.is_empty());
    copies
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_an_earlier_version_goes_on() {
    for copy in copies() {
        let mut world = World::prepared(KEEPS);
        std::fs::create_dir_all(world.data()).unwrap();
        let mut database = Vec::new();
        GzDecoder::new(std::fs::File::open(copy.join(FILE)).unwrap()).read_to_end(&mut database).unwrap();
        std::fs::write(world.data().join(DATABASE), database).unwrap();
        let told = told(&copy.join("told-sqlite.json"));
        let connection = rusqlite::Connection::open(world.data().join(DATABASE)).unwrap();
        connection.execute_batch(&made_younger(&told)).unwrap();
        drop(connection);
        block_in_place(|| world.resume());
        let connection = rusqlite::Connection::open(world.data().join(DATABASE)).unwrap();
        let known: String = connection.query_row(WHO_KNOWS_WHOM, (), |row| row.get(0)).unwrap();
        assert_eq!(known, BOTH_KNOW);
        drop(connection);
        goes_on(&world, &told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_earlier_version_goes_on() {
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    for (number, copy) in copies().into_iter().enumerate() {
        let name = format!("copy_{number}");
        let told = told(&copy.join("told-postgres.json"));
        block_in_place(|| {
            postgres.create_database(&name);
            postgres.load(&name, &copy.join(DUMP));
            postgres.sql(&name, &made_younger(&told));
            postgres
                .sql(&name, &format!("UPDATE invitations SET due_at = {} WHERE lasting", now_ms() + DAY_MS));
        });
        let store = format!("{KEEPS}[store]\nurl = \"{}\"\n", postgres.url(&name));
        let world = block_in_place(|| World::start_with(&store));
        let known = block_in_place(|| postgres.sql(&name, WHO_KNOWS_WHOM));
        assert_eq!(known.trim(), BOTH_KNOW);
        goes_on(&world, &told).await;
    }
}

/// Nodes that run while another migrates go on; one of them that is restarted afterwards is refused, and says what to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_beside_newer_tables_and_does_not_start_on_them() {
    let cluster = block_in_place(|| Cluster::of(1, ""));
    let mut alice = cluster.person(0, "alice").await;
    let newer = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
        VALUES (99, 'tables', now()::text, '1')";
    block_in_place(|| cluster.postgres.sql("postgres", newer));
    let mut bob = cluster.person(0, "bob").await;
    let invite_id = alice.invites(&bob).await["inviteID"].take();
    bob.accepts(&invite_id).await;
    let another = World::prepared(&cluster.config(""));
    is_too_old(&block_in_place(|| another.fails_to_start()));
    let runs = |words: &[&str]| block_in_place(|| command(&another.config_file(), &another.data(), words));
    is_too_old(&runs(&["migrate"]));
    is_too_old(&runs(&["check"]));
    // What cannot wait for an upgrade needs one table alone, and a version of the same series understands it.
    assert!(runs(&["revoke", "alice"]).succeeded);
}

fn is_too_old(ended: &Ended) {
    let complaint = ended.complained.trim_end();
    for words in ["written by a newer wigwag", "Run that version", "backup"] {
        assert!(ended.code == Some(1) && complaint.contains(words), "{complaint}");
    }
}

/// `make upgrade OLD=…` builds the other version.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WIGWAG_OLD_BIN, the program of another version"]
async fn a_server_is_upgraded_and_does_not_go_back() {
    let program = old_program();
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    for postgres in [None, Some(&postgres)] {
        let config = postgres
            .map(|postgres| format!("[store]\nurl = \"{}\"\n", postgres.url("postgres")))
            .unwrap_or_default();
        let mut world = World::prepared(&config);
        block_in_place(|| world.resume_as(&program));
        let before = schema(&world, postgres);
        let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
        let rings = json!({"inviteID": "before", "invitee": "bob", "data": "x", "timeout": 600});
        alice.does("signaling.invite", rings).await;
        bob.hears("invitation.received").await;
        let rings = json!({"inviteID": "call", "invitee": "bob", "data": "x", "timeout": 600, "call": {"mediaType": "audio"}});
        alice.does("signaling.invite", rings).await;
        bob.hears("invitation.received").await;
        let listed = bob.does("call.list", json!({})).await;
        block_in_place(|| assert!(world.stop().succeeded));
        block_in_place(|| world.resume());
        alice.resumes_at(world.address()).await;
        bob.resumes_at(world.address()).await;
        keeps(&bob.does("call.list", json!({})).await, &listed, "calls");
        bob.accepts(&json!("before")).await;
        assert_eq!(alice.hears("invitation.accepted").await["inviteID"], "before");
        block_in_place(|| assert!(world.stop().succeeded));
        // Where the schema is the same, a version of the same series may go on with what the newer one wrote.
        if schema(&world, postgres) != before {
            is_too_old(&block_in_place(|| world.fails_to_start_as(&program)));
        }
    }
}

fn schema(world: &World, postgres: Option<&Postgres>) -> String {
    if let Some(postgres) = postgres {
        return block_in_place(|| {
            postgres.sql("postgres", "SELECT max(version) FROM refinery_schema_history")
        });
    }
    let connection = rusqlite::Connection::open(world.data().join(DATABASE)).unwrap();
    let version: u32 = connection.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap();
    version.to_string()
}

#[expect(clippy::disallowed_methods, reason = "this is how a person names the program")]
fn old_program() -> String {
    std::env::var("WIGWAG_OLD_BIN").unwrap()
}

fn told(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// An invitation without deadline is closed for its age after a year at the most. The copy may be older, and its invitation is to
/// be answered.
fn made_younger(told: &Value) -> String {
    let (since, now) = (&told["lastingSince"], now_ms());
    format!(
        "UPDATE invitations SET created_at = {now}, terms = replace(terms, '{since}', '{now}') WHERE invite_id = 'lasting'"
    )
}

/// Devices with the cursors of that time get what they missed, a deadline that passed fires, nothing else has changed, and the
/// database is sound.
async fn goes_on(world: &World, told: &Value) {
    let mut carol = back(world, "carol", &told["cursors"]).await;
    let missed = carol.catches_up().await;
    let texts: Vec<&Value> = missed.iter().map(|event| &event["message"]["content"]["text"]).collect();
    for text in ["one", "two", "three"] {
        assert!(texts.contains(&&json!(text)), "{text} is not in {missed:?}");
    }
    let mut bob = back(world, "bob", &told["cursors"]).await;
    let ended = hears(&mut bob, "invitation.timedOut").await;
    assert_eq!((&ended["inviteID"], &ended["version"]), (&json!("due"), &json!(2)));
    let mut alice = back(world, "alice", &told["cursors"]).await;
    hears(&mut alice, "invitation.timedOut").await;
    let found = finds(&mut alice, &mut bob).await;
    keeps(&found, &told["found"], "found");
    assert_eq!(alice.texts_in("g", "four").await["seq"], 4);
    assert_eq!(hears(&mut bob, "message.received").await["message"]["content"]["text"], "four");
    bob.accepts(&json!("lasting")).await;
    assert_eq!(hears(&mut alice, "invitation.accepted").await["inviteID"], "lasting");
    alice.invites(&bob).await;
    bob.hears("invitation.received").await;
    let ended = block_in_place(|| command(&world.config_file(), &world.data(), &["check"]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// The next event. With SQLite the deadline fires before anybody is back, and with PostgreSQL a moment later: then there is nothing
/// to catch up with.
async fn hears(device: &mut Device, kind: &str) -> Value {
    loop {
        let frame = device.hears_frame().await;
        if frame["method"] != "session.caughtUp" {
            assert_eq!(frame["params"]["type"], kind, "{frame}");
            return frame["params"].clone();
        }
    }
}

async fn back(world: &World, user: &str, cursors: &Value) -> Device {
    let mut device = world.device(user);
    device.cursor = cursors[user].as_u64().unwrap();
    let opened = device.resumes().await;
    assert_ne!(opened["resync"], true, "{user}: {opened}");
    device
}

/// What today's server answers holds all that was answered before; it may say more.
fn keeps(now: &Value, before: &Value, place: &str) {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            for (name, value) in before {
                keeps(now.get(name).unwrap_or(&Value::Null), value, &format!("{place}.{name}"));
            }
        }
        (Value::Array(now), Value::Array(before)) => {
            assert_eq!(now.len(), before.len(), "{place}");
            for (index, (now, before)) in now.iter().zip(before).enumerate() {
                keeps(now, before, &format!("{place}[{index}]"));
            }
        }
        (now, before) => assert_eq!(now, before, "{place}"),
    }
}

/// What people can look up that time does not change.
async fn finds(alice: &mut Device, bob: &mut Device) -> Value {
    let keyed = json!({"userID": "bob", "clientMsgID": "key", "type": "text", "content": {"text": "x"}});
    json!({
        "group": bob.does("group.list", json!({})).await,
        "history": bob.does("message.history", json!({"groupID": "g"})).await,
        "blocked": bob.does("user.listBlocked", json!({})).await,
        "profiles": bob.does("user.get", json!({"userIDs": ["bob"]})).await,
        "answered": alice.looks_at(&json!("answered")).await,
        "repeated": alice.does("message.send", keyed).await["messageID"],
        "read": bob.does("conversation.list", json!({})).await["conversations"].as_array().unwrap().iter()
            .find(|conversation| conversation["groupID"] == "g").unwrap()["readSeq"],
    })
}

/// Makes the copy of the version whose program is named, for `before/README.md`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes data, and needs WIGWAG_OLD_BIN"]
#[expect(clippy::disallowed_methods, reason = "this is how a person names the place")]
async fn the_copy_of_a_version_is_made() {
    let program = old_program();
    let copy = PathBuf::from(std::env::var("WIGWAG_COPY").unwrap());
    std::fs::create_dir_all(&copy).unwrap();
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    let on_postgres = format!("{KEEPS}[store]\nurl = \"{}\"\n", postgres.url("postgres"));
    for (store, config) in [("sqlite", KEEPS), ("postgres", &on_postgres)] {
        let mut world = World::prepared(config);
        block_in_place(|| world.resume_as(&program));
        let told = lives_on(&world).await;
        // It stops before the last deadline, which passes while nothing runs.
        block_in_place(|| assert!(world.stop().succeeded));
        if let Ok(database) = std::fs::File::open(world.data().join(DATABASE)) {
            let mut packed = Vec::new();
            GzEncoder::new(database, Compression::best()).read_to_end(&mut packed).unwrap();
            std::fs::write(copy.join(FILE), packed).unwrap();
        }
        std::fs::write(copy.join(format!("told-{store}.json")), format!("{told:#}\n")).unwrap();
    }
    std::fs::write(copy.join(DUMP), block_in_place(|| postgres.dump("postgres"))).unwrap();
}

/// A group, messages, a block, a profile, read marks; carol is away meanwhile, and the last ring is due in a second.
async fn lives_on(world: &World) -> Value {
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let carols = carol.cursor;
    carol.vanishes();
    alice.makes_group("g", &["bob", "carol"]).await;
    for text in ["one", "two", "three"] {
        alice.texts_in("g", text).await;
    }
    bob.does("message.markRead", json!({"groupID": "g", "seq": 2})).await;
    bob.does("user.setProfile", json!({"nickname": "Bobby \u{0} Tables", "ext": "{}"})).await;
    bob.does("user.block", json!({"userID": "carol"})).await;
    alice
        .does(
            "signaling.invite",
            json!({"inviteID": "answered", "invitee": "bob", "data": "x", "timeout": 60}),
        )
        .await;
    bob.accepts(&json!("answered")).await;
    let found = finds(&mut alice, &mut bob).await;
    let rings = json!({"inviteID": "lasting", "invitee": "bob", "data": "x", "timeout": 0});
    alice.does("signaling.invite", rings).await;
    let lasting = alice.looks_at(&json!("lasting")).await["createdAt"].take();
    alice
        .does("signaling.invite", json!({"inviteID": "due", "invitee": "bob", "data": "x", "timeout": 1}))
        .await;
    alice.listens().await;
    bob.listens().await;
    json!({"found": found, "lastingSince": lasting, "cursors": {"alice": alice.cursor, "bob": bob.cursor, "carol": carols}})
}

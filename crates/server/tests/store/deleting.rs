//! What is left of a deleted user: a name that nobody is given again, and what others have of them.

use rusqlite::types::Value;
use wigwag_engine::command::SendMessage;
use wigwag_engine::{Actor, Command, ConversationId, Reply};
use wigwag_protocol::Reason;
use wigwag_protocol::group::ReachableBy;
use wigwag_protocol::params::Direction;
use wigwag_protocol::quiet::Quiet;
use wigwag_server::store::moving::move_all;
use wigwag_server::store::{
    Admission, CallRange, HistoryRange, KeptPlace, OwnDevice, PageRange, PushChange, RetentionCutoffs,
    RingState, Rung, postgres, sqlite,
};
use wigwag_session::PushToken;
use wigwag_testbed::{Durability, Postgres};

use crate::checking::KEPT_FOR;
use crate::lists::is_sound;
use crate::moving::plan;
use crate::postgres::Database;
use crate::retention::{NOTHING, drops};
use crate::sqlite::Sqlite;
use crate::words::{
    accept, create_group, group, hang_up, invite, invite_id, mark_read, reject, ring, send, set_profile,
    text, to, to_call, to_group,
};
use crate::world::World;

/// Stands in everything that the user says of themselves, and in nothing else.
const SECRET: &str = "Liddell";

/// Alice has been everywhere, and has left every group and call. Whoever is named is in what she leaves behind.
async fn lives(world: &mut World) -> [Actor; 3] {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    for person in [&alice, &bob] {
        world.does(person, set_profile(Some(SECRET), Some(SECRET), Some(SECRET))).await.succeeds();
        world.does(person, set_profile(Some("Al"), None, None)).await.succeeds();
    }
    world.does(&bob, set_profile(Some("Bob"), Some(""), Some(""))).await.succeeds();
    world.does(&alice, set_profile(Some(SECRET), None, None)).await.succeeds();
    let known = Some(ReachableBy::Known);
    world.does(&alice, Command::SetReach { ring: known, add: known }).await.succeeds();
    let except = vec![crate::words::user(SECRET)];
    let quiet = Quiet { until: Some(u64::MAX), except, ..Quiet::default() };
    world.does(&alice, Command::SetQuiet(Box::new(quiet))).await.succeeds();
    world.does(&alice, Command::SetBlock(carol.user.clone(), true)).await.succeeds();
    world.does(&bob, Command::SetBlock(alice.user.clone(), true)).await.succeeds();
    world.does(&bob, Command::SetBlock(alice.user.clone(), false)).await.succeeds();
    for peer in [&bob, &carol] {
        let said =
            SendMessage { client_msg_id: Some(format!("to {}", peer.user)), ..text(to(&peer.user), "hello") };
        world.does(&alice, send(said)).await.succeeds();
        world.does(peer, mark_read(to(&alice.user), 1)).await.succeeds();
    }
    for words in ["one", "two"] {
        world.does(&bob, send(text(to(&alice.user), words))).await.succeeds();
    }
    world.does(&alice, Command::PinConversation { peer: to(&bob.user), on: true }).await.succeeds();
    world.does(&alice, Command::DeleteConversation(to(&carol.user))).await.succeeds();
    let team = group("team");
    world.does(&alice, create_group(&team, &[&bob.user])).await.succeeds();
    world.does(&alice, send(text(to_group(&team), "in the team"))).await.succeeds();
    world.does(&alice, invite(to_call(ring("call", &bob.user)))).await.succeeds();
    world.does(&bob, accept("call")).await.succeeds();
    world.does(&alice, hang_up("call")).await.succeeds();
    world.does(&bob, invite(ring("no", &alice.user))).await.succeeds();
    world.does(&alice, reject("no")).await.succeeds();
    world.does(&alice, Command::SeeCalls(u64::MAX)).await.succeeds();
    let device = alice.device.clone().unwrap();
    let of = OwnDevice { user: alice.user.clone(), device: device.device_id.clone() };
    let token = PushToken::Fcm { token: SECRET.to_owned() };
    let registered =
        PushChange::Registered { user: alice.user.clone(), device: device.clone(), token, signed_at: 1 };
    let rung = PushChange::Ring(Rung { invite: invite_id("no"), of }, RingState::Heard);
    world.store().keep_push(vec![registered, rung], 1).await.unwrap();
    keeps_place(world, &alice).await;
    for _ in 0..2 {
        world.does(&back_end(&alice), Command::PartWith(team.clone())).await.succeeds();
    }
    world.does(&bob, Command::SetBlock(alice.user.clone(), true)).await.succeeds();
    [alice, bob, carol]
}

async fn keeps_place(world: &World, actor: &Actor) {
    let platform = actor.device.as_ref().unwrap().platform;
    let place = KeptPlace { user: actor.user.clone(), platform, cursor: 1 };
    world.store().keep_places(vec![place]).await.unwrap();
}

fn back_end(of: &Actor) -> Actor {
    Actor::back_end(of.user.clone())
}

async fn deletes(world: &mut World, actor: &Actor) -> u64 {
    let deleted = world.does(&back_end(actor), Command::DeleteUser).await;
    assert!(deleted.events().is_empty(), "whoever knew them has heard of each step");
    let Reply::Done(done) = deleted.succeeds() else { panic!("{deleted:?}") };
    done.time
}

pub(crate) async fn erases(world: &mut World, actor: &Actor) {
    world.told.forgets(&actor.user);
    let mut steps = 0;
    while world.store().erase(&actor.user).await.unwrap() {
        steps += 1;
        assert!(steps < 100, "it comes to an end");
    }
}

pub(crate) async fn a_deleted_user_is_unknown_and_their_name_is_taken(world: &mut World) {
    let [alice, bob, carol] = lives(world).await;
    let at = deletes(world, &alice).await;
    for round in 0..3 {
        let bounds = world.store().stream_bounds(&alice.user).await.unwrap().unwrap();
        assert_eq!(
            (bounds.admission, bounds.floor),
            (Admission::Deleted, bounds.head),
            "no place to go on from"
        );
        assert_eq!(world.store().known_user(&alice.user).await.unwrap(), None);
        let known = world.store().known_users(None, 10).await.unwrap().rows;
        assert_eq!(
            known.iter().map(|one| one.profile.user_id.as_str()).collect::<Vec<_>>(),
            ["bob", "carol"]
        );
        let users = [alice.user.clone(), bob.user.clone()];
        let profiles = world.store().profiles(&users).await.unwrap();
        assert_eq!(profiles.iter().map(|one| one.nickname.as_str()).collect::<Vec<_>>(), ["Bob"]);
        let counted = world.store().counted().await.unwrap();
        assert_eq!((counted.users, counted.disabled_users, counted.push_devices), (2, 0, 0));
        assert_eq!(
            world.store().disabled_users(0).await.unwrap(),
            std::slice::from_ref(&alice.user),
            "her sessions end"
        );
        assert_eq!(world.does(&carol, send(text(to(&alice.user), "?"))).await.reason(), Reason::UnknownUser);
        assert_eq!(world.does(&back_end(&alice), Command::Register).await.reason(), Reason::UserDeleted);
        assert_eq!(world.does(&alice, Command::JoinGroup(group("team"))).await.reason(), Reason::UserDeleted);
        assert_eq!(deletes(world, &alice).await, at, "a repeat hears when it was");
        // What comes late is not kept.
        keeps_place(world, &alice).await;
        let device = alice.device.clone().unwrap();
        let token = PushToken::Fcm { token: "late".to_owned() };
        let late =
            PushChange::Registered { user: alice.user.clone(), device: device.clone(), token, signed_at: 1 };
        world.store().keep_push(vec![late], 1).await.unwrap();
        assert_eq!(world.store().push_tokens(std::slice::from_ref(&alice.user)).await.unwrap(), []);
        assert_eq!(world.store().kept_place(&alice.user, device.platform).await.unwrap(), None);
        match round {
            0 => erases(world, &alice).await,
            _ => world.reopens().await,
        }
    }
    assert!(!world.store().erase(&bob.user).await.unwrap(), "nobody else is erased");
    assert!(world.store().known_user(&bob.user).await.unwrap().is_some());
}

pub(crate) async fn what_others_have_of_a_deleted_user_stays(world: &mut World) {
    let [alice, bob, _] = lives(world).await;
    deletes(world, &alice).await;
    erases(world, &alice).await;
    let conversation = ConversationId::between(&alice.user, &bob.user);
    for _ in 0..2 {
        let range = HistoryRange {
            conversation: conversation.clone(),
            from_seq: None,
            direction: Direction::Newer,
            limit: 100,
        };
        let page = world.store().history(range).await.unwrap();
        let senders: Vec<&str> = page.messages.iter().map(|message| message.sender.as_str()).collect();
        assert!(senders.contains(&"alice") && senders.contains(&"bob"), "{senders:?}");
        let list =
            world.store().conversations(&bob.user, PageRange { after: None, limit: 10 }).await.unwrap();
        let row = list.rows.iter().find(|row| row.conversation == conversation).unwrap();
        assert_eq!(row.last_seq, page.messages.last().unwrap().seq.unwrap());
        let calls = CallRange { missed: false, after: None, limit: 10 };
        assert_eq!(world.store().calls_of(&bob.user, calls.clone()).await.unwrap().calls.len(), 1);
        assert_eq!(world.store().calls_of(&alice.user, calls).await.unwrap().calls.len(), 0);
        let blocked = world.store().blocked_by(&bob.user, None, 10).await.unwrap().rows;
        assert_eq!(blocked, std::slice::from_ref(&alice.user), "his block is his");
        assert_eq!(world.store().blocked_by(&alice.user, None, 10).await.unwrap().rows, []);
        let team = world.group(&group("team")).await.unwrap();
        assert_eq!((team.owner(), team.members.len()), (Some(&bob.user), 1));
        world.reopens().await;
    }
    // What is read and dropped later finds her row, and nothing of hers.
    for peer in [to(&alice.user), to_group(&group("team"))] {
        world.does(&bob, mark_read(peer, 1_000)).await.succeeds();
    }
    let all = RetentionCutoffs { history: u64::MAX, events: u64::MAX, ..NOTHING };
    drops(world, all).await;
    assert_eq!(
        world
            .store()
            .conversations(&bob.user, PageRange { after: None, limit: 10 })
            .await
            .unwrap()
            .total_unread,
        0
    );
}

/// The commands before it in its batch may have told her something, and those after it do not find her.
pub(crate) async fn a_deletion_has_its_place_in_its_batch(world: &mut World) {
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let hers = back_end(&alice);
    let together = vec![
        (&bob, send(text(to(&alice.user), "before"))),
        (&hers, Command::SeeCalls(1)),
        (&bob, invite(ring("open", &alice.user))),
        (&hers, Command::DeleteUser),
        (&hers, reject("open")),
        (&hers, Command::DeleteUser),
        (&carol, send(text(to(&alice.user), "after"))),
        (&bob, mark_read(to(&alice.user), 1)),
    ];
    let outcomes = world.together(together).await;
    assert!(outcomes[3].0.reply().is_err(), "something is open");
    outcomes[5].succeeds();
    assert_eq!(outcomes[6].reason(), Reason::UnknownUser);
    assert!(
        outcomes[7].events().iter().all(|event| event.places.iter().all(|place| place.user != alice.user))
    );
    erases(world, &alice).await;
    let bounds = world.store().stream_bounds(&alice.user).await.unwrap().unwrap();
    let page = world.store().events_after(&alice.user, 0, 100).await.unwrap();
    assert!(bounds.head >= 3 && page.events.is_empty(), "{bounds:?}");
}

/// More rows of each kind than a step takes.
pub(crate) async fn a_long_life_is_erased_step_by_step(world: &mut World) {
    const ROWS: usize = 2_001;
    let [alice, bob] = [world.joins("alice").await, world.joins("bob").await];
    for chunk in (0..ROWS).collect::<Vec<_>>().chunks(500) {
        let said = chunk.iter().map(|number| {
            let said = SendMessage { client_msg_id: Some(number.to_string()), ..text(to(&bob.user), "x") };
            (&alice, send(said))
        });
        for outcome in world.together(said.collect()).await {
            outcome.succeeds();
        }
    }
    deletes(world, &alice).await;
    world.told.forgets(&alice.user);
    let mut more = 0;
    while world.store().erase(&alice.user).await.unwrap() {
        more += 1;
    }
    assert!(more > 0, "one step does not take all of it");
    assert!(!world.store().erase(&alice.user).await.unwrap());
    let page = world.store().events_after(&alice.user, 0, 10).await.unwrap();
    assert!(page.events.is_empty() && page.complete);
}

/// What may name her afterwards: her own row, and what others have of her.
const KEPT: [&str; 10] = [
    "users.user_id",
    "users.id",
    "blocks.target",
    "messages.sender",
    "events.actor",
    "invitations.inviter",
    "invitations.invitee",
    // The empty profile has her name.
    "users.profile",
    // The record of a device's seat and of tokens taken back: no session is open in these stories.
    "seats.user_id",
    "revocations.user_id",
];

/// Columns of numbers that are rows of users.
const ROWS: [&str; 11] = [
    "users.id",
    "blocks.by_user",
    "blocks.target",
    "members.user",
    "departures.user",
    "readers.user",
    "streams.user",
    "messages.sender",
    "client_messages.sender",
    "call_lists.user",
    "calls_seen.user",
];

/// Every column of every table is read: none but those above names her, and none has what she said of herself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_deleted_user_is_left_in_the_tables_of_sqlite() {
    let backend = Sqlite::new();
    let path = backend.path();
    let mut world = World::new(Box::new(backend.clone())).await;
    let [alice, ..] = lives(&mut world).await;
    let before = world_copy(&mut world, &path).await;
    assert!(before.len() > 12, "she is in many tables: {before:?}");
    deletes(&mut world, &alice).await;
    erases(&mut world, &alice).await;
    let left = world_copy(&mut world, &path).await;
    assert!(left.iter().all(|column| KEPT.contains(&column.as_str())), "{left:?}");
    for column in ["users.user_id", "blocks.target", "messages.sender", "events.actor"] {
        assert!(left.iter().any(|named| named == column), "{column} is read: {left:?}");
    }
    world.closes().await;
    is_sound(&sqlite::check(&path).unwrap());

    // What is moved is what is there.
    let server = Postgres::start(Durability::Fast);
    let to = Database::of(&server, "postgres", 1);
    move_all(&plan(&backend, &to), |_| {}).await.unwrap();
    is_sound(&postgres::check(to.settings(), KEPT_FOR).await.unwrap());
    let left = named_in_postgres(&server);
    assert!(left.iter().all(|column| KEPT.contains(&column.as_str())), "{left:?}");
    let world = World::new(Box::new(to)).await;
    let bounds = world.store().stream_bounds(&alice.user).await.unwrap().unwrap();
    assert_eq!(bounds.admission, Admission::Deleted);
    world.store().close().await;
}

/// Closes the store, so that everything is in the tables; reads them; opens it again.
async fn world_copy(world: &mut World, path: &std::path::Path) -> Vec<String> {
    world.closes().await;
    let named = named_in_sqlite(path);
    world.reopens().await;
    named
}

fn named_in_sqlite(path: &std::path::Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let row: i64 =
        connection.query_row("SELECT id FROM users WHERE user_id = 'alice'", [], |row| row.get(0)).unwrap();
    let columns = "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
        WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'";
    let mut columns = connection.prepare(columns).unwrap();
    let columns: Vec<(String, String)> =
        columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut named = Vec::new();
    for (table, column) in columns {
        let of = format!("{table}.{column}");
        let mut values = connection.prepare(&format!("SELECT \"{column}\" FROM \"{table}\"")).unwrap();
        let values: Vec<Value> =
            values.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let names_her = values.iter().any(|value| match value {
            Value::Integer(number) => {
                *number == row && (ROWS.contains(&of.as_str()) || column == "actor" || column == "user")
            }
            Value::Text(text) => text == "alice" || says_the_secret(&of, text),
            Value::Null | Value::Real(_) | Value::Blob(_) => false,
        });
        named.extend(names_her.then_some(of));
    }
    named
}

fn says_the_secret(of: &str, text: &str) -> bool {
    // Bob said the same of himself before he thought better of it.
    text.contains(SECRET) && !(of == "events.body" && text.contains(r#""userID":"bob""#))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_deleted_user_is_left_in_the_tables_of_postgres() {
    let server = Postgres::start(Durability::Fast);
    let mut world = World::new(Box::new(Database::of(&server, "postgres", 1))).await;
    let [alice, ..] = lives(&mut world).await;
    let before = named_in_postgres(&server);
    assert!(before.len() > 12, "she is in many tables: {before:?}");
    deletes(&mut world, &alice).await;
    erases(&mut world, &alice).await;
    let left = named_in_postgres(&server);
    assert!(left.iter().all(|column| KEPT.contains(&column.as_str())), "{left:?}");
    for column in ["users.user_id", "blocks.target", "messages.sender", "events.actor", "invitations.inviter"]
    {
        assert!(left.iter().any(|named| named == column), "{column} is read: {left:?}");
    }
    let settings = Database::of(&server, "postgres", 1);
    is_sound(&postgres::check(settings.settings(), KEPT_FOR).await.unwrap());
    world.closes().await;
}

fn named_in_postgres(server: &Postgres) -> Vec<String> {
    let columns = "SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public' ORDER BY 1";
    let columns = server.sql("postgres", columns);
    let looked = columns.trim().lines().map(|of| {
        let (table, column) = of.split_once('.').unwrap();
        format!(
            "SELECT '{of}' WHERE EXISTS (SELECT FROM {table} WHERE {column}::text = 'alice'
                OR position('{SECRET}' IN {column}::text) > 0 AND position('\"userID\":\"bob\"' IN {column}::text) = 0)"
        )
    });
    let all = looked.collect::<Vec<_>>().join(" UNION ALL ");
    server.sql("postgres", &all).trim().lines().map(str::to_owned).collect()
}

/// A database that the version before has written is brought here with all that is in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_the_version_before_are_deleted_too() {
    let backend = Sqlite::new();
    let path = backend.path();
    let mut world = World::new(Box::new(backend)).await;
    let [alice, ..] = lives(&mut world).await;
    world.closes().await;
    let before =
        "DROP INDEX departures_of_user; DROP INDEX rings_of_user; ALTER TABLE users DROP COLUMN deleted_at;
        ALTER TABLE users DROP COLUMN quiet; ALTER TABLE users DROP COLUMN rang; DROP INDEX users_with_status; ALTER TABLE users DROP COLUMN status;
        PRAGMA user_version = 15";
    rusqlite::Connection::open(&path).unwrap().execute_batch(before).unwrap();
    world.reopens().await;
    assert!(world.store().known_user(&alice.user).await.unwrap().is_some());
    deletes(&mut world, &alice).await;
    erases(&mut world, &alice).await;
    let left = world_copy(&mut world, &path).await;
    assert!(left.iter().all(|column| KEPT.contains(&column.as_str())), "{left:?}");
    is_sound(&sqlite::check(&path).unwrap());
    world.closes().await;

    let server = Postgres::start(Durability::Fast);
    let mut world = World::new(Box::new(Database::of(&server, "postgres", 1))).await;
    let [alice, ..] = lives(&mut world).await;
    world.closes().await;
    let before = "DROP INDEX departures_of_user, rings_of_user; ALTER TABLE users DROP COLUMN deleted_at;
        ALTER TABLE users DROP COLUMN quiet, DROP COLUMN rang, DROP COLUMN status;
        DELETE FROM refinery_schema_history WHERE version >= 18";
    server.sql("postgres", before);
    world.reopens().await;
    assert!(world.store().known_user(&alice.user).await.unwrap().is_some());
    deletes(&mut world, &alice).await;
    erases(&mut world, &alice).await;
    let left = named_in_postgres(&server);
    assert!(left.iter().all(|column| KEPT.contains(&column.as_str())), "{left:?}");
    world.closes().await;
}

/// A crash between the steps leaves rows that the check names, and the next look goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_erased_yet_is_found_by_the_check() {
    let backend = Sqlite::new();
    let path = backend.path();
    let mut world = World::new(Box::new(backend)).await;
    let [alice, ..] = lives(&mut world).await;
    deletes(&mut world, &alice).await;
    world.told.forgets(&alice.user);
    world.closes().await;
    let found = sqlite::check(&path).unwrap();
    assert!(found.kept.iter().any(|finding| finding.to_string().contains("readers")), "{found:?}");
    world.reopens().await;
    erases(&mut world, &alice).await;
    world.closes().await;
    is_sound(&sqlite::check(&path).unwrap());
}

//! Pages of lists with rows in them that cannot be read: whoever follows `next` is shown all the others.

use wigwag_engine::{Actor, Command, ConversationId};
use wigwag_protocol::params::Direction;
use wigwag_protocol::{CallId, GroupId, UserId};
use wigwag_server::store::{CallRange, HistoryRange, OpenRange, PageRange, Store};
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::sqlite::Sqlite;
use crate::words::{create_group, group, invite, reject, ring, send, text, to, to_room, user};
use crate::world::{Backend, World};

/// What each list has, in its order or the other way round: at a page's end, on a page of their own, and at the list's end there are rows
/// that are spoilt afterwards.
const NAMES: [&str; 5] = ["1-sound", "2-spoilt", "3-spoilt", "4-sound", "5-spoilt"];
const SOUND: [&str; 2] = ["1-sound", "4-sound"];

const SQLITE: &str = "
    UPDATE conversations SET name = 'talk ' || name WHERE name LIKE '%spoilt%';
    UPDATE events SET body = '{' WHERE body LIKE '%words of %spoilt%';
    UPDATE groups SET group_id = group_id || char(9) WHERE group_id LIKE '%spoilt';
    UPDATE users SET user_id = user_id || char(9) WHERE user_id LIKE '%spoilt';
    UPDATE invitations SET terms = '{' WHERE invite_id LIKE '%spoilt';
    UPDATE calls SET record = '{' WHERE call_id LIKE '%2-spoilt';
    UPDATE calls SET record = CAST(x'7bff' AS TEXT) WHERE call_id LIKE '%spoilt' AND record <> '{'";

/// Here keys stand in the lists' own rows, and places are made of them.
const POSTGRES: &str = "
    UPDATE conversations SET name = 'talk ' || name WHERE name LIKE '%spoilt%';
    UPDATE events SET body = '{' WHERE body LIKE '%words of %spoilt%';
    UPDATE groups SET about = '{' WHERE group_id LIKE '%spoilt';
    UPDATE members SET user_id = user_id || chr(9) WHERE user_id = 'zed';
    UPDATE blocks SET target = target || chr(9) WHERE target LIKE '%spoilt';
    UPDATE invitations SET invite_id = invite_id || chr(9) WHERE invite_id LIKE '%spoilt';
    UPDATE calls SET record = '{' WHERE call_id LIKE '%spoilt'";

/// Alice has one of each kind with each name: a conversation, a message in the one with zed, a group, a block, an open invitation, and a
/// call that is over. Everybody of these names is in a call of their own that runs.
async fn lives(world: &mut World) -> Actor {
    let [alice, zed] = [world.joins("alice").await, world.joins("zed").await];
    for name in NAMES {
        let other = world.joins(name).await;
        let call = format!("call-{name}");
        for command in [
            invite(ring(name, &other.user)),
            send(text(to(&zed.user), &format!("words of {name}"))),
            create_group(&group(name), &[&zed.user]),
            invite(to_room(ring(&call, &other.user), &call)),
        ] {
            world.does(&alice, command).await.succeeds();
        }
        world.does(&other, reject(&call)).await.succeeds();
        let runs = format!("runs-{name}");
        world.does(&other, invite(to_room(ring(&runs, &zed.user), &runs))).await.succeeds();
        world.does(&alice, Command::SetBlock(other.user.clone(), true)).await.succeeds();
        world.until_the_next_millisecond().await;
    }
    alice
}

/// Everything that is read by following a list from page to page. A page is the names on it, and the place of the next one.
async fn followed<P>(page: impl AsyncFn(Option<P>) -> (Vec<String>, Option<P>)) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), None);
    for _ in 0..20 {
        let (names, next) = page(after).await;
        seen.extend(names);
        after = next;
        if after.is_none() {
            return seen;
        }
    }
    panic!("it goes on without end: {seen:?}")
}

fn texts<T: ToString>(names: impl IntoIterator<Item = T>) -> Vec<String> {
    names.into_iter().map(|name| name.to_string()).collect()
}

async fn conversations(store: &dyn Store, alice: &UserId, limit: usize) -> Vec<String> {
    let mut all = followed(async |after| {
        let page = store.conversations(alice, PageRange { after, limit }).await.unwrap();
        (texts(page.rows.iter().map(|row| &row.conversation)), page.next)
    })
    .await;
    all.sort();
    all
}

async fn history(store: &dyn Store, direction: Direction, limit: usize) -> Vec<String> {
    let conversation = ConversationId::between(&user("alice"), &user("zed"));
    followed(async |from_seq| {
        let range = HistoryRange { conversation: conversation.clone(), from_seq, direction, limit };
        let page = store.history(range).await.unwrap();
        let last = page.messages.last().filter(|_| !page.complete).and_then(|message| message.seq);
        let next = last.map(|seq| if direction == Direction::Older { seq - 1 } else { seq + 1 });
        assert!(page.complete || next.is_some(), "there is nothing to go on from");
        (texts(page.messages.iter().map(|message| message.content.get())), next)
    })
    .await
}

async fn open(store: &dyn Store, alice: &UserId, limit: usize) -> Vec<String> {
    followed(async |after| {
        let page = store.open_invitations(alice, OpenRange { after, limit }).await.unwrap();
        (texts(page.invitations.iter().map(|one| &one.id)), page.next)
    })
    .await
}

async fn calls(store: &dyn Store, alice: &UserId, limit: usize) -> Vec<String> {
    followed(async |after| {
        let page = store.calls_of(alice, CallRange { missed: false, after, limit }).await.unwrap();
        (texts(page.calls.iter().map(|call| call.id())), page.next)
    })
    .await
}

async fn running(store: &dyn Store, limit: usize) -> Vec<String> {
    followed(async |after: Option<CallId>| {
        let page = store.running_page(after.as_ref(), limit).await.unwrap();
        let next = page.rows.last().filter(|_| !page.complete).map(|last| last.id().clone());
        assert!(page.complete || next.is_some(), "there is nothing to go on from");
        (texts(page.rows.iter().map(|call| call.id())), next)
    })
    .await
}

async fn groups(store: &dyn Store, alice: &UserId, limit: usize) -> Vec<String> {
    followed(async |after: Option<GroupId>| {
        let page = store.groups_of(alice, after.as_ref(), limit).await.unwrap();
        let next = page.rows.last().filter(|_| !page.complete).map(|last| last.group_id.clone());
        assert!(page.complete || next.is_some(), "there is nothing to go on from");
        (texts(page.rows.iter().map(|one| &one.group_id)), next)
    })
    .await
}

async fn blocked(store: &dyn Store, alice: &UserId, limit: usize) -> Vec<String> {
    followed(async |after: Option<UserId>| {
        let page = store.blocked_by(alice, after.as_ref(), limit).await.unwrap();
        let next = page.rows.last().filter(|_| !page.complete).cloned();
        assert!(page.complete || next.is_some(), "there is nothing to go on from");
        (texts(page.rows), next)
    })
    .await
}

/// In pages of every length.
async fn all_the_others_are_read(store: &dyn Store, alice: &UserId) {
    let newest_first: Vec<&str> = SOUND.into_iter().rev().collect();
    for limit in 1..=NAMES.len() + 1 {
        let listed =
            ["c2c:1-sound alice", "c2c:4-sound alice", "c2c:alice zed", "group:1-sound", "group:4-sound"];
        assert_eq!(conversations(store, alice, limit).await, listed, "pages of {limit}");
        let said = SOUND.map(|name| format!("{{\"text\":\"words of {name}\"}}"));
        assert_eq!(history(store, Direction::Newer, limit).await, said, "pages of {limit}");
        let said: Vec<&String> = said.iter().rev().collect();
        assert_eq!(history(store, Direction::Older, limit).await, texts(said), "pages of {limit}");
        assert_eq!(open(store, alice, limit).await, SOUND, "pages of {limit}");
        let called = newest_first.iter().map(|name| format!("call-{name}"));
        assert_eq!(calls(store, alice, limit).await, texts(called), "pages of {limit}");
        let run = SOUND.map(|name| format!("runs-{name}"));
        assert_eq!(running(store, limit).await, run, "pages of {limit}");
        assert_eq!(groups(store, alice, limit).await, SOUND, "pages of {limit}");
        assert_eq!(blocked(store, alice, limit).await, SOUND, "pages of {limit}");
    }
}

async fn rows_that_cannot_be_read_end_no_list(backend: Box<dyn Backend>, spoil: impl FnOnce()) {
    let mut world = World::new(backend).await;
    let alice = lives(&mut world).await;
    world.closes().await;
    spoil();
    world.reopens().await;
    all_the_others_are_read(world.store(), &alice.user).await;
    world.store().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_cannot_be_read_end_no_list_on_sqlite() {
    let store = Sqlite::new();
    let path = store.path();
    let spoil = || rusqlite::Connection::open(path).unwrap().execute_batch(SQLITE).unwrap();
    rows_that_cannot_be_read_end_no_list(Box::new(store), spoil).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_cannot_be_read_end_no_list_on_postgres() {
    let server = Postgres::start(Durability::Fast);
    let store = Database::of(&server, "postgres", 1);
    let spoil = || {
        server.sql("postgres", POSTGRES);
    };
    rows_that_cannot_be_read_end_no_list(Box::new(store), spoil).await;
}

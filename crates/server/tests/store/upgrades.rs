//! What a migration makes of rows that an earlier version wrote.

use wigwag_engine::Limits;
use wigwag_engine::command::Invite;
use wigwag_protocol::Reason;
use wigwag_testbed::{Durability, Postgres};

use crate::postgres::Database;
use crate::words::{accept, create_group, group, invite, reject, ring, ring_members, send, text, to};
use crate::world::World;

const V3: &str = include_str!("../../src/store/postgres/migrations/V3__pending.sql");
const V8: &str = include_str!("../../src/store/postgres/migrations/V8__reach.sql");

/// The second half of the migration runs on what this version wrote: the records have not changed since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_pending_before_the_upgrade_counts() {
    let server = Postgres::start(Durability::Fast);
    server.create_database("old");
    let mut world = World::new(Box::new(Database::of(&server, "old", 1))).await;
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    let class = group("class");
    world.does(&alice, create_group(&class, &[&bob.user, &carol.user])).await.succeeds();
    // Texts that look like the record they stand in, and one that jsonb refuses.
    let tricky = "\u{0}\\u0000\\\u{0}\",\"settled\":[[1,0]],\"invitees\":[\"carol\"]".to_owned();
    let to_both = ring_members("both", &class, &[&bob.user, &carol.user]);
    world.does(&alice, invite(Invite { data: tricky, ..to_both })).await.succeeds();
    world.does(&bob, accept("both")).await.succeeds();
    world.does(&alice, invite(ring("over", &bob.user))).await.succeeds();
    world.does(&bob, reject("over")).await.succeeds();
    world.does(&carol, invite(ring("one", &bob.user))).await.succeeds();

    let (_, backfill) = V3.split_once("INSERT INTO").unwrap();
    server.sql("old", &format!("DELETE FROM pending; INSERT INTO {backfill}"));
    let pending = server.sql("old", "SELECT invitee, invite_id, inviter FROM pending ORDER BY 1");
    assert_eq!(pending.trim(), "bob|one|carol\ncarol|both|alice");

    world.reopens_with(Limits { pair_open_invitations: 1, ..Limits::default() }).await;
    world.does(&alice, invite(ring("two", &bob.user))).await.succeeds();
    for (inviter, id, invitee) in [(&alice, "three", &carol), (&carol, "four", &bob)] {
        let refused = world.does(inviter, invite(ring(id, &invitee.user))).await;
        assert_eq!(refused.reason(), Reason::TooManyOpenForPair);
    }
    world.store().close().await;
}

/// The second half of the migration finds out what the rules would have noted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_users_knew_before_the_upgrade_counts() {
    let server = Postgres::start(Durability::Fast);
    server.create_database("old");
    let mut world = World::new(Box::new(Database::of(&server, "old", 1))).await;
    let [alice, bob, carol] =
        [world.joins("alice").await, world.joins("bob").await, world.joins("carol").await];
    world.does(&alice, invite(ring("no", &bob.user))).await.succeeds();
    world.does(&bob, reject("no")).await.succeeds();
    world.does(&carol, invite(ring("yes", &bob.user))).await.succeeds();
    world.does(&bob, accept("yes")).await.succeeds();
    world.does(&alice, send(text(to(&carol.user), "hello"))).await.succeeds();

    let writers = "SELECT name, writers FROM conversations WHERE writers > 0 ORDER BY 1";
    let noted = server.sql("old", writers);
    assert_eq!(noted.trim(), "c2c:alice bob|1\nc2c:alice carol|1\nc2c:bob carol|3");
    let (_, backfill) = V8.split_once("UPDATE").unwrap();
    server.sql("old", "UPDATE conversations SET writers = 0");
    server.sql("old", &format!("UPDATE {backfill}"));
    assert_eq!(server.sql("old", writers), noted);
    world.store().close().await;
}

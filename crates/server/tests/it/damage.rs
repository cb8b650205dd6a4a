//! A row that cannot be read must not keep a user from everything else, and an operator is told which one it is.

use serde_json::json;
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;
use wigwag_testbed::{Durability, Postgres};

use crate::world::{Device, Ended, OpenIm, World, command};

/// The second of three messages that alice writes to bob while he is away.
const SPOIL: &str =
    "UPDATE events SET body = '\"type\":\"message.received\",\"message\":{' WHERE body LIKE '%two%'";

fn checked(world: &World) -> Ended {
    command(&world.config_file(), &world.data(), &["check"])
}

/// Alice writes to bob, who is at the place before; gives bob's device.
async fn away(world: &World) -> Device {
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    bob.vanishes();
    for text in ["one", "two", "three"] {
        alice.texts("bob", text).await;
    }
    bob
}

/// Bob comes back to a stream with a hole in it.
async fn goes_on(world: &World, bob: &mut Device) {
    bob.resumes_at(world.address()).await;
    assert_eq!(bob.hears("message.received").await["message"]["content"]["text"], "one");
    bob.is_closed_with(CloseCode::StoreUnavailable).await;
    // The second time he starts again from what is open, and goes on.
    let opened = bob.resumes().await;
    assert_eq!((&opened["resync"], &opened["cursor"]), (&json!(true), &json!(3)), "{opened}");
    let history = bob.does("message.history", json!({"userID": "alice"})).await;
    let seqs: Vec<_> =
        history["messages"].as_array().unwrap().iter().map(|message| &message["seq"]).collect();
    assert_eq!(seqs, [3, 1], "{history}");
    bob.does("conversation.list", json!({})).await;
    bob.texts("alice", "back").await;
    // A device that has the event already is not troubled.
    let mut tablet = world.another("bob", "tablet", 8);
    tablet.cursor = 2;
    assert_ne!(tablet.resumes().await["resync"], true);
    assert_eq!(tablet.hears("message.received").await["message"]["content"]["text"], "three");
}

async fn operator_is_told(world: &World) {
    let log = world.log();
    let line =
        log.lines().find(|line| line.contains("an event cannot be read")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("user=bob") && line.contains("cursor=2") && line.contains("event="), "{line}");
    let (_, figures) = world.get("/metrics").await;
    let count = figures.lines().find_map(|line| line.strip_prefix("wigwag_unreadable_rows_total "));
    // The event in the stream, and the message in the history.
    assert_eq!(count, Some("2"), "{figures}");
    let ended = block_in_place(|| checked(world));
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.said.contains("cannot be read") && ended.said.contains("bob at cursor 2"), "{ended:?}");
    assert!(ended.said.contains("resync") && ended.complained.contains("one thing is wrong"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_event_costs_a_resync_on_sqlite() {
    let mut world = block_in_place(World::start);
    let mut bob = away(&world).await;
    block_in_place(|| assert!(world.stop().succeeded));
    assert_eq!(block_in_place(|| checked(&world)).code, Some(0));
    rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap().execute_batch(SPOIL).unwrap();
    block_in_place(|| world.resume());
    goes_on(&world, &mut bob).await;
    operator_is_told(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_event_costs_a_resync_on_postgres() {
    let postgres = block_in_place(|| Postgres::start(Durability::Fast));
    let url = postgres.url("postgres");
    let world = block_in_place(|| World::start_with(&format!("[store]\nurl = \"{url}\"\n")));
    let mut bob = away(&world).await;
    let ended = block_in_place(|| checked(&world));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    block_in_place(|| postgres.sql("postgres", SPOIL));
    goes_on(&world, &mut bob).await;
    operator_is_told(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_invitation_or_group_is_left_out() {
    let mut world = block_in_place(World::start);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for id in ["good", "bad"] {
        alice.does("signaling.invite", json!({"inviteID": id, "invitee": "bob", "timeout": 600})).await;
    }
    for group in ["fine", "spoilt"] {
        alice.makes_group(group, &["bob"]).await;
    }
    bob.vanishes();
    block_in_place(|| assert!(world.stop().succeeded));
    let database = rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap();
    database
        .execute_batch(
            "UPDATE invitations SET terms = '{' WHERE invite_id = 'bad';
             UPDATE groups SET group_id = '' WHERE group_id = 'spoilt'",
        )
        .unwrap();
    drop(database);
    block_in_place(|| world.resume());
    let mut phone = world.another("bob", "phone", 1);
    let open = phone.opens().await["openInvitations"].take();
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
    assert_eq!(open[0]["inviteID"], "good");
    phone.accepts(&json!("good")).await;
    let groups = phone.does("group.list", json!({})).await["groups"].take();
    assert_eq!((groups.as_array().unwrap().len(), &groups[0]["groupID"]), (1, &json!("fine")), "{groups}");
    let ended = block_in_place(|| checked(&world));
    assert!(ended.code == Some(3) && ended.said.contains("invitation bad cannot be read"), "{ended:?}");
    assert!(ended.said.contains("groups: row 2 cannot be read"), "{ended:?}");
}

#[tokio::test]
async fn a_check_that_cannot_be_made_is_no_finding() {
    let world = World::prepared("");
    let ended = checked(&world);
    assert!(ended.code == Some(1) && ended.complained.contains("there is no database"), "{ended:?}");
    let nowhere = World::prepared("[store]\nurl = \"postgres://me:s3cret@127.0.0.1:1/wigwag\"\n");
    let ended = checked(&nowhere);
    assert!(ended.code == Some(1) && ended.complained.contains("127.0.0.1:1"), "{ended:?}");
    assert!(!ended.complained.contains("s3cret"), "{ended:?}");
}

/// What an event tells OpenIM's client is looked up; that must not keep the client from what comes after it.
#[tokio::test(flavor = "multi_thread")]
async fn openims_client_gets_beyond_a_call_that_cannot_be_read() {
    let mut world = block_in_place(World::start);
    let [mut alice, mut phone] = world.people(["alice", "bob"]).await;
    OpenIm::signs_in(&world, "bob").await.closes().await;
    let call = json!({"inviteID": "bad", "invitee": "bob", "timeout": 600, "call": {"mediaType": "video"}});
    alice.does("signaling.invite", call).await;
    phone.accepts(&json!("bad")).await;
    alice.does("call.hangUp", json!({"callID": "bad"})).await;
    alice.texts("bob", "after it").await;
    block_in_place(|| assert!(world.stop().succeeded));
    let database = rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap();
    database.execute_batch("UPDATE calls SET record = '{' WHERE call_id = 'bad'").unwrap();
    drop(database);
    block_in_place(|| world.resume());
    let mut bob = OpenIm::signs_in(&world, "bob").await;
    let message = bob.hears("OnRecvNewMessage").await;
    assert!(message.to_string().contains("after it"), "{message}");
    assert!(world.log().contains("an event is passed over"), "{}", world.log());
}

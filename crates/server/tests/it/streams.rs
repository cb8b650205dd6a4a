//! What a device is owed: everything, once, in order, whatever its connection does.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;
use wigwag_protocol::CloseCode;

use crate::world::{NO_RATE, PATIENCE, World};

#[tokio::test]
async fn a_device_that_was_away_gets_everything_once_and_then_what_is_live() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "before").await;
    bob.hears("message.received").await;
    bob.vanishes();
    for number in 0..450 {
        alice.texts("bob", &format!("{number}")).await;
    }
    let opened = bob.resumes().await;
    assert_eq!((&opened["cursor"], &opened["head"]), (&json!(1), &json!(451)));
    assert!(opened.get("openInvitations").is_none() && opened.get("resync").is_none());
    for number in 0..450 {
        let told = bob.hears("message.received").await;
        assert_eq!(told["message"]["content"]["text"], format!("{number}"));
        assert!(told.get("after").is_none());
    }
    assert_eq!(bob.is_caught_up().await, 451);
    alice.texts("bob", "live").await;
    assert_eq!(bob.hears("message.received").await["cursor"], 452);
    bob.vanishes();
    // Nothing was missed, so there is nothing to catch up with.
    bob.resumes().await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn nothing_is_lost_or_repeated_while_others_write_during_the_resume() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut heard = 0;
    for round in 0..10 {
        bob.vanishes();
        let mut sent = Vec::new();
        for number in 0..60 {
            let params =
                json!({"userID": "bob", "type": "text", "content": {"text": format!("{round}-{number}")}});
            sent.push(alice.begins("message.send", params).await);
        }
        bob.resumes().await;
        for id in sent {
            alice.is_answered(id).await.unwrap();
        }
        while heard < (round + 1) * 60 {
            // The device itself checks that cursors follow each other.
            heard += u64::from(bob.hears_frame().await["method"] == "event");
        }
    }
    assert_eq!(bob.cursor, 600);
    let last = bob.does("message.history", json!({"userID": "alice", "limit": 1})).await;
    assert_eq!(last["messages"][0]["seq"], 600);
}

#[tokio::test]
async fn what_came_and_went_meanwhile_does_not_ring() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    bob.vanishes();
    let over = alice.invites(&bob).await;
    alice.cancels(&over["inviteID"]).await;
    alice.texts("bob", "call me").await;
    let open = alice.invites(&bob).await;
    let opened = bob.resumes().await;
    assert_eq!((&opened["cursor"], &opened["head"]), (&json!(0), &json!(4)));
    let told = bob.catches_up().await;
    let kinds: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["invitation.cancelled", "message.received", "invitation.received"]);
    assert_eq!((&told[0]["after"], &told[0]["inviteID"]), (&json!(0), &over["inviteID"]));
    assert_eq!(told[2]["inviteID"], open["inviteID"]);
    assert!((1..=60_000).contains(&told[2]["remainingMs"].as_u64().unwrap()));
    bob.accepts(&open["inviteID"]).await;
    alice.hears("invitation.accepted").await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_group_invitation_one_has_answered_elsewhere_does_not_ring_again() {
    let world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.makes_group("g", &["bob", "carol"]).await;
    bob.hears("group.membersAdded").await;
    carol.hears("group.membersAdded").await;
    let mut tablet = world.another("bob", "tablet", 9);
    tablet.opens().await;
    bob.vanishes();
    let asked = alice.invites_in("g", &["bob", "carol"]).await;
    tablet.accepts(&asked["inviteID"]).await;
    bob.resumes().await;
    let told = bob.catches_up().await;
    let kinds: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["invitation.accepted"]);
    assert_eq!((&told[0]["self"], &told[0]["device"]["deviceID"]), (&json!(true), &json!("tablet")));
    // For Carol it still rings.
    carol.hears("invitation.received").await;
    assert_eq!(carol.hears("invitation.accepted").await["invitee"], "bob");
}

/// The ring is left out, and nothing else: not the yes of one whom another outlived, nor the data that was replaced meanwhile.
#[tokio::test]
async fn every_answer_reaches_those_who_were_away_when_the_invitation_is_over() {
    let world = World::start();
    let [mut alice, mut bob, mut carol, mut dave] = world.people(["alice", "bob", "carol", "dave"]).await;
    alice.makes_group("g", &["bob", "carol", "dave"]).await;
    for member in [&mut bob, &mut carol, &mut dave] {
        member.hears("group.membersAdded").await;
    }
    let mut laptop = world.another("alice", "laptop", 7);
    laptop.opens().await;
    laptop.vanishes();
    dave.vanishes();
    let asked = alice.invites_in("g", &["bob", "carol"]).await;
    let id = &asked["inviteID"];
    bob.does("signaling.accept", json!({"inviteID": id, "data": "I am coming"})).await;
    alice.does("signaling.modify", json!({"inviteID": id, "data": "at nine"})).await;
    carol.does("signaling.reject", json!({"inviteID": id, "data": "not me"})).await;
    for away in [&mut laptop, &mut dave] {
        away.resumes().await;
        let told = away.catches_up().await;
        let told: Vec<(&str, &Value)> =
            told.iter().map(|event| (event["type"].as_str().unwrap(), &event["data"])).collect();
        let expected = [
            ("invitation.accepted", &json!("I am coming")),
            ("invitation.modified", &json!("at nine")),
            ("invitation.rejected", &json!("not me")),
        ];
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_cursor_of_another_life_starts_at_the_present() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let open = alice.invites(&bob).await;
    bob.vanishes();
    bob.cursor = 10_000;
    let opened = bob.resumes().await;
    assert_eq!((&opened["resync"], &opened["cursor"], &opened["head"]), (&json!(true), &json!(1), &json!(1)));
    assert_eq!(opened["openInvitations"][0]["inviteID"], open["inviteID"]);
    bob.hears_nothing().await;
    let mut tablet = world.another("bob", "tablet", 9);
    let opened = tablet.opens().await;
    assert!(opened.get("resync").is_none());
    assert_eq!(opened["openInvitations"][0]["inviteID"], open["inviteID"]);
    tablet.hears_nothing().await;
}

/// Retention looks every ten seconds, and this waits for two of its looks.
#[tokio::test]
async fn what_is_kept_briefly_is_folded_away_and_what_is_old_asks_for_a_resync() {
    let mut world = World::start_with("[retention]\nevents_days = 1\nonline_only_s = 10\n");
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let [mut old, mut dave] = world.people(["old", "dave"]).await;
    old.texts("dave", "long ago").await;
    dave.hears("message.received").await;
    dave.vanishes();
    old.vanishes();
    world.stop();
    let database = rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap();
    assert_eq!(database.execute("UPDATE events SET time = time - 200000000", []).unwrap(), 1);
    drop(database);
    world.resume();
    alice.resumes_at(world.address()).await;
    bob.resumes_at(world.address()).await;
    bob.vanishes();
    let params =
        json!({"userID": "bob", "type": "custom", "content": {"data": "typing"}, "onlineUserOnly": true});
    assert_eq!(alice.does("message.send", params).await.get("seq"), None);
    let began = Instant::now();
    loop {
        bob.cursor = 0;
        let opened = bob.resumes_at(world.address()).await;
        assert_eq!((&opened["head"], opened.get("resync")), (&json!(1), None));
        if bob.catches_up().await.is_empty() {
            break;
        }
        bob.vanishes();
        assert!(began.elapsed() < Duration::from_secs(40), "it is never dropped");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(bob.cursor, 1);
    dave.cursor = 0;
    let opened = dave.resumes_at(world.address()).await;
    assert_eq!((&opened["resync"], &opened["cursor"]), (&json!(true), &json!(1)));
    let history = dave.does("message.history", json!({"userID": "old"})).await;
    assert_eq!(history["messages"][0]["content"]["text"], "long ago");
}

#[tokio::test]
async fn a_device_that_does_not_read_is_closed_and_loses_nothing() {
    let world = World::start_with(&format!("{NO_RATE}[sessions]\nmailbox = 16\n"));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    bob.vanishes();
    bob.connects_over(Box::new(small_window(&world).await), "ws").await;
    let mut opening = bob.opening();
    opening["cursor"] = 0.into();
    bob.does("session.open", opening).await;
    let mut sent = 0;
    while !world.get("/metrics").await.1.contains("wigwag_mailbox_overflows_total 1") {
        for _ in 0..20 {
            alice.texts("bob", &"x".repeat(16_000)).await;
        }
        sent += 20;
        assert!(sent < 3_000, "the mailbox never overflows");
    }
    bob.is_closed_with(CloseCode::Resume).await;
    let before = bob.cursor;
    assert!(before < sent, "{before} of {sent}");
    bob.resumes().await;
    let rest = bob.catches_up().await;
    assert_eq!(rest.len() as u64, sent - before);
    assert_eq!(bob.cursor, sent);
}

/// Six devices of six people take nothing, while messages of 16,000 bytes are sent to each; 1 MiB may wait for all of them.
#[tokio::test]
async fn when_too_much_waits_for_all_the_slowest_are_closed_and_lose_nothing() {
    let bounds = "[sessions]\nbacklog_bytes = 524288\ntotal_backlog_bytes = 1048576\n";
    let world = World::start_with(&format!("{NO_RATE}{bounds}"));
    let names = ["bob", "carol", "dave", "erin", "frank", "grace"];
    let [mut alice, mut quick] = world.people(["alice", "quick"]).await;
    let mut silent = Vec::new();
    for name in names {
        let mut device = world.device(name);
        device.connects_over(Box::new(small_window(&world).await), "ws").await;
        let opening = device.opening();
        device.does("session.open", opening).await;
        silent.push(device);
    }
    let mut sent = 0;
    while world.get("/metrics").await.1.contains("wigwag_budget_overflows_total 0") {
        for name in names {
            alice.texts(name, &"x".repeat(16_000)).await;
        }
        sent += 1;
        assert!(sent < 1_000, "the budget never ends");
    }
    alice.texts("quick", "hello").await;
    quick.hears("message.received").await;
    let mut closed = 0;
    for mut device in silent {
        if !device.reads_up_to(sent).await {
            closed += 1;
            device.resumes().await;
            device.catches_up().await;
        }
        assert_eq!(device.cursor, sent, "{}", device.user);
    }
    assert!((1..names.len()).contains(&closed), "{closed} were closed");
}

/// A connection whose other end takes little before it is read.
async fn small_window(world: &World) -> tokio::net::TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(world.address().parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_same_device_again_replaces_its_older_session() {
    let world = World::start();
    let [mut alice, mut old] = world.people(["alice", "bob"]).await;
    let mut new = world.device("bob");
    new.opens().await;
    old.is_closed_with(CloseCode::Replaced).await;
    alice.invites(&new).await;
    new.hears("invitation.received").await;
    new.hears_nothing().await;
}

#[tokio::test]
async fn a_platform_has_room_for_so_many_sessions() {
    let world = World::start_with("[sessions]\nper_platform = 2\n");
    let mut first = world.another("bob", "phone-1", 1);
    let mut second = world.another("bob", "phone-2", 1);
    let mut browser = world.another("bob", "browser", 5);
    let mut third = world.another("bob", "phone-3", 1);
    for device in [&mut first, &mut second, &mut browser, &mut third] {
        device.opens().await;
    }
    first.is_closed_with(CloseCode::PlatformLimit).await;
    for device in [&mut second, &mut browser, &mut third] {
        device.hears_nothing().await;
    }
}

#[tokio::test]
async fn a_user_has_room_for_so_many_sessions() {
    let world = World::start_with("[sessions]\nper_user = 2\n");
    let mut first = world.another("bob", "phone", 1);
    let mut second = world.another("bob", "browser", 5);
    let mut third = world.another("bob", "watch", 1);
    let mut other = world.person("alice").await;
    for device in [&mut first, &mut second, &mut third] {
        device.opens().await;
    }
    first.is_closed_with(CloseCode::PlatformLimit).await;
    for device in [&mut second, &mut third, &mut other] {
        device.hears_nothing().await;
    }
}

/// Ten seconds: the shortest ping interval there is, twice.
#[tokio::test]
async fn a_quiet_device_is_pinged_and_one_that_does_not_answer_is_closed() {
    let world = World::start_with("[sessions]\nping_interval_s = 5\n");
    let mut alice = world.device("alice");
    assert_eq!(alice.opens().await["pingInterval"], 5);
    let mut dead = world.person("dead").await;
    let began = Instant::now();
    let frames = dead.only_listens();
    let frames = tokio::spawn(async move { tokio::time::timeout(PATIENCE, frames).await.unwrap() });
    // Alice answers her pings by reading.
    for _ in 0..2 {
        assert!(matches!(alice.next_message().await, Message::Ping(_)));
    }
    let frames: Vec<u8> = frames.await.unwrap();
    let took = began.elapsed();
    let close = [&[0x89, 0, 0x88, 19, 0x0f, 0xa3][..], CloseCode::Idle.reason().as_bytes()].concat();
    assert_eq!(frames, close);
    assert!((Duration::from_millis(9_500)..Duration::from_secs(13)).contains(&took), "{took:?}");
    alice.hears_nothing().await;
}

#[tokio::test]
async fn a_new_user_on_two_devices_at_once_misses_nothing() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    for round in 0..20 {
        let user = format!("new{round}");
        let mut phone = world.another(&user, "phone", 1);
        let mut tablet = world.another(&user, "tablet", 9);
        phone.connects().await;
        tablet.connects().await;
        let (one, two) = (phone.opening(), tablet.opening());
        let one = phone.begins("session.open", one).await;
        let two = tablet.begins("session.open", two).await;
        phone.is_answered(one).await.unwrap();
        alice.texts(&user, "welcome").await;
        let opened = tablet.is_answered(two).await.unwrap();
        let seen: Value =
            if opened["head"] == 0 { tablet.hears("message.received").await } else { json!(null) };
        assert!(opened["head"] == 1 || seen["cursor"] == 1, "{opened}");
        assert_eq!(phone.hears("message.received").await["cursor"], 1);
    }
}

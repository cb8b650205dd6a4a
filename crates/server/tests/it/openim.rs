//! The entrance of OpenIM's clients, as far as the packages themselves do not show it (`sdk/typescript/test/e2e/openim`).

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{Cluster, NO_RATE, OpenIm, World};

/// A client is told within this that the store is away.
const PROMISE: Duration = Duration::from_secs(5);
/// More requests than are heard while one is under way.
const MANY: usize = 60;
/// What both dialects call a store that is away, in the older one.
const STORE_AWAY: i64 = 1004;

fn calling(user: &str, other: &str) -> String {
    let invitation = json!({
        "inviterUserID": user, "inviteeUserIDList": [other], "groupID": "", "roomID": "r1", "timeout": 30,
        "mediaType": "video", "sessionType": 1, "platformID": 5
    });
    json!({"invitation": invitation}).to_string()
}

/// What `who` says about the call of an event.
fn about(who: &str, event: &Value) -> String {
    let told: Value = serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
    json!({"opUserID": who, "invitation": told["invitation"]}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_at_once_is_answered_in_time_without_a_database() {
    let mut cluster = block_in_place(|| Cluster::of(1, ""));
    let mut alice = OpenIm::signs_in(&cluster.nodes[0], "alice").await;
    let _bob = cluster.person(0, "bob").await;
    block_in_place(|| cluster.postgres.kill());
    let (asked, mut under_way) = (Instant::now(), Vec::new());
    for _ in 0..4 {
        under_way.push(alice.begins("SignalingInvite", &calling("alice", "bob")).await);
        under_way.push(alice.begins("GetAllConversationList", "").await);
    }
    for operation in under_way {
        assert_eq!(alice.is_answered(&operation).await, Err(STORE_AWAY));
        assert!(asked.elapsed() < PROMISE, "told after {:?}", asked.elapsed());
    }
    block_in_place(|| cluster.postgres.start_again());
    // The same connection, without anybody's help.
    assert!(alice.asks("GetAllConversationList", "").await.is_ok());
}

#[tokio::test]
async fn very_many_requests_at_once_are_answered_in_their_order() {
    let world = World::start_with(NO_RATE);
    let mut alice = OpenIm::signs_in(&world, "alice").await;
    let mut under_way = Vec::new();
    for _ in 0..MANY {
        under_way.push(alice.begins("GetSelfUserInfo", "").await);
    }
    for operation in under_way {
        let profile: Value = serde_json::from_str(&alice.is_answered(&operation).await.unwrap()).unwrap();
        assert_eq!(profile["userID"], "alice");
    }
}

#[tokio::test]
async fn what_is_said_before_a_connection_is_closed_is_carried_out() {
    let world = World::start_with(NO_RATE);
    let mut bob = world.person("bob").await;
    for _ in 0..20 {
        let mut alice = OpenIm::signs_in(&world, "alice").await;
        alice.asks("SignalingInvite", &calling("alice", "bob")).await.unwrap();
        let ring = bob.hears("invitation.received").await;
        bob.accepts(&ring["inviteID"]).await;
        // A page that is closed hangs up behind whatever else it has asked.
        let invitation: Value = serde_json::from_str(&calling("alice", "bob")).unwrap();
        let hang_up = json!({"opUserID": "alice", "invitation": invitation["invitation"]}).to_string();
        alice.begins("GetAllConversationList", "").await;
        alice.begins("SignalingHungUp", &hang_up).await;
        alice.closes().await;
        assert_eq!(bob.hears("call.hungUp").await["userID"], "alice");
    }
}

/// A connection that heard the ring acts without a look-up; what it has not followed to the end is looked up.
#[tokio::test]
async fn a_room_that_is_used_again_is_never_taken_for_the_call_before() {
    let world = World::start_with(NO_RATE);
    let (mut alice, mut bob) =
        (OpenIm::signs_in(&world, "alice").await, OpenIm::signs_in(&world, "bob").await);
    for _ in 0..3 {
        alice.asks("SignalingInvite", &calling("alice", "bob")).await.unwrap();
        let ring = bob.hears("OnReceiveNewInvitation").await;
        bob.asks("SignalingAccept", &about("bob", &ring)).await.unwrap();
        let accepted = alice.hears("OnInviteeAccepted").await;
        alice.asks("SignalingHungUp", &about("alice", &accepted)).await.unwrap();
        let over = bob.hears("OnHangUp").await;
        alice.asks("SignalingHungUp", &about("alice", &accepted)).await.unwrap();
        bob.asks("SignalingHungUp", &about("bob", &over)).await.unwrap();
        bob.asks("SignalingAccept", &about("bob", &ring)).await.unwrap_err();

        // At once, before the own ring has been told on this connection.
        let invites = alice.begins("SignalingInvite", &calling("alice", "bob")).await;
        let hangs_up = alice.begins("SignalingHungUp", &about("alice", &accepted)).await;
        for operation in [invites, hangs_up] {
            alice.is_answered(&operation).await.unwrap();
        }
        bob.hears("OnReceiveNewInvitation").await;
        let cancelled = bob.hears("OnInvitationCancelled").await;
        bob.asks("SignalingReject", &about("bob", &cancelled)).await.unwrap();
    }
}

#[tokio::test]
async fn a_payload_that_was_changed_while_it_rang_is_told_with_the_answer() {
    let world = World::start_with(NO_RATE);
    let mut alice = OpenIm::signs_in(&world, "alice").await;
    let mut bob = world.person("bob").await;
    alice.asks("SignalingInvite", &calling("alice", "bob")).await.unwrap();
    let ring = bob.hears("invitation.received").await;
    bob.does("signaling.modify", json!({"inviteID": ring["inviteID"], "data": "changed"})).await;
    bob.accepts(&ring["inviteID"]).await;
    let accepted = alice.hears("OnInviteeAccepted").await;
    let told: Value = serde_json::from_str(accepted["data"].as_str().unwrap()).unwrap();
    assert_eq!(told["invitation"]["customData"], "changed", "{accepted}");
}

/// The server counts the traces that calls leave in conversations; these clients do not show them.
#[tokio::test]
async fn what_is_unread_is_counted_without_the_traces_of_calls() {
    let world = World::start_with(NO_RATE);
    let mut bob = OpenIm::signs_in(&world, "bob").await;
    let (mut alice, mut carol) = (world.person("alice").await, world.person("carol").await);
    alice.texts("bob", "one").await;
    carol.texts("bob", "two").await;
    alice.makes_group("team", &["bob"]).await;
    alice.texts_in("team", "three").await;
    assert_eq!(bob.asks("GetTotalUnreadMsgCount", "").await.unwrap(), "3");
    let ring = alice.does("signaling.invite", json!({"invitee": "bob", "timeout": 30})).await;
    assert_eq!(bob.asks("GetTotalUnreadMsgCount", "").await.unwrap(), "3", "it rings");
    alice.cancels(&ring["inviteID"]).await;
    assert_eq!(bob.asks("GetTotalUnreadMsgCount", "").await.unwrap(), "3", "it is over");
    alice.texts("bob", "four").await;
    assert_eq!(bob.asks("GetTotalUnreadMsgCount", "").await.unwrap(), "4");
    while bob.hears("OnTotalUnreadMessageCountChanged").await["data"] != "4" {}
    let mut phone = world.person("bob").await;
    let lists = phone.does("conversation.list", json!({})).await;
    assert!(lists["totalUnread"].as_u64().unwrap() > 4, "the traces: {lists}");
    phone.does("message.markRead", json!({"userID": "alice", "seq": 1})).await;
    assert_eq!(bob.asks("GetTotalUnreadMsgCount", "").await.unwrap(), "3", "one of alice's is read");
    phone.does("message.markRead", json!({"userID": "alice", "seq": 100})).await;
    phone.does("message.markRead", json!({"groupID": "team", "seq": 100})).await;
    assert_eq!(bob.asks("GetTotalUnreadMsgCount", "").await.unwrap(), "1", "carol's is left");
    while bob.hears("OnTotalUnreadMessageCountChanged").await["data"] != "1" {}
}

#[tokio::test]
async fn functions_are_counted_by_name_and_outcome() {
    let world = World::start_with(NO_RATE);
    let mut alice = OpenIm::signs_in(&world, "alice").await;
    let _bob = world.person("bob").await;
    alice.asks("SignalingInvite", &calling("alice", "bob")).await.unwrap();
    alice.asks("SignalingInvite", &calling("alice", "nobody")).await.unwrap_err();
    alice.asks("GetLoginStatus", "").await.unwrap();
    alice.asks("GetFriendList", "").await.unwrap();
    alice.asks("PinConversation", "{}").await.unwrap_err();
    alice.asks("Dance", "").await.unwrap_err();
    let (_, text) = world.get("/metrics").await;
    for line in [
        "wigwag_commands_total{method=\"session.open\",outcome=\"ok\"} 2",
        "wigwag_commands_total{method=\"SignalingInvite\",outcome=\"ok\"} 1",
        "wigwag_commands_total{method=\"SignalingInvite\",outcome=\"unknownUser\"} 1",
        "wigwag_command_latency_seconds_count{method=\"SignalingInvite\"} 2",
        "wigwag_commands_total{method=\"GetLoginStatus\",outcome=\"ok\"} 1",
        "wigwag_commands_total{method=\"other\",outcome=\"ok\"} 1",
        "wigwag_commands_total{method=\"other\",outcome=\"unknownMethod\"} 1",
        "wigwag_frames_refused_total{reason=\"unknownMethod\"} 1",
    ] {
        assert!(text.lines().any(|is| is == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("Dance") && !text.contains("PinConversation"), "{text}");
}

//! Back ends that look after users: who they are, and who may sign in.

use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;

use crate::world::{Cluster, OpenIm, World};

const DISABLED: &str = "/v1/users/alice/disabled";

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_signed_out_and_kept_out_until_they_are_enabled() {
    let world = World::start();
    let shop = world.back_end("shop", "users,read").await;
    shop.asks(&world, &format!("PUT {DISABLED}"), None).await.is_problem(404, "unknownUser");
    let (mut alice, mut bob) = (world.person("alice").await, world.person("bob").await);
    let opening = alice.opening();
    let first = shop.asks_under("off", &world, &format!("PUT {DISABLED}"), None).await.json();
    alice.is_closed_with(CloseCode::TokenExpired).await;
    let seen = shop.gets(&world, "GET /v1/users/alice", None).await;
    assert_eq!(seen["disabledSince"], first["time"]);
    // The token that she had, and a new one on another device.
    alice.connects().await;
    let error = alice.is_refused("userDisabled", "session.open", opening.clone()).await;
    assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(70_051), &json!(false)));
    alice.is_closed_with(CloseCode::SignInRefused).await;
    let mut tablet = world.another("alice", "tablet", 4);
    tablet.connects().await;
    let params = tablet.opening();
    tablet.is_refused("userDisabled", "session.open", params).await;
    // To others she is somebody who is away.
    let invited = bob.invites(&alice).await;
    shop.gets(&world, &format!("DELETE {DISABLED}"), None).await;
    // A repeat of the first request changes nothing any more.
    let again = shop.asks_under("off", &world, &format!("PUT {DISABLED}"), None).await.json();
    assert_eq!(again, first);
    assert_eq!(shop.gets(&world, "GET /v1/users/alice", None).await["disabledSince"], Value::Null);
    alice.connects().await;
    let opened = alice.does("session.open", opening).await;
    let told = opened["openInvitations"].as_array().map_or(0, Vec::len);
    if told == 0 {
        assert_eq!(alice.hears("invitation.received").await["inviteID"], invited["inviteID"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_openim_are_told_too() {
    let world = World::start();
    let shop = world.back_end("shop", "users").await;
    OpenIm::signs_in(&world, "alice").await.closes().await;
    shop.gets(&world, &format!("PUT {DISABLED}"), None).await;
    assert_eq!(OpenIm::tries_to_sign_in(&world, "alice").await.err(), Some(70_051));
    shop.gets(&world, &format!("DELETE {DISABLED}"), None).await;
    OpenIm::signs_in(&world, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_is_needed_and_all_users_are_listed() {
    let world = World::start();
    let (shop, reader) = (world.back_end("shop", "users").await, world.back_end("reader", "read").await);
    reader.asks(&world, &format!("PUT {DISABLED}"), None).await.is_problem(403, "scopeMissing");
    for name in ["carol", "alice", "bob"] {
        shop.gets(&world, &format!("PUT /v1/users/{name}"), Some(json!({"nickname": name}))).await;
    }
    shop.gets(&world, &format!("PUT {DISABLED}"), None).await;
    let first = reader.gets(&world, "GET /v1/users?limit=2", None).await;
    let names = |page: &Value| -> Vec<String> {
        page["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["userID"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!((names(&first), &first["next"]), (vec!["alice".to_owned(), "bob".to_owned()], &json!("bob")));
    assert!(first["users"][0]["disabledSince"].is_u64() && first["users"][1]["disabledSince"].is_null());
    let rest = reader.gets(&world, "GET /v1/users?after=bob&limit=1000", None).await;
    assert_eq!((names(&rest), &rest["next"]), (vec!["carol".to_owned()], &Value::Null));
    for limit in ["0", "1001"] {
        let problem = reader.asks(&world, &format!("GET /v1/users?limit={limit}"), None).await;
        assert_eq!(problem.is_problem(422, "invalidParams")["field"], "limit");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_a_disabled_user_end_on_every_node() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let shop = cluster.nodes[0].back_end("shop", "users").await;
    let (mut one, mut other) =
        (cluster.person(0, "alice").await, cluster.nodes[1].another("alice", "tablet", 4));
    other.opens().await;
    let opening = other.opening();
    shop.gets(&cluster.nodes[0], &format!("PUT {DISABLED}"), None).await;
    one.is_closed_with(CloseCode::TokenExpired).await;
    other.is_closed_with(CloseCode::TokenExpired).await;
    other.connects().await;
    other.is_refused("userDisabled", "session.open", opening).await;
}

/// A user who is disabled is gone, so their call goes on without them when their lease is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_leaves_their_call_by_lease() {
    let world = World::start_with("[sessions]\noffline_grace_s = 0\n[calls]\nlease_s = 1\n");
    let shop = world.back_end("shop", "users").await;
    let (mut alice, mut bob) = (world.person("alice").await, world.person("bob").await);
    let call = json!({"inviteID": "c", "invitee": "bob", "timeout": 60, "call": {"mediaType": "video"}});
    alice.does("signaling.invite", call).await;
    bob.hears("invitation.received").await;
    bob.accepts(&json!("c")).await;
    shop.gets(&world, &format!("PUT {DISABLED}"), None).await;
    alice.is_closed_with(CloseCode::TokenExpired).await;
    let over = bob.hears("call.hungUp").await;
    assert_eq!(over["userID"], "alice", "{over}");
}

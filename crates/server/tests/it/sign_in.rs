//! Who gets in, and what those are told who do not.

use std::time::{Duration, Instant};

use serde_json::json;
use wigwag_protocol::CloseCode;
use wigwag_server::auth::{App, AppKey, mint_user_sig};

use crate::world::{Device, World, app, command, jwt, now_ms, user_sig};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn user_sig_and_jwt_open_a_session() {
    let world = World::start();
    let mut alice = world.device("alice");
    let opened = alice.opens().await;
    assert_eq!(opened["userID"], "alice");
    assert_eq!((opened["cursor"].as_u64(), opened["head"].as_u64()), (Some(0), Some(0)));
    assert_eq!(opened["openInvitations"], json!([]));
    assert_eq!(opened["pingInterval"], 30);
    assert_eq!(opened["limits"]["dataBytes"], 16_384);
    assert!(opened.get("resync").is_none());
    let mut bob = world.device("bob");
    bob.connects().await;
    let token = jwt("bob", now_ms(), HOUR);
    let params = json!({"token": token, "userID": "bob", "deviceID": "bob-1", "platform": 5});
    assert_eq!(bob.does("session.open", params).await["userID"], "bob");
    alice.invites(&bob).await;
    bob.hears("invitation.received").await;
}

#[tokio::test]
async fn every_bad_token_has_its_own_number_and_the_connection_is_closed() {
    let mut world = World::prepared("");
    world.resume();
    let alice = "alice".parse().unwrap();
    let with = |app: &App, from: u64| mint_user_sig(app, &alice, from, HOUR);
    let table = [
        (with(&app(), now_ms() - 2 * 3_600_000), 70001, "tokenExpired"),
        (jwt("alice", now_ms() - 7_200_000, HOUR), 70001, "tokenExpired"),
        (user_sig("alice")[..40].to_owned(), 70003, "tokenMalformed"),
        ("a.b.c".to_owned(), 70003, "tokenMalformed"),
        (with(&App { key: AppKey::new("another key"), ..app() }, now_ms()), 70009, "tokenWrongKey"),
        (user_sig("bob"), 70013, "tokenWrongUser"),
        (with(&App { sdk_app_id: 7, ..app() }, now_ms()), 70014, "tokenWrongApp"),
    ];
    for (token, code, reason) in table {
        refused(&mut world.device("alice"), &token, (code, reason)).await;
    }
    let early = user_sig("alice");
    let revoked = command(&world.config_file(), &world.data(), &["revoke", "alice"]);
    assert!(revoked.succeeded, "{revoked:?}");
    world.restart();
    refused(&mut world.device("alice"), &early, (70052, "tokenRevoked")).await;
}

async fn refused(device: &mut Device, token: &str, (code, reason): (i64, &str)) {
    device.connects().await;
    let params = json!({"token": token, "userID": "alice", "deviceID": "d", "platform": 7});
    let error = device.is_refused(reason, "session.open", params).await;
    assert_eq!(error["code"], code);
    assert_eq!(error["data"]["retryable"], false);
    device.is_closed_with(CloseCode::SignInRefused).await;
}

#[tokio::test]
async fn a_server_that_registers_nobody_says_so_and_closes() {
    let mut world = World::start();
    world.person("alice").await;
    world.stop();
    world.configure("[auth]\nauto_register = false\n");
    world.resume();
    let mut bob = world.device("bob");
    bob.connects().await;
    let params = bob.opening();
    assert_eq!(bob.is_refused("userNotRegistered", "session.open", params).await["code"], 70107);
    bob.is_closed_with(CloseCode::SignInRefused).await;
    world.person("alice").await;
}

#[tokio::test]
async fn without_session_open_nothing_goes_and_after_ten_seconds_the_connection_is_closed() {
    let world = World::start();
    let began = Instant::now();
    let mut silent = world.device("silent");
    silent.connects().await;
    let mut bob = world.device("bob");
    bob.connects().await;
    for method in ["signaling.listOpen", "session.close", "message.send"] {
        assert_eq!(bob.is_refused("notSignedIn", method, json!({})).await["code"], 6014);
    }
    let error = bob.is_refused("invalidParams", "session.open", json!({"token": "t", "platform": 7})).await;
    assert_eq!(error["data"]["field"], "deviceID");
    let params = bob.opening();
    bob.does("session.open", params.clone()).await;
    assert_eq!(bob.is_refused("alreadyOpen", "session.open", params).await["code"], 6015);
    bob.hears_nothing().await;
    silent.is_closed_with(CloseCode::OpenTimeout).await;
    let took = began.elapsed();
    assert!((Duration::from_millis(9_500)..Duration::from_secs(14)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn closing_is_answered_and_then_done() {
    let world = World::start();
    let mut alice = world.person("alice").await;
    let closed = alice.does("session.close", json!({})).await;
    assert!(closed["time"].as_u64().is_some_and(|time| time > 0), "{closed}");
    assert!(closed.get("cursor").is_none());
    alice.is_closed_with(CloseCode::Closed).await;
}

#[tokio::test]
async fn a_token_is_taken_back_while_its_session_is_open() {
    let world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut tablet = world.another("alice", "tablet", 2);
    tablet.opens().await;
    let began = Instant::now();
    let revoked = command(&world.config_file(), &world.data(), &["revoke", "alice"]);
    assert!(revoked.succeeded, "{revoked:?}");
    alice.is_closed_with(CloseCode::TokenExpired).await;
    tablet.is_closed_with(CloseCode::TokenExpired).await;
    // At once, and not with the next ping; the rest is for a loaded machine.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    bob.hears_nothing().await;
    // When the command has returned, a new token counts.
    alice.opens().await;
    alice.invites(&bob).await;
}

#[tokio::test]
async fn after_a_run_with_a_wrong_clock_new_tokens_count_and_times_go_on() {
    const TWO_DAYS_MS: u64 = 2 * 86_400_000;
    let mut world = World::start();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.texts("bob", "from the future").await;
    world.stop();
    // As if the machine's clock had been two days ahead.
    let database = rusqlite::Connection::open(world.data().join("wigwag.db")).unwrap();
    let moved = database.execute("UPDATE events SET time = time + ?", [TWO_DAYS_MS]).unwrap();
    assert!(moved > 0);
    drop(database);
    world.resume();
    bob.resumes_at(world.address()).await;
    let opened = alice.resumes_at(world.address()).await;
    assert!(opened["time"].as_u64().unwrap() > now_ms() + TWO_DAYS_MS / 2, "server time does not go back");
    let invited = alice.does("signaling.invite", json!({"invitee": "bob", "data": "x", "timeout": 60})).await;
    let accepted = bob.accepts(&invited["inviteID"]).await;
    assert!(accepted["time"].as_u64().unwrap() >= invited["time"].as_u64().unwrap());
    // A token that is about to expire does so by the machine's clock.
    let mut carol = world.device("carol");
    carol.connects().await;
    let params =
        json!({"token": jwt("carol", now_ms(), Duration::from_secs(2)), "deviceID": "c", "platform": 7});
    carol.does("session.open", params).await;
    carol.is_closed_with(CloseCode::TokenExpired).await;
    assert!(world.log().contains("Set the clock of this machine"), "{}", world.log());
}

#[tokio::test]
async fn a_token_expires_while_its_session_is_open() {
    let world = World::start();
    let mut alice = world.device("alice");
    alice.connects().await;
    let token = jwt("alice", now_ms(), Duration::from_secs(2));
    let params = json!({"token": token, "deviceID": "alice-1", "platform": 7});
    alice.does("session.open", params).await;
    alice.hears_nothing().await;
    alice.is_closed_with(CloseCode::TokenExpired).await;
}

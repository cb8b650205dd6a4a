//! iPhones that are away are woken by the Apple Push Notification service.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{Apple, BackEnd, Device, Does, NO_RATE, PATIENCE, Pushed, World};

const LOUD: &str = "[sessions]\noffline_grace_s = 0\n[log]\nlevel = \"debug\"\n";
/// Bob's.
const ALERT: &str = "5ec4e700aa";
const VOIP: &str = "5ec4e700bb";

/// Bob has registered his phone and is away; Alice will ring.
struct Night {
    world: World,
    apple: Apple,
    alice: Device,
}

impl Night {
    async fn falls(tokens: Value) -> Self {
        let apple = Apple::start().await;
        let world = block_in_place(|| {
            let mut world = World::prepared("");
            let table = apple.table(&world.file("AuthKey_ABC1234567.p8"), &world.file("ca.pem"));
            world.configure(&format!("{NO_RATE}{LOUD}{table}"));
            world.resume();
            world
        });
        let alice = world.person("alice").await;
        let night = Self { world, apple, alice };
        night.sleeps("bob", tokens).await;
        night
    }

    async fn sleeps(&self, user: &str, tokens: Value) {
        let mut device = self.world.person(user).await;
        device.does("push.register", tokens).await;
        device.vanishes();
    }

    async fn rings(&mut self, id: &str, more: Value) {
        let info = json!({"title": "Alice", "desc": "calls you", "iOSSound": "ring.caf"});
        let mut invite = json!({"inviteID": id, "invitee": "bob", "data": "room", "timeout": 120,
            "call": {"mediaType": "video"}, "offlinePushInfo": info});
        invite.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.alice.does("signaling.invite", invite).await;
    }

    async fn counts(&self, note: &str, outcome: &str, number: usize) {
        self.world.counts_pushes("apns", note, outcome, number).await;
    }

    /// Waits until so many connections have ended, by the server's own word.
    async fn has_lost(&self, number: usize) {
        let losing = async {
            while self.world.log().matches("the connection to APNs has ended").count() < number {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, losing).await.expect("it ends");
    }

    /// Nothing that is secret is in the log, nor in the figures.
    async fn keeps_secrets(&self) {
        let (log, figures) = (self.world.log(), self.world.get("/metrics").await.1);
        for secret in ["5ec4e7", "BEGIN", "eyJ"] {
            assert!(!log.contains(secret) && !figures.contains(secret), "{secret}: {log}");
        }
    }
}

fn alerts() -> Value {
    json!({"provider": "apns", "token": ALERT.to_uppercase()})
}

fn both() -> Value {
    json!({"provider": "apns", "token": ALERT, "voipToken": VOIP})
}

fn kind(pushed: &Pushed) -> (&str, &str, &str) {
    (&pushed.token, pushed.header("apns-push-type"), pushed.header("apns-topic"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_rings_and_another_takes_its_place_when_it_is_over() {
    let mut night = Night::falls(alerts()).await;
    let offer = night.alice.does("push.settings", json!({})).await;
    assert_eq!(offer, json!({"providers": ["apns"]}));
    night.rings("i", json!({})).await;
    let ring = night.apple.is_pushed().await;
    assert_eq!(kind(&ring), (ALERT, "alert", "org.example.chat"));
    let aps = json!({"alert": {"title": "Alice", "body": "calls you"}, "sound": "ring.caf",
        "mutable-content": 1, "content-available": 1});
    assert_eq!(ring.body["aps"], aps);
    let note = &ring.body["note"];
    assert_eq!(
        (&note["type"], &note["inviteID"], &note["data"]),
        (&json!("ring"), &json!("i"), &json!("room"))
    );
    let deadline = note["deadline"].as_u64().unwrap();
    assert_eq!(ring.header("apns-expiration"), (deadline / 1_000).to_string());
    night.counts("ring", "taken", 1).await;
    night.alice.cancels(&json!("i")).await;
    let over = night.apple.is_pushed().await;
    assert_eq!(kind(&over), kind(&ring));
    let alert = json!({"title": "Alice", "loc-key": "Missed call"});
    assert_eq!((&over.body["aps"]["alert"], &over.body["note"]["reason"]), (&alert, &json!("cancelled")));
    assert_eq!(over.header("apns-collapse-id"), ring.header("apns-collapse-id"));
    assert_ne!(over.header("apns-id"), ring.header("apns-id"));
    night.counts("over", "taken", 1).await;
    assert_eq!((ring.connection, over.connection), (1, 1), "one connection for all");
    night.keeps_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_a_voip_push_and_its_end_is_told_in_the_background() {
    let mut night = Night::falls(both()).await;
    night.rings("i", json!({})).await;
    let ring = night.apple.is_pushed().await;
    assert_eq!(kind(&ring), (VOIP, "voip", "org.example.chat.voip"));
    assert_eq!((&ring.body["aps"], &ring.body["note"]["title"]), (&json!({}), &json!("Alice")));
    night.counts("ring", "taken", 1).await;
    // The phone answers with the token of its push, and another device of Bob's, that was not rung, hears of it.
    let phone = BackEnd { key: ring.body["note"]["actionToken"].as_str().unwrap().to_owned() };
    phone.gets(&night.world, "POST /v1/actions/accept", None).await;
    assert_eq!(night.alice.hears("invitation.accepted").await["device"]["deviceID"], "bob-1");
    night.rings("j", json!({})).await;
    let next = night.apple.is_pushed().await;
    assert_eq!(next.body["note"]["inviteID"], "j", "who answered is not told that it is over");
    night.counts("ring", "taken", 2).await;
    let mut tablet = night.world.another("bob", "tablet", 9);
    tablet.opens().await;
    tablet.accepts(&json!("j")).await;
    let over = night.apple.is_pushed().await;
    assert_eq!(kind(&over), (ALERT, "background", "org.example.chat"));
    assert_eq!(
        (&over.body["aps"], &over.body["note"]["reason"]),
        (&json!({"content-available": 1}), &json!("accepted"))
    );
    night.counts("over", "taken", 1).await;
    assert_eq!(night.apple.was_pushed(), 0);
    night.keeps_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inviter_chooses_an_alert_for_a_call() {
    let mut night = Night::falls(both()).await;
    night.rings("i", json!({"offlinePushInfo": {"apnsInfo": {"disableVoipPush": true}}})).await;
    let ring = night.apple.is_pushed().await;
    assert_eq!(kind(&ring), (ALERT, "alert", "org.example.chat"));
    assert_eq!(ring.body["aps"]["alert"], json!({"title": "alice", "loc-key": "Incoming call"}));
    night.rings("j", json!({"call": null, "offlinePushInfo": {"iOSPushType": 1}})).await;
    assert_eq!(kind(&night.apple.is_pushed().await), (VOIP, "voip", "org.example.chat.voip"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_any_more_is_dropped() {
    let mut night = Night::falls(both()).await;
    let dead = [(410, "Unregistered"), (400, "BadDeviceToken"), (400, "DeviceTokenNotForTopic")];
    // VoIP pushes without calls, because one call ends another.
    let voip = json!({"progress": true, "call": null, "offlinePushInfo": {"iOSPushType": 1}});
    for (number, (status, reason)) in (1..).zip(dead) {
        night.apple.does(move |_| Does::Refuse(status, reason, None));
        night.rings(&format!("i-{number}"), voip.clone()).await;
        night.apple.is_pushed().await;
        night.counts("ring", "dead", number).await;
        assert_eq!(night.alice.hears("invitation.progress").await["step"], "pushRefused");
        // Nothing is known of the phone any more, so nobody can be reached.
        night.rings(&format!("j-{number}"), voip.clone()).await;
        assert_eq!(night.alice.hears("invitation.progress").await["step"], "unreachable");
        for id in ["i", "j"] {
            night.alice.cancels(&json!(format!("{id}-{number}"))).await;
        }
        night.sleeps("bob", both()).await;
    }
    assert_eq!(night.apple.was_pushed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_leaves_the_token_where_it_is() {
    let mut night = Night::falls(alerts()).await;
    night.apple.does(|_| Does::Refuse(403, "InvalidProviderToken", None));
    night.rings("i", json!({"progress": true})).await;
    night.apple.is_pushed().await;
    night.counts("ring", "refused", 1).await;
    assert_eq!(night.alice.hears("invitation.progress").await["step"], "pushRefused");
    assert!(
        night.world.log().contains("InvalidProviderToken"),
        "the operator is told: {}",
        night.world.log()
    );
    // A token that was made just now is not made again: Apple does not want that within 20 minutes.
    night.apple.does_in_turn(&[Does::Refuse(403, "ExpiredProviderToken", None), Does::Take]);
    night.rings("j", json!({})).await;
    let first = night.apple.is_pushed().await;
    night.counts("ring", "unanswered", 1).await;
    let again = night.apple.is_pushed().await;
    night.counts("ring", "taken", 1).await;
    assert_eq!(again.header("authorization"), first.header("authorization"));
    night.keeps_secrets().await;
}

/// It is rung once, under one name, although attempts have no answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_tried_again_under_one_name_and_rings_once() {
    let mut night = Night::falls(both()).await;
    night.apple.does_in_turn(&[
        Does::Refuse(429, "TooManyRequests", Some(1)),
        Does::Refuse(503, "ServiceUnavailable", None),
        Does::Take,
    ]);
    night.rings("i", json!({})).await;
    let first = night.apple.is_pushed().await;
    let (second, third) = (night.apple.is_pushed().await, night.apple.is_pushed().await);
    night.counts("ring", "taken", 1).await;
    for again in [&second, &third] {
        for name in ["apns-id", "apns-collapse-id", "apns-expiration", "authorization"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
    }
    night.alice.cancels(&json!("i")).await;
    assert_eq!(night.apple.is_pushed().await.body["note"]["type"], "over");
    night.counts("over", "taken", 1).await;
    assert_eq!(night.apple.was_pushed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_is_replaced() {
    let mut night = Night::falls(alerts()).await;
    // Between two pushes. Invitations without calls, because one call ends another.
    night.apple.does(|_| Does::TakeTheLast);
    for connection in [1, 2] {
        night.rings(&format!("after-{connection}"), json!({"call": null})).await;
        assert_eq!(night.apple.is_pushed().await.connection, connection);
        night.counts("ring", "taken", connection).await;
        night.has_lost(connection).await;
    }
    // Under a push: it is sent once more at once, under its name.
    for (connection, does, taken) in [(3, Does::GoAway, 3), (5, Does::HangUp, 4)] {
        night
            .apple
            .does(move |pushed| if pushed.connection == connection { does } else { Does::TakeTheLast });
        night.rings(&format!("under-{connection}"), json!({"call": null})).await;
        let (lost, again) = (night.apple.is_pushed().await, night.apple.is_pushed().await);
        assert_eq!((lost.connection, again.connection), (connection, connection + 1));
        assert_eq!(lost.header("apns-id"), again.header("apns-id"));
        night.counts("ring", "taken", taken).await;
        night.has_lost(connection + 1).await;
    }
    assert_eq!(night.apple.was_pushed(), 0);
    let figures = night.world.get("/metrics").await.1;
    let pushes: Vec<&str> = figures.lines().filter(|line| line.starts_with("wigwag_pushes_total")).collect();
    assert_eq!(pushes.len(), 1, "none was unanswered: {pushes:?}\n{}", night.world.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_given_up_after_five_seconds_and_the_next_attempt_has_a_new_connection() {
    let mut night = Night::falls(both()).await;
    night.apple.does(|pushed| if pushed.connection == 1 { Does::Nothing } else { Does::Take });
    night.rings("i", json!({})).await;
    let silent = night.apple.is_pushed().await;
    night.counts("ring", "unanswered", 1).await;
    let again = night.apple.is_pushed().await;
    assert_eq!((silent.connection, again.connection), (1, 2));
    assert_eq!(silent.header("apns-id"), again.header("apns-id"));
    night.counts("ring", "taken", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_at_a_kill_is_sent_again_under_the_same_name() {
    let mut night = Night::falls(both()).await;
    night.apple.does(|_| Does::Nothing);
    night.rings("i", json!({})).await;
    let first = night.apple.is_pushed().await;
    block_in_place(|| night.world.kill());
    night.apple.does(|_| Does::Take);
    block_in_place(|| night.world.resume());
    let again = night.apple.is_pushed().await;
    assert_eq!(again.header("apns-id"), first.header("apns-id"));
    night.counts("ring", "taken", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_share_one_connection() {
    let mut night = Night::falls(alerts()).await;
    let names: Vec<String> = (10..40).map(|number| format!("user-{number}")).collect();
    for (name, number) in names.iter().zip(10..) {
        night.sleeps(name, json!({"provider": "apns", "token": format!("5ec4e7{number}")})).await;
    }
    night.alice.does("group.create", json!({"groupID": "g", "name": "g", "members": names})).await;
    let all = json!({"inviteID": "i", "groupID": "g", "inviteeList": names, "timeout": 120});
    night.alice.does("signaling.inviteInGroup", all).await;
    for _ in &names {
        assert_eq!(night.apple.is_pushed().await.connection, 1);
    }
    night.counts("ring", "taken", names.len()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_not_registered() {
    let mut night = Night::falls(alerts()).await;
    for (wrong, field) in [
        (json!({"provider": "apns", "token": "../../x"}), "token"),
        (json!({"provider": "apns", "token": ALERT, "voipToken": "abc"}), "voipToken"),
        (json!({"provider": "fcm", "token": "t"}), "provider"),
    ] {
        let error = night.alice.is_refused("invalidParameter", "push.register", wrong).await;
        assert_eq!(error["data"]["field"], field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_key_stops_the_start() {
    let apple = Apple::start().await;
    block_in_place(|| {
        let world = World::prepared("");
        let (key, ca) = (world.file("AuthKey_ABC1234567.p8"), world.file("ca.pem"));
        world.configure(&apple.table(&key, &ca));
        let fails = |words: &[&str]| {
            let ended = world.fails_to_start();
            assert!(!ended.succeeded && ended.complained.lines().count() == 1, "{ended:?}");
            assert!(!ended.complained.contains("s3cret") && !ended.complained.contains("BEGIN"), "{ended:?}");
            for word in words {
                assert!(ended.complained.contains(word), "{word}: {ended:?}");
            }
        };
        let how = ["push.apns.key_file", "AuthKey_ABC1234567.p8", "developer.apple.com"];
        std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n").unwrap();
        fails(&[how.as_slice(), &["no P-256 key"]].concat());
        std::fs::write(&key, include_str!("../keys/rsa.pem")).unwrap();
        fails(&[how.as_slice(), &["no P-256 key"]].concat());
        std::fs::remove_file(&key).unwrap();
        fails(&[how.as_slice(), &["cannot be read"]].concat());
        world.configure(&apple.table(&key, &ca));
        std::fs::remove_file(&ca).unwrap();
        fails(&["push.apns.ca", "ca.pem"]);
    });
}

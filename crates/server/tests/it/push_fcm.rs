//! Android phones that are away are woken by Firebase Cloud Messaging.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{BackEnd, Device, Google, NO_RATE, Says, World};

const LOUD: &str = "[sessions]\noffline_grace_s = 0\n[log]\nlevel = \"debug\"\n";

/// Bob has registered his phone and is away; Alice will ring.
struct Night {
    world: World,
    google: Google,
    alice: Device,
}

impl Night {
    async fn falls() -> Self {
        let google = Google::start().await;
        let world = block_in_place(|| {
            let mut world = World::prepared("");
            world.configure(&format!("{NO_RATE}{LOUD}{}", google.table(&world.file("account.json"))));
            world.resume();
            world
        });
        let alice = world.person("alice").await;
        let night = Self { world, google, alice };
        night.sleeps("bob").await;
        night
    }

    async fn sleeps(&self, user: &str) {
        let mut device = self.world.person(user).await;
        device.does("push.register", register(user)).await;
        device.vanishes();
    }

    async fn rings(&mut self, id: &str, invitee: &str, more: Value) {
        let info = json!({"title": "Alice", "desc": "calls you", "AndroidFCMChannelID": "calls"});
        let mut invite = json!({"inviteID": id, "invitee": invitee, "data": "room", "timeout": 120, "offlinePushInfo": info});
        invite.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.alice.does("signaling.invite", invite).await;
    }

    async fn counts(&self, note: &str, outcome: &str, number: usize) {
        self.world.counts_pushes("fcm", note, outcome, number).await;
    }

    /// Nothing that is secret is in the log, nor in the figures.
    async fn keeps_secrets(&self) {
        let (log, figures) = (self.world.log(), self.world.get("/metrics").await.1);
        for secret in ["s3cret", "BEGIN", "gserviceaccount", "eyJ"] {
            assert!(!log.contains(secret) && !figures.contains(secret), "{secret}: {log}");
        }
    }
}

fn token_of(user: &str) -> String {
    format!("s3cret-of-{user}:APA91b")
}

fn register(user: &str) -> Value {
    json!({"provider": "fcm", "token": token_of(user)})
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_is_woken_and_told_when_it_is_over() {
    let mut night = Night::falls().await;
    let offer = night.alice.does("push.settings", json!({})).await;
    assert_eq!(offer, json!({"providers": ["fcm"]}));
    night.rings("i", "bob", json!({"call": {"mediaType": "video", "roomID": "r"}})).await;
    let ring = night.google.is_sent().await;
    let (data, android) = (&ring["data"], &ring["android"]);
    assert_eq!(ring["token"], token_of("bob"));
    let shown = ["type", "inviteID", "inviter", "userID", "title", "body", "channelID", "data"]
        .map(|name| &data[name]);
    assert_eq!(shown, ["ring", "i", "alice", "bob", "Alice", "calls you", "calls", "room"]);
    let call: Value = serde_json::from_str(data["call"].as_str().unwrap()).unwrap();
    assert_eq!(call, json!({"callID": "i", "roomID": "r", "mediaType": "video"}));
    let number = |name: &str| data[name].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(number("deadline") - number("createdAt"), 120_000);
    let ttl: u64 = android["ttl"].as_str().unwrap().trim_end_matches('s').parse().unwrap();
    assert_eq!((ttl, android["priority"].as_str()), (number("remainingMs") / 1_000, Some("HIGH")));
    night.counts("ring", "taken", 1).await;
    night.alice.cancels(&json!("i")).await;
    let over = night.google.is_sent().await;
    let said = ["type", "reason", "inviteID"].map(|name| &over["data"][name]);
    assert_eq!(said, ["over", "cancelled", "i"]);
    assert_eq!(
        over["android"]["collapse_key"], android["collapse_key"],
        "it replaces a ring that was not delivered"
    );
    assert_eq!(over["android"]["ttl"], "60s");
    night.counts("over", "taken", 1).await;
    assert_eq!(night.google.tokens(), 1);
    night.keeps_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_answers_with_the_token_of_its_push_and_another_one_hears_it() {
    let mut night = Night::falls().await;
    let mut second = night.world.another("bob", "second", 2);
    second.opens().await;
    second.does("push.register", json!({"provider": "fcm", "token": "s3cret-second"})).await;
    second.vanishes();
    night.rings("i", "bob", json!({})).await;
    let rings = [night.google.is_sent().await, night.google.is_sent().await];
    night.counts("ring", "taken", 2).await;
    let first = rings.iter().find(|ring| ring["token"] == token_of("bob")).unwrap();
    let phone = BackEnd { key: first["data"]["actionToken"].as_str().unwrap().to_owned() };
    phone.gets(&night.world, "POST /v1/actions/accept", None).await;
    assert_eq!(night.alice.hears("invitation.accepted").await["device"]["deviceID"], "bob-1");
    let over = night.google.is_sent().await;
    assert_eq!((&over["token"], &over["data"]["reason"]), (&json!("s3cret-second"), &json!("accepted")));
    night.counts("over", "taken", 1).await;
    assert_eq!(night.google.was_sent(), 0, "the one that answered is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_any_more_is_dropped() {
    let mut night = Night::falls().await;
    let dead = [Says::Code(404, "UNREGISTERED", None), Says::Violates("message.token")];
    for (number, says) in (1..).zip(dead) {
        night.google.answers(move |_| says.clone());
        night.rings(&format!("i-{number}"), "bob", json!({"progress": true})).await;
        night.google.is_sent().await;
        night.counts("ring", "dead", number).await;
        assert_eq!(night.alice.hears("invitation.progress").await["step"], "pushRefused");
        // Nothing is known of the phone any more, so nobody can be reached.
        night.rings(&format!("j-{number}"), "bob", json!({"progress": true})).await;
        assert_eq!(night.alice.hears("invitation.progress").await["step"], "unreachable");
        for id in ["i", "j"] {
            night.alice.cancels(&json!(format!("{id}-{number}"))).await;
        }
        night.sleeps("bob").await;
    }
    assert_eq!(night.google.was_sent(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_leaves_the_token_where_it_is_and_is_refused_once() {
    let mut night = Night::falls().await;
    night.google.answers(|message| match message["data"]["inviteID"].as_str().unwrap() {
        "mismatch" => Says::Code(403, "SENDER_ID_MISMATCH", None),
        "argument" => Says::Violates("message.data"),
        _ => Says::Taken,
    });
    for (number, id) in (1..).zip(["mismatch", "argument"]) {
        night.rings(id, "bob", json!({})).await;
        night.google.is_sent().await;
        night.counts("ring", "refused", number).await;
    }
    night.rings("good", "bob", json!({})).await;
    night.google.is_sent().await;
    night.counts("ring", "taken", 1).await;
    assert_eq!(night.google.was_sent(), 0);
    assert!(night.world.log().contains("SENDER_ID_MISMATCH"), "the operator is told: {}", night.world.log());
    night.keeps_secrets().await;
}

/// It is rung once, under one name, although the first two attempts have no answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_tried_again_when_fcm_says_so_and_rings_once() {
    let mut night = Night::falls().await;
    night.google.answers_in_turn(&[
        Says::Code(429, "QUOTA_EXCEEDED", Some(3)),
        Says::Code(503, "UNAVAILABLE", None),
        Says::Taken,
    ]);
    night.rings("i", "bob", json!({})).await;
    let first = night.google.is_sent().await;
    let (second, third) = (night.google.is_sent().await, night.google.is_sent().await);
    let left = |sent: &Value| sent["data"]["remainingMs"].as_str().unwrap().parse::<u64>().unwrap();
    // By the server's own clock.
    assert!(left(&first) - left(&second) >= 3_000, "{first} {second}");
    night.counts("ring", "taken", 1).await;
    for again in [&second, &third] {
        assert_eq!(again["data"]["id"], first["data"]["id"]);
        assert_eq!(again["android"]["collapse_key"], first["android"]["collapse_key"]);
    }
    night.alice.cancels(&json!("i")).await;
    assert_eq!(night.google.is_sent().await["data"]["type"], "over");
    night.counts("over", "taken", 1).await;
    assert_eq!(night.google.was_sent(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_says_nothing_is_asked_again_after_a_kill_under_the_same_name() {
    let mut night = Night::falls().await;
    night.google.answers(|_| Says::Nothing);
    night.rings("i", "bob", json!({})).await;
    let first = night.google.is_sent().await;
    block_in_place(|| night.world.kill());
    night.google.answers(|_| Says::Taken);
    block_in_place(|| night.world.resume());
    let again = night.google.is_sent().await;
    assert_eq!(again["data"]["id"], first["data"]["id"], "known as a repeat");
    night.counts("ring", "taken", 1).await;
    assert_eq!(night.google.tokens(), 2, "one for each run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_says_nothing_is_given_up_after_five_seconds_and_asked_again() {
    let mut night = Night::falls().await;
    night.google.answers_in_turn(&[Says::Nothing, Says::Taken]);
    night.rings("i", "bob", json!({})).await;
    night.google.is_sent().await;
    night.counts("ring", "unanswered", 1).await;
    night.google.is_sent().await;
    night.counts("ring", "taken", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_share_one_access_token_and_ask_for_one_more_when_it_is_revoked() {
    let mut night = Night::falls().await;
    let names: Vec<String> = (0..12).map(|number| format!("user-{number}")).collect();
    for name in &names {
        night.sleeps(name).await;
    }
    let members = json!({"groupID": "g", "name": "g", "members": names});
    night.alice.does("group.create", members).await;
    for (round, tokens) in [(1, 1), (2, 2)] {
        let all =
            json!({"inviteID": format!("i-{round}"), "groupID": "g", "inviteeList": names, "timeout": 120});
        night.alice.does("signaling.inviteInGroup", all).await;
        night.counts("ring", "taken", names.len() * round).await;
        assert_eq!((night.google.was_sent(), night.google.tokens()), (names.len(), tokens));
        night.google.revokes_tokens();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_let_in_no_more_is_refused_and_told_of_without_its_secrets() {
    let mut night = Night::falls().await;
    let no = json!({"error": "invalid_grant", "error_description": "Invalid JWT: s3cret"});
    night.google.denies(Some((400, no)));
    night.rings("i", "bob", json!({"progress": true})).await;
    assert_eq!(night.alice.hears("invitation.progress").await["step"], "pushRefused");
    night.counts("ring", "refused", 1).await;
    assert_eq!(night.google.was_sent(), 0);
    let log = night.world.log();
    assert!(log.contains("push.fcm.service_account") && log.contains("invalid_grant"), "{log}");
    night.keeps_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_waits_while_no_access_token_is_given() {
    let mut night = Night::falls().await;
    night.google.denies(Some((503, json!({}))));
    night.rings("i", "bob", json!({})).await;
    night.counts("ring", "unanswered", 1).await;
    night.google.denies(None);
    assert_eq!(night.google.is_sent().await["data"]["inviteID"], "i");
    night.counts("ring", "taken", 1).await;
    assert_eq!(night.google.tokens(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_not_registered() {
    let mut night = Night::falls().await;
    for wrong in [json!({"provider": "fcm", "token": ""}), json!({"provider": "fcm", "token": "a b"})] {
        let error = night.alice.is_refused("invalidParameter", "push.register", wrong).await;
        assert_eq!(error["data"]["field"], "token");
    }
    let adapter = json!({"provider": "adapter", "token": "t"});
    let error = night.alice.is_refused("invalidParameter", "push.register", adapter).await;
    assert_eq!(error["data"]["field"], "provider", "there is no adapter");
    // Whoever registers a token last has it.
    let mut carol = night.world.person("carol").await;
    carol.does("push.register", register("bob")).await;
    carol.vanishes();
    night.rings("of-bob", "bob", json!({})).await;
    night.rings("of-carol", "carol", json!({})).await;
    assert_eq!(night.google.is_sent().await["data"]["inviteID"], "of-carol");
    night.counts("ring", "taken", 1).await;
    assert_eq!(night.google.was_sent(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_service_account_stops_the_start() {
    let google = Google::start().await;
    let good = google.account();
    let with = |field: &str, value: &str| {
        let mut account = good.clone();
        account[field] = json!(value);
        account.to_string()
    };
    let key_of_apple = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n";
    block_in_place(|| {
        let world = World::prepared("");
        let file = world.file("account.json");
        world.configure(&google.table(&file));
        let fails = |words: &[&str]| {
            let ended = world.fails_to_start();
            assert!(!ended.succeeded && ended.complained.lines().count() == 1, "{ended:?}");
            assert!(!ended.complained.contains("s3cret") && !ended.complained.contains("BEGIN"), "{ended:?}");
            for word in ["push.fcm.service_account", "account.json", "download one"].iter().chain(words) {
                assert!(ended.complained.contains(word), "{word}: {ended:?}");
            }
        };
        for (text, word) in [
            ("{\"project_info\": {}}".to_owned(), "no service account's JSON"),
            (with("type", "authorized_user"), "type"),
            (with("private_key", key_of_apple), "no RSA key"),
            (with("token_uri", "http://example.org/token"), "https"),
        ] {
            std::fs::write(&file, text).unwrap();
            fails(&[word]);
        }
        std::fs::remove_file(&file).unwrap();
        fails(&["cannot be read"]);
    });
}

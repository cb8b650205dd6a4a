//! Devices that are away are woken.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{self, HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;

use crate::world::{Cluster, Device, NO_RATE, PATIENCE, Receiver, SECRET, Told, World};

/// The pair of RFC 8291, appendix A.
const PUBLIC: &str =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

fn adapter(at: &Receiver) -> String {
    format!(
        "[sessions]\noffline_grace_s = 0\n[push.adapter]\nurl = \"{}\"\nsecret = \"{SECRET}\"\nallow = [\"127.0.0.1\"]\n",
        at.url()
    )
}

fn web(allow: &str) -> String {
    format!(
        "[sessions]\noffline_grace_s = 0\n[push.web]\npublic_key = \"{PUBLIC}\"\nprivate_key = \"{PRIVATE}\"\n\
         contact = \"mailto:admin@example.org\"\nservices = [\"localhost\", \"127.0.0.1\"]\nallow = [{allow}]\n"
    )
}

fn start(config: &str) -> World {
    block_in_place(|| World::start_with(&format!("{NO_RATE}{config}")))
}

/// A user who has registered a token and is away.
async fn sleeper(world: &World, user: &str) -> Device {
    let mut device = world.person(user).await;
    device.does("push.register", token_of(user)).await;
    device.vanishes();
    device
}

fn token_of(user: &str) -> Value {
    json!({"provider": "adapter", "channel": "test", "token": format!("s3cret of {user}")})
}

fn note(told: &Told) -> Value {
    told.json()["data"]["note"].clone()
}

async fn invites(who: &mut Device, id: &str, invitee: &str) {
    let info = json!({"title": "Alice", "desc": "calls you", "AndroidHuaWeiCategory": "VOIP"});
    let invite =
        json!({"inviteID": id, "invitee": invitee, "data": "room", "timeout": 120, "offlinePushInfo": info});
    who.does("signaling.invite", invite).await;
}

/// Waits until the figures have such a line.
async fn counts(world: &World, note: &str, outcome: &str, number: usize) {
    let of = |provider| {
        format!(
            "wigwag_pushes_total{{provider=\"{provider}\",note=\"{note}\",outcome=\"{outcome}\"}} {number}\n"
        )
    };
    let start = std::time::Instant::now();
    loop {
        let figures = world.get("/metrics").await.1;
        if figures.contains(&of("adapter")) || figures.contains(&of("webPush")) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{figures}\n{}", world.log());
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_is_woken_and_told_when_it_is_over() {
    let mut vendor = Receiver::start().await;
    let world = start(&adapter(&vendor));
    let mut alice = world.person("alice").await;
    let offer = alice.does("push.settings", json!({})).await;
    assert_eq!(offer, json!({"providers": ["adapter"]}));
    sleeper(&world, "bob").await;
    invites(&mut alice, "i-1", "bob").await;
    let told = vendor.is_told().await;
    let (body, ring) = (told.json(), note(&told));
    assert_eq!((&body["type"], &ring["type"]), (&json!("push.ring"), &json!("ring")));
    assert_eq!(body["data"]["token"], "s3cret of bob");
    assert_eq!((&body["data"]["channel"], &body["data"]["deviceID"]), (&json!("test"), &json!("bob-1")));
    assert_eq!(body["data"]["offlinePushInfo"]["AndroidHuaWeiCategory"], "VOIP");
    let shown = (&ring["inviteID"], &ring["inviter"], &ring["userID"], &ring["title"], &ring["body"]);
    assert_eq!(shown, (&json!("i-1"), &json!("alice"), &json!("bob"), &json!("Alice"), &json!("calls you")));
    assert!(ring["remainingMs"].as_u64().unwrap() > 3_000, "{ring}");
    assert_eq!(told.header("webhook-id"), ring["id"]);
    assert!(told.header("webhook-signature").starts_with("v1,"));
    counts(&world, "ring", "taken", 1).await;
    alice.cancels(&json!("i-1")).await;
    let over = note(&vendor.is_told().await);
    assert_eq!(
        (&over["type"], &over["reason"], &over["inviteID"]),
        (&json!("over"), &json!("cancelled"), &json!("i-1"))
    );
    counts(&world, "over", "taken", 1).await;
    let (log, figures) = (world.log(), world.get("/metrics").await.1);
    for secret in ["s3cret", "t0ken", "whsec_"] {
        assert!(!log.contains(secret) && !figures.contains(secret), "{secret}");
    }
}

/// Whoever is silent, although they are connected.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_silent_is_woken() {
    let mut vendor = Receiver::start().await;
    let world = start(&adapter(&vendor));
    let [mut alice, mut carol] = world.people(["alice", "carol"]).await;
    carol.does("push.register", token_of("carol")).await;
    invites(&mut alice, "of-carol", "carol").await;
    let heard = carol.hears("invitation.received").await;
    assert_eq!(note(&vendor.is_told().await)["inviteID"], "of-carol");
    // The server had to wait for three seconds, by its own clock.
    let begun = heard["time"].as_u64().unwrap();
    counts(&world, "ring", "taken", 1).await;
    let accepted = carol.accepts(&json!("of-carol")).await;
    assert!(accepted["time"].as_u64().unwrap() >= begun + 3_000, "{accepted}");
    // She answers on the device that was woken, so it is not told.
    sleeper(&world, "dave").await;
    invites(&mut alice, "of-dave", "dave").await;
    let next = vendor.is_told().await;
    assert_eq!((note(&next)["inviteID"].as_str(), next.kind().as_str()), (Some("of-dave"), "push.ring"));
}

/// One invitation of all, so that the end of it comes after everything that was to leave.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_signed_out_or_disabled_is_not_woken() {
    let mut vendor = Receiver::start().await;
    let world = start(&adapter(&vendor));
    let shop = world.back_end("shop", "users,tokens").await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    bob.does("push.register", token_of("bob")).await;
    for name in ["carol", "dave"] {
        sleeper(&world, name).await;
    }
    let members = json!({"groupID": "g", "name": "g", "members": ["bob", "carol", "dave"]});
    alice.does("group.create", members).await;
    shop.gets(&world, "DELETE /v1/users/bob/tokens", None).await;
    bob.is_closed_with(CloseCode::TokenExpired).await;
    shop.gets(&world, "PUT /v1/users/carol/disabled", None).await;
    let all =
        json!({"inviteID": "i", "groupID": "g", "inviteeList": ["bob", "carol", "dave"], "timeout": 120});
    alice.does("signaling.inviteInGroup", all).await;
    assert_eq!(note(&vendor.is_told().await)["userID"], "dave");
    counts(&world, "ring", "taken", 1).await;
    alice.cancels(&json!("i")).await;
    let over = vendor.is_told().await;
    assert_eq!((note(&over)["userID"].as_str(), over.kind().as_str()), (Some("dave"), "push.over"));
    counts(&world, "over", "taken", 1).await;
    // A new sign-in registers anew, and she is woken again when she may sign in.
    shop.gets(&world, "DELETE /v1/users/carol/disabled", None).await;
    invites(&mut alice, "of-carol", "carol").await;
    assert_eq!(note(&vendor.is_told().await)["inviteID"], "of-carol");
    counts(&world, "ring", "taken", 2).await;
    assert_eq!(vendor.was_told(), 0);
}

/// Alice has rung bob as `i`, whose phone was woken; then his tablet came.
async fn woken_beside_a_tablet(vendor: &mut Receiver) -> (World, Device, Device) {
    let world = start(&adapter(vendor));
    let mut alice = world.person("alice").await;
    sleeper(&world, "bob").await;
    invites(&mut alice, "i", "bob").await;
    vendor.is_told().await;
    counts(&world, "ring", "taken", 1).await;
    let mut tablet = world.another("bob", "tablet", 9);
    tablet.opens().await;
    (world, alice, tablet)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_that_answers_stops_the_one_that_was_woken() {
    let mut vendor = Receiver::start().await;
    let (_world, _alice, mut tablet) = woken_beside_a_tablet(&mut vendor).await;
    tablet.accepts(&json!("i")).await;
    let over = vendor.is_told().await;
    assert_eq!(
        (&note(&over)["reason"], &over.json()["data"]["deviceID"]),
        (&json!("accepted"), &json!("bob-1"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sleeps_is_woken_without_a_sound_or_not_at_all() {
    let mut vendor = Receiver::start().await;
    let world = start(&adapter(&vendor));
    let mut alice = world.person("alice").await;
    for (user, push) in [("bob", "none"), ("carol", "silent")] {
        let mut device = world.person(user).await;
        device.does("push.register", token_of(user)).await;
        device.does("user.setQuiet", json!({"until": 9_000_000_000_000_000_u64, "push": push})).await;
        device.vanishes();
    }
    invites(&mut alice, "of-bob", "bob").await;
    invites(&mut alice, "of-carol", "carol").await;
    let first = note(&vendor.is_told().await);
    assert_eq!((&first["inviteID"], &first["quiet"]), (&json!("of-carol"), &json!(true)), "{first}");
    // The second call of the same inviter is loud, and wakes both.
    invites(&mut alice, "again", "bob").await;
    let second = note(&vendor.is_told().await);
    assert_eq!((&second["inviteID"], second.get("quiet")), (&json!("again"), None), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_stops_the_device_that_was_woken() {
    let mut vendor = Receiver::start().await;
    let (_world, mut alice, mut tablet) = woken_beside_a_tablet(&mut vendor).await;
    tablet.does("signaling.silence", json!({"inviteID": "i"})).await;
    let over = note(&vendor.is_told().await);
    assert_eq!((&over["type"], &over["reason"]), (&json!("over"), &json!("silenced")));
    assert_eq!(alice.looks_at(&json!("i")).await["status"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_that_could_not_leave_before_a_kill_leaves_after_it() {
    let mut vendor = Receiver::start().await;
    vendor.answers(|_| Some(503));
    let mut world = start(&adapter(&vendor));
    let mut alice = world.person("alice").await;
    sleeper(&world, "bob").await;
    invites(&mut alice, "i", "bob").await;
    let first = vendor.is_told().await;
    block_in_place(|| world.kill());
    vendor.answers(|_| Some(204));
    block_in_place(|| world.resume());
    counts(&world, "ring", "taken", 1).await;
    let again = vendor.is_told().await;
    assert_eq!(note(&again)["id"], note(&first)["id"], "known as a repeat");
    let mut alice = world.person("alice").await;
    alice.cancels(&json!("i")).await;
    while vendor.is_told().await.kind() != "push.over" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_says_how_devices_are_woken() {
    const PHONE: &str = "/v1/users/bob/push/phone%2F1";
    let mut vendor = Receiver::start().await;
    let world = start(&adapter(&vendor));
    let shop = world.back_end("shop", "tokens,users,read").await;
    let reader = world.back_end("reader", "read,users").await;
    let mut alice = world.person("alice").await;
    let wish =
        |token: &str| json!({"platform": 2, "provider": "adapter", "channel": "huawei", "token": token});
    shop.asks(&world, &format!("PUT {PHONE}"), Some(wish("s3cret"))).await.is_problem(404, "unknownUser");
    shop.gets(&world, "PUT /v1/users/bob", Some(json!({}))).await;
    reader.asks(&world, &format!("PUT {PHONE}"), Some(wish("s3cret"))).await.is_problem(403, "scopeMissing");
    let put = format!("PUT {PHONE}");
    let first = shop.asks_under("one", &world, &put, Some(wish("s3cret"))).await.json();
    let list = reader.gets(&world, "GET /v1/users/bob/push", None).await;
    let phone = &list["registrations"][0];
    let shown = (&phone["deviceID"], &phone["platform"], &phone["provider"], &phone["channel"]);
    assert_eq!(shown, (&json!("phone/1"), &json!(2), &json!("adapter"), &json!("huawei")));
    assert!(phone["registeredAt"].as_u64() >= first["time"].as_u64(), "{phone} {first}");
    assert!(!list.to_string().contains("s3cret"), "{list}");

    invites(&mut alice, "i", "bob").await;
    let told = vendor.is_told().await.json()["data"].clone();
    assert_eq!((&told["token"], &told["deviceID"]), (&json!("s3cret"), &json!("phone/1")));
    counts(&world, "ring", "taken", 1).await;

    // What comes later stays, and a repeat hears the first time.
    shop.gets(&world, &put, Some(wish("newer"))).await;
    assert_eq!(shop.asks_under("one", &world, &put, Some(wish("s3cret"))).await.json(), first);
    invites(&mut alice, "j", "bob").await;
    assert_eq!(vendor.is_told().await.json()["data"]["token"], "newer");
    counts(&world, "ring", "taken", 2).await;
    assert!(!world.log().contains("s3cret"));

    let delete = format!("DELETE {PHONE}");
    let dropped = shop.asks_under("off", &world, &delete, None).await.json();
    let none = json!({"registrations": []});
    assert_eq!(reader.gets(&world, "GET /v1/users/bob/push", None).await, none);
    shop.gets(&world, &put, Some(wish("again"))).await;
    assert_eq!(shop.asks_under("off", &world, &delete, None).await.json(), dropped);
    let list = reader.gets(&world, "GET /v1/users/bob/push", None).await;
    assert_eq!(list["registrations"].as_array().unwrap().len(), 1, "the repeat drops nothing that is newer");

    // Revoking ends what was registered until then, once the node knows of it.
    let mut bob = world.person("bob").await;
    shop.gets(&world, "DELETE /v1/users/bob/tokens", None).await;
    bob.is_closed_with(CloseCode::TokenExpired).await;
    assert_eq!(reader.gets(&world, "GET /v1/users/bob/push", None).await, none);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_is_told_what_is_wrong_with_a_registration() {
    let vendor = Receiver::start().await;
    let world = start(&adapter(&vendor));
    let shop = world.back_end("shop", "all").await;
    shop.gets(&world, "PUT /v1/users/bob", Some(json!({}))).await;
    let long = "t".repeat(2_049);
    for (reason, field, body) in [
        ("invalidParameter", "provider", json!({"platform": 2, "provider": "fcm", "token": "t"})),
        ("invalidParameter", "token", json!({"platform": 2, "provider": "adapter", "token": ""})),
        ("invalidParameter", "token", json!({"platform": 2, "provider": "adapter", "token": long})),
        ("invalidParams", "platform", json!({"platform": 12, "provider": "adapter", "token": "t"})),
        (
            "invalidParams",
            "userID",
            json!({"platform": 2, "provider": "adapter", "token": "t", "userID": "eve"}),
        ),
    ] {
        let put = "PUT /v1/users/bob/push/phone";
        let problem = shop.asks_under("same", &world, put, Some(body)).await.is_problem(422, reason);
        assert_eq!(problem["field"], field);
    }
    // No refusal has used the key up.
    let body = json!({"platform": 2, "provider": "adapter", "token": "t"});
    shop.asks_under("same", &world, "PUT /v1/users/bob/push/phone", Some(body)).await.json();
    for number in 0..20 {
        let body = json!({"platform": 2, "provider": "adapter", "token": format!("t{number}")});
        shop.gets(&world, &format!("PUT /v1/users/bob/push/{number}"), Some(body)).await;
    }
    let list = shop.gets(&world, "GET /v1/users/bob/push", None).await;
    let devices: Vec<_> =
        list["registrations"].as_array().unwrap().iter().map(|one| &one["deviceID"]).collect();
    assert!(devices.len() == 20 && !devices.contains(&&json!("phone")), "{devices:?}");
}

struct Key32;

impl KeyType for Key32 {
    fn len(&self) -> usize {
        32
    }
}

/// HKDF as RFC 5869 has it, with this library's.
fn derive(salt: &[u8], input: &[u8], info: &[u8]) -> [u8; 32] {
    let mut block = [0; 32];
    let prk: hkdf::Prk = Salt::new(HKDF_SHA256, salt).extract(input);
    prk.expand(&[info], Key32).unwrap().fill(&mut block).unwrap();
    block
}

/// What a page does with a push (RFC 8291).
fn open(body: &[u8], private: EphemeralPrivateKey, public: &[u8], auth: &[u8]) -> Value {
    let (salt, rest) = body.split_at(16);
    assert_eq!((&rest[..4], rest[4]), (4_096_u32.to_be_bytes().as_slice(), 65));
    let (theirs, record) = rest[5..].split_at(65);
    let info = [b"WebPush: info\0".as_slice(), public, theirs].concat();
    let mut record = record.to_vec();
    let opened = agree_ephemeral(private, &UnparsedPublicKey::new(&ECDH_P256, theirs), |secret| {
        let input = derive(auth, secret, &info);
        let key = derive(salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce = derive(salt, &input, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        key.open_in_place(nonce, Aad::empty(), &mut record).expect("it is for this page").to_vec()
    });
    let opened = opened.unwrap();
    let end = opened.iter().rposition(|byte| *byte != 0).expect("a mark");
    let text = opened[..=end].strip_suffix(&[2]).expect("the last record");
    serde_json::from_slice(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_tab_is_woken_by_its_push_service_until_that_knows_it_no_more() {
    let mut service = Receiver::start().await;
    let world = start(&web("\"127.0.0.1\""));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let offer = bob.does("push.settings", json!({})).await;
    assert_eq!(offer, json!({"providers": ["webPush"], "applicationServerKey": PUBLIC}));
    let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
    let public = private.compute_public_key().unwrap();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let keys = json!({"p256dh": encode(public.as_ref()), "auth": encode(&[7; 16])});
    bob.does("push.register", json!({"provider": "webPush", "token": service.url(), "keys": keys})).await;
    bob.vanishes();
    invites(&mut alice, "i", "bob").await;
    let pushed = service.is_told().await;
    let ring = open(&pushed.bytes, private, public.as_ref(), &[7; 16]);
    assert_eq!(
        (&ring["type"], &ring["inviteID"], &ring["data"]),
        (&json!("ring"), &json!("i"), &json!("room"))
    );
    assert_eq!((pushed.header("content-encoding"), pushed.header("urgency")), ("aes128gcm", "high"));
    assert!((3..=120).contains(&pushed.header("ttl").parse::<u32>().unwrap()));
    assert_eq!(pushed.header("topic").len(), 32);
    let token = pushed.header("authorization");
    assert!(token.starts_with("vapid t=ey") && token.ends_with(PUBLIC), "{token}");
    counts(&world, "ring", "taken", 1).await;
    service.answers(|_| Some(410));
    alice.cancels(&json!("i")).await;
    let over = service.is_told().await;
    assert_eq!(over.header("topic"), pushed.header("topic"), "it replaces a ring that was not delivered");
    counts(&world, "over", "dead", 1).await;
    // Whoever registers next is woken, and the first one is not any more.
    let mut carol = world.person("carol").await;
    carol.does("push.register", json!({"provider": "webPush", "token": service.url(), "keys": keys})).await;
    carol.vanishes();
    service.answers(|_| Some(201));
    invites(&mut alice, "of-bob", "bob").await;
    invites(&mut alice, "of-carol", "carol").await;
    let next = service.is_told().await;
    counts(&world, "ring", "taken", 2).await;
    assert_ne!(next.header("topic"), pushed.header("topic"));
    assert_eq!(service.was_told(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_user_sends_this_server_inside_the_network() {
    let mut inside = Receiver::start().await;
    let port = inside.address().rsplit(':').next().unwrap().to_owned();
    let world = start(&web(""));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let keys = json!({"p256dh": PUBLIC, "auth": URL_SAFE_NO_PAD.encode([7; 16])});
    let register = |token: &str| json!({"provider": "webPush", "token": token, "keys": keys});
    for elsewhere in
        [inside.url(), "https://push.example.net/p".to_owned(), "https://x.localhost/".to_owned()]
    {
        let error = bob.is_refused("invalidParameter", "push.register", register(&elsewhere)).await;
        assert_eq!(error["data"]["field"], "token", "{elsewhere}");
    }
    bob.is_refused("invalidParameter", "push.register", token_of("bob")).await;
    let no_address = json!({"provider": "webPush", "token": "t", "keys": keys});
    assert_eq!(
        bob.is_refused("invalidParameter", "push.register", no_address).await["data"]["field"],
        "token"
    );
    bob.does("push.register", register(&format!("https://localhost:{port}/hooks?token=t0ken"))).await;
    bob.vanishes();
    invites(&mut alice, "i", "bob").await;
    counts(&world, "ring", "refused", 1).await;
    assert_eq!(inside.was_told(), 0);
    assert!(!world.log().contains("t0ken"), "{}", world.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_one_wakes_and_the_other_goes_on() {
    let mut vendor = Receiver::start().await;
    let mut cluster = block_in_place(|| Cluster::of(2, &adapter(&vendor)));
    let (mut alice, mut carol) = (cluster.person(0, "alice").await, cluster.person(1, "carol").await);
    carol.does("push.register", token_of("carol")).await;
    invites(&mut alice, "of-carol", "carol").await;
    carol.hears("invitation.received").await;
    assert_eq!(note(&vendor.is_told().await)["inviteID"], "of-carol");
    // Whichever node pushed, the other one goes on.
    block_in_place(|| cluster.nodes[0].kill());
    let mut dave = cluster.person(1, "dave").await;
    invites(&mut dave, "again", "carol").await;
    while note(&vendor.is_told().await)["inviteID"] != "again" {}
}

//! An app's back end is asked before an invitation is made.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{BackEnd, NO_RATE, OpenIm, Receiver, SECRET, World, user_sig};

/// Longer than any test waits.
pub(crate) const PATIENT: &str = "timeout_ms = 30000";

/// A server that asks this back end, with these settings.
fn asking(receiver: &Receiver, settings: &str) -> World {
    asking_by("before_invite", receiver, settings)
}

/// The same, by this hook.
pub(crate) fn asking_by(name: &str, receiver: &Receiver, settings: &str) -> World {
    let hook = receiver.endpoint("hook");
    let (url, secret) = (line_of(&hook, "url"), line_of(&hook, "secret"));
    let config = format!(
        "{NO_RATE}[api]\ntencent_administrators = [\"administrator\"]\n[webhooks]\nallow = [\"127.0.0.1\"]\n\
         [webhooks.{name}]\n{url}\n{secret}\n{settings}\n"
    );
    block_in_place(|| World::start_with(&config))
}

fn line_of<'a>(table: &'a str, key: &str) -> &'a str {
    table.lines().find(|line| line.starts_with(key)).unwrap()
}

pub(crate) fn no(code: i32, words: &str) -> Value {
    json!({"allow": false, "code": code, "message": words})
}

fn ring(id: &str) -> Value {
    json!({"inviteID": id, "invitee": "bob", "data": "come", "timeout": 60, "offlinePushInfo": {"title": "Alice"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_is_asked_and_says_no_in_its_own_words() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    shop.says(|_| no(120_007, "no credit"));
    let refusal = alice.is_refused("refusedByHook", "signaling.invite", ring("i-1")).await;
    assert_eq!((&refusal["code"], &refusal["message"]), (&json!(120_007), &json!("no credit")));
    assert_eq!(refusal["data"]["retryable"], false);
    let asked = shop.is_told().await;
    assert!(
        asked.header("webhook-id").starts_with("ask_")
            && asked.header("webhook-signature").starts_with("v1,")
    );
    let body = asked.json();
    assert_eq!(body["type"], "invitation.before");
    let data = &body["data"];
    assert_eq!(
        (&data["inviteID"], &data["inviter"], &data["data"]),
        (&json!("i-1"), &json!("alice"), &json!("come"))
    );
    assert_eq!((&data["inviteeList"], &data["timeout"]), (&json!(["bob"]), &json!(60)));
    assert_eq!(data["offlinePushInfo"]["title"], "Alice");
    assert_eq!(data["device"]["deviceID"], json!(alice.id));
    bob.hears_nothing().await;
    // Nothing came of it, and the same name can be tried again.
    alice.is_refused("unknown", "signaling.get", json!({"inviteID": "i-1"})).await;
    shop.says(|_| json!({"allow": true}));
    let made = alice.does("signaling.invite", ring("i-1")).await;
    assert_eq!(bob.hears("invitation.received").await["inviteID"], "i-1");
    shop.is_told().await;
    // A repeat, and what the rules refuse, are not asked about.
    assert_eq!(alice.does("signaling.invite", ring("i-1")).await, made);
    alice.is_refused("unknownUser", "signaling.invite", json!({"invitee": "nobody", "timeout": 30})).await;
    alice
        .is_refused(
            "inviteIDTaken",
            "signaling.invite",
            json!({"inviteID": "i-1", "invitee": "bob", "timeout": 31}),
        )
        .await;
    assert_eq!(shop.was_told(), 0);
    world.shows("before_invite_total{outcome=\"allowed\"}", 1).await;
    world.shows("before_invite_total{outcome=\"refused\"}", 1).await;
    assert!(!world.log().contains("t0ken") && !world.log().contains("no credit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn push_settings_are_replaced_and_a_repeat_is_still_one() {
    let mut shop = Receiver::start().await;
    let mut world = asking(&shop, PATIENT);
    shop.says(|_| json!({"allow": true, "offlinePushInfo": {"title": "Your driver"}}));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let made = alice.does("signaling.invite", ring("i-1")).await;
    bob.hears("invitation.received").await;
    block_in_place(|| world.restart());
    let mut alice = world.person("alice").await;
    assert_eq!(alice.does("signaling.invite", ring("i-1")).await["version"], made["version"]);
    assert_eq!(shop.is_told().await.json()["data"]["inviteID"], "i-1");
    assert_eq!(shop.was_told(), 0);
}

/// One back end is asked first, and wakes devices then.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_away_is_woken_with_the_words_of_the_back_end() {
    let mut shop = Receiver::start().await;
    let push = format!(
        "{PATIENT}\n[sessions]\noffline_grace_s = 0\n[push.adapter]\nurl = \"{}\"\nsecret = \"{SECRET}\"\n\
         allow = [\"127.0.0.1\"]",
        shop.url()
    );
    let world = asking(&shop, &push);
    shop.says(|_| json!({"allow": true, "offlinePushInfo": {"title": "Your driver", "channel": "taxi"}}));
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    bob.does("push.register", json!({"provider": "adapter", "channel": "test", "token": "bobs"})).await;
    bob.vanishes();
    alice.does("signaling.invite", ring("i-1")).await;
    assert_eq!(shop.is_told().await.kind(), "invitation.before");
    let woken = shop.is_told().await.json();
    assert_eq!(
        (&woken["type"], &woken["data"]["note"]["title"]),
        (&json!("push.ring"), &json!("Your driver"))
    );
    assert_eq!(woken["data"]["offlinePushInfo"]["channel"], "taxi");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_waits_for_its_invite_and_others_wait_for_nothing() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let held = shop.says_later(json!({"allow": true}));
    let invites = alice.begins("signaling.invite", ring("i-1")).await;
    let cancels = alice.begins("signaling.cancel", json!({"inviteID": "i-1"})).await;
    shop.is_told().await;
    // It does not exist yet, so nobody else can take it back. Others write, and alice is told.
    let mut pad = world.another("alice", "pad", 9);
    pad.opens().await;
    pad.is_refused("unknown", "signaling.cancel", json!({"inviteID": "i-1"})).await;
    carol.texts("alice", "hello").await;
    alice.hears("message.received").await;
    drop(held);
    alice.is_answered(invites).await.unwrap();
    alice.is_answered(cancels).await.unwrap();
    assert_eq!(bob.hears("invitation.received").await["inviteID"], "i-1");
    assert_eq!(bob.hears("invitation.cancelled").await["inviteID"], "i-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_on_another_connection_hears_what_came_of_the_first() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let held = shop.says_later(json!({"allow": true}));
    let first = alice.begins("signaling.invite", ring("i-1")).await;
    shop.is_told().await;
    let mut pad = world.another("alice", "pad", 9);
    pad.opens().await;
    let second = pad.begins("signaling.invite", ring("i-1")).await;
    let other = json!({"inviteID": "i-1", "invitee": "bob", "data": "another", "timeout": 60});
    let mut web = world.another("alice", "web", 5);
    web.opens().await;
    let third = web.begins("signaling.invite", other).await;
    drop(held);
    let first = alice.is_answered(first).await.unwrap();
    let second = pad.is_answered(second).await.unwrap();
    assert_eq!((&first["version"], &first["time"]), (&second["version"], &second["time"]));
    let third = web.is_answered(third).await.unwrap_err();
    assert_eq!(third["data"]["reason"], "inviteIDTaken");
    bob.hears("invitation.received").await;
    bob.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_allows_unless_it_is_to_refuse() {
    for (settings, is_made) in [("unanswered = \"allow\"", true), ("unanswered = \"refuse\"", false)] {
        let shop = Receiver::start().await;
        let world = asking(&shop, &format!("timeout_ms = 100\n{settings}"));
        let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
        shop.answers(|_| Some(500));
        for number in 0..3 {
            let id = format!("i-{number}");
            let outcome = alice.asks("signaling.invite", ring(&id)).await;
            if is_made {
                outcome.unwrap();
                assert_eq!(bob.hears("invitation.received").await["inviteID"], json!(id));
            } else {
                let error = outcome.unwrap_err();
                assert_eq!(
                    (&error["data"]["reason"], &error["data"]["retryable"]),
                    (&json!("hookSilent"), &json!(true))
                );
            }
            match number {
                // A redirect is not followed; nothing is answered at all.
                0 => shop.sends_to("http://127.0.0.1:1/"),
                _ => shop.answers(|_| None),
            }
        }
        world.shows("before_invite_total{outcome=\"unanswered\"}", 3).await;
        assert!(world.log().contains("was asked in vain") && !world.log().contains("t0ken"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entrance_asks() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let back_end = world.back_end("shop", "all").await;
    let [mut alice, _bob, _carol] = world.people(["alice", "bob", "carol"]).await;
    shop.says(|_| no(120_008, "closed"));
    // A call, a message that speaks as signaling, REST, Tencent's REST, OpenIM's clients.
    let call = json!({"invitee": "bob", "timeout": 30, "call": {"mediaType": "audio"}});
    let refusal = alice.is_refused("refusedByHook", "signaling.invite", call).await;
    assert_eq!(refusal["code"], 120_008);
    assert!(shop.is_told().await.json()["data"]["call"]["roomID"].is_string());
    let text = json!({"businessID": 1, "inviteID": "s-1", "inviter": "alice", "actionType": 1, "data": "d",
        "inviteeList": ["bob"], "timeout": 30, "groupID": "", "onlineUserOnly": false})
    .to_string();
    let message = json!({"userID": "bob", "type": "custom", "content": {"data": text}});
    let refusal = alice.is_refused("refusedByHook", "message.send", message).await;
    assert_eq!(refusal["code"], 120_008);
    assert_eq!(shop.is_told().await.json()["data"]["inviteID"], "s-1");
    by_rest(&world, &back_end, &mut shop).await;
    by_tencents_rest(&world, &mut shop, &text).await;
    by_openim(&world, &mut shop).await;
}

async fn by_rest(world: &World, back_end: &BackEnd, shop: &mut Receiver) {
    let invite = "POST /v1/users/alice/invitations";
    let wish = || Some(json!({"invitee": "bob", "timeout": 30}));
    let refused = back_end.asks_under("k-1", world, invite, wish()).await.is_problem(403, "refusedByHook");
    assert_eq!((&refused["code"], &refused["detail"]), (&json!(120_008), &json!("closed")));
    assert!(shop.is_told().await.json()["data"]["device"].is_null());
    shop.says(|_| json!({"allow": true}));
    let made = back_end.asks_under("k-1", world, invite, wish()).await;
    assert_eq!(made.status, 200, "a refusal is not remembered: {made:?}");
    assert_eq!(shop.is_told().await.json()["data"]["inviteID"], made.json()["inviteID"]);
    assert_eq!(back_end.asks_under("k-1", world, invite, wish()).await.body, made.body);
    assert_eq!(shop.was_told(), 0, "the reply is kept");
    shop.says(|_| no(120_008, "closed"));
}

async fn by_tencents_rest(world: &World, shop: &mut Receiver, text: &str) {
    let query = format!(
        "sdkappid={}&identifier=administrator&usersig={}&random=7&contenttype=json",
        crate::world::app().sdk_app_id,
        user_sig("administrator")
    );
    let body = json!({"From_Account": "alice", "To_Account": "bob", "MsgRandom": 7,
        "MsgBody": [{"MsgType": "TIMCustomElem", "MsgContent": {"Data": text}}]});
    let request = format!("POST /v4/openim/sendmsg?{query}");
    let answer = world.asks(&request, &[], &body.to_string()).await.json();
    assert_eq!((&answer["ErrorCode"], &answer["ErrorInfo"]), (&json!(120_008), &json!("closed")), "{answer}");
    shop.is_told().await;
}

async fn by_openim(world: &World, shop: &mut Receiver) {
    let mut carol = OpenIm::signs_in(world, "carol").await;
    let calling = json!({"invitation": {
        "inviterUserID": "carol", "inviteeUserIDList": ["bob"], "groupID": "", "roomID": "r1", "timeout": 30,
        "mediaType": "audio", "sessionType": 1, "platformID": 5}, "offlinePushInfo": {}});
    assert_eq!(carol.asks("SignalingInvite", &calling.to_string()).await, Err(120_008));
    assert_eq!(shop.is_told().await.json()["data"]["inviter"], "carol");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_user_has_four_questions_in_flight() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let back_end = world.back_end("shop", "all").await;
    world.people(["alice", "bob"]).await;
    let held = shop.says_later(json!({"allow": true}));
    let ask = || async {
        let wish = json!({"invitee": "bob", "timeout": 30});
        back_end.asks(&world, "POST /v1/users/alice/invitations", Some(wish)).await.status
    };
    let letting_go = async {
        for _ in 0..4 {
            shop.is_told().await;
        }
        world.shows("before_invite_total{outcome=\"userOverloaded\"}", 1).await;
        drop(held);
    };
    let (first, second, third, fourth, fifth, ()) =
        tokio::join!(ask(), ask(), ask(), ask(), ask(), letting_go);
    let mut statuses = [first, second, third, fourth, fifth];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 503]);
}

//! An app's back end is asked before a message is sent.

use serde_json::{Value, json};

use crate::before_invite::{PATIENT, asking_by, no};
use crate::world::{BackEnd, OpenIm, Receiver, SECRET, World, tencents_sign, user_sig};

/// A server that asks this back end, with these settings.
fn asking(receiver: &Receiver, settings: &str) -> World {
    asking_by("before_message", receiver, settings)
}

fn hello(id: &str) -> Value {
    json!({"clientMsgID": id, "userID": "bob", "type": "text", "content": {"text": "hello"},
        "cloudCustomData": "mine"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_is_asked_and_says_no_in_its_own_words() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    shop.says(|_| no(120_009, "mind your words"));
    let refusal = alice.is_refused("refusedByHook", "message.send", hello("m-1")).await;
    assert_eq!((&refusal["code"], &refusal["message"]), (&json!(120_009), &json!("mind your words")));
    let asked = shop.is_told().await;
    assert!(asked.header("webhook-id").starts_with("ask_"));
    let body = &asked.body;
    for given_when_sent in ["messageID", "\"seq\"", "\"time\""] {
        assert!(!body.contains(given_when_sent), "{given_when_sent}: {body}");
    }
    for told in [
        r#""type":"message.before""#,
        r#""clientMsgID":"m-1""#,
        r#""sender":"alice""#,
        r#""receiver":"bob""#,
        r#""cloudCustomData":"mine""#,
    ] {
        assert!(body.contains(told), "{told}: {body}");
    }
    bob.hears_nothing().await;
    let history = json!({"userID": "bob"});
    assert_eq!(alice.does("message.history", history.clone()).await["messages"], json!([]));
    // A refusal is not remembered, and a repeat of what was sent is not asked about.
    shop.says(|_| json!({"allow": true}));
    let sent = alice.does("message.send", hello("m-1")).await;
    shop.is_told().await;
    assert_eq!(bob.hears("message.received").await["message"]["messageID"], sent["messageID"]);
    assert_eq!(alice.does("message.send", hello("m-1")).await["messageID"], sent["messageID"]);
    // Nor what the rules refuse, nor an invitation, nor a step of one.
    alice
        .is_refused(
            "unknownUser",
            "message.send",
            json!({"userID": "nobody", "type": "custom", "content": {"data": ""}}),
        )
        .await;
    alice.does("signaling.invite", json!({"inviteID": "i-1", "invitee": "bob", "timeout": 60})).await;
    bob.does("signaling.reject", json!({"inviteID": "i-1"})).await;
    assert_eq!(shop.was_told(), 0);
    world.shows("before_message_total{outcome=\"allowed\"}", 1).await;
    world.shows("before_message_total{outcome=\"refused\"}", 1).await;
    assert!(!world.log().contains("mind your words"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_connection_keep_their_order_and_others_wait_for_nothing() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let held = shop.says_later(json!({"allow": true}));
    let first = alice.begins("message.send", hello("m-1")).await;
    let second = alice.begins("message.send", hello("m-2")).await;
    shop.is_told().await;
    // The same message from another device follows the first one, and an invitation overtakes both.
    let mut pad = world.another("alice", "pad", 9);
    pad.opens().await;
    let repeat = pad.begins("message.send", hello("m-1")).await;
    bob.does("signaling.invite", json!({"invitee": "alice", "timeout": 60})).await;
    alice.hears("invitation.received").await;
    drop(held);
    let first = alice.is_answered(first).await.unwrap();
    let second = alice.is_answered(second).await.unwrap();
    assert!(first["seq"].as_u64() < second["seq"].as_u64());
    assert_eq!(pad.is_answered(repeat).await.unwrap()["messageID"], first["messageID"]);
    assert_eq!(shop.is_told().await.json()["data"]["message"]["clientMsgID"], "m-2");
    assert_eq!(shop.was_told(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_sends_unless_it_is_to_refuse() {
    for (settings, is_sent) in [("unanswered = \"allow\"", true), ("unanswered = \"refuse\"", false)] {
        let shop = Receiver::start().await;
        let world = asking(&shop, &format!("timeout_ms = 100\n{settings}"));
        let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
        shop.answers(|_| Some(500));
        let outcome = alice.asks("message.send", hello("m-1")).await;
        if is_sent {
            outcome.unwrap();
            bob.hears("message.received").await;
        } else {
            assert_eq!(outcome.unwrap_err()["data"]["reason"], "hookSilent");
        }
        world.shows("before_message_total{outcome=\"unanswered\"}", 1).await;
        assert!(world.log().contains("webhooks.before_message was asked in vain"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entrance_asks() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let back_end = world.back_end("shop", "all").await;
    let [mut alice, _bob, _carol] = world.people(["alice", "bob", "carol"]).await;
    alice.does("group.create", json!({"groupID": "g", "memberList": ["bob"]})).await;
    shop.says(|_| no(120_010, "closed"));
    let online = json!({"groupID": "g", "type": "text", "content": {"text": "psst"}, "onlineUserOnly": true});
    let refusal = alice.is_refused("refusedByHook", "message.send", online).await;
    assert_eq!(refusal["code"], 120_010);
    let asked = shop.is_told().await.json();
    let message = &asked["data"]["message"];
    assert_eq!((&message["groupID"], &message["onlineUserOnly"]), (&json!("g"), &json!(true)));
    by_rest(&world, &back_end, &mut shop).await;
    by_tencents_rest(&world, &mut shop).await;
    let mut carol = OpenIm::signs_in(&world, "carol").await;
    let text =
        json!({"clientMsgID": "o-1", "contentType": 101, "textElem": {"content": "hello"}}).to_string();
    let send = json!({"message": text, "recvID": "bob", "groupID": "", "offlinePushInfo": "{}"}).to_string();
    assert_eq!(carol.asks("SendMessage", &send).await, Err(120_010));
    assert_eq!(shop.is_told().await.json()["data"]["message"]["sender"], "carol");
}

async fn by_rest(world: &World, back_end: &BackEnd, shop: &mut Receiver) {
    let send = "POST /v1/users/alice/messages";
    let wish = || Some(json!({"userID": "bob", "type": "text", "content": {"text": "hello"}}));
    let refused = back_end.asks_under("k-1", world, send, wish()).await.is_problem(403, "refusedByHook");
    assert_eq!((&refused["code"], &refused["detail"]), (&json!(120_010), &json!("closed")));
    assert!(shop.is_told().await.json()["data"]["message"]["clientMsgID"].is_null());
}

async fn by_tencents_rest(world: &World, shop: &mut Receiver) {
    let query = format!(
        "sdkappid={}&identifier=administrator&usersig={}&random=7&contenttype=json",
        crate::world::app().sdk_app_id,
        user_sig("administrator")
    );
    let body = json!({"From_Account": "alice", "To_Account": "bob", "MsgRandom": 7,
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hello"}}]});
    let answer = world.asks(&format!("POST /v4/openim/sendmsg?{query}"), &[], &body.to_string()).await.json();
    assert_eq!((&answer["ErrorCode"], &answer["ErrorInfo"]), (&json!(120_010), &json!("closed")), "{answer}");
    shop.is_told().await;
}

/// A back end that was written for Tencent's callbacks has one address for messages and for what invitations are there.
#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_of_tencents_is_asked_as_theirs_asks() {
    let mut shop = Receiver::start().await;
    let settings = format!(
        "form = \"tencent\"\n{PATIENT}\n[webhooks.before_invite]\nurl = \"{}\"\nsecret = \"{SECRET}\"\nform = \"tencent\"\n{PATIENT}",
        shop.url()
    );
    let world = asking(&shop, &settings);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    shop.says(|_| json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0}));
    alice.does("message.send", hello("m-1")).await;
    bob.hears("message.received").await;
    let asked = shop.is_told().await;
    assert_eq!(asked.parameter("CallbackCommand"), "C2C.CallbackBeforeSendMsg");
    assert_eq!(asked.parameter("Sign"), tencents_sign(SECRET, asked.parameter("RequestTime")), "{asked:?}");
    let body = asked.json();
    assert_eq!((&body["From_Account"], &body["To_Account"]), (&json!("alice"), &json!("bob")));
    assert_eq!(body["MsgBody"][0]["MsgContent"]["Text"], "hello");
    shop.says(|_| json!({"ActionStatus": "OK", "ErrorInfo": "no credit", "ErrorCode": 120_001}));
    let refusal = alice.is_refused("refusedByHook", "message.send", hello("m-2")).await;
    assert_eq!((&refusal["code"], &refusal["message"]), (&json!(120_001), &json!("no credit")));
    shop.is_told().await;
    // An invitation is a message there.
    shop.says(|_| json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 1}));
    let refusal = alice
        .is_refused(
            "refusedByHook",
            "signaling.invite",
            json!({"inviteID": "i-1", "invitee": "bob", "timeout": 60}),
        )
        .await;
    assert_eq!(refusal["code"], 20_006);
    let body = shop.is_told().await.json();
    assert_eq!(body["CallbackCommand"], "C2C.CallbackBeforeSendMsg");
    let said: Value =
        serde_json::from_str(body["MsgBody"][0]["MsgContent"]["Data"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&said["inviteID"], &said["actionType"], &said["onlineUserOnly"]),
        (&json!("i-1"), &json!(1), &json!(false))
    );
}

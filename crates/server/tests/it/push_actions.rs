//! A device that a push has woken answers from an app that is not running, with the push's action token and no session.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;

use crate::world::{Answer, BackEnd, Device, NO_RATE, Receiver, SECRET, World};

/// Bob has registered his phone and is away; Alice will ring.
struct Night {
    world: World,
    vendor: Receiver,
    alice: Device,
    bob: Device,
}

impl Night {
    async fn falls() -> Self {
        Self::falls_where(NO_RATE).await
    }

    async fn falls_where(limits: &str) -> Self {
        let vendor = Receiver::start().await;
        let config = format!(
            "{limits}[sessions]\noffline_grace_s = 0\n[calls]\nlease_s = 1\n[push.adapter]\nurl = \"{}\"\n\
             secret = \"{SECRET}\"\nallow = [\"127.0.0.1\"]\n",
            vendor.url()
        );
        let world = block_in_place(|| World::start_with(&config));
        let [alice, mut bob] = world.people(["alice", "bob"]).await;
        bob.does("push.register", json!({"provider": "adapter", "channel": "test", "token": "of bob"})).await;
        bob.vanishes();
        Self { world, vendor, alice, bob }
    }

    /// The action token of the push for what Alice invites Bob to.
    async fn rings(&mut self, id: &str, more: Value) -> String {
        let mut invite = json!({"inviteID": id, "invitee": "bob", "timeout": 120});
        invite.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.alice.does("signaling.invite", invite).await;
        let told = self.vendor.is_told().await.json();
        told["data"]["note"]["actionToken"].as_str().unwrap().to_owned()
    }

    async fn acts(&self, token: &str, action: &str, body: Option<Value>) -> Answer {
        let device = BackEnd { key: token.to_owned() };
        device.asks(&self.world, &format!("POST /v1/actions/{action}"), body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_woken_device_says_that_it_rings_and_answers() {
    let mut night = Night::falls().await;
    let token = night.rings("i", json!({"progress": true})).await;
    let rings = night.acts(&token, "ringing", None).await;
    assert!(rings.status == 200 && rings.json()["time"].is_u64(), "{rings:?}");
    // That the provider has taken the push may be told before or after that.
    let mut steps = BTreeSet::new();
    while !["pushed", "ringing"].iter().all(|step| steps.contains(*step)) {
        let progress = night.alice.hears("invitation.progress").await;
        assert_eq!(progress["device"]["deviceID"], "bob-1");
        steps.insert(progress["step"].as_str().unwrap().to_owned());
    }
    let accepted = night.acts(&token, "accept", Some(json!({"data": "coming"}))).await;
    assert_eq!((accepted.status, &accepted.json()["version"]), (200, &json!(2)), "{accepted:?}");
    let heard = night.alice.hears("invitation.accepted").await;
    assert_eq!((&heard["data"], &heard["device"]["deviceID"]), (&json!("coming"), &json!("bob-1")));
    // Once: a repeat hears the same, and another action comes too late.
    let again = night.acts(&token, "accept", Some(json!({"data": "coming"}))).await;
    assert_eq!(again.json(), accepted.json());
    night.acts(&token, "reject", None).await.is_problem(409, "settled");
    let busy = night.rings("j", json!({})).await;
    assert_eq!(night.acts(&busy, "busy", None).await.status, 200);
    assert_eq!(night.alice.hears("invitation.rejected").await["data"], "busy");
    let (log, figures) = (night.world.log(), night.world.get("/metrics").await.1);
    assert!(!log.contains(&token) && !figures.contains(&token), "a token must not be told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_woken_device_silences_its_ring_and_may_answer_it_later() {
    let mut night = Night::falls().await;
    let token = night.rings("i", json!({})).await;
    let silenced = night.acts(&token, "silence", None).await;
    assert!(silenced.status == 200 && silenced.json()["time"].is_u64(), "{silenced:?}");
    assert_eq!(night.acts(&token, "silence", None).await.status, 200, "a repeat changes nothing");
    night.alice.hears_nothing().await;
    // Their devices are told so, and it can still be answered.
    night.bob.resumes().await;
    let told = night.bob.catches_up().await;
    let kinds: Vec<&Value> = told.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["invitation.received", "invitation.silenced"]);
    assert_eq!(night.acts(&token, "accept", None).await.status, 200);
    night.alice.hears("invitation.accepted").await;
    night.acts(&token, "silence", None).await.is_problem(409, "settled");
}

/// Nobody would see them go, since they were never here.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_enters_a_call_without_a_session_and_does_not_come_leaves_it_by_lease() {
    let mut night = Night::falls().await;
    let shop = night.world.back_end("shop", "all").await;
    let call = json!({"call": {"mediaType": "audio"}});
    let token = night.rings("by-push", call.clone()).await;
    assert_eq!(night.acts(&token, "accept", None).await.status, 200);
    night.alice.hears("invitation.accepted").await;
    assert_eq!(night.alice.hears("call.hungUp").await["userID"], "bob");
    night.rings("by-back-end", call).await;
    shop.gets(&night.world, "POST /v1/users/bob/invitations/by-back-end/accept", Some(json!({}))).await;
    night.alice.hears("invitation.accepted").await;
    let gone = night.alice.hears("call.hungUp").await;
    assert_eq!((&gone["userID"], &gone["callID"]), (&json!("bob"), &json!("by-back-end")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_while_its_device_may_be_woken() {
    let mut night = Night::falls().await;
    let shop = night.world.back_end("shop", "users,tokens").await;
    let token = night.rings("i", json!({})).await;
    shop.gets(&night.world, "PUT /v1/users/bob/disabled", None).await;
    night.acts(&token, "accept", None).await.is_problem(403, "userDisabled");
    shop.gets(&night.world, "DELETE /v1/users/bob/disabled", None).await;
    night.bob.opens().await;
    night.bob.does("push.unregister", json!({})).await;
    night.acts(&token, "accept", None).await.is_problem(401, "tokenRevoked");
    night.bob.does("push.register", json!({"provider": "adapter", "channel": "test", "token": "new"})).await;
    shop.gets(&night.world, "DELETE /v1/users/bob/tokens", None).await;
    night.bob.is_closed_with(CloseCode::TokenExpired).await;
    night.acts(&token, "accept", None).await.is_problem(401, "tokenRevoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_action_is_refused_with_what_to_do() {
    let mut night = Night::falls().await;
    let token = night.rings("i", json!({})).await;
    let (signed, _) = token.rsplit_once('.').unwrap();
    night.acts(&format!("{signed}.AAAA"), "accept", None).await.is_problem(401, "tokenWrongKey");
    night.acts("nothing", "accept", None).await.is_problem(401, "tokenMalformed");
    night.world.asks("POST /v1/actions/accept", &[], "").await.is_problem(401, "tokenMalformed");
    night.acts(&token, "hang-up", None).await.is_problem(404, "nothingHere");
    for body in [json!([]), json!({"data": 1}), json!({"date": ""})] {
        night.acts(&token, "accept", Some(body)).await.is_problem(422, "invalidParams");
    }
    // A body may be as long as a frame, and its data as long as any.
    let of_length = |bytes: usize| json!({"data": "x".repeat(bytes - r#"{"data":""}"#.len())});
    night.acts(&token, "accept", Some(of_length(64 * 1024 + 1))).await.is_problem(413, "bodyTooLarge");
    night.acts(&token, "accept", Some(of_length(64 * 1024))).await.is_problem(422, "tooLarge");
    let long = json!({"data": "x".repeat(16 * 1024 + 1)});
    night.acts(&token, "accept", Some(long)).await.is_problem(422, "tooLarge");
    let exact = json!({"data": "x".repeat(16 * 1024)});
    assert_eq!(night.acts(&token, "accept", Some(exact)).await.status, 200);
    night.world.shows("api_requests_total{operation=\"action\",outcome=\"ok\"}", 1).await;
    night.world.shows("api_requests_total{operation=\"action\",outcome=\"tokenMalformed\"}", 2).await;
}

/// Before anything is read of the body or from the store.
#[tokio::test(flavor = "multi_thread")]
async fn actions_draw_on_what_the_user_may_answer() {
    let mut night = Night::falls_where("[limits]\nanswers_per_second = 1\nanswer_burst = 2\n").await;
    let token = night.rings("i", json!({})).await;
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(night.acts(&token, "accept", Some(json!([]))).await);
        if answers.last().is_some_and(|answer| answer.status == 429) {
            break;
        }
    }
    let (last, before) = answers.split_last().unwrap();
    last.is_problem(429, "rateLimited");
    assert_eq!(last.header("retry-after"), "1");
    assert!(before.len() >= 2 && before.iter().all(|answer| answer.status == 422), "{before:?}");
}

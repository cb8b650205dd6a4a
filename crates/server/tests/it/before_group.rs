//! An app's back end is asked before a group is made, and before somebody comes to one.

use serde_json::{Value, json};

use crate::before_invite::{PATIENT, asking_by, no};
use crate::world::{BackEnd, OpenIm, Receiver, SECRET, World, tencents_sign, user_sig};

fn asking(receiver: &Receiver, settings: &str) -> World {
    asking_by("before_group", receiver, settings)
}

fn allowed() -> Value {
    json!({"allow": true})
}

/// What it was asked about.
async fn asked(shop: &mut Receiver) -> Value {
    shop.is_told().await.json()["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_is_asked_and_says_no_in_its_own_words() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    shop.says(|_| no(120_011, "three groups are enough"));
    let wish = json!({"groupID": "team", "name": "Team", "ext": "mine", "members": ["bob", "nobody"]});
    let refusal = alice.is_refused("refusedByHook", "group.create", wish.clone()).await;
    assert_eq!((&refusal["code"], &refusal["message"]), (&json!(120_011), &json!("three groups are enough")));
    assert_eq!(
        asked(&mut shop).await,
        json!({"type": "group.before", "groupID": "team", "name": "Team", "ext": "mine", "by": "alice",
            "userIDs": ["alice", "bob"], "created": true})
    );
    alice.is_refused("unknownGroup", "group.info", json!({"groupID": "team"})).await;
    shop.says(|_| allowed());
    alice.does("group.create", wish.clone()).await;
    bob.hears("group.membersAdded").await;
    shop.is_told().await;
    // What the rules refuse and what changes nothing is not asked about, nor whatever takes somebody out of a group.
    alice.is_refused("groupIDTaken", "group.create", wish).await;
    alice.does("group.addMembers", json!({"groupID": "team", "userIDs": ["bob"]})).await;
    alice.does("group.setInfo", json!({"groupID": "team", "name": "The team"})).await;
    bob.hears("group.infoChanged").await;
    assert_eq!(shop.was_told(), 0);
    shop.says(|_| no(120_012, "members only"));
    assert_eq!(
        carol.is_refused("refusedByHook", "group.join", json!({"groupID": "team"})).await["code"],
        120_012
    );
    let joins = asked(&mut shop).await;
    assert_eq!((&joins["by"], &joins["userIDs"]), (&json!("carol"), &json!(["carol"])));
    assert_eq!(
        (&joins["ext"], &joins["name"], &joins["created"]),
        (&json!("mine"), &json!("The team"), &Value::Null)
    );
    let adds = json!({"groupID": "team", "userIDs": ["carol"]});
    assert_eq!(bob.is_refused("refusedByHook", "group.addMembers", adds).await["code"], 120_012);
    assert_eq!(asked(&mut shop).await["by"], "bob");
    carol.hears_nothing().await;
    world.shows("before_group_total{outcome=\"allowed\"}", 1).await;
    world.shows("before_group_total{outcome=\"refused\"}", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn some_are_left_out_and_nobody_comes_when_all_are() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    shop.says(|_| json!({"allow": true, "leftOut": ["bob"]}));
    alice.does("group.create", json!({"groupID": "team", "members": ["bob", "carol"]})).await;
    assert_eq!(carol.hears("group.membersAdded").await["userIDs"], json!(["alice", "carol"]));
    bob.hears_nothing().await;
    let adds = json!({"groupID": "team", "userIDs": ["bob"]});
    let refusal = alice.is_refused("refusedByHook", "group.addMembers", adds.clone()).await;
    assert_eq!(refusal["code"], 20_006);
    bob.is_refused("refusedByHook", "group.join", json!({"groupID": "team"})).await;
    let own = json!({"groupID": "own", "members": ["carol"]});
    bob.is_refused("refusedByHook", "group.create", own).await;
    carol.hears_nothing().await;
    shop.says(|_| allowed());
    alice.does("group.addMembers", adds).await;
    carol.hears("group.membersAdded").await;
    for _ in 0..5 {
        shop.is_told().await;
    }
    assert_eq!(shop.was_told(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_decides_as_it_is_told_to() {
    for (settings, is_made) in [("unanswered = \"allow\"", true), ("unanswered = \"refuse\"", false)] {
        let shop = Receiver::start().await;
        let world = asking(&shop, &format!("timeout_ms = 100\n{settings}"));
        let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
        shop.answers(|_| Some(500));
        let outcome = alice.asks("group.create", json!({"members": ["bob"]})).await;
        if is_made {
            outcome.unwrap();
            bob.hears("group.membersAdded").await;
        } else {
            assert_eq!(outcome.unwrap_err()["data"]["reason"], "hookSilent");
        }
        world.shows("before_group_total{outcome=\"unanswered\"}", 1).await;
        assert!(world.log().contains("webhooks.before_group was asked in vain"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entrance_asks() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, PATIENT);
    let back_end = world.back_end("shop", "all").await;
    let [_alice, _bob, _carol] = world.people(["alice", "bob", "carol"]).await;
    shop.says(|_| no(120_013, "closed"));
    by_rest(&world, &back_end, &mut shop).await;
    let made = json!({"Owner_Account": "alice", "Type": "Public", "Name": "Team"});
    let answer = tencents(&world, "create_group", made).await;
    assert_eq!((&answer["ErrorCode"], &answer["ErrorInfo"]), (&json!(120_013), &json!("closed")), "{answer}");
    shop.is_told().await;
    let mut carol = OpenIm::signs_in(&world, "carol").await;
    let create =
        json!({"groupInfo": "{\"groupName\":\"Team\",\"groupType\":2}", "memberList": "[]"}).to_string();
    assert_eq!(carol.asks("CreateGroup", &create).await, Err(120_013));
    assert_eq!(asked(&mut shop).await["by"], "carol");
}

async fn by_rest(world: &World, back_end: &BackEnd, shop: &mut Receiver) {
    let create = "POST /v1/users/alice/groups";
    let wish = || Some(json!({"name": "Team", "members": ["bob"]}));
    let refused = back_end.asks_under("k-1", world, create, wish()).await.is_problem(403, "refusedByHook");
    assert_eq!((&refused["code"], &refused["detail"]), (&json!(120_013), &json!("closed")));
    shop.is_told().await;
    shop.says(|_| allowed());
    let made = back_end.asks_under("k-1", world, create, wish()).await;
    assert_eq!(made.status, 200, "a refusal is not remembered: {made:?}");
    // A group without a name is asked about under the one that it gets.
    assert_eq!(asked(shop).await["groupID"], made.json()["groupID"]);
    assert_eq!(back_end.asks_under("k-1", world, create, wish()).await.body, made.body);
    assert_eq!(shop.was_told(), 0, "the reply is kept");
    shop.says(|_| no(120_013, "closed"));
}

async fn tencents(world: &World, command: &str, body: Value) -> Value {
    let query = format!(
        "sdkappid={}&identifier=administrator&usersig={}&random=7&contenttype=json",
        crate::world::app().sdk_app_id,
        user_sig("administrator")
    );
    let request = format!("POST /v4/group_open_http_svc/{command}?{query}");
    world.asks(&request, &[], &body.to_string()).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_of_tencents_is_asked_as_theirs_asks() {
    let mut shop = Receiver::start().await;
    let world = asking(&shop, &format!("form = \"tencent\"\n{PATIENT}"));
    let [mut alice, mut bob, mut carol, _dave] = world.people(["alice", "bob", "carol", "dave"]).await;
    let ok = || json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0});
    shop.says(move |_| ok());
    let made = json!({"Owner_Account": "alice", "Type": "Public", "GroupId": "team", "Name": "Team",
        "MemberList": [{"Member_Account": "bob"}]});
    assert_eq!(tencents(&world, "create_group", made).await["GroupId"], "team");
    let told = shop.is_told().await;
    assert_eq!(told.parameter("CallbackCommand"), "Group.CallbackBeforeCreateGroup");
    assert_eq!(told.parameter("Sign"), tencents_sign(SECRET, told.parameter("RequestTime")), "{told:?}");
    let said = without_time(&told.json());
    assert_eq!(
        said,
        json!({"CallbackCommand": "Group.CallbackBeforeCreateGroup", "GroupId": "team", "Operator_Account": "alice",
            "Owner_Account": "alice", "Type": "Public", "Name": "Team", "MemberList": [{"Member_Account": "bob"}]})
    );
    bob.hears("group.membersAdded").await;
    shop.says(|_| json!({"ActionStatus": "OK", "ErrorInfo": "not you", "ErrorCode": 1}));
    let refusal = carol.is_refused("refusedByHook", "group.join", json!({"groupID": "team"})).await;
    assert_eq!((&refusal["code"], &refusal["message"]), (&json!(20_006), &json!("not you")));
    assert_eq!(
        without_time(&shop.is_told().await.json()),
        json!({"CallbackCommand": "Group.CallbackBeforeApplyJoinGroup", "GroupId": "team", "Type": "Public",
            "Requestor_Account": "carol"})
    );
    shop.says(|_| json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "RefusedMembers_Account": ["carol"]}));
    alice.hears("group.membersAdded").await;
    alice.does("group.addMembers", json!({"groupID": "team", "userIDs": ["carol", "dave"]})).await;
    assert_eq!(
        without_time(&shop.is_told().await.json()),
        json!({"CallbackCommand": "Group.CallbackBeforeInviteJoinGroup", "GroupId": "team", "Type": "Public",
            "Operator_Account": "alice", "DestinationMembers": [{"Member_Account": "carol"}, {"Member_Account": "dave"}]})
    );
    assert_eq!(bob.hears("group.membersAdded").await["userIDs"], json!(["dave"]));
    carol.hears_nothing().await;
}

fn without_time(said: &Value) -> Value {
    let mut said = said.clone();
    let time = said.as_object_mut().unwrap().remove("EventTime");
    assert!(time.is_some_and(|time| time.is_u64()));
    said
}

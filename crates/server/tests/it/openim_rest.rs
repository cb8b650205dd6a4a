//! Back ends that were written for OpenIM's REST API: what devices hear of what they ask.

use serde_json::{Value, json};
use wigwag_protocol::CloseCode;

use crate::world::{KEY, NO_RATE, OpenIm, World, now_ms, user_sig};

fn world() -> World {
    World::start_with(&format!("{NO_RATE}[api]\nopenim_administrators = [\"imAdmin\"]\n"))
}

/// The answer, whatever it is.
async fn asks(world: &World, token: &str, command: &str, body: &Value) -> Value {
    let token = format!("token: {token}");
    let headers = ["operationID: o-1", "Content-Type: application/json", token.as_str()];
    let answer = world.asks(&format!("POST /openim-api/{command}"), &headers, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// The data of an answer that is no failure.
async fn gets(world: &World, token: &str, command: &str, body: Value) -> Value {
    let answer = asks(world, token, command, &body).await;
    assert_eq!(
        (&answer["errCode"], &answer["errMsg"], &answer["errDlt"]),
        (&json!(0), &json!(""), &json!("")),
        "{answer}"
    );
    answer["data"].clone()
}

async fn fails(world: &World, token: &str, command: &str, body: Value) -> i64 {
    let answer = asks(world, token, command, &body).await;
    assert!(answer["errMsg"].as_str().unwrap().len() > 8 && answer["errDlt"].is_string(), "{answer}");
    answer["errCode"].as_i64().unwrap()
}

async fn admin_token(world: &World) -> String {
    let wish = json!({"secret": KEY, "userID": "imAdmin"});
    let token = gets(world, "", "auth/get_admin_token", wish).await;
    assert_eq!(token["expireTimeSeconds"], 604_800);
    token["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_is_heard() {
    let world = world();
    let token = admin_token(&world).await;
    let register = || json!({"users": [{"userID": "alice"}]});
    for (secret, user) in [("wrong", "imAdmin"), (KEY, "alice"), ("", "imAdmin")] {
        let wish = json!({"secret": secret, "userID": user});
        assert_eq!(fails(&world, "", "auth/get_admin_token", wish).await, 1002, "{secret} {user}");
    }
    assert_eq!(fails(&world, "", "auth/get_admin_token", json!({"userID": "imAdmin"})).await, 1001);
    let expired = crate::world::jwt("imAdmin", now_ms() - 10_000, std::time::Duration::from_secs(1));
    for (token, code) in [("", 1503), ("nothing", 1503), (&*user_sig("alice"), 1002), (&*expired, 1501)] {
        assert_eq!(fails(&world, token, "user/user_register", register()).await, code, "{token}");
    }
    let known = gets(&world, &token, "user/get_users_info", json!({"userIDs": ["alice"]})).await;
    assert_eq!(known, json!({"usersInfo": []}), "none of them was carried out");
    assert_eq!(fails(&world, &token, "friend/add_friend", json!({})).await, 10_005);
    assert_eq!(fails(&world, &token, "user/user_register", json!({"users": []})).await, 1001);
    let many: Vec<Value> = (0..101).map(|number| json!({"userID": format!("u{number}")})).collect();
    assert_eq!(fails(&world, &token, "user/user_register", json!({"users": many})).await, 1001);
    assert!(!world.log().contains(&token) && !world.log().contains(KEY), "no secret is logged");
    world.shows("api_requests_total{operation=\"openim\",outcome=\"ok\"}", 2).await;
    world.shows("api_requests_total{operation=\"openim\",outcome=\"10005\"}", 1).await;
    let closed = World::start();
    let wish = json!({"secret": KEY, "userID": "imAdmin"});
    assert_eq!(fails(&closed, "", "auth/get_admin_token", wish).await, 1002, "without administrators");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_registered_and_sign_in_with_the_tokens_they_get() {
    let world = world();
    let token = admin_token(&world).await;
    let alice = json!({"userID": "alice", "nickname": "Alice", "faceURL": "https://pictures.example/a"});
    let users = json!({"users": [alice, {"userID": "bob"}]});
    assert_eq!(gets(&world, &token, "user/user_register", users.clone()).await, Value::Null);
    assert_eq!(fails(&world, &token, "user/user_register", users).await, 1102);
    let twice = json!({"users": [{"userID": "carol"}, {"userID": "carol"}]});
    assert_eq!(fails(&world, &token, "user/user_register", twice).await, 1001);
    let known = gets(&world, &token, "user/get_users_info", json!({"userIDs": ["alice", "nobody"]})).await;
    assert_eq!(known["usersInfo"].as_array().unwrap().len(), 1);
    assert_eq!(known["usersInfo"][0]["nickname"], "Alice");
    for (user, platform, code) in [("nobody", 5, 1101), ("imAdmin", 5, 1002), ("alice", 0, 1001)] {
        let wish = json!({"userID": user, "platformID": platform});
        assert_eq!(fails(&world, &token, "auth/get_user_token", wish).await, code, "{user}");
    }
    let theirs =
        gets(&world, &token, "auth/get_user_token", json!({"userID": "alice", "platformID": 5})).await;
    let mut phone = world.another("alice", "phone", 5);
    phone.connects().await;
    let theirs = theirs["token"].as_str().unwrap();
    phone.does("session.open", json!({"token": theirs, "deviceID": "phone", "platform": 5})).await;
    assert_eq!(fails(&world, theirs, "user/get_users_info", json!({"userIDs": ["bob"]})).await, 1002);
    let asked = || json!({"userIDs": ["alice", "bob", "nobody"]});
    let online = gets(&world, &token, "user/get_users_online_status", asked()).await;
    let statuses: Vec<&Value> = online.as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [1, 0, 0]);
    assert_eq!(online[0]["detailPlatformStatus"][0]["platform"], "Web");
    gets(&world, &token, "auth/force_logout", json!({"userID": "alice", "platformID": 5})).await;
    phone.is_closed_with(CloseCode::TokenExpired).await;
    assert_eq!(
        fails(&world, &token, "auth/force_logout", json!({"userID": "nobody", "platformID": 5})).await,
        1101
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_made_and_messages_reach_both_kinds_of_clients() {
    let world = world();
    let token = admin_token(&world).await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let mut carol = OpenIm::signs_in(&world, "carol").await;
    let wish = json!({"ownerUserID": "alice", "memberUserIDs": ["bob"], "adminUserIDs": ["carol"],
        "groupInfo": {"groupID": "class", "groupName": "Class", "ex": "e", "groupType": 2}});
    let made = gets(&world, &token, "group/create_group", wish.clone()).await;
    let info = &made["groupInfo"];
    assert_eq!(
        (&info["groupID"], &info["ownerUserID"], &info["memberCount"]),
        (&json!("class"), &json!("alice"), &json!(3))
    );
    assert_eq!(fails(&world, &token, "group/create_group", wish).await, 10_021);
    assert_eq!(bob.hears("group.membersAdded").await["groupID"], "class");
    assert_eq!(bob.hears("group.roleChanged").await["role"], "admin");
    gets(&world, &token, "group/kick_group", json!({"groupID": "class", "kickedUserIDs": ["bob"]})).await;
    bob.hears("group.membersRemoved").await;
    gets(
        &world,
        &token,
        "group/invite_user_to_group",
        json!({"groupID": "class", "invitedUserIDs": ["bob"]}),
    )
    .await;
    bob.hears("group.membersAdded").await;
    let none = json!({"groupID": "none", "invitedUserIDs": ["bob"]});
    assert_eq!(fails(&world, &token, "group/invite_user_to_group", none).await, 1201);
    let text = json!({"sendID": "bob", "groupID": "class", "content": {"content": "hello"}, "contentType": 101, "sessionType": 3});
    let sent = gets(&world, &token, "msg/send_msg", text).await;
    assert!(sent["sendTime"].as_u64().unwrap() > 1_700_000_000_000);
    let heard = carol.hears("OnRecvNewMessage").await;
    assert!(heard.to_string().contains("hello"), "{heard}");
    let custom = json!({"sendID": "bob", "recvID": "alice", "contentType": 110, "sessionType": 1,
        "content": {"data": "d", "description": "", "extension": "x"}, "offlinePushInfo": {"title": "t"}});
    let sent = gets(&world, &token, "msg/send_msg", custom).await;
    let received = loop {
        let frame = alice.hears_frame().await;
        if frame["params"]["type"] == "message.received" && frame["params"]["message"]["type"] == "custom" {
            break frame["params"]["message"].clone();
        }
    };
    assert_eq!(
        (&received["messageID"], &received["content"]["extension"]),
        (&sent["serverMsgID"], &json!("x"))
    );
    for (field, wrong) in
        [("contentType", json!(102)), ("sessionType", json!(4)), ("content", json!({"content": 1}))]
    {
        let mut message = json!({"sendID": "bob", "recvID": "alice", "content": {"content": "c"}, "contentType": 101, "sessionType": 1});
        message[field] = wrong;
        assert_eq!(fails(&world, &token, "msg/send_msg", message).await, 1001, "{field}");
    }
}

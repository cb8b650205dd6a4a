//! Back ends that were written for Tencent's REST API: what devices hear of what they ask.

use serde_json::{Value, json};

use crate::world::{Answer, Device, NO_RATE, World, jwt, now_ms, user_sig};

const ADMINISTRATORS: &str = "[api]\ntencent_administrators = [\"administrator\"]\n";

fn world() -> World {
    World::start_with(&format!("{NO_RATE}{ADMINISTRATORS}"))
}

/// Asks with this query.
async fn asks_as(world: &World, query: &str, command: &str, body: &Value) -> Answer {
    world.asks(&format!("POST /v4/{command}?{query}"), &[], &body.to_string()).await
}

fn query(user: &str, sig: &str) -> String {
    format!(
        "sdkappid={}&identifier={user}&usersig={sig}&random=7&contenttype=json",
        crate::world::app().sdk_app_id
    )
}

/// The answer to the administrator, whatever it is.
async fn asks(world: &World, command: &str, body: Value) -> Value {
    let answer = asks_as(world, &query("administrator", &user_sig("administrator")), command, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// The answer to a request that succeeds.
async fn gets(world: &World, command: &str, body: Value) -> Value {
    let answer = asks(world, command, body).await;
    let envelope = (&answer["ActionStatus"], &answer["ErrorCode"], &answer["ErrorInfo"]);
    assert_eq!(envelope, (&json!("OK"), &json!(0), &json!("")), "{command}: {answer}");
    answer
}

async fn is_refused(world: &World, number: i32, command: &str, body: Value) -> Value {
    let answer = asks(world, command, body).await;
    assert_eq!((&answer["ActionStatus"], &answer["ErrorCode"]), (&json!("FAIL"), &json!(number)), "{answer}");
    assert!(answer["ErrorInfo"].as_str().unwrap().len() > 8, "{answer}");
    answer
}

fn text(words: &str) -> Value {
    json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": words}}])
}

/// The next event of this type, whatever comes before it.
async fn comes_to(device: &mut Device, kind: &str) -> Value {
    loop {
        let frame = device.hears_frame().await;
        if frame["params"]["type"] == kind {
            return frame["params"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_is_heard() {
    let world = world();
    let command = "im_open_login_svc/account_import";
    let body = json!({"UserID": "alice"});
    let app = crate::world::app().sdk_app_id;
    let sig = user_sig("administrator");
    for (query, number) in [
        (String::new(), 60_012),
        (format!("sdkappid={}&identifier=administrator&usersig={sig}", app + 1), 60_006),
        (query("administrator", "nothing"), 70_003),
        (query("administrator", &user_sig("alice")), 70_013),
        (query("alice", &user_sig("alice")), 60_010),
        (
            query(
                "administrator",
                &jwt("administrator", now_ms() - 10_000, std::time::Duration::from_secs(1)),
            ),
            70_001,
        ),
    ] {
        let answer = asks_as(&world, &query, command, &body).await.json();
        assert_eq!(
            (&answer["ActionStatus"], &answer["ErrorCode"]),
            (&json!("FAIL"), &json!(number)),
            "{query} {answer}"
        );
    }
    let found =
        gets(&world, "im_open_login_svc/account_check", json!({"CheckItem": [{"UserID": "alice"}]})).await;
    assert_eq!(found["ResultItem"][0]["AccountStatus"], "NotImported", "none of them was carried out");
    is_refused(&world, 60_009, "sns/friend_add", json!({})).await;
    is_refused(&world, 60_009, "nothing/at_all", json!({})).await;
    is_refused(&world, 70_402, command, json!({"Nick": "nobody"})).await;
    let broken = asks_as(&world, &query("administrator", &sig), command, &json!("text")).await.json();
    assert_eq!(broken["ErrorCode"], 70_402, "{broken}");
    assert!(!world.log().contains(&sig), "a UserSig is never logged");
    world.shows("api_requests_total{operation=\"tencent\",outcome=\"ok\"}", 1).await;
    world.shows("api_requests_total{operation=\"tencent\",outcome=\"60009\"}", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_administrators_nobody_is_heard() {
    let world = World::start();
    let sig = user_sig("administrator");
    let answer = asks_as(&world, &query("administrator", &sig), "openim/sendmsg", &json!({})).await.json();
    assert_eq!(answer["ErrorCode"], 60_010, "{answer}");
    assert!(answer["ErrorInfo"].as_str().unwrap().contains("tencent_administrators"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_imported_kicked_and_deleted() {
    let world = world();
    let wish = json!({"UserID": "alice", "Nick": "Alice", "FaceUrl": "https://pictures.example/a"});
    gets(&world, "im_open_login_svc/account_import", wish).await;
    gets(&world, "im_open_login_svc/account_import", json!({"UserID": "alice", "Nick": ""})).await;
    let asked = json!({"To_Account": ["alice"]});
    let profile = gets(&world, "profile/portrait_get", asked).await;
    let items = &profile["UserProfileItem"][0]["ProfileItem"];
    assert_eq!(items[0], json!({"Tag": "Tag_Profile_IM_Nick", "Value": "Alice"}), "an empty name keeps it");
    let many =
        gets(&world, "im_open_login_svc/multiaccount_import", json!({"Accounts": ["bob", "no name\n"]}))
            .await;
    assert_eq!(many["FailAccounts"], json!(["no name\n"]));
    let mut alice = world.person("alice").await;
    let asked = json!({"To_Account": ["alice", "bob", "nobody"], "IsNeedDetail": 1});
    let online = gets(&world, "openim/query_online_status", asked).await;
    assert_eq!(online["QueryResult"][0]["Status"], "Online", "{online}");
    assert_eq!(online["QueryResult"][0]["Detail"], json!([{"Platform": "Linux", "Status": "Online"}]));
    assert_eq!(online["QueryResult"][1], json!({"To_Account": "bob", "Status": "Offline"}));
    assert_eq!(online["ErrorList"], json!([{"To_Account": "nobody", "ErrorCode": 70_107}]));
    gets(&world, "im_open_login_svc/kick", json!({"UserID": "alice"})).await;
    alice.is_closed().await;
    let gone = gets(
        &world,
        "im_open_login_svc/account_delete",
        json!({"DeleteItem": [{"UserID": "bob"}, {"UserID": "nobody"}]}),
    )
    .await;
    assert_eq!(gone["ResultItem"][0]["ResultCode"], 0, "{gone}");
    assert_eq!(gone["ResultItem"][1]["ResultCode"], 70_107, "{gone}");
    let found = gets(
        &world,
        "im_open_login_svc/account_check",
        json!({"CheckItem": [{"UserID": "alice"}, {"UserID": "bob"}]}),
    )
    .await;
    let states: Vec<&Value> =
        found["ResultItem"].as_array().unwrap().iter().map(|one| &one["AccountStatus"]).collect();
    assert_eq!(states, [&json!("Imported"), &json!("NotImported")]);
    // An app that imports at each sign-in must not bring somebody back, nor let somebody in whom an operator has kept out.
    is_refused(&world, 70_107, "im_open_login_svc/account_import", json!({"UserID": "bob"})).await;
    let again = json!({"DeleteItem": [{"UserID": "bob"}]});
    let again = gets(&world, "im_open_login_svc/account_delete", again).await;
    assert_eq!(again["ResultItem"][0]["ResultCode"], 0, "a repeat goes on where it was: {again}");
    let shop = world.back_end("shop", "users").await;
    shop.gets(&world, "PUT /v1/users/alice/disabled", None).await;
    is_refused(&world, 70_051, "im_open_login_svc/account_import", json!({"UserID": "alice"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_sent_read_and_taken_back() {
    let world = world();
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    let wish = json!({"From_Account": "alice", "To_Account": "bob", "MsgRandom": 5, "MsgBody": text("your driver is here"),
        "CloudCustomData": "trip 7"});
    let sent = gets(&world, "openim/sendmsg", wish.clone()).await;
    let heard = bob.hears("message.received").await["message"].clone();
    assert_eq!((&heard["type"], &heard["content"]["text"]), (&json!("text"), &json!("your driver is here")));
    assert_eq!((&heard["sender"], &heard["cloudCustomData"]), (&json!("alice"), &json!("trip 7")));
    alice.hears("message.received").await;
    assert_eq!(gets(&world, "openim/sendmsg", wish).await["MsgKey"], sent["MsgKey"], "it is sent once");
    let other =
        json!({"From_Account": "alice", "To_Account": "bob", "MsgRandom": 5, "MsgBody": text("come down")});
    let other = gets(&world, "openim/sendmsg", other).await;
    assert_ne!(other["MsgKey"], sent["MsgKey"], "what says something else is another message");
    assert_eq!(bob.hears("message.received").await["message"]["content"]["text"], "come down");
    let unread = json!({"To_Account": "bob", "Peer_Account": ["alice", "carol"]});
    let unread = gets(&world, "openim/get_c2c_unread_msg_num", unread).await;
    assert_eq!(
        unread["C2CUnreadMsgNumList"],
        json!([{"Peer_Account": "alice", "C2CUnreadMsgNum": 2},
        {"Peer_Account": "carol", "C2CUnreadMsgNum": 0}])
    );
    gets(&world, "openim/admin_set_msg_read", json!({"Report_Account": "bob", "Peer_Account": "alice"}))
        .await;
    bob.hears("message.read").await;
    let all = gets(&world, "openim/get_c2c_unread_msg_num", json!({"To_Account": "bob"})).await;
    assert_eq!(all["AllC2CUnreadMsgNum"], 0);
    let taken = json!({"From_Account": "alice", "To_Account": "bob", "MsgKey": sent["MsgKey"]});
    gets(&world, "openim/admin_msgwithdraw", taken).await;
    bob.hears("message.revoked").await;
    let asked = json!({"Operator_Account": "bob", "Peer_Account": "alice", "MaxCnt": 1, "MinTime": 0, "MaxTime": 4_000_000_000_u64});
    let newest = gets(&world, "openim/admin_getroammsg", asked.clone()).await;
    assert_eq!((&newest["Complete"], &newest["MsgList"][0]["MsgBody"]), (&json!(0), &text("come down")));
    assert_eq!(newest["LastMsgKey"], other["MsgKey"]);
    let mut next = asked;
    next["LastMsgKey"] = newest["LastMsgKey"].clone();
    let oldest = gets(&world, "openim/admin_getroammsg", next).await;
    assert_eq!(
        (&oldest["MsgList"][0]["MsgFlagBits"], &oldest["MsgList"][0]["MsgKey"]),
        (&json!(8), &sent["MsgKey"])
    );
    // The administrator speaks when nobody is named.
    let many =
        json!({"To_Account": ["bob", "nobody"], "MsgRandom": 6, "MsgBody": text("maintenance at ten")});
    let many = gets(&world, "openim/batchsendmsg", many).await;
    assert_eq!(many["ErrorList"][0]["To_Account"], "nobody", "{many}");
    assert_eq!(bob.hears("message.received").await["message"]["sender"], "administrator");
    is_refused(&world, 90_001, "openim/sendmsg", json!({"To_Account": "bob", "MsgBody": []})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_kept() {
    let world = world();
    let [_alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let wish = json!({"Owner_Account": "alice", "Type": "Public", "GroupId": "team", "Name": "Team", "Introduction": "us",
        "ApplyJoinOption": "FreeAccess", "AppDefinedData": [{"Key": "city", "Value": "Porto"}],
        "MemberList": [{"Member_Account": "bob", "Role": "Admin"}]});
    assert_eq!(gets(&world, "group_open_http_svc/create_group", wish).await["GroupId"], "team");
    comes_to(&mut bob, "group.membersAdded").await;
    let asked = json!({"GroupIdList": ["team", "none"]});
    let infos = gets(&world, "group_open_http_svc/get_group_info", asked.clone()).await;
    let team = &infos["GroupInfo"][0];
    assert_eq!(
        (&team["Type"], &team["Introduction"], &team["Owner_Account"]),
        (&json!("Public"), &json!("us"), &json!("alice"))
    );
    assert_eq!(team["AppDefinedData"], json!([{"Key": "city", "Value": "Porto"}]));
    assert_eq!(infos["GroupInfo"][1]["ErrorCode"], 10_010);
    let change = json!({"GroupId": "team", "Name": "The team", "Notification": "lunch at one"});
    gets(&world, "group_open_http_svc/modify_group_base_info", change).await;
    let added = json!({"GroupId": "team", "MemberList": [{"Member_Account": "carol"}, {"Member_Account": "bob"}, {"Member_Account": "nobody"}]});
    let added = gets(&world, "group_open_http_svc/add_group_member", added).await;
    let results: Vec<&Value> =
        added["MemberList"].as_array().unwrap().iter().map(|one| &one["Result"]).collect();
    assert_eq!(results, [&json!(1), &json!(2), &json!(0)]);
    let members =
        gets(&world, "group_open_http_svc/get_group_member_info", json!({"GroupId": "team", "Limit": 2}))
            .await;
    assert_eq!((&members["MemberNum"], &members["Next"]), (&json!(3), &json!("bob")), "{members}");
    for (last, field) in [(json!({"Next": "bob"}), "Next"), (json!({"Offset": 2}), "Offset")] {
        let rest = json!({"GroupId": "team", "Limit": 2, field: last[field]});
        let rest = gets(&world, "group_open_http_svc/get_group_member_info", rest).await;
        assert_eq!(
            (&rest["MemberList"][0]["Member_Account"], &rest["Next"]),
            (&json!("carol"), &json!("")),
            "{rest}"
        );
    }
    gets(
        &world,
        "group_open_http_svc/change_group_owner",
        json!({"GroupId": "team", "NewOwner_Account": "bob"}),
    )
    .await;
    let roles = json!({"GroupId": "team", "User_Account": ["alice", "bob", "carol", "nobody"]});
    let roles = gets(&world, "group_open_http_svc/get_role_in_group", roles).await;
    let roles: Vec<&Value> = roles["UserIdList"].as_array().unwrap().iter().map(|one| &one["Role"]).collect();
    assert_eq!(roles, [&json!("Admin"), &json!("Owner"), &json!("Member"), &json!("NotMember")]);
    let joined =
        gets(&world, "group_open_http_svc/get_joined_group_list", json!({"Member_Account": "carol"})).await;
    assert_eq!(
        (&joined["TotalCount"], &joined["GroupIdList"][0]["Notification"]),
        (&json!(1), &json!("lunch at one"))
    );
    gets(
        &world,
        "group_open_http_svc/delete_group_member",
        json!({"GroupId": "team", "MemberToDel_Account": ["carol"]}),
    )
    .await;
    comes_to(&mut carol, "group.membersRemoved").await;
    gets(&world, "group_open_http_svc/destroy_group", json!({"GroupId": "team"})).await;
    comes_to(&mut bob, "group.dismissed").await;
    is_refused(&world, 10_010, "group_open_http_svc/destroy_group", json!({"GroupId": "team"})).await;
    is_refused(
        &world,
        10_004,
        "group_open_http_svc/create_group",
        json!({"Type": "Public", "Name": "nobody's"}),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_groups_are_sent_read_and_taken_back() {
    let world = world();
    let [_alice, _bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let wish = json!({"Owner_Account": "alice", "Type": "Public", "GroupId": "team", "Name": "Team",
        "MemberList": [{"Member_Account": "bob"}, {"Member_Account": "carol"}]});
    gets(&world, "group_open_http_svc/create_group", wish).await;
    let sent = json!({"GroupId": "team", "From_Account": "bob", "Random": 9, "MsgBody": text("hello")});
    let sent = gets(&world, "group_open_http_svc/send_group_msg", sent).await;
    assert_eq!(comes_to(&mut carol, "message.received").await["message"]["groupID"], "team");
    let recall = json!({"GroupId": "team", "MsgSeqList": [{"MsgSeq": sent["MsgSeq"]}, {"MsgSeq": 99}]});
    let recall = gets(&world, "group_open_http_svc/group_msg_recall", recall).await;
    let numbers: Vec<&Value> =
        recall["RecallRetList"].as_array().unwrap().iter().map(|one| &one["RetCode"]).collect();
    assert_eq!(numbers, [&json!(0), &json!(10_030)]);
    comes_to(&mut carol, "message.revoked").await;
    let read = gets(
        &world,
        "group_open_http_svc/group_msg_get_simple",
        json!({"GroupId": "team", "ReqMsgNumber": 5}),
    )
    .await;
    assert_eq!((&read["RspMsgList"][0]["IsPlaceMsg"], &read["IsFinished"]), (&json!(1), &json!(1)));
    let some =
        json!({"GroupId": "team", "From_Account": "bob", "To_Account": ["carol"], "MsgBody": text("psst")});
    is_refused(&world, 10_004, "group_open_http_svc/send_group_msg", some).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_users_block_is_listed_page_by_page() {
    let world = world();
    let [mut alice, _bob, _carol] = world.people(["alice", "bob", "carol"]).await;
    let pairs = json!({"From_Account": "alice", "To_Account": ["carol", "bob", "nobody"]});
    let done = gets(&world, "sns/black_list_add", pairs).await;
    assert_eq!(done["Fail_Account"], json!(["nobody"]), "{done}");
    assert_eq!(done["ResultItem"][2]["ResultCode"], 30_003);
    alice.hears("user.blocked").await;
    let first = json!({"From_Account": "alice", "StartIndex": 0, "MaxLimited": 1});
    let first = gets(&world, "sns/black_list_get", first).await;
    assert_eq!((&first["BlackListItem"], &first["StartIndex"]), (&json!([{"To_Account": "bob"}]), &json!(1)));
    let last = json!({"From_Account": "alice", "StartIndex": 1, "MaxLimited": 100});
    let last = gets(&world, "sns/black_list_get", last).await;
    assert_eq!((&last["BlackListItem"], &last["StartIndex"]), (&json!([{"To_Account": "carol"}]), &json!(0)));
    gets(&world, "sns/black_list_delete", json!({"From_Account": "alice", "To_Account": ["bob"]})).await;
    is_refused(&world, 30_001, "sns/black_list_get", json!({"From_Account": "alice", "MaxLimited": 101}))
        .await;
    is_refused(
        &world,
        30_001,
        "sns/black_list_get",
        json!({"From_Account": "alice", "StartIndex": 1_001, "MaxLimited": 1}),
    )
    .await;
}

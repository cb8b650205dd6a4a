//! Back ends act for users: in groups, with messages, invitations and calls.

use serde_json::{Value, json};

use crate::world::{BackEnd, Device, World};

async fn shop_and<const N: usize>(names: [&str; N]) -> (World, BackEnd, [Device; N]) {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let people = world.people(names).await;
    (world, shop, people)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_invites_for_a_user_and_answers_for_another() {
    let (world, shop, [mut alice, mut bob]) = shop_and(["alice", "bob"]).await;
    let wish = json!({"invitee": "bob", "data": "come", "timeout": 60, "call": {"mediaType": "video"}});
    let invite = "POST /v1/users/alice/invitations";
    let invited = shop.asks_under("i-1", &world, invite, Some(wish.clone())).await;
    assert_eq!(invited.status, 200, "{invited:?}");
    let again = shop.asks_under("i-1", &world, invite, Some(wish)).await;
    assert_eq!(again.body, invited.body, "it rings once");
    let id = invited.json()["inviteID"].as_str().unwrap().to_owned();
    let ring = bob.hears("invitation.received").await;
    assert_eq!(
        (&ring["inviteID"], &ring["data"], &ring["device"]),
        (&json!(id), &json!("come"), &Value::Null)
    );
    assert!(
        invited.json()["call"]["roomID"].is_string() && !invited.body.contains("provider"),
        "{invited:?}"
    );
    alice.hears("invitation.received").await;
    let open = shop.gets(&world, "GET /v1/users/bob/invitations?limit=1", None).await;
    assert_eq!(open["invitations"][0]["inviteID"], json!(id));
    let accept = format!("POST /v1/users/bob/invitations/{id}/accept");
    let accepted = shop.gets(&world, &accept, Some(json!({"data": "yes"}))).await;
    assert_eq!(accepted["version"], 2);
    assert_eq!(alice.hears("invitation.accepted").await["data"], "yes");
    bob.hears("invitation.accepted").await;
    let seen = shop.gets(&world, &format!("GET /v1/invitations/{id}"), None).await;
    assert_eq!((&seen["status"], &seen["invitees"][0]["state"]), (&json!("ended"), &json!("accepted")));
    let late = shop.asks(&world, &format!("POST /v1/invitations/{id}/cancel"), None).await;
    assert_eq!(late.is_problem(409, "settled")["outcome"]["endReason"], "completed");
    let none = shop.asks(&world, "GET /v1/invitations/none", None).await.is_problem(404, "unknown");
    assert_eq!((&none["field"], &none["id"]), (&json!("inviteID"), &json!("none")));
    // The two are in the call that was answered; the back end ends it.
    let call = shop.gets(&world, &format!("GET /v1/calls/{id}"), None).await;
    assert_eq!(call["callID"], json!(id));
    let calls = shop.gets(&world, "GET /v1/users/bob/calls", None).await;
    assert_eq!(calls["calls"][0]["callID"], json!(id));
    let end = format!("DELETE /v1/calls/{id}");
    let ended = shop.asks_under("e-1", &world, &end, None).await;
    assert_eq!(ended.status, 200, "{ended:?}");
    alice.hears("call.hungUp").await;
    bob.hears("call.hungUp").await;
    assert_eq!(shop.asks_under("e-1", &world, &end, None).await.body, ended.body);
    shop.asks_under("e-1", &world, "DELETE /v1/calls/other", None)
        .await
        .is_problem(409, "idempotencyKeyTaken");
    shop.asks_under("e-2", &world, &end, None).await.is_problem(409, "callEnded");
    shop.asks_under("e-3", &world, "DELETE /v1/calls/other", None).await.is_problem(404, "unknownCall");
    shop.asks(&world, &format!("DELETE /v1/calls/{id}"), None).await.is_problem(409, "callEnded");
    let gone = format!("DELETE /v1/calls/{id}/participants/bob");
    shop.gets(&world, &gone, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_takes_an_invitation_back() {
    let (world, shop, [mut alice, mut bob]) = shop_and(["alice", "bob"]).await;
    let made = alice.invites(&bob).await;
    bob.hears("invitation.received").await;
    let id = made["inviteID"].as_str().unwrap();
    shop.gets(&world, &format!("POST /v1/invitations/{id}/cancel"), Some(json!({"data": "over"}))).await;
    assert_eq!(bob.hears("invitation.cancelled").await["data"], "over");
    alice.hears("invitation.cancelled").await;
    let reject = format!("POST /v1/users/bob/invitations/{id}/reject");
    shop.asks(&world, &reject, None).await.is_problem(409, "cancelled");
    let other =
        shop.asks(&world, "POST /v1/users/alice/invitations", Some(json!({"invitee": "nobody"}))).await;
    assert_eq!(other.is_problem(404, "unknownUser")["field"], "invitee");
    let claims = json!({"invitee": "bob", "inviter": "carol"});
    shop.asks(&world, "POST /v1/users/alice/invitations", Some(claims))
        .await
        .is_problem(403, "identityMismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_keeps_a_group() {
    let (world, shop, [mut alice, mut bob, mut carol]) = shop_and(["alice", "bob", "carol"]).await;
    let wish = json!({"groupID": "class", "name": "Class", "members": ["bob"]});
    let made = shop.asks_under("g-1", &world, "POST /v1/users/alice/groups", Some(wish.clone())).await;
    assert_eq!(made.json()["groupID"], "class", "{made:?}");
    let again = shop.asks_under("g-1", &world, "POST /v1/users/alice/groups", Some(wish)).await;
    assert_eq!(again.body, made.body);
    alice.hears("group.membersAdded").await;
    bob.hears("group.membersAdded").await;
    let wish = json!({"name": "Course", "joinPolicy": "inviteOnly"});
    shop.gets(&world, "PUT /v1/groups/class", Some(wish)).await;
    let group = shop.gets(&world, "GET /v1/groups/class", None).await;
    assert_eq!(
        (&group["name"], &group["owner"], &group["memberCount"]),
        (&json!("Course"), &json!("alice"), &json!(2))
    );
    bob.does("group.quit", json!({"groupID": "class"})).await;
    let added = Some(json!({"userIDs": ["bob", "carol"]}));
    shop.gets(&world, "POST /v1/groups/class/members", added).await;
    assert_eq!(
        carol.hears("group.membersAdded").await["userIDs"],
        json!(["bob", "carol"]),
        "also whoever left"
    );
    shop.gets(&world, "PUT /v1/groups/class/members/bob/role", Some(json!({"role": "admin"}))).await;
    let page = shop.gets(&world, "GET /v1/groups/class/members?limit=2", None).await;
    assert_eq!((&page["members"][1]["role"], &page["next"]), (&json!("admin"), &json!("bob")));
    let rest = shop.gets(&world, "GET /v1/groups/class/members?limit=1000&after=bob", None).await;
    assert_eq!(rest["members"][0]["userID"], "carol");
    let wish = json!({"set": {"topic": "tea"}, "replace": true, "ifVersion": 0, "counters": {"likes": 3}});
    let written = shop.asks_under("b-1", &world, "PUT /v1/groups/class/attributes", Some(wish.clone())).await;
    assert_eq!((written.status, &written.json()["version"]), (200, &json!(1)));
    let repeated =
        shop.asks_under("b-1", &world, "PUT /v1/groups/class/attributes", Some(wish.clone())).await;
    assert_eq!(repeated.body, written.body);
    let read = shop.gets(&world, "GET /v1/groups/class/attributes", None).await;
    assert_eq!(read, json!({"version": 1, "attributes": {"topic": "tea"}, "counters": {"likes": 3}}));
    shop.asks(&world, "PUT /v1/groups/class/attributes", Some(wish))
        .await
        .is_problem(409, "attributesChanged");
    let added = Some(json!({"add": {"likes": 1}}));
    shop.asks(&world, "PUT /v1/groups/class/attributes", added).await.is_problem(422, "invalidParams");
    shop.asks(&world, "GET /v1/groups/none/attributes", None).await.is_problem(404, "unknownGroup");
    shop.gets(&world, "DELETE /v1/groups/class/members/carol", None).await;
    for told in ["group.roleChanged", "group.attributesChanged", "group.membersRemoved"] {
        carol.hears(told).await;
    }
    let groups = shop.gets(&world, "GET /v1/users/bob/groups", None).await;
    assert_eq!(groups["groups"][0]["groupID"], "class");
    shop.gets(&world, "DELETE /v1/users/bob/groups/class", None).await;
    shop.asks(&world, "PUT /v1/users/carol/groups/class", None).await.is_problem(404, "unknownGroup");
    shop.gets(&world, "PUT /v1/users/bob/groups/class", None).await;
    let dismissed = shop.asks_under("g-2", &world, "DELETE /v1/groups/class", None).await;
    let repeated = shop.asks_under("g-2", &world, "DELETE /v1/groups/class", None).await;
    assert_eq!((dismissed.status, &dismissed.body), (200, &repeated.body));
    while bob.hears_frame().await["params"]["type"] != "group.dismissed" {}
    let gone = shop.asks(&world, "GET /v1/groups/class", None).await.is_problem(404, "unknownGroup");
    assert_eq!(gone["id"], "class");
    shop.asks_under("g-3", &world, "DELETE /v1/groups/class", None).await.is_problem(404, "unknownGroup");
    let many: Vec<String> = (0..101).map(|number| format!("u{number}")).collect();
    let answer = shop.asks(&world, "POST /v1/groups/class/members", Some(json!({ "userIDs": many }))).await;
    assert_eq!(answer.is_problem(422, "invalidParams")["field"], "userIDs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_tells_members_what_nobody_of_them_said() {
    let (world, shop, [mut alice, mut bob, mut carol]) = shop_and(["alice", "bob", "carol"]).await;
    alice.does("group.create", json!({"groupID": "class", "members": ["bob", "carol"]})).await;
    for member in [&mut bob, &mut carol] {
        member.hears("group.membersAdded").await;
    }
    let notices = "POST /v1/groups/class/notices";
    let told = shop.asks_under("n-1", &world, notices, Some(json!({"data": "ten o'clock"}))).await;
    let again = shop.asks_under("n-1", &world, notices, Some(json!({"data": "ten o'clock"}))).await;
    assert_eq!((told.status, &told.body), (200, &again.body));
    for member in [&mut alice, &mut bob, &mut carol] {
        let notice = member.hears("group.notice").await;
        assert_eq!((&notice["groupID"], &notice["data"]), (&json!("class"), &json!("ten o'clock")));
        assert_eq!((&notice["self"], &notice["by"]), (&json!(null), &json!(null)), "nobody did it");
    }
    // Those who are named, once, and past whoever is no member. Who was away hears it when they are back.
    bob.vanishes();
    let some = json!({"data": "psst", "userIDs": ["bob", "bob", "nobody"]});
    shop.gets(&world, notices, Some(some)).await;
    shop.gets(&world, notices, Some(json!({"data": "unheard", "userIDs": ["nobody"]}))).await;
    bob.resumes().await;
    assert_eq!(bob.hears("group.notice").await["data"], "psst");
    bob.is_caught_up().await;
    for member in [&mut alice, &mut bob, &mut carol] {
        member.hears_nothing().await;
    }
    assert_eq!(alice.does("message.history", json!({"groupID": "class"})).await["messages"], json!([]));
    let listed = bob.does("conversation.list", json!({})).await;
    assert_eq!(listed["totalUnread"], 0);
    are_bounded(&world, &shop).await;
    let looker = world.back_end("looker", "read,groups").await;
    looker.asks(&world, notices, Some(json!({"data": ""}))).await.is_problem(403, "scopeMissing");
}

/// The longest notice and the most names pass; one more does not.
async fn are_bounded(world: &World, shop: &BackEnd) {
    let notices = "POST /v1/groups/class/notices";
    let names = |number: usize| (0..number).map(|n| format!("u{n}")).collect::<Vec<_>>();
    let to = |number: usize| Some(json!({"data": "", "userIDs": names(number)}));
    shop.gets(world, notices, to(500)).await;
    for wrong in [0, 501] {
        let answer = shop.asks(world, notices, to(wrong)).await;
        assert_eq!(answer.is_problem(422, "invalidParams")["field"], "userIDs", "{wrong}");
    }
    let of = |bytes: usize| Some(json!({"data": "x".repeat(bytes), "userIDs": ["nobody"]}));
    shop.gets(world, notices, of(16_384)).await;
    assert_eq!(shop.asks(world, notices, of(16_385)).await.is_problem(422, "tooLarge")["field"], "data");
    shop.asks(world, notices, Some(json!({}))).await.is_problem(422, "invalidParams");
    let nowhere = "POST /v1/groups/none/notices";
    shop.asks(world, nowhere, Some(json!({"data": ""}))).await.is_problem(404, "unknownGroup");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_sends_messages_and_takes_them_back() {
    let (world, shop, [mut alice, mut bob]) = shop_and(["alice", "bob"]).await;
    shop.gets(&world, "PUT /v1/users/system", Some(json!({"nickname": "System"}))).await;
    let text = json!({"userID": "bob", "type": "text", "content": {"text": "welcome"}});
    let sent = shop.asks_under("m-1", &world, "POST /v1/users/system/messages", Some(text.clone())).await;
    let again = shop.asks_under("m-1", &world, "POST /v1/users/system/messages", Some(text)).await;
    assert_eq!((sent.status, &sent.body), (200, &again.body));
    assert_eq!(bob.hears("message.received").await["message"]["content"]["text"], "welcome");
    bob.hears_nothing().await;
    let history = shop.gets(&world, "GET /v1/users/bob/messages?with=system", None).await;
    assert_eq!((&history["messages"][0]["sender"], &history["complete"]), (&json!("system"), &json!(true)));
    alice.texts("bob", "rude").await;
    bob.hears("message.received").await;
    shop.gets(&world, "DELETE /v1/users/alice/messages?with=bob&seq=1", None).await;
    bob.hears("message.revoked").await;
    shop.asks(&world, "DELETE /v1/users/alice/messages?with=bob&seq=9", None)
        .await
        .is_problem(404, "unknownMessage");
    for query in ["", "?with=bob&groupID=g"] {
        let answer = shop.asks(&world, &format!("GET /v1/users/alice/messages{query}"), None).await;
        assert_eq!(answer.is_problem(422, "invalidParams")["field"], "with");
    }
    let bad = json!({"userID": "bob", "type": "text", "content": {"words": 1}});
    let answer = shop.asks(&world, "POST /v1/users/alice/messages", Some(bad)).await;
    assert_eq!(answer.is_problem(422, "invalidParameter")["field"], "content");
    shop.asks(
        &world,
        "POST /v1/users/nobody/messages",
        Some(json!({"userID": "bob", "type": "text", "content": {"text": "x"}})),
    )
    .await
    .is_problem(404, "unknownUser");
}

//! Invitations in groups, and groups that change under them.

use serde_json::{Value, json};

use crate::world::{Device, World};

/// A class: a teacher and pupils `p0`, `p1` …, all signed in, in the group `class-7`.
async fn class(world: &World, pupils: usize) -> (Device, Vec<Device>) {
    let mut teacher = world.person("teacher").await;
    let mut all = Vec::new();
    for number in 0..pupils {
        all.push(world.person(&format!("p{number}")).await);
    }
    let names: Vec<&str> = all.iter().map(|pupil| pupil.user.as_str()).collect();
    teacher.makes_group("class-7", &names).await;
    for pupil in &mut all {
        pupil.hears("group.membersAdded").await;
    }
    (teacher, all)
}

#[tokio::test]
async fn fifty_pupils_raise_their_hands_and_everybody_sees_all_of_them() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 50).await;
    let names: Vec<String> = pupils.iter().map(|pupil| pupil.user.clone()).collect();
    let invitees: Vec<&str> = names.iter().map(String::as_str).chain(["stranger"]).collect();
    let asked = teacher.invites_in("class-7", &invitees).await;
    assert_eq!(asked["ignoredInvitees"], json!(["stranger"]));
    for pupil in &mut pupils {
        let received = pupil.hears("invitation.received").await;
        assert_eq!(received["inviteeList"], json!(names));
        assert_eq!(received["groupID"], "class-7");
    }
    let mut hands = Vec::new();
    for pupil in pupils.iter_mut().step_by(2) {
        let params = json!({"inviteID": asked["inviteID"], "data": "me"});
        hands.push(pupil.begins("signaling.accept", params).await);
    }
    let seen = heard_hands(&mut teacher, 25).await;
    for (pupil, hand) in pupils.iter_mut().step_by(2).zip(hands) {
        pupil.is_answered(hand).await.unwrap();
    }
    for (place, pupil) in pupils.iter_mut().enumerate() {
        let others = if place % 2 == 0 { 24 } else { 25 };
        let name = pupil.user.clone();
        let expected: Vec<Value> = seen.iter().filter(|hand| **hand != name).cloned().collect();
        assert_eq!(heard_hands(pupil, others).await, expected, "{name}");
    }
    teacher.cancels(&asked["inviteID"]).await;
    let pending: Vec<&String> = names.iter().skip(1).step_by(2).collect();
    for pupil in &mut pupils {
        assert_eq!(pupil.hears("invitation.cancelled").await["inviteeList"], json!(pending));
    }
    let ended = teacher.looks_at(&asked["inviteID"]).await;
    assert_eq!((&ended["endReason"], &ended["version"]), (&json!("cancelled"), &json!(27)));
    let history = teacher.does("message.history", json!({"groupID": "class-7", "limit": 100})).await;
    assert_eq!(history["messages"].as_array().unwrap().len(), 27);
}

/// Who raised a hand, in the order heard; versions have no gap.
async fn heard_hands(device: &mut Device, count: usize) -> Vec<Value> {
    let mut hands = Vec::new();
    let mut last = 0;
    for _ in 0..count {
        let told = device.hears("invitation.accepted").await;
        let version = told["version"].as_u64().unwrap();
        assert!(version > last, "{told}");
        last = version;
        hands.push(told["invitee"].clone());
    }
    hands
}

#[tokio::test]
async fn who_leaves_is_removed_from_what_is_open() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 3).await;
    let asked = teacher.invites_in("class-7", &["p0", "p1", "p2"]).await;
    for pupil in &mut pupils {
        pupil.hears("invitation.received").await;
    }
    let [p0, p1, p2] = pupils.as_mut_slice() else { unreachable!("three pupils") };
    p0.does("group.quit", json!({"groupID": "class-7"})).await;
    assert_eq!(p0.hears("invitation.rejected").await["reason"], "leftGroup");
    for device in [&mut teacher, p1, p2] {
        assert_eq!(device.hears("group.membersRemoved").await["userIDs"], json!(["p0"]));
        let told = device.hears("invitation.rejected").await;
        assert_eq!((&told["reason"], &told["invitee"]), (&json!("leftGroup"), &json!("p0")));
    }
    teacher.does("group.removeMembers", json!({"groupID": "class-7", "userIDs": ["p1"]})).await;
    assert_eq!(teacher.hears("invitation.rejected").await["invitee"], "p1");
    p1.hears("group.membersRemoved").await;
    assert_eq!(p1.hears("invitation.rejected").await["reason"], "leftGroup");
    p1.is_refused("settled", "signaling.accept", json!({"inviteID": asked["inviteID"]})).await;
    p2.hears("group.membersRemoved").await;
    p2.hears("invitation.rejected").await;
    p2.accepts(&asked["inviteID"]).await;
    teacher.hears("invitation.accepted").await;
    let seen = teacher.looks_at(&asked["inviteID"]).await;
    let states: Vec<&Value> = seen["invitees"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, [&json!("removed"), &json!("removed"), &json!("accepted")]);
    assert_eq!(seen["endReason"], "completed");
    for device in [&mut teacher, p0, p1, p2] {
        device.hears_nothing().await;
    }
}

#[tokio::test]
async fn the_inviter_leaves_and_his_invitation_ends() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 2).await;
    let [p0, p1] = pupils.as_mut_slice() else { unreachable!("two pupils") };
    let asked = p0.invites_in("class-7", &["p1", "teacher"]).await;
    teacher.hears("invitation.received").await;
    p1.hears("invitation.received").await;
    teacher.does("group.removeMembers", json!({"groupID": "class-7", "userIDs": ["p0"]})).await;
    assert_eq!(teacher.hears("invitation.cancelled").await["reason"], "inviterLeft");
    p1.hears("group.membersRemoved").await;
    let told = p1.hears("invitation.cancelled").await;
    assert_eq!((&told["reason"], &told["inviteeList"]), (&json!("inviterLeft"), &json!(["p1", "teacher"])));
    assert_eq!(p1.looks_at(&asked["inviteID"]).await["endReason"], "inviterLeft");
    p1.is_refused("cancelled", "signaling.accept", json!({"inviteID": asked["inviteID"]})).await;
}

#[tokio::test]
async fn the_group_is_dismissed_and_takes_what_is_open_with_it() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 2).await;
    let asked = teacher.invites_in("class-7", &["p0", "p1"]).await;
    let [p0, p1] = pupils.as_mut_slice() else { unreachable!("two pupils") };
    p0.hears("invitation.received").await;
    p1.hears("invitation.received").await;
    p0.is_refused("notAllowed", "group.dismiss", json!({"groupID": "class-7"})).await;
    teacher.does("group.dismiss", json!({"groupID": "class-7"})).await;
    for pupil in [&mut *p0, p1] {
        let mut told = [pupil.hears_frame().await, pupil.hears_frame().await];
        told.sort_by_key(|frame| frame["params"]["type"].to_string());
        assert_eq!(told[0]["params"]["type"], "group.dismissed");
        assert_eq!(told[1]["params"]["type"], "invitation.cancelled");
        assert_eq!(told[1]["params"]["reason"], "groupDismissed");
        assert!(told[1]["params"].get("message").is_none());
    }
    p0.is_refused("unknownGroup", "group.info", json!({"groupID": "class-7"})).await;
    assert_eq!(p0.looks_at(&asked["inviteID"]).await["endReason"], "groupDismissed");
    assert_eq!(p0.does("group.list", json!({})).await, json!({"groups": []}));
}

#[tokio::test]
async fn only_the_parties_are_told_when_the_invitation_says_so() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 3).await;
    let [p0, p1, p2] = pupils.as_mut_slice() else { unreachable!("three pupils") };
    let params = json!({"groupID": "class-7", "inviteeList": ["teacher", "p1"], "notify": "parties", "onlineUserOnly": true, "timeout": 1});
    let asked = p0.does("signaling.inviteInGroup", params).await;
    teacher.hears("invitation.received").await;
    p1.hears("invitation.received").await;
    teacher.accepts(&asked["inviteID"]).await;
    p0.hears("invitation.accepted").await;
    p1.hears("invitation.accepted").await;
    assert_eq!(p1.hears("invitation.timedOut").await["inviteeList"], json!(["p1"]));
    p0.hears("invitation.timedOut").await;
    p2.hears_nothing().await;
    teacher.hears_nothing().await;
    // What is for those online exists for those who were told alone.
    p2.is_refused("unknown", "signaling.get", json!({"inviteID": asked["inviteID"]})).await;
}

#[tokio::test]
async fn whoever_was_removed_sees_nothing_that_came_afterwards() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 3).await;
    let [p0, p1, p2] = pupils.as_mut_slice() else { unreachable!("three pupils") };
    let asked = teacher.invites_in("class-7", &["p0", "p1", "p2"]).await;
    let id = json!({"inviteID": asked["inviteID"]});
    p2.accepts(&asked["inviteID"]).await;
    teacher.does("group.removeMembers", json!({"groupID": "class-7", "userIDs": ["p0", "p2"]})).await;
    teacher.does("signaling.modify", json!({"inviteID": asked["inviteID"], "data": "secret"})).await;
    p1.does("signaling.accept", json!({"inviteID": asked["inviteID"], "data": "hers"})).await;

    let of_p0 = p0.looks_at(&asked["inviteID"]).await;
    assert_eq!((&of_p0["version"], &of_p0["status"]), (&json!(3), &json!("open")));
    let states = |seen: &Value| -> Vec<Value> {
        seen["invitees"].as_array().unwrap().iter().map(|invitee| invitee["state"].clone()).collect()
    };
    assert_eq!(states(&of_p0), ["removed", "pending", "accepted"]);
    let of_p2 = p2.looks_at(&asked["inviteID"]).await;
    assert_eq!(
        (states(&of_p2), &of_p2["version"]),
        (vec![json!("pending"), json!("pending"), json!("accepted")], &json!(2))
    );
    for removed in [p0, p2] {
        let seen = removed.looks_at(&asked["inviteID"]).await;
        assert_ne!(seen["data"], "secret");
        removed
            .is_refused("notMember", "signaling.modify", json!({"inviteID": asked["inviteID"], "data": ""}))
            .await;
        let open = removed.does("signaling.listOpen", json!({})).await;
        assert_eq!(open["invitations"], json!([]));
    }
    assert_eq!(teacher.does("signaling.get", id).await["invitation"]["data"], "secret");
}

#[tokio::test]
async fn a_group_has_roles_pages_and_a_way_in() {
    let world = World::start();
    let (mut teacher, mut pupils) = class(&world, 3).await;
    let mut visitor = world.person("visitor").await;
    let group = |more: Value| {
        let mut params = json!({"groupID": "class-7"});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let page = teacher.does("group.members", group(json!({"limit": 3}))).await;
    let names: Vec<&Value> = page["members"].as_array().unwrap().iter().map(|one| &one["userID"]).collect();
    assert_eq!(names, [&json!("p0"), &json!("p1"), &json!("p2")]);
    let page = teacher.does("group.members", group(json!({"limit": 3, "after": page["next"]}))).await;
    assert_eq!((&page["members"][0]["role"], page.get("next")), (&json!("owner"), None));
    visitor.is_refused("notMember", "group.members", group(json!({}))).await;
    let seen = visitor.does("group.info", group(json!({}))).await;
    assert_eq!((&seen["group"]["memberCount"], seen.get("role")), (&json!(4), None));
    visitor.does("group.join", group(json!({}))).await;
    visitor.is_refused("alreadyMember", "group.join", group(json!({}))).await;
    teacher.hears("group.membersAdded").await;
    teacher.does("group.setInfo", group(json!({"joinPolicy": "inviteOnly", "name": "Seven"}))).await;
    let told = visitor.hears("group.infoChanged").await;
    assert_eq!((&told["joinPolicy"], &told["name"]), (&json!("inviteOnly"), &json!("Seven")));
    visitor.does("group.quit", group(json!({}))).await;
    visitor.is_refused("unknownGroup", "group.info", group(json!({}))).await;
    teacher.is_refused("hasLeft", "group.addMembers", group(json!({"userIDs": ["visitor"]}))).await;
    teacher.is_refused("notAllowed", "group.quit", group(json!({}))).await;
    teacher.hears("group.membersRemoved").await;
    teacher.does("group.setRole", group(json!({"userID": "p0", "role": "owner"}))).await;
    teacher.is_refused("notAllowed", "group.dismiss", group(json!({}))).await;
    let info = pupils[0].does("group.info", group(json!({}))).await;
    assert_eq!((&info["group"]["owner"], &info["group"]["memberCount"]), (&json!("p0"), &json!(4)));
    assert_eq!(info["role"], "owner");
}

#[tokio::test]
async fn a_group_with_many_open_requests_is_dismissed_also_right_after_a_restart() {
    let mut world = World::start();
    let (mut teacher, mut pupils) = class(&world, 80).await;
    for pupil in &mut pupils {
        let params =
            json!({"groupID": "class-7", "inviteeList": ["teacher"], "timeout": 0, "notify": "parties"});
        pupil.does("signaling.inviteInGroup", params).await;
        teacher.hears("invitation.received").await;
    }
    world.restart();
    teacher.resumes_at(world.address()).await;
    let dismissing = teacher.begins("group.dismiss", json!({"groupID": "class-7"})).await;
    for _ in 0..80 {
        assert_eq!(teacher.hears("invitation.cancelled").await["reason"], "groupDismissed");
    }
    teacher.is_answered(dismissing).await.unwrap();
    let open = teacher.does("signaling.listOpen", json!({})).await;
    assert_eq!(open["invitations"], json!([]));
}

#[tokio::test]
async fn a_group_without_a_group_id_gets_one() {
    let world = World::start();
    let mut dan = world.person("dan").await;
    let created = dan.does("group.create", json!({"name": "Choir"})).await;
    let listed = dan.does("group.list", json!({})).await;
    assert_eq!(listed["groups"][0]["groupID"], created["groupID"]);
    let again = dan.does("group.create", json!({"name": "Choir"})).await;
    assert_ne!(again["groupID"], created["groupID"]);
}

#[tokio::test]
async fn attributes_outlive_the_server_and_their_writer_is_not_overtaken_unknowingly() {
    let mut world = World::start();
    let (mut teacher, mut pupils) = class(&world, 2).await;
    let [p0, p1] = pupils.as_mut_slice() else { panic!("two pupils") };
    let id = json!({"groupID": "class-7"});
    assert_eq!(p0.does("group.attributes", id.clone()).await, json!({"version": 0, "attributes": {}}));
    let write = json!({"groupID": "class-7", "set": {"seat": "p0", "\u{0}\"": "\u{7f}"}});
    p0.does("group.setAttributes", write).await;
    let told = teacher.hears("group.attributesChanged").await;
    assert_eq!((&told["by"], &told["set"]["seat"], told.get("deleted")), (&json!("p0"), &json!("p0"), None));
    p1.hears("group.attributesChanged").await;
    world.restart();
    p1.resumes_at(world.address()).await;
    let known = p1.does("group.attributes", id.clone()).await;
    assert_eq!(known, json!({"version": 1, "attributes": {"seat": "p0", "\u{0}\"": "\u{7f}"}}));
    teacher.resumes_at(world.address()).await;
    teacher.does("group.setAttributes", json!({"groupID": "class-7", "delete": ["seat"]})).await;
    let seat = json!({"groupID": "class-7", "set": {"seat": "p1"}, "ifVersion": 1});
    p1.is_refused("attributesChanged", "group.setAttributes", seat).await;
    assert_eq!(p1.hears("group.attributesChanged").await["deleted"], json!(["seat"]));
}

#[tokio::test]
async fn counters_outlive_the_server_and_go_on_from_where_they_were() {
    let mut world = World::start();
    let (mut teacher, mut pupils) = class(&world, 1).await;
    let [p0] = pupils.as_mut_slice() else { panic!("one pupil") };
    let set = json!({"groupID": "class-7", "set": {"topic": "tea"}, "counters": {"likes": 8, "guests": 0}});
    assert_eq!(teacher.does("group.setAttributes", set).await["counters"], json!({"likes": 8, "guests": 0}));
    assert_eq!(p0.hears("group.attributesChanged").await["counters"], json!({"likes": 8, "guests": 0}));
    world.restart();
    p0.resumes_at(world.address()).await;
    let added =
        p0.does("group.setAttributes", json!({"groupID": "class-7", "add": {"likes": 2, "guests": 0}})).await;
    assert_eq!((&added["version"], &added["counters"]), (&json!(2), &json!({"likes": 10, "guests": 0})));
    teacher.resumes_at(world.address()).await;
    let read = teacher.does("group.attributes", json!({"groupID": "class-7"})).await;
    let known = json!({"version": 2, "attributes": {"topic": "tea"}, "counters": {"likes": 10, "guests": 0}});
    assert_eq!(read, known);
}

#[tokio::test]
async fn what_does_not_fit_on_a_board_is_refused_by_its_field() {
    let world = World::start();
    let (mut teacher, _pupils) = class(&world, 1).await;
    let set = |key: &str, value: &str| json!({"groupID": "class-7", "set": {key: value}});
    let table =
        [("invalidGroupParameter", set(&"k".repeat(33), "")), ("tooLarge", set("k", &"v".repeat(4_097)))];
    for (reason, params) in table {
        let refused = teacher.is_refused(reason, "group.setAttributes", params).await;
        assert_eq!(refused["data"]["field"], "set");
    }
    for (field, value) in [("counters", 9_007_199_254_740_992_i64), ("add", i64::MIN)] {
        let params = json!({"groupID": "class-7", field: {"k": value}});
        let refused = teacher.is_refused("invalidGroupParameter", "group.setAttributes", params).await;
        assert_eq!(refused["data"]["field"], "counters");
    }
    for (field, value) in [("set", json!(1)), ("counters", json!("1")), ("add", json!(1.5))] {
        let params = json!({"groupID": "class-7", field: {"k": value}});
        teacher.is_refused("invalidParams", "group.setAttributes", params).await;
    }
    let fits = teacher.does("group.setAttributes", set(&"k".repeat(32), &"v".repeat(4_096))).await;
    assert_eq!(fits["version"], 1);
    let largest = 9_007_199_254_740_991_i64;
    let numbers = (1..20).map(|number| (number.to_string(), json!(0))).collect::<serde_json::Map<_, _>>();
    let mut full = numbers.clone();
    full.insert("k".repeat(128), json!(-largest));
    let all = teacher.does("group.setAttributes", json!({"groupID": "class-7", "counters": full})).await;
    assert_eq!(all["counters"].as_object().unwrap().len(), 20);
    for add in [json!({"one more": 1}), json!({"k".repeat(129): 1}), json!({"k".repeat(128): -1})] {
        let params = json!({"groupID": "class-7", "add": add});
        let refused = teacher.is_refused("invalidGroupParameter", "group.setAttributes", params).await;
        assert_eq!(refused["data"]["field"], "counters");
    }
    let beyond = json!({"groupID": "class-7", "add": {"k".repeat(128): 2 * largest + 1}});
    teacher.is_refused("invalidGroupParameter", "group.setAttributes", beyond).await;
    let up = json!({"groupID": "class-7", "add": {"k".repeat(128): largest}});
    assert_eq!(teacher.does("group.setAttributes", up).await["counters"]["k".repeat(128)], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_anew_learns_what_became_of_them_in_their_groups() {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    bob.vanishes();
    alice.makes_group("kept", &["bob", "carol"]).await;
    alice.makes_group("lost", &["bob", "carol"]).await;
    alice.makes_group("gone", &["bob"]).await;
    carol.texts_in("kept", "hello").await;
    let role = json!({"groupID": "kept", "userID": "carol", "role": "admin"});
    alice.does("group.setRole", role).await;
    alice.does("group.setInfo", json!({"groupID": "kept", "name": "Ours"})).await;
    alice.does("group.removeMembers", json!({"groupID": "lost", "userIDs": ["bob"]})).await;
    alice.does("group.dismiss", json!({"groupID": "gone"})).await;
    let told = json!({"data": "ten o'clock", "userIDs": ["bob"]});
    shop.gets(&world, "POST /v1/groups/kept/notices", Some(told)).await;
    alice.does("group.setRole", json!({"groupID": "kept", "userID": "bob", "role": "owner"})).await;
    // A new device starts at the newest place, and asks.
    let mut tablet = world.another("bob", "tablet", 9);
    let opened = tablet.opens().await;
    let news = tablet.does("group.listNews", json!({})).await;
    let expected = [
        ("group.membersAdded", "kept"),
        ("group.membersAdded", "lost"),
        ("group.membersAdded", "gone"),
        ("group.membersRemoved", "lost"),
        ("group.dismissed", "gone"),
        ("group.notice", "kept"),
        ("group.roleChanged", "kept"),
    ];
    let of = |events: &Value| -> Vec<(String, String)> {
        let text = |event: &Value, field: &str| event[field].as_str().unwrap().to_owned();
        let events = events.as_array().unwrap();
        events.iter().map(|event| (text(event, "type"), text(event, "groupID"))).collect()
    };
    let expected = expected.map(|(kind, group)| (kind.to_owned(), group.to_owned()));
    assert_eq!(of(&news["events"]), expected);
    assert!(news["next"].is_null());
    let cursors: Vec<u64> =
        news["events"].as_array().unwrap().iter().map(|event| event["cursor"].as_u64().unwrap()).collect();
    assert!(cursors.is_sorted() && cursors.iter().all(|cursor| *cursor <= opened["head"].as_u64().unwrap()));
    // Page by page, and behind what the device remembers.
    let mut pages = Vec::new();
    let mut next = json!(null);
    loop {
        let page = tablet.does("group.listNews", json!({"cursor": next, "limit": 3})).await;
        pages.extend(of(&page["events"]));
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(pages, expected);
    let rest = tablet.does("group.listNews", json!({"cursor": cursors[5]})).await;
    assert_eq!(of(&rest["events"]), expected[6..]);
    let nothing = tablet.does("group.listNews", json!({"cursor": opened["head"]})).await;
    assert_eq!(nothing, json!({"events": []}));
    for wrong in [json!({"limit": 0}), json!({"limit": 101}), json!({"cursor": -1})] {
        tablet.is_refused("invalidParams", "group.listNews", wrong).await;
    }
    // The device that goes on from its cursor is told all of it, and what others did.
    bob.resumes().await;
    let told = bob.catches_up().await;
    assert_eq!(told.iter().filter(|event| event["type"] != "message.received").count(), expected.len() + 2);
}

//! Whom a user lets ring them and add them to groups, over sockets.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_user_says_who_may_reach_them() {
    let mut world = World::start();
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    let mut laptop = world.another("bob", "laptop", 4);
    laptop.opens().await;
    assert_eq!(
        bob.does("user.getReach", json!({})).await["reach"],
        json!({"ring": "everybody", "add": "everybody"})
    );
    bob.does("user.setReach", json!({"ring": "known", "add": "known"})).await;
    let changed = laptop.hears("user.reachChanged").await;
    assert_eq!(
        (&changed["ring"], &changed["add"], &changed["self"]),
        (&json!("known"), &json!("known"), &json!(true))
    );

    let error = alice.is_refused("blocked", "signaling.invite", json!({"invitee": "bob"})).await;
    bob.does("user.block", json!({"userID": "carol"})).await;
    let blocked = carol.is_refused("blocked", "signaling.invite", json!({"invitee": "bob"})).await;
    assert_eq!(error, blocked, "who is refused cannot tell why");
    assert_eq!(error["code"], 20007);
    let text = json!({"businessID": 1, "inviteID": "m", "inviter": "alice", "inviteeList": ["bob"], "groupID": "",
        "actionType": 1, "timeout": 30, "data": "", "onlineUserOnly": false});
    let message = json!({"userID": "bob", "type": "custom", "content": {"data": text.to_string()}});
    alice.is_refused("blocked", "message.send", message).await;
    let created = alice.does("group.create", json!({"groupID": "g", "members": ["bob", "carol"]})).await;
    assert_eq!(created["ignoredMembers"], json!(["bob"]));
    alice.is_refused("blocked", "group.addMembers", json!({"groupID": "g", "userIDs": ["bob"]})).await;
    bob.hears_nothing().await;

    world.restart();
    for person in [&mut alice, &mut bob] {
        person.resumes_at(world.address()).await;
    }
    alice.is_refused("blocked", "signaling.invite", json!({"invitee": "bob"})).await;
    bob.texts("alice", "hello").await;
    alice.invites(&bob).await;
    bob.hears("invitation.received").await;
    alice.does("group.addMembers", json!({"groupID": "g", "userIDs": ["bob"]})).await;
    bob.hears("group.membersAdded").await;
}

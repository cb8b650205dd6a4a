//! What a back end lists and counts: all groups, the calls that are running, invitations since a time, and how much there is of each.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::world::{BackEnd, Cluster, World};

fn names<'a>(page: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    page[list].as_array().unwrap().iter().map(|one| one[name].as_str().unwrap()).collect()
}

async fn invitations(shop: &BackEnd, world: &World, of: &str) -> Value {
    shop.gets(world, &format!("GET /v1/{of}"), None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_groups_are_listed_page_by_page() {
    let world = World::start();
    let (shop, writer) = (world.back_end("shop", "read").await, world.back_end("writer", "groups").await);
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    alice.makes_group("team", &["bob"]).await;
    bob.makes_group("Club", &[]).await;
    alice.makes_group("zoo", &[]).await;
    let first = shop.gets(&world, "GET /v1/groups?limit=2", None).await;
    assert_eq!(names(&first, "groups", "groupID"), ["Club", "team"], "in byte order, whoever is in them");
    assert_eq!((&first["next"], &first["groups"][1]["memberCount"]), (&json!("team"), &json!(2)));
    let rest = shop.gets(&world, "GET /v1/groups?after=team", None).await;
    assert_eq!((names(&rest, "groups", "groupID"), &rest["next"]), (vec!["zoo"], &Value::Null));
    for limit in ["0", "101"] {
        let problem = shop.asks(&world, &format!("GET /v1/groups?limit={limit}"), None).await;
        assert_eq!(problem.is_problem(422, "invalidParams")["field"], "limit");
    }
    writer.asks(&world, "GET /v1/groups", None).await.is_problem(403, "scopeMissing");
    world.shows("api_requests_total{operation=\"ListAllGroups\",outcome=\"ok\"}", 2).await;
    world.shows("api_requests_total{operation=\"ListAllGroups\",outcome=\"scopeMissing\"}", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_calls_are_listed_until_they_end() {
    let world = World::start();
    let shop = world.back_end("shop", "read,calls").await;
    let mut callers = world.people(["alice", "bob", "carol"]).await;
    world.people(["dave", "erin", "frank"]).await;
    for (caller, (id, invitee)) in
        callers.iter_mut().zip([("c-2", "dave"), ("c-1", "erin"), ("c-3", "frank")])
    {
        let call = json!({"inviteID": id, "invitee": invitee, "timeout": 60, "call": {"mediaType": "audio"}});
        caller.does("signaling.invite", call).await;
    }
    let first = shop.gets(&world, "GET /v1/calls?limit=2", None).await;
    assert_eq!((names(&first, "calls", "callID"), &first["next"]), (vec!["c-1", "c-2"], &json!("c-2")));
    shop.gets(&world, "DELETE /v1/calls/c-3", None).await;
    let rest = shop.gets(&world, "GET /v1/calls?after=c-2", None).await;
    assert_eq!((names(&rest, "calls", "callID"), &rest["next"]), (vec![], &Value::Null));
    let all = shop.gets(&world, "GET /v1/calls", None).await;
    assert_eq!(names(&all, "calls", "callID"), ["c-1", "c-2"]);
    let longest = shop.gets(&world, "GET /v1/calls?limit=1000", None).await;
    assert_eq!(longest["calls"], all["calls"]);
    for query in ["limit=0", "limit=1001", "limit=many"] {
        let problem = shop.asks(&world, &format!("GET /v1/calls?{query}"), None).await;
        assert_eq!(problem.is_problem(422, "invalidParams")["field"], "limit", "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_listed_since_a_time_open_or_ended() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    let [mut alice, mut bob, mut carol] = world.people(["alice", "bob", "carol"]).await;
    alice.makes_group("team", &["bob", "carol"]).await;
    let first = alice.invites(&bob).await["inviteID"].clone();
    alice.texts("bob", "well?").await;
    bob.rejects(&first).await;
    let second = carol.invites_in("team", &["bob"]).await;
    let third = bob.invites(&alice).await["inviteID"].clone();
    let (second, began) = (second["inviteID"].clone(), second["time"].as_u64().unwrap());
    let [first, second, third] = [&first, &second, &third].map(|id| id.as_str().unwrap());
    let listed = async |of: &str| invitations(&shop, &world, of).await;

    let all = listed("users/alice/invitation-history").await;
    assert_eq!(
        (names(&all, "invitations", "inviteID"), &all["next"]),
        (vec![first, second, third], &Value::Null)
    );
    assert_eq!(all["invitations"][0]["invitees"][0]["state"], "rejected", "as they are now: {all}");
    let longest = listed("users/alice/invitation-history?limit=1000").await;
    assert_eq!(names(&longest, "invitations", "inviteID"), [first, second, third]);
    let page = listed("users/alice/invitation-history?limit=2").await;
    assert_eq!(names(&page, "invitations", "inviteID"), [first, second]);
    let rest = listed(&format!("users/alice/invitation-history?after={}", page["next"])).await;
    assert_eq!((names(&rest, "invitations", "inviteID"), &rest["next"]), (vec![third], &Value::Null));
    let later = listed(&format!("users/alice/invitation-history?since={began}")).await;
    assert_eq!(names(&later, "invitations", "inviteID"), [second, third]);
    let none = listed(&format!("users/alice/invitation-history?since={}", began + 3_600_000)).await;
    assert_eq!((names(&none, "invitations", "inviteID"), &none["next"]), (vec![], &Value::Null));
    for (status, expected) in [("ended", vec![first]), ("open", vec![second, third])] {
        let some = listed(&format!("users/alice/invitation-history?status={status}")).await;
        assert_eq!(names(&some, "invitations", "inviteID"), expected, "{status}");
    }
    let mine = listed("users/carol/invitation-history").await;
    assert_eq!(names(&mine, "invitations", "inviteID"), [second], "the others are none of hers");
    let group = listed("groups/team/invitation-history").await;
    assert_eq!(names(&group, "invitations", "inviteID"), [second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_read_says_why() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    world.person("alice").await;
    shop.asks(&world, "GET /v1/users/nobody/invitation-history", None).await.is_problem(404, "unknownUser");
    shop.asks(&world, "GET /v1/groups/none/invitation-history", None).await.is_problem(404, "unknownGroup");
    for (query, field) in
        [("limit=0", "limit"), ("limit=1001", "limit"), ("since=-1", "since"), ("status=over", "status")]
    {
        let problem =
            shop.asks(&world, &format!("GET /v1/users/alice/invitation-history?{query}"), None).await;
        assert_eq!(problem.is_problem(422, "invalidParams")["field"], field, "{query}");
    }
    let behind =
        shop.gets(&world, "GET /v1/users/alice/invitation-history?after=18446744073709551615", None).await;
    assert_eq!(behind, json!({"invitations": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_is_counted() {
    let world = World::start();
    let shop = world.back_end("shop", "read,users").await;
    shop.gets(&world, "PUT /v1/users/dave", Some(json!({}))).await;
    shop.gets(&world, "PUT /v1/users/dave/disabled", None).await;
    let [mut alice, _bob, carol] = world.people(["alice", "bob", "carol"]).await;
    let mut tablet = world.another("bob", "tablet", 4);
    tablet.opens().await;
    alice.makes_group("team", &["bob"]).await;
    let call = json!({"inviteID": "i", "invitee": "bob", "timeout": 60, "call": {"mediaType": "audio"}});
    alice.does("signaling.invite", call).await;
    tablet.accepts(&json!("i")).await;
    let ring = json!({"groupID": "team", "inviteeList": ["bob"], "timeout": 60});
    alice.does("signaling.inviteInGroup", ring).await;
    let counted = shop.gets(&world, "GET /v1/statistics", None).await;
    let expected = json!({"time": counted["time"], "users": 4, "disabledUsers": 1, "onlineUsers": 3, "sessions": 4, "pushDevices": 0,
        "groups": 1, "openInvitations": 1, "runningCalls": 1, "usersInCalls": 2});
    assert_eq!(counted, expected);
    // Asked again it is the same count, whatever happened since.
    alice.makes_group("other", &[]).await;
    assert_eq!(shop.gets(&world, "GET /v1/statistics", None).await, counted);
    let stranger = world.back_end("stranger", "users").await;
    stranger.asks(&world, "GET /v1/statistics", None).await.is_problem(403, "scopeMissing");
    drop(carol);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_all_nodes_are_counted() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let shop = cluster.nodes[0].back_end("shop", "read").await;
    let _alice = cluster.person(0, "alice").await;
    let _bob = cluster.person(1, "bob").await;
    let mut tablet = cluster.nodes[0].another("bob", "tablet", 4);
    tablet.opens().await;
    let counted = shop.gets(&cluster.nodes[0], "GET /v1/statistics", None).await;
    let signed_in = (&counted["users"], &counted["onlineUsers"], &counted["sessions"]);
    assert_eq!(signed_in, (&json!(2), &json!(2), &json!(3)));
}

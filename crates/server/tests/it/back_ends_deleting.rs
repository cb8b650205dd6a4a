//! A back end deletes a user: what others hear, what is left, and that it goes on where it broke off.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::block_in_place;
use tokio_postgres::{Client, NoTls};
use wigwag_protocol::CloseCode;

use crate::world::{BackEnd, Cluster, Device, OpenIm, Operator, PATIENCE, World};

const ALICE: &str = "/v1/users/alice";

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_leaves_everything_and_never_comes_back() {
    let mut world = World::start();
    let shop = world.back_end("shop", "all").await;
    let people = world.people(["alice", "bob", "carol"]).await;
    is_gone(&world, &shop, people).await;
    block_in_place(|| world.restart());
    stays_away(&world, &shop).await;
}

/// The back end asks one node, and everybody is at the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_another_node_is_deleted_too() {
    let cluster = block_in_place(|| Cluster::of(2, ""));
    let shop = cluster.nodes[0].back_end("shop", "all").await;
    let people = cluster.nodes[1].people(["alice", "bob", "carol"]).await;
    is_gone(&cluster.nodes[0], &shop, people).await;
    let there = BackEnd { key: shop.key.clone() };
    stays_away(&cluster.nodes[1], &there).await;
}

async fn is_gone(world: &World, shop: &BackEnd, people: [Device; 3]) {
    let [mut alice, mut bob, mut carol] = people;
    alice.makes_group("alone", &[]).await;
    alice.makes_group("team", &["carol", "bob"]).await;
    alice.does("group.setRole", json!({"groupID": "team", "userID": "bob", "role": "admin"})).await;
    alice.texts("bob", "keep this").await;
    let call = json!({"inviteID": "c", "invitee": "bob", "timeout": 60, "call": {"mediaType": "video"}});
    alice.does("signaling.invite", call).await;
    bob.accepts(&json!("c")).await;
    bob.does("signaling.invite", json!({"inviteID": "in", "invitee": "alice", "timeout": 60})).await;
    let out = json!({"inviteID": "out", "groupID": "team", "inviteeList": ["carol"], "timeout": 60});
    alice.does("signaling.inviteInGroup", out).await;
    carol.does("user.block", json!({"userID": "alice"})).await;
    bob.listens().await;
    carol.listens().await;
    let opening = alice.opening();

    let first = shop.asks_under("gone", world, &format!("DELETE {ALICE}"), None).await.json();
    assert!(first["time"].is_u64(), "{first}");
    alice.is_closed_with(CloseCode::TokenExpired).await;
    let heard = told(&mut bob, 5).await;
    let step = |kind: &str| {
        heard.iter().find(|one| one["type"] == kind).unwrap_or_else(|| panic!("{kind}: {heard:?}"))
    };
    assert_eq!(step("call.hungUp")["userID"], "alice");
    assert_eq!(step("invitation.rejected")["inviteID"], "in");
    assert_eq!(step("invitation.cancelled")["inviteID"], "out");
    assert_eq!(
        (&step("group.roleChanged")["userID"], &step("group.roleChanged")["role"]),
        (&json!("bob"), &json!("owner"))
    );
    assert_eq!(step("group.membersRemoved")["userIDs"], json!(["alice"]));
    let cancelled = told(&mut carol, 3).await;
    assert_eq!(
        (&cancelled[0]["type"], &cancelled[0]["inviteID"]),
        (&json!("invitation.cancelled"), &json!("out"))
    );

    // A repeat, under the key and without one, says when it was.
    for key in ["gone", "", "another"] {
        let again = shop.asks_under(key, world, &format!("DELETE {ALICE}"), None).await.json();
        assert_eq!(again, first);
    }
    let put = shop.asks_under("gone", world, &format!("PUT {ALICE}/disabled"), None).await;
    put.is_problem(409, "idempotencyKeyTaken");
    shop.asks(world, "DELETE /v1/users/nobody", None).await.is_problem(404, "unknownUser");

    // The sign-in has its own reason.
    alice.connects().await;
    let error = alice.is_refused("userDeleted", "session.open", opening).await;
    assert_eq!((&error["code"], &error["data"]["retryable"]), (&json!(70_107), &json!(false)));
    alice.is_closed_with(CloseCode::SignInRefused).await;
    assert_eq!(OpenIm::tries_to_sign_in(world, "alice").await.err(), Some(801));

    // To the others she is nobody, and what she wrote is theirs.
    bob.is_refused(
        "unknownUser",
        "message.send",
        json!({"userID": "alice", "type": "text", "content": {"text": "?"}}),
    )
    .await;
    bob.is_refused("unknownUser", "signaling.invite", json!({"invitee": "alice"})).await;
    let history = bob.does("message.history", json!({"userID": "alice"})).await;
    let said = history["messages"].as_array().unwrap().iter().find(|one| one["type"] == "text").unwrap();
    assert_eq!((&said["sender"], &said["content"]["text"]), (&json!("alice"), &json!("keep this")));
    let blocked = carol.does("user.listBlocked", json!({})).await;
    assert_eq!(blocked["userIDs"], json!(["alice"]));
    carol.does("user.unblock", json!({"userID": "alice"})).await;
}

/// So many events, in the order in which they were told.
async fn told(device: &mut Device, count: usize) -> Vec<Value> {
    let mut events = Vec::new();
    while events.len() < count {
        events.push(device.hears_frame().await["params"].clone());
    }
    device.hears_nothing().await;
    events
}

async fn stays_away(world: &World, shop: &BackEnd) {
    shop.asks(world, &format!("GET {ALICE}"), None).await.is_problem(404, "unknownUser");
    let wish = Some(json!({"nickname": "Alice"}));
    shop.asks(world, &format!("PUT {ALICE}"), wish).await.is_problem(409, "userDeleted");
    shop.asks(world, &format!("PUT {ALICE}/disabled"), None).await.is_problem(409, "userDeleted");
    let token = Some(json!({"kind": "jwt", "expiresIn": 60}));
    shop.asks(world, &format!("POST {ALICE}/tokens"), token).await.is_problem(409, "userDeleted");
    let users = json!({"users": [{"userID": "alice"}, {"userID": "dave"}]});
    let imported = shop.asks_under("import", world, "POST /v1/users", Some(users)).await.json();
    assert_eq!(imported["imported"], 1, "{imported}");
    assert_eq!(imported["failed"][0]["problem"]["reason"], "userDeleted", "{imported}");
    let all = shop.gets(world, "GET /v1/users", None).await;
    let names: Vec<&Value> = all["users"].as_array().unwrap().iter().map(|one| &one["userID"]).collect();
    assert_eq!(names, ["bob", "carol", "dave"]);
    assert_eq!(shop.gets(world, "GET /v1/statistics", None).await["users"], 3);
    assert_eq!(shop.gets(world, "GET /v1/groups/team", None).await["owner"], "bob");
    shop.asks(world, "GET /v1/groups/alone", None).await.is_problem(404, "unknownGroup");
    let text = Some(json!({"userID": "bob", "type": "text", "content": {"text": "?"}}));
    shop.asks(world, &format!("POST {ALICE}/messages"), text).await.is_problem(404, "unknownUser");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_is_that_of_users() {
    let world = World::start();
    let shop = world.back_end("shop", "read,tokens,groups,messages,invitations,calls,webhooks").await;
    shop.asks(&world, &format!("DELETE {ALICE}"), None).await.is_problem(403, "scopeMissing");
}

/// More groups than are read at once, each handed over and left. The server is killed after the first of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_killed_goes_on_when_it_is_repeated() {
    const GROUPS: usize = 130;
    let mut world = World::start();
    let shop = world.back_end("shop", "all").await;
    let [mut alice, mut bob] = world.people(["alice", "bob"]).await;
    for number in 0..GROUPS {
        alice.makes_group(&format!("g{number}"), &["bob"]).await;
    }
    bob.listens().await;
    let opening = alice.opening();
    let asked = shop.sends(&world, &format!("DELETE {ALICE}"), "gone").await;
    bob.hears("group.roleChanged").await;
    block_in_place(|| world.kill());
    drop(asked);
    block_in_place(|| world.resume());
    let known = shop.gets(&world, &format!("GET {ALICE}"), None).await;
    assert!(known["disabledSince"].is_u64(), "{known}");
    alice = world.device("alice");
    alice.connects().await;
    alice.is_refused("userDisabled", "session.open", opening.clone()).await;
    let left = groups_of(&world, &shop, "alice").await;
    assert!(!left.is_empty() && left.len() <= GROUPS, "{}", left.len());

    shop.asks_under("gone", &world, &format!("DELETE {ALICE}"), None).await.json();
    alice = world.device("alice");
    alice.connects().await;
    alice.is_refused("userDeleted", "session.open", opening).await;
    let his = groups_of(&world, &shop, "bob").await;
    assert_eq!(his.len(), GROUPS);
    assert!(his.iter().all(|group| group["owner"] == "bob" && group["memberCount"] == 1), "{his:?}");
}

async fn groups_of(world: &World, shop: &BackEnd, user: &str) -> Vec<Value> {
    let (mut groups, mut after) = (Vec::new(), String::new());
    loop {
        let page = shop.gets(world, &format!("GET /v1/users/{user}/groups{after}"), None).await;
        groups.extend(page["groups"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return groups };
        after = format!("?after={next}");
    }
}

/// Others have to be faster between the look that finds nothing left and the deletion, and each time again: each time the deletion waits
/// at the gate, another node has put her into another group when it comes through.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_drawn_in_again_each_time_is_deleted_by_a_repeat() {
    const TRIES: usize = 5;
    let cluster = block_in_place(|| Cluster::of(1, ""));
    let node = &cluster.nodes[0];
    let shop = node.back_end("shop", "all").await;
    shop.gets(node, &format!("PUT {ALICE}"), Some(json!({}))).await;
    let mut bob = node.person("bob").await;
    for number in 0..TRIES {
        bob.makes_group(&format!("g{number}"), &[]).await;
    }
    let gate = Gate::shut(&cluster.postgres.url("postgres")).await;
    let delete = format!("DELETE {ALICE}");
    let draws_in = async {
        gate.lets_through().await; // She is disabled.
        for number in 0..TRIES {
            gate.is_waited_at().await;
            gate.draws_in("alice", &format!("g{number}")).await;
            gate.lets_through().await; // The rules refuse to delete her.
            if number + 1 < TRIES {
                gate.lets_through().await; // She leaves the group.
            }
        }
    };
    let (answer, ()) = tokio::join!(shop.asks(node, &delete, None), draws_in);
    let problem = answer.is_problem(409, "stillInvolved");
    assert_eq!((&problem["code"], &problem["retryable"]), (&json!(-32025), &json!(true)));
    drop(gate);
    for number in 0..TRIES - 1 {
        assert_eq!(bob.hears("group.membersRemoved").await["groupID"], format!("g{number}"));
    }
    bob.hears_nothing().await;
    assert!(
        shop.gets(node, &format!("GET {ALICE}"), None).await["disabledSince"].is_u64(),
        "and not deleted"
    );

    shop.gets(node, &delete, None).await;
    assert_eq!(bob.hears("group.membersRemoved").await["groupID"], "g4");
    shop.asks(node, &format!("GET {ALICE}"), None).await.is_problem(404, "unknownUser");
}

/// A lock on the table of users, before which each batch of a node waits.
struct Gate {
    lock: Client,
    looks: Client,
}

impl Gate {
    async fn shut(url: &str) -> Self {
        let gate = Self { lock: connected(url).await, looks: connected(url).await };
        gate.lock.batch_execute("BEGIN; LOCK TABLE users IN EXCLUSIVE MODE").await.unwrap();
        gate
    }

    async fn is_waited_at(&self) {
        let waiting = "SELECT 1 FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted";
        let start = Instant::now();
        while self.looks.query(waiting, &[]).await.unwrap().is_empty() {
            assert!(start.elapsed() < PATIENCE, "no batch waits");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// One batch, once it waits. Locks of tables are given out in the order in which they were asked for, so the gate is shut before the
    /// next.
    async fn lets_through(&self) {
        self.is_waited_at().await;
        self.lock.batch_execute("COMMIT; BEGIN; LOCK TABLE users IN EXCLUSIVE MODE").await.unwrap();
    }

    /// What another node would write that had the lock: a member of a group more.
    async fn draws_in(&self, user: &str, group: &str) {
        let member = "INSERT INTO members (group_id, user_id, role, joined_at) VALUES ($1, $2, 'member', 1)";
        self.lock.execute(member, &[&group, &user]).await.unwrap();
    }
}

async fn connected(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_writes_the_name_twice() {
    let world = World::start();
    let operator = Operator::of(&world, "users,read").await;
    for name in ["alice", "bob", "carol"] {
        operator.reads(&format!("user create {name}"));
    }
    for answer in ["", "\n", "yes\n", "alic\n"] {
        let ended = operator.answers("user delete alice", answer);
        assert!(!ended.succeeded && ended.complained.contains("nobody was deleted"), "{ended:?}");
    }
    assert_eq!(operator.reads("user list").len(), 3);
    let ended = operator.answers("user delete alice", "alice\n");
    assert!(ended.succeeded && ended.said.trim() == "alice is deleted.", "{ended:?}");
    assert_eq!(operator.reads("user delete bob --yes"), ["bob is deleted."]);
    assert_eq!(operator.reads("user list"), ["carol\t"]);
    let again = operator.types("user create alice");
    assert!(!again.succeeded && again.complained.contains("never given out again"), "{again:?}");
}

//! Back ends with keys: what they do for users, and what devices hear of it.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use wigwag_protocol::CloseCode;

use crate::world::{BackEnd, Cluster, NO_RATE, World, asks_at, wigwag};

fn nickname(name: &str) -> Value {
    json!({ "nickname": name })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_end_makes_a_user_who_signs_in_with_its_token() {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let wish =
        json!({"nickname": "Alice", "faceURL": "https://pictures.example/a", "reach": {"ring": "known"}});
    shop.gets(&world, "PUT /v1/users/alice", Some(wish)).await;
    let all = json!({"userID": "alice", "nickname": "Alice", "faceURL": "https://pictures.example/a", "ext": "",
        "reach": {"ring": "known", "add": "everybody"}});
    assert_eq!(shop.gets(&world, "GET /v1/users/alice", None).await, all);
    for kind in ["userSig", "jwt"] {
        let wanted = Some(json!({"kind": kind, "expiresIn": 3_600}));
        let issued = shop.gets(&world, "POST /v1/users/alice/tokens", wanted).await;
        let mut alice = world.another("alice", kind, 7);
        alice.connects().await;
        let params = json!({"token": issued["token"], "deviceID": kind, "platform": 7});
        assert_eq!(alice.does("session.open", params).await["userID"], "alice");
    }
    let mut alice = world.person("alice").await;
    let devices = shop.gets(&world, "GET /v1/users/alice/devices", None).await;
    let own = json!({"deviceID": "alice-1", "platform": 7});
    assert!(devices["devices"].as_array().unwrap().contains(&own), "{devices}");
    shop.gets(&world, "PUT /v1/users/alice", Some(nickname("Alice L."))).await;
    assert_eq!(alice.hears("user.profileChanged").await["nickname"], "Alice L.");
    // Who may ring them is the back end's to say, too.
    let mut bob = world.person("bob").await;
    bob.is_refused("blocked", "signaling.invite", json!({"invitee": "alice"})).await;
    let everybody = Some(json!({"reach": {"ring": "everybody"}}));
    shop.gets(&world, "PUT /v1/users/alice", everybody).await;
    assert_eq!(alice.hears("user.reachChanged").await["ring"], "everybody");
    bob.invites(&alice).await;
    alice.hears("invitation.received").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_signs_a_user_out() {
    let world = World::start();
    let shop = world.back_end("shop", "tokens").await;
    let mut alice = world.person("alice").await;
    let old = alice.opening();
    let revoked = shop.gets(&world, "DELETE /v1/users/alice/tokens", None).await;
    assert!(revoked["madeBefore"].as_u64().unwrap() % 1_000 == 0, "{revoked}");
    alice.is_closed_with(CloseCode::TokenExpired).await;
    alice.connects().await;
    alice.is_refused("tokenRevoked", "session.open", old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_asked_for_and_their_scopes_are_kept_to() {
    let world = World::start();
    let reader = world.back_end("reader", "read").await;
    for headers in [&[][..], &["Authorization: Bearer wk_nothing"], &["Authorization: Basic abc"]] {
        let answer = world.asks("GET /v1/users/alice", headers, "").await;
        answer.is_problem(401, "keyUnknown");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    reader.asks(&world, "GET /v1/users/alice", None).await.is_problem(404, "unknownUser");
    let own = reader.gets(&world, "GET /v1/key", None).await;
    assert_eq!((&own["name"], &own["scopes"]), (&json!("reader"), &json!(["read"])));
    assert!(own["createdAt"].as_u64().unwrap() % 1_000 == 0 && own.as_object().unwrap().len() == 3, "{own}");
    let problem =
        reader.asks(&world, "PUT /v1/users/alice", Some(nickname("A"))).await.is_problem(403, "scopeMissing");
    assert!(problem["detail"].as_str().unwrap().contains("the scope users"), "{problem}");
    reader.asks(&world, "POST /v1/users/alice/tokens", None).await.is_problem(403, "scopeMissing");
    let (config, data) = (world.config_file(), world.data());
    let place = ["--config", &config.to_string_lossy(), "--data", &data.to_string_lossy()];
    let listed = wigwag(&[&["key", "list"][..], &place].concat());
    assert!(listed.said.starts_with("reader\tread\t") && !listed.said.contains(&reader.key), "{listed:?}");
    let again = wigwag(&[&["key", "create", "reader", "--scopes", "read"][..], &place].concat());
    assert!(!again.succeeded && again.complained.contains("already"), "{again:?}");
    assert!(wigwag(&[&["key", "revoke", "reader"][..], &place].concat()).succeeded);
    reader.becomes(&world, |status| status == 401).await;
    let log = world.log();
    assert!(!log.contains(&reader.key) && !log.contains("wk_nothing"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_keys_is_slowed_down_and_a_right_key_is_not() {
    let world = World::start();
    let shop = world.back_end("shop", "read").await;
    let wrong = BackEnd { key: "wk_guess".to_owned() };
    // More than may come at once, together, so that it does not depend on how fast they are answered.
    let mut slowed_down = false;
    while !slowed_down {
        let guesses = (0..60).map(|_| wrong.asks(&world, "GET /v1/users/alice", None));
        for answer in join_all(guesses).await {
            assert!(answer.status == 401 || answer.header("retry-after") == "1", "{answer:?}");
            slowed_down |= answer.status == 429;
        }
    }
    shop.asks(&world, "GET /v1/users/alice", None).await.is_problem(404, "unknownUser");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_has_its_pace() {
    let mut world = World::prepared("[api]\nrequests_per_second = 1\nrequest_burst = 3\n");
    let key = world.makes_key("shop", "read");
    world.resume();
    let shop = BackEnd { key };
    // Three at once, and one more for each second that they take.
    let answers = join_all((0..20).map(|_| shop.asks(&world, "GET /v1/users/alice", None))).await;
    let (refused, answered): (Vec<_>, Vec<_>) = answers.into_iter().partition(|one| one.status == 429);
    assert!(answered.len() >= 3 && answered.iter().all(|one| one.status == 404), "{answered:?}");
    let answer = refused.first().expect("twenty are too many for a second");
    let problem = answer.is_problem(429, "keyTooFast");
    assert!(problem["retryAfterMs"].as_u64().unwrap() <= 1_001, "{problem}");
    assert_eq!(answer.header("retry-after").parse::<u64>().unwrap().div_ceil(2), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_is_said() {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let put = "PUT /v1/users/alice";
    let problem =
        shop.asks(&world, "GET /v1/users/nobody/devices", None).await.is_problem(404, "unknownUser");
    assert_eq!(
        (&problem["field"], &problem["id"], &problem["code"]),
        (&json!("userID"), &json!("nobody"), &json!(20_003))
    );
    let problem = shop.asks(&world, put, Some(json!({"reach": {"ring": "some"}}))).await;
    assert_eq!(problem.is_problem(422, "invalidParams")["field"], "reach.ring");
    let problem = shop.asks(&world, put, Some(json!({"nick": 1}))).await.is_problem(422, "invalidParams");
    assert_eq!(problem["field"], "nick");
    let long = "n".repeat(10_000);
    let problem = shop.asks(&world, put, Some(nickname(&long))).await.is_problem(422, "tooLarge");
    assert_eq!(problem["field"], "nickname");
    let problem = shop.asks(&world, "GET /v1/users/a%20b", None).await.is_problem(422, "invalidParams");
    assert_eq!(problem["field"], "userID");
    let problem = shop.asks(&world, "GET /v1/users/alice/blocks?limit=0", None).await;
    problem.is_problem(404, "unknownUser");
    shop.gets(&world, put, None).await;
    for query in ["limit=0", "limit=1001", "limit=x", "other=1"] {
        let answer = shop.asks(&world, &format!("GET /v1/users/alice/blocks?{query}"), None).await;
        answer.is_problem(422, "invalidParams");
    }
    assert_eq!(
        shop.gets(&world, "GET /v1/users/alice/blocks?limit=1000", None).await,
        json!({"userIDs": []})
    );
    let key = format!("Authorization: Bearer {}", shop.key);
    let json = "Content-Type: application/json";
    world.asks(put, &[&key, json], "{").await.is_problem(400, "malformedJson");
    world.asks(put, &[&key], "{}").await.is_problem(415, "wrongMediaType");
    let large = format!("{{\"ext\": \"{}\"}}", "x".repeat(1024 * 1024));
    world.asks(put, &[&key, json], &large).await.is_problem(413, "bodyTooLarge");
    let answer = shop.asks(&world, "POST /v1/users/alice", None).await;
    answer.is_problem(405, "wrongMethod");
    assert_eq!(answer.header("allow"), "GET,HEAD,PUT,DELETE");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_users_are_imported_at_once() {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let user = |number: usize| json!({"userID": format!("user-{number}"), "nickname": format!("U{number}")});
    let users: Vec<Value> = (0..100).map(user).collect();
    let imported = shop.gets(&world, "POST /v1/users", Some(json!({ "users": users }))).await;
    assert_eq!(imported, json!({"imported": 100, "failed": []}));
    assert_eq!(shop.gets(&world, "GET /v1/users/user-99", None).await["nickname"], "U99");
    let too_many: Vec<Value> = (0..101).map(user).collect();
    for users in [json!([]), json!(too_many)] {
        let answer = shop.asks(&world, "POST /v1/users", Some(json!({ "users": users }))).await;
        assert_eq!(answer.is_problem(422, "invalidParams")["field"], "users");
    }
    let long = "n".repeat(10_000);
    let mixed = json!({"users": [{"userID": "ok"}, {"userID": "bad", "nickname": long}, {"userID": "ok", "nickname": "2"}]});
    let imported = shop.gets(&world, "POST /v1/users", Some(mixed)).await;
    assert_eq!((&imported["imported"], &imported["failed"][0]["userID"]), (&json!(2), &json!("bad")));
    assert_eq!(imported["failed"][0]["problem"]["field"], "nickname");
    assert_eq!(shop.gets(&world, "GET /v1/users/ok", None).await["nickname"], "2", "the later entry counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_under_the_same_key_is_carried_out_once() {
    let mut world = World::start();
    let shop = world.back_end("shop", "all").await;
    world.people(["alice", "bob"]).await;
    let block = "PUT /v1/users/alice/blocks/bob";
    let first = shop.asks_under("once-1", &world, block, None).await;
    shop.gets(&world, "DELETE /v1/users/alice/blocks/bob", None).await;
    let again = shop.asks_under("once-1", &world, block, None).await;
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert_eq!(
        shop.gets(&world, "GET /v1/users/alice/blocks", None).await,
        json!({"userIDs": []}),
        "it was not done again"
    );
    let other = shop.asks_under("once-1", &world, "PUT /v1/users/bob/blocks/alice", None).await;
    other.is_problem(409, "idempotencyKeyTaken");
    let wish = Some(nickname("A"));
    shop.asks_under("once-1", &world, "PUT /v1/users/alice", wish)
        .await
        .is_problem(409, "idempotencyKeyTaken");
    for key in ["k".repeat(129), "two words".to_owned()] {
        let answer = shop.asks_under(&key, &world, block, None).await;
        answer.is_problem(422, "idempotencyKeyMalformed");
    }
    // A refusal changed nothing, so it is not kept.
    let unknown = "PUT /v1/users/carol/blocks/alice";
    shop.asks_under("once-2", &world, unknown, None).await.is_problem(404, "unknownUser");
    shop.gets(&world, "PUT /v1/users/carol", None).await;
    assert_eq!(shop.asks_under("once-2", &world, unknown, None).await.status, 200);
    let token = |key: &'static str| shop.asks_under(key, &world, "POST /v1/users/alice/tokens", None);
    let (one, repeated, another) = (token("t-1").await, token("t-1").await, token("t-2").await);
    assert_eq!((one.status, &one.body), (200, &repeated.body));
    assert_eq!(another.status, 200);
    let import = |name: &str| Some(json!({"users": [{"userID": "dave", "nickname": name}]}));
    assert_eq!(shop.asks_under("i-1", &world, "POST /v1/users", import("D")).await.status, 200);
    shop.asks_under("i-1", &world, "POST /v1/users", import("E"))
        .await
        .is_problem(409, "idempotencyKeyTaken");
    assert_eq!(shop.gets(&world, "GET /v1/users/dave", None).await["nickname"], "D");
    let other = block_in_place(|| world.makes_key("other", "users"));
    let other = BackEnd { key: other };
    other.becomes(&world, |status| status == 403).await;
    assert_eq!(
        other.asks_under("once-1", &world, "PUT /v1/users/dave", None).await.status,
        200,
        "keys are each holder's own"
    );
    world.restart();
    assert_eq!(shop.asks_under("once-1", &world, block, None).await.body, first.body);
}

/// Of requests that are made of several commands, and of others under the same key.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_request_has_refuses_the_whole_import() {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let users = |name: &str| -> Value {
        let user = |number: u32| json!({"userID": format!("{name}-{number}")});
        json!({"users": (0..40).map(user).collect::<Vec<_>>()})
    };
    shop.asks_under("k-1", &world, "PUT /v1/users/alice", Some(nickname("A"))).await;
    let refused = shop.asks_under("k-1", &world, "POST /v1/users", Some(users("late"))).await;
    refused.is_problem(409, "idempotencyKeyTaken");
    let first = shop.asks_under("k-2", &world, "POST /v1/users", Some(users("early"))).await;
    assert_eq!(first.json(), json!({"imported": 40, "failed": []}));
    for body in [users("late"), json!({"users": [{"userID": "early-0", "nickname": "E"}]})] {
        let refused = shop.asks_under("k-2", &world, "POST /v1/users", Some(body)).await;
        refused.is_problem(409, "idempotencyKeyTaken");
    }
    let put = shop.asks_under("k-2", &world, "PUT /v1/users/late-0", Some(nickname("L"))).await;
    put.is_problem(409, "idempotencyKeyTaken");
    for number in 0..40 {
        let path = format!("GET /v1/users/late-{number}");
        shop.asks(&world, &path, None).await.is_problem(404, "unknownUser");
    }
    assert_eq!(shop.gets(&world, "GET /v1/users/early-0", None).await["nickname"], "");
    let again = shop.asks_under("k-2", &world, "POST /v1/users", Some(users("early"))).await;
    assert_eq!(again.body, first.body);
}

/// The reply says nothing of what has changed since.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_change_hears_the_first_reply_whatever_came_after() {
    let world = World::start();
    let shop = world.back_end("shop", "all").await;
    let put = "PUT /v1/users/alice";
    let first = shop.asks_under("p-1", &world, put, Some(nickname("A"))).await;
    assert_eq!(first.status, 200, "{first:?}");
    shop.gets(&world, put, Some(nickname("B"))).await;
    let again = shop.asks_under("p-1", &world, put, Some(nickname("A"))).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(shop.gets(&world, "GET /v1/users/alice", None).await["nickname"], "B");
    shop.gets(&world, "POST /v1/users/alice/groups", Some(json!({"groupID": "class"}))).await;
    let set = "PUT /v1/groups/class";
    let first = shop.asks_under("p-2", &world, set, Some(json!({"name": "Class"}))).await;
    assert_eq!(first.status, 200, "{first:?}");
    shop.gets(&world, "DELETE /v1/groups/class", None).await;
    let again = shop.asks_under("p-2", &world, set, Some(json!({"name": "Class"}))).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "also when the group is gone");
}

/// The server is killed when the change is durable and nobody has heard the reply.
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_a_kill_has_taken_is_heard_by_the_repeat() {
    let mut world = World::start();
    let shop = world.back_end("shop", "all").await;
    let [mut alice, _bob] = world.people(["alice", "bob"]).await;
    let block = "PUT /v1/users/alice/blocks/bob";
    let unheard = shop.sends(&world, block, "kill-1").await;
    let told = alice.hears("user.blocked").await;
    world.kill();
    drop(unheard);
    world.resume();
    let repeated = shop.asks_under("kill-1", &world, block, None).await;
    assert_eq!((repeated.status, &repeated.json()["time"]), (200, &told["time"]));
    alice.resumes_at(world.address()).await;
    alice.hears_nothing().await;
    shop.asks_under("kill-1", &world, "PUT /v1/users/bob", None).await.is_problem(409, "idempotencyKeyTaken");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_can_have_an_address_of_its_own() {
    let mut world = World::prepared(&format!("{NO_RATE}\n[api]\nlisten = \"127.0.0.1:0\"\n"));
    let key = world.makes_key("shop", "all");
    world.resume();
    let log = world.log();
    let address = log.split("back ends is served at ").nth(1).unwrap().split_whitespace().next().unwrap();
    let authorization = format!("Authorization: Bearer {key}");
    let there = asks_at(address, "PUT /v1/users/alice", &[&authorization], "").await;
    assert_eq!(there.status, 200, "{there:?}");
    let other = asks_at(address, "GET /v1/ws", &[], "").await;
    other.is_problem(404, "nothingHere");
    let beside = world.asks("GET /v1/users/alice", &[&authorization], "").await;
    assert_eq!(beside.status, 404, "{beside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_document_is_there_and_asks_for_a_key() {
    let world = World::start();
    let document = world.asks("GET /v1/openapi.json", &[], "").await;
    assert_eq!(document.header("content-type"), "application/json");
    for (path, verbs) in document.json()["paths"].as_object().unwrap() {
        for verb in verbs.as_object().unwrap().keys() {
            let request = format!("{} {}", verb.to_uppercase(), path.replace(['{', '}'], ""));
            let answer = world.asks(&request, &[], "").await;
            assert!([401, 429].contains(&answer.status), "{request}: {answer:?}");
        }
    }
    for (path, kind) in
        [("/docs", "text/html"), ("/docs/page.js", "text/javascript"), ("/docs/page.css", "text/css")]
    {
        let page = world.asks(&format!("GET {path}"), &[], "").await;
        assert!(page.status == 200 && page.header("content-type").starts_with(kind), "{page:?}");
        assert!(page.header("content-security-policy").starts_with("default-src 'self'"), "{page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_counts_on_every_node_and_so_does_what_it_did() {
    let mut cluster = block_in_place(|| Cluster::of(2, NO_RATE));
    let shop = cluster.nodes[0].back_end("shop", "all").await;
    shop.becomes(&cluster.nodes[1], |status| status != 401).await;
    let mut alice = cluster.person(1, "alice").await;
    let mut tablet = cluster.nodes[0].another("alice", "tablet", 2);
    tablet.opens().await;
    cluster.person(0, "bob").await;
    let devices = shop.gets(&cluster.nodes[0], "GET /v1/users/alice/devices", None).await;
    let both = json!([{"deviceID": "alice-1", "platform": 7}, {"deviceID": "tablet", "platform": 2}]);
    assert_eq!(devices["devices"], both);
    let block = "PUT /v1/users/alice/blocks/bob";
    let unheard = shop.sends(&cluster.nodes[0], block, "kill-1").await;
    let told = alice.hears("user.blocked").await;
    block_in_place(|| cluster.nodes[0].kill());
    drop(unheard);
    let repeated = shop.asks_under("kill-1", &cluster.nodes[1], block, None).await;
    assert_eq!((repeated.status, &repeated.json()["time"]), (200, &told["time"]));
    let other = shop.asks_under("kill-1", &cluster.nodes[1], "PUT /v1/users/carol", None).await;
    other.is_problem(409, "idempotencyKeyTaken");
    let token = shop.asks_under("t-1", &cluster.nodes[1], "POST /v1/users/alice/tokens", None).await;
    let again = shop.asks_under("t-1", &cluster.nodes[1], "POST /v1/users/alice/tokens", None).await;
    assert_eq!((token.status, token.body), (200, again.body));
    shop.gets(&cluster.nodes[1], "DELETE /v1/users/alice/tokens", None).await;
    alice.is_closed_with(CloseCode::TokenExpired).await;
    let store = cluster.postgres.url("postgres");
    let revoked = block_in_place(|| wigwag(&["key", "revoke", "shop", "--store", &store]));
    assert!(revoked.succeeded, "{revoked:?}");
    shop.becomes(&cluster.nodes[1], |status| status == 401).await;
}

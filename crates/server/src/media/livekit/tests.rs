//! A LiveKit server as far as webhooks and its room API go, and what becomes of what it says.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use parking_lot::Mutex;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use wigwag_protocol::{CallId, UserId};

use super::*;
use crate::api::livekit_routes;

const SECRET: &str = "a secret that only these tests know";
const ROOM: &str = "room 1";

/// The stand-in for LiveKit.
struct Rooms {
    here: Mutex<HashSet<&'static str>>,
    asked: Mutex<u32>,
    /// An answer costs one.
    answers: Semaphore,
    is_broken: Mutex<bool>,
}

/// The calls of this server: who is in the one of [`ROOM`], and who was said to be gone from it.
#[derive(Default)]
struct Calls {
    present: Mutex<Vec<Present>>,
    gone: Mutex<Vec<String>>,
}

#[async_trait]
impl RoomCalls for Calls {
    async fn present(&self, room: &str) -> Result<Vec<Present>, String> {
        Ok(if room == ROOM { self.present.lock().clone() } else { Vec::new() })
    }

    async fn running(&self) -> Result<Vec<CallId>, String> {
        Ok(vec![CallId::parse("ended meanwhile").unwrap(), CallId::parse("call 1").unwrap()])
    }

    async fn room_of(&self, call: &CallId) -> Result<Option<(String, Vec<Present>)>, String> {
        let present = self.present.lock().clone();
        Ok((call.as_str() == "call 1").then(|| (ROOM.to_owned(), present)))
    }

    fn gone(&self, room: &str, user: UserId) -> Result<(), String> {
        self.gone.lock().push(format!("{user} from {room}"));
        Ok(())
    }
}

struct World {
    rooms: Arc<Rooms>,
    calls: Arc<Calls>,
    webhooks: Arc<Webhooks>,
    webhook: String,
    signer: Signer,
}

impl World {
    async fn new() -> Self {
        let rooms = Arc::new(Rooms {
            here: Mutex::default(),
            asked: Mutex::default(),
            answers: Semaphore::new(100),
            is_broken: Mutex::new(false),
        });
        let livekit = Router::new().route("/twirp/livekit.RoomService/ListParticipants", post(list));
        let livekit = serve(livekit.with_state(Arc::clone(&rooms))).await;
        let account = LivekitAccount {
            url: "wss://livekit.example".to_owned(),
            api_url: format!("http://{livekit}"),
            key: "APIkey".to_owned(),
            secret: serde_json::from_value(json!(SECRET)).unwrap(),
        };
        let calls = Arc::new(Calls::default());
        let told = Arc::clone(&calls) as Arc<dyn RoomCalls>;
        let webhooks = Arc::new(Webhooks::new(&account, told, Clock::starting_not_before(0)));
        let here = serve(livekit_routes(Arc::clone(&webhooks))).await;
        let webhook = format!("http://{here}/v1/livekit/webhook");
        Self { rooms, calls, webhooks, webhook, signer: Signer::new(&account) }
    }

    /// They are in the call since a while, and it was answered just now.
    fn are_in_a_call(&self, users: &[&'static str]) {
        self.are_in_a_call_since(5_000, users);
    }

    /// The call was answered so long ago, in ms.
    fn are_in_a_call_since(&self, ago: u64, users: &[&'static str]) {
        let now = wall_ms();
        let one = |&user: &&str| Present {
            user: UserId::parse(user).unwrap(),
            joined_at: now - ago - 5_000,
            answered_at: Some(now - ago),
        };
        *self.calls.present.lock() = users.iter().map(one).collect();
    }

    fn are_in_the_room(&self, users: &[&'static str]) {
        *self.rooms.here.lock() = users.iter().copied().collect();
    }

    fn gone(&self) -> Vec<String> {
        self.calls.gone.lock().clone()
    }

    /// LiveKit says that this user left.
    async fn hears_of(&self, user: &str) -> u16 {
        let body = left(user);
        let token = self.token_for(&body);
        self.hears(token, body).await
    }

    fn token_for(&self, body: &str) -> String {
        let (hash, now_s) = (STANDARD.encode(digest(&SHA256, body.as_bytes())), wall_ms() / 1_000);
        self.signer.sign(&json!({ "iss": "APIkey", "nbf": now_s, "exp": now_s + 300, "sha256": hash }))
    }

    async fn hears(&self, token: String, body: String) -> u16 {
        let url = self.webhook.clone();
        let sent = spawn_blocking(move || {
            let config = ureq::Agent::config_builder().http_status_as_error(false);
            let agent: ureq::Agent = config.build().into();
            let request = agent.post(url).content_type("application/webhook+json");
            request.header("Authorization", token).send(body).unwrap().status().as_u16()
        });
        sent.await.unwrap()
    }
}

fn left(user: &str) -> String {
    let (room, participant) = (json!({ "name": ROOM }), json!({ "identity": user }));
    let at = (wall_ms() / 1_000).to_string();
    json!({ "event": "participant_left", "room": room, "participant": participant, "createdAt": at })
        .to_string()
}

async fn serve(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn list(State(rooms): State<Arc<Rooms>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    *rooms.asked.lock() += 1;
    rooms.answers.acquire().await.unwrap().forget();
    let token = headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let claims = decode::<Value>(token, &key, &Validation::new(Algorithm::HS256)).unwrap().claims;
    let asked: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(claims["video"], json!({ "room": asked["room"], "roomAdmin": true }), "no more than it takes");
    if *rooms.is_broken.lock() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "code": "unavailable", "msg": "no Redis" }).to_string(),
        );
    }
    let listed = |one: &&str| json!({ "sid": "PA_1", "identity": one, "state": "ACTIVE" });
    let participants: Vec<_> = rooms.here.lock().iter().map(listed).collect();
    (StatusCode::OK, json!({ "participants": participants }).to_string())
}

#[tokio::test]
async fn whoever_leaves_the_room_has_left_the_call() {
    let world = World::new().await;
    world.are_in_a_call(&["alice", "bob"]);
    world.are_in_the_room(&["alice"]);
    assert_eq!(world.hears_of("bob").await, 200);
    assert_eq!(world.gone(), ["bob from room 1"]);
    assert_eq!(world.hears_of("alice").await, 200, "late, and untrue by now");
    assert_eq!(world.gone(), ["bob from room 1"]);
}

#[tokio::test]
async fn whoever_is_back_in_the_room_has_not_left() {
    let world = World::new().await;
    world.are_in_a_call(&["alice", "bob"]);
    world.are_in_the_room(&["alice", "bob"]);
    assert_eq!(world.hears_of("bob").await, 200);
    assert_eq!((world.gone().len(), *world.rooms.asked.lock()), (0, 1));
}

#[tokio::test]
async fn a_lost_webhook_is_made_up_for() {
    let world = World::new().await;
    world.are_in_a_call(&["alice", "bob"]);
    world.webhooks.look_around().await;
    assert_eq!((world.gone().len(), *world.rooms.asked.lock()), (0, 0), "they may be on their way");
    world.are_in_a_call_since(61_000, &["alice", "bob"]);
    world.are_in_the_room(&["alice"]);
    *world.rooms.is_broken.lock() = true;
    world.webhooks.look_around().await;
    assert_eq!(world.gone(), [""; 0], "LiveKit has not said so");
    *world.rooms.is_broken.lock() = false;
    world.webhooks.look_around().await;
    assert_eq!(world.gone(), ["bob from room 1"]);
}

#[tokio::test]
async fn rooms_of_others_and_other_events_ask_nobody() {
    let world = World::new().await;
    assert_eq!(world.hears_of("bob").await, 200);
    world.are_in_a_call(&["bob"]);
    let body = left("bob").replace("participant_left", "track_published");
    assert_eq!(world.hears(world.token_for(&body), body).await, 200);
    assert_eq!((world.gone().len(), *world.rooms.asked.lock()), (0, 0));
}

#[tokio::test]
async fn what_livekit_did_not_sign_is_refused() {
    let world = World::new().await;
    world.are_in_a_call(&["alice", "bob"]);
    let token = world.token_for(&left("alice"));
    assert_eq!(world.hears(token, left("bob")).await, 401, "another body");
    assert_eq!(world.hears(String::new(), left("bob")).await, 401);
    assert_eq!(world.hears("a.b.c".to_owned(), left("bob")).await, 401);
    let body = "a text".to_owned();
    assert_eq!(world.hears(world.token_for(&body), body).await, 400);
    assert_eq!((world.gone().len(), *world.rooms.asked.lock()), (0, 0));
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_a_longer_one_is_not() {
    let world = World::new().await;
    let padded = |length: usize| format!("{}{{\"event\":\"\"}}", " ".repeat(length - 12));
    for (length, status) in [(64 * 1024, 200), (64 * 1024 + 1, 413)] {
        let body = padded(length);
        assert_eq!(body.len(), length);
        assert_eq!(world.hears(world.token_for(&body), body).await, status, "{length}");
    }
}

#[tokio::test]
async fn what_cannot_be_looked_into_comes_again() {
    let world = World::new().await;
    world.are_in_a_call(&["alice", "bob"]);
    *world.rooms.is_broken.lock() = true;
    assert_eq!(world.hears_of("bob").await, 503);
    assert_eq!(world.gone(), [""; 0]);
    *world.rooms.is_broken.lock() = false;
    assert_eq!(world.hears_of("bob").await, 200);
    assert_eq!(world.gone(), ["bob from room 1"]);
}

#[tokio::test]
async fn no_more_hints_are_looked_into_at_once_than_there_are_places() {
    let world = Arc::new(World::new().await);
    world.are_in_a_call(&["alice", "bob"]);
    world.rooms.answers.forget_permits(100);
    let hints: Vec<_> = (0..=LOOKING)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.hears_of("bob").await })
        })
        .collect();
    // One finds no place, whichever it is. The others are held until it was answered.
    let (first, _, others) = futures_util::future::select_all(hints).await;
    assert_eq!(first.unwrap(), 503);
    world.rooms.answers.add_permits(LOOKING);
    for other in others {
        assert_eq!(other.await.unwrap(), 200);
    }
}

//! A stand-in for Google: gives access tokens to a service account, and takes messages for Android phones as FCM's HTTP v1 API does.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::{PATIENCE, now_ms};

/// The key of the service account.
const KEY: &str = include_str!("../../keys/rsa.pem");
const EMAIL: &str = "push@wigwag-test.iam.gserviceaccount.com";
const KEY_ID: &str = "key-of-the-account";
/// Messages that a test has not asked for yet: more than any makes.
const MOST_TOLD: usize = 10_000;
/// Most bytes of a message's data.
const MOST_DATA: usize = 4_096;

/// What FCM says of a message.
#[derive(Clone)]
pub(crate) enum Says {
    Taken,
    /// A status with the code of an `FcmError`, and `Retry-After` if there is one.
    Code(u16, &'static str, Option<u32>),
    /// That the field is wrong.
    Violates(&'static str),
    /// Nothing at all.
    Nothing,
}

type Answer = Arc<dyn Fn(&Value) -> Says + Send + Sync>;

/// Takes messages and answers them.
pub(crate) struct Google {
    address: SocketAddr,
    sent: mpsc::Receiver<Value>,
    inside: Arc<Inside>,
}

struct Inside {
    tell: mpsc::Sender<Value>,
    answer: Mutex<Answer>,
    /// What is said instead of giving a token.
    denial: Mutex<Option<(u16, Value)>>,
    /// The number of the token that counts; none does when it is none that was given.
    counts: AtomicUsize,
    given: AtomicUsize,
    token_uri: String,
}

impl Google {
    /// One that takes every message.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, sent) = mpsc::channel(MOST_TOLD);
        let taken: Answer = Arc::new(|_| Says::Taken);
        let inside = Arc::new(Inside {
            tell,
            answer: Mutex::new(taken),
            denial: Mutex::default(),
            counts: AtomicUsize::new(0),
            given: AtomicUsize::new(0),
            token_uri: format!("http://{address}/token"),
        });
        let routes = Router::new()
            .route("/token", post(token))
            .route("/v1/projects/wigwag-test/messages:send", post(send))
            .with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, sent, inside }
    }

    /// A table of the configuration, whose file it writes.
    pub(crate) fn table(&self, file: &Path) -> String {
        std::fs::write(file, self.account().to_string()).unwrap();
        format!("[push.fcm]\nservice_account = '{}'\nurl = \"http://{}\"\n", file.display(), self.address)
    }

    /// The file that an operator downloads.
    pub(crate) fn account(&self) -> Value {
        json!({"type": "service_account", "project_id": "wigwag-test", "private_key_id": KEY_ID, "private_key": KEY,
            "client_email": EMAIL, "client_id": "1", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self.inside.token_uri, "universe_domain": "googleapis.com"})
    }

    /// From now on it answers messages so.
    pub(crate) fn answers(&self, answer: impl Fn(&Value) -> Says + Send + Sync + 'static) {
        *self.inside.answer.lock() = Arc::new(answer);
    }

    /// The next messages are answered so, one after the other; the last answer holds for all that follow.
    pub(crate) fn answers_in_turn(&self, answers: &'static [Says]) {
        let turn = AtomicUsize::new(0);
        self.answers(move |_| answers[turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)].clone());
    }

    /// From now on it gives tokens, or says this instead.
    pub(crate) fn denies(&self, denial: Option<(u16, Value)>) {
        *self.inside.denial.lock() = denial;
    }

    /// The tokens that it has given count no more.
    pub(crate) fn revokes_tokens(&self) {
        self.inside.counts.store(usize::MAX, Ordering::SeqCst);
    }

    /// How often it was asked for a token and gave one.
    pub(crate) fn tokens(&self) -> usize {
        self.inside.given.load(Ordering::SeqCst)
    }

    /// The next message that came with a token that counts.
    pub(crate) async fn is_sent(&mut self) -> Value {
        let sent = tokio::time::timeout(PATIENCE, self.sent.recv()).await;
        sent.expect("a message is sent").expect("it lives")
    }

    /// How many messages came that nobody has asked for yet.
    pub(crate) fn was_sent(&mut self) -> usize {
        std::iter::from_fn(|| self.sent.try_recv().ok()).count()
    }
}

/// RFC 7523: a signed assertion for an access token.
async fn token(State(inside): State<Arc<Inside>>, body: String) -> Response {
    let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name| form.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str());
    if let Some((status, says)) = inside.denial.lock().clone() {
        return answer(status, &says, None);
    }
    let is_grant = field("grant_type") == Some("urn:ietf:params:oauth:grant-type:jwt-bearer");
    let wrong = match field("assertion") {
        Some(assertion) if is_grant => what_is_wrong_with(assertion, &inside.token_uri),
        _ => Some("no grant"),
    };
    if let Some(what) = wrong {
        return answer(400, &json!({"error": "invalid_grant", "error_description": what}), None);
    }
    let number = inside.given.fetch_add(1, Ordering::SeqCst) + 1;
    inside.counts.store(number, Ordering::SeqCst);
    let token = format!("ya29.s3cret-{number}");
    answer(200, &json!({"access_token": token, "expires_in": 3_599, "token_type": "Bearer"}), None)
}

fn what_is_wrong_with(assertion: &str, token_uri: &str) -> Option<&'static str> {
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let json = |text: &str| serde_json::from_slice::<Value>(&read(text)).unwrap_or_default();
    let Some((signed, signature)) = assertion.rsplit_once('.') else { return Some("no JWT") };
    let key = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    if public.verify(signed.as_bytes(), &read(signature)).is_err() {
        return Some("Invalid JWT Signature.");
    }
    let (header, claims) = signed.split_once('.').unwrap_or_default();
    let (header, claims) = (json(header), json(claims));
    let number = |name: &str| claims[name].as_u64().unwrap_or_default();
    let now = now_ms() / 1_000;
    let is_good = header == json!({"typ": "JWT", "alg": "RS256", "kid": KEY_ID})
        && claims["iss"] == EMAIL
        && claims["aud"] == token_uri
        && claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        && number("iat").abs_diff(now) < 300
        && number("exp") > now
        && number("exp") - number("iat") <= 3_600;
    (!is_good).then_some("Invalid JWT")
}

async fn send(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: String) -> Response {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let good = format!("Bearer ya29.s3cret-{}", inside.counts.load(Ordering::SeqCst));
    if token != good {
        let says = json!({"error": {"code": 401, "message": "Request had invalid authentication credentials.",
            "status": "UNAUTHENTICATED"}});
        return answer(401, &says, None);
    }
    let message = serde_json::from_str::<Value>(&body).unwrap_or_default()["message"].clone();
    if let Some(field) = wrong_field(&message) {
        return violation(field);
    }
    let says = (Arc::clone(&inside.answer.lock()))(&message);
    // The test may be over.
    inside.tell.send(message).await.ok();
    match says {
        Says::Taken => answer(200, &json!({"name": "projects/wigwag-test/messages/0:1"}), None),
        Says::Violates(field) => violation(field),
        Says::Nothing => std::future::pending().await,
        Says::Code(status, code, retry_after) => {
            let details =
                json!([{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}]);
            let says =
                json!({"error": {"code": status, "message": "no", "status": code, "details": details}});
            answer(status, &says, retry_after)
        }
    }
}

/// The field that FCM would not take.
fn wrong_field(message: &Value) -> Option<&'static str> {
    let data = message["data"].as_object();
    let texts: Option<Vec<(&String, &str)>> =
        data.and_then(|data| data.iter().map(|(name, value)| Some((name, value.as_str()?))).collect());
    let is_used = |name: &str| {
        name == "from" || name == "message_type" || name.starts_with("google") || name.starts_with("gcm")
    };
    let fits = texts.is_some_and(|texts| {
        texts.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>() <= MOST_DATA
            && !texts.iter().any(|(name, _)| is_used(name))
    });
    let ttl = message["android"]["ttl"].as_str().and_then(|ttl| ttl.strip_suffix('s'));
    match () {
        () if !message["token"].is_string() => Some("message.token"),
        () if !fits => Some("message.data"),
        () if ttl.is_none_or(|ttl| ttl.parse::<u32>().is_err()) => Some("message.android.ttl"),
        () if message["android"]["priority"] != "HIGH" => Some("message.android.priority"),
        () if !message["android"]["collapse_key"].is_string() => Some("message.android.collapse_key"),
        () => None,
    }
}

fn violation(field: &str) -> Response {
    let details = json!([
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field, "description": "no"}]},
    ]);
    let says = json!({"error": {"code": 400, "message": "Request contains an invalid argument.",
        "status": "INVALID_ARGUMENT", "details": details}});
    answer(400, &says, None)
}

fn answer(status: u16, says: &Value, retry_after: Option<u32>) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let mut answer = (status, says.to_string()).into_response();
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert("retry-after", seconds.into());
    }
    answer
}

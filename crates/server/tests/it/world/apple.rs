//! A stand-in for Apple: takes pushes by HTTP/2 under TLS as the Apple Push Notification service does, and checks what it checks.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use parking_lot::Mutex;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use uuid::Uuid;

use super::{PATIENCE, now_ms};

const KEY_ID: &str = "ABC1234567";
const TEAM_ID: &str = "TEAM123456";
const TOPIC: &str = "org.example.chat";
/// Pushes that a test has not asked for yet: more than any makes.
const MOST_TOLD: usize = 10_000;

/// What APNs does with a push.
#[derive(Clone, Copy)]
pub(crate) enum Does {
    Take,
    /// Says no, with `Retry-After` if there is one.
    Refuse(u16, &'static str, Option<u32>),
    /// Says nothing, and keeps the connection.
    Nothing,
    /// Says that it closes the connection (`GOAWAY`), without an answer.
    GoAway,
    /// Breaks the connection off.
    HangUp,
    /// Takes it, and says that no more are taken on this connection.
    TakeTheLast,
}

/// A push as it came.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    /// The device's.
    pub(crate) token: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
    /// The number of the connection, from 1.
    pub(crate) connection: usize,
}

impl Pushed {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(is, _)| is == name);
        found.map_or_else(|| panic!("no {name} in {self:?}"), |(_, value)| value.as_str())
    }
}

type Answer = Arc<dyn Fn(&Pushed) -> Does + Send + Sync>;

/// Takes pushes and answers them.
pub(crate) struct Apple {
    address: SocketAddr,
    pushed: mpsc::Receiver<Pushed>,
    inside: Arc<Inside>,
    key: String,
    certificate: String,
}

struct Inside {
    tell: mpsc::Sender<Pushed>,
    answer: Mutex<Answer>,
    public: Vec<u8>,
    connections: AtomicUsize,
}

impl Apple {
    /// One that takes every push.
    pub(crate) async fn start() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let body = STANDARD.encode(pkcs8.as_ref());
        let key = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, private) = (made.cert.pem(), made.signing_key.serialize_pem());
        let acceptor = acceptor(&certificate, &private);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, pushed) = mpsc::channel(MOST_TOLD);
        let taken: Answer = Arc::new(|_| Does::Take);
        let public = pair.public_key().as_ref().to_vec();
        let inside =
            Arc::new(Inside { tell, answer: Mutex::new(taken), public, connections: AtomicUsize::new(0) });
        let accepts = Arc::clone(&inside);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&accepts)));
            }
        });
        Self { address, pushed, inside, key, certificate }
    }

    /// A table of the configuration, whose files it writes.
    pub(crate) fn table(&self, key: &Path, ca: &Path) -> String {
        std::fs::write(key, &self.key).unwrap();
        std::fs::write(ca, &self.certificate).unwrap();
        format!(
            "[push.apns]\nkey_file = '{}'\nkey_id = \"{KEY_ID}\"\nteam_id = \"{TEAM_ID}\"\ntopic = \"{TOPIC}\"\n\
             environment = \"https://localhost:{}\"\nca = '{}'\n",
            key.display(),
            self.address.port(),
            ca.display()
        )
    }

    /// From now on it does so.
    pub(crate) fn does(&self, answer: impl Fn(&Pushed) -> Does + Send + Sync + 'static) {
        *self.inside.answer.lock() = Arc::new(answer);
    }

    /// It does so with the next pushes, one after the other; the last holds for all that follow.
    pub(crate) fn does_in_turn(&self, answers: &'static [Does]) {
        let turn = AtomicUsize::new(0);
        self.does(move |_| answers[turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)]);
    }

    /// The next push.
    pub(crate) async fn is_pushed(&mut self) -> Pushed {
        let pushed = tokio::time::timeout(PATIENCE, self.pushed.recv()).await;
        pushed.expect("it is pushed").expect("it lives")
    }

    /// How many pushes came that nobody has asked for yet.
    pub(crate) fn was_pushed(&mut self) -> usize {
        std::iter::from_fn(|| self.pushed.try_recv().ok()).count()
    }
}

fn acceptor(certificate: &str, key: &str) -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// What is done with a whole connection.
enum Ends {
    Softly,
    GoAway,
    HangUp,
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, inside: Arc<Inside>) {
    stream.set_nodelay(true).unwrap();
    let Ok(stream) = acceptor.accept(stream).await else { return };
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let number = inside.connections.fetch_add(1, Ordering::SeqCst) + 1;
    let (end, mut ends) = mpsc::channel(MOST_TOLD);
    loop {
        tokio::select! {
            asked = connection.accept() => {
                let Some(Ok((asked, answer))) = asked else { return };
                tokio::spawn(take(asked, answer, Arc::clone(&inside), number, end.clone()));
            }
            Some(ends) = ends.recv() => match ends {
                Ends::Softly => connection.graceful_shutdown(),
                Ends::GoAway => connection.abrupt_shutdown(Reason::NO_ERROR),
                Ends::HangUp => return,
            },
        }
    }
}

async fn take(
    asked: Request<RecvStream>,
    mut answer: SendResponse<Bytes>,
    inside: Arc<Inside>,
    connection: usize,
    end: mpsc::Sender<Ends>,
) {
    let (head, mut stream) = asked.into_parts();
    let mut body = Vec::new();
    while let Some(Ok(part)) = stream.data().await {
        stream.flow_control().release_capacity(part.len()).unwrap();
        body.extend_from_slice(&part);
    }
    let headers = head.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let token = head.uri.path().strip_prefix("/3/device/").unwrap_or_default().to_owned();
    let json = serde_json::from_slice(&body).unwrap_or_default();
    let pushed = Pushed { token, headers: headers.collect(), body: json, connection };
    if let Some((status, reason)) = inside.what_is_wrong_with(&head.method, &pushed, body.len()) {
        return says(&mut answer, status, &json!({"reason": reason}), None);
    }
    let does = (Arc::clone(&inside.answer.lock()))(&pushed);
    // The test may be over.
    inside.tell.send(pushed).await.ok();
    match does {
        Does::Take => says(&mut answer, 200, &Value::Null, None),
        Does::Refuse(status, reason, retry_after) => {
            says(&mut answer, status, &json!({"reason": reason}), retry_after);
        }
        Does::Nothing => {
            std::future::pending::<()>().await;
        }
        Does::TakeTheLast => {
            says(&mut answer, 200, &Value::Null, None);
            end.send(Ends::Softly).await.ok();
        }
        Does::GoAway => ends(&end, Ends::GoAway, answer).await,
        Does::HangUp => ends(&end, Ends::HangUp, answer).await,
    }
}

/// The stream is not reset, which would be an answer.
async fn ends(end: &mpsc::Sender<Ends>, how: Ends, _answer: SendResponse<Bytes>) {
    end.send(how).await.ok();
    std::future::pending::<()>().await;
}

impl Inside {
    /// Apple's number and name of it.
    fn what_is_wrong_with(
        &self,
        method: &axum::http::Method,
        pushed: &Pushed,
        bytes: usize,
    ) -> Option<(u16, &'static str)> {
        let header = |name: &str| {
            let found = pushed.headers.iter().find(|(is, _)| is == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let (kind, priority) = (header("apns-push-type"), header("apns-priority"));
        let is_voip = kind == "voip";
        let topic = if is_voip { format!("{TOPIC}.voip") } else { TOPIC.to_owned() };
        let id = Uuid::parse_str(header("apns-id")).map(|id| id.hyphenated().to_string());
        let is_hex = pushed.token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_quiet = pushed.body["aps"].get("alert").is_none();
        match () {
            () if method != "POST" => Some((405, "MethodNotAllowed")),
            () if pushed.token.is_empty() || !is_hex => Some((400, "BadDeviceToken")),
            () if !self.is_known(header("authorization")) => Some((403, "InvalidProviderToken")),
            () if header("apns-topic") != topic => Some((400, "BadTopic")),
            () if !["alert", "voip", "background"].contains(&kind) => Some((400, "InvalidPushType")),
            () if !id.is_ok_and(|id| id == header("apns-id")) => Some((400, "BadMessageId")),
            () if priority != if kind == "background" { "5" } else { "10" } => Some((400, "BadPriority")),
            () if header("apns-expiration").parse::<u64>().is_err() => Some((400, "BadExpirationDate")),
            () if !(1..=64).contains(&header("apns-collapse-id").len()) => Some((400, "BadCollapseId")),
            () if is_quiet && kind == "alert" => Some((400, "PayloadEmpty")),
            () if bytes > if is_voip { 5_120 } else { 4_096 } => Some((413, "PayloadTooLarge")),
            () => None,
        }
    }

    fn is_known(&self, authorization: &str) -> bool {
        let token = authorization.strip_prefix("bearer ").unwrap_or_default();
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let json = |text: &str| serde_json::from_slice::<Value>(&read(text)).unwrap_or_default();
        let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.public);
        let (header, claims) = signed.split_once('.').unwrap_or_default();
        let made = json(claims)["iat"].as_u64().unwrap_or_default();
        public.verify(signed.as_bytes(), &read(signature)).is_ok()
            && json(header)["alg"] == "ES256"
            && json(header)["kid"] == KEY_ID
            && json(claims)["iss"] == TEAM_ID
            && made.abs_diff(now_ms() / 1_000) < 3_600
    }
}

fn says(answer: &mut SendResponse<Bytes>, status: u16, says: &Value, retry_after: Option<u32>) {
    let mut head = Response::builder().status(status);
    if let Some(seconds) = retry_after {
        head = head.header("retry-after", seconds);
    }
    // Whoever asked may be gone.
    let Ok(mut stream) = answer.send_response(head.body(()).unwrap(), says.is_null()) else { return };
    if !says.is_null() {
        stream.send_data(Bytes::from(says.to_string()), true).ok();
    }
}

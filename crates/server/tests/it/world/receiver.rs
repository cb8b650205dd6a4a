//! A back end that is told by webhooks.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::block_in_place;

/// Far above the pauses of those who tell, and what a loaded machine needs.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// Requests that a test has not asked for yet: more than any makes.
const MOST_TOLD: usize = 10_000;

/// What every receiver of the tests signs with: 32 bytes.
pub(crate) const SECRET: &str = "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// What stands in the address behind `token=t0ken`.
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    /// As text, as far as it is.
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(is, _)| is == name);
        header.map_or_else(|| panic!("no {name} in {self:?}"), |(_, value)| value.as_str())
    }

    /// A parameter of the query; empty when there is none.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let parameters = self.query.split('&').filter_map(|parameter| parameter.split_once('='));
        parameters.into_iter().find(|(is, _)| *is == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }
}

/// The head of an answer; `None` = there is none.
type Answer = Arc<dyn Fn(&Told) -> Option<String> + Send + Sync>;

/// Takes requests and answers them.
pub(crate) struct Receiver {
    address: SocketAddr,
    told: mpsc::Receiver<Told>,
    answer: Arc<Mutex<Answer>>,
}

impl Receiver {
    /// One that answers 204.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::channel(MOST_TOLD);
        let taken: Answer = Arc::new(|_| Some(head(204, "")));
        let answer = Arc::new(Mutex::new(taken));
        let answers = Arc::clone(&answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, tell.clone(), Arc::clone(&answers)));
            }
        });
        Self { address, told, answer }
    }

    /// From now on it answers so; `None` = not at all.
    pub(crate) fn answers(&self, answer: impl Fn(&Told) -> Option<u16> + Send + Sync + 'static) {
        *self.answer.lock() = Arc::new(move |told| answer(told).map(|status| head(status, "")));
    }

    /// From now on it says this.
    pub(crate) fn says(&self, answer: impl Fn(&Told) -> Value + Send + Sync + 'static) {
        *self.answer.lock() = Arc::new(move |told| {
            let body = answer(told).to_string();
            Some(format!("HTTP/1.1 200 x\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
        });
    }

    /// From now on it waits, and says this once what is given back is dropped.
    pub(crate) fn says_later(&self, answer: Value) -> Held {
        let (held, let_go) = std::sync::mpsc::channel();
        let let_go = Mutex::new(let_go);
        self.says(move |_| {
            block_in_place(|| let_go.lock().recv().unwrap_err());
            answer.clone()
        });
        Held(held)
    }

    /// From now on it sends everybody there.
    pub(crate) fn sends_to(&self, url: &str) {
        let redirect = head(307, &format!("Location: {url}\r\n"));
        *self.answer.lock() = Arc::new(move |_| Some(redirect.clone()));
    }

    /// How many requests came that nobody has asked for yet.
    pub(crate) fn was_told(&mut self) -> usize {
        std::iter::from_fn(|| self.told.try_recv().ok()).count()
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Where it takes requests.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks?token=t0ken", self.address)
    }

    /// A table of the configuration.
    pub(crate) fn endpoint(&self, name: &str) -> String {
        endpoint(name, &self.address())
    }

    /// The next request.
    pub(crate) async fn is_told(&mut self) -> Told {
        let told = tokio::time::timeout(PATIENCE, self.told.recv()).await;
        told.expect("the receiver is told").expect("it lives")
    }

    /// The next requests, until each of these kinds has come.
    pub(crate) async fn is_told_of(&mut self, kinds: &[&str]) -> Vec<Told> {
        let mut all: Vec<Told> = Vec::new();
        while !kinds.iter().all(|kind| all.iter().any(|told| told.kind() == *kind)) {
            all.push(self.is_told().await);
        }
        all
    }

    /// The next requests, until so many events have come.
    pub(crate) async fn is_told_ids(&mut self, number: usize) -> Vec<Told> {
        let (mut all, mut ids) = (Vec::new(), BTreeSet::new());
        while ids.len() < number {
            let told = self.is_told().await;
            ids.insert(told.header("webhook-id").to_owned());
            all.push(told);
        }
        all
    }
}

/// Holds a receiver's answers back.
pub(crate) struct Held(#[expect(dead_code, reason = "it is dropped")] std::sync::mpsc::Sender<()>);

/// A table of the configuration.
pub(crate) fn endpoint(name: &str, address: &str) -> String {
    format!(
        "[[webhooks.endpoints]]\nname = \"{name}\"\nurl = \"http://{address}/hooks?token=t0ken\"\nsecret = \"{SECRET}\"\n"
    )
}

/// Requests on one connection.
async fn take(stream: TcpStream, tell: mpsc::Sender<Told>, answer: Arc<Mutex<Answer>>) {
    let mut stream = BufReader::new(stream);
    while let Some(told) = read(&mut stream).await {
        let answering = Arc::clone(&*answer.lock());
        // The test may be over.
        tell.send(told.clone()).await.ok();
        let answer = answering(&told);
        let Some(answer) = answer else { return std::future::pending().await };
        if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn head(status: u16, more: &str) -> String {
    let length = if status == 204 { "" } else { "Content-Length: 0\r\n" };
    format!("HTTP/1.1 {status} x\r\n{more}{length}\r\n")
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Told> {
    let mut headers = Vec::new();
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|bytes| *bytes > 0)?;
    let query =
        line.strip_prefix("POST /hooks?token=t0ken").and_then(|rest| rest.strip_suffix(" HTTP/1.1\r\n"));
    let query = query.unwrap_or_else(|| panic!("{line}")).to_owned();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|bytes| *bytes > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Told { query, headers, body: String::from_utf8_lossy(&body).into_owned(), bytes: body })
}

/// What a back end of Tencent's expects as `Sign` under this token.
pub(crate) fn tencents_sign(token: &str, time: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{token}{time}").as_bytes());
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

//! A back end: a program with a key that speaks to the server over HTTP.

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Answer, PATIENCE, World, wigwag};

/// A back end with a key.
pub(crate) struct BackEnd {
    pub(crate) key: String,
}

impl World {
    /// Makes a key, as an operator does; a running server takes it over soon.
    pub(crate) fn makes_key(&self, name: &str, scopes: &str) -> String {
        std::fs::create_dir_all(self.data()).unwrap();
        let (config, data) = (self.config_file(), self.data());
        let (config, data) = (config.to_string_lossy(), data.to_string_lossy());
        let made = wigwag(&["key", "create", name, "--scopes", scopes, "--config", &config, "--data", &data]);
        assert!(made.succeeded, "{made:?}");
        made.said.trim().to_owned()
    }

    /// A back end with a new key that counts already.
    pub(crate) async fn back_end(&self, name: &str, scopes: &str) -> BackEnd {
        let key = tokio::task::block_in_place(|| self.makes_key(name, scopes));
        let back_end = BackEnd { key };
        back_end.becomes(self, |status| status != 401).await;
        back_end
    }
}

impl BackEnd {
    /// Asks, with a body if there is one.
    pub(crate) async fn asks(&self, world: &World, request: &str, body: Option<Value>) -> Answer {
        self.asks_under("", world, request, body).await
    }

    /// The same under an idempotency key.
    pub(crate) async fn asks_under(
        &self,
        idempotency_key: &str,
        world: &World,
        request: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut headers = vec![format!("Authorization: Bearer {}", self.key)];
        headers.extend(body.is_some().then(|| "Content-Type: application/json".to_owned()));
        headers.extend((!idempotency_key.is_empty()).then(|| format!("Idempotency-Key: {idempotency_key}")));
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        world.asks(request, &headers, &body).await
    }

    /// The reply to a request that succeeds.
    pub(crate) async fn gets(&self, world: &World, request: &str, body: Option<Value>) -> Value {
        let answer = self.asks(world, request, body).await;
        assert_eq!(answer.status, 200, "{request}: {answer:?}");
        assert_eq!(
            (answer.header("content-type"), answer.header("cache-control")),
            ("application/json", "no-store")
        );
        answer.json()
    }

    /// Sends a request and goes away without hearing the answer.
    pub(crate) async fn sends(&self, world: &World, request: &str, idempotency_key: &str) -> TcpStream {
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        let head = format!(
            "{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {idempotency_key}\r\nContent-Length: 0\r\n\r\n",
            self.key
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Waits until the server answers requests with this key as is wanted.
    pub(crate) async fn becomes(&self, world: &World, wanted: impl Fn(u16) -> bool) {
        let becoming = async {
            while !wanted(self.asks(world, "GET /v1/users/nobody", None).await.status) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, becoming).await.expect("the server takes the key over");
    }
}

impl Answer {
    /// A problem with this status and reason.
    pub(crate) fn is_problem(&self, status: u16, reason: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["reason"], reason, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("urn:wigwag:problem:{reason}"), "{problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["code"].is_i64());
        problem
    }
}

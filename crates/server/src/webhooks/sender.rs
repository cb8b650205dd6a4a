//! One request to an endpoint.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use tokio::task::spawn_blocking;
use ureq::http::Response;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use super::address::{AddressRange, Guarded};
use super::endpoint::Endpoint;
use super::form::Form;
use super::payload::Payload;

/// For a whole request, the look-up of the name with it.
const TIME_LIMIT: Duration = Duration::from_secs(15);
/// What is read of an answer, bytes, so that its connection can be used again.
const READ_OF_ANSWER: u64 = 16 * 1024;

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 2xx.
    Delivered,
    /// The endpoint answers and does not want this one: a status that is none of the others.
    Refused(u16),
    /// No connection, no answer in time, 408, 429 or 5xx.
    Unanswered(Trouble),
}

impl Outcome {
    /// For figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused(_) => "refused",
            Self::Unanswered(_) => "unanswered",
        }
    }
}

/// Why there was no answer. Words for the log, without the address and what may be secret in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Status(u16),
    TookTooLong,
    NotAllowed,
    NotFound,
    Encryption,
    Broken,
    /// It has refused as many events as can be set aside.
    RefusesTooMuch,
}

impl Trouble {
    /// What the endpoint answered, if it did.
    pub(super) fn status(self) -> Option<u16> {
        if let Self::Status(status) = self { Some(status) } else { None }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Status(status) => return write!(f, "it answers with status {status}"),
            Self::TookTooLong => "it takes too long",
            Self::NotAllowed => "its name leads to an address that the configuration does not allow",
            Self::NotFound => "its name is not found",
            Self::Encryption => "its certificate is not accepted",
            Self::Broken => "the connection fails",
            Self::RefusesTooMuch => "it refuses too many events",
        })
    }
}

/// Makes requests to one endpoint.
pub(super) struct Sender {
    agent: Agent,
    url: String,
    form: Form,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In how many seconds it wants to be asked again, if it says so in a number (RFC 9110 section 10.2.3).
    pub(crate) retry_after: Option<u64>,
    /// At most [`READ_OF_ANSWER`].
    pub(crate) body: Vec<u8>,
}

impl Sender {
    pub(super) fn new(endpoint: &Endpoint, allowed: Vec<AddressRange>) -> Self {
        Self::within(TIME_LIMIT, endpoint, allowed)
    }

    /// One whose requests take no longer than this.
    pub(super) fn within(limit: Duration, endpoint: &Endpoint, allowed: Vec<AddressRange>) -> Self {
        Self { agent: guarded(limit, allowed), url: endpoint.url.clone(), form: endpoint.form.clone() }
    }

    /// In which form it asks and tells.
    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    /// Sends it; `seconds` is the time of this attempt.
    pub(super) async fn send(self: std::sync::Arc<Self>, payload: Payload, seconds: u64) -> Outcome {
        outcome_of(&self.ask(payload, seconds).await)
    }

    /// The same, for who wants to know what is answered.
    pub(super) async fn ask(
        self: std::sync::Arc<Self>,
        payload: Payload,
        seconds: u64,
    ) -> Result<Answer, Trouble> {
        let asked = spawn_blocking(move || self.request(&payload, seconds)).await;
        asked.unwrap_or(Err(Trouble::Broken))
    }

    fn request(&self, payload: &Payload, seconds: u64) -> Result<Answer, Trouble> {
        let request = self.agent.post(self.form.address(&self.url, payload, seconds));
        let signed = self.form.signed(request, payload, seconds);
        answer(signed.content_type("application/json").send(payload.body.as_bytes()))
    }
}

/// Makes requests to public addresses and to those that the operator has named, and follows no redirects. None takes longer than `limit`.
pub(crate) fn guarded(limit: Duration, allowed: Vec<AddressRange>) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(limit))
        .http_status_as_error(false)
        .max_redirects(0)
        // A proxy would look the name up by itself.
        .proxy(None)
        .user_agent(concat!("wigwag/", env!("CARGO_PKG_VERSION")))
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guarded { allowed })
}

/// What came of a request.
pub(crate) fn outcome(sent: Result<Response<Body>, ureq::Error>) -> Outcome {
    outcome_of(&answer(sent))
}

/// What an answer says.
pub(crate) fn outcome_of(answer: &Result<Answer, Trouble>) -> Outcome {
    match answer {
        Ok(answer) => by_status(answer.status),
        Err(trouble) => Outcome::Unanswered(*trouble),
    }
}

/// What came back, or why nothing did.
pub(crate) fn answer(sent: Result<Response<Body>, ureq::Error>) -> Result<Answer, Trouble> {
    match sent {
        Ok(mut answer) => {
            let mut body = Vec::new();
            // A connection that breaks now is not used again; the status has been said.
            answer.body_mut().as_reader().take(READ_OF_ANSWER).read_to_end(&mut body).ok();
            let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            let retry_after = retry_after.and_then(|seconds| seconds.trim().parse().ok());
            Ok(Answer { status: answer.status().as_u16(), retry_after, body })
        }
        Err(error) => Err(trouble(&error)),
    }
}

fn by_status(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        408 | 429 | 500.. => Outcome::Unanswered(Trouble::Status(status)),
        _ => Outcome::Refused(status),
    }
}

fn trouble(error: &ureq::Error) -> Trouble {
    let kind = if let ureq::Error::Io(error) = error { Some(error.kind()) } else { None };
    if matches!(error, ureq::Error::Timeout(_)) || kind == Some(ErrorKind::TimedOut) {
        Trouble::TookTooLong
    } else if matches!(error, ureq::Error::HostNotFound) {
        Trouble::NotFound
    } else if matches!(error, ureq::Error::Tls(_) | ureq::Error::Rustls(_))
        || kind == Some(ErrorKind::InvalidData)
    {
        Trouble::Encryption
    } else if kind == Some(ErrorKind::PermissionDenied) {
        Trouble::NotAllowed
    } else {
        Trouble::Broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_becomes_of_the_event() {
        for (status, outcome) in [
            (200, Outcome::Delivered),
            (204, Outcome::Delivered),
            (302, Outcome::Refused(302)),
            (400, Outcome::Refused(400)),
            (410, Outcome::Refused(410)),
            (408, Outcome::Unanswered(Trouble::Status(408))),
            (429, Outcome::Unanswered(Trouble::Status(429))),
            (503, Outcome::Unanswered(Trouble::Status(503))),
        ] {
            assert_eq!(by_status(status), outcome, "{status}");
        }
    }

    /// All of them are this machine, however they are written.
    #[test]
    fn no_request_goes_inside() {
        for url in [
            "https://localhost:1/hooks?token=t0ken",
            "https://127.0.0.1:1",
            "https://[::1]:1",
            "https://[::ffff:127.0.0.1]:1",
            "https://2130706433:1",
            "https://0x7f000001:1",
            "https://127.1:1",
        ] {
            let secret = format!("whsec_{}", "QUFB".repeat(11));
            let written = serde_json::json!({"name": "shop", "url": url, "secret": secret});
            let endpoint = Endpoint::new(&serde_json::from_value(written).unwrap(), 1).unwrap();
            let event = crate::store::JournalEvent {
                id: crate::store::EventId(1),
                time: 1,
                body: r#""type":"call.ended"}"#.to_owned(),
            };
            let sender = Sender::new(&endpoint, vec!["10.0.0.0/8".parse().unwrap()]);
            let outcome = sender.request(&Payload::of(&event).unwrap(), 1);
            // Not every machine's resolver takes a number for an address.
            let outcome = outcome.map(|answer| answer.status).unwrap_err();
            let is_kept_out = [Trouble::NotAllowed, Trouble::NotFound].contains(&outcome);
            assert!(is_kept_out, "{url}: {outcome:?}");
        }
    }
}

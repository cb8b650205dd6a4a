//! One client, as Python holds it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyStopAsyncIteration};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;
use wigwag_client::protocol::{CallId, InviteId, Method};
use wigwag_client::{Client, Error, Inviting, Ringing, Token, Trouble};

use crate::guard::{Kept, guarded, wrong};
use crate::library;
use crate::options::{Options, parse};
use crate::reading::Reading;
use crate::tokens::{self, TokenRequests};
use crate::waiting::Waiting;
use crate::wakeups::Wakeups;
use crate::words::{self, Told, json_of};

/// A client that signs in and stays signed in until it is closed.
#[pyclass(frozen, module = "wigwag._native")]
pub(crate) struct NativeClient {
    held: Mutex<Kept<Held>>,
    threads: Handle,
    is_closed: AtomicBool,
}

/// What the threads know, too.
struct Held {
    client: Client,
    reading: Reading,
    /// Questions for a token, until they are taken; none where it is fixed.
    tokens: Option<TokenRequests>,
}

#[pymethods]
impl NativeClient {
    /// Starts at once; requests can be made before it is signed in.
    #[new]
    fn new(py: Python<'_>, options: Options) -> PyResult<Self> {
        guarded(|| {
            let threads = library::threads()?;
            let (token, tokens) = if let Some(token) = options.token.clone() {
                (Token::Fixed(token), None)
            } else {
                let (token, asked) = tokens::asked();
                (token, Some(asked))
            };
            let builder = options.builder(token)?;
            // It reads the cursor's file and the system's certificates.
            let started = py.detach(|| {
                let _inside = threads.enter();
                builder.start()
            });
            let (client, events) = started.map_err(|why| cannot_start(&why))?;
            let reading = Reading::new(Ringing::new(client.clone(), events));
            let held = Mutex::new(Kept::new(Held { client, reading, tokens }));
            Ok(Self { held, threads, is_closed: AtomicBool::new(false) })
        })
    }

    /// Calls a method of the protocol; `params` is a JSON object.
    fn request(&self, method: &str, params: String) -> PyResult<Waiting> {
        self.with(|held| {
            let method = method_of(method)?;
            let params = RawValue::from_string(params).map_err(|why| wrong(why.to_string()))?;
            let reply = held.client.request(method, &params);
            Ok(self.waiting(async { Ok(reply.await?.get().to_owned()) }))
        })
    }

    /// Invites one user; gives the inviteID at once.
    fn invite(&self, params: &str) -> PyResult<(String, Waiting)> {
        self.with(|held| Ok(self.inviting(held.client.invite(read(params)?))))
    }

    /// Invites members of a group; gives the inviteID at once.
    fn invite_in_group(&self, params: &str) -> PyResult<(String, Waiting)> {
        self.with(|held| Ok(self.inviting(held.client.invite_in_group(read(params)?))))
    }

    /// The next event: its type, and its fields as JSON. None as `Waiting.poll` gives it; raises at the end.
    fn poll_event(&self, wakeups: &Wakeups, ticket: u64) -> PyResult<Option<Told>> {
        self.with(|held| match held.reading.poll_next(wakeups.waker(ticket)) {
            Poll::Ready(Some(event)) => Ok(Some(words::of_event(&event, held.client.server_time()))),
            Poll::Ready(None) => Err(PyStopAsyncIteration::new_err(())),
            Poll::Pending => Ok(None),
        })
    }

    /// The questions for tokens, once.
    fn token_requests(&self) -> PyResult<TokenRequests> {
        self.with(|held| held.tokens.take().ok_or_else(|| wrong("nobody asks for tokens here")))
    }

    /// Waits for the session.
    fn signed_in(&self, within_ms: Option<u64>) -> PyResult<Waiting> {
        self.with(|held| {
            let client = held.client.clone();
            Ok(self.waiting(async move {
                let signed_in = client.signed_in();
                let user_id = match within_ms {
                    None => signed_in.await,
                    Some(longest) => match timeout(Duration::from_millis(longest), signed_in).await {
                        Ok(outcome) => outcome,
                        Err(_) => return Err(Trouble::connect_timeout()),
                    },
                };
                Ok(json!({ "userID": user_id? }).to_string())
            }))
        })
    }

    /// Ends the session, also when nobody waits for that. `finish`: the event in hand was dealt with.
    fn close(&self, finish: bool) -> PyResult<Waiting> {
        self.with(|held| {
            self.is_closed.store(true, Ordering::Release);
            if finish {
                held.reading.finish();
            }
            let closed = end(held, &self.threads);
            Ok(self.waiting(async {
                // It is gone when the process ends.
                closed.await.unwrap_or_default();
                Ok("{}".to_owned())
            }))
        })
    }

    /// Where the connection stands.
    fn state(&self) -> PyResult<&'static str> {
        self.with(|held| Ok(words::state_name(&held.client.state())))
    }

    fn server_time(&self) -> PyResult<Option<u64>> {
        self.with(|held| Ok(held.client.server_time()))
    }

    /// What is open as far as this device was told, JSON.
    fn invitations(&self) -> PyResult<String> {
        self.with(|held| Ok(json_of(&held.client.invitations())))
    }

    fn invitation(&self, invite_id: &str) -> PyResult<Option<String>> {
        self.with(|held| {
            let known = held.client.invitation(&parse(invite_id, InviteId::parse)?);
            Ok(known.as_ref().map(json_of))
        })
    }

    /// The calls that run as far as this device was told, JSON.
    fn running_calls(&self) -> PyResult<String> {
        self.with(|held| Ok(json_of(&held.client.calls())))
    }

    fn known_call(&self, call_id: &str) -> PyResult<Option<String>> {
        self.with(|held| {
            let known = held.client.known_call(&parse(call_id, CallId::parse)?);
            Ok(known.as_ref().map(json_of))
        })
    }
}

impl NativeClient {
    fn with<T>(&self, body: impl FnOnce(&mut Held) -> PyResult<T>) -> PyResult<T> {
        guarded(|| {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            // It is taken by the destructor alone.
            held.get().map_or_else(|| Err(wrong("this client is gone")), body)
        })
    }

    fn waiting(&self, outcome: impl Future<Output = Result<String, Trouble>> + Send + 'static) -> Waiting {
        Waiting::new(&self.threads, outcome)
    }

    fn inviting(&self, inviting: Inviting) -> (String, Waiting) {
        let invite_id = inviting.invite_id().to_string();
        (invite_id, self.waiting(async { Ok(json_of(&inviting.await?)) }))
    }
}

/// A client that was forgotten is closed, so that what was not read is told again after the next start.
impl Drop for NativeClient {
    fn drop(&mut self) {
        if library::is_forked() || self.is_closed.load(Ordering::Acquire) {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get() {
            drop(end(held, &self.threads));
        }
    }
}

/// Ends the session on our own threads, so that it ends whoever waits.
fn end(held: &Held, threads: &Handle) -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    let (client, reading) = (held.client.clone(), held.reading.clone());
    threads.spawn(async move {
        client.close().await;
        reading.end();
        tell.send(()).unwrap_or_default();
    });
    told
}

fn method_of(name: &str) -> PyResult<Method> {
    match Method::parse(name) {
        Some(Method::SessionOpen | Method::SessionAck | Method::SessionClose) => {
            Err(wrong(format!("{name} is called by the client itself")))
        }
        Some(method) => Ok(method),
        None => {
            Err(wrong(format!("there is no method {name:?}; docs/protocol.md lists them under \"Methods\"")))
        }
    }
}

/// Params of a method, or what is wrong with them.
fn read<T: DeserializeOwned>(params: &str) -> PyResult<T> {
    serde_json::from_str(params).map_err(|why| {
        let words = why.to_string();
        wrong(words.split_once(" at line ").map_or(words.as_str(), |(words, _)| words))
    })
}

fn cannot_start(why: &Error) -> PyErr {
    let words = why.to_string();
    match why {
        Error::CursorStore(_) | Error::Tls(_) => PyOSError::new_err(words),
        Error::InvalidUrl(_)
        | Error::Refused(_)
        | Error::TimedOut
        | Error::Disconnected
        | Error::Stopped(_)
        | Error::Unreadable(_) => wrong(words),
    }
}

//! Tokens from a function of the app's: the client asks, Python hears it and answers.

use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;
use tokio::sync::{mpsc, oneshot};
use wigwag_client::Token;

use crate::guard::{Kept, guarded};
use crate::wakeups::Wakeups;

type Answer = oneshot::Sender<Result<String, String>>;

/// The client wants a token for its next sign-in.
#[pyclass(frozen, module = "wigwag._native")]
pub(crate) struct TokenRequest {
    answer: Mutex<Kept<Answer>>,
}

#[pymethods]
impl TokenRequest {
    fn give(&self, token: String) -> PyResult<()> {
        self.settle(Ok(token))
    }

    /// There is no token now; the client asks again after a while.
    fn fail(&self, why: String) -> PyResult<()> {
        self.settle(Err(why))
    }
}

impl TokenRequest {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { answer: Mutex::new(Kept::new(answer)) }
    }

    fn settle(&self, outcome: Result<String, String>) -> PyResult<()> {
        guarded(|| {
            if let Some(answer) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                // The client may have stopped waiting; then it asks again.
                answer.send(outcome).unwrap_or_default();
            }
            Ok(())
        })
    }
}

/// A client's questions. They do not keep the client, and end with it.
#[pyclass(frozen, module = "wigwag._native")]
pub(crate) struct TokenRequests {
    asked: Mutex<Kept<mpsc::Receiver<Answer>>>,
}

#[pymethods]
impl TokenRequests {
    /// The next question. None as `Waiting.poll` gives it; raises at the end.
    fn poll(&self, wakeups: &Wakeups, ticket: u64) -> PyResult<Option<TokenRequest>> {
        guarded(|| {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let waker = wakeups.waker(ticket);
            match asked.get().map(|asked| asked.poll_recv(&mut Context::from_waker(&waker))) {
                Some(Poll::Pending) => Ok(None),
                Some(Poll::Ready(Some(answer))) => Ok(Some(TokenRequest::new(answer))),
                Some(Poll::Ready(None)) | None => Err(PyStopAsyncIteration::new_err(())),
            }
        })
    }
}

impl TokenRequests {
    fn new(asked: mpsc::Receiver<Answer>) -> Self {
        Self { asked: Mutex::new(Kept::new(asked)) }
    }
}

/// A token that is asked for, and where the questions come out.
pub(crate) fn asked() -> (Token, TokenRequests) {
    let (asks, asked) = mpsc::channel::<Answer>(1);
    let token = Token::provider(move || {
        let asks = asks.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            asks.send(answer).await?;
            Ok(answered.await??)
        }
    });
    (token, TokenRequests::new(asked))
}

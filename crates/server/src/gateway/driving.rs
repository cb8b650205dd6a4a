//! What the drivers of a session do alike, whatever protocol it speaks: mail and pages become inputs, and the end is said.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wigwag_protocol::{CloseCode, UserId};
use wigwag_session::Codec;
use wigwag_session::session::{Ending, Input};

use super::Gateway;
use super::socket::{Gone, Socket};
use crate::door::Door;
use crate::router::registry::{self, Mail};
use crate::store::{StoreError, StreamPage};
use crate::telemetry::Throttle;

/// Events read from the store at once: about 100 KiB of frames.
const PAGE: usize = 200;

/// Why a driver stops.
pub(super) enum End {
    /// The session wants the connection closed.
    Close(Ending),
    /// The session was ended from outside, and the device does not take what waits for it.
    Slow,
    /// The connection is over.
    Gone,
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl End {
    /// The close code of the session's end; 0 when nobody is there to be told. `ended` is why it was ended from outside.
    pub(super) fn code(&self, ended: CloseCode) -> u16 {
        match self {
            Self::Close(ending) => ending.number(),
            Self::Slow => ended.number(),
            Self::Gone => 0,
        }
    }

    /// Counts the end and says it to the device. `outside` is how the session was ended from outside, if it was. Await it in a box:
    /// a connection that lives should not hold room for its end.
    pub(super) async fn say(self, gateway: &Gateway, mut socket: Socket, outside: &registry::Ending) {
        match self {
            Self::Close(ending) => {
                gateway.metrics.session_closed(match ending {
                    Ending::Code(code) => Some(code),
                    Ending::Breach(_) => None,
                });
                socket.close(ending).await;
            }
            Self::Slow => {
                gateway.metrics.session_closed(Some(outside.code()));
                // The rest of a frame can be waited for, but not when its memory is needed now.
                if socket.let_go() || !outside.is_cut_off() {
                    socket.close(Ending::Code(outside.code())).await;
                }
            }
            Self::Gone => gateway.metrics.session_closed(None),
        }
    }
}

/// What a piece of mail is to the session; `None` for what only says that there is news. No mail means that it was ended from outside.
pub(super) fn input_of<C: Codec>(
    mail: Option<Mail>,
    outside: &registry::Ending,
) -> Option<Input<'static, C>> {
    match mail {
        Some(Mail::Event(parcel, cursor)) => Some(Input::Event(Arc::clone(&parcel.event), cursor)),
        Some(Mail::Reply(reply)) => Some(Input::Reply(reply)),
        Some(Mail::Behind(head)) => Some(Input::Behind(head)),
        Some(Mail::News) => None,
        None => Some(Input::Ended(outside.code())),
    }
}

/// A page of a user's stream. A reply whose place lies behind it, and requests that are heard meanwhile, wait for it, so it may take no
/// longer than they may, which is `until` ([`super::ahead::Ahead::answered_by`]): then the device is told to come again.
pub(super) async fn page_after(
    door: &Door,
    user: &UserId,
    after: u64,
    until: Instant,
) -> Result<StreamPage, StoreError> {
    let page = timeout_at(until, door.events_after(user, after, PAGE)).await;
    page.unwrap_or_else(|_| Err(StoreError::Unavailable("a page of the stream took too long".to_owned())))
}

/// What a page of the stream is to the session, and how many bytes of events it holds.
pub(super) fn page_of<C: Codec>(
    user: &UserId,
    after: u64,
    page: Result<StreamPage, StoreError>,
) -> (Input<'static, C>, usize) {
    match page {
        Ok(page) => {
            let bytes = page.events.iter().map(|event| event.body.len()).sum();
            (Input::Page(page), bytes)
        }
        Err(error) => {
            log_not_caught_up(user, after, &error);
            (Input::NoPage, 0)
        }
    }
}

/// Once a second: when the store fails, every device that lacks something is told to come back.
fn log_not_caught_up(user: &UserId, after: u64, error: &StoreError) {
    static LINES: Throttle = Throttle::every(Duration::from_secs(1));
    if let Some(sessions) = LINES.pass(1, std::time::Instant::now()) {
        tracing::error!(%user, after, %error, sessions, "catching up failed; the device is told to come again");
    }
}

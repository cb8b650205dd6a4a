//! `livekit`: a LiveKit server carries the media. Its webhooks tell who may be gone from a room, and its room API who is.

mod rooms;
mod token;
mod watch;
mod webhook;

use std::fmt;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wigwag_protocol::media::{MediaAccess, MediaProvider};

use super::Guest;
use crate::clock::{Clock, wall_ms};
use crate::config::LivekitAccount;
use rooms::RoomApi;
use token::Signer;
pub use watch::{Present, RoomCalls};

/// Hints that are looked into at once. Each has a thread while LiveKit is asked; those that find no place come again.
const LOOKING: usize = 8;

pub(super) struct Livekit {
    url: String,
    signer: Signer,
}

impl Livekit {
    pub(super) fn new(account: &LivekitAccount) -> Self {
        Self { url: account.url.clone(), signer: Signer::new(account) }
    }

    pub(super) fn access(&self, guest: &Guest<'_>, now_s: u64, until_s: u64) -> MediaAccess {
        MediaAccess {
            live_url: Some(self.url.clone()),
            token: Some(self.signer.for_guest(guest, now_s, until_s)),
            expires_at: Some(until_s.saturating_mul(1_000)),
            ..MediaAccess::new(MediaProvider::Livekit)
        }
    }
}

impl fmt::Debug for Livekit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Livekit").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Takes the webhooks of a LiveKit server.
pub struct Webhooks {
    signer: Arc<Signer>,
    api: RoomApi,
    calls: Arc<dyn RoomCalls>,
    clock: Clock,
    looking: Semaphore,
}

/// A webhook whose token is LiveKit's. Its body is still to come.
pub struct Announced {
    sha256: String,
}

/// Why a webhook was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookRefusal {
    /// LiveKit has not signed it, or something else.
    NotSigned,
    /// Its body is no webhook.
    NotUnderstood,
    /// It could not be looked into now: LiveKit is to send it again.
    Later,
}

impl Webhooks {
    /// For the server of `account`. Whoever is gone from one of its rooms is told to `calls`.
    pub fn new(account: &LivekitAccount, calls: Arc<dyn RoomCalls>, clock: Clock) -> Self {
        let signer = Arc::new(Signer::new(account));
        let api = RoomApi::new(account, Arc::clone(&signer));
        Self { signer, api, calls, clock, looking: Semaphore::new(LOOKING) }
    }

    /// Whether to read the body of a webhook that comes with this Authorization header.
    pub fn announced(&self, authorization: &str) -> Result<Announced, WebhookRefusal> {
        let sha256 = self.signer.body_hash(authorization, wall_ms() / 1_000);
        sha256.map(|sha256| Announced { sha256 }).ok_or(WebhookRefusal::NotSigned)
    }

    /// Returns when what the webhook hints at has been looked into.
    pub async fn take(&self, announced: &Announced, body: &[u8]) -> Result<(), WebhookRefusal> {
        if !webhook::is_body_of(&announced.sha256, body) {
            return Err(WebhookRefusal::NotSigned);
        }
        let hint = webhook::hint(body).map_err(|_| WebhookRefusal::NotUnderstood)?;
        let Some(hint) = hint else { return Ok(()) };
        let _place = self.looking.try_acquire().map_err(|_| WebhookRefusal::Later)?;
        let looked = watch::look_into(&hint, &self.api, &*self.calls, self.clock.now_ms()).await;
        looked.map_err(|error| {
            tracing::warn!(room = hint.room, "a LiveKit webhook could not be looked into: {error}");
            WebhookRefusal::Later
        })
    }

    /// Makes up for webhooks that were lost: whoever is in a call and no more in its room has left it. Asks about each running call.
    pub async fn look_around(&self) {
        if let Err(error) = watch::look_around(&self.api, &*self.calls, self.clock).await {
            tracing::warn!("the LiveKit rooms of running calls could not be looked into: {error}");
        }
    }
}

#[cfg(test)]
mod tests;

//! `livekit`: a LiveKit server carries the media.

mod token;

use wigwag_protocol::media::{MediaAccess, MediaProvider};

use super::Guest;
use crate::config::LivekitAccount;
use token::Signer;

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

impl std::fmt::Debug for Livekit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Livekit").field("url", &self.url).finish_non_exhaustive()
    }
}

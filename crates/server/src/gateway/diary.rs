//! What is said of sign-ins and sessions: in the log, for operators who ask for it (`log.sessions`), and to endpoints of webhooks that name
//! it. A token is never in it.

use std::net::SocketAddr;

use wigwag_protocol::{Device, DeviceId, Reason, UserId};

use super::Gateway;
use crate::store::SessionId;
use crate::webhooks::{Happened, SessionStep};

/// What the log says of a device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signing<'a> {
    pub(super) user: &'a UserId,
    pub(super) device: Option<&'a Device>,
    pub(super) session: SessionId,
    /// When its connection was made, server time in ms.
    pub(super) connected_at: u64,
}

impl Gateway {
    /// Writes down that a session began, and tells whoever wants to know.
    pub(super) fn note_opened(&self, who: Signing<'_>, peer: SocketAddr) {
        self.tell(who, Happened::Opened);
        if self.log_sessions {
            let Signing { user, device, session, .. } = who;
            let platform = device.map(|device| device.platform.number());
            tracing::info!(%user, device = named(device), platform, session = session.0, %peer, "a session was opened");
        }
    }

    /// `claimed` is whom the client says it is; nothing shows that it is true.
    pub(super) fn log_refused(&self, claimed: Option<&UserId>, reason: Reason, peer: SocketAddr) {
        if self.log_sessions {
            let (code, claimed) = (reason.code(), claimed.map(tracing::field::display));
            tracing::info!(reason = reason.as_str(), code, claimed, %peer, "a sign-in was refused");
        }
    }

    /// The same of its end; `code` is 0 when the client or the network ended it.
    pub(super) fn note_closed(&self, who: Signing<'_>, code: u16, seconds: u64) {
        self.tell(who, Happened::Closed(code));
        if self.log_sessions {
            let Signing { user, device, session, .. } = who;
            tracing::info!(%user, device = named(device), session = session.0, code, seconds, "a session ended");
        }
    }

    fn tell(&self, Signing { user, device, connected_at, .. }: Signing<'_>, what: Happened) {
        if !self.session_news.is_empty() {
            let (user, device, at) = (user.clone(), device.cloned(), self.clock.now_ms());
            self.session_news.tell(&SessionStep { user, device, connected_at, at, what });
        }
    }
}

fn named(device: Option<&Device>) -> Option<tracing::field::DisplayValue<&DeviceId>> {
    device.map(|device| tracing::field::display(&device.device_id))
}

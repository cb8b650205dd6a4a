//! The protocol that a client speaks when it connects.

use anyhow::{Context, Result};

use crate::openim;
use crate::sign_in::Identity;
use crate::wire::{self, Said};

/// Where a native client asks for its WebSocket.
pub(crate) const NATIVE_PATH: &str = "/v1/ws";

/// Which protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// JSON-RPC.
    Native,
    /// What OpenIM's clients speak.
    OpenIm,
}

impl Tongue {
    /// Where a connection asks for its WebSocket.
    pub(crate) fn path(self, who: &Identity) -> String {
        match self {
            Self::Native => NATIVE_PATH.to_owned(),
            Self::OpenIm => openim::path(who),
        }
    }

    /// Writes the request that signs in.
    pub(crate) fn sign_in(self, out: &mut String, who: &Identity) {
        match self {
            Self::Native => wire::open(out, 0, &who.user, &who.token, None),
            Self::OpenIm => openim::login(out, who),
        }
    }

    /// The place in the stream at which a client starts, when this frame says that it is signed in; 0 where there are none.
    pub(crate) fn signed_in(self, text: &str) -> Result<Option<u64>> {
        match self {
            Self::Native => match wire::read(text)? {
                // Events may reach those who are signed in while others are not yet.
                Said::Reply(0, told) => {
                    told.cursor.map(Some).context("the reply to session.open has no cursor")
                }
                Said::Reply(..) | Said::Event(_) | Said::CaughtUp(_) => Ok(None),
            },
            Self::OpenIm => Ok(openim::is_signed_in(text)?.then_some(0)),
        }
    }
}

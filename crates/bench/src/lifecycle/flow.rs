//! What a pair does over and over.

use crate::tongue::Tongue;

/// One round between two users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Invite, accept.
    Invitation,
    /// The same into a call, which the caller hangs up.
    Call,
    /// The same into a call that goes on.
    RunningCall,
    /// As [`Self::Call`], by clients of OpenIM's.
    OpenIm,
}

impl Flow {
    /// What its clients speak.
    pub(crate) fn tongue(self) -> Tongue {
        match self {
            Self::Invitation | Self::Call | Self::RunningCall => Tongue::Native,
            Self::OpenIm => Tongue::OpenIm,
        }
    }

    /// Whether it opens a call.
    pub(super) fn is_call(self) -> bool {
        match self {
            Self::Invitation => false,
            Self::Call | Self::RunningCall | Self::OpenIm => true,
        }
    }

    /// Whether the caller hangs up.
    pub(super) fn hangs_up(self) -> bool {
        match self {
            Self::Invitation | Self::RunningCall => false,
            Self::Call | Self::OpenIm => true,
        }
    }
}

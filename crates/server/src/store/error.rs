//! Why a store cannot do what is asked.

use wigwag_session::refused::Failure;

/// Why a store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The disk has no room.
    Full,
    /// The disk or the file system cannot be written or read, in words for the log.
    Disk(String),
    /// A row does not have the form it was written in, in words for the log.
    Unreadable(String),
    /// The event at this cursor of a user's stream cannot be read, and nothing can be told beyond it: devices that lack it
    /// have to resync.
    BrokenStream {
        /// Its place.
        cursor: u64,
    },
    /// Anything else, in words for the log.
    Unavailable(String),
}

impl StoreError {
    /// The kind of failure as a label for the metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Disk(_) => "disk",
            Self::Unreadable(_) | Self::BrokenStream { .. } => "unreadable",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The failure that an asker is told of.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Full => Failure::StoreFull,
            Self::Disk(_) | Self::Unreadable(_) | Self::BrokenStream { .. } | Self::Unavailable(_) => {
                Failure::StoreUnavailable
            }
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("the disk is full"),
            Self::Disk(words) => write!(f, "the disk fails: {words}"),
            Self::BrokenStream { cursor } => write!(f, "the event at cursor {cursor} cannot be read"),
            Self::Unreadable(words) | Self::Unavailable(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for StoreError {}

/// The error for a row that does not have the form it was written in.
pub(super) fn bad_record(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unreadable(format!("a record in the database cannot be read: {error}"))
}

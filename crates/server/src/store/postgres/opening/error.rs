//! Why a database cannot be used.

use std::path::PathBuf;

/// Why a database cannot be used; each says what to do.
#[derive(Debug)]
pub enum OpenError {
    /// The address cannot be understood.
    Address(String),
    /// The address leads to another machine without encryption.
    Exposed,
    /// The file of certificates cannot be used.
    Authority(PathBuf, String),
    /// The server cannot be reached; it may be there in a moment.
    Away(String, String),
    /// The server refuses the login, or cannot be trusted.
    Unreachable(String, String),
    /// PostgreSQL is too old.
    Old(String, String),
    /// The database was written by a newer program.
    Newer {
        /// Its address.
        place: String,
        /// The schema of the database.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// The database has not been brought to this program's schema yet.
    Older {
        /// Its address.
        place: String,
        /// The schema of the database.
        found: u32,
        /// The schema that this program needs.
        known: u32,
    },
    /// The tables cannot be made or changed.
    Tables(String, String),
    /// Another failure, in words for the log.
    Other(String),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(why) => write!(
                f,
                "store.url cannot be read: {why}. It looks like postgres://user:password@host:5432/database?sslmode=require"
            ),
            Self::Exposed => f.write_str(
                "store.url leads to another machine: add ?sslmode=require for TLS, or say ?sslmode=disable if nobody can listen in between",
            ),
            Self::Authority(path, why) => write!(
                f,
                "store.tls_ca = {}: {why}. It must be a file of certificates (PEM)",
                path.display()
            ),
            Self::Away(place, why) | Self::Unreachable(place, why) => write!(
                f,
                "cannot use PostgreSQL at {place}: {why}. Check store.url, and that the server runs and lets this user in"
            ),
            Self::Old(place, version) => {
                write!(f, "PostgreSQL at {place} is version {version}: wigwag needs 15 or newer")
            }
            Self::Newer { place, found, known } => write!(
                f,
                "the database at {place} was written by a newer wigwag (schema {found}; this one knows {known}). Run that version, or restore a backup made before the upgrade"
            ),
            Self::Older { place, found, known } => write!(
                f,
                "the database at {place} has the tables of an older wigwag (schema {found}; this one needs {known}). Run \"wigwag migrate\", or start a server of this version, first"
            ),
            Self::Tables(place, why) => write!(
                f,
                "cannot make or change the tables in the database at {place}: {why}. The user in store.url should own it (ALTER DATABASE … OWNER TO …)"
            ),
            Self::Other(why) => write!(f, "cannot prepare the database: {why}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl OpenError {
    /// Whether it may be over in a moment, without anybody's help.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Away(..) => true,
            Self::Address(_)
            | Self::Exposed
            | Self::Authority(..)
            | Self::Unreachable(..)
            | Self::Old(..)
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Tables(..)
            | Self::Other(_) => false,
        }
    }
}

//! The records of a user's quiet hours: what they set, and who rang them lately.

use wigwag_engine::quiet::{Kept, Rang};
use wigwag_protocol::quiet::Quiet;

use crate::store::{StoreError, bad_record};

/// The record of what a user set.
pub(in crate::store) fn quiet(quiet: &Quiet) -> Result<String, StoreError> {
    serde_json::to_string(quiet).map_err(|error| bad_record(&error))
}

/// The settings of a record; the default without one.
pub(in crate::store) fn read_quiet(record: Option<&str>) -> Result<Quiet, StoreError> {
    let read = record.map(serde_json::from_str).transpose();
    read.map(Option::unwrap_or_default).map_err(|error| bad_record(&error))
}

/// The record of who rang lately.
pub(in crate::store) fn rang(rang: &[Rang]) -> Result<String, StoreError> {
    serde_json::to_string(rang).map_err(|error| bad_record(&error))
}

/// Both records; `None` when the user has set nothing.
pub(in crate::store) fn read_kept(
    quiet: Option<&str>,
    rang: Option<&str>,
) -> Result<Option<Kept>, StoreError> {
    if quiet.is_none() {
        return Ok(None);
    }
    let rang = rang.map(serde_json::from_str).transpose().map_err(|error| bad_record(&error))?;
    Ok(Some(Kept { quiet: read_quiet(quiet)?, rang: rang.unwrap_or_default() }))
}

/// What is wrong with settings that cannot be read; `None` when nothing is.
pub(in crate::store) fn unreadable_quiet(record: &str) -> Option<String> {
    read_quiet(Some(record)).err().map(|error| error.to_string())
}

/// What is wrong with a list of who rang lately; `None` when nothing is.
pub(in crate::store) fn unreadable_rang(record: &str) -> Option<String> {
    serde_json::from_str::<Vec<Rang>>(record).err().map(|error| error.to_string())
}

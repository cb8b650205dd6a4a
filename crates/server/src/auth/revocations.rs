//! Tokens taken back by the operator: lines `userID unixSeconds` in a file. A user's tokens from before that second
//! do not count any more.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use wigwag_protocol::UserId;

use super::watched::Watched;
use super::{AuthError, Identity};

/// Name of the file in the data folder.
pub const REVOKED_FILE: &str = "revoked.txt";

type Cutoffs = HashMap<UserId, u64>;

#[derive(Debug)]
pub(super) struct Revocations(Watched<Cutoffs>);

impl Revocations {
    /// A missing list is empty, but one that cannot be read is an error: starting without it would let revoked
    /// tokens in.
    pub(super) fn new(path: PathBuf) -> Result<Self, AuthError> {
        Watched::new(path, read).map(Self).map_err(AuthError)
    }

    pub(super) fn covers(&self, identity: &Identity, now_ms: u64) -> bool {
        let cutoffs = self.0.current(now_ms);
        cutoffs.get(&identity.user).is_some_and(|cutoff| identity.issued_at_ms < cutoff.saturating_mul(1000))
    }
}

/// Takes back all tokens of `user` made up to `now_ms`, by a line in `data_dir`. Returns the second (since the epoch)
/// from which on new tokens count: the next one, because tokens only tell whole seconds.
pub fn revoke(data_dir: &Path, user: &UserId, now_ms: u64) -> std::io::Result<u64> {
    let cutoff = now_ms / 1000 + 1;
    let path = data_dir.join(REVOKED_FILE);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    // One write, so that two of these commands at once cannot mix their lines.
    file.write_all(format!("{user} {cutoff}\n").as_bytes())?;
    file.sync_all()?;
    Ok(cutoff)
}

fn read(path: &Path) -> Result<Cutoffs, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Cutoffs::new()),
        Err(error) => Err(format!("cannot read the revocations in {}: {error}", path.display())),
    }
}

/// The latest second of each user. A bad line is reported and passed over: the good ones must still count.
fn parse(text: &str) -> Cutoffs {
    let mut cutoffs = Cutoffs::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((user, second)) = parse_line(line) {
            let cutoff = cutoffs.entry(user).or_default();
            *cutoff = second.max(*cutoff);
        } else {
            tracing::error!(
                line = number,
                "{REVOKED_FILE}: a line without effect: not \"userID unixSeconds\""
            );
        }
    }
    cutoffs
}

fn parse_line(line: &str) -> Option<(UserId, u64)> {
    let (user, second) = line.split_once(char::is_whitespace)?;
    Some((UserId::parse(user).ok()?, second.trim().parse().ok()?))
}

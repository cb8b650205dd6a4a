//! Tokens taken back by the operator: a user's tokens that were made before a point in time do not count any more.
//!
//! A server with the embedded store reads them from a file in its data folder, lines `userID unixSeconds`. Servers that share a
//! store read them from there as well, so that one command reaches all of them.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use parking_lot::RwLock;
use wigwag_protocol::UserId;

use super::handing_over::hand_over;
use super::watched::Watched;
use super::{AuthError, Identity};

/// Name of the file in the data folder.
pub const REVOKED_FILE: &str = "revoked.txt";

/// Which tokens of a user do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The user.
    pub user: UserId,
    /// Those made before this time, ms since the epoch. A token that does not say when it was made counts as made at 0.
    pub before_ms: u64,
}

impl Revocation {
    /// Takes back all tokens of `user` made up to `now_ms`. Tokens tell whole seconds only, so it covers the rest of the running
    /// second: one made later in it cannot be told from one made earlier.
    pub fn now(user: UserId, now_ms: u64) -> Self {
        Self { user, before_ms: (now_ms / 1_000 + 1).saturating_mul(1_000) }
    }

    /// How long after `now_ms` every new token counts, ms.
    pub fn over_in_ms(&self, now_ms: u64) -> u64 {
        self.before_ms.saturating_sub(now_ms)
    }
}

/// Users' points in time. One entry per user whom the operator has revoked, about 100 bytes each.
type Cutoffs = HashMap<UserId, u64>;

#[derive(Debug)]
pub(super) struct Revocations {
    file: Watched<Cutoffs>,
    shared: RwLock<Cutoffs>,
}

impl Revocations {
    /// A missing list is empty, but one that cannot be read is an error: starting without it would let revoked
    /// tokens in.
    pub(super) fn new(path: PathBuf) -> Result<Self, AuthError> {
        Ok(Self { file: Watched::new(path, read).map_err(AuthError)?, shared: RwLock::default() })
    }

    pub(super) fn covers(&self, identity: &Identity) -> bool {
        self.cover(&identity.user, identity.issued_at_ms)
    }

    pub(super) fn cover(&self, user: &UserId, issued_at_ms: u64) -> bool {
        let made_before = |cutoff: &u64| issued_at_ms < *cutoff;
        self.file.current().get(user).is_some_and(made_before)
            || self.shared.read().get(user).is_some_and(made_before)
    }

    /// Reads the file again if it has changed. Returns the revocations that are new in it.
    pub(super) fn refresh(&self) -> Vec<Revocation> {
        let Some(before) = self.file.refresh() else { return Vec::new() };
        let now = self.file.current();
        let mut added: Vec<Revocation> = now
            .iter()
            .filter(|(user, cutoff)| before.get(*user).is_none_or(|before| before < *cutoff))
            .map(|(user, cutoff)| Revocation { user: user.clone(), before_ms: *cutoff })
            .collect();
        added.sort_by(|a, b| a.user.cmp(&b.user));
        added
    }

    /// Takes over revocations of the shared store; `complete` when they are all there are. Returns those that are new.
    pub(super) fn learn(&self, found: Vec<Revocation>, complete: bool) -> Vec<Revocation> {
        let mut shared = self.shared.write();
        let is_new = |one: &&Revocation| shared.get(&one.user).is_none_or(|before| *before < one.before_ms);
        let added = found.iter().filter(is_new).cloned().collect();
        if complete {
            shared.clear();
        }
        shared.extend(found.into_iter().map(|revocation| (revocation.user, revocation.before_ms)));
        added
    }
}

/// Writes a revocation into the file in `data_dir`.
pub fn revoke(data_dir: &Path, revocation: &Revocation) -> std::io::Result<()> {
    let Revocation { user, before_ms } = revocation;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let path = data_dir.join(REVOKED_FILE);
    let mut file = options.open(&path)?;
    hand_over(&file, &path)?;
    // One write, so that two of these commands at once cannot mix their lines.
    file.write_all(format!("{user} {}\n", before_ms / 1_000).as_bytes())?;
    file.sync_all()
}

/// The revocations in the file in `data_dir`, the latest of each user, by user.
pub fn kept_revocations(data_dir: &Path) -> Result<Vec<Revocation>, AuthError> {
    let kept = read(&data_dir.join(REVOKED_FILE)).map_err(AuthError)?;
    let revocations = kept.into_iter().map(|(user, before_ms)| Revocation { user, before_ms });
    let mut revocations: Vec<_> = revocations.collect();
    revocations.sort_by(|a, b| a.user.cmp(&b.user));
    Ok(revocations)
}

fn read(path: &Path) -> Result<Cutoffs, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Cutoffs::new()),
        Err(error) => Err(format!("cannot read the revocations in {}: {error}", path.display())),
    }
}

/// The latest time of each user. A bad line is reported and passed over: the good ones must still count.
fn parse(text: &str) -> Cutoffs {
    let mut cutoffs = Cutoffs::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((user, second)) = parse_line(line) {
            let cutoff = cutoffs.entry(user).or_default();
            *cutoff = second.saturating_mul(1_000).max(*cutoff);
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

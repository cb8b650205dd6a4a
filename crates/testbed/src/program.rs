//! The places where the engines' programs are looked for.

use std::path::PathBuf;

/// Advice for when one is missing.
pub(crate) const INSTALL: &str = "on Debian and Ubuntu: apt-get install postgresql nats-server";

/// The folders in which programs are looked for: those of PATH, then `others`.
pub(crate) fn folders(others: &[&str]) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(others.iter().map(PathBuf::from)).collect()
}

/// The program of that name in the first folder that has one, with links followed.
pub(crate) fn find(name: &str, others: &[&str]) -> Option<PathBuf> {
    folders(others).into_iter().find_map(|folder| folder.join(name).canonicalize().ok())
}

//! What `wigwag --version` tells of the program: its version, the commit of its sources, for which machines it was built, what is in it.

use clap::{CommandFactory, FromArgMatches};

use super::Cli;
use crate::page::EMBEDDED;

/// Stands after a commit when the sources had changes that are in no commit.
const CHANGED: char = '+';

impl Cli {
    /// Reads the command line. `commit` is what `--version` names: the short hash, with `+` after it when a file was changed
    /// since; empty when nobody knows, as in an archive of the sources. `main.rs` knows it, so that a new commit compiles nothing else.
    pub fn parse_built_from(commit: &str) -> Self {
        // Clap keeps these words until the process ends.
        let words: &'static str = about(commit).leak();
        let said = Self::command().long_version(words).get_matches();
        Self::from_arg_matches(&said).unwrap_or_else(|error| error.exit())
    }
}

/// What follows the name: the first line is what `-V` tells.
fn about(commit: &str) -> String {
    let debug = if cfg!(debug_assertions) { ", for debugging" } else { "" };
    format!(
        "{}\ncommit    {}\nbuilt     for {}{debug}\nweb page  {}\nconsole   {}",
        env!("CARGO_PKG_VERSION"),
        commit_in_words(commit),
        env!("BUILD_TARGET"),
        presence("index.html"),
        presence("console/index.html"),
    )
}

fn commit_in_words(commit: &str) -> String {
    match commit.strip_suffix(CHANGED) {
        Some(hash) => format!("{hash}, with changes that are in no commit"),
        None if commit.is_empty() => "unknown: it was built from sources without their history".to_owned(),
        None => commit.to_owned(),
    }
}

/// Whether a file of the web app was there when the server was built.
fn presence(file: &str) -> &'static str {
    if EMBEDDED.iter().any(|(name, _)| *name == file) { "in it" } else { "not in it" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_told_as_it_is() {
        assert_eq!(commit_in_words("0123456789ab"), "0123456789ab");
        assert_eq!(commit_in_words("0123456789ab+"), "0123456789ab, with changes that are in no commit");
        assert_eq!(commit_in_words(""), "unknown: it was built from sources without their history");
    }

    #[test]
    fn the_first_line_is_the_version_alone() {
        assert_eq!(about("0123456789ab").lines().next(), Some(env!("CARGO_PKG_VERSION")));
    }
}

//! `wigwag user`, `wigwag group` and `wigwag webhook`, as somebody types them.

use tokio::task::block_in_place;

use super::{Ended, World, wigwag_answered, wigwag_with};

/// A person at a terminal, with a key in the environment.
pub(crate) struct Operator {
    pub(crate) key: String,
    pub(crate) url: String,
}

impl Operator {
    pub(crate) async fn of(world: &World, scopes: &str) -> Self {
        let key = world.back_end("operator", scopes).await.key;
        Self { key, url: format!("http://{}", world.address()) }
    }

    /// Types this, and waits until it is done.
    pub(crate) fn types(&self, line: &str) -> Ended {
        let words: Vec<&str> = line.split(' ').chain(["--url", &self.url]).collect();
        block_in_place(|| wigwag_with(&[("WIGWAG_API_KEY", &self.key)], &words))
    }

    /// The same, and answers what it asks.
    pub(crate) fn answers(&self, line: &str, answer: &str) -> Ended {
        let words: Vec<&str> = line.split(' ').chain(["--url", &self.url]).collect();
        block_in_place(|| wigwag_answered(&[("WIGWAG_API_KEY", &self.key)], &words, answer))
    }

    /// The lines that it prints.
    pub(crate) fn reads(&self, line: &str) -> Vec<String> {
        let ended = self.types(line);
        assert!(ended.succeeded, "{line}: {ended:?}");
        ended.said.lines().map(str::to_owned).collect()
    }
}

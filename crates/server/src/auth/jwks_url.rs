//! A key set kept fresh from a URL by a thread of its own; verifying a token never waits for the network.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ureq::Agent;

use super::AuthError;
use super::jwks::KeySet;

/// Between two fetches that tokens with unknown keys can ask for, ms.
const ASK_EVERY_MS: u64 = 60_000;

/// After a fetch that failed.
const RETRY: Duration = Duration::from_secs(15);

/// For a whole fetch; identity providers answer within one.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Largest key set that is read, bytes; real ones have a few KiB.
const LARGEST_SET: u64 = 1024 * 1024;

#[derive(Debug)]
pub(super) struct JwksUrl {
    keys: Arc<RwLock<Arc<KeySet>>>,
    asks: SyncSender<()>,
    next_ask_ms: AtomicU64,
}

impl JwksUrl {
    /// Starts fetching and returns at once, with no keys yet. The thread ends when this is dropped.
    pub(super) fn new(url: String, every: Duration) -> Result<Self, AuthError> {
        let keys = Arc::<RwLock<Arc<KeySet>>>::default();
        // One waiting ask is as good as many.
        let (asks, asked) = sync_channel(1);
        let fetcher = Fetcher { agent: agent(&url), url, every, keys: Arc::clone(&keys) };
        std::thread::Builder::new().name("jwks".to_owned()).spawn(move || fetcher.run(&asked)).map_err(
            |error| AuthError(format!("cannot start the thread that fetches auth.jwks_url: {error}")),
        )?;
        Ok(Self { keys, asks, next_ask_ms: AtomicU64::new(0) })
    }

    pub(super) fn current(&self) -> Arc<KeySet> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wakes the thread, at most once per [`ASK_EVERY_MS`]: anybody can send tokens that name unknown keys.
    pub(super) fn ask_for_newer_keys(&self, now_ms: u64) {
        let due = self.next_ask_ms.load(Ordering::Relaxed);
        let next = now_ms.saturating_add(ASK_EVERY_MS);
        // A clock that was set back must not put the next fetch off by as much.
        let is_time = now_ms >= due || due > next;
        let mine = is_time
            && self.next_ask_ms.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine && self.asks.try_send(()).is_err() {
            tracing::debug!("a fetch of auth.jwks_url is due already");
        }
    }
}

struct Fetcher {
    agent: Agent,
    url: String,
    every: Duration,
    keys: Arc<RwLock<Arc<KeySet>>>,
}

impl Fetcher {
    fn run(&self, asked: &Receiver<()>) {
        loop {
            let pause = match self.fetch() {
                Ok(set) => {
                    *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                    self.every
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot fetch auth.jwks_url; keeping the keys from before");
                    RETRY.min(self.every)
                }
            };
            if asked.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    fn fetch(&self) -> Result<KeySet, String> {
        let mut response = self.agent.get(&self.url).call().map_err(|error| error.to_string())?;
        let mut json = Vec::new();
        let body = response.body_mut().as_reader();
        body.take(LARGEST_SET).read_to_end(&mut json).map_err(|error| error.to_string())?;
        KeySet::parse(&json)
    }
}

fn agent(url: &str) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(TIME_LIMIT))
        .max_redirects(3)
        // A redirect must not lead from https to keys that anybody on the way can forge.
        .https_only(url.starts_with("https://"));
    config.build().into()
}

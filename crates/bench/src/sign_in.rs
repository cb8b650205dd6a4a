//! Connects users and opens their sessions.

use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;

use crate::net::{Fleet, Heard, Listener};
use crate::tongue::Tongue;
use crate::{clock, progress, token};

/// Sign-ins under way at once: enough to keep a server busy, few enough for its accept queue.
const AT_ONCE: usize = 200;

/// Without a single sign-in for this long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// A user and their token.
pub(crate) struct Identity {
    pub(crate) user: String,
    pub(crate) token: String,
}

/// Users named `prefix` and a number, signed in with `key`.
pub(crate) fn identities(prefix: &str, count: usize, key: &str) -> Vec<Identity> {
    (0..count).map(|number| identity(&format!("{prefix}{number:05}"), key)).collect()
}

/// One user, signed in with `key`.
pub(crate) fn identity(user: &str, key: &str) -> Identity {
    Identity { user: user.to_owned(), token: token::sign(key, user, clock::now().as_secs()) }
}

/// Signs everybody in, each in the place of their number; the cursor where each starts.
pub(crate) fn sign_in(fleet: &mut Fleet, identities: &[Identity]) -> Result<Vec<u64>> {
    sign_in_as(Tongue::Native, fleet, identities)
}

/// The same for clients that speak this.
pub(crate) fn sign_in_as(tongue: Tongue, fleet: &mut Fleet, identities: &[Identity]) -> Result<Vec<u64>> {
    let bar = progress::bar("signing in", identities.len());
    let mut listener = SignIn {
        tongue,
        identities,
        waiting: 0..identities.len(),
        cursors: vec![0; identities.len()],
        done: 0,
        bar: bar.clone(),
    };
    for _ in 0..AT_ONCE {
        listener.next(fleet)?;
    }
    let (mut before, mut moved) = (0, Instant::now());
    while listener.done < identities.len() {
        fleet.poll(PATIENCE, &mut listener)?;
        if listener.done > before {
            (before, moved) = (listener.done, Instant::now());
        }
        ensure!(moved.elapsed() < PATIENCE, "only {before} of {} users could sign in", identities.len());
    }
    bar.finish_and_clear();
    Ok(listener.cursors)
}

struct SignIn<'a> {
    tongue: Tongue,
    identities: &'a [Identity],
    waiting: Range<usize>,
    cursors: Vec<u64>,
    done: usize,
    bar: ProgressBar,
}

impl SignIn<'_> {
    fn next(&mut self, fleet: &mut Fleet) -> Result<()> {
        let Some(at) = self.waiting.next() else { return Ok(()) };
        fleet.connect_to(at, self.tongue.path(&self.identities[at]))
    }
}

impl Listener for SignIn<'_> {
    fn heard(&mut self, fleet: &mut Fleet, at: usize, heard: Heard<'_>) -> Result<()> {
        let who = &self.identities[at];
        match heard {
            Heard::Open => {
                let mut request = String::new();
                self.tongue.sign_in(&mut request, who);
                fleet.send(at, &request)
            }
            Heard::Text(text) => {
                let start = self.tongue.signed_in(text);
                if let Some(cursor) = start.with_context(|| format!("{} cannot sign in", who.user))? {
                    self.cursors[at] = cursor;
                    self.done += 1;
                    self.bar.inc(1);
                    self.next(fleet)?;
                }
                Ok(())
            }
            Heard::Closed(why) => anyhow::bail!("{} cannot sign in: {why}", who.user),
        }
    }
}

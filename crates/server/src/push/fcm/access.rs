//! The access token with which messages are sent (OAuth 2.0, RFC 7523): asked for once, and kept until shortly before its end.

use std::fmt;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Deserialize;
use ureq::Agent;

use super::account::Account;
use crate::clock::wall_ms;
use crate::telemetry::Throttle;
use crate::webhooks::{Outcome, Trouble, answer, outcome_of};

/// What asks for a token with an assertion (RFC 7523 section 2.1).
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Before its end a token is not used any more: longer than a request takes, and than clocks differ by.
const SPARED: Duration = Duration::from_mins(1);
/// For so long a failure is everybody's: those that waited for it, and those that come at once after it, ask for no token of their own.
const FAILED_FOR: Duration = Duration::from_secs(1);
/// Longest token, bytes: it goes into a header. Google's have 1,024 at most.
const LONGEST: usize = 4_096;

/// A token; it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct AccessToken(String);

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(secret)")
    }
}

impl AccessToken {
    /// The header of a request.
    pub(super) fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

/// Has the token, or asks for it.
pub(super) struct Access {
    held: Mutex<Held>,
}

#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    Token(AccessToken, Instant),
    Failure(Outcome, Instant),
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

/// Why no token was given (RFC 6749 section 5.2).
#[derive(Deserialize)]
struct NotGranted {
    error: String,
}

impl Access {
    pub(super) fn new() -> Self {
        Self { held: Mutex::default() }
    }

    /// The token. Whoever comes while it is asked for waits for the answer. Otherwise why there is none.
    pub(super) fn token(&self, agent: &Agent, account: &Account) -> Result<AccessToken, Outcome> {
        let mut held = self.held.lock();
        match &*held {
            Held::Token(token, until) if Instant::now() < *until => return Ok(token.clone()),
            Held::Failure(outcome, at) if at.elapsed() < FAILED_FOR => return Err(*outcome),
            Held::Nothing | Held::Token(..) | Held::Failure(..) => {}
        }
        let asked_at = Instant::now();
        match ask(agent, account) {
            Ok((token, lasts)) => {
                *held = Held::Token(token.clone(), asked_at + used_for(lasts));
                Ok(token)
            }
            Err(outcome) => {
                *held = Held::Failure(outcome, Instant::now());
                Err(outcome)
            }
        }
    }

    /// This token is not taken any more. One that was asked for since stays.
    pub(super) fn drop_token(&self, spoilt: &AccessToken) {
        let mut held = self.held.lock();
        if matches!(&*held, Held::Token(token, _) if token == spoilt) {
            *held = Held::Nothing;
        }
    }
}

fn used_for(lasts: Duration) -> Duration {
    lasts.saturating_sub(SPARED).max(lasts / 2)
}

fn ask(agent: &Agent, account: &Account) -> Result<(AccessToken, Duration), Outcome> {
    let broken = Outcome::Unanswered(Trouble::Broken);
    let assertion = account.assertion(wall_ms() / 1_000).ok_or(broken)?;
    let sent = agent.post(&account.token_uri).send_form([("grant_type", GRANT), ("assertion", &assertion)]);
    let answer = answer(sent);
    let (Outcome::Delivered, Ok(granted)) = (outcome_of(&answer), &answer) else {
        let outcome = outcome_of(&answer);
        warn(outcome, answer.as_ref().map_or(&[], |answer| &answer.body));
        return Err(outcome);
    };
    let Granted { access_token, expires_in } = serde_json::from_slice(&granted.body).map_err(|_| broken)?;
    let is_token = access_token.len() <= LONGEST && access_token.bytes().all(|byte| byte.is_ascii_graphic());
    // No token lasts longer than a day, so that no number is too large to add.
    let lasts = Duration::from_secs(expires_in.min(86_400));
    if is_token { Ok((AccessToken(access_token), lasts)) } else { Err(broken) }
}

/// Says so once a minute: until somebody does something about it, no device that uses FCM is woken.
fn warn(outcome: Outcome, body: &[u8]) {
    static LINES: Throttle = Throttle::every(Duration::from_mins(1));
    if LINES.pass(1, Instant::now()).is_none() {
        return;
    }
    let said = serde_json::from_slice(body).map(|NotGranted { error }| error).unwrap_or_default();
    // A code is a word; anything else could repeat what was sent.
    let is_code = said.len() <= 64 && said.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let code = if is_code { said.as_str() } else { "" };
    match outcome {
        Outcome::Refused(status) => {
            tracing::warn!(
                status,
                code,
                "Google gives no access token for push.fcm.service_account: is its key deleted, or this clock wrong?"
            );
        }
        Outcome::Unanswered(trouble) => tracing::warn!("Google gives no access token now: {trouble}"),
        Outcome::Delivered => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_until_shortly_before_its_end() {
        let used = |seconds| used_for(Duration::from_secs(seconds)).as_secs();
        assert_eq!((used(3_600), used(100), used(0)), (3_540, 50, 0));
    }
}

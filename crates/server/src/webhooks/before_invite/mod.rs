//! Asks the app's back end before an invitation is made (docs/decisions/0020-before-invite.md).
//!
//! A store gives out a [`Question`] in place of an invitation. [`BeforeInvite::ask`] takes it, without waiting: [`in_flight`] has a place for
//! it or not, [`question`] is what the back end is sent, [`verdict`] what its answer means. Whatever came of it, the request goes through
//! the door again, so its reply takes the usual way.

mod in_flight;
mod question;
mod verdict;

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use wigwag_session::refused::{Failure, Refusal};

use self::in_flight::{InFlight, Place};
use self::verdict::Verdict;
use super::endpoint::{Endpoint, SetupError};
use super::payload::Payload;
use super::sender::Sender;
use crate::clock::{Clock, wall_ms};
use crate::config::{Unanswered, WebhooksConfig};
use crate::door::Door;
use crate::router::Questions;
use crate::router::post::Post;
use crate::store::{Grant, Permission, Question};
use crate::telemetry::{Metrics, Throttle};

/// What is called before an invitation.
pub struct Hook {
    sender: Arc<Sender>,
    unanswered: Unanswered,
    push_bytes: usize,
}

/// Asks, and hands requests in again.
pub struct BeforeInvite(Arc<Asking>);

struct Asking {
    hook: Hook,
    door: Arc<Door>,
    post: Post,
    clock: Clock,
    metrics: Arc<Metrics>,
    in_flight: Mutex<InFlight>,
    lines: Throttle,
}

impl Hook {
    /// `None` when nobody is to be asked. Reads secrets from their files. Push settings have at most `push_bytes`.
    pub fn new(config: &WebhooksConfig, push_bytes: usize) -> Result<Option<Self>, SetupError> {
        let Some(written) = &config.before_invite else { return Ok(None) };
        // Its form names no app.
        let endpoint = Endpoint::new(&written.as_endpoint(), 0)?;
        let limit = Duration::from_millis(written.timeout_ms);
        let sender = Arc::new(Sender::within(limit, &endpoint, config.allow.clone()));
        Ok(Some(Self { sender, unanswered: written.unanswered, push_bytes }))
    }

    /// Ready to be asked. Requests go through this door again, and those that it does not take are answered by post.
    pub fn ready(self, door: Arc<Door>, post: Post) -> BeforeInvite {
        let (clock, metrics) = (post.clock, Arc::clone(&post.metrics));
        let (in_flight, lines) = (Mutex::default(), Throttle::every(Duration::from_secs(1)));
        BeforeInvite(Arc::new(Asking { hook: self, door, post, clock, metrics, in_flight, lines }))
    }
}

impl Questions for BeforeInvite {
    fn ask(&self, question: Question) {
        // Whoever asked was told already that it failed.
        if !question.is_waited_for() {
            return;
        }
        let place = self.0.in_flight.lock().enter(question);
        match place {
            Place::Own(question) => drop(tokio::spawn(Arc::clone(&self.0).run(*question))),
            Place::Behind => {}
            Place::UserHasNone(question) => {
                self.0.metrics.asked_before_invite("userOverloaded");
                let refusal = Refusal::Failed(Failure::Overloaded);
                self.0.hand_in(*question, Permission::Denied(Box::new(refusal)));
            }
            Place::None(question) => {
                self.0.metrics.asked_before_invite("overloaded");
                self.0.hand_in(*question, self.0.when_silent());
            }
        }
    }
}

impl Asking {
    async fn run(self: Arc<Self>, question: Question) {
        let key = in_flight::key_of(&question);
        let data = question::data(&question.invitation);
        let permission = self.permission(&data).await;
        let behind = self.in_flight.lock().leave(&key);
        self.hand_in(question, permission.clone());
        for follower in behind {
            // Another invitation under the same name is asked about for itself, if the first was not made.
            let is_same = question::data(&follower.invitation) == data;
            let permission = if is_same { permission.clone() } else { Permission::Needed };
            self.hand_in(follower, permission);
        }
    }

    async fn permission(&self, data: &str) -> Permission {
        let began = Instant::now();
        let payload = Payload::of_question(question::KIND, self.clock.now_ms(), data);
        let asked = Arc::clone(&self.hook.sender).ask(payload, wall_ms() / 1_000).await;
        let verdict = match asked {
            Ok(answer) => verdict::read(&answer, self.hook.push_bytes),
            Err(trouble) => Verdict::Silent(trouble.to_string()),
        };
        self.metrics.asked_before_invite(verdict.name());
        self.metrics.answered_before_invite(began.elapsed());
        match verdict {
            Verdict::Allowed(push_info) => Permission::Given(Box::new(Grant { push_info })),
            Verdict::Refused(refusal) => Permission::Denied(Box::new(Refusal::ByHook(Box::new(refusal)))),
            Verdict::Silent(words) => {
                if let Some(invitations) = self.lines.pass(1, Instant::now()) {
                    tracing::warn!(error = words, invitations, "webhooks.before_invite was asked in vain");
                }
                self.when_silent()
            }
        }
    }

    fn when_silent(&self) -> Permission {
        match self.hook.unanswered {
            Unanswered::Allow => Permission::Given(Box::default()),
            Unanswered::Refuse => Permission::Denied(Box::new(Refusal::HookSilent)),
        }
    }

    /// Hands a request in again, to be decided with this permission.
    fn hand_in(&self, question: Question, permission: Permission) {
        let asker = question.asker();
        if let Err(failure) = self.door.answered(question, permission)
            && let Some((user, session)) = asker
        {
            self.post.failed(&user, session, failure);
        }
    }
}

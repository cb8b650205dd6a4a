//! Asks the app's back end before an invitation is made, before a message is sent, and before somebody comes to a group
//! (docs/decisions/0020-asked-before.md).
//!
//! A store gives out a [`Question`] in place of what would be done. [`AskedBefore::ask`] takes it, without waiting: [`in_flight`] has a place
//! for it or not, [`question`] is what the back end is sent, [`verdict`] what its answer means. Whatever came of it, the request goes through
//! the door again, so its reply takes the usual way.

mod in_flight;
mod question;
mod verdict;

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use wigwag_session::refused::{Failure, Refusal};

use self::in_flight::{InFlight, Key, Place};
use self::verdict::Verdict;
use super::endpoint::{Endpoint, SetupError};
use super::sender::Sender;
use crate::clock::{Clock, wall_ms};
use crate::config::{BeforeConfig, Unanswered, WebhooksConfig};
use crate::door::{AsksFirst, Door};
use crate::router::Questions;
use crate::router::post::Post;
use crate::store::{Permission, Planned, Question};
use crate::telemetry::{Before, Metrics, Throttle};

pub(super) use self::question::{data, kind};

/// What is called before something is done.
#[derive(Default)]
pub struct Hooks {
    invitation: Option<Hook>,
    message: Option<Hook>,
    group: Option<Hook>,
}

/// What is called before one kind of thing.
struct Hook {
    sender: Arc<Sender>,
    unanswered: Unanswered,
    push_bytes: usize,
    /// How it is called in the configuration.
    name: &'static str,
    figures: Before,
}

/// Asks, and hands requests in again. What is asked before one kind of thing shares no room with the others: none can hold up another.
pub struct AskedBefore {
    invitation: Option<Arc<Asking>>,
    message: Option<Arc<Asking>>,
    group: Option<Arc<Asking>>,
}

struct Asking {
    hook: Hook,
    door: Arc<Door>,
    post: Post,
    clock: Clock,
    metrics: Arc<Metrics>,
    in_flight: Mutex<InFlight>,
    lines: Throttle,
}

impl Hooks {
    /// Reads secrets from their files. Push settings have at most `push_bytes`; `sdk_app_id` names this server's app to back ends that
    /// were written for Tencent's.
    pub fn new(config: &WebhooksConfig, sdk_app_id: u32, push_bytes: usize) -> Result<Self, SetupError> {
        let hook = |written: &Option<BeforeConfig>, name, figures| {
            let Some(written) = written else { return Ok(None) };
            let endpoint = Endpoint::new(&written.as_endpoint(name), sdk_app_id)?;
            let limit = Duration::from_millis(written.timeout_ms);
            let sender = Arc::new(Sender::within(limit, &endpoint, config.allow.clone()));
            Ok(Some(Hook { sender, unanswered: written.unanswered, push_bytes, name, figures }))
        };
        Ok(Self {
            invitation: hook(&config.before_invite, BeforeConfig::INVITE, Before::Invite)?,
            message: hook(&config.before_message, BeforeConfig::MESSAGE, Before::Message)?,
            group: hook(&config.before_group, BeforeConfig::GROUP, Before::Group)?,
        })
    }

    /// Before what somebody is asked.
    pub fn asks_first(&self) -> AsksFirst {
        let Self { invitation, message, group } = self;
        AsksFirst { invitations: invitation.is_some(), messages: message.is_some(), groups: group.is_some() }
    }

    /// Ready to be asked; `None` when nobody is. Requests go through this door again, and those that it does not take are answered by post.
    pub fn ready(self, door: &Arc<Door>, post: &Post) -> Option<AskedBefore> {
        if self.invitation.is_none() && self.message.is_none() && self.group.is_none() {
            return None;
        }
        let asking = |hook: Hook| {
            let (clock, metrics) = (post.clock, Arc::clone(&post.metrics));
            let (in_flight, lines) = (Mutex::default(), Throttle::every(Duration::from_secs(1)));
            let (door, post) = (Arc::clone(door), post.clone());
            Arc::new(Asking { hook, door, post, clock, metrics, in_flight, lines })
        };
        Some(AskedBefore {
            invitation: self.invitation.map(asking),
            message: self.message.map(asking),
            group: self.group.map(asking),
        })
    }
}

impl Questions for AskedBefore {
    fn ask(&self, question: Question) {
        let asking = match &question.planned {
            Planned::Invitation(_) => &self.invitation,
            Planned::Message(_) => &self.message,
            Planned::Growth(_) => &self.group,
        };
        // Whoever asked was told already that it failed.
        if !question.is_waited_for() {
            return;
        }
        if let Some(asking) = asking {
            Arc::clone(asking).begin(question);
        } else {
            tracing::error!(planned = kind(&question.planned), "a question has nobody to be put to");
        }
    }
}

impl Asking {
    fn begin(self: Arc<Self>, question: Question) {
        let place = self.in_flight.lock().enter(question);
        match place {
            Place::Own(key, question) => drop(tokio::spawn(self.run(key, *question))),
            Place::Behind => {}
            Place::UserHasNone(question) => {
                self.metrics.asked_before(self.hook.figures, "userOverloaded");
                let refusal = Refusal::Failed(Failure::Overloaded);
                self.hand_in(*question, Permission::Denied(Box::new(refusal)));
            }
            Place::None(question) => {
                self.metrics.asked_before(self.hook.figures, "overloaded");
                self.hand_in(*question, self.when_silent());
            }
        }
    }

    async fn run(self: Arc<Self>, key: Key, question: Question) {
        let permission = self.permission(&question.planned).await;
        let behind = self.in_flight.lock().leave(&key);
        let asked = data(&question.planned);
        self.hand_in(question, permission.clone());
        for follower in behind {
            // Something else under the same name is asked about for itself, if the first was not done.
            let is_same = data(&follower.planned) == asked;
            let permission = if is_same { permission.clone() } else { Permission::Needed };
            self.hand_in(follower, permission);
        }
    }

    async fn permission(&self, planned: &Planned) -> Permission {
        let (began, sender) = (Instant::now(), &self.hook.sender);
        let payload = sender.form().question(planned, self.clock.now_ms());
        let verdict = match Arc::clone(sender).ask(payload, wall_ms() / 1_000).await {
            Ok(answer) => verdict::read(&answer, sender.form(), self.hook.push_bytes),
            Err(trouble) => Verdict::Silent(trouble.to_string()),
        };
        self.metrics.asked_before(self.hook.figures, verdict.name());
        self.metrics.answered_before(self.hook.figures, began.elapsed());
        match verdict {
            Verdict::Allowed(grant) => Permission::Given(Box::new(grant)),
            Verdict::Refused(refusal) => Permission::Denied(Box::new(Refusal::ByHook(Box::new(refusal)))),
            Verdict::Silent(words) => {
                if let Some(questions) = self.lines.pass(1, Instant::now()) {
                    let name = self.hook.name;
                    tracing::warn!(error = words, questions, "webhooks.{name} was asked in vain");
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

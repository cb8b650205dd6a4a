//! One errand: to ring the devices of an invitation's invitees, or to tell those that were rung that it is over.
//!
//! Errands of one invitation are carried out one after the other. Before a push leaves, that it does is written; afterwards, what the
//! provider said. So an errand that is carried out again, after a kill or on another node, pushes no device that a provider has taken a push for,
//! and repeats under the same name what may have left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use wigwag_engine::command::Progress;
use wigwag_engine::invitation::{Said, Settlement};
use wigwag_engine::push::{Ring, Seen, Wake};
use wigwag_engine::{Actor, Invitation};
use wigwag_protocol::invitation::ProgressStep;
use wigwag_protocol::{Device, DeviceId, InviteId, UserId};

use super::note::Note;
use super::provider::{Message, Providers, Verdict, name_of};
use super::wish::Wish;
use super::writing::Writing;
use crate::auth::{ActionTokens, Authenticator};
use crate::clock::{Clock, wall_ms};
use crate::door::Door;
use crate::store::{
    KeptToken, OnlineUsers, OwnDevice, PushChange, RingRow, RingState, Rung, Store, StoreError,
};
use crate::telemetry::Metrics;
use crate::webhooks::pause_ms;

/// Requests of one errand at once; each has a thread while it waits.
const AT_ONCE: usize = 4;
/// How long the end of a ring is told, ms: by then a device shows no ring any more.
const TOLD_FOR_MS: u64 = 60_000;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// An invitation was made.
    Ring,
    /// Something became of it.
    Changed,
}

/// An errand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Errand {
    pub(super) what: What,
    pub(super) invite: InviteId,
    /// When the step was, server time in ms.
    pub(super) time: u64,
    /// How often a provider did not answer.
    pub(super) tries: u32,
}

/// What an errand came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Done,
    /// There is something to do at this time, server time in ms.
    Again(u64),
    /// A provider did not answer; again at this time.
    Retry(u64),
}

/// What errands are carried out with.
pub(super) struct Errands {
    pub(super) store: Arc<dyn Store>,
    pub(super) providers: Providers,
    pub(super) online: Arc<dyn OnlineUsers>,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
    pub(super) writing: Writing,
    /// Where inviters are told how far it is.
    pub(super) door: Arc<Door>,
    /// Whose tokens were revoked.
    pub(super) authenticator: Arc<Authenticator>,
    /// With which devices answer.
    pub(super) actions: ActionTokens,
    /// Places for errands that read the store.
    pub(super) reading: Semaphore,
}

/// That a provider did not answer, and for how long the most patient of them wants to be left alone, ms.
type Unanswered = Option<u64>;

/// How far devices are with a ring.
type States = BTreeMap<OwnDevice, RingRow>;

impl Errands {
    /// Carries it out, as far as can be now.
    pub(super) async fn carry_out(&self, errand: &Errand) -> Result<End, StoreError> {
        match errand.what {
            What::Ring => self.ring(errand).await,
            What::Changed => self.tell_over(errand).await,
        }
    }

    async fn ring(&self, errand: &Errand) -> Result<End, StoreError> {
        let place = self.reading.acquire().await;
        let Some(invitation) = self.store.invitation(&errand.invite).await? else { return Ok(End::Done) };
        let wish = Wish::read(invitation.offline_push_info.as_deref());
        let ring = Ring {
            began: invitation.created_at,
            deadline: invitation.deadline(),
            is_quiet: wish.is_off || invitation.switches.online_user_only,
        };
        let away = Seen { is_pending: invitation.is_open(), is_online: false, is_heard: false };
        if matches!(ring.wakes(away, self.clock.now_ms()), Wake::Never(_)) {
            return Ok(End::Done);
        }
        let pending: Vec<UserId> = invitation.woken().cloned().collect();
        let (tokens, revoked) = self.tokens_that_count(&pending).await?;
        self.writing.keep(revoked).await?;
        if tokens.is_empty() {
            return Ok(End::Done);
        }
        let states: States = self.store.rung(&errand.invite).await?.into_iter().collect();
        drop(place);
        let (woken, later) = self.woken(ring, tokens, &states).await;
        let left_ms = ring.left_ms(self.clock.now_ms());
        let calls = |to: KeptToken| {
            let note = Note::ring(&invitation, &to.of, (&wish, &self.actions), left_ms);
            message(Some(&*invitation), to, note)
        };
        let messages: Vec<Message> = woken.into_iter().map(calls).collect();
        let leaving = messages.iter().map(|message| becomes(errand, message, RingState::Leaving));
        self.writing.keep(leaving.collect()).await?;
        let watcher = invitation.switches.progress.then_some(&invitation.inviter);
        let unanswered = self.send_rings(errand, messages, watcher).await?;
        Ok(self.end(errand, unanswered, later))
    }

    /// How users' devices are woken, without those of users who were disabled or signed out. Second, what is to be forgotten: a token
    /// belongs to a sign-in, and is none any more when the operator has taken that back.
    async fn tokens_that_count(
        &self,
        users: &[UserId],
    ) -> Result<(Vec<KeptToken>, Vec<PushChange>), StoreError> {
        let tokens = self.store.push_tokens(users).await?;
        let is_revoked = |token: &KeptToken| self.authenticator.is_revoked(&token.of.user, token.signed_at);
        let (revoked, mut tokens): (Vec<KeptToken>, Vec<_>) = tokens.into_iter().partition(is_revoked);
        tokens.retain(|token| !token.is_disabled);
        let forgotten = revoked.into_iter().map(|token| PushChange::Dead(token.of, token.token));
        Ok((tokens, forgotten.collect()))
    }

    /// Whom to wake now, and when to look again.
    async fn woken(
        &self,
        ring: Ring,
        tokens: Vec<KeptToken>,
        states: &States,
    ) -> (Vec<KeptToken>, Option<u64>) {
        let users: BTreeSet<UserId> = tokens.iter().map(|token| token.of.user.clone()).collect();
        let online = self.online.among(&users).await;
        let now = self.clock.now_ms();
        let (mut woken, mut later) = (Vec::new(), None);
        for token in tokens {
            let user = &token.of.user;
            let is_heard = states.iter().any(|(of, row)| of.user == *user && row.is_heard());
            let seen = Seen { is_pending: true, is_online: online.contains(user), is_heard };
            match ring.wakes(seen, now) {
                Wake::Now if may_ring(states.get(&token.of)) => woken.push(token),
                Wake::Later(at) => later = Some(later.map_or(at, |before: u64| before.min(at))),
                Wake::Now | Wake::Never(_) => {}
            }
        }
        (woken, later)
    }

    /// The inviter may want to know.
    async fn send_rings(
        &self,
        errand: &Errand,
        messages: Vec<Message>,
        watcher: Option<&UserId>,
    ) -> Result<Unanswered, StoreError> {
        let (mut changes, mut steps, mut unanswered) = (Vec::new(), Vec::new(), None);
        for (message, verdict) in self.send_all(messages).await {
            let (state, step) = match verdict {
                Verdict::Taken => (RingState::Pushed, ProgressStep::Pushed),
                Verdict::Refused | Verdict::Late | Verdict::Dead => {
                    (RingState::Refused, ProgressStep::PushRefused)
                }
                Verdict::Unanswered(_) | Verdict::Busy(..) => {
                    unanswered = unanswered.max(verdict.trouble().map(|(_, wait)| wait));
                    continue;
                }
            };
            changes.push(becomes(errand, &message, state));
            steps.push((owner(&message.to), step));
            if verdict == Verdict::Dead {
                changes.push(PushChange::Dead(message.to.of, message.to.token));
            }
        }
        self.writing.keep(changes).await?;
        for (actor, step) in steps {
            let Some(inviter) = watcher.cloned() else { break };
            self.door.progress(actor, Progress { id: errand.invite.clone(), inviter, step });
        }
        Ok(unanswered)
    }

    async fn send_all(&self, messages: Vec<Message>) -> Vec<(Message, Verdict)> {
        let sending = messages.into_iter().map(|message| self.send(message));
        stream::iter(sending).buffer_unordered(AT_ONCE).collect().await
    }

    async fn send(&self, message: Message) -> (Message, Verdict) {
        let verdict = self.providers.send(message.clone()).await;
        let provider = name_of(&message.to.token);
        self.metrics.push_done(provider, message.note.kind(), verdict.name());
        if let Some((trouble, _)) = verdict.trouble() {
            tracing::debug!(provider, "a push did not leave: {trouble}");
        }
        (message, verdict)
    }

    fn end(&self, errand: &Errand, unanswered: Unanswered, later: Option<u64>) -> End {
        let retry = |wait: u64| self.clock.now_ms() + wait.max(pause_ms(errand.tries + 1, 0));
        match (unanswered.map(retry), later) {
            (Some(retry), later) => End::Retry(later.map_or(retry, |at| at.min(retry))),
            (None, Some(at)) => End::Again(at),
            (None, None) => End::Done,
        }
    }

    /// Tells the devices for whom the ring is over, and forgets them.
    async fn tell_over(&self, errand: &Errand) -> Result<End, StoreError> {
        let place = self.reading.acquire().await;
        let rung = self.store.rung(&errand.invite).await?;
        if rung.is_empty() {
            return Ok(End::Done);
        }
        let invitation = self.store.invitation(&errand.invite).await?;
        let is_over = |user: &UserId| {
            let invitee = invitation.as_ref().and_then(|invitation| invitation.invitee(user));
            invitee.is_none_or(|invitee| invitee.settled.is_some() || invitee.silenced)
        };
        let over: States = rung.into_iter().filter(|(of, _)| is_over(&of.user)).collect();
        let is_told = |of: &OwnDevice, row: &RingRow| {
            let answered = invitation.as_ref().and_then(|one| answered_with(one, &of.user));
            matches!(row.state, RingState::Leaving | RingState::Pushed) && answered != Some(&of.device)
        };
        let told: BTreeSet<&OwnDevice> =
            over.iter().filter(|(of, row)| is_told(of, row)).map(|(of, _)| of).collect();
        let told = self.tokens_of(&told).await?.into_iter();
        drop(place);
        let messages = told.map(|to| {
            let rung = Rung { invite: errand.invite.clone(), of: to.of.clone() };
            let invitee = invitation.as_ref().and_then(|invitation| invitation.invitee(&to.of.user));
            let note = Note::over(&rung, invitee);
            message(invitation.as_deref(), to, note)
        });
        let unanswered = self.send_ends(errand, messages.collect(), over).await?;
        Ok(self.end(errand, unanswered, None))
    }

    /// How these devices are woken; most rings are over before any was.
    async fn tokens_of(&self, devices: &BTreeSet<&OwnDevice>) -> Result<Vec<KeptToken>, StoreError> {
        let users: BTreeSet<&UserId> = devices.iter().map(|of| &of.user).collect();
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let users: Vec<UserId> = users.into_iter().cloned().collect();
        let mut tokens = self.store.push_tokens(&users).await?;
        tokens.retain(|token| devices.contains(&token.of));
        Ok(tokens)
    }

    /// A provider that did not answer is asked again. Those for whom there is nothing more to do are forgotten.
    async fn send_ends(
        &self,
        errand: &Errand,
        messages: Vec<Message>,
        mut over: States,
    ) -> Result<Unanswered, StoreError> {
        let is_given_up = self.clock.now_ms().saturating_sub(errand.time) > TOLD_FOR_MS;
        let (mut changes, mut unanswered) = (Vec::new(), None);
        for (message, verdict) in self.send_all(messages).await {
            match verdict {
                Verdict::Taken | Verdict::Refused | Verdict::Late => {}
                Verdict::Dead => changes.push(PushChange::Dead(message.to.of, message.to.token)),
                Verdict::Unanswered(_) | Verdict::Busy(..) if is_given_up => {}
                Verdict::Unanswered(_) | Verdict::Busy(..) => {
                    unanswered = unanswered.max(verdict.trouble().map(|(_, wait)| wait));
                    over.remove(&message.to.of);
                }
            }
        }
        let forgotten = over.into_keys();
        changes.extend(forgotten.map(|of| PushChange::Over(Rung { invite: errand.invite.clone(), of })));
        self.writing.keep(changes).await?;
        Ok(unanswered)
    }
}

fn message(invitation: Option<&Invitation>, to: KeptToken, note: Note) -> Message {
    let info = invitation.and_then(|invitation| invitation.offline_push_info.as_deref()).map(Arc::from);
    let inviter = invitation.map(|invitation| invitation.inviter.clone());
    let is_call = invitation.is_none_or(|invitation| invitation.call.is_some());
    let is_quiet = invitation.and_then(|one| one.invitee(&to.of.user)).is_some_and(|one| one.quiet.is_some());
    Message { to, note, made: Instant::now(), info, now: wall_ms() / 1_000, inviter, is_call, is_quiet }
}

fn owner(to: &KeptToken) -> Actor {
    let device = Device { device_id: to.of.device.clone(), platform: to.platform };
    Actor { user: to.of.user.clone(), device: Some(device) }
}

fn becomes(errand: &Errand, message: &Message, state: RingState) -> PushChange {
    PushChange::Ring(Rung { invite: errand.invite.clone(), of: message.to.of.clone() }, state)
}

/// One whose push may have left is pushed again, under the same name.
fn may_ring(row: Option<&RingRow>) -> bool {
    match row.map(|row| row.state) {
        None | Some(RingState::Sent | RingState::Leaving) => true,
        Some(RingState::Heard | RingState::Ringing | RingState::Pushed | RingState::Refused) => false,
    }
}

/// The device with which a user has answered.
fn answered_with<'a>(invitation: &'a Invitation, user: &UserId) -> Option<&'a DeviceId> {
    match &invitation.invitee(user)?.settled.as_ref()?.by {
        Settlement::Accepted(Said { device, .. }) | Settlement::Rejected(Said { device, .. }) => {
            device.as_ref().map(|device| &device.device_id)
        }
        Settlement::TimedOut | Settlement::Cancelled | Settlement::Removed | Settlement::Busy => None,
    }
}

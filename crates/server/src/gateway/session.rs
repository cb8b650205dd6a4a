//! A signed-in device's life on one connection: one task that hears the device and empties its mailbox.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Sleep};
use wigwag_engine::stream::{Next, Position};
use wigwag_engine::{Actor, PlacedEvent, Reply};
use wigwag_protocol::frame::{self, RequestId};
use wigwag_protocol::result::Done;
use wigwag_protocol::{CloseCode, ErrorBody, Method, Reason};

use super::frames::{self, Viewer};
use super::socket::{Gone, Heard, Socket};
use super::{Gateway, catch_up};
use crate::auth::Identity;
use crate::door::{self, Call, Query};
use crate::router::registry::{Joined, Mail};
use crate::store::{Outcome, ReplyTo};

/// Pieces of mail put together before they are flushed to the socket.
const FLUSH_EVERY: usize = 32;

/// What a session is made of besides its socket. Dropping it takes the session out of the registry.
pub(super) struct SessionParts {
    pub(super) actor: Actor,
    pub(super) joined: Joined,
    pub(super) position: Position,
    identity: Identity,
    gateway: Arc<Gateway>,
}

impl SessionParts {
    pub(super) fn new(gateway: &Arc<Gateway>, actor: Actor, joined: Joined, identity: Identity) -> Self {
        Self { actor, joined, position: Position::at(0), identity, gateway: Arc::clone(gateway) }
    }
}

impl Drop for SessionParts {
    fn drop(&mut self) {
        self.gateway.registry.leave(&self.actor.user, self.joined.id, self.gateway.clock.now_ms());
        self.gateway.neighbours.leave(self.joined.id);
    }
}

/// A command that waits for its reply. While there is one, nothing more is read from the device, so replies come in
/// the order of requests and a reading after a writing sees it.
struct Pending {
    id: RequestId,
    method: Method,
    since: Instant,
}

/// A session.
pub(super) struct Session {
    gateway: Arc<Gateway>,
    socket: Socket,
    parts: SessionParts,
    pending: Option<Pending>,
    /// The newest cursor of the stream that is known to exist.
    behind: u64,
    heard_at: Instant,
    tick: Pin<Box<Sleep>>,
}

/// Why a session ends.
enum End {
    /// We close it.
    Close(CloseCode),
    /// We close it because of a frame over the hard limit.
    TooLarge,
    /// The connection is over.
    Gone,
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<catch_up::Failed> for End {
    fn from(failed: catch_up::Failed) -> Self {
        match failed {
            catch_up::Failed::Gone => Self::Gone,
            catch_up::Failed::Store => Self::Close(CloseCode::StoreUnavailable),
        }
    }
}

impl Session {
    pub(super) fn new(gateway: Arc<Gateway>, socket: Socket, parts: SessionParts) -> Self {
        // The first look is at once: the token may end before the first ping.
        let tick = Box::pin(tokio::time::sleep(Duration::ZERO));
        Self { gateway, socket, parts, pending: None, behind: 0, heard_at: Instant::now(), tick }
    }

    /// Runs until the connection or the session ends.
    pub(super) async fn run(mut self: Box<Self>) {
        let end = self.live().await;
        let Self { gateway, socket, parts, .. } = *self;
        // The registry must not send to a session that is only saying good-bye.
        drop(parts);
        match end {
            End::Close(code) => {
                gateway.metrics.session_closed(Some(code));
                Box::pin(socket.close(code)).await;
            }
            End::TooLarge => {
                gateway.metrics.session_closed(None);
                Box::pin(socket.close_too_large()).await;
            }
            End::Gone => gateway.metrics.session_closed(None),
        }
    }

    async fn live(&mut self) -> End {
        loop {
            let step = tokio::select! {
                // Time first, or a device that floods us would not be checked; then the device, which has one command
                // under way at a time and so cannot starve its mailbox.
                biased;
                () = self.tick.as_mut() => self.tick().await,
                heard = self.socket.hear(), if self.pending.is_none() => self.hear(heard).await,
                mail = self.parts.joined.mailbox.recv() => match mail {
                    Some(mail) => self.deliver(mail).await,
                    None => Err(End::Close(self.parts.joined.ending.code())),
                },
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Sends a piece of mail and what lies behind it, in one flush.
    async fn deliver(&mut self, first: Mail) -> Result<(), End> {
        self.put(first).await?;
        for _ in 1..FLUSH_EVERY {
            let Ok(mail) = self.parts.joined.mailbox.try_recv() else { break };
            self.put(mail).await?;
        }
        Ok(self.socket.flush().await?)
    }

    async fn put(&mut self, mail: Mail) -> Result<(), End> {
        match mail {
            Mail::Event(event, cursor) => match self.parts.position.offer(cursor) {
                Next::Send => {
                    let text = self.event_text(&event, cursor);
                    Ok(self.socket.put(text).await?)
                }
                Next::Skip => Ok(()),
                Next::Gap => self.fall_behind(cursor).await,
            },
            Mail::Behind(head) => self.fall_behind(head).await,
            Mail::Reply(reply) => self.put_reply(*reply).await,
        }
    }

    /// There are events up to this cursor that did not come here. While a command is under way they have to wait: its own
    /// event may be among them, and the reply is to stand for it.
    async fn fall_behind(&mut self, head: u64) -> Result<(), End> {
        self.behind = self.behind.max(head);
        if self.pending.is_some() || self.behind <= self.parts.position.cursor() {
            return Ok(());
        }
        self.repair(self.behind).await
    }

    async fn put_reply(&mut self, reply: Outcome) -> Result<(), End> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        if let Some(cursor) = reply.as_ref().ok().and_then(Reply::cursor)
            && self.parts.position.offer(cursor) == Next::Gap
        {
            // What lies before the reply's place is read from the store; then the reply takes its place.
            self.repair(cursor - 1).await?;
            self.parts.position.offer(cursor);
        }
        let outcome = reply.as_ref().map(|_| ()).map_err(|error| error.data.reason);
        if matches!(outcome, Err(Reason::RateLimited | Reason::GroupRateLimited)) {
            self.gateway.metrics.rate_limited.inc();
        }
        self.gateway.metrics.command_done(pending.method, outcome, pending.since.elapsed());
        let text = match &reply {
            Ok(Reply::Acted(acted)) => frame::reply(&pending.id, acted),
            Ok(Reply::Sent(sent)) => frame::reply(&pending.id, sent),
            Ok(Reply::Created(created)) => frame::reply(&pending.id, created),
            Ok(Reply::Done(done)) => frame::reply(&pending.id, done),
            Err(error) => frame::error(&pending.id, error),
        };
        self.socket.put(text).await?;
        self.fall_behind(0).await
    }

    /// An event did not arrive here: everything up to `until` is read from the store.
    async fn repair(&mut self, until: u64) -> Result<(), End> {
        self.gateway.metrics.stream_repairs.inc();
        let range = (self.parts.position, until);
        let reading = catch_up::run(&self.gateway, &mut self.socket, &self.parts.actor.user, range);
        self.parts.position = Box::pin(reading).await?;
        Ok(())
    }

    fn event_text(&self, event: &PlacedEvent, cursor: u64) -> String {
        let deadline = event.invitation.as_ref().and_then(|mark| mark.deadline);
        let viewer = Viewer {
            cursor,
            after: None,
            time: event.time,
            by_self: event.actor.as_ref() == Some(&self.parts.actor.user),
            remaining_ms: deadline.map(|deadline| deadline.saturating_sub(self.gateway.clock.now_ms())),
        };
        frames::event(viewer, &event.body)
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), End> {
        self.heard_at = Instant::now();
        match heard {
            Heard::Text(text) => self.request(text.as_str()).await,
            Heard::Sign => Ok(()),
            Heard::Binary => Err(End::Close(CloseCode::ProtocolViolation)),
            Heard::TooLarge => Err(End::TooLarge),
            Heard::Gone => Err(End::Gone),
        }
    }

    async fn request(&mut self, text: &str) -> Result<(), End> {
        let request = match frames::read(text, self.gateway.settings.limits.frame_bytes as usize) {
            Ok(request) => request,
            Err((id, error)) => {
                self.gateway.metrics.frame_refused(error.data.reason);
                return Ok(self.socket.say(frame::error(&id, &error)).await?);
            }
        };
        let id = request.id.unwrap_or(RequestId::Unknown);
        let call = self
            .within_rate(request.method)
            .and_then(|()| door::understand(request.method, request.params, &self.parts.actor.user));
        let pending = Pending { id, method: request.method, since: Instant::now() };
        match call {
            Ok(Call::Command(command)) => self.submit(pending, command).await,
            Ok(Call::Query(query)) => Box::pin(self.answer(pending, *query)).await,
            Ok(Call::Ack(ack)) => self.acknowledge(&pending, ack.cursor).await,
            Ok(Call::Close) => {
                self.done(&pending).await?;
                Err(End::Close(CloseCode::Closed))
            }
            Ok(Call::Open) => self.refuse(&pending, &Reason::AlreadyOpen.error()).await,
            Err(error) => self.refuse(&pending, &error).await,
        }
    }

    fn within_rate(&self, method: Method) -> Result<(), ErrorBody> {
        if matches!(method, Method::SessionAck | Method::SessionClose) {
            return Ok(());
        }
        door::within_user_rate(&self.parts.joined.rate).inspect_err(|_| {
            self.gateway.metrics.rate_limited.inc();
        })
    }

    async fn submit(&mut self, pending: Pending, command: wigwag_engine::Command) -> Result<(), End> {
        let reply_to = ReplyTo::Session(self.parts.joined.id);
        match self.gateway.door.ask(self.parts.actor.clone(), command, reply_to) {
            Ok(()) => {
                self.pending = Some(pending);
                Ok(())
            }
            Err(reason) => self.refuse(&pending, &reason.error()).await,
        }
    }

    async fn answer(&mut self, pending: Pending, query: Query) -> Result<(), End> {
        match self.gateway.door.answer(&self.parts.actor.user, query).await {
            Ok(result) => {
                self.gateway.metrics.command_done(pending.method, Ok(()), pending.since.elapsed());
                Ok(self.socket.say(frames::reply_text(&pending.id, &result)).await?)
            }
            Err(error) => self.refuse(&pending, &error).await,
        }
    }

    async fn refuse(&mut self, pending: &Pending, error: &ErrorBody) -> Result<(), End> {
        self.gateway.metrics.command_done(pending.method, Err(error.data.reason), pending.since.elapsed());
        Ok(self.socket.say(frame::error(&pending.id, error)).await?)
    }

    /// A cursor that was never sent is a mistake the developer should see. Nothing depends on the others yet: what a device
    /// has is in the cursor it resumes with.
    async fn acknowledge(&mut self, pending: &Pending, cursor: u64) -> Result<(), End> {
        if cursor > self.parts.position.cursor() {
            let error = Reason::InvalidParameter.field("cursor", "is above everything this session was sent");
            return self.refuse(pending, &error).await;
        }
        if pending.id == RequestId::Unknown {
            return Ok(());
        }
        self.done(pending).await
    }

    /// Answers what concerns the session alone, and so has no place in the stream.
    async fn done(&mut self, pending: &Pending) -> Result<(), End> {
        let done = Done { cursor: None, time: self.gateway.clock.now_ms() };
        self.gateway.metrics.command_done(pending.method, Ok(()), pending.since.elapsed());
        Ok(self.socket.say(frame::reply(&pending.id, &done)).await?)
    }

    /// Time has passed: the token may count no more, and a quiet device is asked whether it lives.
    async fn tick(&mut self) -> Result<(), End> {
        let interval = self.gateway.settings.ping_interval;
        let now = self.gateway.clock.now_ms();
        let identity = &self.parts.identity;
        if now >= identity.expires_at_ms || self.gateway.authenticator.is_revoked(identity, now) {
            return Err(End::Close(CloseCode::TokenExpired));
        }
        let quiet = self.heard_at.elapsed();
        if quiet >= interval * 2 {
            return Err(End::Close(CloseCode::Idle));
        }
        let valid = Duration::from_millis(identity.expires_at_ms - now);
        let patience = if quiet >= interval { interval * 2 } else { interval };
        let next = patience.saturating_sub(quiet);
        self.tick.as_mut().reset(Instant::now() + next.min(valid));
        if quiet >= interval { Ok(self.socket.ping().await?) } else { Ok(()) }
    }
}

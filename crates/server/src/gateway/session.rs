//! Drives an open session: one task that hears the device, empties its mailbox, and does what [`wigwag_session::Session`] wants.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Sleep, timeout_at};
use wigwag_engine::Command;
use wigwag_protocol::frame::RequestId;
use wigwag_protocol::{ErrorBody, Method, Reason, UserId};
use wigwag_session::codec::native::{self, Native, Unread, write};
use wigwag_session::refused::Failure;
use wigwag_session::session::{Answer, Input, Output};
use wigwag_session::{Asked, Found, Keeping, Query, Refused, Session};

use super::Gateway;
use super::ahead::{ANSWERED_WITHIN, Ahead, Waiting};
use super::driving::{End, input_of, page_after, page_of};
use super::guest::Guest;
use super::hearing::{Ear, Hearing};
use super::rings::SentRings;
use super::socket::{Heard, Socket};
use crate::clock::wall_ms;
use crate::door::{Keeper, is_watched};
use crate::router::backlog::Held;
use crate::router::registry::Mail;
use crate::store::{Asker, ReplyTo};

/// A session and what it lives on.
pub(super) struct Driver {
    gateway: Arc<Gateway>,
    socket: Socket,
    guest: Guest,
    session: Session<Native>,
    /// The page of the stream that is being sent.
    page: Held,
    /// Requests that wait for the one under way.
    ahead: Ahead,
    /// Rings that it was sent.
    rings: SentRings,
    /// The request that is under way, for the metrics.
    asked: Option<UnderWay>,
    tick: Pin<Box<Sleep>>,
}

struct UnderWay {
    method: Method,
    since: Instant,
}

impl Driver {
    pub(super) fn new(gateway: Arc<Gateway>, socket: Socket, guest: Guest, session: Session<Native>) -> Self {
        // The session says when to look at the time; the first time is at once.
        let tick = Box::pin(tokio::time::sleep(Duration::ZERO));
        let page = guest.joined.backlog.hold();
        let ahead = Ahead::counted_in(guest.joined.backlog.hold());
        let rings = SentRings::default();
        Self { gateway, socket, guest, session, page, ahead, rings, asked: None, tick }
    }

    /// Runs until the connection or the session ends.
    pub(super) async fn run(mut self: Box<Self>) {
        let Err(end) = self.live().await;
        let Self { gateway, socket, guest, session, page, ahead, .. } = *self;
        gateway.note_closed(guest.signing(), end.code(guest.joined.ending.code()), guest.seconds());
        let ending = Arc::clone(&guest.joined.ending);
        // The registry must not send to a session that is only saying good-bye, nor is what it has read of any use.
        drop((guest, session, page, ahead));
        Box::pin(end.say(&gateway, socket, &ending)).await;
    }

    async fn live(&mut self) -> Result<Infallible, End> {
        loop {
            // A device that was away is told first what it lacks.
            self.carry_out().await?;
            if !self.session.is_reading() {
                self.page.set(0);
            }
            let is_flushed = self.socket.is_flushed();
            let is_idle = self.session.hears();
            let is_next_here = is_flushed && is_idle && !self.ahead.is_empty();
            let moves = !is_flushed || is_idle || (self.session.is_asking() && self.ahead.has_room());
            tokio::select! {
                // What must not wait comes first, and time, or a device that floods us would not be checked; then the device,
                // which has one command under way at a time and so cannot starve its mailbox. What it sends meanwhile is heard
                // ahead, up to a bound. While the socket takes nothing, requests stay in the kernel, and mail stays where it is
                // shared.
                biased;
                () = self.guest.joined.ending.hurries() => return Err(End::Slow),
                () = self.tick.as_mut() => self.tick(),
                () = std::future::ready(()), if is_next_here => self.go_on(),
                heard = self.socket.flush_or_hear(), if moves => heard.map_or(Ok(()), |heard| self.hear(heard))?,
                mail = self.guest.joined.mailbox.recv(), if is_flushed => self.deliver(mail).await?,
            }
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        // Revocations end sessions by themselves; one that came between the sign-in and the registry is found here.
        let token_is_over = !self.gateway.authenticator.still_counts(&self.guest.identity, wall_ms());
        self.session.handle(Input::Time { token_is_over }, now);
        let next = self.session.poll_timeout().unwrap_or(now).saturating_sub(now);
        self.tick.as_mut().reset(Instant::now() + Duration::from_millis(next));
    }

    /// Puts a piece of mail, and what lies behind it, before the next flush.
    async fn deliver(&mut self, first: Option<Mail>) -> Result<(), End> {
        let mut next = Some(first);
        while let Some(mail) = next.take() {
            if let Some(mail) = &mail {
                self.guest.joined.backlog.took_out(mail.bytes());
            }
            if matches!(mail, Some(Mail::News)) {
                // Boxed as below: most sessions watch nobody.
                Box::pin(self.tell_news()).await?;
            } else if let Some(input) = input_of(mail, &self.guest.joined.ending) {
                self.session.handle(input, self.now());
            }
            self.carry_out().await?;
            if !self.socket.is_full() {
                next = self.guest.joined.mailbox.try_recv().ok().map(Some);
            }
        }
        Ok(())
    }

    /// How users are whom the session watches: as they are now, however long the news has waited.
    async fn tell_news(&mut self) -> Result<(), End> {
        for status in self.gateway.watching.news(self.guest.joined.id) {
            self.session.handle(Input::Status(status), self.now());
            self.carry_out().await?;
        }
        Ok(())
    }

    fn hear(&mut self, heard: Heard) -> Result<(), End> {
        if let Heard::Text(text) = &heard
            && self.session.hears()
            && self.ahead.is_empty()
        {
            self.request(Instant::now(), text.as_str());
            return Ok(());
        }
        let mut ear = Ear::Open;
        self.hearing(&mut ear).hear(heard);
        if ear == Ear::Gone { Err(End::Gone) } else { Ok(()) }
    }

    fn hearing<'a>(&'a mut self, ear: &'a mut Ear) -> Hearing<'a, Native> {
        let Self { gateway, socket, guest, session, ahead, .. } = self;
        Hearing { guest, socket, session, ahead, ear, clock: &gateway.clock }
    }

    /// Goes on with the next request that has come already.
    fn go_on(&mut self) {
        if let Some(Waiting { heard_at, text }) = self.ahead.take() {
            self.request(heard_at, text.as_str());
        }
    }

    fn request(&mut self, heard_at: Instant, text: &str) {
        let read = native::read(text, self.gateway.settings.limits.frame_bytes as usize);
        let (id, asked) = match read {
            Ok(request) => {
                self.asked = Some(UnderWay { method: request.method, since: heard_at });
                let asked = request.asks(&self.guest.actor.user);
                (request.id, asked)
            }
            Err(Unread { id, error }) => {
                self.asked = None;
                self.gateway.metrics.frame_refused(error.data.reason);
                (id, Asked::Unreadable(error))
            }
        };
        if let Asked::Ack(Ok(cursor)) = &asked {
            self.rings.acknowledged(*cursor, &self.gateway.rings, &self.guest.actor);
        }
        let now = self.now();
        let allowances = &*self.guest.rates;
        self.session.handle(Input::Request { id, asked, allowances }, now);
    }

    fn now(&self) -> u64 {
        self.gateway.clock.now_ms()
    }
}

/// What the session wants.
impl Driver {
    /// Does what the session wants, until it wants nothing more or, in the middle of a page of its stream, the socket is full.
    async fn carry_out(&mut self) -> Result<(), End> {
        while let Some(output) = self.session.poll(self.now()) {
            match output {
                Output::Event(viewer, body) => {
                    self.rings.sends(&self.gateway.rings, &self.guest.actor, &viewer, &body);
                    self.socket.put(write::event(viewer, &body));
                    if self.socket.is_full() && self.session.is_reading() {
                        return Ok(());
                    }
                }
                Output::Answer(id, answer) => {
                    let text = self.answer(id, answer);
                    self.socket.put(text);
                }
                Output::Refuse(id, refused) => {
                    let text = self.refusal(id, *refused);
                    self.socket.put(text);
                }
                Output::CaughtUp { cursor, repaired } => {
                    self.gateway.metrics.stream_repairs.inc_by(u64::from(repaired));
                    self.socket.put(write::caught_up(cursor));
                }
                Output::Status(status) => self.socket.put(write::status(&status)),
                Output::Ask(command) if is_watched(&command) => Box::pin(self.ask_informed(command)).await?,
                Output::Ask(command) => self.ask(command),
                // Boxed, because most sessions do neither most of the time, and the task keeps the room of its largest part.
                Output::Query(query) => Box::pin(self.query(*query)).await?,
                Output::Keep(keeping) => Box::pin(self.keep(*keeping)).await?,
                Output::Read { after } => Box::pin(self.read(after)).await?,
                Output::Ping => self.socket.ping(),
                Output::Close(ending) => return Err(End::Close(ending)),
            }
        }
        // An acknowledgement without id is not answered.
        if self.session.hears() {
            self.asked = None;
        }
        Ok(())
    }

    fn answer(&mut self, id: Option<RequestId>, answer: Answer) -> String {
        self.count(Ok(()));
        write::answer(id, answer)
    }

    fn refusal(&mut self, id: Option<RequestId>, refused: Refused<ErrorBody>) -> String {
        self.gateway.metrics.refused(&refused);
        let error = native::error_of(refused);
        self.count(Err(error.data.reason));
        write::error(id, &error)
    }

    fn count(&mut self, outcome: Result<(), Reason>) {
        if let Some(UnderWay { method, since }) = self.asked.take() {
            self.gateway.metrics.command_done(method, outcome, since.elapsed());
        }
    }

    fn ask(&mut self, command: Command) {
        let (session, connected_at) = (self.guest.joined.id, self.guest.connected_at);
        let reply_to = ReplyTo::Session(Asker { session, connected_at, heard_at: self.heard_at() });
        if let Err(failure) = self.gateway.door.ask(self.guest.actor.clone(), command, reply_to) {
            self.failed(failure);
        }
    }

    fn failed(&mut self, failure: Failure) {
        self.session.handle(Input::Reply(Box::new(Err(failure.into()))), self.now());
    }

    /// The inviter wants to know who cannot be reached.
    async fn ask_informed(&mut self, command: Command) -> Result<(), End> {
        let gateway = Arc::clone(&self.gateway);
        let until = self.heard_at() + ANSWERED_WITHIN;
        let informed = self.while_hearing(pin!(timeout_at(until, gateway.door.informed(command)))).await?;
        match informed {
            Ok(command) => self.ask(command),
            Err(_) => self.failed(Failure::StoreUnavailable),
        }
        Ok(())
    }

    /// When the request that is under way came.
    fn heard_at(&self) -> Instant {
        self.asked.as_ref().map_or_else(Instant::now, |asked| asked.since)
    }

    async fn query(&mut self, query: Query) -> Result<(), End> {
        if let Query::Watch(users) = query {
            return self.watch(users).await;
        }
        let (gateway, user) = self.for_a_look();
        let until = self.heard_at() + ANSWERED_WITHIN;
        let found = self.while_hearing(pin!(timeout_at(until, gateway.door.answer(&user, query)))).await?;
        let found = found.unwrap_or_else(|_| Err(Failure::StoreUnavailable.into()));
        self.session.handle(Input::Found(Box::new(found.map_err(Box::new))), self.now());
        Ok(())
    }

    /// What was asked to be watched before is not watched any more, and nothing is after a refusal.
    async fn watch(&mut self, users: BTreeSet<UserId>) -> Result<(), End> {
        let (gateway, viewer) = self.for_a_look();
        let session = self.guest.joined.id;
        let until = self.heard_at() + ANSWERED_WITHIN;
        let watching = gateway.watching.watch(session, &viewer, users);
        let found = self.while_hearing(pin!(timeout_at(until, watching))).await?;
        let found = found.unwrap_or_else(|_| Err(Failure::StoreUnavailable.into()));
        if found.is_err() {
            gateway.watching.leave(session);
        }
        let found = found.map(Found::Statuses).map_err(Box::new);
        self.session.handle(Input::Found(Box::new(found)), self.now());
        Ok(())
    }

    async fn keep(&mut self, keeping: Keeping) -> Result<(), End> {
        let gateway = Arc::clone(&self.gateway);
        let keeper = Keeper { actor: self.guest.actor.clone(), signed_at: self.guest.identity.issued_at_ms };
        let until = self.heard_at() + ANSWERED_WITHIN;
        let kept = self.while_hearing(pin!(timeout_at(until, gateway.door.keep(keeper, keeping)))).await?;
        let kept = kept.unwrap_or_else(|_| Err(Failure::StoreUnavailable.into()));
        self.session.handle(Input::Kept(kept.map_err(Box::new)), self.now());
        Ok(())
    }

    async fn read(&mut self, after: u64) -> Result<(), End> {
        let (gateway, user) = self.for_a_look();
        let until = self.ahead.answered_by(self.asked.as_ref().map(|asked| asked.since));
        let page = self.while_hearing(pin!(page_after(&gateway.door, &user, after, until))).await?;
        let (input, bytes) = page_of(&user, after, page);
        self.page.set(bytes);
        self.session.handle(input, self.now());
        Ok(())
    }

    fn for_a_look(&self) -> (Arc<Gateway>, UserId) {
        (Arc::clone(&self.gateway), self.guest.actor.user.clone())
    }

    /// What came before the end of a connection is carried out all the same: the end is heard again afterwards.
    async fn while_hearing<T>(&mut self, looking: Pin<&mut impl Future<Output = T>>) -> Result<T, End> {
        let mut ear = Ear::Open;
        self.hearing(&mut ear).through(looking).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn future_of<A, F>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }

    /// There is one of each per connection, so their sizes are most of what a quiet connection costs besides its buffers.
    #[test]
    fn an_idle_connection_is_small() {
        let (driver, task) = (size_of::<Driver>(), future_of(Driver::run));
        println!("driver {driver}, its session {}, its task {task} bytes", size_of::<Session<Native>>());
        assert!(driver + task <= 1_600, "{driver} + {task} bytes");
    }
}

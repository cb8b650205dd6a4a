//! Drives an open session of OpenIM's client: one task that hears it, carries its requests out one after the other, and tells
//! the events of its stream in their order.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Sleep, timeout_at};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::{CloseCode, Device, Event, Platform, Reason, UserId};
use wigwag_session::codec::openim::asked::{self, Request};
use wigwag_session::codec::openim::event::Name;
use wigwag_session::codec::openim::frame::{self, Answer, Heading};
use wigwag_session::codec::openim::method::Named;
use wigwag_session::codec::openim::{Dialect, Error, OpenIm};
use wigwag_session::greeting::Opened;
use wigwag_session::rates::{Allowance, Allowances};
use wigwag_session::session::{Ending, Input, Output};
use wigwag_session::{Body, Refused, Session, Viewer};

use super::places::Standing;
use super::program::{Carried, Program};
use super::telling::Teller;
use super::welcome::{Hello, reason_of};
use crate::clock::wall_ms;
use crate::gateway::Gateway;
use crate::gateway::ahead::{ANSWERED_WITHIN, Ahead, Waiting};
use crate::gateway::driving::{End, input_of, page_after, page_of};
use crate::gateway::greeting::Welcomed;
use crate::gateway::guest::Guest;
use crate::gateway::hearing::{Ear, Hearing};
use crate::gateway::socket::Socket;
use crate::router::backlog::Held;
use crate::router::registry::Mail;

/// Places of own actions that are remembered until the stream has passed them: a request makes one.
const OWN: usize = 64;

/// How long the end of what came on a connection that is over is waited for. It is there at once, unless the device is silent for
/// another reason.
const HEARD_OUT: Duration = Duration::from_secs(1);

/// The device has to come again: what it must be told cannot be looked up while requests of it may wait.
const STORE_IS_AWAY: End = End::Close(Ending::Code(CloseCode::StoreUnavailable));

/// What functions are counted as that do nothing here, and those whose lists are empty.
const OTHER: &str = "other";

/// Who speaks, and how.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    pub(super) user: UserId,
    pub(super) platform: Platform,
    pub(super) device: Device,
    pub(super) dialect: Dialect,
    pub(super) in_batches: bool,
}

/// A session and what it lives on.
pub(super) struct Driver {
    gateway: Arc<Gateway>,
    socket: Socket,
    guest: Guest,
    session: Session<OpenIm>,
    page: Held,
    /// Requests that wait for the one under way.
    ahead: Ahead,
    ear: Ear,
    speaker: Speaker,
    teller: Teller,
    standing: Standing,
    /// Places in the stream of what this connection did itself.
    own: Vec<u64>,
    tick: Pin<Box<Sleep>>,
}

/// What hears the device, beside the driver's other parts.
macro_rules! hearing {
    ($driver:ident) => {
        Hearing {
            guest: &$driver.guest,
            socket: &mut $driver.socket,
            session: &mut $driver.session,
            ahead: &mut $driver.ahead,
            ear: &mut $driver.ear,
            clock: &$driver.gateway.clock,
        }
    };
}

impl Driver {
    /// A device that has signed in, with the reply to its Login under way.
    pub(super) fn new(welcomed: Welcomed<Hello>) -> Option<Box<Self>> {
        let Welcomed { gateway, mut socket, guest, opened, welcome } = welcomed;
        let Opened { id, reply, session } = opened;
        let (login, device) = (welcome.login()?, guest.actor.device.clone()?);
        let speaker = Speaker {
            user: guest.actor.user.clone(),
            platform: device.platform,
            device,
            dialect: login.dialect,
            in_batches: login.in_batches,
        };
        socket.put(frame::reply(speaker.dialect, &id.unwrap_or_default(), Answer::Nothing));
        greet(&mut socket);
        let standing = gateway.places.enter(&speaker.user, speaker.platform, reply.cursor);
        let teller = Teller::new(&gateway.door, speaker.clone(), reply.open_invitations.unwrap_or_default());
        let page = guest.joined.backlog.hold();
        let (ahead, ear) = (Ahead::counted_in(guest.joined.backlog.hold()), Ear::Open);
        // The session says when to look at the time; the first time is at once.
        let tick = Box::pin(tokio::time::sleep(Duration::ZERO));
        let own = Vec::new();
        Some(Box::new(Self {
            gateway,
            socket,
            guest,
            session,
            page,
            ahead,
            ear,
            speaker,
            teller,
            standing,
            own,
            tick,
        }))
    }

    /// Runs until the connection or the session ends.
    pub(super) async fn run(mut self: Box<Self>) {
        let Err(end) = self.live().await;
        let Self { gateway, mut socket, guest, session, page, ahead, standing, .. } = *self;
        let ending = Arc::clone(&guest.joined.ending);
        gateway.note_closed(guest.signing(), end.code(ending.code()), guest.seconds());
        drop((guest, session, page, ahead));
        Box::pin(standing.leave(&gateway.door)).await;
        if let End::Close(ending) = &end
            && let Some(name) = farewell(*ending)
        {
            socket.put(frame::event(name, ""));
        }
        Box::pin(end.say(&gateway, socket, &ending)).await;
    }

    async fn live(&mut self) -> Result<Infallible, End> {
        self.ring_at_start().await?;
        loop {
            self.carry_out().await?;
            if !self.session.is_reading() {
                self.page.set(0);
            }
            if self.ear == Ear::Gone {
                self.finish().await?;
            }
            let is_flushed = self.socket.is_flushed();
            let is_idle = self.session.hears();
            let is_next_here = is_flushed && is_idle && !self.ahead.is_empty();
            let moves = !is_flushed || is_idle;
            tokio::select! {
                // As in the native protocol: what must not wait first, then the device, then its mail.
                biased;
                () = self.guest.joined.ending.hurries() => return Err(End::Slow),
                () = self.tick.as_mut() => self.tick(),
                () = std::future::ready(()), if is_next_here => self.go_on().await?,
                heard = self.socket.flush_or_hear(), if moves => {
                    if let Some(heard) = heard {
                        hearing!(self).hear(heard);
                    }
                }
                mail = self.guest.joined.mailbox.recv(), if is_flushed => self.deliver(mail).await?,
            }
        }
    }

    async fn ring_at_start(&mut self) -> Result<(), End> {
        let (now, until) = (self.now(), self.ahead.answered_by(None));
        let rings = pin!(timeout_at(until, self.teller.rings_at_start(now)));
        let Ok(rings) = hearing!(self).through(rings).await? else { return Err(STORE_IS_AWAY) };
        for ring in rings {
            self.socket.put(ring);
        }
        Ok(())
    }

    fn tick(&mut self) {
        let now = self.now();
        let token_is_over = !self.gateway.authenticator.still_counts(&self.guest.identity, wall_ms());
        self.session.handle(Input::Time { token_is_over }, now);
        let next = self.session.poll_timeout().unwrap_or(now).saturating_sub(now);
        self.tick.as_mut().reset(Instant::now() + Duration::from_millis(next));
    }

    async fn deliver(&mut self, first: Option<Mail>) -> Result<(), End> {
        let mut next = Some(first);
        while let Some(mail) = next.take() {
            if let Some(mail) = &mail {
                self.guest.joined.backlog.took_out(mail.bytes());
            }
            // These sessions watch nobody, so nothing comes that is no input.
            if let Some(input) = input_of(mail, &self.guest.joined.ending) {
                self.session.handle(input, self.now());
            }
            self.carry_out().await?;
            if !self.socket.is_full() {
                next = self.guest.joined.mailbox.try_recv().ok().map(Some);
            }
        }
        Ok(())
    }

    fn now(&self) -> u64 {
        self.gateway.clock.now_ms()
    }
}

/// Requests.
impl Driver {
    /// Carries out the next request that has come.
    async fn go_on(&mut self) -> Result<(), End> {
        match self.ahead.take() {
            // Boxed, because most connections are quiet most of the time.
            Some(next) => Box::pin(self.request(next)).await,
            None => Ok(()),
        }
    }

    /// Carries out what came before the connection was over. Nobody hears the replies.
    async fn finish(&mut self) -> Result<Infallible, End> {
        self.hear_out().await;
        while !self.ahead.is_empty() {
            self.go_on().await?;
        }
        Err(End::Gone)
    }

    /// A connection is over as soon as nothing can be said on it. What the device said before may not have been heard yet, and the kernel
    /// still has it.
    async fn hear_out(&mut self) {
        let until = Instant::now() + HEARD_OUT;
        self.ear = Ear::Open;
        while self.ear == Ear::Open && self.ahead.has_room() {
            let Ok(heard) = timeout_at(until, self.socket.hear()).await else { break };
            hearing!(self).hear(heard);
        }
        self.ear = Ear::Gone;
    }

    async fn request(&mut self, Waiting { heard_at, text }: Waiting) -> Result<(), End> {
        let most = self.gateway.settings.limits.frame_bytes as usize;
        let frame = match frame::read(text.as_str(), most) {
            Ok(frame) => frame,
            Err(frame::Unread { heading, error }) => {
                self.gateway.metrics.frame_refused(reason_of(&error));
                let error = self.within(Allowance::Noise).err().unwrap_or(error);
                self.socket.put(frame::refusal(self.speaker.dialect, &heading, &error));
                return Ok(());
            }
        };
        let asked = asked::asked(self.speaker.dialect, &frame, &self.speaker.user);
        if let Ok(Request::Logout) = asked {
            self.count(&frame.heading, &Ok(Answer::Nothing), heard_at);
            return self.log_out(&frame.heading);
        }
        // The older client asks for its status every ten seconds by itself, which does not count against the user's rate.
        let outcome = if let Ok(Request::Status) = asked {
            Ok(Answer::Json(self.speaker.dialect.pick("101", "3").to_owned()))
        } else {
            self.carry(asked, heard_at).await?
        };
        self.count(&frame.heading, &outcome, heard_at);
        self.reply(&frame.heading, outcome);
        Ok(())
    }

    fn count(&self, heading: &Heading, outcome: &Result<Answer, Error>, heard_at: Instant) {
        let metrics = &self.gateway.metrics;
        let outcome = outcome.as_ref().map(|_| ()).map_err(reason_of);
        match Named::by(&heading.name) {
            Named::Function(function) => {
                metrics.function_done(function.as_str(), outcome, heard_at.elapsed());
            }
            Named::EmptyList | Named::NotSupported => {
                metrics.function_done(OTHER, outcome, heard_at.elapsed());
            }
            Named::Nothing => metrics.frame_refused(Reason::UnknownMethod),
        }
    }

    fn reply(&mut self, heading: &Heading, outcome: Result<Answer, Error>) {
        let dialect = self.speaker.dialect;
        let is_login = heading.name == "Login" && outcome.is_ok();
        self.socket.put(match outcome {
            Ok(answer) => frame::reply(dialect, heading, answer),
            Err(error) => frame::refusal(dialect, heading, &error),
        });
        if is_login {
            greet(&mut self.socket);
        }
    }

    /// Takes one request of this kind from what the user may still ask for.
    fn within(&self, of: Allowance) -> Result<(), Error> {
        self.guest.rates.take(of, self.now()).map_err(|wait| {
            let refused = Refused::TooFast(of, wait);
            self.gateway.metrics.refused(&refused);
            refused.into()
        })
    }

    async fn carry(
        &mut self,
        asked: Result<Request, Error>,
        heard_at: Instant,
    ) -> Result<Result<Answer, Error>, End> {
        let allowed = self.within(asked.as_ref().map_or(Allowance::Noise, Request::draws_on));
        match allowed.and(asked) {
            Ok(Request::Login(login)) => Ok(self.sign_in_again(&login)),
            Ok(request) => self.run_program(request, heard_at).await,
            Err(error) => Ok(Err(error)),
        }
    }

    /// Carries a request out, and hears meanwhile what else the device says. What the door was asked for before the time was over is
    /// carried out all the same.
    async fn run_program(
        &mut self,
        request: Request,
        heard_at: Instant,
    ) -> Result<Result<Answer, Error>, End> {
        let mut program = Program::new(&self.gateway.door, &self.speaker, &self.teller, self.now());
        let outcome = {
            let carrying_out = pin!(timeout_at(heard_at + ANSWERED_WITHIN, program.carry_out(request)));
            hearing!(self).through(carrying_out).await?
        };
        let Carried { own: told } = program.done();
        self.own.extend(told);
        let excess = self.own.len().saturating_sub(OWN);
        self.own.drain(..excess);
        Ok(outcome.unwrap_or_else(|_| Err(Error::because(Reason::StoreUnavailable))))
    }

    /// The clients take the next frame for the reply to Logout, whatever it is, and close.
    fn log_out(&mut self, heading: &Heading) -> Result<(), End> {
        self.socket.put(frame::reply(self.speaker.dialect, heading, Answer::Nothing));
        Err(End::Close(Ending::Code(CloseCode::Closed)))
    }

    /// The older client signs in again on the same connection after a while; nothing changes by it.
    fn sign_in_again(&mut self, login: &asked::Login) -> Result<Answer, Error> {
        let identity = self.gateway.authenticator.verify(&login.token, wall_ms());
        let identity = identity.and_then(|identity| identity.claimed_by(Some(&self.speaker.user)));
        match identity {
            Ok(_) if login.user == self.speaker.user => {
                self.speaker.in_batches = login.in_batches;
                Ok(Answer::Nothing)
            }
            Ok(_) => Err(Error::because(Reason::TokenWrongUser)),
            Err(reason) => Err(Error::because(reason)),
        }
    }
}

/// What the session wants.
impl Driver {
    async fn carry_out(&mut self) -> Result<(), End> {
        while let Some(output) = self.session.poll(self.now()) {
            match output {
                Output::Event(viewer, body) => {
                    Box::pin(self.tell(viewer, body)).await?;
                    if self.socket.is_full() && self.session.is_reading() {
                        return Ok(());
                    }
                }
                Output::CaughtUp { cursor, repaired } => {
                    self.gateway.metrics.stream_repairs.inc_by(u64::from(repaired));
                    self.standing.told(cursor);
                }
                // Requests are carried out beside the session, so it has none of its own to carry out or to answer, and watches nobody.
                Output::Status(_)
                | Output::Answer(..)
                | Output::Refuse(..)
                | Output::Ask(_)
                | Output::Query(_)
                | Output::Keep(_) => {}
                Output::Read { after } => Box::pin(self.read(after)).await?,
                Output::Ping => self.socket.ping(),
                Output::Close(ending) => return Err(End::Close(ending)),
            }
        }
        Ok(())
    }

    /// The place moves on when the frames are under way: what cannot be looked up now is told on the next connection.
    async fn tell(&mut self, viewer: Viewer, body: Body) -> Result<(), End> {
        let event = match &body {
            Body::Live(event) => match &event.event {
                Some(event) => Some(Cow::Borrowed(event)),
                None => read_event(&event.body).map(Cow::Owned),
            },
            Body::Stored(text) => read_event(text).map(Cow::Owned),
        };
        let is_own = self.own.contains(&viewer.cursor);
        self.own.retain(|own| *own > viewer.cursor);
        if let Some(event) = event {
            let until = self.ahead.answered_by(None);
            let telling = pin!(self.teller.tell(&viewer, &event, is_own, until));
            let Some(frames) = hearing!(self).through(telling).await? else { return Err(STORE_IS_AWAY) };
            for frame in frames {
                self.socket.put(frame);
            }
        }
        // These clients acknowledge nothing: what their connection was given counts.
        self.gateway.rings.told(&self.guest.actor, &viewer, &body);
        self.standing.told(viewer.cursor);
        Ok(())
    }

    async fn read(&mut self, after: u64) -> Result<(), End> {
        let until = self.ahead.answered_by(None);
        let looking = pin!(page_after(&self.gateway.door, &self.speaker.user, after, until));
        let page = hearing!(self).through(looking).await?;
        let (input, bytes) = page_of(&self.speaker.user, after, page);
        self.page.set(bytes);
        self.session.handle(input, self.now());
        Ok(())
    }
}

/// An event as the log keeps it; `None` for one that this program does not know.
fn read_event(shared: &str) -> Option<Event> {
    Event::read(&format!("{{{shared}")).ok().flatten()
}

/// Apps load their lists when the third of these comes.
fn greet(socket: &mut Socket) {
    for name in [Name::OnConnectSuccess, Name::OnSyncServerStart, Name::OnSyncServerFinish] {
        socket.put(frame::event(name, ""));
    }
}

/// What the app is told before its connection is closed. Of all other ends the client sees the close, and comes again.
fn farewell(ending: Ending) -> Option<Name> {
    match ending {
        Ending::Code(CloseCode::TokenExpired) => Some(Name::OnUserTokenExpired),
        Ending::Code(CloseCode::PlatformLimit) => Some(Name::OnKickedOffline),
        Ending::Code(_) | Ending::Breach(_) => None,
    }
}

/// An invitation that was open when its invitee signed in.
pub(super) type Open = Vec<InvitationView>;

#[cfg(test)]
mod tests {
    use super::*;

    /// Each request and each event has one of these for as long as it takes, and above 1 KiB a piece of memory costs more.
    #[test]
    fn what_a_request_and_an_event_take_is_small() {
        fn of_request<'a, F>(_: impl FnOnce(&'a mut Driver, Waiting) -> F) -> usize {
            size_of::<F>()
        }
        fn of_event<'a, F>(_: impl FnOnce(&'a mut Driver, Viewer, Body) -> F) -> usize {
            size_of::<F>()
        }
        let (request, event) = (of_request(Driver::request), of_event(Driver::tell));
        println!("request {request}, event {event} bytes");
        assert!(request <= 5_000 && event <= 5_000, "{request}, {event} bytes");
    }
}

//! Drives the greeting of one connection: sockets, tokens, the registry and the store around [`wigwag_session::Greeting`].

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use wigwag_engine::{Actor, Command};
use wigwag_protocol::frame::RequestId;
use wigwag_protocol::{ErrorBody, Method, UserId};
use wigwag_session::codec::native::{self, Native, Unread, write};
use wigwag_session::greeting::{Input, NotLetIn, Opened, Output, Seat};
use wigwag_session::rates::{Allowance, Allowances};
use wigwag_session::refused::Refusal;
use wigwag_session::{FirstAsked, Greeting, Refused, greeting};

use super::guest::{Admitted, Guest};
use super::session::Driver;
use super::socket::{Gone, Heard, Socket};
use super::{Connection, Gateway};
use crate::auth::Identity;
use crate::clock::wall_ms;
use crate::cluster::{Arrival, Seating};
use crate::store::StoreError;
use crate::telemetry::Throttle;

/// Drives a greeting until the device has signed in. `None` when it did not; the connection is closed then.
pub(super) async fn greet(
    gateway: &Arc<Gateway>,
    socket: Socket,
    connection: Connection,
) -> Option<Box<Driver>> {
    let greeting = Greeting::new(Arc::clone(&gateway.settings), connection.made_at);
    let hall = Hall {
        gateway: Arc::clone(gateway),
        socket,
        connection,
        greeting,
        admitted: None,
        claimed: None,
        guest: None,
        since: None,
    };
    hall.run().await
}

/// A connection that is being greeted.
struct Hall {
    gateway: Arc<Gateway>,
    socket: Socket,
    connection: Connection,
    greeting: Greeting<Native>,
    /// Whose token was looked at last.
    admitted: Option<Admitted>,
    /// Whom that token was for, or whom the client said it was for.
    claimed: Option<UserId>,
    /// From the moment when the device is registered.
    guest: Option<Guest>,
    /// When the sign-in that is under way began.
    since: Option<Instant>,
}

/// What the greeting has come to.
enum Stage {
    /// It goes on with the next input.
    Waits,
    /// The device is signed in.
    Opened(Box<Opened<Native>>),
    /// The connection has to be closed.
    Closed(wigwag_session::session::Ending),
}

impl Hall {
    async fn run(mut self) -> Option<Box<Driver>> {
        loop {
            match self.carry_out().await.ok()? {
                Stage::Waits => {}
                Stage::Opened(opened) => return self.open(*opened),
                Stage::Closed(ending) => {
                    drop(self.guest);
                    self.socket.close(ending).await;
                    return None;
                }
            }
            let input = self.next_input().await.ok()?;
            self.greeting.handle(input, self.gateway.clock.now_ms());
        }
    }

    /// Carries out what the greeting wants, until it wants nothing more.
    async fn carry_out(&mut self) -> Result<Stage, Gone> {
        while let Some(output) = self.greeting.poll() {
            let input = match output {
                Output::Refuse(id, refused) => {
                    self.refuse(id, *refused).await?;
                    continue;
                }
                Output::Leave => {
                    self.guest = None;
                    continue;
                }
                Output::Verify { token, claimed } => Some(self.verify(&token, claimed.as_ref())),
                Output::TakeSeat(actor) => self.take_seat(actor).await,
                Output::FindPlace(user) => self.find_place(&user).await,
                Output::Register(actor) => self.register(actor).await,
                Output::ListOpen(user) => self.list_open(&user).await,
                Output::Opened(opened) => return Ok(Stage::Opened(opened)),
                Output::Close(ending) => return Ok(Stage::Closed(ending)),
            };
            // Without an answer the time is up, and only that is left to be said.
            self.greeting.handle(input.unwrap_or(Input::Time), self.gateway.clock.now_ms());
        }
        Ok(Stage::Waits)
    }

    async fn refuse(&mut self, id: Option<RequestId>, refused: Refused<ErrorBody>) -> Result<(), Gone> {
        self.gateway.metrics.refused(&refused);
        let error = native::error_of(refused);
        if let Some(since) = self.since.take() {
            let metrics = &self.gateway.metrics;
            metrics.command_done(Method::SessionOpen, Err(error.data.reason), since.elapsed());
            self.gateway.log_refused(self.claimed.as_ref(), error.data.reason, self.connection.peer);
        }
        self.socket.say(write::error(id, &error)).await
    }

    fn open(mut self, opened: Opened<Native>) -> Option<Box<Driver>> {
        let Opened { id, reply, session } = opened;
        let metrics = &self.gateway.metrics;
        metrics.sessions_opened.inc();
        if reply.resync {
            metrics.resyncs.inc();
        } else if reply.open_invitations.is_none() {
            metrics.resumes.inc();
        }
        if let Some(since) = self.since {
            metrics.command_done(Method::SessionOpen, Ok(()), since.elapsed());
        }
        let guest = self.guest?;
        self.gateway.log_opened(guest.signing(), self.connection.peer);
        self.socket.signed_in(self.gateway.hard_limit(), guest.joined.backlog.hold());
        self.socket.put(write::opened(id, reply));
        Some(Box::new(Driver::new(self.gateway, self.socket, guest, session)))
    }
}

/// What comes in.
impl Hall {
    async fn next_input(&mut self) -> Result<Input<Native>, Gone> {
        loop {
            let now = self.gateway.clock.now_ms();
            let until = self.greeting.poll_timeout().unwrap_or(now);
            let listening = self.greeting.hears();
            let heard = tokio::select! {
                heard = self.socket.hear(), if listening => heard,
                () = sleep(Duration::from_millis(until.saturating_sub(now))) => return Ok(Input::Time),
                () = self.gateway.stopping.cancelled() => return Ok(Input::Stopping),
            };
            match heard {
                Heard::Text(text) => return Ok(self.request(text.as_str())),
                Heard::Sign => {}
                Heard::Binary => return Ok(Input::Violation),
                Heard::Breach(breach) => return Ok(Input::Breach(breach)),
                Heard::Crowded => {
                    self.gateway.metrics.unsigned_refused.inc();
                    return Ok(Input::Crowded);
                }
                Heard::Gone => return Err(Gone),
            }
        }
    }

    fn request(&self, text: &str) -> Input<Native> {
        match native::read(text, self.gateway.settings.limits.frame_bytes as usize) {
            Ok(request) => {
                let asked = request.asks_first();
                Input::Request { id: request.id, asked }
            }
            Err(Unread { id, error }) => {
                self.gateway.metrics.frame_refused(error.data.reason);
                Input::Request { id, asked: FirstAsked::Wrong(error) }
            }
        }
    }
}

/// What the greeting asks for. `None`: there was no answer in time.
impl Hall {
    fn verify(&mut self, token: &str, claimed: Option<&UserId>) -> Input<Native> {
        self.since = Some(Instant::now());
        let wall_ms = wall_ms();
        let identity = self.gateway.authenticator.verify(token, wall_ms);
        let identity = identity.and_then(|identity| identity.claimed_by(claimed));
        self.claimed = identity.as_ref().ok().map(|identity| &identity.user).or(claimed).cloned();
        let now = self.gateway.clock.now_ms();
        let admitted = identity.map_err(NotLetIn::Token).and_then(|identity| self.admit(identity, now));
        Input::Verified(admitted.map(|admitted| {
            let Identity { user, expires_at_ms, .. } = admitted.identity.clone();
            self.admitted = Some(admitted);
            // Server time may be ahead of the clock by which the token was made and judged.
            let life_ms = expires_at_ms.saturating_sub(wall_ms);
            greeting::Identity { user, ends_at: now.saturating_add(life_ms) }
        }))
    }

    /// Counts a sign-in of a user whose token counts.
    fn admit(&self, identity: Identity, now: u64) -> Result<Admitted, NotLetIn> {
        let rates = self.gateway.rates.of(&identity.user, now);
        rates.take(Allowance::SignIns, now).map_err(NotLetIn::TooFast)?;
        Ok(Admitted { identity, rates })
    }

    async fn take_seat(&mut self, actor: Actor) -> Option<Input<Native>> {
        let (device, admitted) = (actor.device.clone()?, self.admitted.take()?);
        let Connection { session, made_at, peer: _ } = self.connection;
        let joined =
            self.gateway.registry.join(session, &actor.user, &device, admitted.identity.issued_at_ms);
        let arrival = Arrival { user: actor.user.clone(), device, session, connected_at: made_at };
        // From here on the device is registered, and is taken out again when the guest is dropped.
        self.guest = Some(Guest::new(&self.gateway, actor, admitted, joined, made_at));
        let seating = in_time(self.patience(), self.gateway.neighbours.arrive(arrival)).await?;
        Some(Input::Seated(seating.map(|taken| match taken {
            Seating::Taken => Seat::Taken,
            Seating::Refused => Seat::Refused,
        })))
    }

    async fn find_place(&mut self, user: &UserId) -> Option<Input<Native>> {
        Some(Input::Placed(in_time(self.patience(), self.gateway.door.stream_bounds(user)).await?))
    }

    async fn list_open(&mut self, user: &UserId) -> Option<Input<Native>> {
        Some(Input::Listed(in_time(self.patience(), self.gateway.door.open_invitations(user)).await?))
    }

    async fn register(&mut self, actor: Actor) -> Option<Input<Native>> {
        let outcome = timeout(self.patience(), self.gateway.door.carry_out(actor, Command::Register)).await;
        Some(Input::Registered(outcome.ok()?.map(|_| ())))
    }

    fn patience(&self) -> Duration {
        let now = self.gateway.clock.now_ms();
        let until = self.greeting.poll_timeout().unwrap_or(now);
        Duration::from_millis(until.saturating_sub(now))
    }
}

async fn in_time<T>(
    patience: Duration,
    asking: impl Future<Output = Result<T, StoreError>>,
) -> Option<Result<T, Box<Refusal>>> {
    match timeout(patience, asking).await {
        Ok(Ok(found)) => Some(Ok(found)),
        Ok(Err(error)) => {
            log_not_opened(&error.to_string());
            Some(Err(error.failure().into()))
        }
        Err(_) => {
            log_not_opened("the store does not answer in time");
            None
        }
    }
}

/// Once a second: when the store fails, everybody who comes back is refused.
fn log_not_opened(why: &str) {
    static LINES: Throttle = Throttle::every(Duration::from_secs(1));
    if let Some(sessions) = LINES.pass(1, std::time::Instant::now()) {
        tracing::error!(error = why, sessions, "sessions could not be opened");
    }
}

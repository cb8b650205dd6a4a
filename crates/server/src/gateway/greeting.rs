//! Drives the greeting of one connection: sockets, tokens, the registry and the store around [`wigwag_session::Greeting`].

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use wigwag_engine::{Actor, Command};
use wigwag_protocol::{Method, Reason, UserId};
use wigwag_session::greeting::{Input, NotLetIn, Opened, Output, Seat};
use wigwag_session::rates::{Allowance, Allowances};
use wigwag_session::refused::Refusal;
use wigwag_session::{Codec, FirstAsked, Greeting, Refused, greeting};

use super::guest::{Admitted, Guest};
use super::socket::{Gone, Heard, Socket};
use super::{Connection, Gateway};
use crate::auth::Identity;
use crate::clock::wall_ms;
use crate::cluster::{Arrival, Seating};
use crate::store::StoreError;
use crate::telemetry::Throttle;

/// What a protocol brings to the greeting of one connection.
pub(super) trait Welcome: Send {
    /// The protocol.
    type Codec: Codec<RequestId: Send + Sync, Fault: Send + Sync> + Send + Sync;

    /// What a frame of at most `most` bytes asks before the sign-in.
    fn hear(&mut self, text: &str, most: usize) -> First<Self::Codec>;

    /// The frames that refuse a request, and the reason that is counted.
    fn refuse(
        &self,
        id: Option<<Self::Codec as Codec>::RequestId>,
        refused: Refused<<Self::Codec as Codec>::Fault>,
    ) -> Turned;

    /// How far the server knows to have told the device of `user` that signs in, for a protocol whose clients have no cursor.
    fn kept(&self, _gateway: &Gateway, _user: &UserId) -> impl Future<Output = Option<u64>> + Send {
        std::future::ready(None)
    }
}

/// A frame before the sign-in.
pub(super) struct First<C: Codec> {
    pub(super) id: Option<C::RequestId>,
    pub(super) asked: FirstAsked<C::Fault>,
    /// Why the frame is no request, if it is none.
    pub(super) unread: Option<Reason>,
}

/// A refusal in the words of a protocol.
pub(super) struct Turned {
    pub(super) frames: Vec<String>,
    pub(super) reason: Reason,
}

/// A device that has signed in.
pub(super) struct Welcomed<W: Welcome> {
    pub(super) gateway: Arc<Gateway>,
    pub(super) socket: Socket,
    pub(super) guest: Guest,
    pub(super) opened: Opened<W::Codec>,
    pub(super) welcome: W,
}

/// Drives a greeting until the device has signed in. `None` when it did not; the connection is closed then.
pub(super) async fn greet<W: Welcome>(
    gateway: &Arc<Gateway>,
    socket: Socket,
    connection: Connection,
    welcome: W,
) -> Option<Welcomed<W>> {
    let greeting = Greeting::new(Arc::clone(&gateway.settings), connection.made_at);
    let hall = Hall {
        gateway: Arc::clone(gateway),
        socket,
        connection,
        greeting,
        welcome,
        admitted: None,
        claimed: None,
        guest: None,
        since: None,
    };
    hall.run().await
}

/// A connection that is being greeted.
struct Hall<W: Welcome> {
    gateway: Arc<Gateway>,
    socket: Socket,
    connection: Connection,
    greeting: Greeting<W::Codec>,
    welcome: W,
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
enum Stage<C: Codec> {
    /// It goes on with the next input.
    Waits,
    /// The device is signed in.
    Opened(Box<Opened<C>>),
    /// The connection has to be closed.
    Closed(wigwag_session::session::Ending),
}

impl<W: Welcome> Hall<W> {
    async fn run(mut self) -> Option<Welcomed<W>> {
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
    async fn carry_out(&mut self) -> Result<Stage<W::Codec>, Gone> {
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

    async fn refuse(
        &mut self,
        id: Option<<W::Codec as Codec>::RequestId>,
        refused: Refused<<W::Codec as Codec>::Fault>,
    ) -> Result<(), Gone> {
        self.gateway.metrics.refused(&refused);
        let Turned { frames, reason } = self.welcome.refuse(id, refused);
        if let Some(since) = self.since.take() {
            let metrics = &self.gateway.metrics;
            metrics.command_done(Method::SessionOpen, Err(reason), since.elapsed());
            self.gateway.log_refused(self.claimed.as_ref(), reason, self.connection.peer);
        }
        for frame in frames {
            self.socket.say(frame).await?;
        }
        Ok(())
    }

    fn open(mut self, opened: Opened<W::Codec>) -> Option<Welcomed<W>> {
        let metrics = &self.gateway.metrics;
        metrics.sessions_opened.inc();
        if opened.reply.resync {
            metrics.resyncs.inc();
        } else if opened.reply.open_invitations.is_none() {
            metrics.resumes.inc();
        }
        if let Some(since) = self.since {
            metrics.command_done(Method::SessionOpen, Ok(()), since.elapsed());
        }
        let guest = self.guest?;
        self.gateway.note_opened(guest.signing(), self.connection.peer);
        self.socket.signed_in(self.gateway.hard_limit(), &guest.joined.backlog);
        let Self { gateway, socket, welcome, .. } = self;
        Some(Welcomed { gateway, socket, guest, opened, welcome })
    }
}

/// What comes in.
impl<W: Welcome> Hall<W> {
    async fn next_input(&mut self) -> Result<Input<W::Codec>, Gone> {
        loop {
            let now = self.gateway.clock.now_ms();
            let until = self.greeting.poll_timeout().unwrap_or(now);
            let listening = self.greeting.hears();
            let heard = tokio::select! {
                // Flushed before more is heard: each ping leaves an answer, and who does not take them must not be able to pile them up.
                heard = self.socket.flush_or_hear(), if listening => heard,
                () = sleep(Duration::from_millis(until.saturating_sub(now))) => return Ok(Input::Time),
                () = self.gateway.stopping.cancelled() => return Ok(Input::Stopping),
            };
            match heard.unwrap_or(Heard::Sign) {
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

    fn request(&mut self, text: &str) -> Input<W::Codec> {
        let most = self.gateway.settings.limits.frame_bytes as usize;
        let First { id, asked, unread } = self.welcome.hear(text, most);
        if let Some(reason) = unread {
            self.gateway.metrics.frame_refused(reason);
        }
        Input::Request { id, asked }
    }
}

/// What the greeting asks for. `None`: there was no answer in time.
impl<W: Welcome> Hall<W> {
    fn verify(&mut self, token: &str, claimed: Option<&UserId>) -> Input<W::Codec> {
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

    async fn take_seat(&mut self, actor: Actor) -> Option<Input<W::Codec>> {
        let (device, admitted) = (actor.device.clone()?, self.admitted.take()?);
        let Connection { session, made_at, peer: _ } = self.connection;
        let joined =
            self.gateway.registry.join(session, &actor.user, &device, admitted.identity.issued_at_ms);
        let came = joined.is_first.then(|| actor.user.clone());
        let arrival = Arrival { user: actor.user.clone(), device, session, connected_at: made_at };
        // From here on the device is registered, and is taken out again when the guest is dropped.
        self.guest = Some(Guest::new(&self.gateway, actor, admitted, joined, made_at));
        let seating = in_time(self.patience(), self.gateway.neighbours.arrive(arrival)).await?;
        if let Some(user) = came {
            self.gateway.watching.moved(&user);
        }
        Some(Input::Seated(seating.map(|taken| match taken {
            Seating::Taken => Seat::Taken,
            Seating::Refused => Seat::Refused,
        })))
    }

    async fn find_place(&mut self, user: &UserId) -> Option<Input<W::Codec>> {
        let patience = self.patience();
        let kept = timeout(patience, self.welcome.kept(&self.gateway, user)).await.ok()?;
        if let Some(cursor) = kept {
            self.greeting.handle(Input::Kept(cursor), self.gateway.clock.now_ms());
        }
        Some(Input::Placed(in_time(patience, self.gateway.door.stream_bounds(user)).await?))
    }

    async fn list_open(&mut self, user: &UserId) -> Option<Input<W::Codec>> {
        Some(Input::Listed(in_time(self.patience(), self.gateway.door.open_invitations(user)).await?))
    }

    async fn register(&mut self, actor: Actor) -> Option<Input<W::Codec>> {
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

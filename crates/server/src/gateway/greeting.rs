//! A connection before it is signed in: one request, `session.open`, within ten seconds.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};
use wigwag_engine::stream::Position;
use wigwag_engine::{Actor, Command};
use wigwag_protocol::frame::{self, RequestId};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::params::SessionOpen;
use wigwag_protocol::result::SessionOpened;
use wigwag_protocol::{CloseCode, Device, ErrorBody, Method, Reason};

use super::session::{Session, SessionParts};
use super::socket::{Heard, Socket};
use super::{Connection, Gateway, catch_up, frames};
use crate::auth::Identity;
use crate::cluster::{Arrival, Seating};
use crate::door;
use crate::store::{StoreError, StreamBounds};

/// SPEC 7: the first request within 10 s.
const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// What the store has for all that a sign-in asks of it, one after the other: an answer is promised within five seconds.
const STORE_LIMIT: Duration = Duration::from_millis(4_700);

/// Reads until the device has signed in. `None` when it did not; the connection is closed then.
pub(super) async fn greet(
    gateway: &Arc<Gateway>,
    socket: axum::extract::ws::WebSocket,
    connection: Connection,
) -> Option<Box<Session>> {
    let mut socket = Socket(socket);
    let until = Instant::now() + OPEN_LIMIT;
    loop {
        let heard = tokio::select! {
            heard = socket.hear() => heard,
            () = sleep_until(until) => {
                socket.close(CloseCode::OpenTimeout).await;
                return None;
            }
            () = gateway.stopping.cancelled() => {
                socket.close(CloseCode::ResumeElsewhere).await;
                return None;
            }
        };
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Sign => continue,
            Heard::Binary => {
                socket.close(CloseCode::ProtocolViolation).await;
                return None;
            }
            Heard::TooLarge => {
                socket.close_too_large().await;
                return None;
            }
            Heard::Gone => return None,
        };
        match Box::pin(answer(gateway, connection, socket, text.as_str())).await {
            Answered::Opened(session) => return Some(session),
            Answered::Wait(waiting) => socket = *waiting,
            Answered::Over => return None,
        }
    }
}

/// What a frame before the sign-in came to.
enum Answered {
    Opened(Box<Session>),
    Wait(Box<Socket>),
    Over,
}

async fn answer(gateway: &Arc<Gateway>, connection: Connection, mut socket: Socket, text: &str) -> Answered {
    let since = Instant::now();
    let most = gateway.settings.limits.frame_bytes as usize;
    let request = match frames::read(text, most) {
        Ok(request) => request,
        Err((id, error)) => {
            gateway.metrics.frame_refused(error.data.reason);
            return refuse(socket, &id, &error).await;
        }
    };
    let id = request.id.unwrap_or(RequestId::Unknown);
    if request.method != Method::SessionOpen {
        return refuse(socket, &id, &Reason::NotSignedIn.error()).await;
    }
    let open = match door::parse::<SessionOpen>(request.params) {
        Ok(open) => open,
        Err(error) => return refuse(socket, &id, &error).await,
    };
    let identity = match sign_in(gateway, &open) {
        Ok(identity) => identity,
        Err(reason) => {
            gateway.metrics.command_done(Method::SessionOpen, Err(reason), since.elapsed());
            return turn_away(socket, &id, reason).await;
        }
    };
    match Box::pin(open_session(gateway, &mut socket, (&id, connection, open, identity))).await {
        Ok(parts) => {
            gateway.metrics.command_done(Method::SessionOpen, Ok(()), since.elapsed());
            Answered::Opened(Box::new(Session::new(Arc::clone(gateway), socket, parts)))
        }
        Err(Failed::Refused(error)) => {
            let reason = error.data.reason;
            gateway.metrics.command_done(Method::SessionOpen, Err(reason), since.elapsed());
            if reason == Reason::UserNotRegistered {
                return turn_away(socket, &id, reason).await;
            }
            refuse(socket, &id, &error).await
        }
        Err(Failed::Gone) => Answered::Over,
        Err(Failed::Close(code)) => {
            socket.close(code).await;
            Answered::Over
        }
    }
}

async fn refuse(mut socket: Socket, id: &RequestId, error: &ErrorBody) -> Answered {
    match socket.say(frame::error(id, error)).await {
        Ok(()) => Answered::Wait(Box::new(socket)),
        Err(_) => Answered::Over,
    }
}

/// Says why nobody is let in with this token, and closes.
async fn turn_away(mut socket: Socket, id: &RequestId, reason: Reason) -> Answered {
    if socket.say(frame::error(id, &reason.error())).await.is_ok() {
        socket.close(CloseCode::SignInRefused).await;
    }
    Answered::Over
}

fn sign_in(gateway: &Gateway, open: &SessionOpen) -> Result<Identity, Reason> {
    gateway.authenticator.verify(&open.token, gateway.clock.now_ms())?.claimed_by(open.user_id.as_ref())
}

/// Why a session could not be opened.
enum Failed {
    /// The connection stays; the device may try again.
    Refused(Box<ErrorBody>),
    Gone,
    Close(CloseCode),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a session could not be opened");
        Self::Refused(Box::new(error.reason().error()))
    }
}

/// Registers the mailbox first, then with the other nodes, and reads the store last, so that whatever is committed in between arrives by one of
/// the two; the position tells what arrives by both.
async fn open_session(
    gateway: &Arc<Gateway>,
    socket: &mut Socket,
    (id, connection, open, identity): (&RequestId, Connection, SessionOpen, Identity),
) -> Result<SessionParts, Failed> {
    let device = Device { device_id: open.device_id, platform: open.platform };
    let joined = gateway.registry.join(connection.session, &identity.user, &device);
    let arrival = Arrival {
        user: identity.user.clone(),
        device: device.clone(),
        session: connection.session,
        connected_at: connection.made_at,
    };
    let actor = Actor { user: identity.user.clone(), device: Some(device) };
    // From here on the session is registered: it is taken out again when its guard is dropped.
    let mut parts = SessionParts::new(gateway, actor, joined, identity);
    let finding = timeout(STORE_LIMIT, Box::pin(find_place(gateway, arrival, open.cursor, &parts.actor)));
    let Found { bounds, usable, open_invitations } = finding.await.unwrap_or_else(|_| Err(late().into()))?;
    let start = usable.unwrap_or(bounds.head);
    let resync = open.cursor.is_some() && usable.is_none();
    gateway.metrics.sessions_opened.inc();
    if resync {
        gateway.metrics.resyncs.inc();
    } else if usable.is_some() {
        gateway.metrics.resumes.inc();
    }
    let opened = SessionOpened {
        user_id: parts.actor.user.clone(),
        time: gateway.clock.now_ms(),
        cursor: start,
        head: bounds.head,
        resync,
        open_invitations,
        ping_interval: u32::try_from(gateway.settings.ping_interval.as_secs()).unwrap_or(u32::MAX),
        limits: gateway.settings.limits.clone(),
    };
    socket.say(frame::reply(id, &opened)).await.map_err(|_| Failed::Gone)?;
    parts.position = Position::at(start);
    if start < bounds.head {
        let caught_up =
            catch_up::run(gateway, socket, &parts.actor.user, (parts.position, bounds.head)).await;
        parts.position = caught_up.map_err(|failed| match failed {
            catch_up::Failed::Gone => Failed::Gone,
            catch_up::Failed::Store => Failed::Close(CloseCode::StoreUnavailable),
        })?;
    }
    Ok(parts)
}

/// Where a session starts.
struct Found {
    bounds: StreamBounds,
    /// The device's cursor, if it can go on from there.
    usable: Option<u64>,
    /// For a device that cannot.
    open_invitations: Option<Vec<InvitationView>>,
}

/// Everything the store has to say before the session is open.
async fn find_place(
    gateway: &Gateway,
    arrival: Arrival,
    cursor: Option<u64>,
    actor: &Actor,
) -> Result<Found, Failed> {
    match gateway.neighbours.arrive(arrival).await? {
        Seating::Taken => {}
        Seating::Refused => return Err(Failed::Close(CloseCode::Replaced)),
    }
    let bounds = known_user(gateway, actor).await?;
    let usable = cursor.filter(|cursor| (bounds.floor..=bounds.head).contains(cursor));
    let open_invitations = if usable.is_some() {
        None
    } else {
        let open = gateway.door.open_invitations(&actor.user).await?;
        Some(open.iter().map(|invitation| invitation.view(gateway.clock.now_ms())).collect())
    };
    Ok(Found { bounds, usable, open_invitations })
}

fn late() -> StoreError {
    StoreError::Unavailable("it does not answer in time".to_owned())
}

/// The bounds of the user's stream. New users are registered first, where the server may do that.
async fn known_user(gateway: &Gateway, actor: &Actor) -> Result<StreamBounds, Failed> {
    if let Some(bounds) = gateway.door.stream_bounds(&actor.user).await? {
        return Ok(bounds);
    }
    if !gateway.settings.auto_register {
        return Err(Failed::Refused(Box::new(Reason::UserNotRegistered.error())));
    }
    gateway.door.carry_out(actor.clone(), Command::Register).await.map_err(Failed::Refused)?;
    // Another device of theirs may have registered them a moment earlier, and somebody written to them since.
    let bounds = gateway.door.stream_bounds(&actor.user).await?;
    Ok(bounds.unwrap_or(StreamBounds { floor: 0, head: 0 }))
}

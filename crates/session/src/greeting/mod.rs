//! A connection before it is signed in.
//!
//! ```text
//!  Waiting ── session.open ──▶ Verifying ── identity ──▶ Opening ── place found ──▶ Opened: a Session
//!   ▲  │                          │                        │
//!   │  │                          └─ token refused ────────┤ user unknown: said, then closed with 4503
//!   │  └─ 10 s, or crowded: 4002 · the server stops: 4001 · binary: 4504 · no frame: 1002, 1007, 1009
//!   │     after a hundred refusals: 4504
//!   └──────────── refused, may try again ──────────────────┘ seat refused: closed with 4000
//! ```
//!
//! Inside `Opening`, in this order:
//!
//! 1. **Seating**: the driver registers the session's mailbox, then takes the device's seat among the other nodes.
//! 2. **Placing**: it reads the bounds of the user's stream. Since the mailbox is registered before that, whatever is committed
//!    in between arrives by one of the two, and the session's position tells what arrives by both.
//! 3. **Registering**, only for a user whom the server does not know and may register; then Placing again.
//! 4. **Listing**, only for a device that cannot go on from its cursor: what is open now.
//!
//! A frame that comes while one is being answered stays in the socket ([`Greeting::hears`]).

mod border;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use wigwag_engine::Actor;
use wigwag_protocol::params::SessionOpen;
use wigwag_protocol::result::SessionOpened;
use wigwag_protocol::{CloseCode, Device};

use crate::query::OpenPage;
use crate::rates::Allowance;
use crate::refused::Refusal;
use crate::session::{Ending, Start};
use crate::stream::Admission;
use crate::{Codec, FirstAsked, Refused, Session, StreamBounds};

pub use self::border::{Identity, Input, NotLetIn, Opened, Output, Seat, Settings};

/// How long a device has for its first `session.open`, ms.
pub const OPEN_LIMIT_MS: u64 = 10_000;
/// How long everything may take that a sign-in asks of the store, ms: a sign-in is promised an answer within five seconds.
const STORE_LIMIT_MS: u64 = 4_700;
/// Most refusals on one connection before its sign-in. A client may send what it has behind a `session.open` that is refused; one
/// that goes on after a hundred refusals does not read them.
const MOST_REFUSALS: u8 = 100;

/// A connection before it is signed in.
#[derive(Debug)]
pub struct Greeting<C: Codec> {
    settings: Arc<Settings>,
    /// When the device must have signed in.
    until: u64,
    refusals: u8,
    phase: Phase<C>,
    outputs: VecDeque<Output<C>>,
}

#[derive(Debug)]
enum Phase<C: Codec> {
    Waiting,
    Verifying { id: Option<C::RequestId>, device: Device, cursor: Option<u64> },
    Opening(Opening<C>),
    Over,
}

#[derive(Debug)]
struct Opening<C: Codec> {
    id: Option<C::RequestId>,
    actor: Actor,
    token_ends_at: u64,
    /// The device's own cursor.
    cursor: Option<u64>,
    /// When the store must have answered.
    until: u64,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Seating,
    Placing { registered: bool },
    Registering,
    Listing(StreamBounds),
}

/// The public face: in, out, and when.
impl<C: Codec> Greeting<C> {
    /// A connection that was made at `now`.
    pub fn new(settings: Arc<Settings>, now: u64) -> Self {
        Self {
            settings,
            until: now + OPEN_LIMIT_MS,
            refusals: 0,
            phase: Phase::Waiting,
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what happened. Call [`Greeting::poll`] until it gives `None` afterwards.
    pub fn handle(&mut self, input: Input<C>, now: u64) {
        if self.is_over() {
            return;
        }
        match input {
            Input::Request { id, asked } => self.request(id, asked),
            Input::Violation => self.close(Ending::Code(CloseCode::ProtocolViolation)),
            Input::Breach(breach) => self.close(Ending::Breach(breach)),
            Input::Crowded => self.close(Ending::Code(CloseCode::OpenTimeout)),
            Input::Stopping => self.close(Ending::Code(CloseCode::ResumeElsewhere)),
            Input::Verified(identity) => self.verified(identity, now),
            Input::Seated(seat) => self.seated(seat),
            Input::Kept(cursor) => self.kept(cursor),
            Input::Placed(bounds) => self.placed(bounds, now),
            Input::Registered(outcome) => self.registered(outcome),
            Input::Listed(open) => self.listed(open, now),
            Input::Time => self.time(now),
        }
    }

    /// The next thing to do, if any.
    pub fn poll(&mut self) -> Option<Output<C>> {
        self.outputs.pop_front()
    }

    /// When to give [`Input::Time`] at the latest, server time in ms. `None` once the greeting is over.
    pub fn poll_timeout(&self) -> Option<u64> {
        match &self.phase {
            Phase::Waiting | Phase::Verifying { .. } => Some(self.until),
            Phase::Opening(opening) => Some(opening.until),
            Phase::Over => None,
        }
    }

    /// Whether a frame may be given: none is being answered.
    pub fn hears(&self) -> bool {
        match self.phase {
            Phase::Waiting => true,
            Phase::Verifying { .. } | Phase::Opening(_) | Phase::Over => false,
        }
    }

    fn is_over(&self) -> bool {
        match self.phase {
            Phase::Over => true,
            Phase::Waiting | Phase::Verifying { .. } | Phase::Opening(_) => false,
        }
    }
}

/// The first request.
impl<C: Codec> Greeting<C> {
    fn request(&mut self, id: Option<C::RequestId>, asked: FirstAsked<C::Fault>) {
        debug_assert!(self.hears(), "a frame was given while {:?}", self.phase);
        if !self.hears() {
            return;
        }
        if self.refusals == MOST_REFUSALS {
            return self.close(Ending::Code(CloseCode::ProtocolViolation));
        }
        match asked {
            FirstAsked::Open(open) => self.open(id, open),
            FirstAsked::Other => self.refuse(id, Refused::NotSignedIn),
            FirstAsked::Wrong(fault) => self.refuse(id, Refused::Fault(fault)),
        }
    }

    fn open(&mut self, id: Option<C::RequestId>, open: SessionOpen) {
        let device = Device { device_id: open.device_id, platform: open.platform };
        self.phase = Phase::Verifying { id, device, cursor: open.cursor };
        self.outputs.push_back(Output::Verify { token: open.token, claimed: open.user_id });
    }

    fn verified(&mut self, identity: Result<Identity, NotLetIn>, now: u64) {
        let (id, device, cursor) = match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Verifying { id, device, cursor } => (id, device, cursor),
            other @ (Phase::Waiting | Phase::Opening(_) | Phase::Over) => {
                self.phase = other;
                return;
            }
        };
        match identity {
            Ok(Identity { user, ends_at }) => {
                let actor = Actor { user, device: Some(device) };
                self.outputs.push_back(Output::TakeSeat(actor.clone()));
                let until = now + STORE_LIMIT_MS;
                let step = Step::Seating;
                self.phase =
                    Phase::Opening(Opening { id, actor, token_ends_at: ends_at, cursor, until, step });
            }
            Err(NotLetIn::Token(reason)) => self.turn_away(id, Refused::SignIn(reason)),
            Err(NotLetIn::TooFast(wait)) => self.refuse(id, Refused::TooFast(Allowance::SignIns, wait)),
        }
    }
}

/// The session opens. An answer that nothing waits for is left alone.
impl<C: Codec> Greeting<C> {
    fn seated(&mut self, seat: Result<Seat, Box<Refusal>>) {
        let Phase::Opening(opening) = &mut self.phase else { return };
        let Step::Seating = opening.step else { return };
        match seat {
            Ok(Seat::Taken) => {
                opening.step = Step::Placing { registered: false };
                self.outputs.push_back(Output::FindPlace(opening.actor.user.clone()));
            }
            // Which connection is newer is told by the clocks of two nodes, which may be apart by what an answer of the store takes. A
            // device that is taken for its own older connection comes again; were it told 4500, it would stop for good.
            Ok(Seat::Refused) => {
                self.outputs.push_back(Output::Leave);
                self.close(Ending::Code(CloseCode::Resume));
            }
            Err(refusal) => self.fail(Refused::ByServer(refusal)),
        }
    }

    fn kept(&mut self, cursor: u64) {
        if let Phase::Opening(opening) = &mut self.phase {
            opening.cursor.get_or_insert(cursor);
        }
    }

    fn placed(&mut self, bounds: Result<Option<StreamBounds>, Box<Refusal>>, now: u64) {
        let Phase::Opening(opening) = &mut self.phase else { return };
        let Step::Placing { registered } = opening.step else { return };
        match bounds {
            Err(refusal) => self.fail(Refused::ByServer(refusal)),
            Ok(Some(bounds)) => match bounds.admission {
                Admission::Welcome => self.choose_start(bounds, now),
                Admission::Disabled => self.is_turned_away(Refused::Disabled),
                Admission::Deleted => self.is_turned_away(Refused::Deleted),
            },
            Ok(None) if registered => {
                self.choose_start(StreamBounds { floor: 0, head: 0, admission: Admission::Welcome }, now);
            }
            Ok(None) if self.settings.auto_register => {
                opening.step = Step::Registering;
                self.outputs.push_back(Output::Register(opening.actor.clone()));
            }
            Ok(None) => self.is_turned_away(Refused::NotRegistered),
        }
    }

    fn registered(&mut self, outcome: Result<(), Box<Refusal>>) {
        let Phase::Opening(opening) = &mut self.phase else { return };
        let Step::Registering = opening.step else { return };
        match outcome {
            Ok(()) => {
                // Another device of the user may have registered the user a moment earlier, and others may have written since.
                opening.step = Step::Placing { registered: true };
                self.outputs.push_back(Output::FindPlace(opening.actor.user.clone()));
            }
            Err(refusal) => self.fail(Refused::ByServer(refusal)),
        }
    }

    /// A device goes on from its cursor when everything after it is still kept. Otherwise it starts at the newest place, and
    /// is told what is open.
    fn choose_start(&mut self, bounds: StreamBounds, now: u64) {
        let Phase::Opening(opening) = &mut self.phase else { return };
        let usable = opening.cursor.filter(|cursor| (bounds.floor..=bounds.head).contains(cursor));
        if let Some(cursor) = usable {
            return self.finish(bounds, Started::Resumes(cursor), now);
        }
        opening.step = Step::Listing(bounds);
        self.outputs.push_back(Output::ListOpen(opening.actor.user.clone()));
    }

    fn listed(&mut self, open: Result<OpenPage, Box<Refusal>>, now: u64) {
        let Phase::Opening(opening) = &self.phase else { return };
        let Step::Listing(bounds) = opening.step else { return };
        match open {
            Ok(open) => self.finish(bounds, Started::Anew(open), now),
            Err(refusal) => self.fail(Refused::ByServer(refusal)),
        }
    }

    fn finish(&mut self, bounds: StreamBounds, started: Started, now: u64) {
        let Some(opening) = self.opening_is_over() else { return };
        self.phase = Phase::Over;
        let (start, open) = match started {
            Started::Resumes(cursor) => (cursor, None),
            Started::Anew(open) => (bounds.head, Some(open)),
        };
        let Settings { limits, ping_interval, .. } = &*self.settings;
        let reply = SessionOpened {
            user_id: opening.actor.user.clone(),
            time: now,
            cursor: start,
            head: bounds.head,
            resync: opening.cursor.is_some() && open.is_some(),
            open_invitations_next: open.as_ref().and_then(|open| Some(open.next.as_ref()?.to_string())),
            open_invitations: open.map(|open| {
                open.invitations.iter().map(|one| one.view_of(&opening.actor.user, now)).collect()
            }),
            ping_interval: *ping_interval,
            limits: limits.clone(),
        };
        let start = Start {
            user: opening.actor.user,
            token_ends_at: opening.token_ends_at,
            ping_interval: u64::from(*ping_interval) * 1_000,
            cursor: start,
            head: bounds.head,
        };
        let session = Session::new(start, now);
        self.outputs.push_back(Output::Opened(Box::new(Opened { id: opening.id, reply, session })));
    }
}

/// Where a session starts.
enum Started {
    /// At the device's own cursor.
    Resumes(u64),
    /// At the newest place, with the first page of what is open.
    Anew(OpenPage),
}

/// Refusals and ends.
impl<C: Codec> Greeting<C> {
    fn time(&mut self, now: u64) {
        match &self.phase {
            Phase::Waiting if now >= self.until => self.close(Ending::Code(CloseCode::OpenTimeout)),
            Phase::Opening(opening) if now >= opening.until => self.fail(Refused::OpenedTooSlowly),
            Phase::Waiting | Phase::Verifying { .. } | Phase::Opening(_) | Phase::Over => {}
        }
    }

    /// The session could not be opened. The connection stays, and the device may try again.
    fn fail(&mut self, refused: Refused<C::Fault>) {
        let Some(opening) = self.opening_is_over() else { return };
        self.outputs.push_back(Output::Leave);
        self.refuse(opening.id, refused);
    }

    /// The token counts, and still nobody is let in with it.
    fn is_turned_away(&mut self, refused: Refused<C::Fault>) {
        let Some(opening) = self.opening_is_over() else { return };
        self.outputs.push_back(Output::Leave);
        self.turn_away(opening.id, refused);
    }

    /// Says why nobody is let in with this token, and closes.
    fn turn_away(&mut self, id: Option<C::RequestId>, refused: Refused<C::Fault>) {
        self.refuse(id, refused);
        self.close(Ending::Code(CloseCode::SignInRefused));
    }

    fn refuse(&mut self, id: Option<C::RequestId>, refused: Refused<C::Fault>) {
        self.refusals = self.refusals.saturating_add(1);
        self.outputs.push_back(Output::Refuse(id, Box::new(refused)));
    }

    fn close(&mut self, ending: Ending) {
        self.phase = Phase::Over;
        self.outputs.push_back(Output::Close(ending));
    }

    fn opening_is_over(&mut self) -> Option<Opening<C>> {
        match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Opening(opening) => Some(opening),
            other @ (Phase::Waiting | Phase::Verifying { .. } | Phase::Over) => {
                self.phase = other;
                None
            }
        }
    }
}

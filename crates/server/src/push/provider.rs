//! The ways in which devices are woken.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};
use wigwag_protocol::UserId;
use wigwag_protocol::params::PushProvider;
use wigwag_protocol::result::PushOffer;
use wigwag_session::{PushService, PushToken};

use super::adapter::Adapter;
use super::apns::{Apns, Tokens};
use super::fcm::Fcm;
use super::note::Note;
use super::web::WebPush;
use super::wish::Wish;
use crate::config::PushConfig;
use crate::door::Pushes;
use crate::store::KeptToken;
use crate::webhooks::{Answer, Outcome, Trouble, outcome_of};

/// For a whole request: a ring that leaves later is of little use.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Requests to one push service, or to the adapter, at once. Each has a thread while it waits, of which there are 512: all services that do
/// not answer leave most of them to the rest of the server.
const AT_ONCE: usize = 24;
/// Pushes to APNs at once. They are streams of one connection and need no threads; APNs takes a thousand at the most.
const AT_ONCE_TO_APNS: usize = 200;
/// How long a push waits until one of these has ended. With more it is tried again later, as one that has no answer.
const WAITS_FOR: Duration = Duration::from_secs(2);
/// Most seconds that a provider can have a push wait: by then no ring's end is worth telling.
const LONGEST_WAIT_S: u64 = 60;

/// A push that is to leave.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) to: KeptToken,
    pub(super) note: Note,
    pub(super) made: Instant,
    /// `offlinePushInfo` as it came, JSON.
    pub(super) info: Option<Arc<str>>,
    /// Who rings; `None` when the invitation is gone.
    pub(super) inviter: Option<UserId>,
    /// Whether it leads into a call; true when the invitation is gone.
    pub(super) is_call: bool,
    /// Whether its ring was to make no sound.
    pub(super) is_quiet: bool,
    /// Seconds since the epoch.
    pub(super) now: u64,
}

impl Message {
    /// What the inviter wants devices to show.
    pub(super) fn wish(&self) -> Wish {
        Wish::read(self.info.as_deref())
    }

    /// Who rings, or nothing.
    pub(super) fn inviter(&self) -> &str {
        self.inviter.as_ref().map_or("", UserId::as_str)
    }

    /// When it is of no use any more, seconds since the epoch.
    pub(super) fn expires_at(&self) -> u64 {
        let lasts = || self.now + self.note.seconds_left();
        self.note.deadline().map_or_else(lasts, |deadline| deadline / 1_000)
    }
}

/// Why a provider cannot be used; one line without secrets.
#[derive(Debug)]
pub struct SetupError(pub(super) String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

/// What a provider says of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has it.
    Taken,
    /// There is no such device any more.
    Dead,
    /// It does not want this one, and will not want it later.
    Refused,
    /// So little is left of the ring that it was not sent.
    Late,
    /// It does not answer now.
    Unanswered(Trouble),
    /// The same, and it wants to be left alone for so many seconds.
    Busy(Trouble, u64),
}

/// The status and the answer of a provider that refuses a push, which may mean its token; the verdict about everything else.
pub(super) fn refused(answer: &Result<Answer, Trouble>) -> Result<(u16, &Answer), Verdict> {
    match (outcome_of(answer), answer) {
        (Outcome::Refused(status), Ok(answer)) => Ok((status, answer)),
        (outcome, answer) => {
            let seconds = answer.as_ref().ok().and_then(|answer| answer.retry_after);
            Err(Verdict::of(outcome, &[]).asking(seconds))
        }
    }
}

impl Verdict {
    /// `dead`: the statuses that say that the token is one no more.
    pub(super) fn of(outcome: Outcome, dead: &[u16]) -> Self {
        match outcome {
            Outcome::Delivered => Self::Taken,
            Outcome::Refused(status) if dead.contains(&status) => Self::Dead,
            Outcome::Refused(_) | Outcome::Unanswered(Trouble::NotAllowed) => Self::Refused,
            Outcome::Unanswered(trouble) => Self::Unanswered(trouble),
        }
    }

    /// A provider that does not answer says in how many seconds it may.
    pub(super) fn asking(self, seconds: Option<u64>) -> Self {
        match (self, seconds) {
            (Self::Unanswered(trouble), Some(seconds)) => Self::Busy(trouble, seconds.min(LONGEST_WAIT_S)),
            (verdict, _) => verdict,
        }
    }

    /// Why there is no answer, and how long to wait at least, ms; `None` when there is one.
    pub(super) fn trouble(self) -> Option<(Trouble, u64)> {
        match self {
            Self::Unanswered(trouble) => Some((trouble, 0)),
            Self::Busy(trouble, seconds) => Some((trouble, seconds * 1_000)),
            Self::Taken | Self::Dead | Self::Refused | Self::Late => None,
        }
    }

    /// For figures.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Dead => "dead",
            Self::Refused => "refused",
            Self::Late => "late",
            Self::Unanswered(_) | Self::Busy(..) => "unanswered",
        }
    }
}

/// Those that the operator has set up.
#[derive(Clone, Default)]
pub struct Providers {
    ways: Arc<Ways>,
    /// By what the operator calls the push services.
    services: Vec<(String, Lane)>,
    to_fcm: Lane,
    to_apns: ApnsLane,
    to_adapter: Lane,
}

#[derive(Default)]
struct Ways {
    web: Option<WebPush>,
    fcm: Option<Fcm>,
    apns: Option<Apns>,
    adapter: Option<Adapter>,
}

impl Ways {
    /// Sends it, on a thread that waits where the way needs one. `None` when it was registered before the operator took this way out of the
    /// configuration.
    async fn send(self: Arc<Self>, message: Message, place: OwnedSemaphorePermit) -> Option<Verdict> {
        if let PushToken::Apns { token, voip } = &message.to.token {
            let tokens = Tokens { alert: token, voip: voip.as_deref() };
            return Some(self.apns.as_ref()?.send(&tokens, &message).await);
        }
        let sent = spawn_blocking(move || {
            // Whoever asked may be gone; the thread is taken all the same.
            let _place = place;
            self.send_waiting(&message)
        });
        sent.await.unwrap_or(Some(Verdict::Unanswered(Trouble::Broken)))
    }

    fn send_waiting(&self, message: &Message) -> Option<Verdict> {
        Some(match &message.to.token {
            PushToken::WebPush { endpoint, keys } => self.web.as_ref()?.send(endpoint, keys, message),
            PushToken::Fcm { token } => self.fcm.as_ref()?.send(token, message),
            PushToken::Adapter { channel, token } => self.adapter.as_ref()?.send(channel, token, message),
            PushToken::Apns { .. } => return None,
        })
    }

    /// What devices can register for.
    fn offered(&self) -> Vec<PushProvider> {
        let ways = [
            (self.web.is_some(), PushProvider::WebPush),
            (self.fcm.is_some(), PushProvider::Fcm),
            (self.apns.is_some(), PushProvider::Apns),
            (self.adapter.is_some(), PushProvider::Adapter),
        ];
        ways.into_iter().filter_map(|(is_there, provider)| is_there.then_some(provider)).collect()
    }
}

/// Places for requests that go the same way: a service that does not answer takes no more of them than this.
#[derive(Clone)]
struct Lane(Arc<Semaphore>);

/// The same for APNs.
#[derive(Clone)]
struct ApnsLane(Lane);

impl Default for ApnsLane {
    fn default() -> Self {
        Self(Lane(Arc::new(Semaphore::new(AT_ONCE_TO_APNS))))
    }
}

impl Default for Lane {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Providers").field(&self.ways.offered()).finish()
    }
}

impl Providers {
    /// Those of a configuration that was checked. Keys are read from their files.
    pub fn new(config: &PushConfig) -> Result<Self, SetupError> {
        let ways = Ways {
            web: WebPush::new(&config.web),
            fcm: Fcm::new(&config.fcm)?,
            apns: Apns::new(&config.apns)?,
            adapter: Adapter::new(&config.adapter),
        };
        let services = config.web.services.iter().map(|name| (name.clone(), Lane::default())).collect();
        Ok(Self { ways: Arc::new(ways), services, ..Self::default() })
    }

    /// Whether there is no way to wake a device.
    pub fn is_empty(&self) -> bool {
        self.ways.offered().is_empty()
    }

    /// What devices can register for.
    pub fn pushes(&self) -> Pushes {
        let web = self.ways.web.as_ref();
        let application_server_key = web.map(|web| web.public_key().to_owned());
        let offer = PushOffer { providers: self.ways.offered(), application_server_key };
        let in_the_clear = web.is_some_and(WebPush::goes_in_the_clear);
        let services = self.services.iter().map(|(name, _)| name.clone()).collect();
        Pushes { offer, services, in_the_clear }
    }

    /// Sends it when there is a place.
    pub(super) async fn send(&self, mut message: Message) -> Verdict {
        // It was registered before the operator took this service out of the configuration.
        let Some(Lane(lane)) = self.lane(&message.to.token) else { return Verdict::Refused };
        let Ok(Ok(place)) = timeout(WAITS_FOR, Arc::clone(lane).acquire_owned()).await else {
            return Verdict::Unanswered(Trouble::TookTooLong);
        };
        let waited = u64::try_from(message.made.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Some(note) = message.note.later(waited) else { return Verdict::Late };
        message.note = note;
        Arc::clone(&self.ways).send(message, place).await.unwrap_or(Verdict::Refused)
    }

    fn lane(&self, token: &PushToken) -> Option<&Lane> {
        match token {
            PushToken::WebPush { endpoint, .. } => {
                let service = PushService::of(endpoint)?;
                self.services.iter().find(|(name, _)| service.is_of(name)).map(|(_, lane)| lane)
            }
            PushToken::Fcm { .. } => Some(&self.to_fcm),
            PushToken::Apns { .. } => Some(&self.to_apns.0),
            PushToken::Adapter { .. } => Some(&self.to_adapter),
        }
    }
}

/// The provider of a token, for figures.
pub(super) fn name_of(token: &PushToken) -> &'static str {
    match token {
        PushToken::WebPush { .. } => "webPush",
        PushToken::Fcm { .. } => "fcm",
        PushToken::Apns { .. } => "apns",
        PushToken::Adapter { .. } => "adapter",
    }
}

#[cfg(test)]
impl Message {
    /// A ring of Alice's at Bob's phone, with this `offlinePushInfo`.
    pub(super) fn of_test(info: &str) -> Self {
        let parse = |user| UserId::parse(user).unwrap();
        let device = wigwag_protocol::DeviceId::parse("phone").unwrap();
        let of = crate::store::OwnDevice { user: parse("bob"), device };
        let note = Note::of_test(&of, 30_000).wishing(&Wish::read(Some(info)));
        let token = PushToken::Adapter { channel: String::new(), token: "t".to_owned() };
        let platform = wigwag_protocol::Platform::WEB;
        let to = KeptToken { of, platform, token, signed_at: 0, registered_at: 0, is_disabled: false };
        let (made, inviter) = (Instant::now(), Some(parse("alice")));
        Self { to, note, made, info: Some(info.into()), now: 1, inviter, is_call: true, is_quiet: false }
    }

    /// That it is over, because the invitation is gone.
    pub(super) fn ended(mut self) -> Self {
        let invite = wigwag_protocol::InviteId::parse("i").unwrap();
        self.note = Note::over(&crate::store::Rung { invite, of: self.to.of.clone() }, None);
        self
    }
}

#[cfg(test)]
mod tests {
    use wigwag_protocol::params::PushKeys;
    use wigwag_protocol::{DeviceId, Platform, UserId};

    use super::*;
    use crate::store::OwnDevice;

    #[test]
    fn a_status_says_what_becomes_of_the_token() {
        let table = [
            (Outcome::Delivered, Verdict::Taken),
            (Outcome::Refused(410), Verdict::Dead),
            (Outcome::Refused(404), Verdict::Refused),
            (Outcome::Refused(413), Verdict::Refused),
            (Outcome::Unanswered(Trouble::NotAllowed), Verdict::Refused),
            (Outcome::Unanswered(Trouble::Status(503)), Verdict::Unanswered(Trouble::Status(503))),
        ];
        for (outcome, verdict) in table {
            assert_eq!(Verdict::of(outcome, &[410]), verdict, "{outcome:?}");
        }
        assert_eq!(Verdict::of(Outcome::Refused(404), &[404, 410]), Verdict::Dead);
    }

    fn message(token: PushToken, remaining_ms: u64) -> Message {
        let of = OwnDevice { user: UserId::parse("bob").unwrap(), device: DeviceId::parse("phone").unwrap() };
        let note = Note::of_test(&of, remaining_ms);
        let to = KeptToken {
            of,
            platform: Platform::WEB,
            token,
            signed_at: 0,
            registered_at: 0,
            is_disabled: false,
        };
        let made = Instant::now();
        Message { to, note, made, info: None, now: 1, inviter: None, is_call: true, is_quiet: false }
    }

    fn at(host: &str) -> PushToken {
        let keys = PushKeys { p256dh: String::new(), auth: String::new() };
        PushToken::WebPush { endpoint: format!("https://{host}/p"), keys }
    }

    /// Nothing is configured, so whatever gets a place is refused.
    #[tokio::test(start_paused = true)]
    async fn a_service_that_does_not_answer_takes_no_place_of_another() {
        let services = ["slow.example", "*.good.example"].map(|name| (name.to_owned(), Lane::default()));
        let providers = Providers { services: services.to_vec(), ..Providers::default() };
        let Lane(slow) = &providers.services[0].1;
        let held = slow.acquire_many(u32::try_from(AT_ONCE).unwrap()).await.unwrap();
        let late = Verdict::Unanswered(Trouble::TookTooLong);
        assert_eq!(providers.send(message(at("slow.example"), 9_000)).await, late);
        assert_eq!(providers.send(message(at("a.good.example"), 9_000)).await, Verdict::Refused);
        let adapter = PushToken::Adapter { channel: String::new(), token: "t".to_owned() };
        assert_eq!(providers.send(message(adapter, 9_000)).await, Verdict::Refused);
        assert_eq!(providers.send(message(at("other.example"), 9_000)).await, Verdict::Refused);
        let waits = providers.send(message(at("slow.example"), 4_000));
        let ends = async {
            tokio::time::sleep(Duration::from_millis(1_001)).await;
            drop(held);
        };
        assert_eq!(tokio::join!(waits, ends).0, Verdict::Late, "too little of the ring was left");
    }
}

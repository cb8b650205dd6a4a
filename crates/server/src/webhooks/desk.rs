//! What operators see of endpoints, and change: [`Desk`]. A change is written into the endpoint's row, if the row is still as it was read;
//! whoever serves the endpoint finds it within a second.

use std::sync::Arc;

use wigwag_protocol::rest::story::{Step, StoryDelivery, StoryEndpoint};
use wigwag_protocol::rest::webhook::{EndpointView, TestOutcome};

use super::endpoint::Endpoint;
use super::pace::REPLAYED_FOR_MS;
use super::sender::{Outcome, Sender};
use crate::clock::{Clock, wall_ms};
use crate::store::{EventId, Served, Store, StoreError};

/// How often a change is tried when whoever serves the endpoint wrote its row meanwhile, which it does once a second or after a page.
const TRIES: usize = 50;

/// All endpoints, as operators meet them.
pub struct Desk {
    pub(super) endpoints: Vec<(Arc<Endpoint>, Arc<Sender>)>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
}

/// What an operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing is to be sent.
    Pause,
    /// It is to be sent again.
    Resume,
    /// What happened at this time, ms, or later is to be told again.
    Replay {
        /// Server time, ms.
        since: u64,
    },
}

/// When it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wished {
    /// When it was first, ms.
    pub at: u64,
    /// It may have been heard already.
    pub is_repeat: bool,
}

impl Change {
    /// What becomes of an endpoint; `before` is the place before the events of a replay. `None` for a repeat when it, or a later wish, was
    /// heard already.
    fn of(self, served: &Served, before: EventId, wished: Wished) -> Option<Served> {
        let mut changed = served.clone();
        let (now, last) = (wished.at, served.wishes.changed_at);
        if wished.is_repeat && now <= last {
            return None;
        }
        // Clocks of nodes differ.
        changed.wishes.changed_at = now.max(last.saturating_add(1));
        match self {
            Self::Pause => changed.wishes.paused_since = changed.wishes.paused_since.or(Some(now)),
            Self::Resume => changed.wishes.paused_since = None,
            Self::Replay { since } => {
                changed.wishes.replayed_at = now;
                changed.place = served.place.min(before);
                // They come again from the journal, in their order.
                changed.aside.retain(|aside| aside.time < since);
            }
        }
        Some(changed)
    }
}

impl Desk {
    /// Whether there is an endpoint of this name.
    pub fn has(&self, endpoint: &str) -> bool {
        self.named(endpoint).is_some()
    }

    /// All of them, in the order of the configuration.
    pub async fn list(&self) -> Result<Vec<EndpointView>, StoreError> {
        let mut views = Vec::with_capacity(self.endpoints.len());
        for (endpoint, _) in &self.endpoints {
            views.push(self.view(endpoint).await?);
        }
        Ok(views)
    }

    /// Where they stand with the steps of an invitation or call of this name, in the order of the configuration.
    pub async fn about(&self, name: &str, steps: &[Step]) -> Result<Vec<StoryEndpoint>, StoreError> {
        let mut views = Vec::with_capacity(self.endpoints.len());
        for (endpoint, _) in &self.endpoints {
            let wanted = steps.iter().filter(|step| endpoint.wants(&step.kind));
            let last = wanted.map(|step| step.time).max();
            let served = self.store.served(&endpoint.name).await?;
            let next = match (&served, last) {
                (Some(served), Some(_)) => {
                    self.store.journal_after(served.place, 1).await?.first().map(|event| event.time)
                }
                (_, _) => None,
            };
            views.push(standing(&endpoint.name, name, (last, next), served.as_ref()));
        }
        Ok(views)
    }

    /// Writes what is wanted; a repeat of what was heard already changes nothing.
    pub async fn change(&self, endpoint: &str, change: Change, wished: Wished) -> Result<(), StoreError> {
        let before = match change {
            Change::Replay { since } => self.store.journal_before(since).await?,
            Change::Pause | Change::Resume => EventId::default(),
        };
        for _ in 0..TRIES {
            let known = self.store.served(endpoint).await?;
            let served = match &known {
                Some(served) => served.clone(),
                // Nobody has served it yet.
                None => Served { place: self.store.journal_end().await?, ..Served::default() },
            };
            let Some(changed) = change.of(&served, before, wished) else { return Ok(()) };
            if self.store.keep_served(endpoint, known.as_ref(), &changed).await? {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("the place of an endpoint changes too fast".to_owned()))
    }

    /// Sends an event of its own, signed like all others and once; `at` is its time, ms. `None` without such an endpoint.
    pub async fn test(&self, endpoint: &str, at: u64) -> Option<TestOutcome> {
        let (endpoint, sender) = self.named(endpoint)?;
        let payload = endpoint.test(at);
        let outcome = Arc::clone(sender).send(payload, wall_ms() / 1_000).await;
        let (status, detail) = match outcome {
            Outcome::Delivered => (None, "the endpoint has taken it".to_owned()),
            Outcome::Refused(status) => (Some(status), format!("the endpoint answers with status {status}")),
            Outcome::Unanswered(trouble) => (trouble.status(), trouble.to_string()),
        };
        Some(TestOutcome { delivered: outcome == Outcome::Delivered, status, detail })
    }

    /// The oldest time from which events can be told again, server time in ms; an hour more than is said, for whose clock differs.
    pub fn replayable_since(&self) -> u64 {
        self.clock.now_ms().saturating_sub(REPLAYED_FOR_MS + 3_600_000)
    }

    fn named(&self, name: &str) -> Option<&(Arc<Endpoint>, Arc<Sender>)> {
        self.endpoints.iter().find(|(endpoint, _)| endpoint.name == name)
    }

    async fn view(&self, endpoint: &Endpoint) -> Result<EndpointView, StoreError> {
        let served = self.store.served(&endpoint.name).await?;
        let (place, served) = match served {
            Some(served) => (served.place, served),
            None => (self.store.journal_end().await?, Served::default()),
        };
        let next = self.store.journal_after(place, 1).await?;
        // What nodes have just written may have been told; the place says so when it has settled.
        let settled = self.clock.now_ms().saturating_sub(self.store.journal_settles_ms());
        let next = next.first().map(|event| event.time).filter(|time| *time <= settled);
        let aside = served.aside.iter().map(|aside| aside.time).min();
        Ok(EndpointView {
            endpoint: endpoint.name.clone(),
            events: endpoint.events().to_vec(),
            paused_since: served.wishes.paused_since,
            waiting: self.store.journal_waiting(place).await? + served.aside.len() as u64,
            set_aside: served.aside.len() as u64,
            oldest: next.into_iter().chain(aside).min(),
        })
    }
}

/// Where an endpoint stands with what belongs to `key`: `last` is the time of the last step that it wants, `next` that of the oldest event
/// behind its place.
fn standing(
    endpoint: &str,
    key: &str,
    (last, next): (Option<u64>, Option<u64>),
    served: Option<&Served>,
) -> StoryEndpoint {
    let refused = served.and_then(|served| served.aside.iter().find(|aside| aside.key == key));
    let state = match (last, refused) {
        (None, _) => StoryDelivery::Unwanted,
        (Some(_), Some(_)) => StoryDelivery::Refused,
        (Some(last), None) if served.is_none() || next.is_some_and(|next| next <= last) => {
            StoryDelivery::Waiting
        }
        (Some(_), None) => StoryDelivery::Told,
    };
    let refused = refused.filter(|_| state == StoryDelivery::Refused);
    StoryEndpoint {
        endpoint: endpoint.to_owned(),
        state,
        attempts: refused.map(|aside| aside.attempts),
        next_at: refused.map(|aside| aside.next_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SetAside, Wishes};

    fn aside(time: u64) -> SetAside {
        SetAside { event: EventId(time.into()), key: "i".into(), time, attempts: 1, next_at: 0 }
    }

    fn served(place: u128) -> Served {
        Served { place: EventId(place), aside: vec![aside(3), aside(7)], wishes: Wishes::default() }
    }

    fn first(at: u64) -> Wished {
        Wished { at, is_repeat: false }
    }

    fn repeat(at: u64) -> Wished {
        Wished { at, is_repeat: true }
    }

    #[test]
    fn a_wish_changes_what_it_is_about_alone_and_is_heard_once() {
        let none = EventId::default();
        let paused = Change::Pause.of(&served(9), none, first(100)).unwrap();
        let wishes = Wishes { paused_since: Some(100), replayed_at: 0, changed_at: 100 };
        assert_eq!(paused, Served { wishes, ..served(9) });
        assert_eq!(Change::Pause.of(&paused, none, repeat(100)), None);
        assert_eq!(Change::Pause.of(&served(9), none, repeat(100)), Some(paused.clone()), "it was not heard");
        assert_eq!(Change::Pause.of(&paused, none, first(101)).unwrap().wishes.paused_since, Some(100));
        // By a node whose clock is behind.
        let resumed = Change::Resume.of(&paused, none, first(90)).unwrap();
        assert_eq!(resumed.wishes, Wishes { paused_since: None, replayed_at: 0, changed_at: 101 });
        assert_eq!(Change::Pause.of(&resumed, none, repeat(100)), None, "it was taken back meanwhile");
    }

    #[test]
    fn where_an_endpoint_stands_with_a_story() {
        let served = served(9);
        let stands = |key, times, served| standing("shop", key, times, served).state;
        assert_eq!(stands("o", (None, Some(1)), Some(&served)), StoryDelivery::Unwanted);
        assert_eq!(stands("i", (None, None), Some(&served)), StoryDelivery::Unwanted);
        assert_eq!(stands("o", (Some(5), None), Some(&served)), StoryDelivery::Told);
        assert_eq!(stands("o", (Some(5), Some(6)), Some(&served)), StoryDelivery::Told);
        assert_eq!(stands("o", (Some(5), Some(5)), Some(&served)), StoryDelivery::Waiting);
        assert_eq!(stands("o", (Some(5), None), None), StoryDelivery::Waiting, "nobody has served it yet");
        let refused = standing("shop", "i", (Some(5), None), Some(&served));
        assert_eq!(
            (refused.state, refused.attempts, refused.next_at),
            (StoryDelivery::Refused, Some(1), Some(0))
        );
    }

    #[test]
    fn a_replay_goes_back_and_never_forward() {
        let change = Change::Replay { since: 5 };
        let back = change.of(&served(9), EventId(4), first(100)).unwrap();
        let wishes = Wishes { paused_since: None, replayed_at: 100, changed_at: 100 };
        assert_eq!(back, Served { place: EventId(4), aside: vec![aside(3)], wishes });
        assert_eq!(change.of(&served(2), EventId(4), first(100)).unwrap().place, EventId(2));
    }
}

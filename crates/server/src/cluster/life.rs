//! Beats: that this node lives, and who else does.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::roll::Oddity;
use super::{BEAT, Cluster, entry};
use crate::store::StoreError;
use crate::store::shared::{NODE_PATIENCE, NodeId, Stranger};

/// How the beats have gone so far.
struct Pulse {
    /// When the store last knew that this node lives.
    known: Instant,
    /// Whether the last beat failed, so that it is told once.
    failing: bool,
    /// Why the others did not let it in again, so that it is told once.
    refused: Option<Stranger>,
}

impl Cluster {
    pub(super) async fn beat(self: Arc<Self>) {
        let mut pulse = Pulse { known: Instant::now(), failing: false, refused: None };
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            self.bus.beat(self.node());
            let answer = timeout(NODE_PATIENCE, self.store.beat(self.node(), NODE_PATIENCE)).await;
            match answer.unwrap_or_else(|_| Err(StoreError::Unavailable("it does not answer".to_owned()))) {
                Ok(live) => self.live_among(&live, &mut pulse).await,
                Err(error) if pulse.failing => tracing::debug!(%error, "the store does not take beats"),
                Err(error) => {
                    pulse.failing = true;
                    tracing::warn!(%error, "the store does not take this node's beats; the others will take it out until it does");
                }
            }
        }
    }

    async fn live_among(&self, live: &[NodeId], pulse: &mut Pulse) {
        pulse.failing = false;
        self.post.metrics.live_nodes.set(i64::try_from(live.len()).unwrap_or(i64::MAX));
        let now = Instant::now();
        let was_out = now - pulse.known > NODE_PATIENCE || !live.contains(&self.node());
        let somebody_died = self.call_roll(live, was_out, now);
        self.others.are(live.iter().copied().filter(|node| *node != self.node()).collect());
        self.deaths.fetch_add(u64::from(somebody_died), Ordering::Relaxed);
        if was_out {
            self.come_back(pulse).await;
        } else {
            pulse.known = now;
        }
        if was_out || somebody_died {
            self.look_now.notify_one();
            self.watching.compare();
        }
    }

    /// Notes who lives, and tells what is odd about it. Whether somebody has died.
    fn call_roll(&self, live: &[NodeId], was_out: bool, now: Instant) -> bool {
        let mut roll = self.roll.lock();
        if was_out || !self.card.has_bus || !self.bus.is_connected() {
            roll.deaf(now);
        }
        let somebody_died = roll.call(live.iter().copied(), now);
        for oddity in roll.oddities(now) {
            tell(&oddity);
        }
        somebody_died
    }

    /// This node was silent for so long that the others have taken it out, and its seats with it.
    async fn come_back(&self, pulse: &mut Pulse) {
        match timeout(NODE_PATIENCE, self.store.enter(&self.card)).await {
            Ok(Ok(Ok(()))) => {
                tracing::warn!("this node was silent for too long, and is among the others again");
                pulse.known = Instant::now();
                pulse.refused = None;
            }
            Ok(Ok(Err(stranger))) => {
                if pulse.refused.as_ref() != Some(&stranger) {
                    tracing::error!("this node is not let in again: {}", entry::advice(&stranger));
                }
                pulse.refused = Some(stranger);
            }
            Ok(Err(error)) => tracing::debug!(%error, "the node could not enter again yet"),
            Err(_) => tracing::debug!("the node could not enter again yet: the store does not answer"),
        }
    }
}

fn tell(oddity: &Oddity) {
    match oddity {
        Oddity::Unheard(node) => tracing::warn!(
            %node,
            "a node lives and is not heard on the bus: set bus.url to the same NATS on every server. Until then events between \
             them are late"
        ),
        Oddity::Foreign(node) => tracing::warn!(
            %node,
            "a node that does not work on this store is heard on the bus: give servers of another store a NATS account, or an \
             sdk_app_id, of their own"
        ),
        Oddity::Double => tracing::error!(
            "another server has this node's name: stop one of the two, delete the file node-id in its data folder, and start it again"
        ),
    }
}

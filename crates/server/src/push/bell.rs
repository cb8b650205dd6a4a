//! Wakes whoever serves pushes as soon as an invitation has gone a step, on this node or on another.
//!
//! What the bell misses, because the bus is away, is found by the next look: it only makes pushes leave sooner.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;
use wigwag_session::LoggedEvent;

use super::serving::step_of;
use crate::bus::Bus;

/// Rung after commits. The node that pushes listens.
pub struct Bell {
    near: Arc<Notify>,
    /// `None` for a node that can have no others.
    bus: Option<Arc<dyn Bus>>,
}

impl Bell {
    /// One that nobody has rung.
    pub fn new(bus: Option<Arc<dyn Bus>>) -> Self {
        Self { near: Arc::default(), bus }
    }

    /// Rings once if one of these may be pushed, here and at the node that pushes.
    pub fn committed<'a>(&self, mut events: impl Iterator<Item = &'a Arc<LoggedEvent>>) {
        if events.any(|event| step_of(&event.body).is_some()) {
            self.near.notify_one();
            if let Some(bus) = &self.bus {
                bus.knock();
            }
        }
    }

    /// Comes back when it was rung since the last time.
    pub(super) async fn rung(&self) {
        self.near.notified().await;
    }

    /// It is rung by other nodes too, until what is returned is dropped.
    pub(super) fn hears_others(&self) -> Option<AbortOnDropHandle<()>> {
        self.bus.as_ref().map(|bus| bus.answer_knocks(Arc::clone(&self.near)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn event(kind: &str) -> Arc<LoggedEvent> {
        Arc::new(LoggedEvent {
            time: 1,
            body: format!(r#""type":"{kind}","inviteID":"i"}}"#),
            event: None,
            actor: None,
            online_only: false,
            invitation: None,
            message: None,
            places: Vec::new(),
            quiet: Vec::new(),
        })
    }

    #[tokio::test]
    async fn it_rings_once_for_a_batch_with_a_step_and_for_no_other() {
        let bell = Bell::new(None);
        bell.committed([event("message.received"), event("invitation.modified")].iter());
        assert_eq!(bell.rung().now_or_never(), None);
        bell.committed(
            [event("message.received"), event("invitation.received"), event("invitation.timedOut")].iter(),
        );
        assert_eq!(bell.rung().now_or_never(), Some(()));
        assert_eq!(bell.rung().now_or_never(), None);
    }
}

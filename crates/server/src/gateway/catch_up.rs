//! Reading from the store what a device has missed, folded, in order, once.

use wigwag_engine::stream::{Fold, Position};
use wigwag_protocol::UserId;
use wigwag_protocol::event::CaughtUp;
use wigwag_protocol::frame;

use super::Gateway;
use super::frames::{self, Viewer};
use super::socket::{Gone, Socket};
use crate::store::StoredEvent;

/// Events read from the store at once: about 100 KiB of frames.
const PAGE: usize = 200;

/// Why it did not get to the end.
pub(super) enum Failed {
    Gone,
    Store,
}

impl From<Gone> for Failed {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Sends everything after the position up to `until`, and says where the device is then.
pub(super) async fn run(
    gateway: &Gateway,
    socket: &mut Socket,
    user: &UserId,
    (mut position, until): (Position, u64),
) -> Result<Position, Failed> {
    let mut fold = Fold::default();
    while position.cursor() < until {
        let page = gateway.door.events_after(user, position.cursor(), PAGE).await.map_err(|error| {
            tracing::error!(%error, "catching up failed");
            Failed::Store
        })?;
        for event in &page.events {
            if event.cursor > until {
                break;
            }
            if keeps(&mut fold, event) {
                socket.put(text(gateway, &mut position, event)).await?;
            } else {
                position.pass(event.cursor);
            }
        }
        position.pass(page.through.min(until));
        if page.complete {
            // What is missing at the end was kept only briefly.
            position.pass(until);
        }
    }
    let end = position.cursor();
    position.settle();
    socket.put(frame::notification("session.caughtUp", &CaughtUp { cursor: end })).await?;
    socket.flush().await?;
    Ok(position)
}

fn keeps(fold: &mut Fold, event: &StoredEvent) -> bool {
    event.invitation.as_ref().is_none_or(|mark| fold.keeps(mark, || event.settled_for_reader))
}

fn text(gateway: &Gateway, position: &mut Position, event: &StoredEvent) -> String {
    let deadline = event.invitation.as_ref().and_then(|mark| mark.deadline.filter(|_| mark.version == 1));
    let viewer = Viewer {
        cursor: event.cursor,
        after: position.send(event.cursor),
        time: event.time,
        by_self: event.by_self,
        remaining_ms: deadline.map(|deadline| deadline.saturating_sub(gateway.clock.now_ms())),
    };
    frames::event(viewer, &event.body)
}

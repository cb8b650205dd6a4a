//! Requests that no command carries out.
//!
//! [`Command::MarkTime`] stands for such a request under an idempotency key: a repeat hears the first time.

use wigwag_engine::{Command, Reply};
use wigwag_protocol::UserId;
use wigwag_protocol::rest::Problem;

use super::{BackEnds, unexpected};
use crate::clock::wall_ms;
use crate::store::Once;
use crate::webhooks::Wished;

impl BackEnds {
    /// When it was asked; a repeat hears the first time. No user is meant.
    pub(super) async fn wished(&self, once: Option<Once>) -> Result<Wished, Box<Problem>> {
        let now = wall_ms();
        let Some(once) = once else { return Ok(Wished { at: now, is_repeat: false }) };
        let nobody = UserId::parse("-").map_err(|_| unexpected())?;
        match self.act(&nobody, Command::MarkTime(now), Some(once)).await? {
            Reply::Done(done) => Ok(Wished { at: done.time, is_repeat: done.time != now }),
            Reply::Acted(_)
            | Reply::Sent(_)
            | Reply::Created(_)
            | Reply::AttributesSet(_)
            | Reply::Joined(_) => Err(unexpected()),
        }
    }
}

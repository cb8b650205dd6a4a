//! Requests that no command carries out.
//!
//! [`Command::MarkTime`] stands for such a request under an idempotency key: a repeat hears the first time.

use wigwag_engine::{Command, Reply};
use wigwag_protocol::UserId;
use wigwag_protocol::rest::Problem;

use super::{BackEnds, unexpected};
use crate::store::Once;
use crate::webhooks::Wished;

impl BackEnds {
    /// That it is asked at `now`, ms, by the clock that the caller compares it with; a repeat hears the first time. No user is meant.
    pub(super) async fn wished(&self, now: u64, once: Option<Once>) -> Result<Wished, Box<Problem>> {
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

//! How fast requests may come.

use std::time::Duration;

use governor::DefaultDirectRateLimiter;
use governor::clock::{Clock, DefaultClock};
use wigwag_protocol::{ErrorBody, Reason};
use wigwag_session::session::Rate;

/// A user's rate, as their sessions see it.
pub struct UserRate<'a>(pub &'a DefaultDirectRateLimiter);

impl Rate for UserRate<'_> {
    fn take(&self) -> Result<(), Duration> {
        self.0.check().map_err(|early| early.wait_time_from(DefaultClock::default().now()))
    }
}

/// Refuses with `rateLimited` (7008) and the time to wait when the user sends too fast.
pub fn within_user_rate(rate: &DefaultDirectRateLimiter) -> Result<(), ErrorBody> {
    UserRate(rate).take().map_err(|wait| Reason::RateLimited.after(wait))
}

//! How fast requests may come.

use governor::DefaultDirectRateLimiter;
use governor::clock::{Clock, DefaultClock};
use wigwag_protocol::{ErrorBody, Reason};

/// Refuses with `rateLimited` (7008) and the time to wait when the user sends too fast.
pub fn within_user_rate(rate: &DefaultDirectRateLimiter) -> Result<(), ErrorBody> {
    rate.check()
        .map_err(|early| Reason::RateLimited.after(early.wait_time_from(DefaultClock::default().now())))
}

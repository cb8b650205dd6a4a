//! How fast things may come, from the configuration.

use std::num::NonZeroU32;

use wigwag_session::rates::{Allowance, Pace};

use crate::config::LimitsConfig;
use crate::rates::UserPaces;

/// The pace of each kind of request of a user.
pub(super) fn of_users(limits: &LimitsConfig) -> UserPaces {
    UserPaces::new(|of| of_user(limits, of))
}

/// The pace of one kind of request of a user.
pub(super) fn of_user(limits: &LimitsConfig, of: Allowance) -> Pace {
    let (per_second, burst) = match of {
        Allowance::Commands => (limits.commands_per_second, limits.command_burst),
        Allowance::Calls => (limits.calls_per_second, limits.call_burst),
        Allowance::Answers => (limits.answers_per_second, limits.answer_burst),
        Allowance::Reads => (limits.reads_per_second, limits.read_burst),
        Allowance::SignIns => (limits.sign_ins_per_second, limits.sign_in_burst),
        Allowance::Noise => (limits.noise_per_second, limits.noise_burst),
    };
    Pace::new(at_least_one(per_second), at_least_one(burst))
}

/// The pace of messages and invitations that are started in one group. A second's worth may come at once.
pub(super) fn of_group(limits: &LimitsConfig) -> Pace {
    let number = at_least_one(limits.group_messages_per_second);
    Pace::new(number, number)
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

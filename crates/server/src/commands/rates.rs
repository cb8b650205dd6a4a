//! How fast commands may come.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota};
use wigwag_engine::Command;
use wigwag_protocol::{ErrorBody, GroupId, Reason};

/// Refuses with `rateLimited` (7008) and the time to wait when the user sends too fast.
pub fn within_user_rate(rate: &DefaultDirectRateLimiter) -> Result<(), ErrorBody> {
    rate.check()
        .map_err(|early| Reason::RateLimited.after(early.wait_time_from(DefaultClock::default().now())))
}

/// How many messages a second may be started in each group. Only what somebody starts is counted: messages and
/// invitations. Answers are as many as there are invitees, and a class that raises its hands is not to be refused.
#[derive(Debug)]
pub struct GroupRates(DefaultKeyedRateLimiter<GroupId>);

impl GroupRates {
    /// This many a second, and as many at once.
    pub fn new(per_second: NonZeroU32) -> Self {
        Self(DefaultKeyedRateLimiter::keyed(Quota::per_second(per_second)))
    }

    /// Refuses with `groupRateLimited` (10023) and the time to wait.
    pub fn check(&self, command: &Command) -> Result<(), ErrorBody> {
        let Some(group) = command.group_written_to() else { return Ok(()) };
        self.0.check_key(group).map_err(|early| {
            Reason::GroupRateLimited.after(early.wait_time_from(DefaultClock::default().now()))
        })
    }

    /// Forgets groups that have been quiet, which is the same as remembering them.
    pub fn forget_quiet(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }

    /// Groups that are remembered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_engine::command::{Answer, SendMessage};
    use wigwag_protocol::message::{MessageOptions, Peer};
    use wigwag_protocol::{InviteId, UserId};

    fn text(peer: Peer) -> Command {
        Command::SendMessage(Box::new(SendMessage {
            peer,
            client_msg_id: None,
            kind: "text".to_owned(),
            content: serde_json::value::RawValue::from_string("{}".to_owned()).unwrap(),
            options: MessageOptions::default(),
            offline_push_info: None,
        }))
    }

    #[test]
    fn a_group_has_its_own_rate_and_answers_have_none() {
        let rates = GroupRates::new(NonZeroU32::new(2).unwrap());
        let (group, other) = (GroupId::parse("a").unwrap(), GroupId::parse("b").unwrap());
        rates.check(&text(Peer::Group(group.clone()))).unwrap();
        rates.check(&text(Peer::Group(group.clone()))).unwrap();
        let error = rates.check(&text(Peer::Group(group))).unwrap_err();
        assert_eq!(error.code, 10023);
        assert!((1..=501).contains(&error.data.retry_after_ms.unwrap()), "{error:?}");
        rates.check(&text(Peer::Group(other))).unwrap();
        for _ in 0..10 {
            let answer = Answer { id: InviteId::parse("i").unwrap(), data: String::new() };
            rates.check(&Command::Accept(answer)).unwrap();
            rates.check(&text(Peer::User(UserId::parse("bob").unwrap()))).unwrap();
        }
        assert_eq!(rates.len(), 2);
    }
}

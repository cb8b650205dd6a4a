//! Users: profiles and blocks.

use wigwag_protocol::UserId;
use wigwag_protocol::error::Reason;
use wigwag_session::codec::openim::Error;
use wigwag_session::codec::openim::frame::Answer;
use wigwag_session::codec::openim::people::{Blocked, Found as FoundUser, User};
use wigwag_session::{Found, Query};

use super::program::{Outcome, Program};

/// Blocked users in the one list that a client gets.
const MOST_BLOCKED: usize = 500;

impl Program<'_> {
    pub(super) async fn my_profile(&self) -> Outcome {
        let profile = self.lookup.profile(&self.me.user).await?;
        let profile = profile.ok_or_else(|| Error::because(Reason::UnknownUser))?;
        Ok(Answer::of(&User::from(&profile)))
    }

    pub(super) async fn profiles(&self, users: &[UserId]) -> Outcome {
        let profiles = self.lookup.profiles(users).await?;
        Ok(Answer::list(profiles.iter().map(FoundUser::from)))
    }

    pub(super) async fn blocked(&self) -> Outcome {
        let query = Query::Blocked { after: None, limit: MOST_BLOCKED };
        let Found::Blocked(found) = self.lookup.ask(query).await? else {
            return Err(Error::because(Reason::Internal));
        };
        let profiles = self.lookup.profiles(&found.user_ids).await?;
        Ok(Answer::list(profiles.iter().map(|profile| Blocked::of(&self.me.user, profile))))
    }
}

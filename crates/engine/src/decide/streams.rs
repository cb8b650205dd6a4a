//! Who is told, and how far each listener's stream gets by the decision at hand.
//!
//! A command may tell thousands of members a hundred things: dismissing a full group settles all its open invitations.
//! So each listener is looked up in the ledger once, and an [`Audience`] can be told again and again without being
//! sorted or looked up a second time.

use std::collections::HashMap;
use std::rc::Rc;

use wigwag_protocol::UserId;

use crate::decision::Place;
use crate::{Ledger, Stop};

/// Everybody who is told one event: each user once, in byte order of their userIDs, so that two nodes lock the same rows
/// in the same order. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Audience(Rc<[usize]>);

/// The streams that a decision appends to.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// Where each user stands in `heads`.
    numbers: HashMap<UserId, usize>,
    /// The newest place in each user's stream: the ledger's at first, then those of the events told so far.
    heads: Vec<Place>,
}

impl Streams {
    /// The audience of those of these users who are not deleted; repeats do not matter. Asks for everybody who is not loaded at once.
    pub(super) fn audience(&mut self, ledger: &Ledger, mut users: Vec<UserId>) -> Result<Audience, Stop> {
        users.sort_unstable();
        users.dedup();
        let new: Vec<UserId> =
            users.iter().filter(|user| !self.numbers.contains_key(*user)).cloned().collect();
        for (user, head) in new.iter().zip(ledger.heads(&new)?) {
            let Some(cursor) = head else { continue };
            self.numbers.insert(user.clone(), self.heads.len());
            self.heads.push(Place { user: user.clone(), cursor });
        }
        Ok(Audience(users.iter().filter_map(|user| self.numbers.get(user).copied()).collect()))
    }

    /// Both audiences as one. They have no user in common.
    pub(super) fn joined(&self, one: &Audience, other: &Audience) -> Audience {
        let mut numbers = [&one.0[..], &other.0[..]].concat();
        // Two sorted runs: merging them is linear.
        numbers.sort_by_key(|number| self.heads.get(*number).map(|head| &head.user));
        Audience(numbers.into())
    }

    /// The users of an audience, in byte order.
    pub(super) fn users(&self, audience: &Audience) -> Vec<UserId> {
        audience.0.iter().filter_map(|number| self.heads.get(*number)).map(|head| head.user.clone()).collect()
    }

    /// The next place in the stream of everybody in the audience.
    pub(super) fn advance(&mut self, audience: &Audience) -> Vec<Place> {
        let mut places = Vec::with_capacity(audience.0.len());
        for number in audience.0.iter() {
            if let Some(head) = self.heads.get_mut(*number) {
                head.cursor += 1;
                places.push(head.clone());
            }
        }
        places
    }
}

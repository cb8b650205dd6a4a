//! Which questions are in flight, and how many.

use std::collections::HashMap;

use uuid::Uuid;
use wigwag_engine::Request;
use wigwag_protocol::{GroupId, InviteId, UserId};

use crate::store::{Planned, Question};

/// Most questions in flight: each has a thread while it waits. An endpoint that answers within 50 ms is asked more than 1,000 times a second.
const MOST: usize = 64;
/// Most questions of one user, those that follow another one included: an app has one or two, and nobody may take the room of all.
const MOST_OF_USER: usize = 4;

/// What is asked about, by who asks for it and its name.
pub(super) type Key = (UserId, Name);

/// How an asker calls what they ask for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// An invitation's.
    Invitation(InviteId),
    /// What a message is called by its sender's client, so that a repeat is known.
    Message(String),
    /// A message that nobody has named: each is one of its own.
    Nameless(Uuid),
    /// The group that somebody comes to.
    Group(GroupId),
}

/// Questions in flight.
#[derive(Default)]
pub(super) struct InFlight {
    /// Of each thing that is asked about, the questions that wait for what comes of it.
    asked: HashMap<Key, Vec<Question>>,
    users: HashMap<UserId, usize>,
}

/// What becomes of a question.
#[derive(Debug)]
pub(super) enum Place {
    /// It is to be asked, and [`InFlight::leave`] called afterwards with this key.
    Own(Key, Box<Question>),
    /// It waits for another one about the same thing.
    Behind,
    /// Its user has as many as they may have.
    UserHasNone(Box<Question>),
    /// There are as many as may be.
    None(Box<Question>),
}

/// What it is about.
pub(super) fn key_of(question: &Question) -> Key {
    let (doer, name) = match &question.planned {
        Planned::Invitation(planned) => (&planned.inviter, Name::Invitation(planned.id.clone())),
        Planned::Message(planned) => {
            let name = planned.client_msg_id.clone().map(Name::Message);
            (&planned.sender, name.unwrap_or_else(|| Name::Nameless(Uuid::now_v7())))
        }
        Planned::Growth(planned) => (&planned.added.by, Name::Group(planned.added.group_id.clone())),
    };
    let user = match &question.submission.request {
        Request::By(actor, _) => actor.user.clone(),
        // Time invites nobody, and writes to nobody.
        Request::Due(_) => doer.clone(),
    };
    (user, name)
}

impl InFlight {
    pub(super) fn enter(&mut self, question: Question) -> Place {
        let key = key_of(&question);
        let of_user = self.users.get(&key.0).copied().unwrap_or_default();
        if of_user >= MOST_OF_USER {
            return Place::UserHasNone(Box::new(question));
        }
        let is_full = self.asked.len() >= MOST;
        if let Some(behind) = self.asked.get_mut(&key) {
            behind.push(question);
            self.users.insert(key.0, of_user + 1);
            return Place::Behind;
        }
        if is_full {
            return Place::None(Box::new(question));
        }
        self.users.insert(key.0.clone(), of_user + 1);
        self.asked.insert(key.clone(), Vec::new());
        Place::Own(key, Box::new(question))
    }

    /// It was asked. Gives back those that waited for it.
    pub(super) fn leave(&mut self, key: &Key) -> Vec<Question> {
        let Some(behind) = self.asked.remove(key) else { return Vec::new() };
        let left = self.users.get(&key.0).copied().unwrap_or_default().saturating_sub(behind.len() + 1);
        if left == 0 {
            self.users.remove(&key.0);
        } else {
            self.users.insert(key.0.clone(), left);
        }
        behind
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wigwag_engine::invitation::{Guests, Invitation, Invitee, Receipt, Switches};
    use wigwag_engine::{Actor, Command};

    use super::*;
    use crate::store::{Permission, ReplyTo, Submission};

    fn question(inviter: &str, id: &str) -> Question {
        let user = |name: &str| UserId::parse(name).unwrap();
        let invitation = Invitation {
            id: InviteId::parse(id).unwrap(),
            inviter: user(inviter),
            inviter_device: None,
            guests: Guests::One(Invitee::pending(user("bob"))),
            data: String::new(),
            first_data: None,
            timeout: 30,
            created_at: 1,
            switches: Switches::default(),
            told: None,
            offline_push_info: None,
            replaced_push_info: None,
            call: None,
            version: 1,
            receipt: Receipt::default(),
            withdrawals: Vec::new(),
            end: None,
        };
        let request = Request::By(Actor::back_end(user(inviter)), Command::Register);
        let submission =
            Submission { request, reply_to: ReplyTo::Nobody, once: None, permission: Permission::Needed };
        Question { submission, planned: Planned::Invitation(Arc::new(invitation)) }
    }

    fn key(inviter: &str, id: &str) -> Key {
        key_of(&question(inviter, id))
    }

    #[test]
    fn an_invitation_is_asked_about_once_at_a_time() {
        let mut in_flight = InFlight::default();
        assert!(matches!(in_flight.enter(question("alice", "i")), Place::Own(..)));
        assert!(matches!(in_flight.enter(question("alice", "i")), Place::Behind));
        // Somebody else's of the same name is another one.
        assert!(matches!(in_flight.enter(question("carol", "i")), Place::Own(..)));
        assert_eq!(in_flight.leave(&key("alice", "i")).len(), 1);
        assert!(matches!(in_flight.enter(question("alice", "i")), Place::Own(..)));
    }

    #[test]
    fn a_user_has_few_and_gets_them_back() {
        let mut in_flight = InFlight::default();
        for number in 0..MOST_OF_USER {
            let id = if number % 2 == 0 { "a" } else { "b" };
            let place = in_flight.enter(question("alice", id));
            assert!(matches!(place, Place::Own(..) | Place::Behind), "{number}: {place:?}");
        }
        assert!(matches!(in_flight.enter(question("alice", "a")), Place::UserHasNone(_)));
        assert!(matches!(in_flight.enter(question("alice", "c")), Place::UserHasNone(_)));
        assert!(matches!(in_flight.enter(question("carol", "c")), Place::Own(..)));
        assert_eq!(in_flight.leave(&key("alice", "a")).len(), 1);
        assert_eq!(in_flight.leave(&key("alice", "b")).len(), 1);
        assert_eq!(in_flight.users.len(), 1, "only carol's is left");
    }

    #[test]
    fn all_together_have_a_bound() {
        let mut in_flight = InFlight::default();
        for number in 0..MOST {
            assert!(matches!(in_flight.enter(question(&format!("u{number}"), "i")), Place::Own(..)));
        }
        assert!(matches!(in_flight.enter(question("last", "i")), Place::None(_)));
        assert!(matches!(in_flight.enter(question("u0", "i")), Place::Behind), "a repeat needs no thread");
        in_flight.leave(&key("u0", "i"));
        assert!(matches!(in_flight.enter(question("last", "i")), Place::Own(..)));
    }
}

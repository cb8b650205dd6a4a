//! Conversations: one-to-one or a group's.

use std::fmt;

use wigwag_protocol::message::Peer;
use wigwag_protocol::{GroupId, UserId};

/// Names a conversation the same way for everybody in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConversationId {
    /// Two users, in byte order.
    OneToOne(UserId, UserId),
    /// The members of a group.
    Group(GroupId),
}

impl ConversationId {
    /// The conversation of two users, whichever is named first.
    pub fn between(one: &UserId, other: &UserId) -> Self {
        if one <= other {
            Self::OneToOne(one.clone(), other.clone())
        } else {
            Self::OneToOne(other.clone(), one.clone())
        }
    }

    /// The conversation `user` means by `peer`.
    pub fn with(user: &UserId, peer: &Peer) -> Self {
        match peer {
            Peer::User(other) => Self::between(user, other),
            Peer::Group(group) => Self::Group(group.clone()),
        }
    }

    /// The other user, seen from `user`; `None` for groups.
    pub fn other(&self, user: &UserId) -> Option<&UserId> {
        match self {
            Self::OneToOne(one, other) => Some(if one == user { other } else { one }),
            Self::Group(_) => None,
        }
    }

    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(users) = text.strip_prefix("c2c:") {
            let (one, other) = users.split_once(' ')?;
            return Some(Self::OneToOne(UserId::parse(one).ok()?, UserId::parse(other).ok()?));
        }
        GroupId::parse(text.strip_prefix("group:")?).ok().map(Self::Group)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A userID has no space, so the text can be taken apart again.
            Self::OneToOne(one, other) => write!(f, "c2c:{one} {other}"),
            Self::Group(group) => write!(f, "group:{group}"),
        }
    }
}

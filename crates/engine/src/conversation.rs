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

/// A conversation as the rules see it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConversationHead {
    /// The newest seq; 0 when it has no message.
    pub last_seq: u64,
    /// One-to-one: which of the two have written to the other. Nobody in a group, where members are marked.
    pub writers: Writers,
}

/// Which of the two users of a conversation have written to the other, and so know them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writers(u8);

impl Writers {
    /// As a store keeps it: 1 for the first user in byte order, 2 for the second, 3 for both.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Reads what [`Self::bits`] gave.
    pub fn of_bits(bits: u8) -> Self {
        Self(bits & 3)
    }

    /// `user` alone, who is one of the two.
    pub fn only(user: &UserId, other: &UserId) -> Self {
        Self(if user <= other { 1 } else { 2 })
    }

    /// These and those.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of `others` are among them.
    pub fn contain(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
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

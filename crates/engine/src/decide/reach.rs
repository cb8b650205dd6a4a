//! Whom a user lets ring them and add them to groups (docs/semantics.md, "Who may reach whom").
//!
//! A user knows another when they have written to them, or share a group with them that is familiar to the user. Nobody becomes
//! known by writing first or by ringing, nor by putting a user into a group who does not let everybody ring.
//!
//! A rule that asks for many users calls [`loaded_for`] first, so that what is missing is loaded in one round.

use wigwag_protocol::UserId;
use wigwag_protocol::group::{Reach, ReachableBy};

use super::draft::Draft;
use super::vacancy::loaded_together;
use crate::{Actor, ConversationId, Group, Key, Stop};

/// What is to be done to a user.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reaching<'a> {
    /// To ring them, in a group or one-to-one.
    Ring(Option<&'a Group>),
    /// To add them to a group.
    Add,
}

/// Whether a user may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// They have blocked the actor, or their rule says no. Which of the two is nobody's business.
    Refused,
    /// They may be added, but by a user whom they do not know and whom they therefore do not let ring. That must not make the
    /// group's members users whom they know.
    AsStranger,
    /// They may be reached.
    Granted,
}

/// What a user's rules say before it is asked whether they know the actor.
enum Verdict {
    Settled(Access),
    /// Granted to users whom they know.
    ToKnown {
        strangers: Access,
    },
}

impl Reaching<'_> {
    fn verdict(self, user: &UserId, reach: Reach) -> Verdict {
        let rule = match self {
            Self::Ring(_) => reach.ring,
            Self::Add => reach.add,
        };
        match rule {
            ReachableBy::Nobody => Verdict::Settled(Access::Refused),
            ReachableBy::Known if self.is_familiar_to(user) => Verdict::Settled(Access::Granted),
            ReachableBy::Known => Verdict::ToKnown { strangers: Access::Refused },
            ReachableBy::Everybody if self.opens_no_way(reach) => Verdict::Settled(Access::Granted),
            ReachableBy::Everybody => Verdict::ToKnown { strangers: Access::AsStranger },
        }
    }

    /// The members of a group that is familiar to `user` are users they know. The actor is a member, or could not ring there.
    fn is_familiar_to(self, user: &UserId) -> bool {
        match self {
            Self::Ring(group) => group.is_some_and(|group| group.is_familiar_to(user)),
            Self::Add => false,
        }
    }

    /// Whoever adds a user gains nothing by it, because everybody may ring that user.
    fn opens_no_way(self, reach: Reach) -> bool {
        match self {
            Self::Ring(_) => true,
            Self::Add => reach.ring == ReachableBy::Everybody,
        }
    }
}

/// Whether the actor may reach `user`, who is registered.
pub(super) fn access(
    draft: &Draft<'_>,
    actor: &Actor,
    user: &UserId,
    reaching: Reaching<'_>,
) -> Result<Access, Stop> {
    if draft.ledger.blocks(user, &actor.user)? {
        return Ok(Access::Refused);
    }
    match verdict(draft, user, reaching)? {
        Verdict::Settled(access) => Ok(access),
        Verdict::ToKnown { strangers } => {
            loaded_together(missing(draft, actor, user))?;
            let knows = draft.ledger.has_written(user, &actor.user)?
                || draft.ledger.share_a_group(user, &actor.user)?;
            Ok(if knows { Access::Granted } else { strangers })
        }
    }
}

/// Stops unless everything that [`access`] reads of these users beyond blocks is loaded. They are registered.
pub(super) fn loaded_for(
    draft: &Draft<'_>,
    actor: &Actor,
    users: &[UserId],
    reaching: Reaching<'_>,
) -> Result<(), Stop> {
    draft.ledger.heads(users)?;
    let mut asked = Vec::new();
    for user in users {
        match verdict(draft, user, reaching)? {
            Verdict::Settled(_) => {}
            Verdict::ToKnown { .. } => asked.extend(missing(draft, actor, user)),
        }
    }
    loaded_together(asked.into_iter())
}

fn verdict(draft: &Draft<'_>, user: &UserId, reaching: Reaching<'_>) -> Result<Verdict, Stop> {
    let reach = draft.ledger.user(user)?.map(|user| user.reach).unwrap_or_default();
    Ok(reaching.verdict(user, reach))
}

/// What tells whether `user` knows the actor, as far as it is not loaded.
fn missing(draft: &Draft<'_>, actor: &Actor, user: &UserId) -> impl Iterator<Item = Key> {
    let ledger = draft.ledger;
    let theirs = Key::Conversation(ConversationId::between(user, &actor.user));
    let shared = Key::SharedGroups(user.clone(), actor.user.clone());
    [theirs, shared].into_iter().filter(|key| !ledger.has(key)).collect::<Vec<_>>().into_iter()
}

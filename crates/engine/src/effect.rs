//! What a change does to stored rows.
//!
//! A [`Change`] is said in the words of the rules; one of them may touch several kinds of rows. Its [`Effect`]s are said
//! in the words of storage: one row or one counter each. The ledger and every store carry out effects, so none of them
//! has to know which changes open an invitation or move a read mark.

use std::borrow::Cow;
use std::sync::Arc;

use wigwag_protocol::group::{JoinPolicy, Profile, Reach};
use wigwag_protocol::quiet::Quiet;
use wigwag_protocol::{GroupId, UserId};

use crate::board::Board;
use crate::group::Membership;
use crate::ledger::KeyedMessage;
use crate::quiet::Rang;
use crate::{Call, Change, ConversationId, Group, Invitation};

/// What becomes of one row, or of the counts and indexes of open invitations.
#[derive(Debug, Clone)]
pub enum Effect<'a> {
    /// A new user, whose stream is empty.
    UserAdded(&'a Profile),
    /// A user's profile is replaced.
    ProfileSet(&'a Profile),
    /// `by` blocks `target` from now on, or does not.
    BlockSet {
        /// The user who blocks.
        by: &'a UserId,
        /// The user who is blocked.
        target: &'a UserId,
        /// Whether the block exists from now on.
        on: bool,
    },
    /// Who may ring and add a user is replaced.
    ReachSet {
        /// The user.
        user: &'a UserId,
        /// Their rules.
        reach: Reach,
    },
    /// When a user is quiet is replaced. With `None` it goes, and who rang them with it.
    QuietSet {
        /// The user.
        user: &'a UserId,
        /// What they set.
        quiet: Option<&'a Arc<Quiet>>,
    },
    /// What a user says of themselves is replaced; nothing when it is empty.
    StatusSet {
        /// The user.
        user: &'a UserId,
        /// Their words.
        status: &'a str,
    },
    /// Who rang a quiet user lately is replaced.
    RangSet {
        /// The user who was rung.
        user: &'a UserId,
        /// Who rang, the oldest first.
        rang: &'a [Rang],
    },
    /// Whether a user may sign in is replaced.
    DisabledSet {
        /// The user.
        user: &'a UserId,
        /// Since when they may not, server time in ms; `None` when they may.
        since: Option<u64>,
    },
    /// The user is deleted: their row keeps their name alone, and their blocks, tokens for pushes and places on platforms are
    /// gone. What is kept for them in many rows is erased afterwards, page by page.
    UserDeleted {
        /// The user.
        user: &'a UserId,
        /// When, server time in ms.
        at: u64,
        /// The newest place of their stream.
        head: u64,
    },
    /// The user has written to the other one-to-one.
    Acquainted {
        /// The user who has written.
        user: &'a UserId,
        /// The other.
        with: &'a UserId,
    },
    /// An invitation is written for the first time.
    InvitationAdded(&'a Arc<Invitation>),
    /// An invitation is replaced by its next version.
    InvitationSet(&'a Arc<Invitation>),
    /// The invitation joins its inviter's and its group's open ones.
    Opened(&'a Arc<Invitation>),
    /// The invitation leaves its inviter's and its group's open ones.
    Ended(&'a Arc<Invitation>),
    /// The invitation is pending for this invitee from now on.
    Awaited {
        /// Which invitation.
        invitation: &'a Arc<Invitation>,
        /// One of its invitees.
        invitee: &'a UserId,
    },
    /// The invitation is not pending for this invitee any more.
    Settled {
        /// Which invitation.
        invitation: &'a Arc<Invitation>,
        /// One of its invitees.
        invitee: &'a UserId,
    },
    /// A call is written: for the first time when its version is 1, and in its next version otherwise.
    CallSet(&'a Arc<Call>),
    /// The call is in this user's list of calls from now on.
    CallListed {
        /// The user who was called, or who came.
        user: &'a UserId,
        /// Which call.
        call: &'a Arc<Call>,
    },
    /// The user is in this call from now on, and in no other.
    Entered {
        /// Who came in.
        user: &'a UserId,
        /// Which call.
        call: &'a Arc<Call>,
    },
    /// The user is not in this call any more. If they are in another one, they stay in it.
    Exited {
        /// Who went.
        user: &'a UserId,
        /// Which call.
        call: &'a Arc<Call>,
    },
    /// The user has looked at their missed calls that began up to this time, server time in ms.
    CallsSeen(&'a UserId, u64),
    /// The sender's idempotency key is used up by this message.
    ClientMessageAdded {
        /// The user who sent the message.
        sender: &'a UserId,
        /// Their key.
        client_msg_id: &'a str,
        /// The message.
        message: &'a KeyedMessage,
    },
    /// The message at this seq is taken back.
    MessageRevoked(&'a ConversationId, u64),
    /// The conversation is in the user's list, read up to `seq`.
    ReadSet {
        /// The user who reads.
        user: &'a UserId,
        /// The conversation; it may have no message yet.
        conversation: Cow<'a, ConversationId>,
        /// The newest seq that counts as read.
        seq: u64,
    },
    /// Whether the conversation is pinned in the user's list is replaced.
    PinSet {
        /// The user whose list it is.
        user: &'a UserId,
        /// A conversation that is in it.
        conversation: &'a ConversationId,
        /// Whether it is pinned from now on.
        on: bool,
    },
    /// The user does not see the conversation's messages up to `seq` any more, and has it in their list when there are newer ones.
    DeletedUpTo {
        /// The user who deletes.
        user: &'a UserId,
        /// A conversation in their list.
        conversation: &'a ConversationId,
        /// The newest seq that is deleted.
        seq: u64,
    },
    /// The conversation leaves the user's list for good, with its pin.
    ReadDropped {
        /// The user who left.
        user: &'a UserId,
        /// The conversation they left.
        conversation: ConversationId,
    },
    /// A new group. Its members are effects of their own.
    GroupAdded(&'a Group),
    /// A group's description is replaced.
    GroupSet {
        /// The group.
        id: &'a GroupId,
        /// Its new name.
        name: &'a str,
        /// Its new opaque `ext`.
        ext: &'a str,
        /// Its new policy.
        join_policy: JoinPolicy,
    },
    /// A user is a member of the group with this role, whether they were one before or not.
    MemberSet {
        /// The group.
        group: &'a GroupId,
        /// The member.
        user: &'a UserId,
        /// Their role and when they joined.
        membership: &'a Membership,
    },
    /// A user is no member of the group any more.
    MemberDropped {
        /// The group.
        group: &'a GroupId,
        /// The user who left.
        user: &'a UserId,
    },
    /// Whether a user left the group by their own wish and has not joined it since.
    DepartureSet {
        /// The group.
        group: &'a GroupId,
        /// The user.
        user: &'a UserId,
        /// False when they are back.
        has_left: bool,
    },
    /// A group's board is replaced.
    BoardSet(&'a GroupId, &'a Board),
    /// The group is gone, with its members, its board, its conversation, everybody's place in it, and who has left it.
    GroupDropped(&'a GroupId),
}

impl Change {
    /// The effects of this change, in the order in which they have to be carried out.
    pub fn effects(&self) -> impl Iterator<Item = Effect<'_>> {
        let (first, second) = self.row_effects();
        let rows = [first, second].into_iter().flatten();
        rows.chain(self.first_members())
            .chain(self.invitees_awaited())
            .chain(self.invitees_settled())
            .chain(self.people_moved())
    }

    /// All effects but those of a new group's members and of an invitation's invitees.
    fn row_effects(&self) -> (Option<Effect<'_>>, Option<Effect<'_>>) {
        match self {
            Self::UserRegistered(profile) => one(Effect::UserAdded(profile)),
            Self::Profile(profile) => one(Effect::ProfileSet(profile)),
            Self::Block { by, target, on } => one(Effect::BlockSet { by, target, on: *on }),
            Self::Reach { user, reach } => one(Effect::ReachSet { user, reach: *reach }),
            Self::Quiet { user, quiet } => one(Effect::QuietSet { user, quiet: quiet.as_ref() }),
            Self::Status { user, status } => one(Effect::StatusSet { user, status }),
            Self::Rang { user, rang } => one(Effect::RangSet { user, rang }),
            Self::Disabled { user, since } => one(Effect::DisabledSet { user, since: *since }),
            Self::UserDeleted { user, at, head } => one(Effect::UserDeleted { user, at: *at, head: *head }),
            Self::Acquainted { user, with } => one(Effect::Acquainted { user, with }),
            Self::InvitationMade(made) => {
                (Some(Effect::InvitationAdded(made)), made.is_open().then_some(Effect::Opened(made)))
            }
            Self::InvitationChanged(next) => {
                (Some(Effect::InvitationSet(next)), (!next.is_open()).then_some(Effect::Ended(next)))
            }
            Self::InvitationSilenced(next) => one(Effect::InvitationSet(next)),
            Self::Call(change) => one(Effect::CallSet(&change.next)),
            Self::CallsSeen(user, up_to) => one(Effect::CallsSeen(user, *up_to)),
            Self::ConversationStarted(one, other) => {
                let conversation = ConversationId::between(one, other);
                (Some(read(one, conversation.clone(), 0)), Some(read(other, conversation, 0)))
            }
            Self::ClientMessage { sender, client_msg_id, message } => {
                one(Effect::ClientMessageAdded { sender, client_msg_id, message })
            }
            Self::MessageRevoked(conversation, seq) => one(Effect::MessageRevoked(conversation, *seq)),
            Self::Read { user, conversation, seq } => {
                one(Effect::ReadSet { user, conversation: Cow::Borrowed(conversation), seq: *seq })
            }
            Self::Pinned { user, conversation, on } => one(Effect::PinSet { user, conversation, on: *on }),
            Self::ConversationDeleted { user, conversation, seq } => {
                one(Effect::DeletedUpTo { user, conversation, seq: *seq })
            }
            Self::GroupCreated(group) => one(Effect::GroupAdded(group)),
            Self::GroupDescribed { id, name, ext, join_policy } => {
                one(Effect::GroupSet { id, name, ext, join_policy: *join_policy })
            }
            Self::Member { group, user, membership, joined_at_seq } => (
                Some(Effect::MemberSet { group, user, membership }),
                joined_at_seq.map(|seq| read(user, ConversationId::Group(group.clone()), seq)),
            ),
            Self::MemberGone(group, user) => {
                let conversation = ConversationId::Group(group.clone());
                let left = Effect::ReadDropped { user, conversation };
                (Some(Effect::MemberDropped { group, user }), Some(left))
            }
            Self::Departure { group, user, has_left } => {
                one(Effect::DepartureSet { group, user, has_left: *has_left })
            }
            Self::Board(group, board) => one(Effect::BoardSet(group, board)),
            Self::GroupDismissed(id) => one(Effect::GroupDropped(id)),
        }
    }

    /// The members of a new group; they have read the empty conversation.
    fn first_members(&self) -> impl Iterator<Item = Effect<'_>> {
        let created = if let Self::GroupCreated(group) = self { Some(group) } else { None };
        created.into_iter().flat_map(|group| {
            group.members.iter().flat_map(|(user, membership)| {
                let member = Effect::MemberSet { group: &group.id, user, membership };
                [member, read(user, ConversationId::Group(group.id.clone()), 0)]
            })
        })
    }

    /// All invitees of a new invitation are pending who are not settled from the beginning.
    fn invitees_awaited(&self) -> impl Iterator<Item = Effect<'_>> {
        let made = if let Self::InvitationMade(made) = self { Some(made) } else { None };
        made.into_iter().flat_map(|invitation| {
            invitation.pending().map(move |invitee| Effect::Awaited { invitation, invitee })
        })
    }

    /// Who is in a call's list, in the call, and no more in it.
    fn people_moved(&self) -> impl Iterator<Item = Effect<'_>> {
        let change = if let Self::Call(change) = self { Some(change) } else { None };
        change.into_iter().flat_map(|change| {
            let call = &change.next;
            let new = change.new.iter().map(move |user| Effect::CallListed { user, call });
            let entered = change.entered.iter().map(move |user| Effect::Entered { user, call });
            let exited = change.exited.iter().map(move |user| Effect::Exited { user, call });
            new.chain(entered).chain(exited)
        })
    }

    fn invitees_settled(&self) -> impl Iterator<Item = Effect<'_>> {
        let changed = if let Self::InvitationChanged(next) = self { Some(next) } else { None };
        changed.into_iter().flat_map(|invitation| {
            invitation.just_settled().map(move |invitee| Effect::Settled { invitation, invitee })
        })
    }
}

fn one(effect: Effect<'_>) -> (Option<Effect<'_>>, Option<Effect<'_>>) {
    (Some(effect), None)
}

fn read(user: &UserId, conversation: ConversationId, seq: u64) -> Effect<'_> {
    Effect::ReadSet { user, conversation: Cow::Owned(conversation), seq }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wigwag_protocol::group::Role;

    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn read_marks(change: &Change) -> Vec<(String, Option<u64>)> {
        let mut marks = Vec::new();
        for effect in change.effects() {
            if let Effect::ReadSet { user, seq, .. } = effect {
                marks.push((user.to_string(), Some(seq)));
            } else if let Effect::ReadDropped { user, .. } = effect {
                marks.push((user.to_string(), None));
            }
        }
        marks
    }

    #[test]
    fn whoever_enters_a_conversation_gets_a_read_mark_and_loses_it_when_they_leave() {
        let (alice, bob) = (user("alice"), user("bob"));
        let id = GroupId::parse("class").unwrap();
        let membership = Membership { role: Role::Member, joined_at: 1, familiar: false };
        let member = |joined_at_seq| {
            let (group, user, membership) = (id.clone(), bob.clone(), membership.clone());
            Change::Member { group, user, membership, joined_at_seq }
        };
        let marks = |change: &Change| read_marks(change);
        let started = Change::ConversationStarted(alice.clone(), bob.clone());
        assert_eq!(marks(&started), [("alice".to_owned(), Some(0)), ("bob".to_owned(), Some(0))]);
        assert_eq!(marks(&member(Some(7))), [("bob".to_owned(), Some(7))]);
        assert_eq!(marks(&member(None)), [], "a new role leaves the mark where it is");
        assert_eq!(marks(&Change::MemberGone(id.clone(), bob.clone())), [("bob".to_owned(), None)]);
    }

    #[test]
    fn a_new_group_brings_its_members() {
        let id = GroupId::parse("class").unwrap();
        let membership = Membership { role: Role::Owner, joined_at: 1, familiar: true };
        let group = Group {
            id: id.clone(),
            name: String::new(),
            ext: String::new(),
            join_policy: JoinPolicy::Free,
            created_at: 1,
            members: BTreeMap::from([(user("alice"), membership)]),
        };
        let created = Change::GroupCreated(Box::new(group));
        let effects: Vec<Effect<'_>> = created.effects().collect();
        assert!(matches!(
            effects.as_slice(),
            [Effect::GroupAdded(_), Effect::MemberSet { .. }, Effect::ReadSet { seq: 0, .. }]
        ));
    }
}

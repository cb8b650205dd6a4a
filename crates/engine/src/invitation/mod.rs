//! An invitation and its rules (docs/semantics.md).
//!
//! An invitation is a value. [`Invitation::handle`] says what a party's command does to it and [`Invitation::meet`] what
//! time or its group does; both return the next version and leave this one as it is. The caller tells what happened,
//! gives the first reply to [`Invitation::keep_receipt`], and writes the next version: in this order, because a repeat of
//! the command is answered from that receipt.
//!
//! ```text
//!                    accept ──▶ accepted
//!                    reject ──▶ rejected
//!  invite ─▶ pending deadline ▶ timedOut          each invitee leaves `pending` once,
//!                    cancel ──▶ cancelled         and the invitation ends with the last one
//!                    leaves ──▶ removed
//! ```

mod cancel;
mod rules;

use serde::{Deserialize, Serialize};
use wigwag_protocol::call::CallLink;
use wigwag_protocol::invitation::{EndReason, InvitationView, InviteeState, Notify, Status};
use wigwag_protocol::message::{MessagePlace, Peer};
use wigwag_protocol::quiet::QuietPush;
use wigwag_protocol::{Device, GroupId, InviteId, UserId};

pub use cancel::KEPT_WITHDRAWALS;
pub use rules::{Circumstance, Consequence, Happened, Input, Silencing, Verdict};

use crate::ConversationId;

/// What the first reply to a command said besides version and time, kept so that a repeat gets it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The event's place in the acting user's stream.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
    /// The message the action made: its messageID and seq.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub message: Option<(String, u64)>,
}

/// A party's command that settled something. The same device with the same payload is a repeat and gets the same reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The device it came from; `None` when a back end acted.
    pub device: Option<Device>,
    /// The app's payload.
    pub data: String,
    /// The first reply to it.
    pub receipt: Receipt,
}

/// What took an invitee out of `pending`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The invitee accepted.
    Accepted(Said),
    /// The invitee rejected.
    Rejected(Said),
    /// The deadline passed first.
    TimedOut,
    /// The invitation was taken back first: by its inviter, by the inviter leaving, or with its group.
    Cancelled,
    /// The invitee left the group first.
    Removed,
    /// The invitee was in another call when the invitation was made, and was not rung. Counts as rejected.
    Busy,
}

/// How and when an invitee left `pending`. Never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What did it.
    pub by: Settlement,
    /// Server time in ms.
    pub at: u64,
    /// The version this produced.
    pub version: u32,
}

/// One invitee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// The invited user.
    pub user: UserId,
    /// Absent while pending.
    pub settled: Option<Settled>,
    /// They were quiet when it was made: what of the ring wakes their devices. `None` when it rings loudly.
    pub quiet: Option<QuietPush>,
    /// One of their devices has silenced it.
    pub silenced: bool,
}

/// What ended an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Everybody had answered, timed out or left, and not all of them timed out at once.
    Completed,
    /// The inviter took it back by this command.
    Cancelled(Said),
    /// Nobody answered before the deadline.
    TimedOut,
    /// The group was dismissed.
    GroupDismissed,
    /// The inviter left the group or was removed from it.
    InviterLeft,
    /// It had no deadline, and reached the age at which such invitations are closed or was pushed out by newer ones.
    Expired,
    /// Nobody was left in the call that it invited into.
    CallOver,
    /// It called a user who was calling the inviter, whose invitation was accepted instead. Nobody was told of it, and it
    /// is kept so that a repeat gets the same reply.
    Merged(InviteId),
}

/// A cancel of some invitees, while others stayed pending. Its version settled those from whom the invitation was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The inviter's command.
    pub said: Said,
    /// The version this produced.
    pub version: u32,
    /// Server time in ms.
    pub at: u64,
}

/// How and when an invitation ended. Never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// What ended it.
    pub by: Ending,
    /// The version this produced.
    pub version: u32,
    /// Server time in ms.
    pub at: u64,
}

/// Whom an invitation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guests {
    /// One user; the messages go to the conversation of the two.
    One(Invitee),
    /// Members of a group; the messages go to the group's conversation.
    Members {
        /// Where the inviter and the invitees were members when it was made.
        group: GroupId,
        /// In the order given, without repeats.
        invitees: Vec<Invitee>,
        /// Named by the inviter but left out: they were not members, blocked the inviter, or had no room for one more
        /// pending invitation. The reply names them.
        ignored: Vec<UserId>,
        /// Whether all members are told, or the parties alone.
        notify: Notify,
    },
}

/// Switches the inviter set once; everything that follows inherits them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// Leaves no message and reaches only those who are online.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub online_user_only: bool,
    /// Messages do not count as unread.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excluded_from_unread: bool,
    /// Messages are not a conversation's last one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excluded_from_last_message: bool,
    /// The inviter is told how far it is with each device.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub progress: bool,
}

/// Push settings that do not count any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedPushInfo {
    /// What the inviter gave, JSON; `None` when they gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_inviter: Option<String>,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its name everywhere.
    pub id: InviteId,
    /// The user who invites.
    pub inviter: UserId,
    /// The device that invited; `None` when a back end did.
    pub inviter_device: Option<Device>,
    /// The users who are invited, and where.
    pub guests: Guests,
    /// The app's payload as it is now.
    pub data: String,
    /// The payload of the invite, when `modify` has replaced it: a repeated invite is compared with this.
    pub first_data: Option<String>,
    /// Seconds; 0 = no deadline.
    pub timeout: u32,
    /// Server time in ms.
    pub created_at: u64,
    /// Set by the inviter once and for all.
    pub switches: Switches,
    /// Of an `onlineUserOnly` invitation, everybody who was told of the invite, in byte order: it exists for nobody else.
    /// `None` for all others.
    pub told: Option<Vec<UserId>>,
    /// Push settings as they count, JSON.
    pub offline_push_info: Option<String>,
    /// The inviter's own, when the app's back end has replaced them: a repeated invite is compared with these.
    pub replaced_push_info: Option<ReplacedPushInfo>,
    /// The call that it invites into.
    pub call: Option<CallLink>,
    /// 1 at the invite, plus 1 with every transition.
    pub version: u32,
    /// The first reply to the invite.
    pub receipt: Receipt,
    /// The inviter's newest cancels that left others pending, in their order: at most [`KEPT_WITHDRAWALS`].
    pub withdrawals: Vec<Withdrawal>,
    /// Present when ended.
    pub end: Option<End>,
}

impl Invitation {
    /// Server time in ms at which pending invitees time out; `None` when `timeout` is 0.
    pub fn deadline(&self) -> Option<u64> {
        (self.timeout > 0).then(|| self.created_at + u64::from(self.timeout) * 1_000)
    }

    /// The deadline that the invite tells: none when nobody rings from the beginning, because its invitees are in other calls
    /// or the two called each other.
    pub fn rings_until(&self) -> Option<u64> {
        let rings = self.end.as_ref().is_none_or(|end| end.version > 1);
        self.deadline().filter(|_| rings)
    }

    /// When the server must look at it by itself: the deadline, or the age of those without one.
    pub fn due(&self, no_deadline_age_ms: u64) -> u64 {
        self.deadline().unwrap_or(self.created_at + no_deadline_age_ms)
    }

    /// Puts other push settings (JSON) in the place of those that the inviter gave.
    pub fn replace_push_info(&mut self, info: &str) {
        let by_inviter = self.offline_push_info.replace(info.to_owned());
        self.replaced_push_info.get_or_insert(ReplacedPushInfo { by_inviter });
    }

    /// The push settings that the inviter gave.
    pub fn own_push_info(&self) -> Option<&str> {
        match &self.replaced_push_info {
            Some(replaced) => replaced.by_inviter.as_deref(),
            None => self.offline_push_info.as_deref(),
        }
    }

    /// Whether it has no deadline. It is closed quietly, by its age or by newer ones.
    pub fn is_lasting(&self) -> bool {
        self.deadline().is_none()
    }

    /// Whether somebody is pending.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// The invitees in the order given.
    pub fn invitees(&self) -> &[Invitee] {
        self.guests.invitees()
    }

    /// The invitees, to be settled.
    pub fn invitees_mut(&mut self) -> &mut [Invitee] {
        match &mut self.guests {
            Guests::One(invitee) => std::slice::from_mut(invitee),
            Guests::Members { invitees, .. } => invitees,
        }
    }

    /// The group whose members are invited; `None` one-to-one.
    pub fn group(&self) -> Option<&GroupId> {
        match &self.guests {
            Guests::One(_) => None,
            Guests::Members { group, .. } => Some(group),
        }
    }

    /// Whether all members of the group are told, or the parties alone, as they are one-to-one.
    pub fn notify(&self) -> Notify {
        match &self.guests {
            Guests::One(_) => Notify::Parties,
            Guests::Members { notify, .. } => *notify,
        }
    }

    /// The users whom the inviter named and who were left out.
    pub fn ignored(&self) -> &[UserId] {
        match &self.guests {
            Guests::One(_) => &[],
            Guests::Members { ignored, .. } => ignored,
        }
    }

    /// The invitees' userIDs, in the order given.
    pub fn users(&self) -> impl Iterator<Item = UserId> {
        self.invitees().iter().map(|invitee| invitee.user.clone())
    }

    /// The users who were in another call and so were not rung.
    pub fn busy(&self) -> impl Iterator<Item = UserId> {
        self.invitees().iter().filter(|invitee| invitee.is_busy()).map(|invitee| invitee.user.clone())
    }

    /// How many users the invitation names in its lists: what its size in memory grows with.
    pub fn names(&self) -> usize {
        self.invitees().len() + self.ignored().len() + self.told.as_ref().map_or(0, Vec::len)
    }

    /// The users who have not been settled.
    pub fn pending(&self) -> impl Iterator<Item = &UserId> {
        self.invitees().iter().filter(|invitee| invitee.settled.is_none()).map(|invitee| &invitee.user)
    }

    /// The pending users whose devices are woken for it: not those who have silenced it, or want no push while they are quiet.
    pub fn woken(&self) -> impl Iterator<Item = &UserId> {
        let is_woken = |one: &&Invitee| !one.silenced && one.quiet != Some(QuietPush::None);
        let pending = self.invitees().iter().filter(|invitee| invitee.settled.is_none());
        pending.filter(is_woken).map(|invitee| &invitee.user)
    }

    /// The users who were settled by the transition that made this version.
    pub fn just_settled(&self) -> impl Iterator<Item = &UserId> {
        let is_new = |invitee: &&Invitee| {
            invitee.settled.as_ref().is_some_and(|settled| settled.version == self.version)
        };
        self.invitees().iter().filter(is_new).map(|invitee| &invitee.user)
    }

    /// The invitee of that name.
    pub fn invitee(&self, user: &UserId) -> Option<&Invitee> {
        self.invitees().iter().find(|invitee| invitee.user == *user)
    }

    /// Whether `user` invited or is invited.
    pub fn is_party(&self, user: &UserId) -> bool {
        self.inviter == *user || self.invitee(user).is_some()
    }

    /// Who is invited, as one side of the conversation: the invitee or the group.
    pub fn peer(&self) -> Peer {
        match &self.guests {
            Guests::One(invitee) => Peer::User(invitee.user.clone()),
            Guests::Members { group, .. } => Peer::Group(group.clone()),
        }
    }

    /// Whether the invitation was made for `user` to know of: an `onlineUserOnly` one only if they were told of the invite.
    pub fn was_told(&self, user: &UserId) -> bool {
        self.told.as_ref().is_none_or(|told| told.binary_search(user).is_ok())
    }

    /// As it was at `version`, with the payload that the invite had: later payloads, answers and the end are left out.
    #[must_use]
    pub fn until(&self, version: u32) -> Self {
        let mut then = self.clone();
        if then.version > version
            && let Some(first) = then.first_data.take()
        {
            then.data = first;
        }
        then.version = then.version.min(version);
        then.end.take_if(|end| end.version > version);
        then.withdrawals.retain(|withdrawal| withdrawal.version <= version);
        for invitee in then.invitees_mut() {
            invitee.settled.take_if(|settled| settled.version > version);
        }
        then
    }

    /// The invitation that was accepted instead of this one, when the two called each other.
    pub fn merged_into(&self) -> Option<&InviteId> {
        match &self.end.as_ref()?.by {
            Ending::Merged(accepted) => Some(accepted),
            Ending::Completed
            | Ending::Cancelled(_)
            | Ending::TimedOut
            | Ending::GroupDismissed
            | Ending::InviterLeft
            | Ending::Expired
            | Ending::CallOver => None,
        }
    }

    /// The conversation its messages go to.
    pub fn conversation(&self) -> ConversationId {
        match &self.guests {
            Guests::One(invitee) => ConversationId::between(&self.inviter, &invitee.user),
            Guests::Members { group, .. } => ConversationId::Group(group.clone()),
        }
    }

    /// Whether it rings for `user` no more: for an invitee once they are settled, for others once it has ended. Catching
    /// up leaves out the `invitation.received` of what is over, and no other event: an answer is news to everybody who
    /// was told of the invitation or would have been, however it went on afterwards.
    pub fn is_over_for(&self, user: &UserId) -> bool {
        match self.invitee(user) {
            Some(invitee) => invitee.settled.is_some(),
            None => !self.is_open(),
        }
    }

    /// Whether it waits for `user` without a sound: they were quiet when it was made, or have silenced it.
    pub fn is_quiet_for(&self, user: &UserId) -> bool {
        self.invitee(user).is_some_and(Invitee::is_quiet)
    }

    /// The users for whom it rings without a sound, in byte order.
    pub fn quiet(&self) -> Vec<UserId> {
        let quiet = self.invitees().iter().filter(|invitee| invitee.is_quiet());
        let mut quiet: Vec<UserId> = quiet.map(|invitee| invitee.user.clone()).collect();
        quiet.sort_unstable();
        quiet
    }

    /// The message place a receipt stands for.
    pub fn place(&self, receipt: &Receipt) -> Option<MessagePlace> {
        let (message_id, seq) = receipt.message.clone()?;
        Some(MessagePlace { message_id, conversation: self.conversation().to_string(), seq })
    }

    /// As `user` sees it at `now`, with what is for them alone.
    pub fn view_of(&self, user: &UserId, now: u64) -> InvitationView {
        InvitationView { quiet: self.is_quiet_for(user), ..self.view(now) }
    }

    /// As all its parties see it at `now`.
    pub fn view(&self, now: u64) -> InvitationView {
        InvitationView {
            invite_id: self.id.clone(),
            inviter: self.inviter.clone(),
            inviter_device: self.inviter_device.clone(),
            group_id: self.group().cloned(),
            invitees: self.invitees().iter().map(Invitee::view).collect(),
            answers_left_out: false,
            data: self.data.clone(),
            timeout: self.timeout,
            created_at: self.created_at,
            deadline: self.deadline(),
            remaining_ms: self
                .deadline()
                .filter(|_| self.is_open())
                .map(|deadline| deadline.saturating_sub(now)),
            online_user_only: self.switches.online_user_only,
            progress: self.switches.progress,
            quiet: false,
            call: self.call.clone(),
            status: if self.is_open() { Status::Open } else { Status::Ended },
            end_reason: self.end.as_ref().map(End::reason),
            version: self.version,
        }
    }
}

impl Guests {
    /// The invitees in the order given.
    pub fn invitees(&self) -> &[Invitee] {
        match self {
            Self::One(invitee) => std::slice::from_ref(invitee),
            Self::Members { invitees, .. } => invitees,
        }
    }
}

impl Invitee {
    /// An invitee who has not answered.
    pub fn pending(user: UserId) -> Self {
        Self { user, settled: None, quiet: None, silenced: false }
    }

    /// An invitee who is in another call when the invitation is made.
    pub fn busy(user: UserId, at: u64) -> Self {
        let settled = Some(Settled { by: Settlement::Busy, at, version: 1 });
        Self { settled, ..Self::pending(user) }
    }

    /// Where the invitee stands.
    pub fn state(&self) -> InviteeState {
        self.settled.as_ref().map_or(InviteeState::Pending, Settled::state)
    }

    /// Whether they are pending, and their devices make no sound.
    pub fn is_quiet(&self) -> bool {
        self.settled.is_none() && (self.silenced || self.quiet.is_some())
    }

    fn view(&self) -> wigwag_protocol::invitation::Invitee {
        let said = self.settled.as_ref().and_then(Settled::said);
        wigwag_protocol::invitation::Invitee {
            user_id: self.user.clone(),
            state: self.state(),
            at: self.settled.as_ref().map(|settled| settled.at),
            device: said.and_then(|said| said.device.clone()),
            data: said.map(|said| said.data.clone()).unwrap_or_default(),
            busy: self.is_busy(),
            devices: Vec::new(),
        }
    }

    /// Whether they were in another call and so were not rung.
    pub fn is_busy(&self) -> bool {
        self.settled.as_ref().is_some_and(|settled| settled.by == Settlement::Busy)
    }
}

impl Settled {
    /// As the protocol names it; never `pending`.
    pub fn state(&self) -> InviteeState {
        match self.by {
            Settlement::Accepted(_) => InviteeState::Accepted,
            Settlement::Rejected(_) | Settlement::Busy => InviteeState::Rejected,
            Settlement::TimedOut => InviteeState::TimedOut,
            Settlement::Cancelled => InviteeState::Cancelled,
            Settlement::Removed => InviteeState::Removed,
        }
    }

    /// The invitee's answer, if an answer did it.
    pub fn said(&self) -> Option<&Said> {
        match &self.by {
            Settlement::Accepted(said) | Settlement::Rejected(said) => Some(said),
            Settlement::TimedOut | Settlement::Cancelled | Settlement::Removed | Settlement::Busy => None,
        }
    }
}

impl End {
    /// As the protocol names it.
    pub fn reason(&self) -> EndReason {
        match self.by {
            Ending::Completed => EndReason::Completed,
            Ending::Cancelled(_) => EndReason::Cancelled,
            Ending::TimedOut => EndReason::TimedOut,
            Ending::GroupDismissed => EndReason::GroupDismissed,
            Ending::InviterLeft => EndReason::InviterLeft,
            Ending::Expired => EndReason::Expired,
            Ending::CallOver => EndReason::CallOver,
            Ending::Merged(_) => EndReason::Merged,
        }
    }

    /// The inviter's cancel, if that ended it.
    pub fn said(&self) -> Option<&Said> {
        match &self.by {
            Ending::Cancelled(said) => Some(said),
            Ending::Completed
            | Ending::TimedOut
            | Ending::GroupDismissed
            | Ending::InviterLeft
            | Ending::Expired
            | Ending::CallOver
            | Ending::Merged(_) => None,
        }
    }
}

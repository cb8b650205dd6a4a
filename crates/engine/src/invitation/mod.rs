//! An invitation and its rules (SPEC 3).
//!
//! ```text
//!                    accept ──▶ accepted
//!                    reject ──▶ rejected
//!  invite ─▶ pending deadline ▶ timedOut          each invitee leaves `pending` once,
//!                    cancel ──▶ cancelled         and the invitation ends with the last one
//!                    leaves ──▶ removed
//! ```

mod rules;

use serde::{Deserialize, Serialize};
use wigwag_protocol::invitation::{EndReason, InvitationView, InviteeState, Notify, Status};
use wigwag_protocol::message::MessagePlace;
use wigwag_protocol::{Device, GroupId, InviteId, UserId};

pub use rules::{Happened, Input, Refusal, Verdict};

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

/// How an invitee left `pending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Any state but `pending`.
    pub state: InviteeState,
    /// Server time in ms.
    pub at: u64,
    /// The version this produced.
    pub version: u32,
    /// The device that answered; absent when no command of the invitee's was behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The answer's payload.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// The first reply.
    #[serde(default)]
    pub receipt: Receipt,
}

/// One invitee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitee {
    /// Who.
    pub user: UserId,
    /// Absent while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// How an invitation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Why.
    pub reason: EndReason,
    /// The version this produced.
    pub version: u32,
    /// Server time in ms.
    pub at: u64,
    /// The device that cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The cancel's payload.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// The first reply to a cancel.
    #[serde(default)]
    pub receipt: Receipt,
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
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its name everywhere.
    pub id: InviteId,
    /// Who invites.
    pub inviter: UserId,
    /// The device that invited; `None` when a back end did.
    pub inviter_device: Option<Device>,
    /// Absent one-to-one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// In the order given, without repeats; never empty.
    pub invitees: Vec<Invitee>,
    /// Named by the inviter but left out because they are not members; the reply says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<UserId>,
    /// The app's payload as it is now.
    pub data: String,
    /// The payload of the invite, when `modify` has replaced it: a repeated invite is compared with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_data: Option<String>,
    /// Seconds; 0 = no deadline.
    pub timeout: u32,
    /// Server time in ms.
    pub created_at: u64,
    /// Who is told.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notify: Notify,
    /// What the inviter set.
    #[serde(default, skip_serializing_if = "is_default")]
    pub switches: Switches,
    /// Push settings as given, JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_push_info: Option<String>,
    /// 1 at the invite, plus 1 with every transition.
    pub version: u32,
    /// The first reply to the invite.
    #[serde(default)]
    pub receipt: Receipt,
    /// Present when ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Invitation {
    /// Server time in ms at which pending invitees time out; `None` when `timeout` is 0.
    pub fn deadline(&self) -> Option<u64> {
        (self.timeout > 0).then(|| self.created_at + u64::from(self.timeout) * 1_000)
    }

    /// When the server must look at it by itself: the deadline, or the age of those without one.
    pub fn due(&self, no_deadline_age_ms: u64) -> u64 {
        self.deadline().unwrap_or(self.created_at + no_deadline_age_ms)
    }

    /// Whether somebody is pending.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// The users who have not been settled.
    pub fn pending(&self) -> impl Iterator<Item = &UserId> {
        self.invitees.iter().filter(|invitee| invitee.settled.is_none()).map(|invitee| &invitee.user)
    }

    /// The invitee of that name.
    pub fn invitee(&self, user: &UserId) -> Option<&Invitee> {
        self.invitees.iter().find(|invitee| invitee.user == *user)
    }

    /// Whether `user` invited or is invited.
    pub fn is_party(&self, user: &UserId) -> bool {
        self.inviter == *user || self.invitee(user).is_some()
    }

    /// The conversation its messages go to.
    pub fn conversation(&self) -> ConversationId {
        match (&self.group, self.invitees.first()) {
            (Some(group), _) => ConversationId::Group(group.clone()),
            (None, Some(invitee)) => ConversationId::between(&self.inviter, &invitee.user),
            (None, None) => ConversationId::between(&self.inviter, &self.inviter),
        }
    }

    /// The version that settled it for `user`: for an invitee his own answer, for others the end. `None` while it
    /// still concerns him. Catching up shows a settled invitation by that version's event alone.
    pub fn settled_for(&self, user: &UserId) -> Option<u32> {
        match self.invitee(user) {
            Some(invitee) => invitee.settled.as_ref().map(|settled| settled.version),
            None => self.end.as_ref().map(|end| end.version),
        }
    }

    /// The message place a receipt stands for.
    pub fn place(&self, receipt: &Receipt) -> Option<MessagePlace> {
        let (message_id, seq) = receipt.message.clone()?;
        Some(MessagePlace { message_id, conversation: self.conversation().to_string(), seq })
    }

    /// As its parties see it at `now`.
    pub fn view(&self, now: u64) -> InvitationView {
        InvitationView {
            invite_id: self.id.clone(),
            inviter: self.inviter.clone(),
            inviter_device: self.inviter_device.clone(),
            group_id: self.group.clone(),
            invitees: self.invitees.iter().map(Invitee::view).collect(),
            data: self.data.clone(),
            timeout: self.timeout,
            created_at: self.created_at,
            deadline: self.deadline(),
            remaining_ms: self
                .deadline()
                .filter(|_| self.is_open())
                .map(|deadline| deadline.saturating_sub(now)),
            online_user_only: self.switches.online_user_only,
            status: if self.is_open() { Status::Open } else { Status::Ended },
            end_reason: self.end.as_ref().map(|end| end.reason),
            version: self.version,
        }
    }
}

impl Invitee {
    /// Where he stands.
    pub fn state(&self) -> InviteeState {
        self.settled.as_ref().map_or(InviteeState::Pending, |settled| settled.state)
    }

    fn view(&self) -> wigwag_protocol::invitation::Invitee {
        wigwag_protocol::invitation::Invitee {
            user_id: self.user.clone(),
            state: self.state(),
            at: self.settled.as_ref().map(|settled| settled.at),
            device: self.settled.as_ref().and_then(|settled| settled.device.clone()),
            data: self.settled.as_ref().map(|settled| settled.data.clone()).unwrap_or_default(),
        }
    }
}

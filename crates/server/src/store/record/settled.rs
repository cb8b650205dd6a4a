//! How an invitee was settled, what the inviter took back from some, and how an invitation ended, as the course keeps them.
//!
//! The records are flat, with fields that mean something for some states alone; the engine's types are not. What the
//! records could say and the types cannot is a bad record.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use wigwag_engine::invitation::{End, Ending, Receipt, Said, Settled, Settlement, Withdrawal};
use wigwag_protocol::invitation::{EndReason, InviteeState};
use wigwag_protocol::{Device, InviteId};

use crate::store::{StoreError, bad_record};

#[derive(Serialize, Deserialize)]
pub(super) struct SettledRecord<'a> {
    state: InviteeState,
    at: u64,
    version: u32,
    /// Of a rejection: the invitee was in another call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    busy: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Cow<'a, Device>>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    data: Cow<'a, str>,
    #[serde(default)]
    receipt: Cow<'a, Receipt>,
}

/// A cancel of some invitees.
#[derive(Serialize, Deserialize)]
pub(super) struct WithdrawalRecord<'a> {
    version: u32,
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Cow<'a, Device>>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    data: Cow<'a, str>,
    #[serde(default)]
    receipt: Cow<'a, Receipt>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct EndRecord<'a> {
    reason: EndReason,
    version: u32,
    at: u64,
    /// Of a merger: the invitation that was accepted instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<Cow<'a, InviteId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Cow<'a, Device>>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    data: Cow<'a, str>,
    #[serde(default)]
    receipt: Cow<'a, Receipt>,
}

impl<'a> SettledRecord<'a> {
    pub(super) fn of(settled: &'a Settled) -> Self {
        let said = settled.said();
        Self {
            state: settled.state(),
            at: settled.at,
            version: settled.version,
            busy: settled.by == Settlement::Busy,
            device: said.and_then(|said| said.device.as_ref()).map(Cow::Borrowed),
            data: said.map(|said| Cow::Borrowed(said.data.as_str())).unwrap_or_default(),
            receipt: said.map(|said| Cow::Borrowed(&said.receipt)).unwrap_or_default(),
        }
    }

    pub(super) fn read(self) -> Result<Settled, StoreError> {
        let said = said(self.device, self.data, self.receipt);
        let by = match self.state {
            InviteeState::Pending => return Err(bad_record(&"an invitee was settled as pending")),
            InviteeState::Accepted => Settlement::Accepted(said),
            InviteeState::Rejected if self.busy => Settlement::Busy,
            InviteeState::Rejected => Settlement::Rejected(said),
            InviteeState::TimedOut => Settlement::TimedOut,
            InviteeState::Cancelled => Settlement::Cancelled,
            InviteeState::Removed => Settlement::Removed,
        };
        Ok(Settled { by, at: self.at, version: self.version })
    }
}

impl<'a> WithdrawalRecord<'a> {
    pub(super) fn of(withdrawal: &'a Withdrawal) -> Self {
        let Withdrawal { said, version, at } = withdrawal;
        Self {
            version: *version,
            at: *at,
            device: said.device.as_ref().map(Cow::Borrowed),
            data: Cow::Borrowed(&said.data),
            receipt: Cow::Borrowed(&said.receipt),
        }
    }

    pub(super) fn read(self) -> Withdrawal {
        Withdrawal { said: said(self.device, self.data, self.receipt), version: self.version, at: self.at }
    }
}

impl<'a> EndRecord<'a> {
    pub(super) fn of(end: &'a End) -> Self {
        let said = end.said();
        Self {
            reason: end.reason(),
            version: end.version,
            at: end.at,
            accepted: match &end.by {
                Ending::Merged(accepted) => Some(Cow::Borrowed(accepted)),
                Ending::Completed
                | Ending::Cancelled(_)
                | Ending::TimedOut
                | Ending::GroupDismissed
                | Ending::InviterLeft
                | Ending::Expired
                | Ending::CallOver => None,
            },
            device: said.and_then(|said| said.device.as_ref()).map(Cow::Borrowed),
            data: said.map(|said| Cow::Borrowed(said.data.as_str())).unwrap_or_default(),
            receipt: said.map(|said| Cow::Borrowed(&said.receipt)).unwrap_or_default(),
        }
    }

    pub(super) fn read(self) -> Result<End, StoreError> {
        let by = match self.reason {
            EndReason::Completed => Ending::Completed,
            EndReason::Cancelled => Ending::Cancelled(said(self.device, self.data, self.receipt)),
            EndReason::TimedOut => Ending::TimedOut,
            EndReason::GroupDismissed => Ending::GroupDismissed,
            EndReason::InviterLeft => Ending::InviterLeft,
            EndReason::Expired => Ending::Expired,
            EndReason::CallOver => Ending::CallOver,
            EndReason::Merged => {
                let unknown = || bad_record(&"an invitation was merged into none");
                Ending::Merged(self.accepted.ok_or_else(unknown)?.into_owned())
            }
        };
        Ok(End { by, at: self.at, version: self.version })
    }
}

fn said(device: Option<Cow<'_, Device>>, data: Cow<'_, str>, receipt: Cow<'_, Receipt>) -> Said {
    Said { device: device.map(Cow::into_owned), data: data.into_owned(), receipt: receipt.into_owned() }
}

//! How often a user may ask: one allowance for each kind of request.
//!
//! Kinds are apart so that what somebody does of one kind never keeps them from another. Chatter must not make an answer
//! come too late, and fifteen screens that read their lists at once must not keep anybody from taking a call
//! ([decision 0007](../../../../docs/decisions/0007-one-allowance-for-each-kind.md)).
//!
//! Here is which request draws on which allowance, and the arithmetic ([`Pace`]). Who has used how much is kept by the
//! server, and the machines ask it through [`Allowances`].

mod pace;

use std::time::Duration;

use wigwag_engine::Command;
use wigwag_protocol::signaling_text::ActionType;

pub use self::pace::Pace;

/// A kind of request, of which a user may make so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// To change something that nobody waits for: messages, groups, profiles, and invitations without a deadline, which apps
    /// send as messages.
    Commands,
    /// To ring: invitations with a deadline.
    Calls,
    /// To end what rings: accept, reject, cancel.
    Answers,
    /// To read.
    Reads,
    /// To open sessions.
    SignIns,
    /// Frames that ask for nothing that can be done: no JSON, no method, wrong parameters, too large, another `session.open`, and
    /// acknowledgements of what is acknowledged or was never sent.
    Noise,
}

impl Allowance {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Commands, Self::Calls, Self::Answers, Self::Reads, Self::SignIns, Self::Noise];

    /// What a command draws on. A message that speaks as signaling draws on what it means.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Invite(invite) => Self::of_invite(invite.timeout),
            Command::Accept(_)
            | Command::Reject(_)
            | Command::Cancel(_)
            | Command::Silence(_)
            | Command::JoinCall(_)
            | Command::HangUp(_)
            | Command::EndCall(_) => Self::Answers,
            Command::Signal(signal) => match signal.action {
                ActionType::Invite => Self::of_invite(signal.text.timeout),
                ActionType::Accept | ActionType::Reject | ActionType::Cancel => Self::Answers,
                ActionType::Timeout => Self::Commands,
            },
            Command::Register => Self::SignIns,
            Command::Modify(_)
            | Command::Progress(_)
            | Command::SignalCall(_)
            | Command::SeeCalls(_)
            | Command::SendMessage(_)
            | Command::RevokeMessage { .. }
            | Command::MarkRead { .. }
            | Command::PinConversation { .. }
            | Command::DeleteConversation(_)
            | Command::CreateGroup(_)
            | Command::JoinGroup(_)
            | Command::QuitGroup(_)
            | Command::DismissGroup(_)
            | Command::AddMembers(..)
            | Command::RemoveMembers(..)
            | Command::SetGroupInfo { .. }
            | Command::SetRole { .. }
            | Command::SetAttributes(..)
            | Command::NotifyGroup(_)
            | Command::Provision(_)
            | Command::MarkTime(_)
            | Command::SetDisabled(_)
            | Command::DeleteUser
            | Command::Withdraw(_)
            | Command::PartWith(_)
            | Command::SetProfile { .. }
            | Command::SetBlock(..)
            | Command::SetReach { .. }
            | Command::SetQuiet(_)
            | Command::SetStatus(_) => Self::Commands,
        }
    }

    /// An invitation without a deadline does not ring for anybody who is away: apps say "hang up" with it.
    fn of_invite(timeout: u32) -> Self {
        if timeout == 0 { Self::Commands } else { Self::Calls }
    }

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Calls => "calls",
            Self::Answers => "answers",
            Self::Reads => "reads",
            Self::SignIns => "sign_ins",
            Self::Noise => "noise",
        }
    }
}

/// A user's allowances, which all their sessions share.
pub trait Allowances {
    /// Takes one request of this kind at `now` (ms), or gives the time after which there is room for one.
    fn take(&self, of: Allowance, now: u64) -> Result<(), Duration> {
        self.take_some(of, 1, now)
    }

    /// The same for a request that counts as several, all or none; as many as may be at once, when it is more.
    fn take_some(&self, of: Allowance, several: u32, now: u64) -> Result<(), Duration>;
}

impl std::fmt::Debug for dyn Allowances + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("allowances")
    }
}

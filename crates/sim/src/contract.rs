//! The contract that is published for clients: why each method may be refused. A reason that it does not name is found by whichever
//! test meets it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use wigwag_engine::command::Invited;
use wigwag_engine::{Command, Refusal};
use wigwag_protocol::{Method, Reason};
use wigwag_session::codec::native::error_of_refusal;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../spec/protocol.schema.json")).expect("the published schema")
});

/// The part of the schema that says what may be refused.
#[derive(Deserialize)]
struct Contract {
    methods: BTreeMap<String, Refusals>,
    /// What any frame, any request and any change may meet.
    errors: BTreeMap<String, Vec<Reason>>,
}

#[derive(Deserialize)]
struct Refusals {
    errors: Vec<Reason>,
}

/// Panics when the contract does not say that `method` may be refused for this reason.
pub fn check(method: Method, reason: Reason) {
    let Contract { methods, errors } = &*CONTRACT;
    let own = &methods[method.as_str()].errors;
    let named = errors.values().chain([own]).any(|reasons| reasons.contains(&reason));
    assert!(named, "{} is refused as {}, which its contract does not name", method.as_str(), reason.as_str());
}

/// The same for a command that was refused by the rules.
pub(crate) fn check_refused(command: &Command, refusal: &Refusal) {
    if let Some(method) = method_of(command) {
        check(method, error_of_refusal(&refusal.clone().into()).data.reason);
    }
}

/// The method that asks for the command; `None` for what only the server or a back end does.
fn method_of(command: &Command) -> Option<Method> {
    Some(match command {
        Command::Register
        | Command::Provision(_)
        | Command::MarkTime(_)
        | Command::SetDisabled(_)
        | Command::EndCall(_) => {
            return None;
        }
        Command::Invite(invite) => match invite.invited {
            Invited::User(_) => Method::Invite,
            Invited::Members { .. } => Method::InviteInGroup,
        },
        Command::Cancel(_) => Method::Cancel,
        Command::Accept(_) => Method::Accept,
        Command::Reject(_) => Method::Reject,
        Command::Modify(_) => Method::Modify,
        Command::JoinCall(_) => Method::CallJoin,
        Command::HangUp(_) => Method::CallHangUp,
        Command::SignalCall(_) => Method::CallSignal,
        Command::SeeCalls(_) => Method::CallMarkSeen,
        Command::SendMessage(_) | Command::Signal(_) => Method::MessageSend,
        Command::RevokeMessage { .. } => Method::MessageRevoke,
        Command::MarkRead { .. } => Method::MessageMarkRead,
        Command::CreateGroup(_) => Method::GroupCreate,
        Command::JoinGroup(_) => Method::GroupJoin,
        Command::QuitGroup(_) => Method::GroupQuit,
        Command::DismissGroup(_) => Method::GroupDismiss,
        Command::AddMembers(..) => Method::GroupAddMembers,
        Command::RemoveMembers(..) => Method::GroupRemoveMembers,
        Command::SetGroupInfo { .. } => Method::GroupSetInfo,
        Command::SetRole { .. } => Method::GroupSetRole,
        Command::SetProfile { .. } => Method::UserSetProfile,
        Command::SetBlock(_, true) => Method::UserBlock,
        Command::SetBlock(_, false) => Method::UserUnblock,
        Command::SetReach { .. } => Method::UserSetReach,
    })
}

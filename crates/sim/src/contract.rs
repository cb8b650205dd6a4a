//! The contract that is published for clients: why each method may be refused. A reason that it does not name is found by whichever
//! test meets it: [`check`] where a method's rules refuse, [`check_reply`] where a device reads a reply.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use wigwag_engine::command::Invited;
use wigwag_engine::{Command, Refusal};
use wigwag_protocol::{ErrorBody, Method, Reason};
use wigwag_session::codec::native::error_of_refusal;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../spec/protocol.schema.json")).expect("the published schema")
});

/// The part of the schema that says what may be refused.
#[derive(Deserialize)]
struct Contract {
    methods: BTreeMap<String, Refusals>,
    errors: Everywhere,
}

#[derive(Deserialize)]
struct Refusals {
    errors: Vec<Reason>,
}

/// What may be refused whatever the method is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "they are called so in the contract")]
struct Everywhere {
    every_frame: Vec<Reason>,
    every_request: Vec<Reason>,
    every_change: Vec<Reason>,
}

/// The numbers with which an app's back end may refuse.
const OWN_CODES: std::ops::RangeInclusive<i32> = 120_001..=130_000;

/// Panics when the contract does not say that `method` may be refused for this reason.
pub fn check(method: Method, reason: Reason) {
    assert!(
        names(method, reason),
        "{} is refused as {}, which its contract does not name",
        method.as_str(),
        reason.as_str()
    );
}

/// Panics when the contract does not say that what was asked may be answered with this error, or when the error is not the
/// reason's own. `asked` are the requests that the reply can belong to; `None` is a frame that is no request of ours.
pub fn check_reply(asked: &[Option<Method>], error: &ErrorBody) {
    let reason = error.data.reason;
    let is_back_ends_own = reason == Reason::RefusedByHook && OWN_CODES.contains(&error.code);
    assert!(error.code == reason.code() || is_back_ends_own, "{error:?}");
    assert_eq!(error.data.retryable, reason.retryable(), "{error:?}");
    let is_named = CONTRACT.errors.every_frame.contains(&reason)
        || asked.iter().any(|asked| match asked {
            Some(method) => names(*method, reason),
            None => false,
        });
    assert!(is_named, "{asked:?} is refused as {}, which the contract does not name", reason.as_str());
}

fn names(method: Method, reason: Reason) -> bool {
    let Contract { methods, errors } = &*CONTRACT;
    let of_changes = if changes(method) { errors.every_change.as_slice() } else { &[] };
    [&methods[method.as_str()].errors, &errors.every_request, of_changes].concat().contains(&reason)
}

/// Whether the method may change something; a sign-in registers users and keeps the place of the device.
fn changes(method: Method) -> bool {
    match method {
        Method::SessionClose
        | Method::Get
        | Method::ListOpen
        | Method::CallGet
        | Method::CallList
        | Method::MessageHistory
        | Method::MessageReceipts
        | Method::ConversationList
        | Method::GroupMembers
        | Method::GroupInfo
        | Method::GroupAttributes
        | Method::GroupOnlineCount
        | Method::GroupNews
        | Method::GroupList
        | Method::UserGet
        | Method::UserListBlocked
        | Method::UserGetReach
        | Method::UserGetQuiet
        | Method::UserGetStatus
        | Method::UserWatch
        | Method::PushSettings => false,
        Method::SessionOpen
        | Method::SessionAck
        | Method::Invite
        | Method::InviteInGroup
        | Method::Cancel
        | Method::Accept
        | Method::Reject
        | Method::Modify
        | Method::Ringing
        | Method::Silence
        | Method::CallJoin
        | Method::CallHangUp
        | Method::CallMarkSeen
        | Method::CallSignal
        | Method::MessageSend
        | Method::MessageRevoke
        | Method::MessageMarkRead
        | Method::ConversationPin
        | Method::ConversationDelete
        | Method::GroupCreate
        | Method::GroupJoin
        | Method::GroupQuit
        | Method::GroupDismiss
        | Method::GroupAddMembers
        | Method::GroupRemoveMembers
        | Method::GroupSetInfo
        | Method::GroupSetRole
        | Method::GroupSetAttributes
        | Method::UserSetProfile
        | Method::UserBlock
        | Method::UserUnblock
        | Method::UserSetReach
        | Method::UserSetQuiet
        | Method::UserSetStatus
        | Method::PushRegister
        | Method::PushUnregister => true,
    }
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
        | Command::DeleteUser
        | Command::Withdraw(_)
        | Command::PartWith(_)
        | Command::Progress(_)
        | Command::NotifyGroup(_)
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
        Command::PinConversation { .. } => Method::ConversationPin,
        Command::DeleteConversation(_) => Method::ConversationDelete,
        Command::CreateGroup(_) => Method::GroupCreate,
        Command::JoinGroup(_) => Method::GroupJoin,
        Command::QuitGroup(_) => Method::GroupQuit,
        Command::DismissGroup(_) => Method::GroupDismiss,
        Command::AddMembers(..) => Method::GroupAddMembers,
        Command::RemoveMembers(..) => Method::GroupRemoveMembers,
        Command::SetGroupInfo { .. } => Method::GroupSetInfo,
        Command::SetRole { .. } => Method::GroupSetRole,
        Command::SetAttributes(..) => Method::GroupSetAttributes,
        Command::SetProfile { .. } => Method::UserSetProfile,
        Command::SetBlock(_, true) => Method::UserBlock,
        Command::SetBlock(_, false) => Method::UserUnblock,
        Command::SetReach { .. } => Method::UserSetReach,
        Command::SetQuiet(_) => Method::UserSetQuiet,
        Command::SetStatus(_) => Method::UserSetStatus,
        Command::Silence(_) => Method::Silence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_contract_names_passes() {
        let of_accept = [Some(Method::Accept)];
        for reason in [Reason::Settled, Reason::StoreFull, Reason::InvalidParams, Reason::RateLimited] {
            check_reply(&of_accept, &reason.error());
        }
        // One of those that were asked under the same id may be meant.
        check_reply(&[Some(Method::UserGet), Some(Method::Accept)], &Reason::Settled.error());
        check_reply(&[None], &Reason::RateLimited.error());
        check_reply(&[], &Reason::MalformedJson.error());
    }

    #[test]
    #[should_panic(expected = "does not name")]
    fn the_reason_of_another_method_is_found() {
        check_reply(&[Some(Method::Accept)], &Reason::GroupFull.error());
    }

    #[test]
    #[should_panic(expected = "does not name")]
    fn a_read_that_needs_room_on_the_disk_is_found() {
        check_reply(&[Some(Method::MessageHistory)], &Reason::StoreFull.error());
    }

    #[test]
    #[should_panic(expected = "does not name")]
    fn a_request_for_nothing_that_fails_is_found() {
        check_reply(&[None], &Reason::Internal.error());
    }

    #[test]
    #[should_panic(expected = "GroupFull")]
    fn another_number_than_the_reasons_is_found() {
        check(Method::GroupJoin, Reason::GroupFull);
        let mut error = Reason::GroupFull.error();
        error.code += 1;
        check_reply(&[Some(Method::GroupJoin)], &error);
    }
}

//! The native protocol's error for each refusal of the rules: number, reason, words and field.

use std::time::Duration;

use wigwag_engine::Refusal;
use wigwag_engine::quiet::{BadQuiet, MOST_EXCEPTIONS, MOST_SPANS};
use wigwag_engine::refusal::{BadSignal, Content, FalseSignal, Field, OffBoard};
use wigwag_protocol::error::Outcome;
use wigwag_protocol::{ErrorBody, Reason, UserId};

use crate::refused::{self, Failure, HookRefusal};

/// The error that a device is told.
pub fn error_of_refusal(refusal: &refused::Refusal) -> ErrorBody {
    match refusal {
        refused::Refusal::Rules(refusal) => error_of_rules(refusal),
        refused::Refusal::UserTooFast(wait) => Reason::RateLimited.after(*wait),
        refused::Refusal::GroupTooFast(wait) => Reason::GroupRateLimited.after(*wait),
        refused::Refusal::Displaced => displaced(),
        // No session asks with such a key; the API for back ends has an error of its own.
        refused::Refusal::KeyTaken => Reason::Internal.error(),
        refused::Refusal::NoSuchPush => {
            Reason::InvalidParameter.field("provider", "is none of this server's: see push.settings")
        }
        refused::Refusal::UnknownPushService => Reason::InvalidParameter
            .field("token", "leads to a push service that this server does not send to"),
        refused::Refusal::ByHook(refusal) => by_hook(refusal),
        refused::Refusal::HookSilent => Reason::HookSilent.error(),
        refused::Refusal::Failed(failure) => reason_of_failure(*failure).error(),
    }
}

/// Number and words are the back end's, where it gave them.
fn by_hook(refusal: &HookRefusal) -> ErrorBody {
    let mut error = Reason::RefusedByHook.error();
    error.code = refusal.code.unwrap_or(error.code);
    if let Some(words) = &refusal.words {
        error.message.clone_from(words);
    }
    error
}

/// The client has left the connection that this goes to, as a rule.
fn displaced() -> ErrorBody {
    let words = "this device has connected again, and this connection is not signed in any more";
    ErrorBody { message: words.to_owned(), ..Reason::NotSignedIn.error() }
}

fn reason_of_failure(failure: Failure) -> Reason {
    match failure {
        Failure::StoreUnavailable => Reason::StoreUnavailable,
        Failure::StoreFull => Reason::StoreFull,
        Failure::Overloaded => Reason::Overloaded,
        Failure::Internal => Reason::Internal,
    }
}

/// The error for a refusal of the rules.
pub(super) fn error_of_rules(refusal: &Refusal) -> ErrorBody {
    let reason = reason_of(refusal);
    let mut error = if let Refusal::BoardTooFast(wait) = refusal {
        reason.after(Duration::from_millis(*wait))
    } else {
        reason.error()
    };
    if let Some((field, words)) = words_of(refusal) {
        error.message = format!("{field} {words}");
        error.data.field = Some(field.to_owned());
    }
    error.data.outcome = outcome_of(refusal).cloned().map(Box::new);
    error
}

/// What beat a command that came too late.
fn outcome_of(refusal: &Refusal) -> Option<&Outcome> {
    if let Refusal::Settled(outcome) | Refusal::TimedOut(outcome) | Refusal::Cancelled(outcome) = refusal {
        Some(outcome)
    } else {
        None
    }
}

/// The reason that a refusal of the rules is counted and told under.
fn reason_of(refusal: &Refusal) -> Reason {
    match refusal {
        Refusal::TooLong(..) | Refusal::OffBoard(OffBoard::AttributesTooLong(_)) => Reason::TooLarge,
        Refusal::BadLength(..)
        | Refusal::TimeoutTooLong(_)
        | Refusal::TooManyInvitees(_)
        | Refusal::Oneself(_)
        | Refusal::BadContent(_)
        | Refusal::BadSignal(_)
        | Refusal::NotInvited(_)
        | Refusal::OwnRole
        | Refusal::NotListed
        | Refusal::BadQuiet(_)
        | Refusal::TooManyPinned(_) => Reason::InvalidParameter,
        Refusal::BadUserCount(_) | Refusal::OffBoard(_) => Reason::InvalidGroupParameter,
        Refusal::AttributesChanged => Reason::AttributesChanged,
        Refusal::BoardTooFast(_) => Reason::BoardRateLimited,
        Refusal::FalseSignal(_) => Reason::IdentityMismatch,
        Refusal::UnknownInvitation => Reason::UnknownInvitation,
        Refusal::InviteIdTaken => Reason::InviteIdTaken,
        Refusal::NoValidInvitee => Reason::NoValidInvitee,
        Refusal::TooManyOpenInvitations => Reason::TooManyOpenInvitations,
        Refusal::TooManyOpenInGroup => Reason::TooManyOpenInGroup,
        Refusal::TooManyOpenForPair => Reason::TooManyOpenForPair,
        Refusal::TooManyOpenForInvitee => Reason::TooManyOpenForInvitee,
        Refusal::NotInviter => Reason::NotInviter,
        Refusal::NotInvitee => Reason::NotInvitee,
        Refusal::NotParty => Reason::NotParty,
        Refusal::OnlineOnly => Reason::OnlineOnly,
        Refusal::Settled(_) => Reason::Settled,
        Refusal::TimedOut(_) => Reason::TimedOut,
        Refusal::Cancelled(_) => Reason::Cancelled,
        Refusal::UnknownCall => Reason::UnknownCall,
        Refusal::CallEnded => Reason::CallEnded,
        Refusal::NotInCall => Reason::NotInCall,
        Refusal::AlreadyInCall => Reason::AlreadyInCall,
        Refusal::RoomTaken => Reason::RoomTaken,
        Refusal::TooManyInCall(_) => Reason::TooManyInCall,
        Refusal::TooManyCallsInGroup => Reason::TooManyCallsInGroup,
        Refusal::ClientMsgIdTaken => Reason::ClientMsgIdTaken,
        Refusal::UnknownMessage => Reason::UnknownMessage,
        Refusal::NotSender => Reason::NotSender,
        Refusal::RevokeWindow => Reason::RevokeWindow,
        Refusal::UnknownGroup => Reason::UnknownGroup,
        Refusal::GroupIdTaken => Reason::GroupIdTaken,
        Refusal::GroupFull => Reason::GroupFull,
        Refusal::TooManyGroups | Refusal::TooManyGroupsOfNewMember(_) => Reason::TooManyGroups,
        Refusal::AlreadyMember => Reason::AlreadyMember,
        Refusal::NotMember => Reason::NotMember,
        Refusal::NotAllowed | Refusal::OwnerMayNotQuit | Refusal::NotBelow(_) => Reason::NotAllowed,
        Refusal::HasLeft(_) => Reason::HasLeft,
        Refusal::UnknownUser(_) | Refusal::UnknownNewMember(_) => Reason::UnknownUser,
        Refusal::BlockedByPeer | Refusal::BlockedByNewMember(_) => Reason::BlockedByPeer,
        Refusal::UserDeleted => Reason::UserDeleted,
        // No session asks for what this refuses; the API for back ends has an error of its own.
        Refusal::StillInvolved | Refusal::Internal => Reason::Internal,
    }
}

/// The field that is wrong, and what is wrong with it; `None` where the reason's own words say all.
fn words_of(refusal: &Refusal) -> Option<(&'static str, String)> {
    let (field, words) = match refusal {
        Refusal::TooLong(field, most) => (name(*field), format!("is longer than {most} bytes")),
        Refusal::BadLength(field, most) => (name(*field), format!("must be 1 to {most} bytes")),
        Refusal::TimeoutTooLong(most) => ("timeout", format!("must be 0 to {most} seconds")),
        Refusal::TooManyInvitees(most) => ("inviteeList", format!("has more than {most} entries")),
        Refusal::NotInvited(user) => ("inviteeList", format!("names {user}, whom this does not invite")),
        Refusal::BadUserCount(most) => ("userIDs", format!("must name 1 to {most} users")),
        Refusal::Oneself(field) => (name(*field), "must be somebody else than yourself".to_owned()),
        Refusal::BadContent(content) => ("content", shape(*content).to_owned()),
        Refusal::BadSignal(signal) => ("content", bad_signal(signal)),
        Refusal::FalseSignal(signal) => ("content", false_signal(*signal)),
        Refusal::OwnerMayNotQuit => {
            let advice = "names a group you own: hand it over with group.setRole or dismiss it";
            ("groupID", advice.to_owned())
        }
        Refusal::NotBelow(user) => names(user, "whose role is not below yours"),
        Refusal::OwnRole => ("userID", "must be another member".to_owned()),
        Refusal::UnknownUser(Some(field)) => (name(*field), "is not a user of this server".to_owned()),
        Refusal::UnknownNewMember(user) => names(user, "who is not a user of this server"),
        Refusal::BlockedByNewMember(user) => names(user, "who has blocked you or does not let you add them"),
        Refusal::HasLeft(user) => names(user, "who has left the group and comes back only with group.join"),
        Refusal::TooManyGroupsOfNewMember(user) => names(user, "who is in as many groups as they may be"),
        Refusal::TooManyInCall(most) => (
            "inviteeList",
            format!("would bring the call to more than {most} people, those included who declined or left"),
        ),
        Refusal::OffBoard(why) => off_board(*why),
        Refusal::BadQuiet(why) => bad_quiet(*why),
        Refusal::NotListed => ("pinned", "must be of a conversation in your list".to_owned()),
        Refusal::TooManyPinned(most) => ("pinned", format!("would be more than {most} conversations")),
        Refusal::UnknownUser(None)
        | Refusal::UnknownCall
        | Refusal::CallEnded
        | Refusal::NotInCall
        | Refusal::AlreadyInCall
        | Refusal::RoomTaken
        | Refusal::TooManyCallsInGroup
        | Refusal::UnknownInvitation
        | Refusal::InviteIdTaken
        | Refusal::NoValidInvitee
        | Refusal::TooManyOpenInvitations
        | Refusal::TooManyOpenInGroup
        | Refusal::TooManyOpenForPair
        | Refusal::TooManyOpenForInvitee
        | Refusal::NotInviter
        | Refusal::NotInvitee
        | Refusal::NotParty
        | Refusal::OnlineOnly
        | Refusal::Settled(_)
        | Refusal::TimedOut(_)
        | Refusal::Cancelled(_)
        | Refusal::ClientMsgIdTaken
        | Refusal::UnknownMessage
        | Refusal::NotSender
        | Refusal::RevokeWindow
        | Refusal::UnknownGroup
        | Refusal::GroupIdTaken
        | Refusal::GroupFull
        | Refusal::TooManyGroups
        | Refusal::AlreadyMember
        | Refusal::NotMember
        | Refusal::NotAllowed
        | Refusal::BlockedByPeer
        | Refusal::AttributesChanged
        | Refusal::BoardTooFast(_)
        | Refusal::UserDeleted
        | Refusal::StillInvolved
        | Refusal::Internal => return None,
    };
    Some((field, words))
}

/// What is wrong with quiet hours.
fn bad_quiet(why: BadQuiet) -> (&'static str, String) {
    match why {
        BadQuiet::TooManySpans => ("hours", format!("has more than {MOST_SPANS} entries")),
        BadQuiet::Days => {
            ("hours", "must name in days 1 to 7 days, each once: 1 is Monday, 7 is Sunday".to_owned())
        }
        BadQuiet::Minutes => {
            ("hours", "must have minutes of a day: from is 0 to 1439, to is 0 to 1440".to_owned())
        }
        BadQuiet::NoZone => ("timeZone", "must be given with hours".to_owned()),
        BadQuiet::UnknownZone => {
            ("timeZone", "must be a name of the IANA list, such as Europe/Berlin".to_owned())
        }
        BadQuiet::TooManyExceptions => ("except", format!("has more than {MOST_EXCEPTIONS} entries")),
    }
}

/// What is wrong with a user in a list.
fn names(user: &UserId, why: &str) -> (&'static str, String) {
    ("userIDs", format!("names {user}, {why}"))
}

fn name(field: Field) -> &'static str {
    match field {
        Field::Data => "data",
        Field::OfflinePushInfo => "offlinePushInfo",
        Field::Invitee => "invitee",
        Field::MediaType => "call.mediaType",
        Field::UserId => "userID",
        Field::Content => "content",
        Field::CloudCustomData => "cloudCustomData",
        Field::Kind => "type",
        Field::ClientMsgId => "clientMsgID",
        Field::Name => "name",
        Field::Ext => "ext",
        Field::Attribute => "set",
        Field::Nickname => "nickname",
        Field::FaceUrl => "faceURL",
        Field::Status => "status",
    }
}

fn shape(content: Content) -> &'static str {
    match content {
        Content::Text => "of a text message must be an object with the string text",
        Content::Custom => "of a custom message must be an object with the string data",
        Content::Other => "must be an object",
    }
}

/// What is wrong with a write to a board.
fn off_board(why: OffBoard) -> (&'static str, String) {
    match why {
        OffBoard::AttributeKey(most) => ("set", format!("and delete take keys of 1 to {most} bytes")),
        OffBoard::TooManyAttributes(most) => ("set", format!("would make more than {most} attributes")),
        OffBoard::AttributesTooLong(most) => {
            ("set", format!("would make keys and values of more than {most} bytes together"))
        }
        OffBoard::CounterKey(most) => ("counters", format!("and add take keys of 1 to {most} bytes")),
        OffBoard::TooManyCounters(most) => ("counters", format!("would be more than {most}")),
        OffBoard::CounterTooLarge(most) => ("counters", format!("must stay between -{most} and {most}")),
    }
}

fn bad_signal(signal: &BadSignal) -> String {
    let words = match signal {
        BadSignal::Unreadable(words) => return format!("speaks as signaling, but cannot be read: {words}"),
        BadSignal::OtherReceiver => "must name its receiver alone in inviteeList, and no groupID",
        BadSignal::OtherGroup => "must name its group in groupID",
        BadSignal::Elsewhere => "must go to the conversation of its invitation, and name its groupID",
    };
    format!("speaks as signaling, and {words}")
}

fn false_signal(signal: FalseSignal) -> String {
    let words = match signal {
        FalseSignal::NotTheInviter => "inviter is not the signed-in user",
        FalseSignal::OtherInviter => "inviter did not make this invitation",
        FalseSignal::OtherInvitees => "inviteeList names another than the signed-in user",
    };
    format!("speaks as signaling, but its {words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_a_field_names_it_in_its_words_and_for_programs() {
        let error = error_of_rules(&Refusal::TooLong(Field::Data, 16_384));
        assert_eq!((error.code, error.data.reason), (8001, Reason::TooLarge));
        assert_eq!(error.message, "data is longer than 16384 bytes");
        assert_eq!(error.data.field.as_deref(), Some("data"));
    }

    #[test]
    fn a_back_end_refuses_with_its_own_number_and_words() {
        let refused = |code, words: Option<&str>| {
            let refusal = HookRefusal { code, words: words.map(str::to_owned) };
            error_of_refusal(&refused::Refusal::ByHook(Box::new(refusal)))
        };
        let error = refused(Some(120_001), Some("no credit"));
        assert_eq!((error.code, error.message.as_str()), (120_001, "no credit"));
        assert_eq!(error.data.reason, Reason::RefusedByHook);
        assert_eq!(refused(None, None), Reason::RefusedByHook.error());
    }

    #[test]
    fn a_refusal_without_field_has_the_words_of_its_reason() {
        let error = error_of_rules(&Refusal::TooManyOpenInGroup);
        assert_eq!(error, Reason::TooManyOpenInGroup.error());
    }

    #[test]
    fn a_command_that_came_too_late_is_told_what_beat_it() {
        let outcome = Outcome { state: None, end_reason: None, user_id: None, device: None, at: Some(7) };
        let error = error_of_rules(&Refusal::TimedOut(Box::new(outcome.clone())));
        assert_eq!((error.data.reason, error.data.outcome), (Reason::TimedOut, Some(Box::new(outcome))));
    }
}

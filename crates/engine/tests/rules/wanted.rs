//! What a request is said to read beforehand ([`Wanted`]) is what the rules read.

use wigwag_engine::decide::{Surroundings, decide};
use wigwag_engine::quiet::UtcAlone;
use wigwag_engine::wanted::Wanted;
use wigwag_engine::{Command, Decision, Due, Key, Ledger, Request, Stop};
use wigwag_protocol::UserId;
use wigwag_protocol::media::MediaAccess;
use wigwag_protocol::signaling_text::ActionType;
use wigwag_sim::Commands;

/// A request names its own keys, then the parties of its invitation or the open invitations of its group, then theirs.
const MOST_LOADS: usize = 3;
/// What concerns a call leads from a room or a user to the call, its invitations, their groups and all who are told.
const MOST_LOADS_OF_CALLS: usize = 6;
/// An invite at a bound reads which invitations have no deadline, those that it closes, and what those are counted in.
const MOST_ROUNDS_AT_THE_BOUND: usize = 8;

/// With nothing loaded beforehand, the wanted keys are enough to decide. Those of a request that changes something are
/// all read.
pub(crate) fn check(server: &Commands, request: &Request, now: u64, online: &dyn Fn(&UserId) -> bool) {
    let around = around(server, now, online);
    let (keys, came_to) = enough(server, request, &around);
    let changes_something = came_to.is_ok_and(|decision| !decision.is_empty());
    if !changes_something {
        return;
    }
    for (place, key) in keys.iter().enumerate().filter(|(_, key)| !may_be_in_vain(request, key)) {
        let mut others = keys.clone();
        others.remove(place);
        let without = decide_with(server, &others, request, &around);
        assert!(matches!(without, Err(Stop::Missing(_))), "{request:?} does not read {key:?}");
    }
}

/// [`check`] for what concerns a call. What ends with the call is wanted whether the call ends by the request or not, so keys
/// may be in vain.
pub(crate) fn check_enough(server: &Commands, request: &Request, now: u64, online: &dyn Fn(&UserId) -> bool) {
    let around = around(server, now, online);
    let (_, came_to) = enough(server, request, &around);
    assert!(!matches!(came_to, Err(Stop::Missing(_))), "{request:?}");
}

fn around<'a>(server: &'a Commands, now: u64, online: &'a dyn Fn(&UserId) -> bool) -> Surroundings<'a> {
    Surroundings { now, limits: &server.limits, online, zones: &UtcAlone, media: &|_| MediaAccess::default() }
}

/// The wanted keys, and what the request comes to with them loaded and nothing else.
fn enough(
    server: &Commands,
    request: &Request,
    around: &Surroundings<'_>,
) -> (Vec<Key>, Result<Decision, Stop>) {
    let mut keys = load_wanted(server, request);
    let mut came_to = decide_with(server, &keys, request, around);
    for _ in 0..MOST_ROUNDS_AT_THE_BOUND {
        if let Err(Stop::Missing(missing)) = &came_to
            && missing.iter().all(|key| {
                is_read_at_the_bound(request, key)
                    || is_read_for_consent(request, key)
                    || is_read_of_the_quiet(request, key)
                    || is_read_of_who_is_gone(request, key)
            })
        {
            keys.extend(missing.iter().cloned());
            came_to = decide_with(server, &keys, request, around);
        }
    }
    if let Err(Stop::Missing(missing)) = &came_to {
        panic!("{request:?} is not said to read {missing:?}");
    }
    (keys, came_to)
}

fn load_wanted(server: &Commands, request: &Request) -> Vec<Key> {
    let mut ledger = Ledger::default();
    let mut wanted = Wanted::of(request);
    let mut loaded = Vec::new();
    for _ in 0..=most_loads(request) {
        let keys = wanted.missing(&ledger);
        if keys.is_empty() {
            return loaded;
        }
        for key in keys {
            ledger.take(server.journal.load(&key));
            loaded.push(key);
        }
    }
    panic!("{request:?} is still not loaded: {loaded:?}");
}

fn most_loads(request: &Request) -> usize {
    match request {
        Request::By(_, Command::Invite(invite)) if invite.call.is_none() => MOST_LOADS,
        Request::By(
            _,
            Command::Invite(_)
            | Command::Accept(_)
            | Command::Reject(_)
            | Command::Cancel(_)
            | Command::JoinCall(_)
            | Command::HangUp(_)
            | Command::EndCall(_)
            | Command::SignalCall(_)
            | Command::QuitGroup(_)
            | Command::DismissGroup(_),
        )
        | Request::Due(_) => MOST_LOADS_OF_CALLS,
        Request::By(..) => MOST_LOADS,
    }
}

fn decide_with(
    server: &Commands,
    keys: &[Key],
    request: &Request,
    around: &Surroundings<'_>,
) -> Result<Decision, Stop> {
    let mut ledger = Ledger::default();
    for key in keys {
        ledger.take(server.journal.load(key));
    }
    decide(&ledger, request, around, &mut server.ids.clone())
}

/// Keys that an invite needs only where as many are open as may be, which is too rare to load them for all.
fn is_read_at_the_bound(request: &Request, key: &Key) -> bool {
    let closing = matches!(
        key,
        Key::OpenCount(_)
            | Key::OpenLasting(_)
            | Key::Invitation(_)
            | Key::OpenInGroup(_)
            | Key::PendingFor(_)
    );
    closing && is_invite(request)
}

/// Keys that tell whether a user knows the actor, which are read only for those who let nobody else reach them.
fn is_read_for_consent(request: &Request, key: &Key) -> bool {
    let adds = matches!(request, Request::By(_, Command::CreateGroup(_) | Command::AddMembers(..)));
    matches!(key, Key::Conversation(_) | Key::SharedGroups(..)) && (adds || is_invite(request))
}

/// What a user has set, which is read only for those who have set something: their rows say so.
fn is_read_of_the_quiet(request: &Request, key: &Key) -> bool {
    matches!(key, Key::Quiet(_)) && is_invite(request)
}

/// Whether an invitee has blocked the inviter, which is read only where the invitation timed out and they were not there: when it is looked
/// at, and when its call ends or is left after the deadline. Whoever invites reads it of those whom they invite in any case.
fn is_read_of_who_is_gone(request: &Request, key: &Key) -> bool {
    let Key::Block(invitee, _) = key else { return false };
    match request {
        Request::Due(_) => true,
        Request::By(_, Command::Invite(invite)) => {
            invite.call.is_some() && !invite.invited.users().contains(invitee)
        }
        Request::By(_, command) => matches!(
            command,
            Command::Withdraw(_)
                | Command::Accept(_)
                | Command::JoinCall(_)
                | Command::HangUp(_)
                | Command::EndCall(_)
                | Command::QuitGroup(_)
                | Command::DismissGroup(_)
        ),
    }
}

fn is_invite(request: &Request) -> bool {
    match request {
        Request::By(_, Command::Invite(_)) => true,
        Request::By(_, Command::Signal(signal)) => signal.action == ActionType::Invite,
        Request::By(..) | Request::Due(_) => false,
    }
}

/// Keys that a request may turn out not to read, although it changes something.
fn may_be_in_vain(request: &Request, key: &Key) -> bool {
    match key {
        // Parties who left the group or were settled before are not told of the end, and whoever is offline is not
        // told of what is for those online. Members who leave may be in no call, and whoever is called, calls or answers may
        // be in none. Whoever says when they are quiet may have said nothing before. Which groups users share is read only for some, and is never named beforehand.
        Key::User(_)
        | Key::Call(_)
        | Key::Room(_)
        | Key::InCall(_)
        | Key::RunningInGroup(_)
        | Key::Quiet(_)
        | Key::SharedGroups(..) => true,
        Key::Conversation(_) => leaves_no_message(request) || is_read_for_consent(request, key),
        // Nobody is told of an invitation that is closed for its age.
        Key::Group(_) => matches!(request, Request::Due(Due::Invitation(_))),
        // There is room for the new one, and nothing is closed for it.
        Key::Invitation(_) | Key::OpenInGroup(_) => is_invite(request),
        // Those who were invited in vain, and those who do not go with the invitation's end.
        Key::PendingFor(_) => !matches!(request, Request::By(_, Command::Accept(_) | Command::Reject(_))),
        // Users who are no members, are members already, or do not exist.
        Key::Block(..) | Key::HasLeft(..) | Key::GroupCount(_) => is_about_several(request),
        Key::OpenCount(_)
        | Key::OpenLasting(_)
        | Key::Board(_)
        | Key::CallsSeen(_)
        | Key::Message(..)
        | Key::ClientMessage(..)
        | Key::Read(..)
        | Key::PinCount(_) => false,
    }
}

/// Names several users, of whom some may not count.
fn is_about_several(request: &Request) -> bool {
    let Request::By(_, command) = request else { return false };
    let invites_members = command.group_written_to().is_some();
    invites_members || matches!(command, Command::CreateGroup(_) | Command::AddMembers(..))
}

/// Not a modified invitation, nor one that is closed for its age or with its group, nor a member's going when they have
/// no open invitation.
fn leaves_no_message(request: &Request) -> bool {
    match request {
        Request::Due(Due::Invitation(_) | Due::Absence(_) | Due::RoomLeft(..)) => true,
        Request::By(_, command) => matches!(
            command,
            Command::Modify(_)
                | Command::QuitGroup(_)
                | Command::RemoveMembers(..)
                | Command::DismissGroup(_)
        ),
    }
}

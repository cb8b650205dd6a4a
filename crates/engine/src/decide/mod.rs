//! From a request to a decision: one file for each kind of command.
//!
//! [`decide`] reads the [`Ledger`] and changes nothing. It begins from the top each time it is called: after
//! [`Stop::Missing`] the caller loads the keys and calls it again with the same request, and identifiers that the first
//! attempt took from [`Chance`] are not used. The caller passes the decision to [`Ledger::apply`] before it decides another
//! request on the same ledger.
//!
//! A command's file checks first and tells last. It collects events and changes in a `Draft`, which gives each event its
//! places in the listeners' streams and, if it is a message, its number in the conversation.

mod board;
mod call;
mod calling;
mod conversation;
mod draft;
mod group;
mod invitation;
mod invite;
mod message;
mod quiet;
mod reach;
mod signal;
mod status;
mod streams;
#[cfg(test)]
mod tests;
mod user;
mod vacancy;

use wigwag_protocol::UserId;
use wigwag_protocol::media::MediaAccess;

pub use self::conversation::MOST_PINNED;
use crate::call::Guest;
use crate::quiet::TimeZones;
use crate::{Actor, Command, Decision, Due, Ledger, Limits, Request, Stop};

/// Where new identifiers come from.
pub trait Chance {
    /// A new identifier: at most 36 bytes of printable ASCII, unique, growing with time.
    fn fresh_id(&mut self) -> String;
}

/// What the rules must know besides the ledger.
pub struct Surroundings<'a> {
    /// Server time in ms.
    pub now: u64,
    /// The configured bounds.
    pub limits: &'a Limits,
    /// Whether a user has a live session, or lost their last one less than the grace ago
    /// (docs/semantics.md, "With and without a trace").
    pub online: &'a dyn Fn(&UserId) -> bool,
    /// The clocks of time zones.
    pub zones: &'a dyn TimeZones,
    /// How somebody who comes into a room reaches its media.
    pub media: &'a dyn Fn(&Guest<'_>) -> MediaAccess,
}

/// Decides what a request does. Reads the ledger and changes nothing: [`Ledger::apply`] does.
pub fn decide(
    ledger: &Ledger,
    request: &Request,
    around: &Surroundings<'_>,
    chance: &mut dyn Chance,
) -> Result<Decision, Stop> {
    let draft = draft::Draft::new(ledger, around, chance, request.user());
    match request {
        Request::By(actor, command) => by_user(draft, actor, command),
        Request::Due(Due::Invitation(id)) => invitation::expire(draft, id),
        Request::Due(Due::Absence(user)) => status::absent(draft, user),
        Request::Due(Due::RoomLeft(room, user)) => call::room_left(draft, room, user),
    }
}

fn by_user(draft: draft::Draft<'_>, actor: &Actor, command: &Command) -> Result<Decision, Stop> {
    user::check_acts(&draft, actor, command)?;
    match command {
        Command::Register => user::register(draft, actor),
        Command::Provision(wish) => user::provision(draft, actor, wish),
        Command::MarkTime(time) => Ok(user::mark(draft, *time)),
        Command::SetDisabled(on) => user::set_disabled(draft, actor, *on),
        Command::DeleteUser => user::delete(draft, actor),
        Command::Withdraw(id) => invitation::withdraw(draft, actor, id),
        Command::Invite(invite) => invite::invite(draft, actor, invite),
        Command::Cancel(answer) => invitation::cancel(draft, actor, answer),
        Command::Accept(answer) => invitation::accept(draft, actor, answer),
        Command::Reject(answer) => invitation::reject(draft, actor, answer),
        Command::Modify(answer) => invitation::modify(draft, actor, answer),
        Command::Progress(progress) => invitation::progress(draft, actor, progress),
        Command::JoinCall(which) => call::join(draft, actor, which),
        Command::HangUp(which) => call::hang_up(draft, actor, which),
        Command::EndCall(id) => call::end(draft, actor, id),
        Command::SignalCall(signal) => call::signal(draft, actor, signal),
        Command::SeeCalls(up_to) => call::see(draft, actor, *up_to),
        Command::SendMessage(send) => message::send(draft, actor, send),
        Command::Signal(signal) => signal::signal(draft, actor, signal),
        Command::RevokeMessage { peer, seq } => message::revoke(draft, actor, peer, *seq),
        Command::MarkRead { peer, seq } => message::mark_read(draft, actor, peer, *seq),
        Command::PinConversation { peer, on } => conversation::pin(draft, actor, peer, *on),
        Command::DeleteConversation(peer) => conversation::delete(draft, actor, peer),
        Command::CreateGroup(create) => group::create(draft, actor, create),
        Command::JoinGroup(id) => group::join(draft, actor, id),
        Command::QuitGroup(id) => group::quit(draft, actor, id),
        Command::DismissGroup(id) => group::dismiss(draft, actor, id),
        Command::PartWith(id) => group::part_with(draft, actor, id),
        Command::AddMembers(id, users) => group::add(draft, actor, id, users),
        Command::RemoveMembers(id, users) => group::remove(draft, actor, id, users),
        Command::SetGroupInfo { group, name, ext, join_policy } => {
            let wish =
                group::Description { name: name.as_deref(), ext: ext.as_deref(), join_policy: *join_policy };
            group::describe(draft, actor, group, &wish)
        }
        Command::SetRole { group, user, role } => group::set_role(draft, actor, group, user, *role),
        Command::SetAttributes(group, wish) => board::set_attributes(draft, actor, group, wish),
        Command::NotifyGroup(notice) => group::notify(draft, notice),
        Command::SetProfile { nickname, face_url, ext } => {
            let wish = user::Wish {
                nickname: nickname.as_deref(),
                face_url: face_url.as_deref(),
                ext: ext.as_deref(),
            };
            user::set_profile(draft, actor, &wish)
        }
        Command::SetBlock(target, on) => user::set_block(draft, actor, target, *on),
        Command::SetQuiet(quiet) => quiet::set(draft, actor, quiet),
        Command::SetStatus(status) => status::set(draft, actor, status),
        Command::Silence(id) => quiet::silence(draft, actor, id),
        Command::SetReach { ring, add } => user::set_reach(draft, actor, *ring, *add),
    }
}

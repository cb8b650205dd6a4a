//! Messages that speak as signaling (docs/decisions/0004): each is carried out as the command it means and answered as a
//! message is.
//!
//! The rules are those of the command. Only one is added: the text must be true. It must name its sender as the user who
//! sent it, and the message must go to the conversation of its invitation.

use wigwag_protocol::UserId;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::Peer;
use wigwag_protocol::result::MessageSent;
use wigwag_protocol::signaling_text::ActionType;

use super::draft::Draft;
use super::{invitation, invite, message};
use crate::command::{Answer, Cancel, Invite, Invited, Signal};
use crate::invitation::{Invitation, Switches};
use crate::refusal::{BadSignal, FalseSignal};
use crate::{Actor, ConversationId, Decision, Refusal, Reply, Stop};

pub(super) fn signal(draft: Draft<'_>, actor: &Actor, signal: &Signal) -> Result<Decision, Stop> {
    message::check(&draft, &signal.message)?;
    if let Some(before) = message::sent_before(&draft, actor, &signal.message)? {
        return Ok(draft.finish(before));
    }
    if signal.action == ActionType::Invite {
        let wish = invite_meant(actor, signal)?;
        return invite::invite(draft, actor, &wish).map(|decision| as_message(decision, actor, signal));
    }
    let about = invitation::visible(&draft, actor, &signal.text.invite_id)?;
    check_identity(&about, actor, signal)?;
    check_place(&about, actor, signal)?;
    let answer = Answer { id: signal.text.invite_id.clone(), data: signal.text.data.clone() };
    let decision = match signal.action {
        // It names all who are pending, as far as its sender knows; what the server knows counts.
        ActionType::Cancel => invitation::cancel(draft, actor, &Cancel::all(answer)),
        ActionType::Accept => invitation::accept(draft, actor, &answer),
        ActionType::Reject => invitation::reject(draft, actor, &answer),
        ActionType::Timeout | ActionType::Invite => Ok(nothing(draft, actor, signal)),
    }?;
    Ok(as_message(decision, actor, signal))
}

fn invite_meant(actor: &Actor, signal: &Signal) -> Result<Invite, Refusal> {
    let Signal { text, message, .. } = signal;
    if text.inviter != actor.user {
        return Err(Refusal::FalseSignal(FalseSignal::NotTheInviter));
    }
    let invited = match (&message.peer, &text.group_id) {
        (Peer::User(user), None) if text.invitee_list.as_slice() == [user.clone()] => {
            Invited::User(user.clone())
        }
        (Peer::Group(group), Some(named)) if group == named => Invited::Members {
            group: group.clone(),
            invitees: text.invitee_list.clone(),
            notify: Notify::default(),
        },
        (Peer::User(_), _) => {
            return Err(Refusal::BadSignal(BadSignal::OtherReceiver));
        }
        (Peer::Group(_), _) => return Err(Refusal::BadSignal(BadSignal::OtherGroup)),
    };
    Ok(Invite {
        id: Some(text.invite_id.clone()),
        invited,
        data: text.data.clone(),
        timeout: text.timeout,
        switches: Switches {
            online_user_only: text.online_user_only || message.options.online_user_only,
            excluded_from_unread: message.options.excluded_from_unread,
            progress: false,
            excluded_from_last_message: message.options.excluded_from_last_message,
        },
        offline_push_info: message.offline_push_info.as_ref().map(|info| info.get().to_owned()),
        call: None,
        unreachable: Vec::new(),
    })
}

/// Nobody can answer for another user or say that another user invited. Whether the sender may give the command is decided by
/// the command's own rules. A timeout is no command and has none, so a stranger's is refused here.
fn check_identity(about: &Invitation, actor: &Actor, signal: &Signal) -> Result<(), Refusal> {
    let text = &signal.text;
    if text.inviter != about.inviter {
        return Err(Refusal::FalseSignal(FalseSignal::OtherInviter));
    }
    let alone = || text.invitee_list.iter().all(|user: &UserId| *user == actor.user);
    match signal.action {
        ActionType::Accept | ActionType::Reject if !alone() => {
            Err(Refusal::FalseSignal(FalseSignal::OtherInvitees))
        }
        ActionType::Timeout if !about.is_party(&actor.user) => Err(Refusal::NotParty),
        ActionType::Timeout if about.inviter != actor.user && !alone() => {
            Err(Refusal::FalseSignal(FalseSignal::OtherInvitees))
        }
        ActionType::Invite
        | ActionType::Cancel
        | ActionType::Accept
        | ActionType::Reject
        | ActionType::Timeout => Ok(()),
    }
}

/// A signaling message must go to its invitation's conversation; anywhere else, uninvolved users would see it.
fn check_place(about: &Invitation, actor: &Actor, signal: &Signal) -> Result<(), Refusal> {
    let sent_to = ConversationId::with(&actor.user, &signal.message.peer);
    if sent_to == about.conversation() && signal.text.group_id.as_ref() == about.group() {
        return Ok(());
    }
    Err(Refusal::BadSignal(BadSignal::Elsewhere))
}

/// A client's timeout changes nothing: the server's own timeout counts, and has been told already or is about to be.
fn nothing(draft: Draft<'_>, actor: &Actor, signal: &Signal) -> Decision {
    let sent = MessageSent {
        message_id: String::new(),
        conversation: ConversationId::with(&actor.user, &signal.message.peer).to_string(),
        seq: None,
        time: draft.now(),
        cursor: None,
    };
    draft.finish(Reply::Sent(sent))
}

/// The same decision, answered as `message.send` is: with the message the action made.
fn as_message(mut decision: Decision, actor: &Actor, signal: &Signal) -> Decision {
    let Reply::Acted(acted) = decision.reply else { return decision };
    let (message_id, seq) = acted.message.map(|place| (place.message_id, place.seq)).unzip();
    let sent = MessageSent {
        message_id: message_id.unwrap_or_default(),
        conversation: ConversationId::with(&actor.user, &signal.message.peer).to_string(),
        seq,
        time: acted.time,
        cursor: acted.cursor,
    };
    decision.changes.extend(message::key_used_up(actor, &signal.message, &sent));
    decision.reply = Reply::Sent(sent);
    decision
}

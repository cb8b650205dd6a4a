//! What a command would come to if it were sent as a message that speaks as signaling: the same.

use serde_json::json;
use wigwag_engine::command::{Answer, Invite, Invited, SendMessage};
use wigwag_engine::{Actor, Command, Decision, Refusal, Request};
use wigwag_protocol::UserId;
use wigwag_protocol::invitation::Notify;
use wigwag_protocol::message::{MessageOptions, Peer};
use wigwag_protocol::signaling_text::ActionType;
use wigwag_sim::{Commands, Journal};

use crate::wanted;

type CameTo = Result<Decision, Refusal>;

/// Tries `request` by the other road, if there is one, and compares with what it came to by its own.
pub(crate) fn check(
    server: &Commands,
    request: &Request,
    now: u64,
    online: &dyn Fn(&UserId) -> bool,
    natively: &CameTo,
) {
    let Request::By(actor, command) = request else { return };
    let Some(message) = as_message(&server.journal, actor, command) else { return };
    let command = Command::sending(message).expect("it is written as it should be");
    let asked = Request::By(actor.clone(), command);
    wanted::check(server, &asked, now, online);
    let by_message = server.rehearse(&asked, now, online);
    assert_eq!(
        outcome(&by_message),
        outcome(natively),
        "as a message (left) and natively (right): {request:?}"
    );
}

fn outcome(came_to: &CameTo) -> String {
    match came_to {
        Ok(decision) => format!("{:?} {:?} {:?}", decision.changes, decision.events, decision.reply.cursor()),
        Err(refusal) => format!("{refusal:?}"),
    }
}

fn as_message(journal: &Journal, actor: &Actor, command: &Command) -> Option<SendMessage> {
    if let Command::Invite(wish) = command {
        invite(actor, wish)
    } else if let Command::Cancel(cancel) = command {
        // The field's clients take back everything; only we can take back from some.
        cancel.from.is_none().then(|| word(journal, actor, &cancel.answer, ActionType::Cancel))
    } else if let Command::Accept(answer) = command {
        Some(word(journal, actor, answer, ActionType::Accept))
    } else if let Command::Reject(answer) = command {
        Some(word(journal, actor, answer, ActionType::Reject))
    } else {
        None
    }
}

/// Whom the field's clients cannot leave out of the telling, only we can: such an invite has no other road.
fn invite(actor: &Actor, wish: &Invite) -> Option<SendMessage> {
    let (peer, group, invitees) = match &wish.invited {
        Invited::User(user) => (Peer::User(user.clone()), "", vec![user.clone()]),
        Invited::Members { group, invitees, notify: Notify::Members } => {
            (Peer::Group(group.clone()), group.as_str(), invitees.clone())
        }
        Invited::Members { notify: Notify::Parties, .. } => return None,
    };
    let text = json!({
        "businessID": 1, "inviteID": wish.id, "inviter": actor.user, "inviteeList": invitees, "groupID": group,
        "actionType": ActionType::Invite as u8, "timeout": wish.timeout, "data": wish.data,
        "onlineUserOnly": wish.switches.online_user_only,
    });
    Some(custom(peer, &text))
}

/// A client of the field knows who invited and where; for an invitation that is not there it makes something up.
fn word(journal: &Journal, actor: &Actor, answer: &Answer, action: ActionType) -> SendMessage {
    let about = journal.invitations.get(&answer.id);
    let group = about.and_then(|about| about.group().cloned());
    let other = about.and_then(|about| about.conversation().other(&actor.user).cloned());
    let text = json!({
        "businessID": 1, "inviteID": answer.id, "inviter": about.map_or(&actor.user, |about| &about.inviter),
        "inviteeList": [], "groupID": group, "actionType": action as u8, "timeout": 0, "data": answer.data,
    });
    let peer = group.map(Peer::Group).or(other.map(Peer::User)).unwrap_or(Peer::User(actor.user.clone()));
    custom(peer, &text)
}

fn custom(peer: Peer, text: &serde_json::Value) -> SendMessage {
    SendMessage {
        peer,
        client_msg_id: None,
        kind: "custom".to_owned(),
        content: serde_json::value::to_raw_value(&json!({ "data": text.to_string() })).expect("JSON"),
        options: MessageOptions::default(),
        offline_push_info: None,
    }
}

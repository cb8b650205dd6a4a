//! Words for people: one line per thing that happened.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wigwag_client::Happened;
use wigwag_client::signaling::signaling_of;
use wigwag_protocol::call::CallEndReason;
use wigwag_protocol::event::{
    AttributesChanged, ConversationPinned, GroupDismissed, InvitationClosed, InvitationProgress,
    InvitationReceived,
};
use wigwag_protocol::event::{Cause, GroupMembersAdded, GroupMembersRemoved, InvitationAnswered};
use wigwag_protocol::group::{GroupView, Role};
use wigwag_protocol::invitation::{InvitationView, InviteeState, ProgressStep, Status};
use wigwag_protocol::message::{ConversationView, Message};
use wigwag_protocol::presence::Presence;
use wigwag_protocol::signaling_text::SignalingText;
use wigwag_protocol::{Event, GroupId, UserId};

/// Other people's text, safe to print: control characters could move the cursor or restyle the terminal.
pub(super) fn clean(text: &str) -> String {
    let visible = |letter: char| match letter {
        '\n' => '⏎',
        '\t' => ' ',
        control if control.is_control() => '�',
        // Marks that turn the direction of what follows can make a line read as something else.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '�',
        other => other,
    };
    text.chars().map(visible).collect()
}

/// Whether a user is online, in a word.
pub(super) fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Online => "online",
        Presence::Offline => "offline",
        Presence::Unknown => "not to be seen",
    }
}

/// Server time in ms as the wall clock shows it here.
pub(super) fn clock(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// An event as one line, without its time.
pub(super) fn event(happened: &Happened, me: &UserId) -> String {
    match &happened.event {
        Event::InvitationReceived(received) => invited(received, happened, me),
        Event::InvitationAccepted(answered) => settled_by("✔", "accepted", answered, happened, me),
        Event::InvitationRejected(answered) => rejected(answered, happened, me),
        Event::InvitationCancelled(closed) => cancelled(closed, happened, me),
        Event::InvitationTimedOut(closed) => timed_out(closed, me),
        Event::InvitationModified(modified) => {
            let (who, id) = (name(&modified.by, me), &modified.invite_id);
            format!("✎ {who} changed invitation {id}{}", saying(&modified.data))
        }
        Event::InvitationSilenced(told) => format!("✎ you silenced {} on another device", told.invite_id),
        Event::InvitationProgress(progress) => progressed(progress, me),
        Event::MessageReceived(received) => format!("✉ {}", message(&received.message, me)),
        Event::MessageRevoked(revoked) => {
            let (who, seq) = (name(&revoked.by, me), revoked.place.seq);
            format!("✉ {who} took back message {seq} in {}", place(&revoked.place.conversation, me))
        }
        Event::MessageRead(read) => {
            let (who, seq) = (name(&read.reader, me), read.seq);
            format!("✓ {who} read {} up to message {seq}", place(&read.conversation, me))
        }
        Event::ConversationPinned(told) => pinned(told, me),
        Event::ConversationDeleted(gone) => elsewhere("deleted", &gone.conversation, me),
        Event::GroupMembersAdded(added) => members_added(added, me),
        Event::GroupMembersRemoved(removed) => members_removed(removed, me),
        Event::GroupDismissed(gone) => dismissed(gone, me),
        Event::GroupInfoChanged(changed) => {
            let (who, group, text) = (name(&changed.by, me), &changed.group_id, clean(&changed.name));
            format!("⚑ {who} changed group #{group}; it is called {text:?}")
        }
        Event::GroupRoleChanged(changed) => {
            let (who, whom) = (name(&changed.by, me), &changed.user_id);
            format!("⚑ {who} made {whom} {} of #{}", role(changed.role), changed.group_id)
        }
        Event::AttributesChanged(changed) => attributes_written(changed, me),
        Event::GroupNotice(notice) => format!("⚑ notice to #{}: {:?}", notice.group_id, clean(&notice.data)),
        Event::CallInvited(call) => {
            format!(
                "☎ {} invited {} into the call in {}",
                name(&call.by, me),
                names(&call.user_ids, me),
                call.room_id
            )
        }
        Event::CallJoined(call) => {
            format!("☎ {} is in the call in {}", name(&call.user_id, me), call.room_id)
        }
        Event::CallDeclined(call) => {
            let end = ended(call.end_reason);
            format!("☎ {} will not come to the call in {}{end}", names(&call.user_ids, me), call.room_id)
        }
        Event::CallHungUp(call) => {
            let (who, seconds, end) =
                (name(&call.user_id, me), call.duration_ms / 1_000, ended(call.end_reason));
            format!("☎ {who} left the call in {} after {seconds} s{end}", call.room_id)
        }
        Event::CallEnded(call) => format!("☎ the call in {} is over", call.room_id),
        Event::CallSignalled(call) => {
            format!("☎ {} signals in {}: {:?}", name(&call.sender, me), call.room_id, clean(&call.data))
        }
        Event::CallsSeen(_) => "☎ you looked at missed calls on another device".to_owned(),
        Event::ProfileChanged(changed) => {
            format!("⚑ your profile changed; your nickname is {:?}", clean(&changed.profile.nickname))
        }
        Event::Blocked(blocked) => format!("⚑ you blocked {} on another device", blocked.user_id),
        Event::ReachChanged(_) => "⚑ you changed who may reach you on another device".to_owned(),
        Event::StatusChanged(_) => "⚑ what you say of yourself changed on another device".to_owned(),
        Event::QuietChanged(_) => "⚑ you changed on another device when you are quiet".to_owned(),
        Event::Unblocked(unblocked) => format!("⚑ you unblocked {} on another device", unblocked.user_id),
    }
}

fn dismissed(gone: &GroupDismissed, me: &UserId) -> String {
    format!("⚑ {} dismissed group #{}", name(&gone.by, me), gone.group_id)
}

fn pinned(told: &ConversationPinned, me: &UserId) -> String {
    elsewhere(if told.pinned { "pinned" } else { "unpinned" }, &told.conversation, me)
}

/// What this user did with a conversation on another device.
fn elsewhere(did: &str, conversation: &str, me: &UserId) -> String {
    format!("✓ you {did} {} on another device", place(conversation, me))
}

fn progressed(progress: &InvitationProgress, me: &UserId) -> String {
    let device = progress.device.as_ref().map(|device| format!(" on {}", device.device_id));
    let (whose, id) = (name(&progress.invitee, me), &progress.invite_id);
    format!("… invitation {id} {} for {whose}{}", step(progress.step), device.unwrap_or_default())
}

/// How far an invitation is with a device.
const fn step(step: ProgressStep) -> &'static str {
    match step {
        ProgressStep::Unreachable => "reaches no device",
        ProgressStep::Sent => "is sent",
        ProgressStep::Acknowledged => "has arrived",
        ProgressStep::Ringing => "rings",
        ProgressStep::Pushed => "is pushed",
        ProgressStep::PushRefused => "cannot be pushed",
    }
}

fn attributes_written(changed: &AttributesChanged, me: &UserId) -> String {
    let (who, group, version) = (name(&changed.by, me), &changed.group_id, changed.version);
    let keys = changed.set.keys().chain(&changed.deleted).map(|key| clean(key));
    let counters = changed.counters.iter().map(|(key, value)| format!("{} = {value}", clean(key)));
    let what = keys.chain(counters).collect::<Vec<_>>().join(", ");
    format!("⚑ {who} wrote attributes of #{group}: {what}; version {version}")
}

/// Whether a call is over by what is told.
fn ended(reason: Option<CallEndReason>) -> &'static str {
    if reason.is_some() { ", which is over" } else { "" }
}

fn invited(event: &InvitationReceived, happened: &Happened, me: &UserId) -> String {
    let (from, said, group) = (&event.inviter, saying(&event.data), in_group(event.group_id.as_ref()));
    let (past, now) = if event.call.is_some() { ("called", "calls") } else { ("invited", "invites") };
    let which = which(event, happened);
    if from == me {
        let (whom, device) = (names(&event.invitee_list, me), other_device(happened));
        return format!("☎ you {past} {whom}{group}{device} ({which}){said}");
    }
    if !event.invitee_list.contains(me) {
        let whom = names(&event.invitee_list, me);
        return format!("☎ {from} {now} {whom}{group} ({which}){said}");
    }
    if event.busy.contains(me) {
        return format!("☎ {from} {past} you{group} while you were in another call ({which}){said}");
    }
    let others: Vec<UserId> = event.invitee_list.iter().filter(|user| *user != me).cloned().collect();
    let with = if others.is_empty() { String::new() } else { format!(" with {}", names(&others, me)) };
    format!("☎ {from} {now} you{group}{with} ({which}){said} — type `accept` or `reject`")
}

/// Into which call, under which name, and for how long.
fn which(event: &InvitationReceived, happened: &Happened) -> String {
    let call = event.call.as_ref();
    let into = call.map(|call| format!("{} call in {}, ", clean(&call.media_type), call.room_id));
    format!("{}inviteID {}{}", into.unwrap_or_default(), event.invite_id, left(happened.remaining_ms))
}

fn rejected(event: &InvitationAnswered, happened: &Happened, me: &UserId) -> String {
    match event.reason {
        None => settled_by("✘", "rejected", event, happened, me),
        Some(cause) => {
            let (who, id) = (name(&event.invitee, me), &event.invite_id);
            format!("✘ {who} can no longer answer: {} (inviteID {id})", why(cause))
        }
    }
}

fn settled_by(
    sign: &str,
    verb: &str,
    event: &InvitationAnswered,
    happened: &Happened,
    me: &UserId,
) -> String {
    let device = match &event.device {
        Some(device) if happened.by_self => format!(" on device {}", device.device_id),
        _ => String::new(),
    };
    let (who, group) = (name(&event.invitee, me), in_group(event.group_id.as_ref()));
    let (id, said) = (&event.invite_id, saying(&event.data));
    format!("{sign} {who} {verb}{device}{group} (inviteID {id}){said}")
}

fn cancelled(event: &InvitationClosed, happened: &Happened, me: &UserId) -> String {
    let id = &event.invite_id;
    if let Some(cause) = event.reason {
        return format!("⊘ the invitation of {} is off: {} (inviteID {id})", event.inviter, why(cause));
    }
    let device = other_device(happened);
    let (who, group) = (name(&event.inviter, me), in_group(event.group_id.as_ref()));
    let from =
        if event.still_open { format!(" from {}", names(&event.invitee_list, me)) } else { String::new() };
    format!("⊘ {who} took the invitation back{from}{device}{group} (inviteID {id}){}", saying(&event.data))
}

fn timed_out(event: &InvitationClosed, me: &UserId) -> String {
    let (id, group) = (&event.invite_id, in_group(event.group_id.as_ref()));
    if event.invitee_list.contains(me) {
        format!("⌛ you missed the invitation of {}{group} (inviteID {id})", event.inviter)
    } else {
        format!("⌛ no answer from {}{group} (inviteID {id})", names(&event.invitee_list, me))
    }
}

fn members_added(event: &GroupMembersAdded, me: &UserId) -> String {
    let (who, group) = (name(&event.by, me), &event.group_id);
    if event.user_ids.as_slice() == std::slice::from_ref(&event.by) {
        return format!("⚑ {who} joined #{group}");
    }
    format!("⚑ {who} added {} to #{group}", names(&event.user_ids, me))
}

fn members_removed(event: &GroupMembersRemoved, me: &UserId) -> String {
    let (who, group) = (name(&event.by, me), &event.group_id);
    if event.user_ids.as_slice() == std::slice::from_ref(&event.by) {
        return format!("⚑ {who} left #{group}");
    }
    format!("⚑ {who} removed {} from #{group}", names(&event.user_ids, me))
}

/// An invitation as a block of lines.
pub(super) fn invitation(invitation: &InvitationView, me: &UserId) -> Vec<String> {
    let group = in_group(invitation.group_id.as_ref());
    let state = match (invitation.status, invitation.end_reason) {
        (Status::Open, _) => format!("open{}", left(invitation.remaining_ms)),
        (Status::Ended, Some(reason)) => format!("ended: {reason:?}"),
        (Status::Ended, None) => "ended".to_owned(),
    };
    let who = name(&invitation.inviter, me);
    let head = format!(
        "☎ {} {who}{group}: {state} (inviteID {}){}",
        clock(invitation.created_at),
        invitation.invite_id,
        saying(&invitation.data)
    );
    let invitees = invitation.invitees.iter().map(|invitee| {
        let at = invitee.at.map(|at| format!(" at {}", clock(at))).unwrap_or_default();
        let state = invitee_state(invitee.state);
        format!("    {}: {state}{at}{}", name(&invitee.user_id, me), saying(&invitee.data))
    });
    std::iter::once(head).chain(invitees).collect()
}

/// A message as one line: where, who, what.
pub(super) fn message(message: &Message, me: &UserId) -> String {
    let sender = name(&message.sender, me);
    let whereto = match (&message.group_id, &message.receiver) {
        (Some(group), _) => format!(" in #{group}"),
        (None, Some(receiver)) if message.sender == *me => format!(" to {receiver}"),
        (None, _) => String::new(),
    };
    format!("{sender}{whereto}: {}", content(message))
}

/// A message of a history: its place and time, then the rest.
pub(super) fn history_line(of: &Message, me: &UserId) -> String {
    let seq = of.seq.map_or_else(String::new, |seq| format!("{seq:>4} "));
    format!("{seq}[{}] {}", clock(of.time), message(of, me))
}

fn content(message: &Message) -> String {
    if message.revoked {
        return "(taken back)".to_owned();
    }
    if let Some(signaling) = signaling_of(message) {
        return signaling_line(&signaling);
    }
    let fields: serde_json::Value = serde_json::from_str(message.content.get()).unwrap_or_default();
    match (message.kind.as_str(), &fields["text"], &fields["data"]) {
        ("text", serde_json::Value::String(text), _) => clean(text),
        ("custom", _, serde_json::Value::String(data)) => format!("[custom] {}", clean(data)),
        (kind, _, _) => format!("[{}] {}", clean(kind), clean(message.content.get())),
    }
}

fn signaling_line(text: &SignalingText) -> String {
    let action = match text.action_type {
        1 => "invited",
        2 => "cancelled for",
        3 => "accepted by",
        4 => "rejected by",
        _ => "no answer from",
    };
    let whom = text.invitee_list.iter().map(UserId::as_str).collect::<Vec<_>>().join(", ");
    format!("[invitation {}] {action} {whom}{}", text.invite_id, saying(&text.data))
}

/// A line of the conversation list.
pub(super) fn conversation(line: &ConversationView, me: &UserId) -> String {
    let with = match (&line.user_id, &line.group_id) {
        (Some(user), _) => user.to_string(),
        (None, Some(group)) => format!("#{group}"),
        (None, None) => clean(&line.conversation),
    };
    let unread = if line.unread > 0 { format!(" ({} unread)", line.unread) } else { String::new() };
    let last =
        line.last_message.as_ref().map(|last| format!(" — [{}] {}", clock(last.time), message(last, me)));
    format!("  {with}{unread}{}", last.unwrap_or_default())
}

/// A group as one line.
pub(super) fn group(group: &GroupView) -> String {
    let (id, name) = (&group.group_id, clean(&group.name));
    format!("  #{id} {name:?}: {} members, owned by {}", group.member_count, group.owner)
}

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

pub(super) fn names(users: &[UserId], me: &UserId) -> String {
    users.iter().map(|user| name(user, me)).collect::<Vec<_>>().join(", ")
}

fn name<'a>(user: &'a UserId, me: &UserId) -> &'a str {
    if user == me { "you" } else { user.as_str() }
}

fn other_device(happened: &Happened) -> &'static str {
    if happened.by_self { " on another device" } else { "" }
}

fn in_group(group: Option<&GroupId>) -> String {
    group.map(|group| format!(" in #{group}")).unwrap_or_default()
}

fn saying(data: &str) -> String {
    if data.is_empty() { String::new() } else { format!(": {}", clean(data)) }
}

fn left(remaining_ms: Option<u64>) -> String {
    remaining_ms.map(|ms| format!(", {} s left", ms.div_ceil(1_000))).unwrap_or_default()
}

fn why(cause: Cause) -> &'static str {
    match cause {
        Cause::LeftGroup => "no longer in the group",
        Cause::InviterLeft => "the inviter is no longer in the group",
        Cause::GroupDismissed => "the group was dismissed",
        Cause::CallOver => "nobody is left in the call",
    }
}

fn invitee_state(state: InviteeState) -> &'static str {
    match state {
        InviteeState::Pending => "has not answered",
        InviteeState::Accepted => "accepted",
        InviteeState::Rejected => "rejected",
        InviteeState::TimedOut => "did not answer in time",
        InviteeState::Cancelled => "was called off",
        InviteeState::Removed => "left the group",
    }
}

/// `c2c:alice bob` as the person at the terminal would say it.
fn place(conversation: &str, me: &UserId) -> String {
    if let Some(group) = conversation.strip_prefix("group:") {
        return format!("#{}", clean(group));
    }
    let both = conversation.strip_prefix("c2c:").and_then(|both| both.split_once(' '));
    match both {
        Some((one, other)) => {
            format!("the talk with {}", clean(if one == me.as_str() { other } else { one }))
        }
        None => clean(conversation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(event_text: &str, by_self: bool) -> String {
        let event = Event::read(event_text).unwrap().unwrap();
        let happened = Happened {
            cursor: 1,
            time: 1,
            by_self,
            own: false,
            remaining_ms: Some(29_400),
            quiet: false,
            event,
        };
        super::event(&happened, &UserId::parse("bob").unwrap())
    }

    #[test]
    fn a_ring_says_who_where_how_long_and_what_to_do() {
        let device = r#""device":{"deviceID":"d","platform":7}"#;
        let ring = |list: &str, group: &str| {
            format!(
                r#"{{"type":"invitation.received","inviteID":"i1","inviter":"alice","inviteeList":{list},{group}"data":"hello","timeout":30,"version":1,{device}}}"#
            )
        };
        assert_eq!(
            line(&ring(r#"["bob"]"#, ""), false),
            "☎ alice invites you (inviteID i1, 30 s left): hello — type `accept` or `reject`"
        );
        assert_eq!(
            line(&ring(r#"["bob","carol"]"#, r#""groupID":"class","#), false),
            "☎ alice invites you in #class with carol (inviteID i1, 30 s left): hello — type `accept` or `reject`"
        );
        assert_eq!(
            line(&ring(r#"["carol"]"#, r#""groupID":"class","#), false),
            "☎ alice invites carol in #class (inviteID i1, 30 s left): hello"
        );
    }

    #[test]
    fn a_ring_of_a_call_says_which_and_whether_one_was_busy() {
        let ring = |busy: &str| {
            format!(
                r#"{{"type":"invitation.received","inviteID":"i1","inviter":"alice","inviteeList":["bob"],"data":"","timeout":30,"version":1,{busy}
                "call":{{"callID":"i1","roomID":"r1","mediaType":"video"}}}}"#
            )
        };
        assert_eq!(
            line(&ring(""), false),
            "☎ alice calls you (video call in r1, inviteID i1, 30 s left) — type `accept` or `reject`"
        );
        assert_eq!(
            line(&ring(r#""busyLineUserIDList":["bob"],"#), false),
            "☎ alice called you while you were in another call (video call in r1, inviteID i1, 30 s left)"
        );
    }

    #[test]
    fn endings_are_told_from_where_one_stands() {
        let closed = |kind: &str, inviter: &str, list: &str| {
            format!(
                r#"{{"type":"invitation.{kind}","inviteID":"i1","inviter":"{inviter}","inviteeList":{list},"data":"","version":2}}"#
            )
        };
        assert_eq!(
            line(&closed("timedOut", "alice", r#"["bob"]"#), false),
            "⌛ you missed the invitation of alice (inviteID i1)"
        );
        assert_eq!(
            line(&closed("timedOut", "bob", r#"["alice","carol"]"#), false),
            "⌛ no answer from alice, carol (inviteID i1)"
        );
        assert_eq!(
            line(&closed("cancelled", "alice", r#"["bob"]"#), false),
            "⊘ alice took the invitation back (inviteID i1)"
        );
    }

    #[test]
    fn what_others_write_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d\r"), "a�[2Jb⏎c�d�");
    }
}

//! An event as a callback of Tencent's: which command it is, and what the request says (docs/tencent-rest.md#callbacks).

use serde_json::{Value, json};
use wigwag_engine::ConversationId;
use wigwag_protocol::event::{
    GroupDismissed, GroupInfoChanged, GroupMembersAdded, GroupMembersRemoved, InvitationAnswered,
    InvitationClosed, InvitationReceived, MessageRead, MessageRevoked,
};
use wigwag_protocol::message::{Message, MessagePlace};
use wigwag_protocol::{CloseCode, Event, GroupId, InviteId, UserId};

use super::sessions::{Happened, SessionStep};
use crate::store::{Growth, Planned};
use crate::tencent::{element, kept_in, key, random_of};

/// What is sent of an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Callback {
    pub(super) command: &'static str,
    /// Without the command and the time, which all have.
    said: Value,
}

impl Callback {
    /// JSON; `time` is when it happened, server time in ms.
    pub(super) fn body(mut self, time: u64) -> String {
        if let Value::Object(fields) = &mut self.said {
            fields.insert("CallbackCommand".to_owned(), json!(self.command));
            fields.insert("EventTime".to_owned(), json!(time));
        }
        self.said.to_string()
    }
}

/// The callback of an event that happened at `time`; `None` when Tencent's system has none for it.
pub(super) fn callback(event: &Event, time: u64) -> Option<Callback> {
    match event {
        Event::MessageReceived(event) => Some(sent(&event.message, to(&event.message)?).after()),
        Event::MessageRevoked(event) => revoked(event),
        Event::MessageRead(event) => read(event, time),
        Event::InvitationReceived(event) => invited(event, time),
        Event::InvitationAccepted(event) => Some(answered(event, ACCEPT, time)),
        Event::InvitationRejected(event) => Some(answered(event, REJECT, time)),
        Event::InvitationCancelled(event) => closed(event, CANCEL, time),
        Event::InvitationTimedOut(event) => closed(event, TIME_OUT, time),
        Event::GroupMembersAdded(event) => Some(came(event)),
        Event::GroupMembersRemoved(event) => Some(went(event)),
        Event::GroupDismissed(event) => Some(dismissed(event)),
        Event::GroupInfoChanged(event) => Some(described(event)),
        Event::InvitationModified(_)
        | Event::InvitationProgress(_)
        | Event::InvitationSilenced(_)
        | Event::ConversationPinned(_)
        | Event::ConversationDeleted(_)
        | Event::GroupRoleChanged(_)
        | Event::AttributesChanged(_)
        | Event::GroupNotice(_)
        | Event::CallInvited(_)
        | Event::CallJoined(_)
        | Event::CallDeclined(_)
        | Event::CallHungUp(_)
        | Event::CallEnded(_)
        | Event::CallSignalled(_)
        | Event::CallsSeen(_)
        | Event::ProfileChanged(_)
        | Event::Blocked(_)
        | Event::Unblocked(_)
        | Event::QuietChanged(_)
        | Event::StatusChanged(_)
        | Event::ReachChanged(_) => None,
    }
}

/// The callback before something that has not happened; `at` is server time in ms.
pub(super) fn callback_before(planned: &Planned, at: u64) -> Callback {
    match planned {
        Planned::Message(message) => {
            // Whoever sends names a user or a group.
            sent(message, to(message).unwrap_or(To::User(&message.sender))).before()
        }
        Planned::Growth(growth) => arriving(growth),
        Planned::Invitation(invitation) => {
            let invitees: Vec<UserId> = invitation.users().collect();
            let step = Step {
                action: INVITE,
                invite_id: &invitation.id,
                inviter: &invitation.inviter,
                invitees: &invitees,
                group: invitation.group(),
                data: &invitation.data,
                timeout: invitation.timeout,
                online_only: invitation.switches.online_user_only,
                place: None,
            };
            let to = invitees.first().unwrap_or(&invitation.inviter);
            step.sent(&invitation.inviter, to, at).before()
        }
    }
}

/// Who makes a group, asks to come into one, or brings others.
fn arriving(growth: &Growth) -> Callback {
    let GroupMembersAdded { group_id, name, by, user_ids, created } = &growth.added;
    let kept = kept_in(&growth.ext);
    let kind = kept.get("type").and_then(Value::as_str).unwrap_or_default();
    if *created {
        let others: Vec<UserId> = user_ids.iter().filter(|user| *user != by).cloned().collect();
        return Callback {
            command: "Group.CallbackBeforeCreateGroup",
            said: json!({"GroupId": group_id, "Operator_Account": by, "Owner_Account": by, "Type": kind, "Name": name,
                "MemberList": members(&others)}),
        };
    }
    if user_ids.contains(by) {
        return Callback {
            command: "Group.CallbackBeforeApplyJoinGroup",
            said: json!({"GroupId": group_id, "Type": kind, "Requestor_Account": by}),
        };
    }
    Callback {
        command: "Group.CallbackBeforeInviteJoinGroup",
        said: json!({"GroupId": group_id, "Type": kind, "Operator_Account": by, "DestinationMembers": members(user_ids)}),
    }
}

/// The callback of a session that began or ended. Whoever signs out says so, and whoever is signed out has been told.
pub(super) fn state_change(step: &SessionStep) -> Callback {
    let (action, reason) = match step.what {
        Happened::Opened => ("Login", "Register"),
        Happened::Closed(code) if code == CloseCode::Idle.number() => ("Disconnect", "TimeOut"),
        Happened::Closed(code) if CloseCode::may_reconnect(code) => ("Disconnect", "LinkClose"),
        Happened::Closed(_) => ("Logout", "Unregister"),
    };
    Callback {
        command: "State.StateChange",
        said: json!({"Info": {"To_Account": step.user, "Action": action, "Reason": reason}}),
    }
}

/// A message, or a step of an invitation, which is one there.
struct Sent<'a> {
    from: &'a UserId,
    to: To<'a>,
    message_id: &'a str,
    /// None when it reaches only those who are online.
    seq: Option<u64>,
    online_only: bool,
    time: u64,
    element: Value,
    custom: &'a str,
}

#[derive(Clone, Copy)]
enum To<'a> {
    User(&'a UserId),
    Group(&'a GroupId),
}

impl Sent<'_> {
    /// Before it is sent it has no name and no number, and none is told.
    fn before(self) -> Callback {
        let Self { from, to, message_id: _, seq: _, online_only, time, element, custom } = self;
        let online_only = u8::from(online_only);
        match to {
            To::User(to) => Callback {
                command: "C2C.CallbackBeforeSendMsg",
                said: json!({"From_Account": from, "To_Account": to, "MsgTime": time / 1_000, "OnlineOnlyFlag": online_only,
                    "MsgBody": [element], "CloudCustomData": custom}),
            },
            To::Group(group) => Callback {
                command: "Group.CallbackBeforeSendMsg",
                said: json!({"GroupId": group, "From_Account": from, "Operator_Account": from, "OnlineOnlyFlag": online_only,
                    "MsgBody": [element], "CloudCustomData": custom}),
            },
        }
    }

    fn after(self) -> Callback {
        let Self { from, to, message_id, seq, online_only, time, element, custom } = self;
        let online_only = u8::from(online_only);
        let (seq, random, seconds) = (seq.unwrap_or(0), random_of(message_id), time / 1_000);
        match to {
            To::User(to) => Callback {
                command: "C2C.CallbackAfterSendMsg",
                said: json!({"From_Account": from, "To_Account": to, "MsgSeq": seq, "MsgRandom": random, "MsgTime": seconds,
                    "MsgKey": key(seq, message_id), "MsgId": message_id, "OnlineOnlyFlag": online_only, "SendMsgResult": 0,
                    "ErrorInfo": "send msg succeed", "MsgBody": [element], "CloudCustomData": custom}),
            },
            To::Group(group) => Callback {
                command: "Group.CallbackAfterSendMsg",
                said: json!({"GroupId": group, "From_Account": from, "Operator_Account": from, "Random": random, "MsgSeq": seq,
                    "MsgTime": seconds, "MsgId": message_id, "OnlineOnlyFlag": online_only, "MsgBody": [element],
                    "CloudCustomData": custom}),
            },
        }
    }
}

fn to(message: &Message) -> Option<To<'_>> {
    let user = message.receiver.as_ref().map(To::User);
    message.group_id.as_ref().map(To::Group).or(user)
}

fn sent<'a>(message: &'a Message, to: To<'a>) -> Sent<'a> {
    Sent {
        from: &message.sender,
        to,
        message_id: &message.message_id,
        seq: message.seq,
        online_only: message.options.online_user_only,
        time: message.time,
        element: element(&message.kind, &message.content),
        custom: &message.options.cloud_custom_data,
    }
}

/// Their `actionType`s.
const INVITE: u8 = 1;
const CANCEL: u8 = 2;
const ACCEPT: u8 = 3;
const REJECT: u8 = 4;
const TIME_OUT: u8 = 5;

/// A step of an invitation.
struct Step<'a> {
    action: u8,
    invite_id: &'a InviteId,
    inviter: &'a UserId,
    invitees: &'a [UserId],
    group: Option<&'a GroupId>,
    data: &'a str,
    /// Seconds; of the first step alone.
    timeout: u32,
    online_only: bool,
    place: Option<&'a MessagePlace>,
}

impl Step<'_> {
    /// What is said in a message, as the SDKs of theirs say it.
    fn text(&self) -> String {
        json!({"businessID": 1, "inviteID": self.invite_id, "inviter": self.inviter, "inviteeList": self.invitees,
            "groupID": self.group.map_or("", |group| group.as_str()), "actionType": self.action, "timeout": self.timeout,
            "data": self.data, "onlineUserOnly": self.online_only})
        .to_string()
    }

    fn sent<'a>(&'a self, from: &'a UserId, to: &'a UserId, time: u64) -> Sent<'a> {
        let content = json!({"Data": self.text(), "Desc": "", "Ext": ""});
        Sent {
            from,
            to: self.group.map_or(To::User(to), To::Group),
            message_id: self.place.map_or("", |place| place.message_id.as_str()),
            seq: self.place.map(|place| place.seq),
            online_only: self.online_only,
            time,
            element: json!({"MsgType": "TIMCustomElem", "MsgContent": content}),
            custom: "",
        }
    }
}

fn invited(event: &InvitationReceived, time: u64) -> Option<Callback> {
    let step = Step {
        action: INVITE,
        invite_id: &event.invite_id,
        inviter: &event.inviter,
        invitees: &event.invitee_list,
        group: event.group_id.as_ref(),
        data: &event.data,
        timeout: event.timeout,
        online_only: event.message.is_none(),
        place: event.message.as_ref(),
    };
    Some(step.sent(&event.inviter, event.invitee_list.first()?, time).after())
}

fn answered(event: &InvitationAnswered, action: u8, time: u64) -> Callback {
    let step = Step {
        action,
        invite_id: &event.invite_id,
        inviter: &event.inviter,
        invitees: std::slice::from_ref(&event.invitee),
        group: event.group_id.as_ref(),
        data: &event.data,
        timeout: 0,
        online_only: event.message.is_none(),
        place: event.message.as_ref(),
    };
    step.sent(&event.invitee, &event.inviter, time).after()
}

fn closed(event: &InvitationClosed, action: u8, time: u64) -> Option<Callback> {
    let step = Step {
        action,
        invite_id: &event.invite_id,
        inviter: &event.inviter,
        invitees: &event.invitee_list,
        group: event.group_id.as_ref(),
        data: &event.data,
        timeout: 0,
        online_only: event.message.is_none(),
        place: event.message.as_ref(),
    };
    Some(step.sent(&event.inviter, event.invitee_list.first()?, time).after())
}

fn revoked(event: &MessageRevoked) -> Option<Callback> {
    let MessageRevoked { place, by } = event;
    Some(match ConversationId::parse(&place.conversation)? {
        ConversationId::Group(group) => Callback {
            command: "Group.CallbackAfterRecallMsg",
            said: json!({"GroupId": group, "Operator_Account": by, "MsgSeqList": [{"MsgSeq": place.seq}]}),
        },
        conversation @ ConversationId::OneToOne(..) => Callback {
            command: "C2C.CallbackAfterMsgWithDraw",
            said: json!({"From_Account": by, "To_Account": conversation.other(by)?, "MsgKey": key(place.seq, &place.message_id)}),
        },
    })
}

/// Of groups theirs has none.
fn read(event: &MessageRead, time: u64) -> Option<Callback> {
    let conversation = ConversationId::parse(&event.conversation)?;
    let peer = conversation.other(&event.reader)?;
    Some(Callback {
        command: "C2C.CallbackAfterMsgReport",
        said: json!({"Report_Account": event.reader, "Peer_Account": peer, "LastReadTime": time / 1_000}),
    })
}

fn members(users: &[UserId]) -> Value {
    users.iter().map(|user| json!({"Member_Account": user})).collect()
}

/// Events of before `created` was told are known by this: whoever made a group came into it together with others, and whoever joined one came alone.
fn came(event: &GroupMembersAdded) -> Callback {
    let GroupMembersAdded { group_id, name, by, user_ids, created } = event;
    let is_made = *created || (user_ids.contains(by) && user_ids.len() > 1);
    if is_made {
        return Callback {
            command: "Group.CallbackAfterCreateGroup",
            said: json!({"GroupId": group_id, "Operator_Account": by, "Owner_Account": by, "Name": name,
                "MemberList": members(user_ids)}),
        };
    }
    let way = if user_ids.contains(by) { "Apply" } else { "Invited" };
    Callback {
        command: "Group.CallbackAfterNewMemberJoin",
        said: json!({"GroupId": group_id, "JoinType": way, "Operator_Account": by, "NewMemberList": members(user_ids)}),
    }
}

fn went(event: &GroupMembersRemoved) -> Callback {
    let GroupMembersRemoved { group_id, by, user_ids } = event;
    let way = if user_ids.contains(by) { "Quit" } else { "Kicked" };
    Callback {
        command: "Group.CallbackAfterMemberExit",
        said: json!({"GroupId": group_id, "ExitType": way, "Operator_Account": by, "ExitMemberList": members(user_ids)}),
    }
}

fn dismissed(event: &GroupDismissed) -> Callback {
    Callback {
        command: "Group.CallbackAfterGroupDestroyed",
        said: json!({"GroupId": event.group_id, "Owner_Account": event.by}),
    }
}

/// The whole description, where theirs tells what changed of it.
fn described(event: &GroupInfoChanged) -> Callback {
    let mut said = json!({"GroupId": event.group_id, "Operator_Account": event.by, "Name": event.name});
    let kept = kept_in(&event.ext);
    let names = [
        ("type", "Type"),
        ("introduction", "Introduction"),
        ("notification", "Notification"),
        ("avatar", "FaceUrl"),
    ];
    for (ours, theirs) in names {
        if let Some(value) = kept.get(ours) {
            said[theirs] = value.clone();
        }
    }
    Callback { command: "Group.CallbackAfterGroupInfoChanged", said }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: u64 = 1_764_143_984_123;
    const ID: &str = "019abcdef01270008000000000000010";

    fn told(event: &Value) -> Option<Value> {
        let event = Event::read(&event.to_string()).unwrap().unwrap();
        callback(&event, TIME).map(|callback| serde_json::from_str(&callback.body(TIME)).unwrap())
    }

    fn place(conversation: &str) -> Value {
        json!({"messageID": ID, "conversation": conversation, "seq": 7})
    }

    fn asked(planned: &Planned) -> Value {
        serde_json::from_str(&callback_before(planned, TIME).body(TIME)).unwrap()
    }

    #[test]
    fn what_is_not_sent_yet_has_no_name_and_no_number() {
        let message = |to: &str| {
            let text = format!(
                r#"{{"messageID":"{ID}","conversation":"c","seq":7,"sender":"alice",{to},"time":5,"type":"text",
                    "content":{{"text":"hello"}},"cloudCustomData":"mine","onlineUserOnly":true}}"#
            );
            Planned::Message(Box::new(serde_json::from_str(&text).unwrap()))
        };
        let body = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hello"}}]);
        assert_eq!(
            asked(&message(r#""receiver":"bob""#)),
            json!({"CallbackCommand": "C2C.CallbackBeforeSendMsg", "EventTime": TIME, "From_Account": "alice",
                "To_Account": "bob", "MsgTime": 0, "OnlineOnlyFlag": 1, "MsgBody": body, "CloudCustomData": "mine"})
        );
        assert_eq!(
            asked(&message(r#""groupID":"g""#)),
            json!({"CallbackCommand": "Group.CallbackBeforeSendMsg", "EventTime": TIME, "GroupId": "g",
                "From_Account": "alice", "Operator_Account": "alice", "OnlineOnlyFlag": 1, "MsgBody": body,
                "CloudCustomData": "mine"})
        );
    }

    #[test]
    fn a_message_and_what_becomes_of_it_have_one_key() {
        let sent = told(
            &json!({"type": "message.received", "message": {"messageID": ID, "conversation": "c2c:alice bob", "seq": 7,
            "sender": "alice", "receiver": "bob", "time": TIME, "type": "text", "content": {"text": "hi"}, "cloudCustomData": "c"}}),
        );
        assert_eq!(
            sent.unwrap(),
            json!({"CallbackCommand": "C2C.CallbackAfterSendMsg", "EventTime": TIME, "From_Account": "alice", "To_Account": "bob",
                "MsgSeq": 7, "MsgRandom": 16, "MsgTime": 1_764_143_984, "MsgKey": "7_16_1764105318", "MsgId": ID, "OnlineOnlyFlag": 0,
                "SendMsgResult": 0, "ErrorInfo": "send msg succeed", "CloudCustomData": "c",
                "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]})
        );
        let mut revoked = place("c2c:alice bob");
        revoked["type"] = json!("message.revoked");
        revoked["by"] = json!("alice");
        assert_eq!(
            told(&revoked).unwrap(),
            json!({"CallbackCommand": "C2C.CallbackAfterMsgWithDraw", "EventTime": TIME, "From_Account": "alice", "To_Account": "bob",
                "MsgKey": "7_16_1764105318"})
        );
        let read =
            json!({"type": "message.read", "conversation": "c2c:alice bob", "reader": "bob", "seq": 7});
        assert_eq!(
            told(&read).unwrap(),
            json!({"CallbackCommand": "C2C.CallbackAfterMsgReport", "EventTime": TIME, "Report_Account": "bob", "Peer_Account": "alice",
                "LastReadTime": 1_764_143_984})
        );
    }

    /// Every step, in a group and one-to-one: who sends it to whom, and what it says.
    #[test]
    fn steps_of_an_invitation_are_messages() {
        let invited = json!({"type": "invitation.received", "inviteID": "i", "inviter": "alice", "inviteeList": ["bob"], "data": "d",
            "timeout": 30, "version": 1, "message": place("c2c:alice bob")});
        let answered = |kind: &str| {
            json!({"type": kind, "inviteID": "i", "inviter": "alice", "invitee": "bob", "data": "d", "version": 2,
            "message": place("c2c:alice bob")})
        };
        let closed = |kind: &str| {
            json!({"type": kind, "inviteID": "i", "inviter": "alice", "inviteeList": ["bob"], "data": "d",
            "version": 2, "message": place("c2c:alice bob")})
        };
        for (event, from, action, timeout) in [
            (invited, "alice", 1, 30),
            (closed("invitation.cancelled"), "alice", 2, 0),
            (answered("invitation.accepted"), "bob", 3, 0),
            (answered("invitation.rejected"), "bob", 4, 0),
            (closed("invitation.timedOut"), "alice", 5, 0),
        ] {
            let to = if from == "alice" { "bob" } else { "alice" };
            let one_to_one = told(&event).unwrap();
            let said = &one_to_one["MsgBody"][0]["MsgContent"]["Data"];
            let said: Value = serde_json::from_str(said.as_str().unwrap()).unwrap();
            assert_eq!(
                said,
                json!({"businessID": 1, "inviteID": "i", "inviter": "alice", "inviteeList": ["bob"], "groupID": "", "actionType": action,
                    "timeout": timeout, "data": "d", "onlineUserOnly": false})
            );
            let who =
                (&one_to_one["CallbackCommand"], &one_to_one["From_Account"], &one_to_one["To_Account"]);
            assert_eq!(who, (&json!("C2C.CallbackAfterSendMsg"), &json!(from), &json!(to)));
            let mut in_group = event;
            in_group["groupID"] = json!("class");
            in_group.as_object_mut().unwrap().remove("message");
            let in_group = told(&in_group).unwrap();
            let who = (&in_group["CallbackCommand"], &in_group["From_Account"], &in_group["GroupId"]);
            assert_eq!(who, (&json!("Group.CallbackAfterSendMsg"), &json!(from), &json!("class")));
            assert_eq!(in_group["OnlineOnlyFlag"], 1, "it left no message");
        }
    }

    #[test]
    fn groups_are_told_as_made_joined_left_and_dismissed() {
        let added = |by: &str, users: &[&str]| json!({"type": "group.membersAdded", "groupID": "g", "name": "G", "by": by, "userIDs": users});
        let removed = |by: &str, users: &[&str]| json!({"type": "group.membersRemoved", "groupID": "g", "by": by, "userIDs": users});
        for (event, command, field, way) in [
            (added("alice", &["alice", "bob"]), "Group.CallbackAfterCreateGroup", "Owner_Account", "alice"),
            (added("bob", &["bob"]), "Group.CallbackAfterNewMemberJoin", "JoinType", "Apply"),
            (added("alice", &["carol"]), "Group.CallbackAfterNewMemberJoin", "JoinType", "Invited"),
            (removed("bob", &["bob"]), "Group.CallbackAfterMemberExit", "ExitType", "Quit"),
            (removed("alice", &["bob"]), "Group.CallbackAfterMemberExit", "ExitType", "Kicked"),
            (
                json!({"type": "group.dismissed", "groupID": "g", "by": "alice"}),
                "Group.CallbackAfterGroupDestroyed",
                "Owner_Account",
                "alice",
            ),
            (
                json!({"type": "group.infoChanged", "groupID": "g", "by": "alice", "name": "G", "ext": "{\"tencent\":{\"type\":\"Public\"}}",
                    "joinPolicy": "free"}),
                "Group.CallbackAfterGroupInfoChanged",
                "Type",
                "Public",
            ),
        ] {
            let told = told(&event).unwrap();
            assert_eq!(
                (&told["CallbackCommand"], &told["GroupId"], &told[field]),
                (&json!(command), &json!("g"), &json!(way)),
                "{event}"
            );
        }
    }

    #[test]
    fn what_their_system_has_no_callback_for_is_not_told() {
        let role = json!({"type": "group.roleChanged", "groupID": "g", "by": "alice", "userID": "bob", "role": "admin"});
        assert_eq!(told(&role), None);
        let read = json!({"type": "message.read", "conversation": "group:class", "reader": "bob", "seq": 7});
        assert_eq!(told(&read), None, "of groups theirs has none");
    }
}

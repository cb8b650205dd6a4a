//! Parameters into commands and queries: shapes only, no rule.

use wigwag_engine::board::AttributesWish;
use wigwag_engine::command::{
    Answer, CallRef, CallSignal, Cancel, CreateGroup, Invite, Invited, SendMessage,
};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Command, ConversationId};
use wigwag_protocol::message::Peer;
use wigwag_protocol::quiet::Silence;
use wigwag_protocol::{CallId, ErrorBody, GroupId, Method, Reason, RoomId, UserId, params};

use super::fault::parse;
use super::refusal::error_of_rules;
use crate::query::{
    CallPlace, CallRange, ConversationPlace, HistoryRange, MOST_PROFILES, OPEN_INVITATIONS, OpenPlace,
    OpenRange, PageRange, WhichCall,
};
use crate::{Asked, Keeping, PushToken, Query};

/// What a call of `method` asks of the session of `user`. `params` is the JSON text.
pub(super) fn asked(method: Method, params: &str, user: &UserId) -> Asked<ErrorBody> {
    Reading { params, user }.call(method).unwrap_or_else(Asked::Wrong)
}

/// What `params` of a method ask for this user, for an entrance beside the socket.
pub fn understood(method: Method, params: &str, user: &UserId) -> Result<Understood, ErrorBody> {
    match asked(method, params, user) {
        Asked::Command(command) => Ok(Understood::Command(command)),
        Asked::Query(query) => Ok(Understood::Query(query)),
        Asked::Wrong(error) => Err(error),
        Asked::Keep(_) | Asked::Ack(_) | Asked::Close | Asked::Open | Asked::Unreadable(_) => {
            Err(Reason::UnknownMethod.error())
        }
    }
}

/// What a method of the protocol asks, besides those that are about a session.
#[derive(Debug)]
pub enum Understood {
    /// To change something.
    Command(Command),
    /// To read something.
    Query(Box<Query>),
}

/// A request being read.
struct Reading<'a> {
    params: &'a str,
    user: &'a UserId,
}

type Read<T> = Result<T, ErrorBody>;
type Call = Asked<ErrorBody>;

impl Reading<'_> {
    fn call(&self, method: Method) -> Read<Call> {
        match method {
            Method::SessionOpen => Ok(Asked::Open),
            Method::SessionAck => Ok(Asked::Ack(self.ack())),
            Method::SessionClose => Ok(Asked::Close),
            Method::Invite => self.invite(),
            Method::InviteInGroup => self.invite_in_group(),
            Method::Cancel => self.cancel(),
            Method::Accept => command(Command::Accept(self.answer()?)),
            Method::Reject => command(Command::Reject(self.answer()?)),
            Method::Modify => self.modify(),
            Method::Ringing => self.ringing(),
            Method::Silence => self.silence(),
            Method::Get => self.get(),
            Method::ListOpen => self.list_open(),
            Method::CallJoin => command(Command::JoinCall(self.call_meant()?)),
            Method::CallHangUp => command(Command::HangUp(self.call_meant()?)),
            Method::CallGet => self.get_call(),
            Method::CallList => self.calls(),
            Method::CallMarkSeen => self.mark_calls_seen(),
            Method::CallSignal => self.signal_call(),
            Method::MessageSend => self.message_send(),
            Method::MessageHistory => self.history(),
            Method::MessageRevoke => self.message_at(|peer, seq| Command::RevokeMessage { peer, seq }),
            Method::MessageMarkRead => self.message_at(|peer, seq| Command::MarkRead { peer, seq }),
            Method::MessageReceipts => self.receipts(),
            Method::ConversationList => self.conversations(),
            Method::ConversationPin => self.pin(),
            Method::ConversationDelete => self.delete_conversation(),
            Method::GroupCreate => self.create_group(),
            Method::GroupJoin => command(Command::JoinGroup(self.group_id()?)),
            Method::GroupQuit => command(Command::QuitGroup(self.group_id()?)),
            Method::GroupDismiss => command(Command::DismissGroup(self.group_id()?)),
            Method::GroupAddMembers => self.group_users(Command::AddMembers),
            Method::GroupRemoveMembers => self.group_users(Command::RemoveMembers),
            Method::GroupMembers => self.members(),
            Method::GroupInfo => query(Query::Group(self.group_id()?)),
            Method::GroupSetInfo => self.set_group_info(),
            Method::GroupSetRole => self.set_role(),
            Method::GroupAttributes => query(Query::Attributes(self.group_id()?)),
            Method::GroupSetAttributes => self.set_attributes(),
            Method::GroupOnlineCount => query(Query::OnlineCount(self.group_id()?)),
            Method::GroupNews => self.group_news(),
            Method::GroupList => self.groups(),
            Method::UserGet => self.profiles(),
            Method::UserSetProfile => self.set_profile(),
            Method::UserBlock => command(Command::SetBlock(self.other_user()?, true)),
            Method::UserUnblock => command(Command::SetBlock(self.other_user()?, false)),
            Method::UserListBlocked => self.blocked(),
            Method::UserSetReach => self.set_reach(),
            Method::UserSetQuiet => command(Command::SetQuiet(parse(self.params)?)),
            Method::UserSetStatus => {
                let params::UserSetStatus { status } = parse(self.params)?;
                command(Command::SetStatus(status))
            }
            Method::UserGetQuiet => self.without_params(Query::Quiet),
            Method::UserGetReach => self.without_params(Query::Reach),
            Method::UserGetStatus => self.statuses(),
            Method::UserWatch => self.watch(),
            Method::PushRegister => self.register_push(),
            Method::PushUnregister => {
                let params::Nothing {} = parse(self.params)?;
                Ok(Asked::Keep(Box::new(Keeping::NoPush)))
            }
            Method::PushSettings => self.without_params(Query::PushSettings),
        }
    }

    fn without_params(&self, wanted: Query) -> Read<Call> {
        let params::Nothing {} = parse(self.params)?;
        query(wanted)
    }

    fn silence(&self) -> Read<Call> {
        let Silence { invite_id } = parse(self.params)?;
        command(Command::Silence(invite_id))
    }

    fn ack(&self) -> Read<u64> {
        parse(self.params).map(|params: params::SessionAck| params.cursor)
    }

    fn message_send(&self) -> Read<Call> {
        let send: params::MessageSend = parse(self.params)?;
        let sending = Command::sending(SendMessage {
            peer: peer(send.user_id, send.group_id)?,
            client_msg_id: send.client_msg_id,
            kind: send.kind,
            content: send.content,
            options: send.options,
            offline_push_info: send.offline_push_info,
        });
        command(sending.map_err(|refusal| error_of_rules(&refusal))?)
    }

    fn history(&self) -> Read<Call> {
        let params: params::MessageHistory = parse(self.params)?;
        let peer = peer(params.user_id, params.group_id)?;
        query(Query::History(HistoryRange {
            conversation: ConversationId::with(self.user, &peer),
            from_seq: params.from_seq,
            direction: params.direction,
            limit: limit_within(params.limit, 20, 100)?,
        }))
    }

    fn place(&self) -> Read<(Peer, u64)> {
        let params::MessageAt { user_id, group_id, seq } = parse(self.params)?;
        Ok((peer(user_id, group_id)?, seq))
    }

    fn message_at(&self, make: fn(Peer, u64) -> Command) -> Read<Call> {
        let (peer, seq) = self.place()?;
        command(make(peer, seq))
    }

    fn receipts(&self) -> Read<Call> {
        let params::MessageReceipts { user_id, group_id, seq, limit, after } = parse(self.params)?;
        let conversation = ConversationId::with(self.user, &peer(user_id, group_id)?);
        query(Query::Receipts { conversation, seq, after, limit: limit_within(limit, 500, 500)? })
    }

    fn profiles(&self) -> Read<Call> {
        let params::UserGet { user_ids } = parse(self.params)?;
        query(Query::Profiles(some_of(user_ids, 1)?))
    }

    fn statuses(&self) -> Read<Call> {
        let params::UserGetStatus { user_ids } = parse(self.params)?;
        query(Query::Statuses(some_of(user_ids, 1)?.into_iter().collect()))
    }

    fn watch(&self) -> Read<Call> {
        let params::UserWatch { user_ids } = parse(self.params)?;
        query(Query::Watch(some_of(user_ids, 0)?.into_iter().collect()))
    }

    fn conversations(&self) -> Read<Call> {
        let params::ConversationList { limit, after } = parse(self.params)?;
        let read = |text: String| {
            ConversationPlace::parse(&text)
                .ok_or_else(|| Reason::InvalidParams.field("after", "must be next of the page before"))
        };
        let after = after.map(read).transpose()?;
        query(Query::Conversations(PageRange { after, limit: limit_within(limit, 50, 100)? }))
    }

    fn pin(&self) -> Read<Call> {
        let params::ConversationPin { user_id, group_id, pinned } = parse(self.params)?;
        command(Command::PinConversation { peer: peer(user_id, group_id)?, on: pinned })
    }

    fn delete_conversation(&self) -> Read<Call> {
        let params::ConversationOnly { user_id, group_id } = parse(self.params)?;
        command(Command::DeleteConversation(peer(user_id, group_id)?))
    }

    fn create_group(&self) -> Read<Call> {
        let create: params::GroupCreate = parse(self.params)?;
        command(Command::CreateGroup(Box::new(CreateGroup {
            id: create.group_id,
            name: create.name,
            ext: create.ext,
            join_policy: create.join_policy,
            members: create.members,
        })))
    }

    fn group_id(&self) -> Read<GroupId> {
        parse(self.params).map(|params: params::GroupOnly| params.group_id)
    }

    fn group_users(&self, make: fn(GroupId, Vec<UserId>) -> Command) -> Read<Call> {
        let params::GroupUsers { group_id, user_ids } = parse(self.params)?;
        command(make(group_id, user_ids))
    }

    fn members(&self) -> Read<Call> {
        let params::GroupMembers { group_id, limit, after } = parse(self.params)?;
        query(Query::Members { group: group_id, after, limit: limit_within(limit, 100, 500)? })
    }

    fn groups(&self) -> Read<Call> {
        let params::GroupList { limit, after } = parse(self.params)?;
        query(Query::Groups { after, limit: limit_within(limit, 100, 100)? })
    }

    fn group_news(&self) -> Read<Call> {
        let params::GroupNews { cursor, limit } = parse(self.params)?;
        query(Query::GroupNews { after: cursor, limit: limit_within(limit, 100, 100)? })
    }

    fn blocked(&self) -> Read<Call> {
        let params::UserListBlocked { limit, after } = parse(self.params)?;
        query(Query::Blocked { after, limit: limit_within(limit, 500, 500)? })
    }

    fn set_group_info(&self) -> Read<Call> {
        let params::GroupSetInfo { group_id, name, ext, join_policy } = parse(self.params)?;
        command(Command::SetGroupInfo { group: group_id, name, ext, join_policy })
    }

    fn set_role(&self) -> Read<Call> {
        let params::GroupSetRole { group_id, user_id, role } = parse(self.params)?;
        command(Command::SetRole { group: group_id, user: user_id, role })
    }

    fn set_attributes(&self) -> Read<Call> {
        let params::GroupSetAttributes { group_id, set, delete, replace, if_version, counters, add } =
            parse(self.params)?;
        let wish = AttributesWish { set, delete, replace, if_version, counters, add };
        command(Command::SetAttributes(group_id, Box::new(wish)))
    }

    fn set_profile(&self) -> Read<Call> {
        let params::UserSetProfile { nickname, face_url, ext } = parse(self.params)?;
        command(Command::SetProfile { nickname, face_url, ext })
    }

    fn set_reach(&self) -> Read<Call> {
        let params::UserSetReach { ring, add } = parse(self.params)?;
        command(Command::SetReach { ring, add })
    }

    fn register_push(&self) -> Read<Call> {
        let token = PushToken::read(parse(self.params)?);
        // Its shape is right; what it may hold depends on the provider.
        let token = token.map_err(|(field, words)| Reason::InvalidParameter.field(field, &words))?;
        Ok(Asked::Keep(Box::new(Keeping::Push(token))))
    }

    fn other_user(&self) -> Read<UserId> {
        parse(self.params).map(|params: params::UserOnly| params.user_id)
    }
}

/// The parameters of both kinds of invitation have the same fields besides those that say who is invited, so one macro reads
/// them. `$invited` may take its own fields out of `$wish`.
macro_rules! inviting {
    ($wish:ident, $invited:expr) => {
        Command::Invite(Box::new(Invite {
            id: $wish.invite_id,
            invited: $invited,
            data: $wish.data,
            timeout: $wish.timeout,
            switches: Switches {
                online_user_only: $wish.online_user_only,
                excluded_from_unread: $wish.excluded_from_unread,
                excluded_from_last_message: $wish.excluded_from_last_message,
                progress: $wish.progress,
            },
            offline_push_info: $wish.offline_push_info.map(|info| info.get().to_owned()),
            call: $wish.call,
            unreachable: Vec::new(),
        }))
    };
}

/// Invitations.
impl Reading<'_> {
    fn invite(&self) -> Read<Call> {
        let wish: params::Invite = parse(self.params)?;
        self.claims(wish.inviter.as_ref(), "inviter")?;
        command(inviting!(wish, Invited::User(wish.invitee)))
    }

    fn invite_in_group(&self) -> Read<Call> {
        let wish: params::InviteInGroup = parse(self.params)?;
        self.claims(wish.inviter.as_ref(), "inviter")?;
        let notify = wish.notify;
        command(inviting!(
            wish,
            Invited::Members { group: wish.group_id, invitees: wish.invitee_list, notify }
        ))
    }

    fn answer(&self) -> Read<Answer> {
        let answer: params::Answer = parse(self.params)?;
        self.claims(answer.user_id.as_ref(), "userID")?;
        Ok(Answer { id: answer.invite_id, data: answer.data })
    }

    fn cancel(&self) -> Read<Call> {
        let params::Cancel { invite_id, invitee_list: from, data, user_id } = parse(self.params)?;
        self.claims(user_id.as_ref(), "userID")?;
        if from.as_ref().is_some_and(Vec::is_empty) {
            return Err(Reason::InvalidParams.field("inviteeList", "must name somebody, or be absent"));
        }
        command(Command::Cancel(Cancel { answer: Answer { id: invite_id, data }, from }))
    }

    fn ringing(&self) -> Read<Call> {
        let params::Ringing { invite_id } = parse(self.params)?;
        Ok(Asked::Keep(Box::new(Keeping::Ringing(invite_id))))
    }

    fn get(&self) -> Read<Call> {
        let params::Get { invite_id, after } = parse(self.params)?;
        query(Query::Invitation { id: invite_id, after })
    }

    fn list_open(&self) -> Read<Call> {
        let params::ListOpen { limit, after } = parse(self.params)?;
        let read = |text: String| {
            OpenPlace::parse(&text)
                .ok_or_else(|| Reason::InvalidParams.field("after", "must be next of the page before"))
        };
        let most = OPEN_INVITATIONS;
        query(Query::OpenInvitations(OpenRange {
            after: after.map(read).transpose()?,
            limit: limit_within(limit, most, most)?,
        }))
    }

    fn modify(&self) -> Read<Call> {
        let params::Modify { invite_id, data } = parse(self.params)?;
        command(Command::Modify(Answer { id: invite_id, data }))
    }

    /// An identity in a body is never trusted. One that differs is an error that the developer should see.
    fn claims(&self, claimed: Option<&UserId>, field: &str) -> Read<()> {
        if claimed.is_none_or(|claimed| claimed == self.user) {
            return Ok(());
        }
        Err(Reason::IdentityMismatch.field(field, "is not the signed-in user"))
    }
}

/// Calls.
impl Reading<'_> {
    fn call_meant(&self) -> Read<CallRef> {
        let params::CallOnly { call_id, room_id } = parse(self.params)?;
        call_ref(call_id, room_id)
    }

    fn signal_call(&self) -> Read<Call> {
        let params::CallSignal { call_id, room_id, to, data } = parse(self.params)?;
        command(Command::SignalCall(Box::new(CallSignal { call: call_ref(call_id, room_id)?, to, data })))
    }

    fn get_call(&self) -> Read<Call> {
        let params::CallGet { call_id, room_id, group_id } = parse(self.params)?;
        let which = match (call_id, room_id, group_id) {
            (Some(id), None, None) => WhichCall::Ref(CallRef::Call(id)),
            (None, Some(room), None) => WhichCall::Ref(CallRef::Room(room)),
            (None, None, Some(group)) => WhichCall::OfGroup(group),
            _ => {
                let words = "or roomID or groupID must be given, and only one of them";
                return Err(Reason::InvalidParams.field("callID", words));
            }
        };
        query(Query::Call(which))
    }

    fn calls(&self) -> Read<Call> {
        let params::CallList { missed, limit, after } = parse(self.params)?;
        let read = |text: String| {
            CallPlace::parse(&text)
                .ok_or_else(|| Reason::InvalidParams.field("after", "must be next of the page before"))
        };
        query(Query::Calls(CallRange {
            missed,
            after: after.map(read).transpose()?,
            limit: limit_within(limit, 20, 100)?,
        }))
    }

    fn mark_calls_seen(&self) -> Read<Call> {
        let params::CallMarkSeen { up_to } = parse(self.params)?;
        command(Command::SeeCalls(up_to))
    }
}

fn call_ref(call: Option<CallId>, room: Option<RoomId>) -> Read<CallRef> {
    match (call, room) {
        (Some(call), None) => Ok(CallRef::Call(call)),
        (None, Some(room)) => Ok(CallRef::Room(room)),
        (None, None) | (Some(_), Some(_)) => {
            Err(Reason::InvalidParams.field("callID", "or roomID must be given, and not both"))
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a match whose arms may fail")]
fn command(command: Command) -> Read<Call> {
    Ok(Asked::Command(command))
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a match whose arms may fail")]
fn query(query: Query) -> Read<Call> {
    Ok(Asked::Query(Box::new(query)))
}

fn peer(user: Option<UserId>, group: Option<GroupId>) -> Read<Peer> {
    Peer::from_fields(user, group)
        .ok_or_else(|| Reason::InvalidParams.field("userID", "or groupID must be given, and not both"))
}

/// A list of users that is no longer than one may be.
fn some_of(users: Vec<UserId>, least: usize) -> Read<Vec<UserId>> {
    if (least..=MOST_PROFILES).contains(&users.len()) {
        return Ok(users);
    }
    let words = format!("must name {least} to {MOST_PROFILES} users");
    Err(Reason::InvalidParams.field("userIDs", &words))
}

fn limit_within(limit: Option<u32>, default: u32, most: u32) -> Read<usize> {
    let limit = limit.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit as usize);
    }
    Err(Reason::InvalidParams.field("limit", &format!("must be 1 to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: Method, params: &str) -> ErrorBody {
        let user = UserId::parse("alice").unwrap();
        match asked(method, params, &user) {
            Asked::Wrong(error) | Asked::Ack(Err(error)) => error,
            understood @ (Asked::Command(_)
            | Asked::Query(_)
            | Asked::Keep(_)
            | Asked::Ack(Ok(_))
            | Asked::Close
            | Asked::Open
            | Asked::Unreadable(_)) => panic!("{params} was understood: {understood:?}"),
        }
    }

    #[test]
    fn an_error_names_the_field() {
        let table = [
            (Method::Invite, "{}", "invitee"),
            (Method::Invite, r#"{"invitee":5}"#, "invitee"),
            (Method::Invite, r#"{"invitee":"b c"}"#, "invitee"),
            (Method::Invite, r#"{"invitee":"bob","timeout":-1}"#, "timeout"),
            (Method::Invite, r#"{"invitee":"bob","inviter":"carol"}"#, "inviter"),
            (Method::InviteInGroup, r#"{"groupID":"g","inviteeList":["ok",7]}"#, "inviteeList[1]"),
            (Method::MessageHistory, r#"{"userID":"bob","limit":0}"#, "limit"),
            (Method::MessageSend, r#"{"type":"text","content":{}}"#, "userID"),
            (Method::SessionAck, "{}", "cursor"),
            (Method::Invite, r#"{"invitee":"bob","call":["video"]}"#, "call"),
            (Method::Invite, r#"{"invitee":"bob","call":{"mediaType":7}}"#, "call.mediaType"),
            (Method::Invite, r#"{"invitee":"bob","offlinePushInfo":"a text"}"#, "offlinePushInfo"),
            (
                Method::InviteInGroup,
                r#"{"groupID":"g","inviteeList":[],"offlinePushInfo":[{}]}"#,
                "offlinePushInfo",
            ),
            (
                Method::MessageSend,
                r#"{"userID":"bob","type":"note","content":{},"offlinePushInfo":false}"#,
                "offlinePushInfo",
            ),
        ];
        for (method, params, field) in table {
            let error = refused(method, params);
            assert_eq!(error.data.field.as_deref(), Some(field), "{params}: {error}");
        }
        assert_eq!(refused(Method::Invite, r#"{"invitee":"bob","inviter":"carol"}"#).code, 8011);
        let error = refused(Method::Invite, "7");
        assert!(error.message.starts_with("params: ") && error.data.field.is_none(), "{error}");
    }

    #[test]
    fn a_parameter_that_is_null_is_absent() {
        let alice = UserId::parse("alice").unwrap();
        let params = r#"{"invitee":"bob","inviteID":null,"inviter":null,"data":null,"timeout":null,
            "onlineUserOnly":null,"offlinePushInfo":null,"unknown":null}"#;
        let Asked::Command(Command::Invite(invite)) = asked(Method::Invite, params, &alice) else {
            panic!("no invitation")
        };
        assert_eq!((invite.id, invite.data.as_str(), invite.timeout), (None, "", params::DEFAULT_TIMEOUT));
        let content = r#"{"userID":"bob","groupID":null,"type":"note","priority":null,"content":{"a":null}}"#;
        let Asked::Command(Command::SendMessage(message)) = asked(Method::MessageSend, content, &alice)
        else {
            panic!("no message")
        };
        assert_eq!(message.content.get(), r#"{"a":null}"#, "what is the app's own stays as it is");
        for (params, field) in [
            (r#"{"invitee":null}"#, "invitee"),
            (r#"{"invitee":"bob","data":null,"timeout":"5"}"#, "timeout"),
            (r#"{"invitee":"bob","timeout":null,"timeout":5,"timeout":6}"#, "timeout"),
        ] {
            assert_eq!(refused(Method::Invite, params).data.field.as_deref(), Some(field), "{params}");
        }
    }

    #[test]
    fn both_kinds_of_invitation_carry_every_field() {
        let alice = UserId::parse("alice").unwrap();
        let common = r#""inviteID":"i","data":"ring","timeout":7,"onlineUserOnly":true,"excludedFromUnread":true,
            "excludedFromLastMessage":true,"progress":true,"offlinePushInfo":{"title":"t"},"call":{"mediaType":"video"}"#;
        let own = [
            (Method::Invite, r#""invitee":"bob""#),
            (Method::InviteInGroup, r#""groupID":"g","inviteeList":["bob"],"notify":"parties""#),
        ];
        for (method, own) in own {
            let Asked::Command(Command::Invite(invite)) =
                asked(method, &format!("{{{common},{own}}}"), &alice)
            else {
                panic!("no invitation")
            };
            let Invite { id, invited, data, timeout, switches, offline_push_info, call, unreachable } =
                *invite;
            assert_eq!(id.unwrap().as_str(), "i");
            assert_eq!((data.as_str(), timeout), ("ring", 7));
            assert!(switches.online_user_only && switches.excluded_from_unread);
            assert!(switches.excluded_from_last_message && switches.progress);
            assert!(unreachable.is_empty(), "the server finds that out");
            assert_eq!(offline_push_info.unwrap(), r#"{"title":"t"}"#);
            assert_eq!(call.unwrap().media_type, "video");
            assert!(format!("{invited:?}").contains("bob"));
        }
    }
}

//! The arguments of each function, read.

use serde_json::{Map, Value};
use wigwag_engine::command::CreateGroup;
use wigwag_protocol::group::{JoinPolicy, Role};
use wigwag_protocol::message::Peer;
use wigwag_protocol::{GroupId, Platform, Reason, RoomId, UserId};

use super::{Act, Calling, History, Known, NewGroup, Request, Where};
use crate::codec::openim::arguments::{Arguments, At, Read, all, object, optional, required, texts};
use crate::codec::openim::chat::{Draft, Sending, Which, push_info};
use crate::codec::openim::method::Function;
use crate::codec::openim::people::Wanted;
use crate::codec::openim::{Dialect, Error};

/// Seconds that a call without `timeout` rings: OpenIM's own number.
const LONGEST_RING: u32 = 3_600;
/// Most users, groups or conversations that one request names.
const MOST_NAMED: usize = 100;
/// What a call carries that does not say it.
const MEDIA_TYPE: &str = "video";
/// Most entries of one list.
const MOST_LISTED: u64 = 100;
/// Entries of a list that does not say how many it wants.
const LISTED: u64 = 20;

/// A request being read.
pub(super) struct Reading<'a> {
    dialect: Dialect,
    arguments: Arguments<'a>,
    user: &'a UserId,
}

impl<'a> Reading<'a> {
    pub(super) fn new(dialect: Dialect, arguments: Arguments<'a>, user: &'a UserId) -> Self {
        Self { dialect, arguments, user }
    }

    #[expect(clippy::too_many_lines, reason = "a line for each function")]
    pub(super) fn call(&self, function: Function) -> Read<Request> {
        match function {
            Function::InitSDK | Function::SetAppBackgroundStatus | Function::NetworkStatusChanged => {
                Ok(Request::Nothing)
            }
            Function::Login | Function::GetLoginUser | Function::GetLoginUserID => Ok(Request::Myself),
            Function::Logout => Ok(Request::Logout),
            Function::GetLoginStatus => Ok(Request::Status),
            Function::GetSelfUserInfo => Ok(Request::MyProfile),
            Function::SetSelfInfo => self.set_profile(),
            Function::GetUsersInfo | Function::GetUsersInfoWithCache => {
                Ok(Request::Profiles(all(&self.named()?, UserId::parse)?))
            }
            Function::AddBlack => Ok(Request::Block(self.only_user()?, true)),
            Function::RemoveBlack => Ok(Request::Block(self.only_user()?, false)),
            Function::GetBlackList => Ok(Request::Blocked),
            Function::SignalingInvite => self.invite(false),
            Function::SignalingInviteInGroup => self.invite(true),
            Function::SignalingAccept => self.act(Act::Accept),
            Function::SignalingReject => self.act(Act::Reject),
            Function::SignalingCancel => self.act(Act::Cancel),
            Function::SignalingHungUp => self.act(Act::HangUp),
            Function::SignalingGetRoomByGroupID => Ok(Request::RoomOf(self.only_group()?)),
            Function::SignalingGetTokenByRoomID => {
                Ok(Request::TokenOf(required(&self.arguments.only_text()?, RoomId::parse)?))
            }
            Function::SignalingSendCustomSignal => self.signal(),
            Function::GetSignalingInvitationInfoStartApp => Ok(Request::StartApp),
            Function::CreateTextMessage => Ok(Request::Create(Draft::Text(self.arguments.only_text()?))),
            Function::CreateCustomMessage => self.create_custom(),
            Function::SendMessage | Function::SendMessageNotOss => self.send(),
            Function::InsertSingleMessageToLocalStorage => self.insert(false),
            Function::InsertGroupMessageToLocalStorage => self.insert(true),
            Function::GetHistoryMessageList => self.history(false, false),
            Function::GetHistoryMessageListReverse => self.history(true, false),
            Function::GetAdvancedHistoryMessageList => self.history(false, true),
            Function::GetAdvancedHistoryMessageListReverse => self.history(true, true),
            Function::RevokeMessage => self.revoke(self.dialect == Dialect::Three),
            Function::NewRevokeMessage => self.revoke(true),
            Function::MarkC2CMessageAsRead | Function::MarkSingleMessageHasRead => self.mark_read_of_user(),
            Function::MarkGroupMessageAsRead => self.mark_read_of_group(),
            Function::MarkGroupMessageHasRead => Ok(Request::MarkRead {
                place: Where::With(Peer::Group(self.only_group()?)),
                messages: Vec::new(),
            }),
            Function::MarkMessageAsReadByConID | Function::MarkConversationMessageAsRead => {
                self.mark_read_of()
            }
            Function::GetAllConversationList => {
                Ok(Request::Conversations { offset: 0, count: most(MOST_LISTED) })
            }
            Function::GetConversationListSplit => self.conversations(),
            Function::GetOneConversation => Ok(Request::Conversation(self.source(1, 0)?)),
            Function::GetConversationIDBySessionType => Ok(Request::ConversationId(self.source(0, 1)?)),
            Function::GetMultipleConversation => Ok(Request::ConversationsNamed(self.named()?)),
            Function::GetTotalUnreadMsgCount => Ok(Request::Unread),
            Function::CreateGroup => self.create_group(),
            Function::JoinGroup => Ok(Request::JoinGroup(self.group()?)),
            Function::QuitGroup => Ok(Request::QuitGroup(self.only_group()?)),
            Function::DismissGroup => Ok(Request::DismissGroup(self.only_group()?)),
            Function::InviteUserToGroup => Ok(Request::AddMembers(self.group()?, self.users()?)),
            Function::KickGroupMember => Ok(Request::RemoveMembers(self.group()?, self.users()?)),
            Function::GetGroupMemberList => self.members(),
            Function::GetGroupMemberOwnerAndAdmin => self.leaders(),
            Function::GetGroupMembersInfo | Function::GetSpecifiedGroupMembersInfo => {
                let users = few(self.arguments.texts(At("userIDList", 1))?)?;
                Ok(Request::MembersNamed(self.group()?, all(&users, UserId::parse)?))
            }
            Function::GetGroupsInfo | Function::GetSpecifiedGroupsInfo => {
                Ok(Request::Groups(all(&self.named()?, GroupId::parse)?))
            }
            Function::GetJoinedGroupList => Ok(Request::MyGroups),
            Function::SetGroupInfo => self.set_group(),
            Function::TransferGroupOwner => {
                let owner = self.arguments.text(At("newOwnerUserID", 1))?;
                Ok(Request::SetRole(self.group()?, required(&owner, UserId::parse)?, Role::Owner))
            }
            Function::SetGroupMemberRoleLevel => self.set_role(),
        }
    }

    /// Names, as many as one request may have.
    fn named(&self) -> Read<Vec<String>> {
        few(self.arguments.only_texts()?)
    }

    fn only_user(&self) -> Read<UserId> {
        required(&self.arguments.only_text()?, UserId::parse)
    }

    fn only_group(&self) -> Read<GroupId> {
        required(&self.arguments.only_text()?, GroupId::parse)
    }

    fn group(&self) -> Read<GroupId> {
        required(&self.arguments.text(At("groupID", 0))?, GroupId::parse)
    }

    fn users(&self) -> Read<Vec<UserId>> {
        all(&self.arguments.texts(At("userIDList", 2))?, UserId::parse)
    }

    fn set_profile(&self) -> Read<Request> {
        let profile = self.arguments.only_object()?;
        Ok(Request::SetProfile {
            nickname: text_of(&profile, "nickname")?,
            face_url: text_of(&profile, "faceURL")?,
            ext: text_of(&profile, "ex")?,
        })
    }
}

/// Calls.
impl Reading<'_> {
    /// The invitation object, in an object or bare, and the object around it.
    fn invitation(&self) -> Read<(Map<String, Value>, Map<String, Value>)> {
        let around = self.arguments.only_object()?;
        match around.get("invitation") {
            Some(invitation) => Ok((object(invitation)?, around)),
            None if around.contains_key("inviterUserID") || around.contains_key("roomID") => {
                Ok((around, Map::new()))
            }
            None => Err(Error::arguments("there is no invitation")),
        }
    }

    fn invite(&self, in_group: bool) -> Read<Request> {
        let (invitation, around) = self.invitation()?;
        self.check_actor(&invitation, "inviterUserID")?;
        check_platform(&invitation)?;
        let invitees = invitation.get("inviteeUserIDList").map_or_else(|| Ok(Vec::new()), texts)?;
        let invitees = all(&invitees, UserId::parse)?;
        let group = text_of(&invitation, "groupID")?.unwrap_or_default();
        let group = optional(&group, GroupId::parse)?.filter(|_| in_group);
        if in_group && group.is_none() {
            return Err(Error::arguments("invitation.groupID is empty"));
        }
        if !in_group && invitees.len() != 1 {
            return Err(Error::arguments("invitation.inviteeUserIDList does not name one user"));
        }
        let room = text_of(&invitation, "roomID")?.unwrap_or_default();
        let push = match around.get("offlinePushInfo") {
            Some(Value::Object(push)) => push_info(push.clone())?,
            Some(_) | None => None,
        };
        let media_type = text_of(&invitation, "mediaType")?.filter(|word| !word.is_empty());
        Ok(Request::Invite(Box::new(Calling {
            invitees,
            group,
            room: optional(&room, RoomId::parse)?,
            timeout: timeout(&invitation)?,
            media_type: media_type.unwrap_or_else(|| MEDIA_TYPE.to_owned()),
            data: text_of(&invitation, "customData")?.unwrap_or_default(),
            offline_push_info: push.map(|push| push.get().to_owned()),
        })))
    }

    fn act(&self, act: Act) -> Read<Request> {
        let (invitation, around) = self.invitation()?;
        self.check_actor(&around, "opUserID")?;
        self.check_actor(&around, "userID")?;
        let invitees = invitation.get("inviteeUserIDList").map_or_else(|| Ok(Vec::new()), texts)?;
        let group = text_of(&invitation, "groupID")?.unwrap_or_default();
        Ok(Request::Act(
            act,
            Box::new(Known {
                inviter: required(
                    &text_of(&invitation, "inviterUserID")?.unwrap_or_default(),
                    UserId::parse,
                )?,
                room: text_of(&invitation, "roomID")?.unwrap_or_default(),
                group: optional(&group, GroupId::parse)?,
                invitees: all(&invitees, UserId::parse)?,
            }),
        ))
    }

    fn signal(&self) -> Read<Request> {
        let whole = self.arguments.only_object().unwrap_or_default();
        let (room, custom) = if whole.contains_key("roomID") {
            (
                text_of(&whole, "roomID")?.unwrap_or_default(),
                text_of(&whole, "customInfo")?.unwrap_or_default(),
            )
        } else {
            (self.arguments.text(At("roomID", 1))?, self.arguments.text(At("customInfo", 0))?)
        };
        Ok(Request::Signal(required(&room, RoomId::parse)?, custom))
    }

    /// The field names the signed-in user, or nobody.
    fn check_actor(&self, fields: &Map<String, Value>, name: &str) -> Read<()> {
        let named = text_of(fields, name)?.unwrap_or_default();
        if named.is_empty() || named == self.user.as_str() {
            return Ok(());
        }
        Err(Error::because(Reason::IdentityMismatch))
    }
}

/// Messages and conversations.
impl Reading<'_> {
    fn create_custom(&self) -> Read<Request> {
        let text = |name, place| self.arguments.text(At(name, place));
        Ok(Request::Create(Draft::Custom {
            data: text("data", 0)?,
            extension: text("extension", 1)?,
            description: text("description", 2)?,
        }))
    }

    fn send(&self) -> Read<Request> {
        let message = self.arguments.object(At("message", 0))?;
        let peer = self.peer(At("recvID", 1), At("groupID", 2))?;
        let push = self.arguments.object(At("offlinePushInfo", 3)).unwrap_or_default();
        let online_only = match self.dialect {
            Dialect::Two => false,
            Dialect::Three => self.arguments.flag(At("isOnlineOnly", 4)),
        };
        Sending::read(message, peer, push, online_only).map(|sending| Request::Send(Box::new(sending)))
    }

    fn insert(&self, in_group: bool) -> Read<Request> {
        let message = self.arguments.object(At("message", 0))?;
        let peer = if in_group {
            Peer::Group(required(&self.arguments.text(At("groupID", 1))?, GroupId::parse)?)
        } else {
            Peer::User(required(&self.arguments.text(At("recvID", 1))?, UserId::parse)?)
        };
        Sending::read(message, peer, Map::new(), false).map(|sending| Request::Insert(Box::new(sending)))
    }

    fn peer(&self, user: At, group: At) -> Read<Peer> {
        Peer::from_fields(self.arguments.user(user)?, self.arguments.group(group)?)
            .ok_or_else(|| Error::arguments("exactly one of recvID and groupID must be given"))
    }

    fn history(&self, forward: bool, advanced: bool) -> Read<Request> {
        let wish = self.arguments.only_object()?;
        let number = |name| wish.get(name).and_then(Value::as_u64);
        Ok(Request::History(History {
            place: place(&wish)?,
            min_seq: number("lastMinSeq").unwrap_or(0),
            start: text_of(&wish, "startClientMsgID")?.unwrap_or_default(),
            count: most(number("count").unwrap_or(LISTED)),
            forward,
            advanced,
        }))
    }

    fn revoke(&self, with_details: bool) -> Read<Request> {
        if self.dialect == Dialect::Three {
            let place = Where::Named(self.arguments.text(At("conversationID", 0))?);
            let which = Which::Client(self.arguments.text(At("clientMsgID", 1))?);
            return Ok(Request::Revoke { place, which, with_details });
        }
        let message = self.arguments.only_object()?;
        let (which, peer) = Which::shown(&message, self.user)?;
        Ok(Request::Revoke { place: Where::With(peer), which, with_details })
    }

    fn mark_read_of_user(&self) -> Read<Request> {
        let user =
            self.arguments.user(At("userID", 0))?.ok_or_else(|| Error::arguments("userID is empty"))?;
        let messages = self.arguments.texts(At("msgIDList", 1))?;
        Ok(Request::MarkRead { place: Where::With(Peer::User(user)), messages })
    }

    fn mark_read_of_group(&self) -> Read<Request> {
        let messages = self.arguments.texts(At("msgIDList", 1))?;
        Ok(Request::MarkRead { place: Where::With(Peer::Group(self.group()?)), messages })
    }

    fn mark_read_of(&self) -> Read<Request> {
        let place = Where::Named(self.arguments.text(At("conversationID", 0))?);
        let messages = self.arguments.texts(At("msgIDList", 1))?;
        Ok(Request::MarkRead { place, messages })
    }

    fn conversations(&self) -> Read<Request> {
        let (offset, count) = self.page(0)?;
        Ok(Request::Conversations { offset, count })
    }

    /// `offset` and `count`, of which the first stands at this place.
    fn page(&self, first: usize) -> Read<(usize, usize)> {
        let offset = self.arguments.number(At("offset", first))?.unwrap_or(0);
        let count = self.arguments.number(At("count", first + 1))?.unwrap_or(LISTED);
        Ok((usize::try_from(offset).unwrap_or(usize::MAX), most(count)))
    }

    /// The other side of a conversation, by `sourceID` and `sessionType`, which stand at these places.
    fn source(&self, source: usize, session_type: usize) -> Read<Peer> {
        let name = self.arguments.text(At("sourceID", source))?;
        match self.arguments.number(At("sessionType", session_type))? {
            Some(1) => Ok(Peer::User(required(&name, UserId::parse)?)),
            Some(2 | 3) => Ok(Peer::Group(required(&name, GroupId::parse)?)),
            Some(_) | None => Err(Error::arguments("sessionType is not 1, 2 or 3")),
        }
    }
}

/// Groups.
impl Reading<'_> {
    fn create_group(&self) -> Read<Request> {
        let (fields, members, admins) = match self.dialect {
            Dialect::Two => {
                let fields = self.arguments.object(At("groupBaseInfo", 0))?;
                let members = self.arguments.list(At("memberList", 1))?;
                let named = |admin| named_members(&members, admin);
                (fields, named(false)?, named(true)?)
            }
            Dialect::Three => {
                let wish = self.arguments.only_object()?;
                let list = |name| wish.get(name).map_or_else(|| Ok(Vec::new()), texts);
                let fields = wish.get("groupInfo").map_or_else(|| Ok(Map::new()), object)?;
                (fields, list("memberUserIDs")?, list("adminUserIDs")?)
            }
        };
        let admins = all(&admins, UserId::parse)?;
        let mut everybody = all(&members, UserId::parse)?;
        everybody.extend(admins.iter().cloned());
        everybody.retain(|member| member != self.user);
        let id = text_of(&fields, "groupID")?.unwrap_or_default();
        let create = CreateGroup {
            id: optional(&id, GroupId::parse)?,
            name: text_of(&fields, "groupName")?.unwrap_or_default(),
            ext: text_of(&fields, "ex")?.unwrap_or_default(),
            join_policy: JoinPolicy::Free,
            members: everybody,
        };
        Ok(Request::CreateGroup(Box::new(NewGroup { create, admins })))
    }

    fn members(&self) -> Read<Request> {
        let filter = self.arguments.number(At("filter", 1))?.unwrap_or(0);
        let wanted = Wanted::by_filter(self.dialect, filter);
        let (offset, count) = self.page(2)?;
        let wanted = wanted.ok_or_else(|| Error::arguments("filter is no number of OpenIM's"))?;
        Ok(Request::Members { group: self.group()?, wanted, offset, count })
    }

    fn leaders(&self) -> Read<Request> {
        let wanted = Wanted::by_filter(Dialect::Three, 5);
        let wanted = wanted.ok_or_else(|| Error::arguments("there is no such filter"))?;
        Ok(Request::Members { group: self.only_group()?, wanted, offset: 0, count: most(MOST_LISTED) })
    }

    fn set_group(&self) -> Read<Request> {
        let (group, fields) = match self.dialect {
            Dialect::Two => {
                (self.arguments.text(At("groupID", 0))?, self.arguments.object(At("groupInfo", 1))?)
            }
            Dialect::Three => {
                let fields = self.arguments.only_object()?;
                (text_of(&fields, "groupID")?.unwrap_or_default(), fields)
            }
        };
        let (name, ext) = (text_of(&fields, "groupName")?, text_of(&fields, "ex")?);
        Ok(Request::SetGroup { group: required(&group, GroupId::parse)?, name, ext })
    }

    fn set_role(&self) -> Read<Request> {
        let user = self.arguments.text(At("userID", 1))?;
        let role = match self.arguments.number(At("roleLevel", 2))? {
            Some(1 | 20) => Role::Member,
            Some(3 | 60) => Role::Admin,
            Some(_) | None => return Err(Error::arguments("roleLevel is neither a member's nor an admin's")),
        };
        Ok(Request::SetRole(self.group()?, required(&user, UserId::parse)?, role))
    }
}

/// The conversation by `conversationID`, or else by the other side.
fn place(fields: &Map<String, Value>) -> Read<Where> {
    let text = |name| Ok::<_, Error>(text_of(fields, name)?.unwrap_or_default());
    let named = text("conversationID")?;
    if !named.is_empty() {
        return Ok(Where::Named(named));
    }
    let (user, group) =
        (optional(&text("userID")?, UserId::parse)?, optional(&text("groupID")?, GroupId::parse)?);
    let peer = Peer::from_fields(user, group);
    peer.map(Where::With).ok_or_else(|| Error::arguments("exactly one of userID and groupID must be given"))
}

/// The users in a list of `{userID, roleLevel}`, those who are to be admins or the others.
fn named_members(list: &[Value], admins: bool) -> Read<Vec<String>> {
    const ADMIN: u64 = 3;
    let chosen = list.iter().filter(|member| (member["roleLevel"].as_u64() == Some(ADMIN)) == admins);
    let name = |member: &Value| member["userID"].as_str().map(str::to_owned);
    chosen.map(|member| name(member).ok_or_else(|| Error::arguments("a member has no userID"))).collect()
}

/// A text; `None` when it is absent or null.
pub(in crate::codec::openim) fn text_of(fields: &Map<String, Value>, name: &str) -> Read<Option<String>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Error::arguments(&format!("{name} is not a text")))
        }
    }
}

fn timeout(invitation: &Map<String, Value>) -> Read<u32> {
    match invitation.get("timeout") {
        None | Some(Value::Null) => Ok(LONGEST_RING),
        Some(value) => match value.as_u64().and_then(|seconds| u32::try_from(seconds).ok()) {
            Some(0) => Ok(LONGEST_RING),
            Some(seconds) => Ok(seconds),
            None => Err(Error::arguments("invitation.timeout is not a number of seconds")),
        },
    }
}

fn check_platform(invitation: &Map<String, Value>) -> Read<()> {
    let Some(value) = invitation.get("platformID").filter(|value| !value.is_null()) else { return Ok(()) };
    let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
    match number.and_then(Platform::new) {
        Some(_) => Ok(()),
        None => Err(Error::arguments("invitation.platformID is no platform's number")),
    }
}

fn few(names: Vec<String>) -> Read<Vec<String>> {
    if names.len() <= MOST_NAMED {
        return Ok(names);
    }
    Err(Error::arguments(&format!("more than {MOST_NAMED} are named")))
}

/// A count within the bound of lists.
fn most(count: u64) -> usize {
    usize::try_from(count.clamp(1, MOST_LISTED)).unwrap_or(1)
}

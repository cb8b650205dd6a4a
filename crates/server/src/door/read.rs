//! Parameters into commands and queries: shapes only, no rule.

use serde::de::DeserializeOwned;
use wigwag_engine::command::{Answer, CreateGroup, Invite, Invited, SendMessage};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Command, ConversationId};
use wigwag_protocol::message::Peer;
use wigwag_protocol::{ErrorBody, GroupId, Method, Reason, UserId, params};

use super::{Call, Query, parse};
use crate::store::{HistoryRange, PageRange};

/// A request being read.
pub(super) struct Reading<'a> {
    pub(super) params: &'a str,
    pub(super) user: &'a UserId,
}

type Read<T> = Result<T, ErrorBody>;

impl Reading<'_> {
    pub(super) fn call(&self, method: Method) -> Read<Call> {
        match method {
            Method::SessionOpen => Ok(Call::Open),
            Method::SessionAck => Ok(Call::Ack(parse(self.params)?)),
            Method::SessionClose => Ok(Call::Close),
            Method::Invite => self.invite(),
            Method::InviteInGroup => self.invite_in_group(),
            Method::Cancel => command(Command::Cancel(self.answer()?)),
            Method::Accept => command(Command::Accept(self.answer()?)),
            Method::Reject => command(Command::Reject(self.answer()?)),
            Method::Modify => self.modify(),
            Method::Get => query(Query::Invitation(parse::<params::Get>(self.params)?.invite_id)),
            Method::ListOpen => query(Query::OpenInvitations),
            Method::MessageSend => self.message_send(),
            Method::MessageHistory => self.history(),
            Method::MessageRevoke => self.message_at(|peer, seq| Command::RevokeMessage { peer, seq }),
            Method::MessageMarkRead => self.message_at(|peer, seq| Command::MarkRead { peer, seq }),
            Method::MessageReceipts => self.receipts(),
            Method::ConversationList => self.conversations(),
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
            Method::GroupList => query(Query::Groups),
            Method::UserGet => query(Query::Profiles(parse::<params::UserGet>(self.params)?.user_ids)),
            Method::UserSetProfile => self.set_profile(),
            Method::UserBlock => command(Command::SetBlock(self.other_user()?, true)),
            Method::UserUnblock => command(Command::SetBlock(self.other_user()?, false)),
            Method::UserListBlocked => query(Query::Blocked),
        }
    }

    fn invite(&self) -> Read<Call> {
        let invite: params::Invite = parse(self.params)?;
        self.claims(invite.inviter.as_ref(), "inviter")?;
        command(Command::Invite(Box::new(Invite {
            id: invite.invite_id,
            invited: Invited::User(invite.invitee),
            data: invite.data,
            timeout: invite.timeout,
            switches: Switches {
                online_user_only: invite.online_user_only,
                excluded_from_unread: invite.excluded_from_unread,
                excluded_from_last_message: invite.excluded_from_last_message,
            },
            offline_push_info: invite.offline_push_info.map(|info| info.get().to_owned()),
        })))
    }

    fn invite_in_group(&self) -> Read<Call> {
        let invite: params::InviteInGroup = parse(self.params)?;
        self.claims(invite.inviter.as_ref(), "inviter")?;
        let invited =
            Invited::Members { group: invite.group_id, invitees: invite.invitee_list, notify: invite.notify };
        command(Command::Invite(Box::new(Invite {
            id: invite.invite_id,
            invited,
            data: invite.data,
            timeout: invite.timeout,
            switches: Switches {
                online_user_only: invite.online_user_only,
                excluded_from_unread: invite.excluded_from_unread,
                excluded_from_last_message: invite.excluded_from_last_message,
            },
            offline_push_info: invite.offline_push_info.map(|info| info.get().to_owned()),
        })))
    }

    fn answer(&self) -> Read<Answer> {
        let answer: params::Answer = parse(self.params)?;
        self.claims(answer.user_id.as_ref(), "userID")?;
        Ok(Answer { id: answer.invite_id, data: answer.data })
    }

    fn modify(&self) -> Read<Call> {
        let params::Modify { invite_id, data } = parse(self.params)?;
        command(Command::Modify(Answer { id: invite_id, data }))
    }

    /// Identities in a body are never trusted; one that differs is an error the developer should see.
    fn claims(&self, claimed: Option<&UserId>, field: &str) -> Read<()> {
        if claimed.is_none_or(|claimed| claimed == self.user) {
            return Ok(());
        }
        Err(Reason::IdentityMismatch.field(field, "is not the signed-in user"))
    }

    fn message_send(&self) -> Read<Call> {
        let send: params::MessageSend = parse(self.params)?;
        command(Command::sending(SendMessage {
            peer: peer(send.user_id, send.group_id)?,
            client_msg_id: send.client_msg_id,
            kind: send.kind,
            content: send.content,
            options: send.options,
            offline_push_info: send.offline_push_info,
        })?)
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
        let (peer, seq) = self.place()?;
        query(Query::Receipts { conversation: ConversationId::with(self.user, &peer), seq })
    }

    fn conversations(&self) -> Read<Call> {
        let params::ConversationList { limit, after } = parse(self.params)?;
        query(Query::Conversations(PageRange { after, limit: limit_within(limit, 50, 100)? }))
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

    fn set_group_info(&self) -> Read<Call> {
        let params::GroupSetInfo { group_id, name, ext, join_policy } = parse(self.params)?;
        command(Command::SetGroupInfo { group: group_id, name, ext, join_policy })
    }

    fn set_role(&self) -> Read<Call> {
        let params::GroupSetRole { group_id, user_id, role } = parse(self.params)?;
        command(Command::SetRole { group: group_id, user: user_id, role })
    }

    fn set_profile(&self) -> Read<Call> {
        let params::UserSetProfile { nickname, face_url, ext } = parse(self.params)?;
        command(Command::SetProfile { nickname, face_url, ext })
    }

    fn other_user(&self) -> Read<UserId> {
        parse(self.params).map(|params: params::UserOnly| params.user_id)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a match whose arms may fail")]
fn command(command: Command) -> Read<Call> {
    Ok(Call::Command(command))
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a match whose arms may fail")]
fn query(query: Query) -> Read<Call> {
    Ok(Call::Query(Box::new(query)))
}

fn peer(user: Option<UserId>, group: Option<GroupId>) -> Read<Peer> {
    Peer::from_fields(user, group)
        .ok_or_else(|| Reason::InvalidParams.field("userID", "or groupID must be given, and not both"))
}

fn limit_within(limit: Option<u32>, default: u32, most: u32) -> Read<usize> {
    let limit = limit.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit as usize);
    }
    Err(Reason::InvalidParams.field("limit", &format!("must be 1 to {most}")))
}

/// Reads again with a reader that knows where it is, to say which field is wrong.
pub(super) fn explain<T: DeserializeOwned>(params: &str) -> Read<T> {
    let deserializer = &mut serde_json::Deserializer::from_str(params);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let words = error.inner().to_string();
        // serde_json ends with the place in the text, which is of no use to who made it from an object.
        let words = words.split(" at line ").next().unwrap_or(&words).to_owned();
        let path = error.path().to_string();
        let field = if path == "." { missing_field(&words) } else { Some(path) };
        let mut body = Reason::InvalidParams.error();
        body.message = match &field {
            Some(field) => format!("parameter {field}: {words}"),
            None => format!("params: {words}"),
        };
        body.data.field = field;
        body
    })
}

fn missing_field(words: &str) -> Option<String> {
    words.strip_prefix("missing field `")?.split('`').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: Method, params: &str) -> ErrorBody {
        let user = UserId::parse("alice").unwrap();
        Reading { params, user: &user }.call(method).unwrap_err()
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
        ];
        for (method, params, field) in table {
            let error = refused(method, params);
            assert_eq!(error.data.field.as_deref(), Some(field), "{params}: {error}");
        }
        assert_eq!(refused(Method::Invite, r#"{"invitee":"bob","inviter":"carol"}"#).code, 8011);
        let error = refused(Method::Invite, "7");
        assert!(error.message.starts_with("params: ") && error.data.field.is_none(), "{error}");
    }
}

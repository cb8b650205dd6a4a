//! A request of OpenIM's client, carried out: often more than one question to the door, and one answer.

use std::sync::Arc;

use wigwag_engine::{Actor, Command, Reply};
use wigwag_protocol::message::Peer;
use wigwag_session::codec::openim::Error;
use wigwag_session::codec::openim::asked::{Request, Where};
use wigwag_session::codec::openim::chat::peer_of;
use wigwag_session::codec::openim::followed::FollowedCalls;
use wigwag_session::codec::openim::frame::Answer;
use wigwag_session::refused::ReplyOrRefusal;

use super::driver::Speaker;
use super::lookup::Lookup;
use super::telling::Teller;
use crate::door::Door;

pub(super) type Outcome = Result<Answer, Error>;

/// One request on its way.
pub(super) struct Program<'a> {
    pub(super) door: &'a Arc<Door>,
    pub(super) lookup: Lookup,
    pub(super) me: &'a Speaker,
    pub(super) followed: &'a FollowedCalls,
    /// Server time in ms.
    pub(super) now: u64,
    own: Vec<u64>,
}

/// What a request leaves behind.
pub(super) struct Carried {
    /// Places of events that this connection has been told by the reply.
    pub(super) own: Vec<u64>,
}

impl<'a> Program<'a> {
    pub(super) fn new(door: &'a Arc<Door>, me: &'a Speaker, teller: &'a Teller, now: u64) -> Self {
        let (lookup, followed) = (teller.lookup().clone(), teller.followed());
        Self { door, lookup, me, followed, now, own: Vec::new() }
    }

    pub(super) fn done(self) -> Carried {
        Carried { own: self.own }
    }

    /// Carries a request out. Those that concern the connection itself are the driver's.
    pub(super) async fn carry_out(&mut self, request: Request) -> Outcome {
        match request {
            Request::Nothing | Request::Login(_) | Request::Logout | Request::Status => Ok(Answer::Nothing),
            Request::EmptyList => Ok(Answer::Json("[]".to_owned())),
            Request::Myself => Ok(Answer::Text(self.me.user.to_string())),
            Request::MyProfile => self.my_profile().await,
            Request::SetProfile { nickname, face_url, ext } => {
                self.quietly(Command::SetProfile { nickname, face_url, ext }).await
            }
            Request::Profiles(users) => self.profiles(&users).await,
            Request::Block(user, on) => self.quietly(Command::SetBlock(user, on)).await,
            Request::Blocked => self.blocked().await,
            Request::Invite(calling) => self.invite(*calling).await,
            Request::Act(act, call) => self.act(act, *call).await,
            Request::RoomOf(group) => self.room_of(group).await,
            Request::TokenOf(room) => self.token_of(room).await,
            Request::Signal(room, data) => self.signal(room, data).await,
            Request::StartApp => self.start_app().await,
            Request::Create(draft) => Ok(self.create(&draft)),
            Request::Send(sending) => self.send(*sending).await,
            Request::Insert(sending) => Ok(self.insert(*sending)),
            Request::History(wish) => self.history(wish).await,
            Request::Revoke { place, which, .. } => self.revoke(&place, which).await,
            Request::MarkRead { place, messages } => self.mark_read(&place, &messages).await,
            Request::Conversations { offset, count } => self.conversations(offset, count).await,
            Request::Conversation(peer) => self.conversation(&peer).await,
            Request::ConversationId(peer) => Ok(Answer::Text(self.name_of(&peer))),
            Request::ConversationsNamed(names) => self.conversations_named(&names).await,
            Request::Unread => self.unread().await,
            Request::CreateGroup(new) => self.create_group(*new).await,
            Request::JoinGroup(group) => self.quietly(Command::JoinGroup(group)).await,
            Request::QuitGroup(group) => self.quietly(Command::QuitGroup(group)).await,
            Request::DismissGroup(group) => self.quietly(Command::DismissGroup(group)).await,
            Request::AddMembers(group, users) => self.add_members(group, users).await,
            Request::RemoveMembers(group, users) => self.remove_members(group, users).await,
            Request::Members { group, wanted, offset, count } => {
                self.members(&group, wanted, offset, count).await
            }
            Request::MembersNamed(group, users) => self.members_named(&group, &users).await,
            Request::Groups(groups) => self.groups(&groups).await,
            Request::MyGroups => self.my_groups().await,
            Request::SetGroup { group, name, ext } => {
                self.quietly(Command::SetGroupInfo { group, name, ext, join_policy: None }).await
            }
            Request::SetRole(group, user, role) => self.quietly(Command::SetRole { group, user, role }).await,
        }
    }

    /// Carries out a command whose event is told to this connection too, as to any other.
    pub(super) async fn command(&self, command: Command) -> Result<Reply, Error> {
        Ok(self.door.carry_out(self.actor(), command).await?)
    }

    /// Carries out a command whose event the reply stands for.
    pub(super) async fn own_command(&mut self, command: Command) -> Result<Reply, Error> {
        Ok(self.outcome_of(command).await?)
    }

    /// The same, with the refusal as the rules gave it.
    pub(super) async fn outcome_of(&mut self, command: Command) -> ReplyOrRefusal {
        let reply = self.door.carry_out(self.actor(), command).await?;
        self.own.extend(reply.cursor());
        Ok(reply)
    }

    fn actor(&self) -> Actor {
        Actor { user: self.me.user.clone(), device: Some(self.me.device.clone()) }
    }

    pub(super) async fn quietly(&self, command: Command) -> Outcome {
        self.command(command).await.map(|_| Answer::Nothing)
    }

    /// The other side of a conversation that a client names.
    pub(super) fn peer(&self, place: &Where) -> Result<Peer, Error> {
        match place {
            Where::With(peer) => Ok(peer.clone()),
            Where::Named(name) => peer_of(self.me.dialect, &self.me.user, name)
                .ok_or_else(|| Error::arguments("conversationID names no conversation of this user")),
        }
    }
}

//! Calls: what OpenIM's clients ask about them.
//!
//! A client names a call by its invitation object. Its room and its inviter are compared with what the server
//! knows: an object that was altered finds another call, or none. A cancel looks at its invitees as well: who is left out rings on.

use wigwag_engine::command::{Answer as Say, CallRef, CallSignal, Cancel, Invite, Invited};
use wigwag_engine::invitation::Switches;
use wigwag_engine::{Command, Reply};
use wigwag_protocol::call::{CallView, PersonState, PersonView};
use wigwag_protocol::error::Reason;
use wigwag_protocol::invitation::{InvitationView, InviteeState, Notify, Status};
use wigwag_protocol::media::MediaAccess;
use wigwag_protocol::params::CallWish;
use wigwag_protocol::result::{Acted, CallEntry};
use wigwag_protocol::{GroupId, InviteId, RoomId, UserId};
use wigwag_session::Found;
use wigwag_session::Query;
use wigwag_session::codec::openim::Error;
use wigwag_session::codec::openim::asked::{Act, Calling, Known};
use wigwag_session::codec::openim::call::{Empty, Entry, InRoom, Ring, StartApp};
use wigwag_session::codec::openim::error::Kind;
use wigwag_session::codec::openim::frame::Answer;
use wigwag_session::query::{CallRange, OpenRange, WhichCall};

use super::lookup::in_room;
use super::program::{Outcome, Program};

/// Calls among which the newest matching one is looked for, when a client does not say which room it means.
const RECENT_CALLS: usize = 20;

/// A call that a client means.
enum Meant {
    /// One with a room.
    Call(Box<CallView>),
    /// An invitation without a call, such as Tencent's packages make, that rings as one.
    Bare(Box<InvitationView>),
}

impl Program<'_> {
    pub(super) async fn invite(&mut self, calling: Calling) -> Outcome {
        let Calling { mut invitees, group, room, timeout, media_type, data, offline_push_info } = calling;
        let invited = match group {
            Some(group) => Invited::Members { group, invitees, notify: Notify::Members },
            None => Invited::User(invitees.pop().ok_or_else(|| Error::arguments("nobody is invited"))?),
        };
        let invite = Invite {
            id: None,
            invited,
            data,
            timeout,
            switches: Switches::default(),
            offline_push_info,
            call: Some(CallWish { media_type, room_id: room }),
            unreachable: Vec::new(),
        };
        let Reply::Acted(acted) = self.own_command(Command::Invite(Box::new(invite))).await? else {
            return Err(Error::because(Reason::Internal));
        };
        let entry = acted.call.ok_or_else(|| Error::because(Reason::Internal))?;
        if !entry.busy.is_empty() && self.rings_nobody(&acted.invite_id).await {
            return Err(Error::new(Kind::AllBusy, "everybody who was invited is in another call"));
        }
        Ok(entered(&entry))
    }

    async fn rings_nobody(&self, id: &InviteId) -> bool {
        let view = self.lookup.invitation(id).await.ok().flatten();
        view.is_some_and(|view| {
            view.status == Status::Ended && view.invitees.iter().all(|invitee| invitee.busy)
        })
    }

    pub(super) async fn act(&mut self, act: Act, known: Known) -> Outcome {
        if let Some(outcome) = self.act_on_followed(act, &known).await {
            return outcome;
        }
        let meant =
            if known.room.is_empty() { self.recent(&known).await? } else { self.by_room(&known).await? };
        match (meant, act) {
            (Meant::Call(call), Act::Accept) => self.accept(&call, &known).await,
            (Meant::Call(call), Act::Reject) => self.reject(&call, &known).await,
            (Meant::Call(call), Act::Cancel) => self.cancel(&call, &known).await,
            (Meant::Call(call), Act::HangUp) => self.hang_up(&call, &known).await,
            (Meant::Bare(invitation), act) => self.act_on_bare(&invitation, act, &known).await,
        }
    }

    /// The newest call of the room. A room is used again after its call has ended.
    async fn by_room(&self, known: &Known) -> Result<Meant, Error> {
        let room = RoomId::parse(&known.room).ok();
        if let Some(room) = &room {
            match self.lookup.call_in(room).await {
                Ok(Some(call)) if call.group_id == known.group || known.group.is_none() => {
                    return Ok(Meant::Call(Box::new(call)));
                }
                Ok(_) => return Err(Error::because(Reason::UnknownCall)),
                Err(refusal) if refusal.is_failure() => return Err(refusal.into()),
                Err(_) => {}
            }
        }
        let id = InviteId::parse(&known.room).map_err(|_| Error::because(Reason::UnknownCall))?;
        let found = self.lookup.invitation(&id).await.map_err(|_| Error::because(Reason::UnknownCall))?;
        let bare = found.filter(|view| view.call.is_none() && view.inviter == known.inviter);
        bare.map(|view| Meant::Bare(Box::new(view))).ok_or_else(|| Error::because(Reason::UnknownCall))
    }

    /// The inviter never gets their own invitation back, so in the object that their app made there is no room: the newest
    /// call of theirs is meant that has these invitees, or is this group's. One that runs comes first.
    async fn recent(&self, known: &Known) -> Result<Meant, Error> {
        if known.inviter != self.me.user {
            return Err(Error::arguments("invitation.roomID is empty, which only the inviter may leave out"));
        }
        let range = CallRange { missed: false, after: None, limit: RECENT_CALLS };
        let Found::Calls(recent) = self.lookup.ask(Query::Calls(range)).await? else {
            return Err(Error::because(Reason::Internal));
        };
        let mut matching: Vec<CallView> =
            recent.calls.into_iter().filter(|call| self.is_meant(call, known)).collect();
        matching.sort_by_key(|call| call.ended_at.is_some());
        let newest = matching.into_iter().next().ok_or_else(|| Error::because(Reason::UnknownCall))?;
        Ok(Meant::Call(Box::new(newest)))
    }

    fn is_meant(&self, call: &CallView, known: &Known) -> bool {
        let is_called = |user: &UserId| call.people.iter().any(|person| person.user_id == *user);
        call.caller == self.me.user
            && call.group_id == known.group
            && (known.group.is_some() || known.invitees.iter().all(is_called))
    }

    fn myself<'c>(&self, call: &'c CallView) -> Option<&'c PersonView> {
        call.people.iter().find(|person| person.user_id == self.me.user)
    }

    /// The invitation that rings or rang this user, when the object names its inviter.
    async fn my_invitation(&self, me: &PersonView, known: &Known) -> Result<InviteId, Error> {
        let id = me.invite_id.clone().ok_or_else(|| Error::because(Reason::NotInvitee))?;
        let view =
            self.lookup.invitation(&id).await?.ok_or_else(|| Error::because(Reason::UnknownInvitation))?;
        if view.inviter == known.inviter { Ok(id) } else { Err(Error::because(Reason::UnknownInvitation)) }
    }
}

/// What is said about a call.
impl Program<'_> {
    async fn accept(&mut self, call: &CallView, known: &Known) -> Outcome {
        let me = self.myself(call).ok_or_else(|| Error::because(Reason::NotInvitee))?;
        let reason = match me.state {
            PersonState::Ringing => {
                let id = self.my_invitation(me, known).await?;
                return self.say(Command::Accept, id).await;
            }
            // The same answer again, after a reconnect: what is needed to come in is given again.
            PersonState::Joined if known.inviter != self.me.user => {
                self.my_invitation(me, known).await?;
                return self.join(call.link.room_id.clone()).await;
            }
            PersonState::TimedOut => Reason::TimedOut,
            PersonState::Cancelled => Reason::Cancelled,
            PersonState::Joined => Reason::NotInvitee,
            PersonState::Left if call.ended_at.is_some() => Reason::CallEnded,
            PersonState::Left | PersonState::Rejected | PersonState::Busy | PersonState::Removed => {
                Reason::Settled
            }
        };
        Err(Error::because(reason))
    }

    async fn reject(&mut self, call: &CallView, known: &Known) -> Outcome {
        let me = self.myself(call).ok_or_else(|| Error::because(Reason::NotInvitee))?;
        if me.state == PersonState::Ringing {
            let id = self.my_invitation(me, known).await?;
            return over(self.say(Command::Reject, id).await);
        }
        check_named(call, known)?;
        Ok(nothing())
    }

    /// Takes back what this user rings with. An invitee may say so too, of what is over for them.
    async fn cancel(&mut self, call: &CallView, known: &Known) -> Outcome {
        let me = self.myself(call).ok_or_else(|| Error::because(Reason::NotParty))?;
        if me.state == PersonState::Ringing {
            return Err(Error::because(Reason::NotInviter));
        }
        check_named(call, known)?;
        let mut ringing: Vec<&InviteId> = Vec::new();
        for person in call.people.iter().filter(|person| person.state == PersonState::Ringing) {
            ringing.extend(person.invite_id.iter().filter(|id| !ringing.contains(id)).collect::<Vec<_>>());
        }
        for id in ringing {
            let view = self.lookup.invitation(id).await?;
            if let Some(view) = view.filter(|view| view.inviter == self.me.user) {
                over(self.take_back(&view, known).await)?;
            }
        }
        Ok(nothing())
    }

    /// The object usually names everybody who was invited. One that leaves out somebody who rings means the others alone.
    async fn take_back(&mut self, invitation: &InvitationView, known: &Known) -> Outcome {
        let pending = invitation.invitees.iter().filter(|invitee| invitee.state == InviteeState::Pending);
        let (named, left_out): (Vec<UserId>, Vec<UserId>) =
            pending.map(|invitee| invitee.user_id.clone()).partition(|user| known.invitees.contains(user));
        let from = (!known.invitees.is_empty() && !left_out.is_empty()).then_some(named);
        match from {
            Some(named) if named.is_empty() => Ok(nothing()),
            from => {
                self.say(|answer| Command::Cancel(Cancel { answer, from }), invitation.invite_id.clone())
                    .await
            }
        }
    }

    async fn hang_up(&mut self, call: &CallView, known: &Known) -> Outcome {
        self.myself(call).ok_or_else(|| Error::because(Reason::NotInCall))?;
        check_named(call, known)?;
        let which = CallRef::Call(call.link.call_id.clone());
        over(self.own_command(Command::HangUp(which)).await.map(|_| nothing()))
    }

    async fn act_on_bare(&mut self, invitation: &InvitationView, act: Act, known: &Known) -> Outcome {
        let is_inviter = invitation.inviter == self.me.user;
        let me = invitation.invitees.iter().find(|invitee| invitee.user_id == self.me.user);
        let is_pending = me.is_some_and(|me| me.state == InviteeState::Pending);
        let id = invitation.invite_id.clone();
        match act {
            Act::Accept => self.say(Command::Accept, id).await,
            Act::Reject | Act::HangUp if is_pending => over(self.say(Command::Reject, id).await),
            Act::Cancel if is_inviter => over(self.take_back(invitation, known).await),
            Act::HangUp if is_inviter => over(self.say(whole, id).await),
            Act::Cancel if is_pending => Err(Error::because(Reason::NotInviter)),
            Act::Reject | Act::Cancel | Act::HangUp if is_inviter || me.is_some() => Ok(nothing()),
            Act::Reject | Act::Cancel | Act::HangUp => Err(Error::because(Reason::NotParty)),
        }
    }

    async fn say(&mut self, command: impl FnOnce(Say) -> Command, id: InviteId) -> Outcome {
        let reply = self.own_command(command(Say { id, data: String::new() })).await?;
        let Reply::Acted(acted) = reply else { return Err(Error::because(Reason::Internal)) };
        Ok(answer_of(&acted))
    }
}

/// Rooms.
impl Program<'_> {
    async fn join(&mut self, room: RoomId) -> Outcome {
        match self.own_command(Command::JoinCall(CallRef::Room(room))).await? {
            Reply::Joined(joined) => Ok(entered(&joined.entry)),
            Reply::Acted(_)
            | Reply::Sent(_)
            | Reply::Created(_)
            | Reply::AttributesSet(_)
            | Reply::Done(_) => Err(Error::because(Reason::Internal)),
        }
    }

    /// A member of the group comes into its call by this, invited or not; somebody who is in gets another token.
    pub(super) async fn token_of(&mut self, room: RoomId) -> Outcome {
        self.join(room).await
    }

    pub(super) async fn room_of(&mut self, group: GroupId) -> Outcome {
        let call = match self.lookup.call(WhichCall::OfGroup(group.clone())).await {
            Ok(call) => call,
            Err(refusal) if Error::from(refusal.clone()).kind() == Kind::Because(Reason::UnknownCall) => None,
            Err(refusal) => return Err(refusal.into()),
        };
        let Some(call) = call else {
            let none = InRoom {
                group_id: group.as_str(),
                invitation: None,
                participant: Vec::new(),
                room_id: Some(""),
            };
            return Ok(Answer::of(&none));
        };
        let ring = self.lookup.opening(&call.link.call_id).await?;
        let people = self.lookup.people(&in_room(&call), Some(&group)).await?;
        Ok(Answer::of(&InRoom {
            group_id: group.as_str(),
            invitation: ring.as_ref().map(|ring| ring.object(self.me.dialect)),
            participant: people.iter().map(|person| person.object(self.me.dialect)).collect(),
            room_id: Some(call.link.room_id.as_str()),
        }))
    }

    pub(super) async fn signal(&mut self, room: RoomId, data: String) -> Outcome {
        let signal = CallSignal { call: CallRef::Room(room), to: None, data };
        self.quietly(Command::SignalCall(Box::new(signal))).await
    }

    /// The newest invitation that rings this user.
    pub(super) async fn start_app(&mut self) -> Outcome {
        let Found::OpenInvitations(open) =
            self.lookup.ask(Query::OpenInvitations(OpenRange::first())).await?
        else {
            return Err(Error::because(Reason::Internal));
        };
        let is_pending = |view: &&InvitationView| {
            view.invitees
                .iter()
                .any(|invitee| invitee.user_id == self.me.user && invitee.state == InviteeState::Pending)
        };
        let mut newest = open.invitations.iter().rev().filter(is_pending);
        let ring = newest.find_map(|view| Some(Ring::seen(view)?.with_remaining(view.remaining_ms)));
        let invitation = ring.as_ref().map(|ring| ring.object(self.me.dialect));
        Ok(Answer::of(&StartApp { invitation, offline_push_info: Empty {} }))
    }
}

/// Whoever the object names as the inviter is somebody of this call.
fn check_named(call: &CallView, known: &Known) -> Result<(), Error> {
    let is_there = call.people.iter().any(|person| person.user_id == known.inviter);
    if is_there { Ok(()) } else { Err(Error::because(Reason::UnknownInvitation)) }
}

/// What a client needs to come into a room.
fn entered(entry: &CallEntry) -> Answer {
    let MediaAccess { token, live_url, .. } = &entry.media;
    Answer::of(&Entry {
        token: token.as_deref().unwrap_or_default(),
        room_id: entry.link.room_id.as_str(),
        live_url: live_url.as_deref().unwrap_or_default(),
        busy: &entry.busy,
    })
}

fn whole(answer: Say) -> Command {
    Command::Cancel(Cancel::all(answer))
}

/// What is needed to come into the call. An invitation without a call is its own room.
pub(super) fn answer_of(acted: &Acted) -> Answer {
    acted
        .call
        .as_deref()
        .map_or_else(|| Answer::of(&Entry { room_id: acted.invite_id.as_str(), ..Entry::default() }), entered)
}

pub(super) fn nothing() -> Answer {
    Answer::of(&Empty {})
}

/// What is over may be refused, cancelled and left without effect: OpenIM's apps do all three when a call has timed out.
fn over(outcome: Outcome) -> Outcome {
    match outcome {
        Err(error) if is_over(&error) => Ok(nothing()),
        Ok(_) => Ok(nothing()),
        Err(error) => Err(error),
    }
}

fn is_over(error: &Error) -> bool {
    match error.kind() {
        Kind::Because(reason) => {
            matches!(reason, Reason::Settled | Reason::TimedOut | Reason::Cancelled | Reason::CallEnded)
        }
        Kind::NotJson
        | Kind::TooLarge
        | Kind::NoSuchFunction
        | Kind::NotSupported
        | Kind::Arguments
        | Kind::NotSignedIn
        | Kind::AllBusy
        | Kind::ByBackEnd(_) => false,
    }
}

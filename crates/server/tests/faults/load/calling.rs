//! What a device does about calls: it calls one and members of a group, calls back whoever is calling, answers, joins, invites
//! more and hangs up, each at any moment.

use wigwag_client::requests;
use wigwag_protocol::params::{Answer, CallOnly, CallWish, Cancel, Invite, InviteInGroup};
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use super::script::Script;
use super::wish::Wish;
use super::world::{Known, KnownCall, World};

const MEDIA: &str = "video";

impl Script {
    /// A command about calls.
    pub(super) fn about_calls(&mut self, world: &World, token: String) -> Wish {
        match self.dice.u32(0..100) {
            0..12 => self.call_somebody(world, token),
            12..20 => self.call_members(world, token),
            20..28 => self.call_back(world, token),
            28..46 => self.answer_call(world, token, Wish::Accept),
            46..50 => self.answer_call(world, token, Wish::Reject),
            50..54 => self.cancel_call(world, token),
            54..78 => self.hang_up(world, token),
            78..89 => self.join_call(world, token),
            _ => self.invite_more(world, token),
        }
    }

    fn call_somebody(&mut self, world: &World, token: String) -> Wish {
        let callee = self.somebody();
        self.call_one(world, token, callee)
    }

    /// Whoever is calling this user alone is called in turn: both calls are on their way at the same time, or the first one
    /// rings already.
    fn call_back(&mut self, world: &World, token: String) -> Wish {
        let calls_me = |known: &Known, me: usize| {
            let is_alone = known.call.as_ref().is_some_and(|call| call.group.is_none());
            is_alone && known.invitees == [me]
        };
        match self.recall(world, calls_me) {
            Some(known) => self.call_one(world, token, known.inviter),
            None => self.call_somebody(world, token),
        }
    }

    fn call_one(&mut self, world: &World, data: String, callee: usize) -> Wish {
        let id = self.invite_id(&data);
        let call = self.new_call(&id, &data, None);
        self.rings(world, &id, data, (callee, call))
    }

    fn call_members(&mut self, world: &World, data: String) -> Wish {
        let group = self.a_group(world);
        let id = self.invite_id(&data);
        let call = self.new_call(&id, &data, Some(group.clone()));
        self.rings_members(world, &id, data, (group, call))
    }

    /// Into the room of a call that this user was called to or calls. When it is over by then, a new one begins there.
    fn invite_more(&mut self, world: &World, data: String) -> Wish {
        let has_room = |call: &KnownCall| call.room.is_some();
        let known =
            self.recall(world, |known, me| known.is_party(me) && known.call.as_ref().is_some_and(has_room));
        let Some(call) = known.and_then(|known| known.call) else { return self.call_somebody(world, data) };
        let id = self.invite_id(&data);
        match &call.group {
            Some(group) if self.dice.bool() => {
                let group = group.clone();
                self.rings_members(world, &id, data, (group, call))
            }
            Some(_) | None => {
                let callee = self.somebody();
                self.rings(world, &id, data, (callee, call))
            }
        }
    }

    fn rings(
        &mut self,
        world: &World,
        id: &InviteId,
        data: String,
        (callee, call): (usize, KnownCall),
    ) -> Wish {
        let wish = wish_for(&call);
        world.remember(Known {
            id: id.clone(),
            inviter: self.user,
            invitees: vec![callee],
            call: Some(call),
        });
        Wish::Invite(Invite {
            invite_id: Some(id.clone()),
            data,
            timeout: self.timeout(),
            call: Some(wish),
            ..requests::invite(world.users[callee].clone())
        })
    }

    fn rings_members(
        &mut self,
        world: &World,
        id: &InviteId,
        data: String,
        (group, call): (GroupId, KnownCall),
    ) -> Wish {
        let wish = wish_for(&call);
        let invitees: Vec<usize> = (0..self.dice.usize(1..5)).map(|_| self.somebody()).collect();
        let names: Vec<UserId> = invitees.iter().map(|invitee| world.users[*invitee].clone()).collect();
        world.remember(Known { id: id.clone(), inviter: self.user, invitees, call: Some(call) });
        Wish::InviteInGroup(InviteInGroup {
            invite_id: Some(id.clone()),
            data,
            timeout: self.timeout(),
            call: Some(wish),
            ..requests::invite_in_group(group, names)
        })
    }

    fn answer_call(&mut self, world: &World, data: String, how: fn(Answer) -> Wish) -> Wish {
        match self.recall(world, |known, me| known.call.is_some() && known.invitees.contains(&me)) {
            Some(known) => how(Answer { data, ..requests::answer(known.id) }),
            None => self.call_somebody(world, data),
        }
    }

    fn cancel_call(&mut self, world: &World, data: String) -> Wish {
        match self.recall(world, |known, me| known.call.is_some() && known.inviter == me) {
            Some(known) => Wish::Cancel(Cancel { data, ..requests::cancel(known.id) }),
            None => self.call_somebody(world, data),
        }
    }

    /// The call that this device came into last, or one that the user was called to or calls, whatever has become of it.
    fn hang_up(&mut self, world: &World, data: String) -> Wish {
        if let Some(call) = self.inside.take() {
            return Wish::HangUp(requests::call_of(call));
        }
        match self.recall(world, |known, me| known.call.is_some() && known.is_party(me)) {
            Some(Known { call: Some(call), .. }) => Wish::HangUp(self.which(call)),
            Some(_) | None => self.call_somebody(world, data),
        }
    }

    /// A call that this user was in or is called to, or one of any group.
    fn join_call(&mut self, world: &World, data: String) -> Wish {
        let may_join = |known: &Known, me: usize| {
            let of_group = |call: &KnownCall| call.group.is_some();
            known.call.as_ref().is_some_and(|call| of_group(call) || known.is_party(me))
        };
        match self.recall(world, may_join) {
            Some(Known { call: Some(call), .. }) => Wish::CallJoin(self.which(call)),
            Some(_) | None => self.call_somebody(world, data),
        }
    }

    /// Most calls are in a room of the caller's choice, so that others can name it before the reply.
    fn new_call(&mut self, id: &InviteId, token: &str, group: Option<GroupId>) -> KnownCall {
        let room = || RoomId::parse(&format!("room-{token}")).unwrap();
        let room = (self.dice.u8(0..5) > 0).then(room);
        KnownCall { id: CallId::opened_by(id), room, group }
    }

    /// By its name, or by that of its room.
    fn which(&mut self, call: KnownCall) -> CallOnly {
        match call.room {
            Some(room) if self.dice.bool() => CallOnly { call_id: None, room_id: Some(room) },
            Some(_) | None => requests::call_of(call.id),
        }
    }
}

fn wish_for(call: &KnownCall) -> CallWish {
    CallWish { room_id: call.room.clone(), ..requests::call(MEDIA) }
}

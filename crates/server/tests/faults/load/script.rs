//! What a device does next, drawn from its dice.

use wigwag_client::requests;
use wigwag_protocol::message::Peer;
use wigwag_protocol::params::{Answer, Cancel, GroupOnly, GroupUsers, Invite, InviteInGroup, Modify};
use wigwag_protocol::{CallId, GroupId, InviteId};

use super::journal::{Ack, Outcome};
use super::wish::Wish;
use super::world::{GROUPS, Known, USERS, WRITERS, World};

/// Seconds until an invitation that nobody is in a hurry with; longer than any run.
const LONG: u32 = 7_200;
/// How many of 100 commands are about calls.
const CALLS: u32 = 35;
/// A device is lost once in so many commands.
const ONCE_IN: u32 = 500;

/// Draws the commands of one device.
pub(crate) struct Script {
    pub(crate) dice: fastrand::Rng,
    pub(super) user: usize,
    device: String,
    count: u32,
    /// Whether inviteIDs are UUIDs, as SDKs make them, or words.
    uuids: bool,
    writes_to_crowd: bool,
    /// The call that the device came into last.
    pub(super) inside: Option<CallId>,
}

impl Script {
    pub(crate) fn new(user: usize, device: String, uuids: bool, dice: fastrand::Rng) -> Self {
        let writes_to_crowd = user < WRITERS;
        Self { dice, user, device, count: 0, uuids, writes_to_crowd, inside: None }
    }

    /// Whether the device is lost now, for longer than a call waits.
    pub(crate) fn is_lost(&mut self) -> bool {
        self.dice.u32(0..ONCE_IN) == 0
    }

    /// A reply says that the device is in a call.
    pub(crate) fn hears(&mut self, outcome: &Outcome) {
        if let Outcome::Acked(Ack { call: Some(entered), .. }) = outcome {
            self.inside = CallId::parse(&entered.id).ok();
        }
    }

    /// What the device does next.
    pub(crate) fn next(&mut self, world: &World) -> Wish {
        self.count += 1;
        let token = format!("{}#{}", self.device, self.count);
        if self.writes_to_crowd && self.dice.u8(..) < 200 {
            return Wish::message(Peer::Group(world.crowd.clone()), &token);
        }
        if self.dice.u32(0..100) < CALLS {
            return self.about_calls(world, token);
        }
        match self.dice.u32(0..100) {
            0..26 => self.invite(world, token),
            26..40 => self.invite_in_group(world, token),
            40..60 => self.answer(world, token, Wish::Accept),
            60..68 => self.answer(world, token, Wish::Reject),
            68..76 => self.cancel(world, token),
            76..81 => self.modify(world, token),
            81..95 => self.message(world, &token),
            _ => self.membership(world),
        }
    }

    fn invite(&mut self, world: &World, data: String) -> Wish {
        let invitee = self.somebody();
        let id = self.invite_id(&data);
        self.remember(world, &id, vec![invitee]);
        Wish::Invite(Invite {
            invite_id: Some(id),
            data,
            timeout: self.timeout(),
            online_user_only: self.dice.u8(0..10) == 0,
            ..requests::invite(world.users[invitee].clone())
        })
    }

    fn invite_in_group(&mut self, world: &World, data: String) -> Wish {
        let invitees: Vec<usize> = (0..self.dice.usize(1..5)).map(|_| self.somebody()).collect();
        let id = self.invite_id(&data);
        self.remember(world, &id, invitees.clone());
        let names = invitees.into_iter().map(|invitee| world.users[invitee].clone()).collect();
        Wish::InviteInGroup(InviteInGroup {
            invite_id: Some(id),
            data,
            timeout: self.timeout(),
            online_user_only: self.dice.u8(0..10) == 0,
            ..requests::invite_in_group(self.a_group(world), names)
        })
    }

    fn answer(&mut self, world: &World, data: String, how: fn(Answer) -> Wish) -> Wish {
        match self.recall(world, |known, me| known.call.is_none() && known.invitees.contains(&me)) {
            Some(known) => how(Answer { data, ..requests::answer(known.id) }),
            None => self.invite(world, data),
        }
    }

    fn cancel(&mut self, world: &World, data: String) -> Wish {
        match self.recall(world, |known, me| known.call.is_none() && known.inviter == me) {
            Some(known) => Wish::Cancel(Cancel { data, ..requests::cancel(known.id) }),
            None => self.invite(world, data),
        }
    }

    fn modify(&mut self, world: &World, data: String) -> Wish {
        match self.recall(world, Known::is_party) {
            Some(known) => Wish::Modify(Modify { invite_id: known.id, data }),
            None => self.invite(world, data),
        }
    }

    fn message(&mut self, world: &World, token: &str) -> Wish {
        let peer = if self.dice.bool() {
            Peer::Group(self.a_group(world))
        } else {
            Peer::User(world.users[self.somebody()].clone())
        };
        Wish::message(peer, token)
    }

    fn membership(&mut self, world: &World) -> Wish {
        if self.user < GROUPS {
            let group_id = world.groups[self.user].clone();
            let users = GroupUsers { group_id, user_ids: vec![world.users[self.somebody()].clone()] };
            return if self.dice.bool() { Wish::AddMembers(users) } else { Wish::RemoveMembers(users) };
        }
        let group = GroupOnly { group_id: self.a_group(world) };
        if self.dice.bool() { Wish::Join(group) } else { Wish::Quit(group) }
    }

    pub(super) fn somebody(&mut self) -> usize {
        (self.user + self.dice.usize(1..USERS)) % USERS
    }

    pub(super) fn a_group(&mut self, world: &World) -> GroupId {
        world.groups[self.dice.usize(..GROUPS)].clone()
    }

    pub(super) fn timeout(&mut self) -> u32 {
        if self.dice.u8(0..10) < 7 { self.dice.u32(1..4) } else { LONG }
    }

    pub(super) fn invite_id(&self, token: &str) -> InviteId {
        if self.uuids {
            InviteId::parse(&uuid::Uuid::now_v7().to_string()).unwrap()
        } else {
            InviteId::parse(token).unwrap()
        }
    }

    pub(super) fn recall(&mut self, world: &World, fits: impl Fn(&Known, usize) -> bool) -> Option<Known> {
        let me = self.user;
        world.recall(&mut self.dice, |known| fits(known, me))
    }

    fn remember(&self, world: &World, id: &InviteId, invitees: Vec<usize>) {
        world.remember(Known { id: id.clone(), inviter: self.user, invitees, call: None });
    }
}

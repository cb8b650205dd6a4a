//! Who takes part, and what the devices of the load know of each other.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wigwag_client::requests;
use wigwag_protocol::message::Peer;
use wigwag_protocol::params::{Answer, Cancel, GroupOnly, GroupUsers, Invite, InviteInGroup, Modify};
use wigwag_protocol::{GroupId, InviteId, UserId};

use super::door::Door;
use super::wish::Wish;

/// Users with devices.
pub(crate) const USERS: usize = 30;
/// Groups among them, each owned by the user of the same number.
pub(crate) const GROUPS: usize = 4;
/// Users who write to the crowd.
pub(crate) const WRITERS: usize = 2;
/// Seconds until an invitation that nobody is in a hurry with; longer than any run.
const LONG: u32 = 7_200;
/// Invitations the devices still think of.
const REMEMBERED: usize = 300;

/// An invitation as the load remembers it.
#[derive(Debug, Clone)]
struct Known {
    id: InviteId,
    inviter: usize,
    invitees: Vec<usize>,
}

/// How one load differs from another.
pub(crate) struct Setting {
    /// Where those dial who are no device of the load.
    pub(crate) door: Door,
    /// Members of the crowd, who have no devices: a message to it is this many places in streams.
    pub(crate) crowd: usize,
    /// Time a device takes between two commands, ms.
    pub(crate) pause: (u64, u64),
    /// Whether a command may be refused because the store is away. It may have been carried out or not then.
    pub(crate) store_may_be_away: bool,
}

/// The load's common ground.
pub(crate) struct World {
    pub(crate) setting: Setting,
    pub(crate) users: Vec<UserId>,
    pub(crate) groups: Vec<GroupId>,
    pub(crate) crowd: GroupId,
    invitations: Mutex<VecDeque<Known>>,
    loading: AtomicBool,
    quiet: AtomicBool,
    in_flight: AtomicUsize,
}

impl World {
    pub(crate) fn new(setting: Setting) -> Self {
        Self {
            setting,
            users: (0..USERS).map(|number| user(&format!("user-{number:02}"))).collect(),
            groups: (0..GROUPS).map(|number| GroupId::parse(&format!("group-{number}")).unwrap()).collect(),
            crowd: GroupId::parse("crowd").unwrap(),
            invitations: Mutex::default(),
            loading: AtomicBool::new(true),
            quiet: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.setting.door.port()
    }

    pub(crate) fn is_loading(&self) -> bool {
        self.loading.load(Ordering::Relaxed)
    }

    pub(crate) fn stop_loading(&self) {
        self.loading.store(false, Ordering::Relaxed);
    }

    /// While quiet no new command is given.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed) && self.is_loading()
    }

    pub(crate) fn be_quiet(&self, quiet: bool) {
        self.quiet.store(quiet, Ordering::Relaxed);
    }

    /// Commands that were given and are not settled.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn command_begins(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn command_ends(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

/// Draws the commands of one device.
pub(crate) struct Script {
    pub(crate) dice: fastrand::Rng,
    user: usize,
    device: String,
    count: u32,
    /// Whether inviteIDs are UUIDs, as SDKs make them, or words.
    uuids: bool,
    writes_to_crowd: bool,
}

impl Script {
    pub(crate) fn new(user: usize, device: String, uuids: bool, dice: fastrand::Rng) -> Self {
        Self { dice, user, device, count: 0, uuids, writes_to_crowd: user < WRITERS }
    }

    /// What the device does next.
    pub(crate) fn next(&mut self, world: &World) -> Wish {
        self.count += 1;
        let token = format!("{}#{}", self.device, self.count);
        if self.writes_to_crowd && self.dice.u8(..) < 200 {
            return Wish::message(Peer::Group(world.crowd.clone()), &token);
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
        match self.recall(world, |known, me| known.invitees.contains(&me)) {
            Some(id) => how(Answer { data, ..requests::answer(id) }),
            None => self.invite(world, data),
        }
    }

    fn cancel(&mut self, world: &World, data: String) -> Wish {
        match self.recall(world, |known, me| known.inviter == me) {
            Some(id) => Wish::Cancel(Cancel { data, ..requests::cancel(id) }),
            None => self.invite(world, data),
        }
    }

    fn modify(&mut self, world: &World, data: String) -> Wish {
        match self.recall(world, |known, me| known.inviter == me || known.invitees.contains(&me)) {
            Some(invite_id) => Wish::Modify(Modify { invite_id, data }),
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

    fn somebody(&mut self) -> usize {
        (self.user + self.dice.usize(1..USERS)) % USERS
    }

    fn a_group(&mut self, world: &World) -> GroupId {
        world.groups[self.dice.usize(..GROUPS)].clone()
    }

    fn timeout(&mut self) -> u32 {
        if self.dice.u8(0..10) < 7 { self.dice.u32(1..4) } else { LONG }
    }

    fn invite_id(&self, token: &str) -> InviteId {
        if self.uuids {
            InviteId::parse(&uuid::Uuid::now_v7().to_string()).unwrap()
        } else {
            InviteId::parse(token).unwrap()
        }
    }

    /// Remembered before it is sent, so that answers can cross it.
    fn remember(&self, world: &World, id: &InviteId, invitees: Vec<usize>) {
        let mut invitations = world.invitations.lock().unwrap();
        invitations.push_front(Known { id: id.clone(), inviter: self.user, invitees });
        invitations.truncate(REMEMBERED);
    }

    /// One of the newest few that fit, so that answers race each other and the deadline.
    fn recall(&mut self, world: &World, fits: impl Fn(&Known, usize) -> bool) -> Option<InviteId> {
        let invitations = world.invitations.lock().unwrap();
        let newest: Vec<&Known> = invitations.iter().filter(|known| fits(known, self.user)).take(4).collect();
        self.dice.choice(newest).map(|known| known.id.clone())
    }
}

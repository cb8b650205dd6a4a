//! Who takes part, and what the devices of the load know of each other.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use super::door::Door;

/// Users with devices.
pub(crate) const USERS: usize = 30;
/// Groups among them, each owned by the user of the same number.
pub(crate) const GROUPS: usize = 4;
/// Users who write to the crowd.
pub(crate) const WRITERS: usize = 2;
/// Invitations the devices still think of.
const REMEMBERED: usize = 300;

/// An invitation as the load remembers it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) id: InviteId,
    pub(super) inviter: usize,
    pub(super) invitees: Vec<usize>,
    /// The call that it leads into, unless another call has begun in its room.
    pub(super) call: Option<KnownCall>,
}

/// A call as the load remembers it.
#[derive(Debug, Clone)]
pub(super) struct KnownCall {
    pub(super) id: CallId,
    /// Unless the server chose it.
    pub(super) room: Option<RoomId>,
    pub(super) group: Option<GroupId>,
}

impl Known {
    pub(super) fn is_party(&self, user: usize) -> bool {
        self.inviter == user || self.invitees.contains(&user)
    }
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

    /// Remembered before it is sent, so that answers can cross it.
    pub(super) fn remember(&self, known: Known) {
        let mut invitations = self.invitations.lock().unwrap();
        invitations.push_front(known);
        invitations.truncate(REMEMBERED);
    }

    /// One of the newest few that fit, so that answers race each other and the deadline.
    pub(super) fn recall(&self, dice: &mut fastrand::Rng, fits: impl Fn(&Known) -> bool) -> Option<Known> {
        let invitations = self.invitations.lock().unwrap();
        let newest: Vec<&Known> = invitations.iter().filter(|known| fits(known)).take(4).collect();
        dice.choice(newest).cloned()
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

//! What is loaded of calls.

use std::collections::HashMap;
use std::sync::Arc;

use wigwag_protocol::{CallId, GroupId, RoomId, UserId};

use super::{Key, Ledger, found};
use crate::{Call, Stop};

/// Calls, who is in which, and which are meant; `None` inside means: looked for, and there is none.
#[derive(Debug, Default)]
pub(super) struct CallRows {
    pub(super) by_id: HashMap<CallId, Option<Arc<Call>>>,
    pub(super) newest_in: HashMap<RoomId, Option<CallId>>,
    /// By user: the call that they are in.
    pub(super) with: HashMap<UserId, Option<CallId>>,
    pub(super) running_in: HashMap<GroupId, Vec<CallId>>,
    /// By user: up to when they have looked at their missed calls.
    pub(super) seen: HashMap<UserId, u64>,
}

/// Getters: what is loaded, or which key is missing.
impl Ledger {
    /// The call of that name.
    pub fn call(&self, id: &CallId) -> Result<Option<&Arc<Call>>, Stop> {
        found(&self.calls.by_id, id, || Key::Call(id.clone())).map(Option::as_ref)
    }

    /// The newest call of this room.
    pub fn newest_call(&self, room: &RoomId) -> Result<Option<&CallId>, Stop> {
        found(&self.calls.newest_in, room, || Key::Room(room.clone())).map(Option::as_ref)
    }

    /// The call that `user` is in.
    pub fn call_with(&self, user: &UserId) -> Result<Option<&CallId>, Stop> {
        found(&self.calls.with, user, || Key::InCall(user.clone())).map(Option::as_ref)
    }

    /// The running calls of a group.
    pub fn running_in_group(&self, group: &GroupId) -> Result<&[CallId], Stop> {
        found(&self.calls.running_in, group, || Key::RunningInGroup(group.clone())).map(Vec::as_slice)
    }

    /// Up to when `user` has looked at their missed calls, server time in ms; 0 when they never did.
    pub fn calls_seen(&self, user: &UserId) -> Result<u64, Stop> {
        found(&self.calls.seen, user, || Key::CallsSeen(user.clone())).copied()
    }
}

impl CallRows {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        let Self { by_id, newest_in, with, running_in, seen } = self;
        by_id.len() + newest_in.len() + with.len() + running_in.len() + seen.len()
    }

    pub(super) fn set(&mut self, call: &Arc<Call>) {
        if call.version == 1 {
            self.newest_in.insert(call.room().clone(), Some(call.id().clone()));
        }
        if let Some(running) = call.group().and_then(|group| self.running_in.get_mut(group)) {
            running.retain(|id| id != call.id());
            if call.is_running() {
                running.push(call.id().clone());
            }
        }
        self.by_id.insert(call.id().clone(), Some(Arc::clone(call)));
    }

    pub(super) fn entered(&mut self, user: &UserId, call: &Call) {
        self.with.insert(user.clone(), Some(call.id().clone()));
    }

    /// Whoever is in a running call is in no other. So if it was not loaded where they are, it was this call.
    pub(super) fn exited(&mut self, user: &UserId, call: &Call) {
        let current = self.with.entry(user.clone()).or_default();
        current.take_if(|current| current == call.id());
    }
}

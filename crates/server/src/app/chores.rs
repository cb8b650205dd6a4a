//! What a server does beside its connections, each in a task of its own.

use std::sync::Arc;

use tokio_util::task::AbortOnDropHandle;

use super::absences::Absences;
use super::back_ends::KeyWatch;
use super::house::House;
use super::revoking::Revoking;
use crate::gateway::Gateway;

/// Chores that have not begun.
pub(super) struct Chores {
    pub(super) house: House,
    pub(super) absences: Absences,
    pub(super) revoking: Revoking,
    pub(super) keys: KeyWatch,
    /// For the places of OpenIM's clients.
    pub(super) gateway: Arc<Gateway>,
}

impl Chores {
    /// They end when what is returned is dropped.
    pub(super) fn begin(self) -> Vec<AbortOnDropHandle<()>> {
        let Gateway { places, door, .. } = &*self.gateway;
        let tasks = [
            tokio::spawn(self.house.keep()),
            tokio::spawn(self.absences.keep()),
            tokio::spawn(self.revoking.keep()),
            tokio::spawn(self.keys.keep()),
            tokio::spawn(Arc::clone(places).keep(Arc::clone(door))),
        ];
        tasks.into_iter().map(AbortOnDropHandle::new).collect()
    }
}

//! What a server does beside its connections, each in a task of its own.

use tokio_util::task::AbortOnDropHandle;

use super::absences::Absences;
use super::house::House;
use super::revoking::Revoking;

/// Chores that have not begun.
pub(super) struct Chores {
    pub(super) house: House,
    pub(super) absences: Absences,
    pub(super) revoking: Revoking,
}

impl Chores {
    /// They end when what is returned is dropped.
    pub(super) fn begin(self) -> Vec<AbortOnDropHandle<()>> {
        let tasks = [
            tokio::spawn(self.house.keep()),
            tokio::spawn(self.absences.keep()),
            tokio::spawn(self.revoking.keep()),
        ];
        tasks.into_iter().map(AbortOnDropHandle::new).collect()
    }
}

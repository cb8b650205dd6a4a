//! What a server does beside its connections, each in a task of its own.

use tokio_util::task::AbortOnDropHandle;

use super::absences::{Absences, Watch};
use super::house::House;
use super::revoking::Revoking;
use crate::config::RetentionConfig;

/// Chores that have not begun.
pub(super) struct Chores {
    house: House,
    absences: Absences,
    revoking: Revoking,
}

impl Chores {
    pub(super) fn new(watch: Watch, retention: RetentionConfig, revoking: Revoking) -> Self {
        let absences = Absences(watch.clone());
        Self { house: House { watch, retention }, absences, revoking }
    }

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

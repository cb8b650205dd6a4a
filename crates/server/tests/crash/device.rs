//! A device of the load: gives commands, one after the other, and hears what it is told, until the bell.

use std::sync::Arc;
use std::time::Duration;

use crate::journal::{Entry, Journal, Outcome};
use crate::plan::between;
use crate::wish::Wish;
use crate::world::{Script, World};

/// The type of the event that ends a run: nothing else in it makes a profile, so it cannot be taken for another.
pub(crate) const BELL: &str = "user.profileChanged";
/// How long anything may take before it counts as stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);
/// Time a device takes between two commands, ms.
const PAUSE: (u64, u64) = (0, 25);
/// How often in 100 a device says a command again that it may repeat.
const REPEATS: u32 = 6;

/// What the load needs of a device.
pub(crate) trait Device {
    /// Gives the command and hears what comes until it is settled.
    async fn carry_out(&mut self, wish: &Wish, journal: &mut Journal) -> Outcome;
    /// Hears what comes for a while.
    async fn listen(&mut self, time: Duration, journal: &mut Journal);
    /// Hears what comes up to the bell.
    async fn listen_for_bell(&mut self, journal: &mut Journal);
}

/// A device at work.
pub(crate) struct Worker<D> {
    device: D,
    script: Script,
    journal: Journal,
    world: Arc<World>,
}

impl<D: Device> Worker<D> {
    pub(crate) fn new(device: D, script: Script, journal: Journal, world: Arc<World>) -> Self {
        Self { device, script, journal, world }
    }

    /// Until the load is over.
    pub(crate) async fn work(mut self) -> Self {
        while self.world.is_loading() {
            let pause = between(&mut self.script.dice, PAUSE.0, PAUSE.1);
            if !self.world.is_quiet() {
                let wish = self.script.next(&self.world);
                let repeats = wish.may_be_repeated() && self.script.dice.u32(0..100) < REPEATS;
                self.journal.wishes.push(wish);
                self.try_newest().await;
                if repeats {
                    self.try_newest().await;
                }
            }
            self.device.listen(pause, &mut self.journal).await;
        }
        self
    }

    async fn try_newest(&mut self) {
        let newest = self.journal.wishes.len() - 1;
        let wish = self.journal.wishes[newest].clone();
        self.world.command_begins();
        let outcome = self.device.carry_out(&wish, &mut self.journal).await;
        self.world.command_ends();
        self.journal.entries.push(Entry::Answered(newest, outcome));
    }

    /// Until everything was told.
    pub(crate) async fn finish(mut self) -> Journal {
        if tokio::time::timeout(PATIENCE, self.device.listen_for_bell(&mut self.journal)).await.is_err() {
            self.journal.complain("did not hear the end of its stream");
        }
        self.journal
    }
}

//! A device of the load: gives commands, one after the other, and hears what it is told, until the bell.

use std::sync::Arc;
use std::time::Duration;

use crate::dice::between;
use crate::load::journal::{Entry, Journal, Outcome, now_ms};
use crate::load::script::Script;
use crate::load::wish::Wish;
use crate::load::world::World;
use crate::process::LEASE_S;

/// The type of the event that ends a run: nothing else in it makes a profile, so it cannot be taken for another.
pub(crate) const BELL: &str = "user.profileChanged";
/// How long anything may take before it counts as stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);
/// How often in 100 a device says a command again that it may repeat.
const REPEATS: u32 = 6;
/// How often it says a command again that was refused because the store was away.
const TRIES: u32 = 3;
/// Before it does, ms.
const TRY_AGAIN: (u64, u64) = (200, 1_000);

/// How long a device is away that is lost, ms: longer than the lease and what a server takes to notice.
const LOST_FOR: (u64, u64) = (LEASE_S * 1_000 + 1_500, LEASE_S * 1_000 + 3_000);

/// What the load needs of a device.
pub(crate) trait Device {
    /// Gives the command and hears what comes until it is settled.
    async fn carry_out(&mut self, wish: &Wish, journal: &mut Journal) -> Outcome;
    /// Hears what comes for a while.
    async fn listen(&mut self, time: Duration, journal: &mut Journal);
    /// Is switched off.
    async fn go_away(&mut self);
    /// Is switched on again, with its cursor.
    fn come_back(&mut self);
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
        let (from, to) = self.world.setting.pause;
        while self.world.is_loading() {
            let pause = between(&mut self.script.dice, from, to);
            if !self.world.is_quiet() {
                let wish = self.script.next(&self.world);
                let repeats = wish.may_be_repeated() && self.script.dice.u32(0..100) < REPEATS;
                let may_be_repeated = wish.may_be_repeated();
                self.journal.wishes.push(wish);
                self.try_newest().await;
                if repeats {
                    self.try_newest().await;
                }
                if may_be_repeated {
                    self.try_while_it_helps().await;
                }
            }
            self.device.listen(pause, &mut self.journal).await;
            if self.script.is_lost() {
                self.is_lost_for_a_while().await;
            }
        }
        self
    }

    /// Longer than a call waits for somebody.
    async fn is_lost_for_a_while(&mut self) {
        self.device.go_away().await;
        let time = between(&mut self.script.dice, LOST_FOR.0, LOST_FOR.1);
        tokio::time::sleep(time).await;
        self.device.come_back();
    }

    /// Until it is to hear the end.
    pub(crate) async fn goes_away(&mut self) {
        self.device.go_away().await;
    }

    /// A command that was refused because the store was away is said again, as an app would.
    async fn try_while_it_helps(&mut self) {
        for _ in 0..TRIES {
            if !self.journal.newest_may_be_tried_again() {
                return;
            }
            let pause = between(&mut self.script.dice, TRY_AGAIN.0, TRY_AGAIN.1);
            self.device.listen(pause, &mut self.journal).await;
            self.try_newest().await;
        }
    }

    async fn try_newest(&mut self) {
        let newest = self.journal.wishes.len() - 1;
        let wish = self.journal.wishes[newest].clone();
        self.world.command_begins();
        let outcome = self.device.carry_out(&wish, &mut self.journal).await;
        self.world.command_ends();
        self.script.hears(&outcome);
        self.journal.entries.push(Entry::Answered(newest, outcome, now_ms()));
    }

    /// Comes back, and listens until everything was told.
    pub(crate) async fn finish(mut self) -> Journal {
        self.device.come_back();
        if tokio::time::timeout(PATIENCE, self.device.listen_for_bell(&mut self.journal)).await.is_err() {
            self.journal.complain("did not hear the end of its stream");
        }
        self.journal
    }
}

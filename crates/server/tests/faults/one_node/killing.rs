//! When the server is killed.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::plan::Plan;
use super::tables;
use crate::dice::between;
use crate::load::device::PATIENCE;
use crate::load::world::World;
use crate::process::{House, Server};

/// The moments at which the server is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// Under load, some time after it came back.
    UnderLoad,
    /// While it opens its data folder.
    InRecovery,
    /// As soon as it listens, while all devices come back at once.
    InTheRush,
    /// When all is quiet and it has begun to write the journal's tail into the tables, a part at a time.
    InTheMerge,
}

impl Moment {
    fn draw(dice: &mut fastrand::Rng) -> Self {
        match dice.u8(0..10) {
            0..5 => Self::UnderLoad,
            5..7 => Self::InRecovery,
            7 | 8 => Self::InTheRush,
            _ => Self::InTheMerge,
        }
    }
}

/// Kills the server as often as planned.
pub(crate) struct Killing<'a> {
    plan: Plan,
    world: &'a World,
    house: &'a House,
    dice: fastrand::Rng,
    started: Instant,
    timeline: &'a mut String,
}

impl<'a> Killing<'a> {
    pub(crate) fn new(plan: Plan, world: &'a World, house: &'a House, timeline: &'a mut String) -> Self {
        Self { plan, world, house, dice: plan.seed.dice(0), started: Instant::now(), timeline }
    }

    /// Gives the server that is left alive.
    pub(crate) async fn all(&mut self, mut server: Server) -> Result<Server, String> {
        for kill in 1..=self.plan.kills {
            let moment = Moment::draw(&mut self.dice);
            let waited = self.wait_for(moment, &mut server).await;
            let in_flight = self.world.in_flight();
            server.kill().await;
            self.world.be_quiet(false);
            self.note(&format!("kill {kill} {moment:?}, {in_flight} commands in flight"));
            waited?;
            server = self.house.start();
        }
        server.listens().await?;
        self.note("last start");
        Ok(server)
    }

    async fn wait_for(&mut self, moment: Moment, server: &mut Server) -> Result<(), String> {
        let (from, to) = match moment {
            Moment::UnderLoad => (400, 2_000),
            Moment::InRecovery => (0, 25),
            Moment::InTheRush => (0, 60),
            Moment::InTheMerge => (0, 3),
        };
        let time = between(&mut self.dice, from, to);
        if !matches!(moment, Moment::InRecovery) {
            server.listens().await?;
        }
        if matches!(moment, Moment::InTheMerge) {
            self.world.be_quiet(true);
            self.merge_begins().await?;
        }
        sleep(time).await;
        Ok(())
    }

    /// Until the mark of what is merged has moved: then some streams are merged further than the mark says, others not.
    async fn merge_begins(&self) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        let mut before = None;
        while Instant::now() < until {
            let merged = tables::merged(&self.house.database()).map_err(|error| error.to_string())?;
            if self.world.in_flight() == 0 && before.is_some_and(|before| before != merged) {
                return Ok(());
            }
            before = Some(merged);
            sleep(Duration::from_millis(1)).await;
        }
        Err("the journal's tail is not merged while nothing else is to be done".to_owned())
    }

    fn note(&mut self, words: &str) {
        let at = self.started.elapsed().as_secs_f32();
        writeln!(self.timeline, "  {at:7.3} s  {words}").unwrap();
    }
}

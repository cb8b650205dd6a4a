//! One server on one data folder, killed with SIGKILL again and again and started again.

mod checks;
mod killing;
mod moved;
mod plan;
mod tables;

use std::sync::Arc;

use self::killing::Killing;
use self::plan::Plan;
use crate::checker::Findings;
use crate::dice::{Seed, between};
use crate::load::device::PATIENCE;
use crate::load::door::Door;
use crate::load::world::{Setting, World};
use crate::load::{DEVICES, Devices, Run, lay_ground};
use crate::process::{House, free_port};

/// Long enough for the journal's tail to be merged in the middle of the load.
const CROWD: usize = 250;
/// As much as the server can take.
const PAUSE_MS: (u64, u64) = (0, 25);

#[test]
fn what_was_acknowledged_outlives_every_kill() {
    let _alone = crate::alone();
    let plan = Plan::from_environment();
    println!("seed {}, {} kills", plan.seed.0, plan.kills);
    let mut house = House::new(free_port(&mut plan.seed.dice(u64::MAX)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut timeline = String::new();
    let run = runtime.block_on(run(plan, &house, &mut timeline));
    // Clients that still try to connect must not outlive the run.
    drop(runtime);
    let findings = match run {
        Ok(run) => {
            let mut found = checks::check(&run, &house.database(), &house.log());
            found.join(moved::check(&run, &house));
            found
        }
        Err(words) => Findings::only(words),
    };
    println!("{timeline}{}", findings.summary);
    if !findings.violations.is_empty() {
        let (log, folder) = (house.log(), house.keep().display().to_string());
        panic!(
            "{}\nseed {}, {} kills\nserver's log:\n{log}\ndata kept in {folder}",
            findings.words(),
            plan.seed.0,
            plan.kills
        );
    }
}

async fn run(plan: Plan, house: &House, timeline: &mut String) -> Result<Run, String> {
    let door = Door::new(house.port);
    let setting = Setting { door: door.clone(), crowd: CROWD, pause: PAUSE_MS, store_may_be_away: false };
    let world = Arc::new(World::new(setting));
    let mut server = house.start();
    server.listens().await?;
    lay_ground(&world).await;
    let devices = Devices::start(plan.seed, &world, &vec![door; DEVICES]);
    let server = Killing::new(plan, &world, house, timeline).all(server).await;
    world.stop_loading();
    let server = server?;
    let mut at_rest = devices.rest().await?;
    tables::deadlines_have_passed(&house.database(), PATIENCE).await?;
    at_rest.goes_away().await;
    tables::calls_are_over(&house.database(), PATIENCE).await?;
    let run = at_rest.hear_the_end(&world).await?;
    server.stop().await?;
    Ok(run)
}

/// First starts that are killed while they make key and database.
const FIRST_STARTS: u32 = 15;

#[test]
fn a_first_start_that_is_killed_does_not_stop_the_next() {
    let _alone = crate::alone();
    let seed = Seed::named("WIGWAG_CRASH_SEED");
    println!("seed {}", seed.0);
    let mut dice = seed.dice(u64::MAX - 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for _ in 0..FIRST_STARTS {
            let house = House::new(0);
            let server = house.start_without_key();
            tokio::time::sleep(between(&mut dice, 0, 15)).await;
            server.kill().await;
            let mut server = house.start_without_key();
            server.listens().await.unwrap_or_else(|words| panic!("{words}\n{}", house.log()));
            server.stop().await.unwrap();
        }
    });
}

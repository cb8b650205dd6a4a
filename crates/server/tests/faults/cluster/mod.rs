//! Three nodes over PostgreSQL and NATS, behind a load balancer that sends every connection to another of them. Nodes and
//! engines are killed, stopped and started again under load.
//!
//! `WIGWAG_FAULTS_MINUTES=10 WIGWAG_FAULTS_SEED=7` make it longer and different.

mod broken;
mod checks;
mod deadlines;
mod plan;
mod pulse;
mod roads;
mod stage;
pub(crate) mod tables;
mod timeline;

pub(crate) use self::checks::sums_agree;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use self::plan::Plan;
use self::stage::Stage;
use crate::checker::{self, Findings};
use crate::load::device::PATIENCE;
use crate::load::world::{Setting, World};
use crate::load::{DEVICES, Devices, Run, lay_ground};

/// A group that all nodes want to write to at once.
const CROWD: usize = 40;
/// Three debug builds, two engines and the devices are to leave the machine some air, or nothing is in time.
const PAUSE_MS: (u64, u64) = (5, 80);
/// Load before the first fault and after the last.
const CALM: Duration = Duration::from_secs(3);
/// Besides the time that was asked for: the longest pack of faults, the start and the end.
const LONGEST: Duration = Duration::from_mins(6);

#[test]
fn a_cluster_keeps_its_promises_whatever_dies() {
    let _alone = crate::alone();
    let plan = Plan::from_environment();
    println!("seed {}, {:?}", plan.seed.0, plan.time);
    // Engines block the thread that stops them, and the load must go on.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut findings = Findings::default();
    let stage = runtime.block_on(Stage::set(plan.seed)).unwrap_or_else(|words| panic!("{words}"));
    let longest = LONGEST + plan.time.unwrap_or_default();
    let done = runtime.block_on(async { timeout(longest, run_and_check(plan, &stage, &mut findings)).await });
    match done {
        Ok(Ok(())) => {}
        Ok(Err(words)) => findings.wrong(words),
        Err(_) => findings.wrong(format!("the run was not over after {longest:?}")),
    }
    let logs = stage.logs();
    checks::log_is_clean(&logs, &mut findings);
    let timeline = stage.timeline.lock().unwrap();
    println!("{}{}{}", timeline.words(), timeline.counts(), findings.summary);
    assert!(
        findings.violations.is_empty(),
        "{}\nseed {}, {:?}\n{}\nlogs:\n{logs}",
        findings.words(),
        plan.seed.0,
        plan.time,
        timeline.words()
    );
}

async fn run_and_check(plan: Plan, stage: &Stage, findings: &mut Findings) -> Result<(), String> {
    let run = run(plan, stage).await?;
    let (tables, sums) = tables::read(&stage.store).await.map_err(|error| error.to_string())?;
    let nodes: Vec<_> = stage.houses.iter().map(crate::process::House::node_id).collect();
    let mut besides = Findings::default();
    checks::check(&run, (&tables, &sums), &stage.timeline.lock().unwrap(), &nodes, &mut besides);
    checker::check(&run, tables, findings);
    findings.join(besides);
    Ok(())
}

async fn run(plan: Plan, stage: &Stage) -> Result<Run, String> {
    let door = stage.roads.door(plan.seed.dice(1_000)).await;
    let setting = Setting { door, crowd: CROWD, pause: PAUSE_MS, store_may_be_away: true };
    let world = Arc::new(World::new(setting));
    lay_ground(&world).await;
    let mut doors = Vec::with_capacity(DEVICES);
    for place in 0..DEVICES {
        doors.push(stage.roads.door(plan.seed.dice(2_000 + place as u64)).await);
    }
    let devices = Devices::start(plan.seed, &world, &doors);
    sleep(CALM).await;
    let played = play(plan, stage).await;
    sleep(CALM).await;
    world.stop_loading();
    let mut at_rest = devices.rest().await?;
    played?;
    tables::deadlines_have_passed(&stage.store, PATIENCE).await?;
    at_rest.goes_away().await;
    tables::calls_are_over(&stage.store, PATIENCE).await?;
    let run = at_rest.hear_the_end(&world).await?;
    stage.stop_nodes().await?;
    Ok(run)
}

/// One pack of faults after the other until the time is over.
async fn play(plan: Plan, stage: &Stage) -> Result<(), String> {
    let mut dice = plan.seed.dice(0);
    let until = Instant::now() + plan.time.unwrap_or_default();
    loop {
        for round in plan.pack(&mut dice) {
            stage.play(&round).await?;
        }
        if Instant::now() >= until {
            return Ok(());
        }
    }
}

//! The crash test: a server under load is killed with SIGKILL again and again and started again on the same data folder.
//! Afterwards no acknowledged command may be missing, no event missing or doubled in any stream, and every deadline that
//! passed must have fired once.
//!
//! `WIGWAG_CRASH_KILLS=200 WIGWAG_CRASH_SEED=7` make it longer and different; see docs/reliability.md.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod checker;
mod device;
mod journal;
mod killing;
mod load;
mod plan;
mod process;
mod raw;
mod record;
mod sdk;
mod tables;
mod wire;
mod wish;
mod world;

use checker::Findings;
use plan::Plan;
use process::House;

/// Violations told in words; the first ones are the cause, the rest usually their echo.
const TOLD: usize = 25;

#[test]
fn what_was_acknowledged_outlives_every_kill() {
    let plan = Plan::from_environment();
    println!("seed {}, {} kills", plan.seed, plan.kills);
    let mut house = House::new(process::free_port(&mut plan.dice(u64::MAX)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut timeline = String::new();
    let run = runtime.block_on(load::run(plan, &house, &mut timeline));
    // Clients that still try to connect must not outlive the run.
    drop(runtime);
    let findings = match run {
        Ok(run) => checker::check(&run, &house),
        Err(words) => Findings::only(words),
    };
    println!("{timeline}{}", findings.summary);
    if !findings.violations.is_empty() {
        let first: Vec<&str> = findings.violations.iter().take(TOLD).map(String::as_str).collect();
        let (log, folder) = (house.log(), house.keep().display().to_string());
        panic!(
            "{} violations with seed {} after {} kills; the first:\n- {}\nserver's log:\n{log}\ndata kept in {folder}",
            findings.violations.len(),
            plan.seed,
            plan.kills,
            first.join("\n- ")
        );
    }
}

/// First starts that are killed while they make key and database.
const FIRST_STARTS: u32 = 15;

#[test]
fn a_first_start_that_is_killed_does_not_stop_the_next() {
    let plan = Plan::from_environment();
    println!("seed {}", plan.seed);
    let mut dice = plan.dice(u64::MAX - 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for _ in 0..FIRST_STARTS {
            let house = House::new(0);
            let server = house.start_without_key();
            tokio::time::sleep(plan::between(&mut dice, 0, 15)).await;
            server.kill().await;
            let mut server = house.start_without_key();
            server.listens().await.unwrap_or_else(|words| panic!("{words}\n{}", house.log()));
            server.stop().await.unwrap();
        }
    });
}

//! Many worlds, each from its seed. A failing one prints its seed; `WIGWAG_SIM_SEED=7` runs only that one, and
//! `WIGWAG_SIM_SEEDS=10000` runs more of them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use wigwag_sim::{World, checks};

/// How many worlds a plain run tries: a few seconds in a debug build.
const SEEDS: u64 = 40;

#[test]
fn every_world_comes_to_rest() {
    let seeds = match setting("WIGWAG_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("WIGWAG_SIM_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(seed);
            world.run();
            checks::check(&world);
        }));
        if let Err(broken) = lived {
            eprintln!("seed {seed}: run it alone with WIGWAG_SIM_SEED={seed}");
            resume_unwind(broken);
        }
    }
}

/// A storm that troubles nobody would prove nothing.
#[test]
fn there_is_bad_weather_enough() {
    let (mut overflows, mut folded, mut resyncs, mut given_up, mut abandoned) = (0, 0, 0, 0, 0);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let mut met = 0;
    for seed in 0..24 {
        let mut world = World::new(seed);
        world.run();
        let journal = &world.server.commands.journal;
        met += journal.invitations.values().filter(|one| one.merged_into().is_some()).count();
        for end in journal.calls.values().filter_map(|call| call.end) {
            *ends.entry(format!("{:?}", end.reason)).or_default() += 1;
        }
        overflows += world.server.overflows;
        folded += world.server.folded;
        for app in world.devices.iter().map(|device| &device.app) {
            resyncs += app.skipped.len();
            given_up += app.in_doubt.len();
            abandoned += app.given.values().filter(|given| given.abandoned).count();
        }
    }
    println!(
        "{overflows} overflows, {folded} folded, {resyncs} resyncs, {given_up} in doubt, {abandoned} abandoned"
    );
    println!("{met} invites met the other's call; calls ended: {ends:?}");
    let expected = ["HungUp", "Cancelled", "Rejected", "TimedOut", "ConnectionLost", "JoinedAnother"];
    assert!(met > 0 && expected.iter().all(|reason| ends.contains_key(*reason)), "{met} {ends:?}");
    assert!(overflows > 0 && folded > 0 && resyncs > 0 && given_up > 0 && abandoned > 0);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..3 {
        assert_eq!(World::new(seed).run(), World::new(seed).run(), "seed {seed}");
    }
    assert_ne!(World::new(1).run(), World::new(2).run());
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is the tester's to say, not the server's"
)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

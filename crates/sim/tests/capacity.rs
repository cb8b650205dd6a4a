//! The costs that are counted with, against runs of `wigwag-bench cluster` that were kept.

use wigwag_sim::capacity::{Costs, Run, check, fit};

/// 200 pairs on one, two and three nodes. One and two are what the costs were found from.
const FITTED: &str = include_str!("capacity/fitted.json");

/// 60 pairs on one and three nodes.
const TOLD: &str = include_str!("capacity/told.json");

#[test]
fn what_was_not_looked_at_before_is_told_as_it_was_measured() {
    let costs = Costs::measured();
    for run in [FITTED, TOLD] {
        for judged in check(&costs, &Run::read(run).unwrap()) {
            assert!(judged.holds(), "{judged}");
        }
    }
}

#[test]
fn the_costs_that_are_counted_with_are_those_of_the_run_that_was_kept() {
    let known = Costs::measured();
    let found = fit(&Run::read(FITTED).unwrap(), &known).unwrap();
    let rounded = |costs: Costs| {
        format!("{:.0} {:.0} {:.0}", costs.node.lifecycle, costs.postgres.lifecycle, costs.nats)
    };
    assert_eq!(rounded(found), rounded(known));
}

#[test]
fn what_is_no_run_is_told_with_what_is_missing() {
    assert!(Run::read("{}").unwrap_err().contains("not what `wigwag-bench cluster --json` writes"));
    let other = r#"{"settings": {"pairs": 2}, "summary": [{"what": "sqlite", "figures": []}]}"#;
    assert_eq!(Run::read(other).unwrap_err(), "the run has neither postgres nor a cluster in it");
    let short = r#"{"settings": {"pairs": 2}, "summary": [{"what": "postgres", "figures": []}]}"#;
    assert!(Run::read(short).unwrap_err().contains("has no \"lifecycles/s\" of postgres"));
}

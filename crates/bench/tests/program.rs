//! The whole program, against its own relay and on the stores.

use std::process::{Command, Output};

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wigwag-bench")).args(arguments).output().expect("the bench starts")
}

fn relay_report(arguments: &[&str]) -> serde_json::Value {
    report(&[arguments, &["--only", "relay"]].concat())
}

fn report(arguments: &[&str]) -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("report.json");
    let path = file.to_str().expect("a plain path");
    let output = bench(&[arguments, &["--json", path]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json = std::fs::read_to_string(file).expect("the report is written");
    serde_json::from_str(&json).expect("the report is JSON")
}

fn figure(report: &serde_json::Value, name: &str) -> f64 {
    figure_of(&report["summary"][0], name)
}

fn figure_of(row: &serde_json::Value, name: &str) -> f64 {
    let figures = row["figures"].as_array().expect("a summary");
    let figure = figures.iter().find(|figure| figure["name"] == name);
    figure.unwrap_or_else(|| panic!("no {name} in {row}"))["value"].as_f64().expect("a number")
}

#[test]
fn four_pairs_complete_lifecycles() {
    let report =
        relay_report(&["lifecycle", "--pairs", "4", "--seconds", "0.3", "--warmup", "0.1", "--rounds", "1"]);
    assert!(figure(&report, "lifecycles/s") > 0.0);
    assert!(figure(&report, "p50 µs") <= figure(&report, "p99.9 µs"));
    assert!(figure(&report, "server RSS MB") > 0.0);
}

#[test]
fn a_fixed_rate_is_kept() {
    let report = relay_report(&[
        "lifecycle",
        "--pairs",
        "4",
        "--seconds",
        "0.5",
        "--warmup",
        "0.1",
        "--rounds",
        "1",
        "--rate",
        "100",
    ]);
    let rate = figure(&report, "lifecycles/s");
    // A rate for each of the four pairs would be 400, a quarter of it for each 25; a busy machine is behind by some.
    assert!((40.0..130.0).contains(&rate), "{rate}");
}

#[test]
fn idle_connections_exchange_once() {
    let report = relay_report(&["idle", "--connections", "40"]);
    assert!((figure(&report, "connections") - 40.0).abs() < 1e-9);
    assert!(figure(&report, "server RSS MB") > 0.0);
}

#[test]
fn both_stores_carry_out_lifecycles() {
    let report = report(&[
        "store",
        "--waiting",
        "4",
        "--pairs",
        "6",
        "--seconds",
        "0.3",
        "--warmup",
        "0.1",
        "--rounds",
        "1",
    ]);
    let rows = report["summary"].as_array().expect("a summary");
    assert_eq!(
        rows.iter().map(|row| &row["what"]).collect::<Vec<_>>(),
        ["sqlite", "postgres", "postgres/sqlite"]
    );
    for row in &rows[..2] {
        assert!(figure_of(row, "lifecycles/s") > 0.0, "{row}");
        assert!((1.0..=4.0).contains(&figure_of(row, "commands/commit")), "{row}");
    }
    assert!(figure_of(&rows[1], "all CPU s/1k") > figure_of(&rows[1], "store and loop CPU s/1k"));
}

#[test]
fn what_cannot_be_measured_is_refused() {
    for (arguments, words) in [
        (&["store", "--on", "cluster"][..], "a cluster is no store"),
        (&["store", "--waiting", "9", "--pairs", "8"], "as many pairs"),
        (&["cluster", "--on", "sqlite,mysql"], "mysql is none of"),
        (&["cluster", "--server-bin", "/nowhere/wigwag"], "/nowhere/wigwag"),
    ] {
        let output = bench(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_missing_server_is_named() {
    let output = bench(&["storm", "--server-bin", "/nowhere/wigwag"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("/nowhere/wigwag"), "{words}");
}

#[test]
fn every_push_arrives_and_is_timed() {
    let report = report(&["push", "--rate", "20", "--seconds", "1"]);
    assert!((figure(&report, "pushes") - 20.0).abs() < f64::EPSILON);
    assert!(figure(&report, "missing").abs() < f64::EPSILON);
    assert!(figure(&report, "p50 ms") <= figure(&report, "max ms"));
}

//! `calls`: what a call costs against an invitation without one, and what OpenIM's protocol costs against the native one. All three in
//! turns in one run, each in a fresh process.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::layout::Layout;
use crate::lifecycle::{Flow, OPEN_INVITATIONS, Plan, measure};
use crate::process::server_binary;
use crate::report::{Budget, Report};
use crate::site::Site;

/// What is measured, by its name in the report.
const FLOWS: [(&str, Flow); 3] =
    [("invitation", Flow::Invitation), ("call", Flow::Call), ("openim", Flow::OpenIm)];

/// Options of `calls`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Pairs of users, each with one lifecycle under way
    #[arg(long, default_value_t = 200)]
    pairs: usize,
    /// Seconds recorded in each round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Seconds before recording
    #[arg(long, default_value_t = 1.0)]
    warmup: f64,
    /// Rounds, all three in turn; medians are reported
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Only this: invitation, call or openim
    #[arg(long, value_name = "WHAT", value_parser = FLOWS.map(|(name, _)| name))]
    only: Option<String>,
    /// The server's binary [default: `wigwag` next to this program]
    #[arg(long, value_name = "FILE")]
    server_bin: Option<PathBuf>,
}

impl Options {
    fn measures(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == name)
    }
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let binary = server_binary(options.server_bin.clone())?;
    ensure!(options.pairs > 0 && options.rounds > 0, "at least one pair and one round");
    let mut report = Report::new("calls", options)?;
    for round in 1..=options.rounds {
        for (name, flow) in FLOWS.into_iter().filter(|(name, _)| options.measures(name)) {
            let mut site = Site::servers(Layout::Sqlite, &binary, OPEN_INVITATIONS)?;
            let plan = Plan {
                flow,
                pairs: options.pairs,
                warmup: Duration::try_from_secs_f64(options.warmup)?,
                window: Duration::try_from_secs_f64(options.seconds)?,
                rate: None,
            };
            let what = format!("{name} {round}/{}", options.rounds);
            let measured = measure(&site, plan, &what)?;
            measured.check(&what)?;
            site.stop()?;
            report.add(name, round, measured.figures);
        }
    }
    report.summarise_against(&[("call", "invitation"), ("openim", "call")]);
    if options.only.is_none() {
        report.budgets = budgets();
    }
    Ok(report)
}

/// A call is nine frames and three durable commands where an invitation is six and two. OpenIM's frames are JSON in JSON, and each
/// event is looked up.
fn budgets() -> Vec<Budget> {
    vec![
        Budget::at_most("call/invitation", "server CPU s/1k", 1.6),
        Budget::at_most("openim/call", "server CPU s/1k", 1.3),
    ]
}

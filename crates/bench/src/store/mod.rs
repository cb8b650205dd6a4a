//! `store`: the stores by themselves, without sockets, sessions or bus. A fixed number of commands always waits; each that
//! is durable is followed by the next: invite, then accept.

mod closed_loop;
pub(crate) mod lists;
mod opened;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::layout::Layout;
use crate::procfs;
use crate::report::{Budget, Figures, Report};
use crate::scrape::Counts;
use closed_loop::ClosedLoop;
use opened::Opened;

/// Options of `store`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Which stores to measure in turns
    #[arg(
        long,
        value_name = "STORES",
        value_delimiter = ',',
        default_values_t = [Layout::Sqlite, Layout::Postgres]
    )]
    on: Vec<Layout>,
    /// Commands that wait at any time
    #[arg(long, default_value_t = 100)]
    waiting: usize,
    /// Pairs of users, at least as many as commands wait
    #[arg(long, default_value_t = 200)]
    pairs: usize,
    /// Seconds recorded in each round
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Seconds before recording
    #[arg(long, default_value_t = 1.0)]
    warmup: f64,
    /// Rounds, the stores in turn; medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Microseconds a commit waits for more commands, as store.commit_linger_us
    #[arg(long, default_value_t = 0)]
    linger_us: u64,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    ensure!(options.on.iter().all(|&on| !matches!(on, Layout::Cluster(_))), "a cluster is no store");
    ensure!(options.waiting > 0 && options.rounds > 0, "at least one command and one round");
    ensure!(options.pairs >= options.waiting, "at least as many pairs as commands wait");
    let mut report = Report::new("store", options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for round in 1..=options.rounds {
        for &on in &options.on {
            let figures = runtime.block_on(measure(on, options))?;
            report.add(&on.to_string(), round, figures);
        }
    }
    report.summarise(&Layout::Sqlite.to_string());
    // ARCHITECTURE.md, Budgets: store alone, 100 commands waiting.
    report.budgets = vec![
        Budget::at_least("sqlite", "lifecycles/s", 50_000.0),
        Budget::at_least("postgres", "lifecycles/s", 25_000.0),
    ];
    Ok(report)
}

async fn measure(on: Layout, options: &Options) -> Result<Figures> {
    let mut opened = Opened::on(on, Duration::from_micros(options.linger_us)).await?;
    let mut load = ClosedLoop::new(options.pairs, options.waiting)?;
    load.register(&mut opened).await?;
    load.begin(&opened)?;
    load.run(&mut opened, Duration::try_from_secs_f64(options.warmup)?).await?;
    let before = Usage::now(&opened)?;
    let lifecycles = load.run(&mut opened, Duration::try_from_secs_f64(options.seconds)?).await?;
    let figures = Usage::now(&opened)?.since(&before, lifecycles);
    opened.close().await;
    Ok(figures)
}

/// CPU time and counts at a moment.
struct Usage {
    at: Instant,
    /// This process: the store and the loop around it.
    own: f64,
    postgres: Option<f64>,
    counts: Counts,
}

impl Usage {
    fn now(opened: &Opened) -> Result<Self> {
        let postgres = opened.postgres().map(procfs::tree).transpose()?;
        let own = procfs::cpu(std::process::id())?.total;
        Ok(Self { at: Instant::now(), own, postgres, counts: opened.counts() })
    }

    fn since(&self, earlier: &Self, lifecycles: u32) -> Figures {
        let per_thousand = 1_000.0 / f64::from(lifecycles.max(1));
        let own = (self.own - earlier.own) * per_thousand;
        let engine = self.postgres.zip(earlier.postgres).map(|(now, before)| (now - before) * per_thousand);
        let mut figures = Figures::default();
        figures.add("lifecycles/s", f64::from(lifecycles) / (self.at - earlier.at).as_secs_f64());
        figures.add("store and loop CPU s/1k", own);
        if let Some(engine) = engine {
            figures.add("postgres CPU s/1k", engine);
        }
        figures.add("all CPU s/1k", own + engine.unwrap_or_default());
        let counts = self.counts.since(&earlier.counts);
        let commits = counts.get("wigwag_commit_commands_count");
        figures.add("commands/commit", counts.get("wigwag_commit_commands_sum") / commits.max(1.0));
        figures
    }
}

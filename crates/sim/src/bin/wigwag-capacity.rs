//! `wigwag-capacity`: what machines a load takes. See `docs/scaling.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use wigwag_sim::capacity::{Costs, Machines, Run, Workload, check, fit, plan};

/// What machines a load of invitations and calls takes, by what was measured at small sizes
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// Costs other than those of docs/scaling.md, as `fit` prints them
    #[arg(long, global = true, value_name = "FILE")]
    costs: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What a load needs, and which limit comes first
    Plan(Box<Asked>),
    /// Finds the costs of CPU in a run of `wigwag-bench cluster --on postgres,cluster:2 --json FILE`, and prints all costs
    Fit {
        /// What --json has written
        run: PathBuf,
    },
    /// Says how near the costs come to other runs, and fails when one is further off than 20 %
    Check {
        /// What --json has written
        #[arg(required = true)]
        runs: Vec<PathBuf>,
    },
}

/// The load and the machines.
#[derive(Debug, Args)]
struct Asked {
    /// Devices that are connected at the same time
    #[arg(long, default_value_t = 100_000.0)]
    devices: f64,
    /// Calls that begin in a second, each invited, accepted and hung up
    #[arg(long, default_value_t = 500.0)]
    calls: f64,
    /// Other invitations that begin in a second and are accepted
    #[arg(long, default_value_t = 0.0)]
    invitations: f64,
    /// Seconds that one rings
    #[arg(long, default_value_t = 10.0)]
    ring: f64,
    /// Seconds that a device stays connected before it comes back
    #[arg(long, default_value_t = 3_600.0)]
    session: f64,
    /// Days that what has ended is kept
    #[arg(long, default_value_t = 7.0)]
    kept: f64,
    /// CPUs of a node's machine
    #[arg(long, default_value_t = 4.0)]
    node_cpus: f64,
    /// Memory of a node's machine, GB
    #[arg(long, default_value_t = 16.0)]
    node_gb: f64,
    /// CPUs of PostgreSQL's machine
    #[arg(long, default_value_t = 32.0)]
    postgres_cpus: f64,
    /// What the disk of PostgreSQL takes from its write-ahead log, MB/s
    #[arg(long, default_value_t = 300.0)]
    postgres_wal: f64,
    /// The part of each that is used at most
    #[arg(long, default_value_t = 0.5)]
    used: f64,
    /// How much faster a CPU is than the one that was measured on
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
}

impl Asked {
    /// Every one of these is above nothing, or there is nothing to plan with.
    fn checked(&self) -> Result<(Workload, Machines), String> {
        let above = [
            ("--devices", self.devices),
            ("--session", self.session),
            ("--node-cpus", self.node_cpus),
            ("--node-gb", self.node_gb),
            ("--postgres-cpus", self.postgres_cpus),
            ("--postgres-wal", self.postgres_wal),
            ("--used", self.used),
            ("--speed", self.speed),
        ];
        let none = [
            ("--calls", self.calls),
            ("--invitations", self.invitations),
            ("--ring", self.ring),
            ("--kept", self.kept),
        ];
        let wrong = |(name, value): &(&'static str, f64), least: f64| {
            (!value.is_finite() || *value < least)
                .then(|| format!("{name} is {value}: give a number of at least {least}"))
        };
        let first = above
            .iter()
            .find_map(|one| wrong(one, 0.001))
            .or_else(|| none.iter().find_map(|one| wrong(one, 0.0)));
        first.map_or(Ok(()), Err)?;
        if self.used > 1.0 {
            return Err(format!("--used is {}: a part is at most 1", self.used));
        }
        Ok((self.load(), self.machines()))
    }

    fn load(&self) -> Workload {
        Workload {
            devices: self.devices,
            calls_per_s: self.calls,
            invitations_per_s: self.invitations,
            ring_s: self.ring,
            session_s: self.session,
            kept_days: self.kept,
        }
    }

    fn machines(&self) -> Machines {
        Machines {
            node_cpus: self.node_cpus,
            node_gb: self.node_gb,
            postgres_cpus: self.postgres_cpus,
            postgres_wal_mb: self.postgres_wal,
            used: self.used,
            speed: self.speed,
        }
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("wigwag-capacity: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, String> {
    let costs = match &cli.costs {
        None => Costs::measured(),
        Some(file) => named(file, Costs::read)?,
    };
    match &cli.command {
        Command::Plan(asked) => {
            let (load, machines) = asked.checked()?;
            println!("{}", plan(&costs, &load, &machines));
        }
        Command::Fit { run } => {
            let fitted = fit(&named(run, Run::read)?, &costs).map_err(|why| why.to_string())?;
            println!("{}", serde_json::to_string_pretty(&fitted).map_err(|error| error.to_string())?);
        }
        Command::Check { runs } => return judge(&costs, runs),
    }
    Ok(ExitCode::SUCCESS)
}

fn judge(costs: &Costs, runs: &[PathBuf]) -> Result<ExitCode, String> {
    let mut code = ExitCode::SUCCESS;
    for file in runs {
        for judged in check(costs, &named(file, Run::read)?) {
            println!("{judged}");
            if !judged.holds() {
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn named<T>(file: &Path, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, String> {
    let what = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{what}: {error}"))?;
    read(&text).map_err(|why| format!("{what}: {why}"))
}

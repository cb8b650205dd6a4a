//! `wigwag check`

use clap::Args;

use super::{CliError, Source, runtime, say};
use crate::app::{DATABASE, postgres_settings};
use crate::config::Config;
use crate::store::check::{Findings, KEPT, Kind};
use crate::store::{postgres, sqlite};

/// What can be said to `wigwag check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Which server.
    #[command(flatten)]
    pub source: Source,
}

const EXAMPLES: &str = "\
Examples:
  wigwag check
  wigwag check --config /etc/wigwag.toml

Exit code: 0 nothing is wrong, 1 the check could not be made, 3 something is wrong.";

/// The exit code when something is wrong; 2 is that of a wrong command line.
const WRONG: u8 = 3;

const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// Reads the database through and prints what is wrong with it.
pub fn run(args: &CheckArgs) -> Result<(), CliError> {
    let config = args.source.load()?;
    let (place, findings) = match &config.store.url {
        Some(url) => {
            let settings = postgres_settings(&config.store, url);
            let kept_for = postgres::KeptFor {
                brief_ms: config.retention.online_only_s * 1_000,
                calls_ms: u64::from(config.retention.calls_days) * DAY_MS,
            };
            let checking = runtime()?.block_on(postgres::check(&settings, kept_for));
            (url.to_string(), checking.map_err(|error| CliError::new(error.to_string()))?)
        }
        None => embedded(&config)?,
    };
    for (what, rows) in &findings.looked_at {
        say(&format!("{what}: {rows} rows read"))?;
    }
    tell(&findings)?;
    if findings.is_empty() {
        return say(&format!("{place}: nothing is wrong"));
    }
    let wrong = match findings.counts.values().sum() {
        1_u64 => "one thing is wrong".to_owned(),
        number => format!("{number} things are wrong"),
    };
    Err(CliError::new(format!("{place}: {wrong}")).with_code(WRONG))
}

fn embedded(config: &Config) -> Result<(String, Findings), CliError> {
    let path = config.data_dir.join(DATABASE);
    let findings = sqlite::check(&path).map_err(|error| CliError::new(error.to_string()))?;
    Ok((path.display().to_string(), findings))
}

/// What is wrong, the worst first, and what can be done about each kind.
fn tell(findings: &Findings) -> Result<(), CliError> {
    for (kind, count) in &findings.counts {
        for finding in findings.kept.iter().filter(|finding| finding.kind() == *kind) {
            say(&finding.to_string())?;
        }
        if *count > KEPT as u64 {
            say(&format!("… and {} more of this kind", count - KEPT as u64))?;
        }
        say(&format!("  → {}", Kind::remedy(*kind)))?;
    }
    Ok(())
}

//! `wigwag config`

use std::path::PathBuf;

use clap::Args;

use super::{CliError, say};
use crate::config::{check_file, template};

/// What can be said to `wigwag config`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConfigArgs {
    /// Check this file instead, and say what is wrong with it
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  wigwag config > wigwag.toml
  wigwag config --check wigwag.toml";

/// Prints the defaults, or whether the file is right.
pub fn run(args: &ConfigArgs) -> Result<(), CliError> {
    let Some(file) = &args.check else { return say(template().trim_end()) };
    check_file(file)?;
    say(&format!("{} is right", file.display()))
}

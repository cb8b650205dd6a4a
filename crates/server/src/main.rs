//! The `wigwag` command.

use std::process::ExitCode;

use clap::Parser;
use wigwag_server::cli::{Cli, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wigwag: {error}");
            ExitCode::from(error.code())
        }
    }
}

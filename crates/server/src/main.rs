//! The `wigwag` command.

use std::process::ExitCode;

use git_version::git_version;
use wigwag_server::cli::{Cli, run};

/// The commit of the sources, see [`Cli::parse_built_from`]. Git tells it, unless whoever builds does: an image is built without the history.
const COMMIT: &str = if let Some(commit) = option_env!("BUILD_COMMIT") {
    commit
} else {
    git_version!(args = ["--always", "--exclude=*", "--abbrev=12", "--dirty=+"], fallback = "")
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    keep_pages_small();
    match run(Cli::parse_built_from(COMMIT)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wigwag: {error}");
            ExitCode::from(error.code())
        }
    }
}

/// Declines pages of 2 MiB, which many kernels give to everybody. They are in memory as a whole while anything in them is in use, so
/// what a crowd of connections needed would never go back (docs/performance.md).
fn keep_pages_small() {
    // A kernel that has no such pages is content with what it has.
    #[cfg(target_os = "linux")]
    rustix::thread::disable_transparent_huge_pages(true).ok();
}

//! Who may use `unsafe`. Cargo lets a crate take all of the workspace's lints or none, so the crate that may has a list of its own.

use std::fs;
use std::path::Path;

/// The only crate with `unsafe`.
const FREE: &str = "crates/client-ffi/Cargo.toml";
/// The lint that it need not keep.
const LIFTED: &str = "unsafe_code =";

/// Crates without the workspace's lints, and lints that the free crate's list lacks.
pub(super) fn breaches(root: &Path, tracked: &[String]) -> Result<Vec<String>, String> {
    let read = |path: &str| fs::read_to_string(root.join(path)).map_err(|why| format!("{path}: {why}"));
    let mut found = missing(&read("Cargo.toml")?, &read(FREE)?);
    for path in tracked.iter().filter(|path| path.starts_with("crates/") && path.ends_with("/Cargo.toml")) {
        if path != FREE && !read(path)?.contains("[lints]\nworkspace = true") {
            found.push(format!("{path}: must take the workspace's lints, which forbid unsafe code"));
        }
    }
    Ok(found)
}

/// The workspace's lints that do not stand in a crate's own list.
fn missing(workspace: &str, own: &str) -> Vec<String> {
    let section = workspace.lines().skip_while(|line| !line.starts_with("[workspace.lints."));
    let section = section.take_while(|line| !line.starts_with("[profile"));
    let lints = section.filter(|line| {
        let is_lint = line.contains(" = ") && !line.starts_with(['#', '[']);
        is_lint && !line.starts_with(LIFTED)
    });
    let own: Vec<&str> = own.lines().collect();
    lints.filter(|line| !own.contains(line)).map(|line| format!("{FREE}: lacks the lint {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lint_that_is_left_out_is_named_and_the_lifted_one_is_not() {
        let workspace = "edition = \"2024\"\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n# why\nmissing_docs = \"warn\"\n\n[workspace.lints.clippy]\nall = \"deny\"\n\n[profile.release]\nlto = \"thin\"\ndebug = \"none\"";
        assert_eq!(
            missing(workspace, "all = \"deny\""),
            [format!("{FREE}: lacks the lint missing_docs = \"warn\"")]
        );
        assert!(missing(workspace, "missing_docs = \"warn\"\nall = \"deny\"").is_empty());
    }
}

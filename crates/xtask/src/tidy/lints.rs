//! Who may use `unsafe`. Cargo lets a crate take all of the workspace's lints or none, so the crates that may have lists of their own.

use std::fs;
use std::path::Path;

/// The only crates with `unsafe`: the C ABI, and the border that calls it for the JVM.
const FREE: [&str; 2] = ["crates/client-ffi/Cargo.toml", "crates/client-jni/Cargo.toml"];
/// The lint that they need not keep.
const LIFTED: &str = "unsafe_code =";

/// Crates without the workspace's lints, and lints that the lists of the free crates lack.
pub(super) fn breaches(root: &Path, tracked: &[String]) -> Result<Vec<String>, String> {
    let read = |path: &str| fs::read_to_string(root.join(path)).map_err(|why| format!("{path}: {why}"));
    let workspace = read("Cargo.toml")?;
    let mut found = Vec::new();
    for path in FREE {
        found.extend(missing(path, &workspace, &read(path)?));
    }
    for path in tracked.iter().filter(|path| path.starts_with("crates/") && path.ends_with("/Cargo.toml")) {
        if !FREE.contains(&path.as_str()) && !read(path)?.contains("[lints]\nworkspace = true") {
            found.push(format!("{path}: must take the workspace's lints, which forbid unsafe code"));
        }
    }
    Ok(found)
}

/// The workspace's lints that do not stand in a crate's own list.
fn missing(path: &str, workspace: &str, own: &str) -> Vec<String> {
    let section = workspace.lines().skip_while(|line| !line.starts_with("[workspace.lints."));
    let section = section.take_while(|line| !line.starts_with("[profile"));
    let lints = section.filter(|line| {
        let is_lint = line.contains(" = ") && !line.starts_with(['#', '[']);
        is_lint && !line.starts_with(LIFTED)
    });
    let own: Vec<&str> = own.lines().collect();
    lints.filter(|line| !own.contains(line)).map(|line| format!("{path}: lacks the lint {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lint_that_is_left_out_is_named_and_the_lifted_one_is_not() {
        let workspace = "edition = \"2024\"\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n# why\nmissing_docs = \"warn\"\n\n[workspace.lints.clippy]\nall = \"deny\"\n\n[profile.release]\nlto = \"thin\"\ndebug = \"none\"";
        assert_eq!(
            missing("Cargo.toml", workspace, "all = \"deny\""),
            ["Cargo.toml: lacks the lint missing_docs = \"warn\""]
        );
        assert!(missing("Cargo.toml", workspace, "missing_docs = \"warn\"\nall = \"deny\"").is_empty());
    }
}

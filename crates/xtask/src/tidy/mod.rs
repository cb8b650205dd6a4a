//! House rules as programs: which part may name what (ARCHITECTURE.md, "Rules of direction"), how long a file may
//! be, what must never be committed, and whether links lead somewhere.

mod crates;
mod files;
pub(crate) mod links;
mod lints;
mod mentions;
mod walls;

use std::path::Path;
use std::process::Command;

/// Checks every tracked file; says how many there were, or every breach.
pub(crate) fn run(root: &Path) -> Result<String, String> {
    let tracked = tracked(root)?;
    let mut breaches = crates::breaches(root)?;
    breaches.extend(lints::breaches(root, &tracked)?);
    for path in &tracked {
        // A tracked file that was deleted and not yet staged, or that is not text, has no rule to break.
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        breaches.extend(files::breaches(path, &text));
        breaches.extend(links::breaches(root, path, &text));
        breaches.extend(walls::breaches(path, &text)?);
    }
    if breaches.is_empty() {
        return Ok(format!("{} files are tidy", tracked.len()));
    }
    Err(breaches.join("\n"))
}

/// Files git knows, and new ones it does not ignore.
pub(crate) fn tracked(root: &Path) -> Result<Vec<String>, String> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let mut files: Vec<String> = output(root, "git", &list)?.lines().map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// What `program` prints; its complaint when it fails.
fn output(root: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let done = Command::new(program).args(arguments).current_dir(root).output();
    let done = done.map_err(|why| format!("{program} does not start: {why}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&done.stderr).trim()))
}

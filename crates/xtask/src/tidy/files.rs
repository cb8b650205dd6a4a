//! What any tracked file must not be or hold.

use std::path::Path;

/// Past this a file wants splitting.
const LONGEST: usize = 600;

/// Kinds of files people write and read as code.
const CODE: [&str; 12] = ["rs", "ts", "tsx", "js", "mjs", "c", "cpp", "h", "hpp", "java", "sh", "sql"];

/// Folders of particular machines; spelled in two parts so that this file does not hold them.
const PRIVATE_FOLDERS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

/// Where lock files may say that packages come from.
const REGISTRIES: [&str; 3] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
    "https://registry.npmjs.org/",
];

/// Lines of a lock file or a package manager's settings that name a source of packages.
const SOURCE_MARKS: [&str; 4] = ["source = \"", "\"resolved\": \"http", "registry=", "registry = \"http"];

/// What is wrong with the file at `path`.
pub(super) fn breaches(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let lines = text.lines().count();
    if CODE.contains(&extension) && lines > LONGEST {
        found.push(format!("{path}: {lines} lines; past {LONGEST} a file wants splitting"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(folder) = private_folder(line) {
            found.push(format!("{path}:{number}: names a folder of one machine ({folder}…)"));
        }
        if names_foreign_registry(path, line) {
            found.push(format!("{path}:{number}: packages come from a registry that is not the public one"));
        }
    }
    found
}

/// A private folder that starts a path in `line`: not one inside a URL or below another folder.
fn private_folder(line: &str) -> Option<&'static str> {
    PRIVATE_FOLDERS.into_iter().find(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|before| before.is_alphanumeric() || "._-~}/".contains(before))
        })
    })
}

fn names_foreign_registry(path: &str, line: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let tells_sources =
        matches!(name, "Cargo.lock" | "package-lock.json" | ".npmrc") || path == ".cargo/config.toml";
    tells_sources
        && SOURCE_MARKS.iter().any(|mark| line.contains(mark))
        && !REGISTRIES.iter().any(|registry| line.contains(registry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_code_is_found_and_long_prose_is_not() {
        let text = "x\n".repeat(LONGEST + 1);
        assert_eq!(breaches("crates/server/src/app.rs", &text).len(), 1);
        assert!(breaches("docs/protocol.md", &text).is_empty());
    }

    #[test]
    fn folders_of_one_machine_are_found() {
        let folder = PRIVATE_FOLDERS[0];
        assert_eq!(breaches("README.md", &format!("see {folder}wigwag")).len(), 1);
        assert!(breaches("README.md", &format!("see https://example.org{folder}wigwag")).is_empty());
    }

    #[test]
    fn only_public_registries_may_be_named() {
        let lock = |host: &str| format!("      \"resolved\": \"https://{host}/ws/-/ws-8.0.0.tgz\",");
        assert!(breaches("package-lock.json", &lock("registry.npmjs.org")).is_empty());
        assert_eq!(breaches("package-lock.json", &lock("mirror.example")).len(), 1);
        assert_eq!(breaches("Cargo.lock", "source = \"registry+https://mirror.example/index\"").len(), 1);
    }
}

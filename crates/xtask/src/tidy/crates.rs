//! Which crates the inner crates may depend on. Dependencies of their tests are free.

use std::path::Path;

use serde_json::Value;

/// The words and the rules stay compilable anywhere and deterministic.
const ALLOWED: [(&str, &[&str]); 3] = [
    ("wigwag-protocol", &["serde", "serde_json", "schemars"]),
    ("wigwag-engine", &["wigwag-protocol", "serde", "serde_json"]),
    ("wigwag-session", &["wigwag-protocol", "wigwag-engine", "serde", "serde_json", "serde_path_to_error"]),
];

/// What the other crates that ship may depend on among those of the house (ARCHITECTURE.md, "Rules of direction"). Other dependencies
/// are theirs to choose; those for testing and measuring may know everybody.
const HOUSE: [(&str, &[&str]); 6] = [
    ("wigwag-client", &["wigwag-protocol"]),
    ("wigwag-client-ffi", &["wigwag-client"]),
    ("wigwag-client-jni", &["wigwag-client-ffi"]),
    ("wigwag-client-python", &["wigwag-client"]),
    ("wigwag-terminal", &["wigwag-protocol", "wigwag-client"]),
    ("wigwag-server", &["wigwag-protocol", "wigwag-engine", "wigwag-session", "wigwag-terminal"]),
];

/// Dependencies that are not in the lists.
pub(super) fn breaches(root: &Path) -> Result<Vec<String>, String> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let text = super::output(root, cargo, &arguments)?;
    let metadata: Value = serde_json::from_str(&text).map_err(|why| format!("cargo metadata: {why}"))?;
    let inner =
        ALLOWED.iter().flat_map(|(package, allowed)| strangers(&metadata, package, allowed, |_| true));
    let outer = HOUSE.iter().flat_map(|(package, allowed)| strangers(&metadata, package, allowed, is_ours));
    Ok(inner.chain(outer).collect())
}

fn is_ours(name: &str) -> bool {
    name.starts_with("wigwag-")
}

/// Dependencies of a crate among those that `counts`, and that are not allowed.
fn strangers(metadata: &Value, package: &str, allowed: &[&str], counts: fn(&str) -> bool) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let Some(manifest) = packages.iter().find(|candidate| candidate["name"] == package) else {
        return vec![format!("{package}: the crate is gone; tell tidy's list")];
    };
    list(&manifest["dependencies"])
        .iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| counts(name) && !allowed.contains(name))
        .map(|name| format!("{package}: may not depend on {name}, only on {}", allowed.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_found_and_test_dependencies_are_free() {
        let metadata = serde_json::json!({ "packages": [{ "name": "wigwag-engine", "dependencies": [
            { "name": "serde", "kind": null }, { "name": "tokio", "kind": null }, { "name": "proptest", "kind": "dev" },
        ] }] });
        let found = strangers(&metadata, "wigwag-engine", &["serde"], |_| true);
        assert_eq!(found, ["wigwag-engine: may not depend on tokio, only on serde"]);
        assert!(strangers(&metadata, "wigwag-engine", &[], is_ours).is_empty(), "tokio is not of the house");
        assert_eq!(strangers(&metadata, "wigwag-moon", &[], |_| true).len(), 1);
    }
}

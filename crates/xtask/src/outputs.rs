//! Everything that is generated: written, or compared with what is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{asyncapi, docs, header, openapi, protocol_schema, tables, typescript};

/// Pages with generated parts.
const PAGES: [&str; 1] = ["docs/protocol.md"];

/// Writes every generated file; says what changed.
pub(crate) fn write(root: &Path) -> Result<String, String> {
    let mut changed = Vec::new();
    for (path, text) in generated(root)? {
        let place = root.join(path);
        if fs::read_to_string(&place).is_ok_and(|old| old == text) {
            continue;
        }
        let folder = place.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&place, text))
            .map_err(|why| format!("{path}: {why}"))?;
        changed.push(path);
    }
    Ok(if changed.is_empty() {
        "nothing changed".to_owned()
    } else {
        format!("wrote {}", changed.join(", "))
    })
}

/// Fails when a generated file differs from what the code says, naming the first line that does.
pub(crate) fn check(root: &Path) -> Result<String, String> {
    let files = generated(root)?;
    let stale: Vec<String> = files
        .iter()
        .filter_map(|(path, text)| {
            let old = fs::read_to_string(root.join(path)).unwrap_or_default();
            first_difference(&old, text).map(|hint| format!("{path}{hint}"))
        })
        .collect();
    if stale.is_empty() {
        return Ok(format!("{} generated files are up to date", files.len()));
    }
    Err(format!("{}\nrun `cargo xtask generate` and commit what it writes", stale.join("\n")))
}

fn generated(root: &Path) -> Result<Vec<(&'static str, String)>, String> {
    let mut files = vec![
        ("spec/protocol.schema.json", pretty(&protocol_schema::document())),
        ("spec/asyncapi.json", pretty(&asyncapi::document())),
        ("spec/openapi.json", pretty(&openapi::document())),
        ("spec/errors.json", pretty(&tables::errors())),
        ("spec/close-codes.json", pretty(&tables::close_codes())),
    ];
    files.push((header::PATH, header::text(root)?));
    files.extend(typescript::files());
    for page in PAGES {
        let old = fs::read_to_string(root.join(page)).map_err(|why| format!("{page}: {why}"))?;
        files.push((page, docs::refreshed(&old).map_err(|why| format!("{page}: {why}"))?));
    }
    Ok(files)
}

fn pretty(value: &Value) -> String {
    // Our own value, with text keys, written into memory: this cannot fail.
    serde_json::to_string_pretty(&Sorted(value)).unwrap_or_default() + "\n"
}

/// The order of a map's keys must not depend on which features other crates of the build ask serde_json for.
struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let sorted: BTreeMap<&String, Sorted<'_>> =
                    fields.iter().map(|(name, field)| (name, Sorted(field))).collect();
                sorted.serialize(serializer)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Sorted)),
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                plain.serialize(serializer)
            }
        }
    }
}

fn first_difference(old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let (mut old, mut new) = (old.lines(), new.lines());
    for number in 1.. {
        let (there, here) = (old.next(), new.next());
        if there != here || there.is_none() {
            let [there, here] = [there, here].map(|line| line.unwrap_or("(end of file)").trim());
            return Some(format!(":{number}: is not what the code says\n  - {there}\n  + {here}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let hint = first_difference("a\nb\n", "a\nc\n").unwrap();
        assert!(hint.starts_with(":2:") && hint.contains("- b") && hint.contains("+ c"), "{hint}");
        assert!(first_difference("a\n", "a\nb\n").unwrap().contains("- (end of file)"));
        assert!(first_difference("a", "a\n").is_some());
    }
}

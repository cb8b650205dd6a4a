//! Links between the files of the project lead somewhere.

use std::collections::BTreeMap;
use std::path::Path;

use crate::markdown;

/// Links of the page at `path` that lead to no file, or to no heading of a page. Addresses elsewhere are not asked.
pub(super) fn breaches(root: &Path, path: &str, text: &str) -> Vec<String> {
    if !is_page(path) {
        return Vec::new();
    }
    let mut anchors = BTreeMap::new();
    let own = markdown::links(text).into_iter().filter(|(_, target)| !target.contains("://"));
    own.filter(|(_, target)| !leads(root, path, target, &mut anchors))
        .map(|(line, target)| format!("{path}:{line}: the link to {target} leads nowhere"))
        .collect()
}

/// The file that `target`, a link of the page at `path`, names from the top folder; without its anchor.
pub(crate) fn resolved(path: &str, target: &str) -> String {
    let file = target.split('#').next().unwrap_or_default();
    if file.is_empty() {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn leads(root: &Path, path: &str, target: &str, known: &mut BTreeMap<String, Vec<String>>) -> bool {
    let file = resolved(path, target);
    let place = root.join(&file);
    let Some((_, anchor)) = target.split_once('#').filter(|_| is_page(&file)) else {
        return target.starts_with("mailto:") || place.exists();
    };
    let Ok(page) = std::fs::read_to_string(place) else { return false };
    known.entry(file).or_insert_with(|| markdown::anchors(&page)).iter().any(|one| one == anchor)
}

pub(crate) fn is_page(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_counts_from_its_page() {
        assert_eq!(resolved("docs/zh-CN/a.md", "../a.md#b"), "docs/a.md");
        assert_eq!(resolved("README.md", "docs/a.md"), "docs/a.md");
        assert_eq!(resolved("docs/a.md", "#b"), "docs/a.md");
        assert_eq!(resolved("docs/a.md", "decisions/"), "docs/decisions");
    }

    #[test]
    fn a_link_to_no_file_or_no_heading_is_found() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let found = |text: &str| breaches(&root, "docs/page.md", text).len();
        assert_eq!(
            found("[a](semantics.md) [b](semantics.md#states) [c](../crates/) [d](https://example.org/x)"),
            0
        );
        assert_eq!(found("[a](semantic.md)"), 1);
        assert_eq!(found("[a](semantics.md#stats)"), 1);
    }
}

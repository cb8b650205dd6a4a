//! Pages that are there in Chinese too are kept beside the English ones. A Chinese page ends with a mark: which page it follows, and a
//! sum of each of that page's sections as they were when it was translated.
//!
//! `check` names the sections that have changed since. After them come the Chinese ones, and `cargo xtask translated PAGE` renews the
//! mark and takes the code over. Numbers and words in backticks of the English page have to be in the Chinese one. A change of English alone, such as a slip of the pen, is acknowledged by the same command.

use std::fs;
use std::path::Path;

use crate::markdown::{Section, code_blocks, facts, links, sections};
use crate::tidy::links::{is_page, resolved};
use crate::tidy::tracked;

const FOLDER: &str = "/zh-CN/";
const SUFFIX: &str = ".zh-CN.md";
const MARK: &str = "<!-- Follows ";
const MARK_END: &str = "-->";

/// The two halves of a page, as paths from the top folder.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    english: String,
    chinese: String,
}

/// Fails when an English page has changed and the Chinese one has not followed, or when the two differ in what must be the same.
pub(crate) fn check(root: &Path) -> Result<String, String> {
    let pairs = pairs(root)?;
    let mut troubles = Vec::new();
    for pair in &pairs {
        let (english, chinese) = (read(root, &pair.english)?, read(root, &pair.chinese)?);
        troubles.extend(pair.unlinked(&english, &chinese));
        troubles.extend(pair.differences(&english, &chinese));
        troubles.extend(pair.behind(&english, &chinese));
    }
    if troubles.is_empty() {
        return Ok(format!("{} translated pages are up to date", pairs.len()));
    }
    Err(format!(
        "{}\ntranslate what changed, then run `cargo xtask translated PAGE` and commit what it writes",
        troubles.join("\n")
    ))
}

/// Renews the marks of these pages, each given by its English or its Chinese path, and takes the code over.
pub(crate) fn translated(root: &Path, pages: &[String]) -> Result<String, String> {
    let pairs = pairs(root)?;
    for page in pages {
        let same = |pair: &&Pair| pair.english == *page || pair.chinese == *page;
        let pair =
            pairs.iter().find(same).ok_or_else(|| format!("{page}: is there in one language alone"))?;
        let (english, chinese) = (read(root, &pair.english)?, read(root, &pair.chinese)?);
        let renewed = pair.renewed(&english, &chinese)?;
        fs::write(root.join(&pair.chinese), renewed).map_err(|why| format!("{}: {why}", pair.chinese))?;
    }
    Ok(format!("{} pages follow their English halves", pages.len()))
}

fn pairs(root: &Path) -> Result<Vec<Pair>, String> {
    Ok(tracked(root)?.iter().filter_map(|path| Pair::of(path)).collect())
}

fn read(root: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(root.join(path)).map_err(|why| format!("{path}: {why}"))
}

impl Pair {
    /// The pair whose Chinese half is at `path`: in a folder `zh-CN` beside the English page, or `NAME.zh-CN.md` beside `NAME.md`.
    fn of(path: &str) -> Option<Self> {
        let english = match path.strip_suffix(SUFFIX) {
            Some(stem) => format!("{stem}.md"),
            None if is_page(path) && path.contains(FOLDER) => path.replacen(FOLDER, "/", 1),
            None => return None,
        };
        Some(Self { english, chinese: path.to_owned() })
    }

    /// Readers of one half find the other.
    fn unlinked(&self, english: &str, chinese: &str) -> Vec<String> {
        let leads = |page: &str, from: &str, to: &str| {
            links(page).iter().any(|(_, target)| resolved(from, target) == to)
        };
        let mut troubles = Vec::new();
        if !leads(english, &self.english, &self.chinese) {
            troubles.push(format!("{}: has no link to {}", self.english, self.chinese));
        }
        if !leads(chinese, &self.chinese, &self.english) {
            troubles.push(format!("{}: has no link to {}", self.chinese, self.english));
        }
        troubles
    }

    /// Headings of other levels, code that is not the same, and facts that are missing.
    fn differences(&self, english: &str, chinese: &str) -> Option<String> {
        let Self { english: one, chinese: other } = self;
        if let Some(title) = first_other_heading(english, chinese) {
            return Some(format!("{other}: its headings leave those of {one} at \"{title}\""));
        }
        if let Some(number) = first_other_code(english, chinese) {
            return Some(format!("{other}: code block {number} is not that of {one}"));
        }
        let missing: Vec<String> = facts(english).difference(&facts(chinese)).cloned().collect();
        (!missing.is_empty()).then(|| format!("{other}: lacks what {one} says: {}", missing.join("; ")))
    }

    /// What the mark no longer fits.
    fn behind(&self, english: &str, chinese: &str) -> Option<String> {
        let Some((_, mark)) = chinese.split_once(MARK) else {
            return Some(format!("{}: has no mark of what it follows", self.chinese));
        };
        if format!("{MARK}{mark}").trim_end() == self.mark(english).trim_end() {
            return None;
        }
        let changed: Vec<String> = sections(english)
            .iter()
            .filter(|section| !mark.contains(&sum(section)))
            .map(|section| format!("\"{}\"", section.title))
            .collect();
        let what = if changed.is_empty() {
            "sections were moved or removed".to_owned()
        } else {
            format!("changed: {}", changed.join(", "))
        };
        Some(format!("{}: does not follow {}, in which {what}", self.chinese, self.english))
    }

    /// The Chinese page with the code of the English one and a mark of now.
    fn renewed(&self, english: &str, chinese: &str) -> Result<String, String> {
        let body = chinese.split_once(MARK).map_or(chinese, |(body, _)| body);
        let body = with_code_of(english, body).ok_or_else(|| {
            format!("{}: has another number of code blocks than {}", self.chinese, self.english)
        })?;
        if let Some(trouble) = self.differences(english, &body) {
            return Err(trouble);
        }
        Ok(format!("{}\n\n{}", body.trim_end(), self.mark(english)))
    }

    fn mark(&self, english: &str) -> String {
        let mut mark = format!(
            "{MARK}{}. When that changes: translate it, then `cargo xtask translated {}`.\n",
            self.english, self.english
        );
        for section in sections(english) {
            mark.extend([&sum(&section), " ", section.title, "\n"]);
        }
        mark.extend([MARK_END, "\n"]);
        mark
    }
}

/// The English heading at which the levels of the two pages go apart.
fn first_other_heading(english: &str, chinese: &str) -> Option<String> {
    let (theirs, ours) = (sections(english), sections(chinese));
    let level = |sections: &[Section<'_>], at: usize| sections.get(at).map(|section| section.level);
    let at = (0..theirs.len().max(ours.len())).find(|&at| level(&theirs, at) != level(&ours, at))?;
    Some(theirs.get(at).map_or("its end", |section| section.title).to_owned())
}

/// The number of the code block, counted from 1, that is not the same in both pages.
fn first_other_code(english: &str, chinese: &str) -> Option<usize> {
    let code = |page: &str| code_blocks(page).into_iter().map(|block| page[block].to_owned()).collect();
    let (theirs, ours): (Vec<String>, Vec<String>) = (code(english), code(chinese));
    let at = (0..theirs.len().max(ours.len())).find(|&at| theirs.get(at) != ours.get(at))?;
    Some(at + 1)
}

/// `body` with its code blocks replaced, one by one; nothing when there are more or fewer.
fn with_code_of(english: &str, body: &str) -> Option<String> {
    let (theirs, ours) = (code_blocks(english), code_blocks(body));
    if theirs.len() != ours.len() {
        return None;
    }
    let (mut page, mut at) = (String::with_capacity(body.len()), 0);
    for (theirs, ours) in theirs.into_iter().zip(ours) {
        page.extend([&body[at..ours.start], &english[theirs]]);
        at = ours.end;
    }
    page.push_str(&body[at..]);
    Some(page)
}

/// FNV-1a of a section's words: lines that are broken elsewhere are no change.
fn sum(section: &Section<'_>) -> String {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for word in section.text.split_whitespace() {
        for byte in word.bytes().chain([b' ']) {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "# Page\n\n[中文](zh-CN/page.md)\n\n## Time\n\nwords\n\n```sh\nmake\n```\n";
    const CHINESE: &str = "# 页面\n\n[English](../page.md)\n\n## 时间\n\n文字\n\n```sh\nmake\n```\n";

    fn pair() -> Pair {
        Pair::of("docs/zh-CN/page.md").unwrap()
    }

    fn translation() -> String {
        pair().renewed(ENGLISH, CHINESE).unwrap()
    }

    fn troubles(english: &str, chinese: &str) -> Vec<String> {
        let mut troubles = pair().unlinked(english, chinese);
        troubles.extend(pair().differences(english, chinese));
        troubles.extend(pair().behind(english, chinese));
        troubles
    }

    #[test]
    fn halves_are_found_by_their_names() {
        let english = |path: &str| Pair::of(path).map(|pair| pair.english);
        assert_eq!(english("docs/zh-CN/semantics.md").unwrap(), "docs/semantics.md");
        assert_eq!(english("README.zh-CN.md").unwrap(), "README.md");
        assert_eq!(english("docs/semantics.md"), None);
        assert_eq!(english("docs/zh-CN/picture.png"), None);
    }

    #[test]
    fn a_page_that_follows_is_not_named() {
        assert_eq!(troubles(ENGLISH, &translation()), [""; 0]);
        assert_eq!(
            pair().renewed(ENGLISH, &translation()).unwrap(),
            translation(),
            "renewing changes nothing"
        );
    }

    #[test]
    fn lines_that_are_broken_elsewhere_are_no_change() {
        assert_eq!(troubles(&ENGLISH.replace("\n\nwords\n", "\n\n\nwords\n"), &translation()), [""; 0]);
    }

    #[test]
    fn a_changed_section_is_named_and_acknowledged() {
        let english = ENGLISH.replace("words", "other words");
        let found = troubles(&english, &translation());
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("docs/zh-CN/page.md: does not follow docs/page.md"), "{found:?}");
        assert!(found[0].contains("\"Time\"") && !found[0].contains("\"Page\""), "{found:?}");
        let renewed = pair().renewed(&english, &translation()).unwrap();
        assert_eq!(troubles(&english, &renewed), [""; 0]);
    }

    #[test]
    fn a_changed_command_is_taken_over() {
        let english = ENGLISH.replace("make", "make run");
        assert!(troubles(&english, &translation()).iter().any(|one| one.contains("code block 1")));
        let renewed = pair().renewed(&english, &translation()).unwrap();
        assert!(renewed.contains("```sh\nmake run\n```"), "{renewed}");
        assert_eq!(troubles(&english, &renewed), [""; 0]);
    }

    #[test]
    fn a_section_more_has_to_be_written() {
        let english = format!("{ENGLISH}\n## Calls\n\nmore\n");
        let found = troubles(&english, &translation());
        assert!(
            found.iter().any(|one| one.contains("leave those of docs/page.md at \"Calls\"")),
            "{found:?}"
        );
        assert!(pair().renewed(&english, &translation()).unwrap_err().contains("\"Calls\""));
    }

    #[test]
    fn a_changed_number_has_to_be_written() {
        let english = ENGLISH.replace("words", "45 s, `calls.busy`");
        let renewed = pair().renewed(&english, &translation());
        assert_eq!(renewed.unwrap_err(), "docs/zh-CN/page.md: lacks what docs/page.md says: 45; calls.busy");
        let chinese = translation().replace("文字", "45 秒，`calls.busy`");
        assert_eq!(troubles(&english, &pair().renewed(&english, &chinese).unwrap()), [""; 0]);
    }

    #[test]
    fn sections_that_were_swapped_are_found() {
        let english =
            |order: [&str; 2]| format!("# Page\n[中文](zh-CN/page.md)\n## {}\n## {}\n", order[0], order[1]);
        let chinese = "# 页面\n[English](../page.md)\n## 甲\n## 乙\n";
        let renewed = pair().renewed(&english(["A", "B"]), chinese).unwrap();
        assert!(troubles(&english(["B", "A"]), &renewed)[0].contains("moved or removed"));
    }

    #[test]
    fn a_page_without_a_mark_or_without_links_is_named() {
        assert!(troubles(ENGLISH, CHINESE)[0].contains("has no mark"));
        let [english, chinese] = [ENGLISH.replace("zh-CN/", ""), CHINESE.replace("../", "")];
        assert_eq!(pair().unlinked(&english, &chinese).len(), 2);
    }
}

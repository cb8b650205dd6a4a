//! What the chores have to know of a Markdown page: its sections, its code, its links and the anchors that others link to.

use std::collections::BTreeSet;

/// A heading and everything below it up to the next heading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section<'a> {
    /// 1 for `#`, 2 for `##`; 0 for what stands before the first heading.
    pub(crate) level: usize,
    /// As it is written, Markdown included.
    pub(crate) title: &'a str,
    /// With the heading.
    pub(crate) text: String,
}

/// In the order of the page. What stands before the first heading is left out when it is blank.
pub(crate) fn sections(page: &str) -> Vec<Section<'_>> {
    let mut sections = vec![Section { level: 0, title: "", text: String::new() }];
    for (line, in_code) in lines(page) {
        if let Some((level, title)) = heading(line).filter(|_| !in_code) {
            sections.push(Section { level, title, text: String::new() });
        }
        if let Some(section) = sections.last_mut() {
            section.text.extend([line, "\n"]);
        }
    }
    sections.retain(|section| section.level > 0 || !section.text.trim().is_empty());
    sections
}

/// Byte ranges of the fenced code blocks, fences included.
pub(crate) fn code_blocks(page: &str) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let (mut at, mut begun) = (0, None);
    for line in page.split_inclusive('\n') {
        let next = at + line.len();
        match begun {
            None if opens_fence(line) => begun = Some(at),
            Some(start) if closes_fence(line) => {
                blocks.push(start..next);
                begun = None;
            }
            Some(_) | None => {}
        }
        at = next;
    }
    blocks
}

/// Targets of the links and pictures outside code, each with its line, counted from 1.
pub(crate) fn links(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, (line, in_code)) in (1..).zip(lines(page)) {
        if in_code {
            continue;
        }
        let prose = without_code(line);
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| (number, target.to_owned())));
    }
    found
}

/// What has to be the same in every language, outside code blocks: words in backticks, and numbers.
pub(crate) fn facts(page: &str) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for (line, _) in lines(page).filter(|(_, in_code)| !in_code) {
        facts.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        facts.extend(numbers(&without_code(line)));
    }
    facts
}

/// Such as 45, 86,400 and 0.1.10; not those within names, such as 2 in V2TIM.
fn numbers(prose: &str) -> Vec<String> {
    let words =
        prose.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | ',' | '_')));
    let numbers = words.map(|word| word.trim_matches(['.', ',']));
    let is_number = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_digit())
            && word.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ','))
    };
    numbers.filter(is_number).map(str::to_owned).collect()
}

/// The anchors that GitHub gives the headings.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for section in sections(page).iter().filter(|section| section.level > 0) {
        let anchor = anchor(section.title);
        let taken = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(taken).find(|one| !anchors.contains(one));
        anchors.extend(free);
    }
    anchors
}

/// Lower case, without punctuation, a hyphen for each space.
fn anchor(title: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    let words: String = text_of(title).chars().filter(kept).collect();
    words.trim().to_lowercase().replace(' ', "-")
}

/// A title without the targets of its links.
fn text_of(title: &str) -> String {
    let mut text = String::new();
    let mut rest = title;
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

/// Each line, and whether it belongs to a code block.
fn lines(page: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut in_code = false;
    page.lines().map(move |line| {
        let was_in_code = in_code;
        in_code = if in_code { !closes_fence(line) } else { opens_fence(line) };
        (line, was_in_code || in_code)
    })
}

fn opens_fence(line: &str) -> bool {
    line.trim_start().starts_with("```")
}

fn closes_fence(line: &str) -> bool {
    line.trim() == "```"
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    (1..=6).contains(&level).then_some(())?;
    Some((level, title.strip_prefix(' ')?.trim()))
}

/// `line` without what stands in backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# One\n\ntext [a](b.md#c) `[x](y)`\n\n```sh\n# no heading [d](e)\n```\n\n## Two (of 2)\n![p](q.png)\n";

    #[test]
    fn a_page_falls_into_sections_and_code_holds_no_headings() {
        let titles: Vec<_> =
            sections(PAGE).iter().map(|section| (section.level, section.title.to_owned())).collect();
        assert_eq!(titles, [(1, "One".to_owned()), (2, "Two (of 2)".to_owned())]);
        assert_eq!(sections(PAGE).iter().map(|section| section.text.as_str()).collect::<String>(), PAGE);
        assert_eq!(sections("before\n# One\n")[0].level, 0);
    }

    #[test]
    fn code_blocks_are_given_with_their_fences() {
        let blocks: Vec<_> = code_blocks(PAGE).into_iter().map(|range| &PAGE[range]).collect();
        assert_eq!(blocks, ["```sh\n# no heading [d](e)\n```\n"]);
    }

    #[test]
    fn links_in_code_are_none() {
        assert_eq!(links(PAGE), [(3, "b.md#c".to_owned()), (10, "q.png".to_owned())]);
    }

    #[test]
    fn facts_are_words_in_code_and_numbers() {
        let page = "`timeout` of V2TIM, at most 86,400 s.\n最多 3 个，见 `a b`。第4个。\n```sh\n5\n```\n";
        let found: Vec<String> = facts(page).into_iter().collect();
        assert_eq!(found, ["3", "4", "86,400", "a b", "timeout"]);
    }

    #[test]
    fn anchors_are_those_of_github() {
        let page = "# V2TIM (C++)\n# `wigwag check`\n# 没有超时的邀请：如何\n# [Same](x.md)\n# Same\n";
        assert_eq!(anchors(page), ["v2tim-c", "wigwag-check", "没有超时的邀请如何", "same", "same-1"]);
    }
}

//! What a Rust source names: every path, with `use` groups spread out, and every macro that is called.

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// A path or a macro call in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Segments joined by `::`; macros end in `!`.
    pub(super) path: String,
    /// Counted from 1.
    pub(super) line: usize,
}

/// Everything `source` names outside items marked `#[cfg(test)]`. Comments and strings name nothing.
pub(super) fn mentions(source: &str) -> Result<Vec<Mention>, LexError> {
    let mut found = Vec::new();
    walk(source.parse()?, "", &mut found);
    Ok(found)
}

fn walk(tokens: TokenStream, prefix: &str, found: &mut Vec<Mention>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        at = match &tokens[at] {
            TokenTree::Ident(_) => path(&tokens, at, prefix, found),
            TokenTree::Group(group) => {
                walk(group.stream(), "", found);
                at + 1
            }
            TokenTree::Punct(_) if is_test_mark(&tokens, at) => past_item(&tokens, at + 2),
            TokenTree::Punct(_) | TokenTree::Literal(_) => at + 1,
        };
    }
}

/// Reads the path that starts at `at`; gives where it ends.
fn path(tokens: &[TokenTree], at: usize, prefix: &str, found: &mut Vec<Mention>) -> usize {
    let line = tokens[at].span().start().line;
    let mut path = format!("{prefix}{}", tokens[at]);
    let mut next = at + 1;
    while is_punct(tokens, next, ':') && is_punct(tokens, next + 1, ':') {
        match tokens.get(next + 2) {
            Some(TokenTree::Ident(segment)) => {
                path = format!("{path}::{segment}");
                next += 3;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                walk(group.stream(), &format!("{path}::"), found);
                return next + 3;
            }
            Some(TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_)) | None => break,
        }
    }
    let calls_macro =
        is_punct(tokens, next, '!') && matches!(tokens.get(next + 1), Some(TokenTree::Group(_)));
    found.push(Mention { path: if calls_macro { path + "!" } else { path }, line });
    next
}

/// `#[cfg(test)]` at `at`.
fn is_test_mark(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Group(mark)) = tokens.get(at + 1) else { return false };
    is_punct(tokens, at, '#') && mark.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// Where the item that starts at `at` ends: after its braces or its semicolon.
fn past_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    };
    tokens[at.min(tokens.len())..].iter().position(ends).map_or(tokens.len(), |length| at + length + 1)
}

fn is_punct(tokens: &[TokenTree], at: usize, wanted: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str) -> Vec<String> {
        mentions(source).unwrap().into_iter().map(|mention| mention.path).collect()
    }

    #[test]
    fn groups_are_spread_out_and_macros_marked() {
        let found =
            paths("use std::{fs, time::{Duration, Instant as Now}};\nfn f() { println!(\"{}\", a::b()); }");
        for path in ["std::fs", "std::time::Duration", "std::time::Instant", "println!", "a::b"] {
            assert!(found.iter().any(|found| found == path), "{path} in {found:?}");
        }
    }

    #[test]
    fn comments_strings_and_tests_name_nothing() {
        let source = "// std::fs\n/// std::fs\nconst X: &str = \"std::fs\";\n#[cfg(test)]\nmod tests { use std::fs; }\nuse std::io;";
        let found = paths(source);
        assert!(!found.iter().any(|path| path == "std::fs"), "{found:?}");
        assert_eq!(mentions(source).unwrap().last(), Some(&Mention { path: "std::io".into(), line: 6 }));
    }
}

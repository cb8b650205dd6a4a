//! Splits a line into words without touching the text at its end.

/// A line being read from the left.
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { rest: line.trim() }
    }

    /// The next word. A word in double quotes may hold spaces; `\"` and `\\` stand for themselves in it.
    pub(super) fn word(&mut self) -> Option<String> {
        if let Some((word, rest)) = quoted(self.rest) {
            self.rest = rest.trim_start();
            return Some(word);
        }
        let (word, rest) = self.rest.split_once(char::is_whitespace).unwrap_or((self.rest, ""));
        self.rest = rest.trim_start();
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// All the text that is left, as typed; quotes around the whole of it are taken off.
    pub(super) fn text(&mut self) -> String {
        let rest = std::mem::take(&mut self.rest);
        match quoted(rest) {
            Some((text, "")) => text,
            _ => rest.to_owned(),
        }
    }

    /// All the words that are left.
    pub(super) fn all(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.word()).collect()
    }
}

/// A quoted word at the start of `text` and what follows it; `None` when there is none or its end is missing.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut word = String::new();
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let rest = &inner[at + 1..];
                return (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((word, rest));
            }
            '\\' => word.push(letters.next()?.1),
            other => word.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_text_are_taken_apart() {
        let mut words = Words::new(r#"  send  bob it's "fine"  "#);
        assert_eq!(words.word().as_deref(), Some("send"));
        assert_eq!(words.word().as_deref(), Some("bob"));
        assert_eq!(words.text(), r#"it's "fine""#);
        assert_eq!(words.word(), None);
    }

    #[test]
    fn quotes_hold_spaces() {
        assert_eq!(Words::new(r#"a "b \"c\" d" e"#).all(), ["a", "b \"c\" d", "e"]);
        assert_eq!(Words::new(r#""all of it""#).text(), "all of it");
        assert_eq!(Words::new(r#""open end"#).all(), ["\"open", "end"]);
    }
}

//! Doc comments of the protocol crate's lists: the sentence written once there serves the documents too.

use std::collections::BTreeMap;

/// What each variant's doc comment says, by the variant's name. Understands `/// words` lines followed by `Name = …`.
pub(crate) fn of_variants(source: &str) -> BTreeMap<String, String> {
    let mut docs = BTreeMap::new();
    let mut words: Vec<&str> = Vec::new();
    for line in source.lines().map(str::trim) {
        if let Some(sentence) = line.strip_prefix("/// ") {
            words.push(sentence);
        } else {
            let name = line.split_once(" = ").map_or("", |(name, _)| name);
            if !words.is_empty() && !name.is_empty() && name.chars().all(char::is_alphanumeric) {
                docs.insert(name.to_owned(), words.join(" "));
            }
            words.clear();
        }
    }
    docs
}

/// What the doc comment of each method says, by variant name.
pub(crate) fn of_methods() -> BTreeMap<String, String> {
    of_variants(include_str!("../../protocol/src/method.rs"))
}

/// What the doc comment of each close code says, by variant name.
pub(crate) fn of_close_codes() -> BTreeMap<String, String> {
    of_variants(include_str!("../../protocol/src/close.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wigwag_protocol::{CloseCode, Method};

    #[test]
    fn every_method_and_close_code_has_a_sentence() {
        let methods = of_methods();
        for method in Method::ALL {
            assert!(methods.contains_key(&format!("{method:?}")), "{method:?}");
        }
        let codes = of_close_codes();
        for code in CloseCode::ALL {
            assert!(codes.contains_key(&format!("{code:?}")), "{code:?}");
        }
    }
}

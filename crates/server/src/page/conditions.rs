//! What a browser has already, and what it can unpack (RFC 9110).

use axum::http::header::{ACCEPT_ENCODING, AsHeaderName, HeaderMap, HeaderValue, IF_NONE_MATCH};

/// Whether gzip is wanted: named, or covered by `*`, and not with a weight of 0 (section 12.5.3).
pub(super) fn accepts_gzip(asked: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        list(asked, ACCEPT_ENCODING).find_map(|item| {
            let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=').parse::<f32>();
            name.trim().eq_ignore_ascii_case(wanted).then_some(weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// Whether `tag` is among the tags the browser has, compared weakly (section 13.1.2).
pub(super) fn knows(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str() else { return false };
    list(asked, IF_NONE_MATCH).any(|known| known == "*" || opaque(known) == opaque(tag))
}

/// The items of a comma-separated header. Tags of ours have no comma in them.
fn list(headers: &HeaderMap, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(name: &HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn gzip_is_sent_to_who_wants_it() {
        for (accepts, values) in [
            (true, &["gzip, deflate, br, zstd"][..]),
            (true, &["br", "GZIP;q=0.5"]),
            (true, &["*"]),
            (true, &["br;q=1.0, *;q=0.1"]),
            (false, &[]),
            (false, &[""]),
            (false, &["br, deflate"]),
            (false, &["gzip;q=0, *"]),
            (false, &["gzip; q=0.000"]),
            (false, &["*;q=0"]),
            (false, &["gzip;level=9"]),
        ] {
            assert_eq!(accepts_gzip(&headers(&ACCEPT_ENCODING, values)), accepts, "{values:?}");
        }
    }

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        let tag = HeaderValue::from_static("W/\"abc\"");
        for (known, values) in [
            (true, &["W/\"abc\""][..]),
            (true, &["\"abc\""]),
            (true, &["\"x\", W/\"abc\""]),
            (true, &["\"x\"", "\"abc\""]),
            (true, &["*"]),
            (false, &[]),
            (false, &["\"ab\""]),
            (false, &["abc"]),
        ] {
            assert_eq!(knows(&headers(&IF_NONE_MATCH, values), &tag), known, "{values:?}");
        }
    }
}

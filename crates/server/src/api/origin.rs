//! Who sends a browser's request: this server's page, or somebody else's.
//!
//! Any page of the web can make a browser send requests to this machine. What tells them apart are headers that a page
//! cannot set: `Host`, `Origin` and `Sec-Fetch-Site`.

use std::net::IpAddr;

use axum::http::header::{FORWARDED, HOST, HeaderMap, HeaderName, ORIGIN, VIA};

/// How proxies say that they hand on what another machine asked.
const HANDED_ON: [HeaderName; 5] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];

/// Refuses what a page of another site sends, what was sent to another name (an attacker's, which they let point to this
/// machine), and what a proxy hands on. Says why.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), &'static str> {
    let host = single(headers, &HOST).unwrap_or_default();
    if !is_this_machine(host) {
        return Err("only for requests to this machine itself: use http://localhost or http://127.0.0.1");
    }
    if HANDED_ON.iter().any(|name| headers.contains_key(name)) {
        return Err("only for requests of this machine itself: this one was handed on by a proxy");
    }
    let origin_fits =
        !headers.contains_key(ORIGIN) || single(headers, &ORIGIN).is_some_and(|origin| is_of(origin, host));
    let site = HeaderName::from_static("sec-fetch-site");
    let site_fits =
        !headers.contains_key(&site) || matches!(single(headers, &site), Some("same-origin" | "none"));
    if origin_fits && site_fits { Ok(()) } else { Err("only for this server's own pages") }
}

/// The header's value, if there is exactly one.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let only = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(only)
}

/// `localhost` or a loopback address, with any port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether a page of `origin` was loaded from `host`.
fn is_of(origin: &str, host: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn is_taken(headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().map(pair) {
            map.append(name, value);
        }
        check_origin(&map).is_ok()
    }

    #[test]
    fn programs_of_this_machine_are_heard() {
        for host in ["localhost", "LOCALHOST:8710", "127.0.0.1:8710", "127.8.7.6", "[::1]:8710", "[::1]"] {
            assert!(is_taken(&[("host", host)]), "{host}");
        }
    }

    #[test]
    fn names_that_others_can_point_here_are_not() {
        for host in [
            "evil.example",
            "evil.example:8710",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8710",
            "10.0.0.1:8710",
            "0.0.0.0:8710",
            "[::]:8710",
            "user@localhost",
            "localhost:evil",
            "",
        ] {
            assert!(!is_taken(&[("host", host)]), "{host}");
        }
        assert!(!is_taken(&[]));
        assert!(!is_taken(&[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn pages_of_this_server_are_heard_and_others_are_not() {
        for (taken, origin, site) in [
            (true, "http://localhost:8710", "same-origin"),
            (true, "https://localhost:8710", "same-origin"),
            (false, "http://localhost:8710", "same-site"),
            (false, "http://localhost:8710", "cross-site"),
            (false, "http://localhost:3000", "same-origin"),
            (false, "http://localhost", "same-origin"),
            (false, "http://127.0.0.1:8710", "same-origin"),
            (false, "https://evil.example", "cross-site"),
            (false, "null", "cross-site"),
            (false, "null", "same-origin"),
            (false, "file://", "same-origin"),
        ] {
            let headers = [("host", "localhost:8710"), ("origin", origin), ("sec-fetch-site", site)];
            assert_eq!(is_taken(&headers), taken, "{origin} {site}");
        }
        assert!(is_taken(&[("host", "localhost"), ("sec-fetch-site", "none")]));
        assert!(!is_taken(&[("host", "localhost"), ("sec-fetch-site", "cross-site")]));
        assert!(!is_taken(&[
            ("host", "localhost"),
            ("origin", "http://localhost"),
            ("origin", "http://evil.example")
        ]));
    }

    #[test]
    fn what_a_proxy_hands_on_is_not_of_this_machine() {
        for name in ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] {
            assert!(!is_taken(&[("host", "localhost"), (name, "203.0.113.7")]), "{name}");
        }
    }
}

//! What browsers let the app do: nothing comes from elsewhere or runs inline, nobody frames it.

use std::iter;

use axum::http::{HeaderValue, Uri};

/// The policy of the app. `livekit`: the address of a LiveKit server, to which it may connect besides its own server, by WebSocket and,
/// to learn why that failed, by HTTP.
pub(super) fn of(livekit: Option<&str>) -> HeaderValue {
    let connected: Vec<String> =
        iter::once("'self'".to_owned()).chain(livekit.into_iter().flat_map(origins)).collect();
    let connected = connected.join(" ");
    let policy = format!(
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; \
         connect-src {connected}; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a checked address has no control characters")
}

/// Scheme, host and port alone; nothing for an address that the configuration would have been refused for.
fn origins(url: &str) -> Vec<String> {
    let Ok(uri) = url.parse::<Uri>() else { return Vec::new() };
    let schemes = match uri.scheme_str() {
        Some("wss") => ["wss", "https"],
        Some("ws") => ["ws", "http"],
        Some(_) | None => return Vec::new(),
    };
    let Some(host) = uri.host().filter(|host| is_plain(host)) else { return Vec::new() };
    let port = uri.port_u16().map_or_else(String::new, |port| format!(":{port}"));
    schemes.map(|scheme| format!("{scheme}://{host}{port}")).to_vec()
}

/// A semicolon in it would begin a rule of its own.
fn is_plain(host: &str) -> bool {
    host.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | '_' | ':' | '[' | ']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connects(livekit: Option<&str>) -> String {
        let policy = of(livekit).to_str().unwrap().to_owned();
        let rule = policy.split("; ").find_map(|rule| rule.strip_prefix("connect-src ").map(str::to_owned));
        rule.unwrap()
    }

    #[test]
    fn the_page_connects_to_its_own_server_alone() {
        assert_eq!(connects(None), "'self'");
    }

    #[test]
    fn with_livekit_the_page_may_connect_there_too() {
        let to = |url| connects(Some(url));
        assert_eq!(to("wss://l.example"), "'self' wss://l.example https://l.example");
        assert_eq!(to("ws://127.0.0.1:7880/a?b"), "'self' ws://127.0.0.1:7880 http://127.0.0.1:7880");
        assert_eq!(to("ws://[::1]:7880"), "'self' ws://[::1]:7880 http://[::1]:7880");
        assert_eq!(
            to("wss://u:p@l.example"),
            "'self' wss://l.example https://l.example",
            "no password in it"
        );
    }

    #[test]
    fn an_address_cannot_add_a_rule() {
        for url in
            ["wss://l.example;script-src", "wss://l.example script-src", "https://l.example", "wss://*", ""]
        {
            assert_eq!(connects(Some(url)), "'self'", "{url}");
        }
    }
}

//! What a value of `[webhooks]` may be.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ureq::http::Uri;
use wigwag_protocol::Event;

use super::{between, ensure};
use crate::config::{BeforeConfig, Config, ConfigError, EndpointConfig, Secret, WebhookForm};
use crate::webhooks::{
    AddressRange, SESSION_TYPES, SigningKey, TOKEN_BYTES, is_named, matches, may_be_reached,
};

/// Most endpoints: each has connections and threads of its own.
const MOST_ENDPOINTS: usize = 20;
/// Longest name, bytes; it is a label of figures and a key of the store.
const LONGEST_NAME: usize = 64;
/// Three days in which events are tried, and seven in which they can be told again.
const LEAST_EVENTS_DAYS: u32 = 10;
/// Longer than any client waits for a reply; it repeats the invite then, and the repeat hears what came of the first.
const TIMEOUTS_MS: std::ops::RangeInclusive<u64> = 100..=30_000;

pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    let webhooks = &config.webhooks;
    for (hook, name) in [
        (&webhooks.before_invite, BeforeConfig::INVITE),
        (&webhooks.before_message, BeforeConfig::MESSAGE),
        (&webhooks.before_group, BeforeConfig::GROUP),
    ] {
        let Some(hook) = hook else { continue };
        between(&format!("webhooks.{name}: timeout_ms"), &hook.timeout_ms, TIMEOUTS_MS)?;
        check_endpoint("webhooks", &hook.as_endpoint(name), &webhooks.allow)?;
    }
    let endpoints = &config.webhooks.endpoints;
    if endpoints.is_empty() {
        return Ok(());
    }
    ensure(endpoints.len() <= MOST_ENDPOINTS, || {
        format!("webhooks.endpoints has {} endpoints: choose at most {MOST_ENDPOINTS}", endpoints.len())
    })?;
    let days = config.retention.events_days;
    ensure(days >= LEAST_EVENTS_DAYS, || {
        format!(
            "retention.events_days = {days} must be at least {LEAST_EVENTS_DAYS} with webhooks: an event is tried for 3 days and kept for 7 more"
        )
    })?;
    let mut names = BTreeSet::new();
    for endpoint in endpoints {
        check_name(&endpoint.name)?;
        ensure(names.insert(&endpoint.name), || {
            format!("webhooks.endpoints has {} twice: names are each endpoint's own", endpoint.name)
        })?;
        check_endpoint("webhooks.endpoints", endpoint, &config.webhooks.allow)?;
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let is_simple = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ensure((1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_simple), || {
        format!(
            "webhooks.endpoints has the name \"{name}\": use 1 to {LONGEST_NAME} letters, digits, \"-\" and \"_\""
        )
    })
}

/// Addresses may have secrets in them and are not repeated.
fn check_endpoint(place: &str, endpoint: &EndpointConfig, allow: &[AddressRange]) -> Result<(), ConfigError> {
    let name = &endpoint.name;
    ensure(endpoint.secret.is_some() != endpoint.secret_file.is_some(), || {
        format!("{place}: {name} needs either secret or secret_file")
    })?;
    check_secrets(place, endpoint)?;
    for pattern in &endpoint.events {
        ensure(Event::TYPES.iter().chain(&SESSION_TYPES).any(|kind| matches(pattern, kind)), || {
            format!("{place}: {name} wants \"{pattern}\", which no event is called: see docs/webhooks.md")
        })?;
    }
    check_url(place, endpoint, allow)
}

fn check_secrets(place: &str, endpoint: &EndpointConfig) -> Result<(), ConfigError> {
    let name = &endpoint.name;
    if endpoint.form == WebhookForm::Tencent {
        ensure(endpoint.previous_secret.is_none(), || {
            format!("{place}: {name} has previous_secret, and Tencent's callbacks have one token: remove it")
        })?;
        let token = endpoint.secret.as_ref().map(Secret::expose);
        return ensure(token.is_none_or(|token| TOKEN_BYTES.contains(&token.len())), || {
            format!("{place}: the secret of {name} is the token of its callbacks, 1 to 128 characters")
        });
    }
    for secret in [&endpoint.secret, &endpoint.previous_secret].into_iter().flatten() {
        ensure(SigningKey::parse(secret.expose()).is_some(), || {
            format!(
                "{place}: a secret of {name} is not \"whsec_\" and the base64 of 24 to 64 random bytes: make one with: echo whsec_$(openssl rand -base64 32)"
            )
        })?;
    }
    Ok(())
}

fn check_url(place: &str, endpoint: &EndpointConfig, allow: &[AddressRange]) -> Result<(), ConfigError> {
    let name = &endpoint.name;
    let url = endpoint.url.expose().parse::<Uri>().ok().filter(|url| url.host().is_some());
    let is_http = url.as_ref().is_some_and(|url| url.scheme_str() == Some("http"));
    let is_https = url.as_ref().is_some_and(|url| url.scheme_str() == Some("https"));
    ensure(is_https || (is_http && !allow.is_empty()), || {
        format!("{place}: the url of {name} must be https, or http to an address that webhooks.allow names")
    })?;
    let has_user =
        url.as_ref().and_then(Uri::authority).is_some_and(|authority| authority.as_str().contains('@'));
    ensure(!has_user, || {
        format!("{place}: the url of {name} has a user in it: requests are signed instead")
    })?;
    let host = url.as_ref().and_then(Uri::host).unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let may_go = |address| if is_http { is_named(address, allow) } else { may_be_reached(address, allow) };
    ensure(!literal.is_ok_and(|address| !may_go(address)), || {
        format!(
            "{place}: the url of {name} has an address inside a network: name it in webhooks.allow if requests may go there"
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::config::{BeforeConfig, Unanswered, WebhookForm, parse};

    const SECRET: &str = "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

    fn endpoint(name: &str, more: &str) -> String {
        format!("[[webhooks.endpoints]]\nname = \"{name}\"\n{more}\n")
    }

    fn good(name: &str) -> String {
        endpoint(name, &format!("url = \"https://shop.example.org/t0ken\"\nsecret = \"{SECRET}\""))
    }

    fn refused(text: &str) -> String {
        let error = parse(text).expect_err(text).to_string();
        assert!(!error.contains("t0ken") && !error.contains("MTIz"), "{error}");
        error
    }

    /// Each needs the days of events, which come first.
    fn with_days(endpoints: &str) -> String {
        format!("[retention]\nevents_days = 10\n[webhooks]\nallow = [\"10.1.0.0/16\"]\n{endpoints}")
    }

    #[test]
    fn endpoints_and_names_have_bounds() {
        let endpoints =
            |number: usize| (0..number).map(|number| good(&format!("e{number}"))).collect::<String>();
        assert_eq!(parse(&with_days(&endpoints(20))).unwrap().webhooks.endpoints.len(), 20);
        assert!(refused(&with_days(&endpoints(21))).contains("at most 20"));
        parse(&with_days(&good(&"n".repeat(64)))).unwrap();
        for name in ["", "a b", "a/b", &"n".repeat(65)] {
            assert!(refused(&with_days(&good(name))).contains("1 to 64 letters"), "{name}");
        }
        assert!(refused(&with_days(&(good("shop") + &good("shop")))).contains("shop twice"));
    }

    #[test]
    fn events_are_kept_as_long_as_they_are_tried_and_can_be_told_again() {
        let nine = with_days(&good("shop")).replace("= 10", "= 9");
        assert!(refused(&nine).contains("at least 10"));
        parse(&nine.replace(&good("shop"), "")).unwrap();
    }

    #[test]
    fn a_wrong_endpoint_is_named_without_its_address_and_secret() {
        let with = |more: &str| refused(&with_days(&endpoint("shop", more)));
        let url = "url = \"https://shop.example.org/t0ken\"";
        let secret = format!("secret = \"{SECRET}\"");
        assert!(with(url).contains("either secret or secret_file"));
        assert!(
            with(&format!("{url}\n{secret}\nsecret_file = \"f\"")).contains("either secret or secret_file")
        );
        assert!(with(&format!("{url}\nsecret = \"whsec_MTIz\"")).contains("24 to 64 random bytes"));
        let previous = format!("{url}\n{secret}\nprevious_secret = \"MTIz\"");
        assert!(with(&previous).contains("24 to 64 random bytes"));
        assert!(with(&format!("{url}\n{secret}\nevents = [\"calls.*\"]")).contains("\"calls.*\""));
        for wrong in [
            "secret = [\"t0ken\"]",
            "secert = \"t0ken\"",
            "previous_secret = {old = \"t0ken\"}",
            "url = \"t0ken",
        ] {
            with(wrong);
        }
        assert!(with(&format!("{url}\n{secret}\nsecret_flie = \"t0ken\"")).contains("secret_flie"));
    }

    #[test]
    fn a_back_end_of_tencents_has_one_token() {
        let with = |secret: &str| {
            let table = format!(
                "url = \"https://shop.example.org/t0ken\"\nform = \"tencent\"\nsecret = \"{secret}\""
            );
            with_days(&endpoint("shop", &table))
        };
        for token in ["a", &"a".repeat(128)] {
            assert_eq!(parse(&with(token)).unwrap().webhooks.endpoints[0].form, WebhookForm::Tencent);
        }
        for token in ["", &"a".repeat(129)] {
            assert!(refused(&with(token)).contains("1 to 128 characters"));
        }
        assert!(refused(&with("a\"\nprevious_secret = \"b")).contains("one token: remove it"));
        refused(&with("a").replace("tencent", "theirs"));
    }

    #[test]
    fn who_is_asked_first_has_the_form_of_an_endpoint() {
        for name in [BeforeConfig::INVITE, BeforeConfig::MESSAGE, BeforeConfig::GROUP] {
            is_asked_first(name);
        }
    }

    fn is_asked_first(name: &str) {
        let with = |more: &str| {
            let table = format!("url = \"https://shop.example.org/t0ken\", secret = \"{SECRET}\"{more}");
            format!("[webhooks]\n{name} = {{ {table} }}\n")
        };
        let hook = |more: &str| {
            let webhooks = parse(&with(more)).unwrap().webhooks;
            webhooks.before_invite.or(webhooks.before_message).or(webhooks.before_group).unwrap()
        };
        let usual = hook("");
        assert_eq!(
            (usual.timeout_ms, usual.unanswered, usual.form),
            (2_000, Unanswered::Allow, WebhookForm::Standard)
        );
        assert_eq!(hook(", form = \"tencent\"").form, WebhookForm::Tencent);
        let given = hook(", timeout_ms = 30000, unanswered = \"refuse\"");
        assert_eq!((given.timeout_ms, given.unanswered), (30_000, Unanswered::Refuse));
        for wrong in [
            "timeout_ms = 99",
            "timeout_ms = 30001",
            "unanswered = \"maybe\"",
            "events = []",
            "secret_file = \"f\"",
        ] {
            refused(&with(&format!(", {wrong}")));
        }
        assert!(refused(&with("").replace("https", "http")).contains(&format!("{name} must be https")));
        assert!(refused(&with("").replace("shop.example.org", "10.0.0.1")).contains("inside a network"));
    }

    #[test]
    fn an_address_is_outside_or_named() {
        let with = |url: &str| {
            with_days(&endpoint("shop", &format!("url = \"{url}/t0ken\"\nsecret = \"{SECRET}\"")))
        };
        for url in [
            "https://1.1.1.1",
            "https://10.1.2.3:8443",
            "http://10.1.2.3",
            "http://shop",
            "https://[2606:4700::1]",
        ] {
            parse(&with(url)).unwrap();
        }
        for url in [
            "https://10.2.0.1",
            "http://1.1.1.1",
            "https://169.254.169.254",
            "https://[::1]",
            "https://[::ffff:a00:1]",
        ] {
            assert!(refused(&with(url)).contains("inside a network"), "{url}");
        }
        for url in ["ftp://shop.example.org", "shop.example.org", "https://"] {
            assert!(refused(&with(url)).contains("must be https"), "{url}");
        }
        assert!(refused(&with("http://shop").replace("\"10.1.0.0/16\"", "")).contains("must be https"));
        assert!(refused(&with("https://me:t0ken@shop.example.org")).contains("has a user in it"));
        assert!(
            refused(&with("https://1.1.1.1").replace("10.1.0.0/16", "10.1.0.0/33")).contains("10.1.0.0/33")
        );
    }
}

//! What a value of `[push]` may be.

use std::net::IpAddr;

use ureq::http::Uri;

use super::{ensure, is_safe_url};
use crate::config::{AdapterConfig, ApnsConfig, ConfigError, FcmConfig, PushConfig, WebPushConfig};
use crate::push::VapidKey;
use crate::webhooks::{SigningKey, is_named, may_be_reached};

pub(super) fn check(push: &PushConfig) -> Result<(), ConfigError> {
    check_web(&push.web)?;
    check_fcm(&push.fcm)?;
    check_apns(&push.apns)?;
    check_adapter(&push.adapter)
}

fn check_web(web: &WebPushConfig) -> Result<(), ConfigError> {
    let (public, private) = match (&web.public_key, &web.private_key) {
        (None, None) => return Ok(()),
        (Some(public), Some(private)) => (public, private),
        (Some(_), None) | (None, Some(_)) => {
            return Err(ConfigError::new(
                "push.web needs both public_key and private_key, or neither".to_owned(),
            ));
        }
    };
    ensure(VapidKey::parse(public, private.expose()).is_some(), || {
        "push.web: public_key and private_key are no pair of VAPID keys: make one with: npx web-push generate-vapid-keys"
            .to_owned()
    })?;
    for service in &web.services {
        let name = service.strip_prefix("*.").unwrap_or(service);
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        ensure(!name.is_empty() && name.bytes().all(is_part), || {
            format!(
                "push.web.services: \"{service}\" is no host, as \"push.example.org\" or \"*.example.org\" in small letters are"
            )
        })?;
    }
    let contact = web.contact.as_deref().unwrap_or_default();
    ensure(contact.starts_with("mailto:") || contact.starts_with("https://"), || {
        "push.web.contact must be an address such as \"mailto:admin@example.org\": push services may refuse servers without one"
            .to_owned()
    })
}

/// Its file is read at the start.
fn check_fcm(fcm: &FcmConfig) -> Result<(), ConfigError> {
    ensure(is_safe_url(&fcm.url), || {
        "push.fcm.url must start with https://, or with http:// and a loopback address: what is sent there wakes phones"
            .to_owned()
    })
}

/// The key's file is read at the start.
fn check_apns(apns: &ApnsConfig) -> Result<(), ConfigError> {
    let ApnsConfig { key_file, key_id, team_id, topic, environment, .. } = apns;
    let all = [key_file.is_some(), key_id.is_some(), team_id.is_some(), topic.is_some()];
    ensure(all.iter().all(|is_there| *is_there == all[0]), || {
        "push.apns needs all of key_file, key_id, team_id and topic, or none".to_owned()
    })?;
    // Apple's IDs (https://developer.apple.com/help/account/).
    let is_id = |id: &str| id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    for (name, id) in [("key_id", key_id), ("team_id", team_id)] {
        ensure(id.as_deref().is_none_or(is_id), || {
            format!(
                "push.apns.{name} is not ten letters and digits, as Apple's IDs are: see developer.apple.com"
            )
        })?;
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let is_bundle = |topic: &str| {
        let is_name = !topic.is_empty() && topic.len() <= 155 && topic.bytes().all(is_part);
        is_name && topic.strip_suffix(".voip").is_none()
    };
    ensure(topic.as_deref().is_none_or(is_bundle), || {
        "push.apns.topic is not the app's bundle ID, such as \"org.example.chat\"; \".voip\" is added where it has to be"
            .to_owned()
    })?;
    let origin = apns.origin();
    let address = origin.parse::<Uri>().ok().filter(|address| address.host().is_some());
    let is_origin = |address: &Uri| address.scheme_str() == Some("https") && address.path() == "/";
    ensure(address.as_ref().is_some_and(is_origin), || {
        format!(
            "push.apns.environment is \"{environment}\": choose \"production\" or \"sandbox\", or an address such as \"https://localhost:8443\""
        )
    })
}

/// The address may have secrets in it and is not repeated.
fn check_adapter(adapter: &AdapterConfig) -> Result<(), ConfigError> {
    let (url, secret) = match (&adapter.url, &adapter.secret) {
        (None, None) => return Ok(()),
        (Some(url), Some(secret)) => (url, secret),
        (Some(_), None) | (None, Some(_)) => {
            return Err(ConfigError::new("push.adapter needs both url and secret, or neither".to_owned()));
        }
    };
    for secret in [Some(secret), adapter.previous_secret.as_ref()].into_iter().flatten() {
        ensure(SigningKey::parse(secret.expose()).is_some(), || {
            "push.adapter: a secret is not \"whsec_\" and the base64 of 24 to 64 random bytes: make one with: echo whsec_$(openssl rand -base64 32)"
                .to_owned()
        })?;
    }
    check_url(url.expose(), adapter)
}

fn check_url(url: &str, adapter: &AdapterConfig) -> Result<(), ConfigError> {
    let url = url.parse::<Uri>().ok().filter(|url| url.host().is_some());
    let has_scheme = |scheme| url.as_ref().is_some_and(|url| url.scheme_str() == Some(scheme));
    let is_http = has_scheme("http");
    ensure(has_scheme("https") || (is_http && !adapter.allow.is_empty()), || {
        "push.adapter.url must be https, or http to an address that push.adapter.allow names".to_owned()
    })?;
    let has_user = url.as_ref().and_then(Uri::authority).is_some_and(|one| one.as_str().contains('@'));
    ensure(!has_user, || "push.adapter.url has a user in it: requests are signed instead".to_owned())?;
    let host = url.as_ref().and_then(Uri::host).unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let may_go = |address| {
        if is_http { is_named(address, &adapter.allow) } else { may_be_reached(address, &adapter.allow) }
    };
    ensure(!literal.is_ok_and(|address| !may_go(address)), || {
        "push.adapter.url has an address inside a network: name it in push.adapter.allow if requests may go there"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    const SECRET: &str = "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    const PUBLIC: &str =
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    const PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

    fn web(public: &str, private: &str, contact: &str) -> String {
        format!(
            "[push.web]\npublic_key = \"{public}\"\nprivate_key = \"{private}\"\ncontact = \"{contact}\"\n"
        )
    }

    fn adapter(url: &str, secret: &str, more: &str) -> String {
        format!("[push.adapter]\nurl = \"{url}\"\nsecret = \"{secret}\"\n{more}")
    }

    fn apns(key_id: &str, topic: &str, environment: &str) -> String {
        format!(
            "[push.apns]\nkey_file = \"a.p8\"\nkey_id = \"{key_id}\"\nteam_id = \"TEAM123456\"\ntopic = \"{topic}\"\nenvironment = \"{environment}\"\n"
        )
    }

    #[test]
    fn what_apple_gave_is_whole() {
        for environment in ["production", "sandbox", "https://localhost:8443", "https://127.0.0.1:8443/"] {
            let good = apns("ABC1234567", "org.example.chat", environment);
            parse(&good).expect(&good);
        }
        for (wrong, word) in [
            (apns("ABC", "org.example.chat", "sandbox"), "key_id"),
            (apns("ABC1234567", "org.example.chat.voip", "sandbox"), "topic"),
            (apns("ABC1234567", "", "sandbox"), "topic"),
            (apns("ABC1234567", "org.example.chat", "development"), "choose \"production\""),
            (apns("ABC1234567", "org.example.chat", "http://localhost"), "choose \"production\""),
            (apns("ABC1234567", "org.example.chat", "https://localhost/3"), "choose \"production\""),
            ("[push.apns]\nkey_file = \"a.p8\"\n".to_owned(), "all of"),
        ] {
            let error = parse(&wrong).expect_err(&wrong).to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn ways_to_wake_devices_are_whole() {
        for good in [
            web(PUBLIC, PRIVATE, "mailto:admin@example.org"),
            adapter("https://push.example.org/t0ken", SECRET, ""),
            adapter("http://127.0.0.1:8000", SECRET, "allow = [\"127.0.0.1\"]"),
            "[push.fcm]\nservice_account = \"account.json\"\n".to_owned(),
            "[push.fcm]\nurl = \"http://127.0.0.1:8000\"\n".to_owned(),
            String::new(),
        ] {
            parse(&good).expect(&good);
        }
        for (wrong, word) in [
            (web(PUBLIC, PUBLIC, "mailto:a@example.org"), "no pair"),
            (web(PUBLIC, PRIVATE, ""), "contact"),
            (format!("[push.web]\npublic_key = \"{PUBLIC}\""), "both"),
            (format!("{}services = [\"*\"]\n", web(PUBLIC, PRIVATE, "mailto:a@example.org")), "no host"),
            (format!("{}services = [\"*.\"]\n", web(PUBLIC, PRIVATE, "mailto:a@example.org")), "no host"),
            (
                format!("{}services = [\"https://x.org\"]\n", web(PUBLIC, PRIVATE, "mailto:a@example.org")),
                "no host",
            ),
            (adapter("http://push.example.org/t0ken", SECRET, ""), "must be https"),
            (adapter("https://10.1.2.3/t0ken", SECRET, ""), "inside a network"),
            (adapter("https://me@push.example.org/t0ken", SECRET, ""), "a user in it"),
            (adapter("https://push.example.org/t0ken", "t0ken", ""), "whsec_"),
            ("[push.fcm]\nurl = \"http://fcm.example.org\"\n".to_owned(), "push.fcm.url must"),
            ("[push.fcm]\nurl = \"fcm.example.org\"\n".to_owned(), "push.fcm.url must"),
            ("[push.adapter]\nurl = \"https://push.example.org/t0ken\"".to_owned(), "both"),
        ] {
            let error = parse(&wrong).expect_err(&wrong).to_string();
            assert!(error.contains(word) && !error.contains("t0ken") && !error.contains(PRIVATE), "{error}");
        }
    }
}

//! Rules a single value's type cannot hold. Each message names the key and says what to change.

mod calls;
mod push;
mod webhooks;

use std::fmt::Display;
use std::ops::RangeInclusive;

use tracing_subscriber::filter::{LevelFilter, Targets};
use ureq::http::Uri;
use wigwag_protocol::UserId;

use super::{
    AuthConfig, BusConfig, Config, ConfigError, EngineUrl, LimitsConfig, RetentionConfig, SessionsConfig,
    StoreConfig, TlsConfig, WebConfig,
};

/// Shortest key that HMAC-SHA256 should have (RFC 7518 section 3.2).
const SHORTEST_KEY_BYTES: usize = 32;

/// Administrators of Tencent's API, and of OpenIM's: a few names, looked through at each of its requests.
const MOST_ADMINISTRATORS: usize = 16;

/// Shortest token that nobody guesses over the network, bytes.
const SHORTEST_METRICS_TOKEN: usize = 16;

pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    check_auth(&config.auth)?;
    check_tls(&config.tls)?;
    check_dev_tokens(config)?;
    check_exposure(config)?;
    check_store(&config.store)?;
    check_bus(&config.bus, &config.store)?;
    check_limits(&config.limits)?;
    check_sessions(&config.sessions)?;
    check_retention(&config.retention)?;
    check_web(&config.web)?;
    check_api(config)?;
    calls::check(&config.calls)?;
    webhooks::check(config)?;
    push::check(&config.push)?;
    let (lease, grace) = (config.calls.lease_s, config.sessions.offline_grace_s);
    ensure(lease > grace, || {
        format!(
            "calls.lease_s = {lease} must be more than sessions.offline_grace_s = {grace}: until then, who is gone counts as online"
        )
    })?;
    between("start_wait_s", &config.start_wait_s, 0..=3_600)?;
    check_metrics(config)?;
    check_log_level(&config.log.level)
}

fn check_auth(auth: &AuthConfig) -> Result<(), ConfigError> {
    let long_enough = auth.key.as_ref().is_none_or(|key| key.expose().len() >= SHORTEST_KEY_BYTES);
    ensure(long_enough, || {
        format!("auth.key is shorter than {SHORTEST_KEY_BYTES} bytes: make one with \"openssl rand -hex 32\"")
    })?;
    ensure(auth.jwks_url.as_deref().is_none_or(is_safe_url), || {
        "auth.jwks_url must start with https://, or with http:// and a loopback address: keys fetched in the clear can be forged".to_owned()
    })?;
    between("auth.jwks_refresh_minutes", &auth.jwks_refresh_minutes, 1..=1440)
}

/// Whether what comes from there cannot be forged on the way.
pub(crate) fn is_safe_url(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else { return false };
    let loopback = ["127.0.0.1", "localhost", "[::1]"];
    match url.scheme_str() {
        Some("https") => url.host().is_some(),
        Some("http") => url.host().is_some_and(|host| loopback.contains(&host)),
        _ => false,
    }
}

fn check_tls(tls: &TlsConfig) -> Result<(), ConfigError> {
    ensure(tls.cert.is_none() || tls.key.is_some(), || {
        "tls.cert is set but tls.key is not: set tls.key to the certificate's private key (PEM)".to_owned()
    })?;
    ensure(tls.key.is_none() || tls.cert.is_some(), || {
        "tls.key is set but tls.cert is not: set tls.cert to the certificate (PEM)".to_owned()
    })
}

fn check_exposure(config: &Config) -> Result<(), ConfigError> {
    let guarded = config.listen.ip().is_loopback() || config.tls.cert.is_some() || config.tls.plain;
    ensure(guarded, || {
        format!(
            "listen = \"{}\" can be reached by other machines without encryption: set tls.cert and tls.key, \
             or say tls.plain = true (--plain) if a proxy in front does TLS",
            config.listen
        )
    })
}

fn check_administrators(key: &str, names: &[String]) -> Result<(), ConfigError> {
    ensure(names.len() <= MOST_ADMINISTRATORS, || {
        format!("{key} has {} names: at most {MOST_ADMINISTRATORS} may be named", names.len())
    })?;
    let wrong = names.iter().find(|name| UserId::parse(name).is_err());
    ensure(wrong.is_none(), || format!("{key}: {:?} is no userID", wrong.map_or("", String::as_str)))
}

fn check_api(config: &Config) -> Result<(), ConfigError> {
    let api = &config.api;
    between("api.requests_per_second", &api.requests_per_second, 1..=100_000)?;
    between("api.request_burst", &api.request_burst, 1..=100_000)?;
    between("api.requests_at_once", &api.requests_at_once, 1..=10_000)?;
    check_administrators("api.tencent_administrators", &api.tencent_administrators)?;
    check_administrators("api.openim_administrators", &api.openim_administrators)?;
    let Some(listen) = api.listen else { return Ok(()) };
    let guarded = listen.ip().is_loopback() || config.tls.cert.is_some() || config.tls.plain;
    ensure(guarded, || {
        format!(
            "api.listen = \"{listen}\" can be reached by other machines without encryption: set tls.cert and tls.key, or say \
             tls.plain = true (--plain) if a proxy in front does TLS"
        )
    })?;
    ensure(listen.port() == 0 || (listen != config.listen && Some(listen) != config.metrics.listen), || {
        "api.listen is the address of listen or of metrics.listen: choose another port, or remove it"
            .to_owned()
    })
}

/// Whoever can ask for a token can be anybody: it must be nobody but the developer.
fn check_dev_tokens(config: &Config) -> Result<(), ConfigError> {
    if !config.auth.dev_tokens {
        return Ok(());
    }
    let refused = |why: &str| {
        format!(
            "auth.dev_tokens (--dev) lets whoever reaches this server sign in as anybody, and {why}, or leave --dev away \
             and make tokens with \"wigwag token\""
        )
    };
    ensure(config.listen.ip().is_loopback(), || {
        refused(&format!(
            "listen = \"{}\" can be reached by other machines: listen on 127.0.0.1:{}",
            config.listen,
            config.listen.port()
        ))
    })?;
    ensure(!config.tls.plain, || {
        refused(
            "tls.plain (--plain) says that a proxy brings other machines' connections here: leave --plain away",
        )
    })?;
    ensure(config.bus.url.is_none(), || {
        refused("its tokens would count on all servers that meet at bus.url: remove bus.url")
    })
}

fn check_store(store: &StoreConfig) -> Result<(), ConfigError> {
    check_scheme("store.url", store.url.as_ref(), &["postgres", "postgresql"])?;
    between("store.connections", &store.connections, 2..=1_000)?;
    between("store.commit_linger_us", &store.commit_linger_us, 0..=100_000)?;
    between("store.max_batch", &store.max_batch, 1..=65_536)
}

fn check_bus(bus: &BusConfig, store: &StoreConfig) -> Result<(), ConfigError> {
    check_scheme("bus.url", bus.url.as_ref(), &["nats", "tls"])?;
    ensure(bus.url.is_none() || store.url.is_some(), || {
        "bus.url is set but store.url is not: a bus connects servers that share a PostgreSQL store; set store.url to its \
         address, or remove bus.url for a single server"
            .to_owned()
    })
}

fn check_web(web: &WebConfig) -> Result<(), ConfigError> {
    let is_stun = |url: &String| {
        let host = url.strip_prefix("stun:").or_else(|| url.strip_prefix("stuns:"));
        host.is_some_and(|host| !host.is_empty() && !host.contains([' ', ',', '/']))
    };
    web.stun.iter().try_for_each(|url| {
        ensure(is_stun(url), || {
            format!(
                "web.stun has \"{url}\", which is no STUN server: write it as \"stun:stun.example.org:3478\""
            )
        })
    })
}

fn check_metrics(config: &Config) -> Result<(), ConfigError> {
    let metrics = &config.metrics;
    let long_enough =
        metrics.token.as_ref().is_none_or(|token| token.expose().len() >= SHORTEST_METRICS_TOKEN);
    ensure(long_enough, || {
        format!(
            "metrics.token is shorter than {SHORTEST_METRICS_TOKEN} bytes: make one with \"openssl rand -hex 32\""
        )
    })?;
    ensure(metrics.listen.is_none_or(|listen| listen.port() == 0 || listen != config.listen), || {
        "metrics.listen is the address of listen: choose another port, or remove it and set metrics.token"
            .to_owned()
    })
}

fn check_scheme(key: &str, url: Option<&EngineUrl>, known: &[&str]) -> Result<(), ConfigError> {
    ensure(url.is_none_or(|url| url.scheme().is_some_and(|scheme| known.contains(&scheme))), || {
        let ways: Vec<String> = known.iter().map(|scheme| format!("{scheme}://")).collect();
        // The value itself may be a password in the wrong place.
        format!(
            "{key} is not the address of an engine this server knows: start it with {}",
            ways.join(" or ")
        )
    })
}

/// Each rate in the long run, and what may come at once.
fn check_rates(limits: &LimitsConfig) -> Result<(), ConfigError> {
    let rates = [
        ("commands", limits.commands_per_second, "command", limits.command_burst),
        ("calls", limits.calls_per_second, "call", limits.call_burst),
        ("answers", limits.answers_per_second, "answer", limits.answer_burst),
        ("reads", limits.reads_per_second, "read", limits.read_burst),
        ("sign_ins", limits.sign_ins_per_second, "sign_in", limits.sign_in_burst),
        ("noise", limits.noise_per_second, "noise", limits.noise_burst),
    ];
    rates.into_iter().try_for_each(|(many, per_second, one, burst)| {
        between(&format!("limits.{many}_per_second"), &per_second, 1..=1_000_000)?;
        ensure(burst >= per_second, || {
            format!(
                "limits.{one}_burst = {burst} is less than limits.{many}_per_second = {per_second}: raise the one or lower \
                 the other"
            )
        })
    })
}

fn check_limits(limits: &LimitsConfig) -> Result<(), ConfigError> {
    between("limits.data_bytes", &limits.data_bytes, 1..=524_288)?;
    between("limits.frame_bytes", &limits.frame_bytes, 4_096..=1_048_576)?;
    ensure(limits.frame_bytes >= 2 * limits.data_bytes, || {
        format!(
            "limits.frame_bytes = {} is less than twice limits.data_bytes = {}: raise the one or lower the other",
            limits.frame_bytes, limits.data_bytes
        )
    })?;
    between("limits.invitees", &limits.invitees, 1..=100_000)?;
    between("limits.open_invitations", &limits.open_invitations, 1..=1_000_000)?;
    between("limits.open_lasting", &limits.open_lasting, 1..=100)?;
    between("limits.group_open_invitations", &limits.group_open_invitations, 1..=1_000_000)?;
    between("limits.pair_open_invitations", &limits.pair_open_invitations, 1..=1_000_000)?;
    between("limits.invitee_open_invitations", &limits.invitee_open_invitations, 1..=1_000_000)?;
    ensure(limits.invitee_open_invitations >= limits.pair_open_invitations, || {
        format!(
            "limits.invitee_open_invitations = {} is less than limits.pair_open_invitations = {}: raise the one or lower the other",
            limits.invitee_open_invitations, limits.pair_open_invitations
        )
    })?;
    check_rates(limits)?;
    between("limits.group_messages_per_second", &limits.group_messages_per_second, 1..=1_000_000)?;
    between("limits.group_members", &limits.group_members, 1..=100_000)?;
    between("limits.user_groups", &limits.user_groups, 1..=100_000)?;
    between("limits.max_timeout_s", &limits.max_timeout_s, 1..=86_400)?;
    between("limits.revoke_window_s", &limits.revoke_window_s, 0..=31_536_000)?;
    between("limits.name_bytes", &limits.name_bytes, 1..=4_096)?;
    between("limits.ext_bytes", &limits.ext_bytes, 0..=524_288)?;
    between("limits.users_per_request", &limits.users_per_request, 1..=100_000)?;
    between("limits.connections", &limits.connections, 1..=10_000_000)?;
    between("limits.unsigned_connections", &limits.unsigned_connections, 1..=10_000_000)?;
    between("limits.unsigned_frame_bytes", &limits.unsigned_frame_bytes, 1_024..=65_536)?;
    between("limits.unsigned_bytes", &limits.unsigned_bytes, 65_536..=1_073_741_824)?;
    between("limits.send_buffer_bytes", &limits.send_buffer_bytes, 4_096..=4_194_304)
}

fn check_sessions(sessions: &SessionsConfig) -> Result<(), ConfigError> {
    between("sessions.per_user", &sessions.per_user, 1..=65_536)?;
    between("sessions.ping_interval_s", &sessions.ping_interval_s, 5..=3_600)?;
    between("sessions.mailbox", &sessions.mailbox, 16..=65_536)?;
    between("sessions.backlog_bytes", &sessions.backlog_bytes, 65_536..=1_073_741_824)?;
    between("sessions.total_backlog_bytes", &sessions.total_backlog_bytes, 1_048_576..=1_099_511_627_776)?;
    ensure(sessions.total_backlog_bytes >= 2 * sessions.backlog_bytes, || {
        format!(
            "sessions.total_backlog_bytes = {} is less than twice sessions.backlog_bytes = {}, so that one slow device could \
             close others: raise the one or lower the other",
            sessions.total_backlog_bytes, sessions.backlog_bytes
        )
    })?;
    between("sessions.offline_grace_s", &sessions.offline_grace_s, 0..=3_600)
}

fn check_retention(retention: &RetentionConfig) -> Result<(), ConfigError> {
    between("retention.events_days", &retention.events_days, 1..=3_650)?;
    between("retention.online_only_s", &retention.online_only_s, 10..=86_400)?;
    between("retention.no_deadline_hours", &retention.no_deadline_hours, 1..=8_760)?;
    between("retention.ended_invitations_days", &retention.ended_invitations_days, 1..=3_650)?;
    between("retention.calls_days", &retention.calls_days, 1..=3_650)?;
    let RetentionConfig { events_days, history_days, ended_invitations_days, no_deadline_hours, .. } =
        *retention;
    ensure(history_days == 0 || history_days > events_days, || {
        format!(
            "retention.history_days = {history_days} is not above retention.events_days = {events_days}: a message would be \
             gone before devices that were away have read it; choose more, or 0 for ever"
        )
    })?;
    // An invitation is open for a day at most, or for no_deadline_hours.
    let longest_open = 1 + no_deadline_hours.div_ceil(24);
    ensure(ended_invitations_days >= events_days + longest_open, || {
        format!(
            "retention.ended_invitations_days = {ended_invitations_days} is too few: it must be at least {}, so that a device \
             that was away can be told how each invitation in its stream has ended",
            events_days + longest_open
        )
    })
}

fn check_log_level(level: &str) -> Result<(), ConfigError> {
    // The parser takes a word that is no level for the name of a part, logged in full; here it is a slip.
    let is_level = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    ensure(level.split(',').all(is_level) && level.parse::<Targets>().is_ok(), || {
        format!(
            "log.level = \"{level}\" is no level: use error, warn, info, debug or trace, or such as \
             info,wigwag_server::store=debug"
        )
    })
}

fn between<T: PartialOrd + Display>(
    key: &str,
    value: &T,
    allowed: RangeInclusive<T>,
) -> Result<(), ConfigError> {
    ensure(allowed.contains(value), || {
        format!("{key} = {value} is out of range: choose {} to {}", allowed.start(), allowed.end())
    })
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::new(message())) }
}

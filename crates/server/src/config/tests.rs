//! Configuration as an operator writes it.

use super::*;
use wigwag_protocol::media::MediaProvider;

fn refusal(text: &str) -> String {
    match parse(text) {
        Ok(config) => panic!("{text} was taken: {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_empty_file_gives_the_documented_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8710");
    assert_eq!(config.limits.data_bytes, 16 * 1024);
    assert_eq!(config.retention.events_days, 7);
    assert!(config.auth.auto_register);
}

#[test]
fn every_default_in_the_template_can_be_written_down() {
    let written: Vec<_> = template()
        .lines()
        .map(|line| if is_disabled_default(line) { line[1..].to_owned() } else { line.to_owned() })
        .collect();
    let text = written.join("\n");
    let config = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(format!("{config:?}"), format!("{:?}", parse("").unwrap()));
}

/// `#key = value`; prose has a space after the `#`, and keys without default nothing after the `=`.
fn is_disabled_default(line: &str) -> bool {
    line.starts_with('#') && !line.starts_with("# ") && line.contains(" = ")
}

#[test]
fn every_key_is_documented_with_its_variable() {
    let text = template();
    let keys =
        text.lines().filter(|line| line.starts_with('#') && line[1..].starts_with(char::is_alphabetic));
    let variables = text.lines().filter(|line| line.contains("environment variable `WIGWAG_"));
    assert_eq!(keys.count(), variables.count());
}

#[test]
fn unknown_keys_are_named_with_their_line() {
    let error = refusal("listen = \"127.0.0.1:1\"\n[limits]\ndata_byte = 1\n");
    assert!(
        error.starts_with("line 3:") && error.contains("data_byte") && error.contains("data_bytes"),
        "{error}"
    );
    assert!(refusal("[limit]\n").contains("limit"));
}

#[test]
fn values_of_the_wrong_type_are_named_with_their_line() {
    let error = refusal("\nlisten = \"localhost:8710\"\n");
    assert!(error.starts_with("line 2:") && error.contains("socket address"), "{error}");
    assert!(!refusal("listen = ").contains('\n'));
}

#[test]
fn what_is_out_of_range_is_named_with_what_to_choose() {
    let cases = [
        ("[auth]\nkey = \"short\"", "auth.key", "openssl"),
        ("[auth]\njwks_url = \"http://example.org/keys\"", "auth.jwks_url", "https://"),
        ("[auth]\njwks_url = \"http://127.0.0.1.example.org/\"", "auth.jwks_url", "https://"),
        ("[auth]\njwks_url = \"http://127.0.0.1:x@example.org/\"", "auth.jwks_url", "https://"),
        ("[auth]\njwks_refresh_minutes = 0", "auth.jwks_refresh_minutes", "1 to 1440"),
        ("[tls]\ncert = \"a.pem\"", "tls.key", "private key"),
        ("[tls]\nkey = \"a.pem\"", "tls.cert", "certificate"),
        ("listen = \"0.0.0.0:8710\"", "listen", "tls.plain = true"),
        ("[store]\nurl = \"mysql://me:secret@db/wigwag\"", "store.url", "postgres://"),
        ("[store]\nurl = \"host=db password=secret\"", "store.url", "postgres://"),
        ("[store]\nurl = \"postgres://db/w\"\n[bus]\nurl = \"amqp://me:secret@mq\"", "bus.url", "nats://"),
        ("[bus]\nurl = \"nats://me:secret@mq\"", "bus.url", "store.url"),
        ("[store]\nconnections = 1", "store.connections", "2 to 1000"),
        ("[store]\nmax_batch = 0", "store.max_batch", "1 to 65536"),
        ("[limits]\nframe_bytes = 20000", "limits.frame_bytes", "twice"),
        ("[limits]\ncommand_burst = 1", "limits.command_burst", "raise"),
        ("[limits]\ncall_burst = 1", "limits.call_burst", "raise"),
        ("[limits]\nanswer_burst = 1", "limits.answer_burst", "raise"),
        ("[limits]\nread_burst = 1", "limits.read_burst", "raise"),
        ("[limits]\nsign_in_burst = 4", "limits.sign_in_burst", "raise"),
        ("[limits]\nnoise_burst = 9", "limits.noise_burst", "raise"),
        ("[limits]\nreads_per_second = 0", "limits.reads_per_second", "1 to 1000000"),
        ("[limits]\nmax_timeout_s = 86401", "limits.max_timeout_s", "1 to 86400"),
        ("[limits]\nopen_lasting = 0", "limits.open_lasting", "1 to 100"),
        ("[limits]\ngroup_open_invitations = 0", "limits.group_open_invitations", "1 to 1000000"),
        ("[limits]\npair_open_invitations = 0", "limits.pair_open_invitations", "1 to 1000000"),
        ("[limits]\ninvitee_open_invitations = 1000001", "limits.invitee_open_invitations", "1 to 1000000"),
        ("[limits]\ninvitee_open_invitations = 9", "limits.invitee_open_invitations", "raise"),
        ("[limits]\nrevoke_window_s = 31536001", "limits.revoke_window_s", "0 to 31536000"),
        ("[limits]\nname_bytes = 0", "limits.name_bytes", "1 to 4096"),
        ("[limits]\next_bytes = 524289", "limits.ext_bytes", "0 to 524288"),
        ("[limits]\nusers_per_request = 0", "limits.users_per_request", "1 to 100000"),
        ("[sessions]\nmailbox = 1", "sessions.mailbox", "16 to 65536"),
        ("[retention]\nevents_days = 0", "retention.events_days", "1 to 3650"),
        ("start_wait_s = 3601", "start_wait_s", "0 to 3600"),
        ("[metrics]\ntoken = \"secret\"", "metrics.token", "openssl"),
        ("[metrics]\nlisten = \"127.0.0.1:8710\"", "metrics.listen", "another port"),
        ("[log]\nlevel = \"loud\"", "log.level", "info"),
        ("[calls]\nlease_s = 0", "calls.lease_s", "1 to 600"),
        ("[calls]\nlease_s = 30", "calls.lease_s", "sessions.offline_grace_s"),
        ("[calls]\npeople = 1", "calls.people", "2 to 1000"),
        ("[calls]\nper_group = 0", "calls.per_group", "1 to 100"),
        ("[calls]\naccess_ttl_s = 59", "calls.access_ttl_s", "60 to 604800"),
    ];
    for (text, key, advice) in cases {
        let error = refusal(text);
        assert!(error.contains(key) && error.contains(advice) && !error.contains('\n'), "{text}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn nothing_is_dropped_that_a_stream_still_needs() {
    let error = refusal("[retention]\nhistory_days = 7");
    assert!(error.contains("history_days") && error.contains("events_days = 7"), "{error}");
    assert!(parse("[retention]\nhistory_days = 8").is_ok());
    let error = refusal("[retention]\nended_invitations_days = 8");
    assert!(error.contains("at least 9"), "{error}");
    assert!(parse("[retention]\nended_invitations_days = 9").is_ok());
    let error = refusal("[retention]\ncalls_days = 0");
    assert!(error.contains("retention.calls_days = 0") && error.contains("1 to 3650"), "{error}");
}

#[test]
fn plain_tcp_for_other_machines_has_to_be_asked_for() {
    assert!(parse("listen = \"[::1]:8710\"").is_ok());
    assert!(parse("listen = \"0.0.0.0:8710\"\n[tls]\nplain = true").is_ok());
    assert!(parse("listen = \"0.0.0.0:8710\"\n[tls]\ncert = \"c\"\nkey = \"k\"").is_ok());
}

#[test]
fn tokens_for_everybody_stay_on_the_developers_machine() {
    assert!(!parse("").unwrap().auth.dev_tokens);
    for address in ["127.0.0.1:8710", "127.0.0.2:0", "[::1]:8710"] {
        let config = format!("listen = \"{address}\"\n[auth]\ndev_tokens = true");
        assert!(parse(&config).unwrap().auth.dev_tokens, "{address}");
    }
    let several = "[store]\nurl = \"postgres://db/w\"\n[bus]\nurl = \"nats://mq\"";
    for (rest, advice) in [
        ("[tls]\nplain = true", "leave --plain away"),
        ("[tls]\ncert = \"c\"\nkey = \"k\"", "listen on 127.0.0.1:8710"),
        (several, "remove bus.url"),
    ] {
        let listen = if rest.contains("cert") { "listen = \"0.0.0.0:8710\"\n" } else { "" };
        let error = refusal(&format!("{listen}[auth]\ndev_tokens = true\n{rest}"));
        assert!(
            error.contains("--dev") && error.contains(advice) && error.contains("wigwag token"),
            "{error}"
        );
        assert!(!error.contains('\n') && !error.contains("  "), "{error}");
    }
}

#[test]
fn figures_are_not_served_where_anybody_can_ask() {
    let place = |text: &str| parse(text).unwrap().metrics_place();
    let everywhere = "listen = \"0.0.0.0:8710\"\n[tls]\nplain = true\n";
    let token = "[metrics]\ntoken = \"0123456789abcdef\"";
    assert_eq!(place(""), MetricsPlace::BesideSessions);
    assert_eq!(place(everywhere), MetricsPlace::Nowhere);
    assert_eq!(place("listen = \"0.0.0.0:1\"\n[tls]\ncert = \"c\"\nkey = \"k\""), MetricsPlace::Nowhere);
    assert_eq!(place("[tls]\nplain = true"), MetricsPlace::Nowhere, "a proxy hands everybody's requests on");
    assert_eq!(place(&format!("{everywhere}{token}")), MetricsPlace::BesideSessions);
    let own = "[metrics]\nlisten = \"10.0.0.1:9710\"";
    assert_eq!(place(&format!("{everywhere}{own}")), MetricsPlace::Own("10.0.0.1:9710".parse().unwrap()));
    assert_eq!(place(&format!("{own}\nenabled = false")), MetricsPlace::Nowhere);
    assert!(!format!("{:?}", parse(token).unwrap()).contains("0123456789abcdef"));
}

#[test]
fn browsers_find_each_other_with_stun() {
    assert!(parse("").unwrap().web.stun.is_empty());
    let stun = parse("[web]\nstun = [\"stun:a.example:3478\", \"stuns:b.example\"]").unwrap().web.stun;
    assert_eq!(stun, ["stun:a.example:3478", "stuns:b.example"]);
    for wrong in ["stun.example.org", "stun:", "turn:a.example", "stun:a.example, stun:b.example"] {
        let error = refusal(&format!("[web]\nstun = [\"{wrong}\"]"));
        assert!(error.contains(wrong) && error.contains("stun:stun.example.org:3478"), "{error}");
    }
}

#[test]
fn calls_name_their_servers_so_that_browsers_take_them() {
    let calls = |text: &str| parse(text).unwrap().calls;
    assert_eq!(calls("").provider, MediaProvider::P2p);
    let ten = |urls: &str| format!("[calls]\nice_servers = [{}]", [urls; 10].join(", "));
    assert_eq!(calls(&ten("\"stun:a.example\"")).ice_servers.len(), 10);
    let turn = "[calls.turn]\nurls = [\"turns:[::1]:5349?transport=tcp\"]\nsecret = \"0123456789abcdef\"";
    assert_eq!(calls(turn).turn.urls.len(), 1);
    for (text, key, advice) in [
        ("[calls]\nprovider = \"zoom\"", "line 2", "`p2p`, `livekit`, `none`"),
        ("[calls]\nice_servers = [\"s.example\"]", "calls.ice_servers", "stun:stun.example.org:3478"),
        ("[calls]\nice_servers = [{ urls = [] }]", "calls.ice_servers", "urls = ["),
        ("[calls]\nice_servers = [{ url = \"stun:a\" }]", "calls.ice_servers", "tables with urls, username"),
        ("[calls]\nice_servers = [\"turn:t.example\"]", "turn:t.example", "calls.turn.secret"),
        ("[calls]\nice_servers = [{ urls = [\"turn:t\"], credential = \"secret\" }]", "username", "add both"),
        (&ten("{ urls = [\"stun:a\", \"stun:b\"] }"), "20 addresses", "at most 10"),
        ("[calls.turn]\nurls = [\"turn:t.example\"]", "calls.turn.secret", "static-auth-secret"),
        ("[calls.turn]\nurls = [\"stun:t.example\"]", "calls.turn.urls", "turn:turn.example.org"),
        ("[calls.turn]\nsecret = \"a secret of 16 b\"", "calls.turn.urls", "name the TURN servers"),
        ("[calls.turn]\nurls = [\"turn:t\"]\nsecret = \"secret\"", "calls.turn.secret", "openssl"),
    ] {
        let error = refusal(text);
        assert!(error.contains(key) && error.contains(advice) && !error.contains('\n'), "{text}: {error}");
        assert!(!error.contains("= \"secret"), "{error}");
    }
    assert!(!format!("{:?}", calls(turn)).contains("0123456789abcdef"));
}

#[test]
fn a_livekit_server_is_named_by_address_key_and_secret() {
    let secret = "a livekit secret of 32 characters";
    let lines = ["url = \"wss://l.example/\"", "key = \"APIkey\"", &format!("secret = \"{secret}\"")];
    let config =
        |lines: &[&str]| format!("[calls]\nprovider = \"livekit\"\n[calls.livekit]\n{}", lines.join("\n"));
    let account = parse(&config(&lines)).unwrap().calls.livekit.account().unwrap();
    assert_eq!((&*account.url, &*account.api_url), ("wss://l.example/", "https://l.example"));
    assert!(!format!("{account:?}").contains(secret));
    let inside = parse(&config(&[&lines[..], &["api_url = \"http://livekit:7880/\""]].concat())).unwrap();
    assert_eq!(inside.calls.livekit.account().unwrap().api_url, "http://livekit:7880");
    for (lines, key, advice) in [
        (&lines[1..], "calls.livekit.url", "wss://livekit.example.org"),
        (&[lines[0], lines[2]], "calls.livekit.key", "LiveKit's configuration"),
        (&lines[..2], "calls.livekit.secret", "LiveKit's configuration"),
        (&["url = \"https://l.example\"", lines[1], lines[2]], "calls.livekit.url", "wss://"),
        (&[lines[0], "key = \"\"", lines[2]], "calls.livekit.key", "LiveKit's configuration"),
        (
            &[lines[0], lines[1], "secret = \"a livekit secret of 31 bytes..\""],
            "calls.livekit.secret",
            "openssl",
        ),
        (&[lines[0], lines[1], lines[2], "api_url = \"livekit:7880\""], "calls.livekit.api_url", "http://"),
    ] {
        let error = refusal(&config(lines));
        assert!(error.contains(key) && error.contains(advice) && !error.contains('\n'), "{error}");
        assert!(!error.contains("a livekit secret"), "{error}");
    }
}

#[test]
fn key_sets_may_come_from_https_or_this_machine() {
    for url in
        ["https://id.example.org/keys", "http://127.0.0.1:9000/keys", "http://[::1]/keys", "http://localhost"]
    {
        let config = parse(&format!("[auth]\njwks_url = \"{url}\""));
        assert!(config.is_ok(), "{url}: {config:?}");
    }
}

#[test]
fn flags_win_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wigwag.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata_dir = \"from-file\"\n").unwrap();
    let overrides = Overrides { listen: "127.0.0.1:2".parse().ok(), ..Overrides::default() };
    let config = load(Some(&file), overrides).unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.data_dir, PathBuf::from("from-file"));
}

#[test]
fn a_missing_file_is_named() {
    let error = check_file("no-such.toml".as_ref()).unwrap_err().to_string();
    assert!(error.contains("no-such.toml"), "{error}");
}

#[test]
fn several_servers_are_configured_by_two_addresses() {
    let config =
        parse("[store]\nurl = \"postgresql://me:secret@db/w\"\n[bus]\nurl = \"tls://me:secret@mq\"").unwrap();
    assert_eq!(config.bus.url.as_ref().map(EngineUrl::expose), Some("tls://me:secret@mq"));
    let shown = format!("{config:?}");
    assert!(shown.contains("postgresql://db/w") && !shown.contains(":secret"), "{shown}");
}

#[test]
fn the_key_is_in_no_debug_output() {
    let config = parse("[auth]\nkey = \"0123456789012345678901234567890123456789\"").unwrap();
    assert!(!format!("{config:?}").contains("01234567890"));
}

//! The command line as a person types it.

use std::time::Duration;

use clap::CommandFactory;

use super::token::parse_ttl;
use super::*;

fn parse(line: &str) -> Command {
    Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}")).command
}

#[test]
fn the_definitions_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn examples_in_the_help_can_be_typed() {
    for command in Cli::command().get_subcommands() {
        let help =
            command.get_after_help().unwrap_or_else(|| panic!("{} has no examples", command.get_name()));
        for line in help.to_string().lines().map(str::trim).filter(|line| line.starts_with("wigwag ")) {
            parse(line.split(" > ").next().unwrap());
        }
    }
}

#[test]
fn times_to_live() {
    assert_eq!(parse_ttl("90"), Ok(Duration::from_secs(90)));
    assert_eq!(parse_ttl("15m"), Ok(Duration::from_mins(15)));
    assert_eq!(parse_ttl("180d"), Ok(Duration::from_hours(180 * 24)));
    for bad in ["", "d", "0", "-1", "1w", "1.5h", "9999d", "99999999999999999999", "1 d", "½d"] {
        assert!(parse_ttl(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_token_needs_a_server_that_has_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let Command::Token(args) = parse(&format!("wigwag token alice --data {}", folder.path().display()))
    else {
        panic!("not a token command")
    };
    let error = args.mint().unwrap_err().to_string();
    assert!(error.contains("wigwag serve") && error.contains("--data"), "{error}");
}

#[test]
fn a_client_finds_the_local_server() {
    let Command::Client(args) = parse("wigwag client --as alice") else { panic!("not a client command") };
    assert_eq!(args.url().unwrap(), "ws://127.0.0.1:8710/v1/ws");
    let Command::Client(args) = parse("wigwag client --as alice --url ws://x --token t") else {
        panic!("not a client command")
    };
    assert_eq!((args.url().unwrap(), args.token().unwrap()), ("ws://x".to_owned(), "t".to_owned()));
}

#[test]
fn a_revocation_needs_the_servers_folder() {
    let Command::Revoke(args) = parse("wigwag revoke alice --data /nowhere/at/all") else {
        panic!("not a revoke command")
    };
    let error = revoke::run(&args).unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all/revoked.txt") && error.contains("--config"), "{error}");
}

#[test]
fn what_a_user_needs_to_join_can_be_tried_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wigwag.toml");
    std::fs::write(&file, "[calls]\nice_servers = [\"stun:s.example\"]").unwrap();
    let Command::Media(args) = parse(&format!("wigwag media alice --config {}", file.display())) else {
        panic!("not a media command")
    };
    assert_eq!(args.access().unwrap().ice_servers[0].urls, ["stun:s.example"]);
}

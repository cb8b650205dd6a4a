//! `wigwag webhook`

use clap::{Args, Subcommand};
use wigwag_protocol::rest::Nothing;
use wigwag_protocol::rest::operations::{
    ListEndpoints, PauseEndpoint, ReplayEndpoint, ResumeEndpoint, TestEndpoint,
};
use wigwag_protocol::rest::webhook::{EndpointParams, EndpointView, ReplayWish};

use super::back_end::BackEndArgs;
use super::date::date;
use super::{CliError, say};
use crate::clock::wall_ms;

/// What can be said to `wigwag webhook`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct WebhookArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: WebhookCommand,
}

/// What can be done with endpoints.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// List the endpoints: name, how many events wait, how many of them were refused, since when the oldest waits, and since when it is paused
    List {
        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Send an endpoint one event, webhook.test, and say what came of it
    Test(One),
    /// Send nothing to an endpoint until it is resumed; events wait
    Pause(One),
    /// Send to an endpoint again, and what waited first
    Resume(One),
    /// Tell an endpoint again what happened since a time, up to seven days back
    Replay {
        /// Which endpoint, and which server.
        #[command(flatten)]
        one: One,

        /// How far back: minutes, hours or days, such as 90m, 12h or 7d
        #[arg(long, value_name = "TIME", value_parser = parse_back)]
        back: u64,
    },
}

/// One endpoint.
#[derive(Debug, Args)]
pub struct One {
    /// The endpoint's name in the configuration
    #[arg(value_name = "ENDPOINT")]
    pub endpoint: String,

    /// Which server.
    #[command(flatten)]
    pub server: BackEndArgs,
}

const EXAMPLES: &str = "\
Examples:
  wigwag webhook list
  wigwag webhook test shop
  wigwag webhook replay shop --back 12h

The server must run. The key is one that \"wigwag key create\" has made, with the scope read to look and webhooks for the others. It is
read from the environment variable WIGWAG_API_KEY or from the file that --key-file names.";

/// Does it.
pub fn run(args: WebhookArgs) -> Result<(), CliError> {
    match args.what {
        WebhookCommand::List { server } => list(&server),
        WebhookCommand::Test(one) => test(&one),
        WebhookCommand::Pause(one) => {
            let changed =
                one.server.server()?.ask::<PauseEndpoint>(&one.params(), &Nothing {}, &Nothing {})?;
            let words = format!(
                "{} is paused: within a second nothing is sent to it, and events wait.",
                one.endpoint
            );
            one.server.print_done(changed, &words)
        }
        WebhookCommand::Resume(one) => {
            let changed =
                one.server.server()?.ask::<ResumeEndpoint>(&one.params(), &Nothing {}, &Nothing {})?;
            one.server.print_done(changed, &format!("{} is told again, and what waited first.", one.endpoint))
        }
        WebhookCommand::Replay { one, back } => {
            let wish = ReplayWish { since: wall_ms().saturating_sub(back) };
            let changed = one.server.server()?.ask::<ReplayEndpoint>(&one.params(), &Nothing {}, &wish)?;
            let words =
                format!("{} is told again what happened since {}.", one.endpoint, date(wish.since / 1_000));
            one.server.print_done(changed, &words)
        }
    }
}

impl One {
    fn params(&self) -> EndpointParams {
        EndpointParams { endpoint: self.endpoint.clone() }
    }
}

fn list(args: &BackEndArgs) -> Result<(), CliError> {
    let found = args.server()?.ask::<ListEndpoints>(&Nothing {}, &Nothing {}, &Nothing {})?;
    if found.endpoints.is_empty() && !args.json {
        return say("The configuration has no endpoints of webhooks.");
    }
    for view in &found.endpoints {
        args.print(view, &line(view))?;
    }
    Ok(())
}

fn line(view: &EndpointView) -> String {
    let EndpointView { endpoint, waiting, set_aside, .. } = view;
    let since = |what: &str, ms: Option<u64>| {
        ms.map_or_else(String::new, |ms| format!("\t{what} {}", date(ms / 1_000)))
    };
    let (oldest, paused) = (since("since", view.oldest), since("paused since", view.paused_since));
    format!("{endpoint}\t{waiting} wait\t{set_aside} refused{oldest}{paused}")
}

fn test(one: &One) -> Result<(), CliError> {
    let outcome = one.server.server()?.ask::<TestEndpoint>(&one.params(), &Nothing {}, &Nothing {})?;
    if outcome.delivered || one.server.json {
        return one.server.print(&outcome, &format!("{}: {}.", one.endpoint, outcome.detail));
    }
    Err(CliError::new(format!("{} was not told: {}", one.endpoint, outcome.detail)))
}

/// Milliseconds.
fn parse_back(text: &str) -> Result<u64, String> {
    let wrong = || format!("\"{text}\" is no time: write 90m, 12h or 7d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let minutes: u64 = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 1_440,
        _ => return Err(wrong()),
    };
    number.checked_mul(minutes * 60_000).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_minutes_hours_and_days() {
        for (text, ms) in [("90m", 5_400_000), ("12h", 43_200_000), ("7d", 604_800_000), ("0m", 0)] {
            assert_eq!(parse_back(text), Ok(ms));
        }
        for wrong in
            ["", "7", "d", "-1d", "1.5h", "7w", "7é", "99999999999999999999d", "18446744073709551615d"]
        {
            assert!(parse_back(wrong).is_err(), "{wrong}");
        }
    }
}

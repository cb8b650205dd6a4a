//! `wigwag token`

use std::time::Duration;

use clap::Args;
use wigwag_protocol::UserId;

use super::{CliError, Source, say};
use crate::auth::{mint_jwt, mint_user_sig};
use crate::clock::wall_ms;

/// Longest life of a token made here: ten years, for test set-ups that nobody wants to come back to.
const LONGEST_DAYS: u64 = 3650;

/// What can be said to `wigwag token`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TokenArgs {
    /// Who signs in with it: 1 to 64 printable ASCII characters without space
    #[arg(value_name = "USER")]
    pub user: UserId,

    /// How long it counts: seconds, or a number with s, m, h or d; up to 3650d
    #[arg(long, value_name = "TIME", default_value = "180d", value_parser = parse_ttl)]
    pub ttl: Duration,

    /// Make a JWT (HS256) instead of a UserSig
    #[arg(long)]
    pub jwt: bool,

    /// Which server.
    #[command(flatten)]
    pub source: Source,
}

const EXAMPLES: &str = "\
Examples:
  wigwag token alice
  wigwag token alice --ttl 12h --jwt
  wigwag token alice --data /var/lib/wigwag

Whoever has the token is alice until it expires; \"wigwag revoke alice\" takes it back.";

/// Prints the token.
pub fn run(args: &TokenArgs) -> Result<(), CliError> {
    say(&args.mint()?)
}

impl TokenArgs {
    /// The token.
    pub fn mint(&self) -> Result<String, CliError> {
        let (config, app) = self.source.load_app()?;
        let now_ms = wall_ms();
        Ok(if self.jwt {
            mint_jwt(&config.auth, &app, &self.user, now_ms, self.ttl)
        } else {
            mint_user_sig(&app, &self.user, now_ms, self.ttl)
        })
    }
}

/// `90`, `90s`, `15m`, `12h` or `180d`.
pub(super) fn parse_ttl(text: &str) -> Result<Duration, String> {
    let wrong = || "write seconds, or a number with s, m, h or d, such as 180d".to_owned();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let seconds = number.saturating_mul(unit);
    if (1..=LONGEST_DAYS * 86_400).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(format!("choose 1s to {LONGEST_DAYS}d"))
    }
}

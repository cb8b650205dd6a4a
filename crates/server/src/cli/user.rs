//! `wigwag user`

use clap::{Args, Subcommand, ValueEnum};
use wigwag_protocol::group::ReachableBy;
use wigwag_protocol::params::PushProvider;
use wigwag_protocol::quiet::QuietSpan;
use wigwag_protocol::rest::Nothing;
use wigwag_protocol::rest::operations::{
    DeleteUser, DisableUser, EnableUser, GetQuiet, GetUser, ListDevices, ListRegistrations, ListUsers,
    PutQuiet, PutUser, RevokeTokens, UnregisterPush,
};
use wigwag_protocol::rest::push::{Registration, RegistrationParams};
use wigwag_protocol::rest::user::{QuietWish, ReachWish, User, UserPage, UserParams, UserWish};
use wigwag_protocol::{DeviceId, UserId};

use super::back_end::{BackEndArgs, plain};
use super::date::date;
use super::{CliError, ask, say};

/// Users of one request of a list.
const PAGE: u32 = 1_000;

/// What can be said to `wigwag user`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct UserArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: UserCommand,
}

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List all users: userID, nickname, and since when a user is disabled
    List {
        /// Begin behind this user, in byte order
        #[arg(long, value_name = "USER")]
        after: Option<UserId>,

        /// Print so many at most
        #[arg(long, value_name = "NUMBER", default_value_t = u64::MAX, hide_default_value = true)]
        limit: u64,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Show one user
    Show(One),
    /// Make a user, or change one: what is left out stays as it is
    Create {
        /// The user
        #[arg(value_name = "USER")]
        user: UserId,

        /// The name that people see
        #[arg(long, value_name = "TEXT")]
        nickname: Option<String>,

        /// Address of a picture
        #[arg(long, value_name = "URL")]
        face_url: Option<String>,

        /// Text for your app alone
        #[arg(long, value_name = "TEXT")]
        ext: Option<String>,

        /// Who may invite them
        #[arg(long, value_name = "WHO")]
        ring: Option<Who>,

        /// Who may add them to groups
        #[arg(long, value_name = "WHO")]
        add: Option<Who>,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Sign a user out everywhere, and let nobody sign in as them until they are enabled
    Disable(One),
    /// Delete a user for good: their userID is never given out again
    Delete {
        /// The user
        #[arg(value_name = "USER")]
        user: UserId,

        /// Do not ask for the name a second time
        #[arg(long)]
        yes: bool,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Let a disabled user sign in again
    Enable(One),
    /// Show when a user's devices ring without a sound, or say it
    Quiet {
        /// The user
        #[arg(value_name = "USER")]
        user: UserId,

        /// The settings in place of those before, as the API has them; {} ends them [default: they are shown]
        #[arg(long, value_name = "JSON", value_parser = quiet_wish)]
        set: Option<QuietWish>,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
    /// Sign a user out everywhere: all tokens made until now stop counting
    SignOut(One),
    /// List the devices on which a user is signed in now
    Devices(One),
    /// List the devices of a user that are woken by pushes: deviceID, platform, provider, and since when
    Pushes(One),
    /// Wake a device no more, until it registers again
    Unregister {
        /// The user
        #[arg(value_name = "USER")]
        user: UserId,

        /// The device
        #[arg(value_name = "DEVICE")]
        device: DeviceId,

        /// Which server.
        #[command(flatten)]
        server: BackEndArgs,
    },
}

/// One user.
#[derive(Debug, Args)]
pub struct One {
    /// The user
    #[arg(value_name = "USER")]
    pub user: UserId,

    /// Which server.
    #[command(flatten)]
    pub server: BackEndArgs,
}

/// Whom a user lets reach them.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Who {
    /// Everybody whom they have not blocked
    Everybody,
    /// Users whom they know: they have written to them, or share a group with them
    Known,
    /// Nobody
    Nobody,
}

const EXAMPLES: &str = "\
Examples:
  wigwag user list
  wigwag user create alice --nickname Alice --ring known
  wigwag user disable alice --url https://signal.example.org --key-file /etc/wigwag.key
  wigwag user delete alice
  wigwag user list --json

The server must run. The key is one that \"wigwag key create\" has made, with the scopes that are needed: read to look, users to
change, tokens to sign out and to wake a device no more. It is read from the environment variable WIGWAG_API_KEY or from the file that --key-file names.";

/// Does it.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    match args.what {
        UserCommand::List { after, limit, server } => list(after, limit, &server),
        UserCommand::Show(one) => show(&one),
        UserCommand::Create { user, nickname, face_url, ext, ring, add, server } => {
            let reach = ReachWish { ring: ring.map(Who::meant), add: add.map(Who::meant) };
            let wish = UserWish { nickname, face_url, ext, reach };
            let changed = server.server()?.ask::<PutUser>(&params(&user), &Nothing {}, &wish)?;
            server.print_done(changed, &format!("{user} is there, with what was given."))
        }
        UserCommand::Disable(one) => {
            let changed = one.server.server()?.ask::<DisableUser>(&one.params(), &Nothing {}, &Nothing {})?;
            let words = format!("{} is disabled: their sessions end within a second.", one.user);
            one.server.print_done(changed, &words)
        }
        UserCommand::Delete { user, yes, server } => delete(&user, yes, &server),
        UserCommand::Enable(one) => {
            let changed = one.server.server()?.ask::<EnableUser>(&one.params(), &Nothing {}, &Nothing {})?;
            one.server.print_done(changed, &format!("{} can sign in again.", one.user))
        }
        UserCommand::Quiet { user, set, server } => quiet(&user, set, &server),
        UserCommand::SignOut(one) => sign_out(&one),
        UserCommand::Devices(one) => devices(&one),
        UserCommand::Pushes(one) => pushes(&one),
        UserCommand::Unregister { user, device, server } => {
            let words = format!("{user} is not woken on {device} any more.");
            let params = RegistrationParams { user_id: user, device_id: device };
            let changed = server.server()?.ask::<UnregisterPush>(&params, &Nothing {}, &Nothing {})?;
            server.print_done(changed, &words)
        }
    }
}

impl One {
    fn params(&self) -> UserParams {
        params(&self.user)
    }
}

fn params(user: &UserId) -> UserParams {
    UserParams { user_id: user.clone() }
}

/// Page by page, so that a server with a million users is no burden.
fn list(mut after: Option<UserId>, mut limit: u64, args: &BackEndArgs) -> Result<(), CliError> {
    let server = args.server()?;
    while limit > 0 {
        let most = u32::try_from(limit).map_or(PAGE, |limit| limit.min(PAGE));
        let query = UserPage { after, limit: Some(most) };
        let page = server.ask::<ListUsers>(&Nothing {}, &query, &Nothing {})?;
        for user in &page.users {
            args.print(user, &line(user))?;
        }
        limit = limit.saturating_sub(page.users.len() as u64);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(())
}

fn line(user: &User) -> String {
    let disabled = user.disabled_since.map_or_else(String::new, |since| format!("\t{}", since_when(since)));
    format!("{}\t{}{disabled}", user.user_id, plain(&user.nickname))
}

fn show(one: &One) -> Result<(), CliError> {
    let user = one.server.server()?.ask::<GetUser>(&one.params(), &Nothing {}, &Nothing {})?;
    let lines = [
        ("userID", user.user_id.to_string()),
        ("nickname", plain(&user.nickname)),
        ("picture", plain(&user.face_url)),
        ("ext", plain(&user.ext)),
        ("may be rung by", word(user.reach.ring).to_owned()),
        ("may be added by", word(user.reach.add).to_owned()),
        (
            "may sign in",
            user.disabled_since
                .map_or_else(|| "yes".to_owned(), |since| format!("no, {}", since_when(since))),
        ),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<16} {value}").trim_end().to_owned());
    one.server.print(&user, &lines.join("\n"))
}

/// A deletion cannot be taken back, so the name is asked for a second time.
fn delete(user: &UserId, yes: bool, args: &BackEndArgs) -> Result<(), CliError> {
    if !yes && asked_again(user)? != user.as_str() {
        return Err(CliError::new(format!("that is not {user}: nobody was deleted")));
    }
    let deleted = args.server()?.ask::<DeleteUser>(&params(user), &Nothing {}, &Nothing {})?;
    args.print_done(deleted, &format!("{user} is deleted."))
}

/// The next line of standard input, without what stands around it.
fn asked_again(user: &UserId) -> Result<String, CliError> {
    ask(&format!(
        "This deletes {user} for good, and nobody can have the name again. To go on, write it again:"
    ))?;
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| CliError::new(format!("cannot read the answer: {error}. Scripts say --yes")))?;
    Ok(line.trim().to_owned())
}

/// The fields of `PUT /v1/users/{userID}/quiet`.
fn quiet_wish(json: &str) -> Result<QuietWish, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn quiet(user: &UserId, set: Option<QuietWish>, args: &BackEndArgs) -> Result<(), CliError> {
    let server = args.server()?;
    if let Some(wish) = set {
        let changed = server.ask::<PutQuiet>(&params(user), &Nothing {}, &wish)?;
        return args.print_done(changed, &format!("{user} is quiet as given."));
    }
    let quiet = server.ask::<GetQuiet>(&params(user), &Nothing {}, &Nothing {})?;
    let until = quiet.until.map(|until| format!("until {}", date(until / 1_000)));
    let zone = quiet.time_zone.as_deref().unwrap_or_default();
    let hours = quiet.hours.iter().map(|span| format!("{} ({})", hours(span), plain(zone)));
    let lines: Vec<String> = until.into_iter().chain(hours).collect();
    let words = if lines.is_empty() { format!("{user} is never quiet.") } else { lines.join("\n") };
    args.print(&quiet, &words)
}

/// Days by their numbers, 1 is Monday, and the time of day: `days 1,2 22:00-07:30`.
fn hours(span: &QuietSpan) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let days: Vec<String> = span.days.iter().map(u8::to_string).collect();
    format!("days {} {}-{}", days.join(","), clock(span.from), clock(span.to))
}

fn sign_out(one: &One) -> Result<(), CliError> {
    let revoked = one.server.server()?.ask::<RevokeTokens>(&one.params(), &Nothing {}, &Nothing {})?;
    let words = format!(
        "{} is signed out: their sessions end within a second, and tokens made before {} do not count.",
        one.user,
        date(revoked.made_before / 1_000)
    );
    one.server.print(&revoked, &words)
}

fn devices(one: &One) -> Result<(), CliError> {
    let found = one.server.server()?.ask::<ListDevices>(&one.params(), &Nothing {}, &Nothing {})?;
    if found.devices.is_empty() && !one.server.json {
        return say(&format!("{} is not signed in.", one.user));
    }
    for device in &found.devices {
        one.server.print(device, &format!("{}\tplatform {}", device.device_id, device.platform.number()))?;
    }
    Ok(())
}

fn pushes(one: &One) -> Result<(), CliError> {
    let found = one.server.server()?.ask::<ListRegistrations>(&one.params(), &Nothing {}, &Nothing {})?;
    if found.registrations.is_empty() && !one.server.json {
        return say(&format!("No device of {} is woken.", one.user));
    }
    for registration in &found.registrations {
        one.server.print(registration, &push_line(registration))?;
    }
    Ok(())
}

fn push_line(of: &Registration) -> String {
    let provider = match of.provider {
        PushProvider::WebPush => "webPush".to_owned(),
        PushProvider::Fcm => "fcm".to_owned(),
        PushProvider::Apns => "apns".to_owned(),
        PushProvider::Adapter => format!("adapter {}", plain(of.channel.as_deref().unwrap_or_default())),
    };
    let (platform, since) = (of.platform.number(), date(of.registered_at / 1_000));
    format!("{}\tplatform {platform}\t{}\tsince {since}", of.device_id, provider.trim_end())
}

fn since_when(ms: u64) -> String {
    format!("disabled since {}", date(ms / 1_000))
}

impl Who {
    fn meant(self) -> ReachableBy {
        match self {
            Self::Everybody => ReachableBy::Everybody,
            Self::Known => ReachableBy::Known,
            Self::Nobody => ReachableBy::Nobody,
        }
    }
}

fn word(by: ReachableBy) -> &'static str {
    match by {
        ReachableBy::Everybody => "everybody",
        ReachableBy::Known => "users they know",
        ReachableBy::Nobody => "nobody",
    }
}

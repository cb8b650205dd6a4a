//! Load generator for Wigwag, and the bare relay it is compared with.
//!
//! It starts the measured server as another process on a throw-away folder, or several of them with PostgreSQL and NATS,
//! drives them from one thread over real sockets, and checks every frame. `lifecycle` is the headline, `cluster` the same on
//! every store, `calls` the same with calls; `running`, `idle`, `deadlines` and `storm` measure what lifecycles do not show, `webhooks` lifecycles beside a dead endpoint, `push` how soon devices are woken, `group` what a large group hears, `store` the stores by themselves, and `lists` pages of conversations.
//! It measures no other product.
#![expect(clippy::similar_names, reason = "caller and callee, inviter and invitee are the field's words")]

mod calls;
mod clock;
mod cluster;
mod compare;
mod deadlines;
mod group;
mod home;
mod idle;
mod layout;
mod lifecycle;
mod net;
mod opener;
mod openim;
mod process;
mod procfs;
mod progress;
mod push;
mod relay;
mod report;
mod running;
mod scrape;
mod sign_in;
mod silent;
mod site;
mod stop;
mod store;
mod storm;
mod token;
mod tongue;
mod webhooks;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[derive(Debug, Parser)]
#[command(name = "wigwag-bench", version, about = "Measures a Wigwag server over real sockets")]
struct Cli {
    /// Also write everything as JSON
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Full lifecycles: invite, received, accept, accepted; and the same frames through a bare relay
    Lifecycle(lifecycle::Options),
    /// Full lifecycles on SQLite, on PostgreSQL, and on several nodes, in turns
    Cluster(cluster::Options),
    /// Calls against invitations without one, and OpenIM's protocol against the native one
    Calls(calls::Options),
    /// Calls that go on: memory, and CPU while nothing happens
    Running(running::Options),
    /// The stores alone, without sockets
    Store(store::Options),
    /// One page of a user's conversations, by how many they have
    Lists(store::lists::Options),
    /// Memory of connections that are signed in and idle
    Idle(idle::Options),
    /// Many open invitations: memory, latency beside them, and how long a restart takes
    Deadlines(deadlines::Options),
    /// All devices reconnect at once; counts lost and repeated events
    Storm(storm::Options),
    /// Memory of those who never read, and of those who never sign in
    Silent(silent::Options),
    /// Lifecycles beside many events that an endpoint of webhooks does not take, against a server without one
    Webhooks(webhooks::Options),
    /// How soon a push leaves for somebody who is away
    Push(push::Options),
    /// An invitation in a large group and its answers, told to all members; and the same texts through a bare relay
    Group(group::Options),
    /// Prints the ratios of two JSON reports
    Compare(compare::Options),
    #[command(hide = true)]
    Relay,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    raise_descriptors()?;
    // The relay and compare start nothing: Ctrl-C simply ends them.
    let report = match &cli.command {
        Command::Relay => return relay::run(),
        Command::Compare(options) => return compare::run(options),
        Command::Lifecycle(options) => stop::watch().and_then(|()| lifecycle::run(options))?,
        Command::Cluster(options) => stop::watch().and_then(|()| cluster::run(options))?,
        Command::Calls(options) => stop::watch().and_then(|()| calls::run(options))?,
        Command::Running(options) => stop::watch().and_then(|()| running::run(options))?,
        Command::Store(options) => stop::watch().and_then(|()| store::run(options))?,
        Command::Lists(options) => stop::watch().and_then(|()| store::lists::run(options))?,
        Command::Idle(options) => stop::watch().and_then(|()| idle::run(options))?,
        Command::Deadlines(options) => stop::watch().and_then(|()| deadlines::run(options))?,
        Command::Storm(options) => stop::watch().and_then(|()| storm::run(options))?,
        Command::Silent(options) => stop::watch().and_then(|()| silent::run(options))?,
        Command::Webhooks(options) => stop::watch().and_then(|()| webhooks::run(options))?,
        Command::Group(options) => stop::watch().and_then(|()| group::run(options))?,
        Command::Push(options) => stop::watch().and_then(|()| push::run(options))?,
    };
    report.print();
    cli.json.as_deref().map_or(Ok(()), |file| report.write(file))?;
    report.failure.map_or(Ok(()), |failure| bail!("{failure}"))
}

/// Takes all descriptors the system allows; the processes started inherit them.
fn raise_descriptors() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(())
}

/// How many of the wanted connections a process can have; says so when they are fewer.
fn possible_connections(wanted: usize) -> usize {
    /// Listener, store, logs and the like.
    const OTHERS: usize = 500;
    let limit = getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let possible = limit.saturating_sub(OTHERS);
    if wanted > possible {
        eprintln!(
            "this system allows {limit} descriptors per process: {possible} connections instead of {wanted}"
        );
    }
    wanted.min(possible)
}

//! `group`: one invitation of some members of a large group, and their answers, each told to all members who are there. Measured is the CPU of
//! the server for each event that it tells, against that of the relay, which sends one and the same text to everybody.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::idle::count;
use crate::lifecycle::{OPEN_INVITATIONS, Only, Targets};
use crate::net::{Fleet, Heard, Listener};
use crate::possible_connections;
use crate::report::{Budget, Figures, Report};
use crate::sign_in::{Identity, identities, sign_in};
use crate::wire::{self, Said};

/// The group, and the invitation, of each round.
const GROUP: &str = "bench";
const INVITATION: &str = "to-all";

/// Most invitees of one invitation (`limits.invitees`).
const MOST_INVITEES: usize = 1_000;

/// Without a single frame for this long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Options of `group`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Options {
    /// Members, all of them connected
    #[arg(long, default_value_t = 2_000)]
    members: usize,
    /// How many of them are invited and accept, up to 1000
    #[arg(long, default_value_t = 200)]
    answers: usize,
    /// Rounds of relay and server in turns
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    #[command(flatten)]
    targets: Targets,
}

/// Measures and reports.
pub(crate) fn run(options: &Options) -> Result<Report> {
    options.targets.check()?;
    let Options { members, answers, rounds, .. } = *options;
    ensure!(
        possible_connections(members) == members,
        "this machine cannot hold so many connections: give fewer --members"
    );
    ensure!(
        (1..members).contains(&answers) && answers <= MOST_INVITEES,
        "--answers must be 1 to {MOST_INVITEES}, and less than --members"
    );
    let mut report = Report::new("group", options)?;
    for round in 1..=rounds {
        for which in Only::chosen(options.targets.only) {
            report.add(which.name(), round, measure(options, which)?);
        }
    }
    report.summarise(Only::Relay.name());
    report.budgets = vec![Budget::at_most("server/relay", "CPU µs/event", 1.3)];
    Ok(report)
}

fn measure(options: &Options, which: Only) -> Result<Figures> {
    let mut site = options.targets.start(which, OPEN_INVITATIONS)?;
    let members = identities("member", options.members, site.key());
    let mut fleet = Fleet::new(site.addresses(), options.members)?;
    sign_in(&mut fleet, &members)?;
    if which == Only::Server {
        create(&mut fleet, &members)?;
    }
    let (before, began) = (site.consumption()?, Instant::now());
    let mut telling = Telling::new(&members, options.answers);
    telling.run(&mut fleet)?;
    let (took, used) = (began.elapsed(), site.consumption()?.since(&before));
    site.stop()?;
    let events = count(telling.wanted());
    let mut figures = Figures::default();
    figures.add("events", events);
    figures.add("events/s", events / took.as_secs_f64());
    figures.add("CPU µs/event", used.all() * 1e6 / events);
    figures.add("s", took.as_secs_f64());
    Ok(figures)
}

/// Everybody is made a member at once, and has heard it.
fn create(fleet: &mut Fleet, members: &[Identity]) -> Result<()> {
    let names = members.iter().skip(1).map(|member| member.user.as_str());
    fleet.send(0, &wire::create_group(1, GROUP, names))?;
    let mut made = Counting(0);
    wait_for(fleet, &mut made, members.len(), |made| made.0)
}

/// Polls until so many were counted.
fn wait_for<L: Listener>(
    fleet: &mut Fleet,
    listener: &mut L,
    wanted: usize,
    counted: impl Fn(&L) -> usize,
) -> Result<()> {
    let (mut before, mut moved) = (0, Instant::now());
    while counted(listener) < wanted {
        fleet.poll(PATIENCE, listener)?;
        if counted(listener) > before {
            (before, moved) = (counted(listener), Instant::now());
        }
        ensure!(moved.elapsed() < PATIENCE, "only {before} of {wanted} frames came");
    }
    Ok(())
}

/// Frames that came, none of which is a refusal.
struct Counting(usize);

impl Listener for Counting {
    fn heard(&mut self, _fleet: &mut Fleet, _at: usize, heard: Heard<'_>) -> Result<()> {
        match heard {
            Heard::Text(text) => wire::read(text).map(|_| self.0 += 1),
            Heard::Closed(why) => anyhow::bail!("a member has gone: {why}"),
            Heard::Open => Ok(()),
        }
    }
}

/// The first member invites those behind them; each accepts when they hear it.
struct Telling<'a> {
    members: &'a [Identity],
    answers: usize,
    /// Events that each member has been told.
    told: Vec<usize>,
    all: usize,
}

impl<'a> Telling<'a> {
    fn new(members: &'a [Identity], answers: usize) -> Self {
        Self { members, answers, told: vec![0; members.len()], all: 0 }
    }

    /// The invitation and each answer, to everybody but the one who acts.
    fn wanted(&self) -> usize {
        (1 + self.answers) * (self.members.len() - 1)
    }

    fn run(&mut self, fleet: &mut Fleet) -> Result<()> {
        let invitees = self.members.iter().skip(1).take(self.answers).map(|member| member.user.as_str());
        fleet.send(0, &wire::invite_in_group(2, (INVITATION, GROUP), invitees))?;
        let wanted = self.wanted();
        wait_for(fleet, self, wanted, |telling| telling.all)?;
        for (at, told) in self.told.iter().enumerate() {
            let acted = usize::from(at <= self.answers);
            ensure!(*told == 1 + self.answers - acted, "{} was told {told} events", self.members[at].user);
        }
        Ok(())
    }
}

impl Listener for Telling<'_> {
    fn heard(&mut self, fleet: &mut Fleet, at: usize, heard: Heard<'_>) -> Result<()> {
        let who = &self.members[at].user;
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Closed(why) => anyhow::bail!("{who} has gone: {why}"),
            Heard::Open => return Ok(()),
        };
        let Said::Event(told) = wire::read(text).with_context(|| format!("{who} cannot act"))? else {
            return Ok(());
        };
        self.told[at] += 1;
        self.all += 1;
        if told.kind == Some("invitation.received") && (1..=self.answers).contains(&at) {
            let mut answer = String::new();
            wire::accept(&mut answer, 3, INVITATION);
            fleet.send(at, &answer)?;
        }
        Ok(())
    }
}

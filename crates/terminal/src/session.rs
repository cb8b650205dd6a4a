//! One run of the terminal client: lines in, results and events out.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use wigwag_client::{Client, ClientEvent, ConnectionState, Error, Events, Happened, StopReason, requests};
use wigwag_protocol::{DeviceId, InviteId, UserId};

use crate::act::{self, Acting, Outcome};
use crate::command::{Command, Target, Verb};
use crate::find::find;
use crate::lines::{Lines, Screen};
use crate::{TerminalError, calls, show, usage};

/// How to speak.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// A person is there: mistakes are no failure, and the end is asked for.
    pub(super) interactive: bool,
    /// One JSON object per line.
    pub(super) json: bool,
}

pub(super) struct Session {
    client: Client,
    events: Events,
    screen: Screen,
    manner: Manner,
    /// The server's address, as it was given.
    url: String,
    device_id: DeviceId,
    me: Option<UserId>,
    /// Events by type that no `wait` has used up.
    arrived: BTreeMap<&'static str, u32>,
    stopped: Option<StopReason>,
    failures: u32,
}

/// What became of a line.
enum Next {
    Continue,
    Quit,
}

/// What a line comes to.
enum Doing {
    Nothing,
    Quit,
    Told(Outcome),
    Remote(Acting),
    Wait { kind: &'static str, seconds: u32 },
}

/// Why a command did not do what it should: words, and the error of the server's or the connection's behind them.
struct Failure {
    why: String,
    error: Option<Error>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { why: error.to_string(), error: Some(error) }
    }
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self { why, error: None }
    }
}

impl Session {
    pub(super) fn new(
        (client, events): (Client, Events),
        screen: Screen,
        manner: Manner,
        url: String,
        device_id: DeviceId,
    ) -> Self {
        Self {
            client,
            events,
            screen,
            manner,
            url,
            device_id,
            me: None,
            arrived: BTreeMap::new(),
            stopped: None,
            failures: 0,
        }
    }

    /// Runs to the end of `lines`, `quit`, or a final refusal.
    pub(super) async fn run(mut self, mut lines: Lines) -> Result<(), TerminalError> {
        let met = self.meet().await;
        let ended = match met {
            Ok(()) => self.converse(&mut lines).await,
            Err(error) => Err(error),
        };
        self.client.close().await;
        ended?;
        match self.stopped {
            Some(reason) => Err(TerminalError::Stopped(reason)),
            None if self.failures > 0 && !self.manner.interactive => {
                Err(TerminalError::CommandsFailed(self.failures))
            }
            None => Ok(()),
        }
    }

    /// Waits for the first session and for what is open, so that `accept` alone works from the first line on.
    async fn meet(&mut self) -> Result<(), TerminalError> {
        let client = self.client.clone();
        match self.during(act::all_open(&client)).await? {
            Ok(list) => {
                self.greet(list.invitations.len())?;
                Ok(())
            }
            // Told by its state event already.
            Err(Error::Stopped(_)) => Ok(()),
            Err(error) if self.manner.interactive => Ok(self.screen.print(&format!("! {error}"))?),
            Err(error) => Err(TerminalError::Client(error)),
        }
    }

    fn greet(&mut self, open: usize) -> io::Result<()> {
        if !self.manner.interactive {
            return Ok(());
        }
        match open {
            0 => {}
            1 => self.screen.print("1 invitation is open; type `open` to see it")?,
            many => self.screen.print(&format!("{many} invitations are open; type `open` to see them"))?,
        }
        self.screen.print("type `help` for the commands, `quit` to leave")
    }

    async fn converse(&mut self, lines: &mut Lines) -> Result<(), TerminalError> {
        // A person reads why it ended before the next line ends it.
        while self.stopped.is_none() || self.manner.interactive {
            tokio::select! {
                line = lines.next() => match line {
                    None => return Ok(()),
                    Some(_) if self.stopped.is_some() => return Ok(()),
                    Some(line) => if let Next::Quit = self.line(&line?).await? { return Ok(()) },
                },
                event = self.events.next(), if self.stopped.is_none() => self.heard(event)?,
            }
        }
        Ok(())
    }

    async fn line(&mut self, line: &str) -> io::Result<Next> {
        let name = line.split_whitespace().next().unwrap_or_default().to_owned();
        let done = match Command::read(line).and_then(|command| self.doing(command)) {
            Ok(Doing::Nothing) => return Ok(Next::Continue),
            Ok(Doing::Quit) => return Ok(Next::Quit),
            Ok(Doing::Told(outcome)) => Ok(outcome),
            Ok(Doing::Remote(acting)) => self.during(acting).await?.map_err(Failure::from),
            Ok(Doing::Wait { kind, seconds }) => self.wait(kind, seconds).await?,
            Err(why) => Err(why.into()),
        };
        match done {
            Ok(outcome) => self.tell_result(&name, &outcome)?,
            Err(failure) => self.tell_failure(&name, &failure)?,
        }
        Ok(Next::Continue)
    }

    /// Decides what a command comes to; what goes to the server is sent at once.
    fn doing(&self, command: Option<Command>) -> Result<Doing, String> {
        let (client, me) = (&self.client, self.known_me());
        let Some(command) = command else { return Ok(Doing::Nothing) };
        Ok(Doing::Remote(match command {
            Command::Invite { user, ring } => act::invite(client, user, ring),
            Command::InviteGroup { group, users, ring } => act::invite_group(client, group, users, ring),
            Command::Answer { verb, target, text } => {
                act::answer(client, verb, self.find(Some(verb), &target)?, text)
            }
            Command::Join(room) => calls::join(client, room),
            Command::HangUp(room) => calls::hang_up(client, room, me?),
            Command::Modify { target, text } => act::modify(client, self.find(None, &target)?, text),
            Command::Show(target) => act::show(client, self.find(None, &target)?, me?),
            Command::Open => act::open(client, me?),
            Command::Send { peer, text } => act::send(client, requests::text(peer, &text)),
            Command::Custom { peer, data } => act::send(client, requests::custom(peer, &data)),
            Command::History { peer, count } => act::history(client, peer, count, me?),
            Command::Read { peer, seq } => act::read(client, peer, seq),
            Command::Revoke { peer, seq } => act::revoke(client, peer, seq),
            Command::Conversations => act::conversations(client, me?),
            Command::Group(command) => act::group(client, command),
            Command::Profile(users) if users.is_empty() => act::profiles(client, vec![me?]),
            Command::Profile(users) => act::profiles(client, users),
            Command::SetProfile { field, text } => act::set_profile(client, field, text),
            Command::Block(user) => act::block(client, user),
            Command::Unblock(user) => act::unblock(client, user),
            Command::Blocked => act::blocked(client),
            Command::Help(name) => return help(name.as_deref()).map(Doing::Told),
            Command::Whoami => return Ok(Doing::Told(self.whoami())),
            Command::Wait { kind, seconds } => return Ok(Doing::Wait { kind, seconds }),
            Command::Quit => return Ok(Doing::Quit),
        }))
    }

    fn find(&self, verb: Option<Verb>, target: &Target) -> Result<InviteId, String> {
        find(&self.client.invitations(), &self.known_me()?, verb, target)
    }

    fn known_me(&self) -> Result<UserId, String> {
        self.me.clone().ok_or_else(|| "not signed in yet".to_owned())
    }

    fn whoami(&self) -> Outcome {
        let user = self.me.as_ref().map_or("nobody yet", UserId::as_str);
        let state = state_name(&self.client.state());
        let line = format!("you are {user} on device {}; {state}", self.device_id);
        let value = json!({"userID": self.me, "deviceID": self.device_id, "state": state});
        Outcome { value, lines: vec![line] }
    }

    /// An event that came before the wait and that no other wait has used up counts, so that a script cannot be too late.
    async fn wait(&mut self, kind: &'static str, seconds: u32) -> io::Result<Result<Outcome, Failure>> {
        let patience = Duration::from_secs(u64::from(seconds));
        let waited = timeout(patience, self.until_arrived(kind)).await;
        Ok(match waited {
            Ok(arrived) => {
                arrived?;
                match &self.stopped {
                    Some(reason) => Err(reason.to_string().into()),
                    None => Ok(Outcome { value: json!(kind), lines: Vec::new() }),
                }
            }
            Err(_) => Err(format!("no {kind} within {seconds} s").into()),
        })
    }

    async fn until_arrived(&mut self, kind: &'static str) -> io::Result<()> {
        while self.stopped.is_none() {
            if let Some(count) = self.arrived.get_mut(kind).filter(|count| **count > 0) {
                *count -= 1;
                return Ok(());
            }
            let event = self.events.next().await;
            self.heard(event)?;
        }
        Ok(())
    }

    /// Waits for a reply and shows what happens meanwhile.
    async fn during<T>(&mut self, reply: impl Future<Output = T>) -> io::Result<T> {
        tokio::pin!(reply);
        loop {
            tokio::select! {
                done = &mut reply => return Ok(done),
                event = self.events.next(), if self.stopped.is_none() => self.heard(event)?,
            }
        }
    }

    fn heard(&mut self, event: Option<ClientEvent>) -> io::Result<()> {
        match event {
            None => {
                self.stopped.get_or_insert(StopReason::Asked);
                Ok(())
            }
            Some(ClientEvent::Happened(happened)) => self.happened(&happened),
            Some(ClientEvent::Unknown { params, .. }) => {
                self.line_of("event", &serde_json::from_str(&params).unwrap_or_default(), || {
                    "? an event that this version does not know".to_owned()
                })
            }
            Some(ClientEvent::Resynced { open_invitations, .. }) => {
                self.line_of("resynced", &json!({ "openInvitations": open_invitations }), String::new)
            }
            Some(ClientEvent::RingOver { invite_id }) => {
                self.line_of("ringOver", &json!({ "inviteID": invite_id }), || {
                    format!("  {invite_id} is over; its end is told when the connection is back")
                })
            }
            Some(ClientEvent::Status(status)) => {
                let presence = show::presence(status.presence);
                self.line_of("status", &json!(status), || format!("  {} is {presence}", status.user_id))
            }
            Some(ClientEvent::State(state)) => self.state_changed(state),
            Some(ClientEvent::CursorNotStored(why)) => {
                self.line_of("warning", &json!({ "cursorNotStored": why }), || {
                    format!("! the cursor cannot be stored, events may be told again next time: {why}")
                })
            }
        }
    }

    fn happened(&mut self, happened: &Happened) -> io::Result<()> {
        let count = self.arrived.entry(happened.event.type_name()).or_default();
        *count = count.saturating_add(1);
        let me = self.me.clone();
        self.line_of("event", &event_value(happened), || {
            let line = me.map(|me| show::event(happened, &me));
            format!("[{}] {}", show::clock(happened.time), line.unwrap_or_default())
        })
    }

    fn state_changed(&mut self, state: ConnectionState) -> io::Result<()> {
        let (name, device_id, url) = (state_name(&state), self.device_id.clone(), self.url.clone());
        match state {
            ConnectionState::Connecting => self.line_of("state", &json!(name), String::new),
            ConnectionState::Connected { user_id } => {
                self.me = Some(user_id.clone());
                self.line_of("state", &json!(name), || {
                    format!("● connected as {user_id} (device {device_id})")
                })
            }
            ConnectionState::Reconnecting { after, why } => self.line_of("state", &json!(name), || {
                let seconds = after.as_secs_f32();
                format!("○ not connected to {url} ({}); trying again in {seconds:.1} s", show::clean(&why))
            }),
            ConnectionState::Stopped(reason) => {
                let leave = if self.manner.interactive { " — press Enter to leave" } else { "" };
                self.line_of("state", &json!(name), || format!("✖ {reason}{leave}"))?;
                self.stopped = Some(reason);
                Ok(())
            }
        }
    }

    fn tell_result(&mut self, name: &str, outcome: &Outcome) -> io::Result<()> {
        if self.manner.json {
            return self.screen.print(&json!({"command": name, "result": outcome.value}).to_string());
        }
        outcome.lines.iter().try_for_each(|line| self.screen.print(line))
    }

    fn tell_failure(&mut self, name: &str, failure: &Failure) -> io::Result<()> {
        self.failures += 1;
        if !self.manner.json {
            return self.screen.print(&format!("! {}", failure.why));
        }
        let error = match &failure.error {
            Some(Error::Refused(body)) => json!(body),
            _ => json!({ "message": failure.why }),
        };
        self.screen.print(&json!({"command": name, "error": error}).to_string())
    }

    /// Prints one thing in the manner asked for; without words for people nothing is printed.
    fn line_of(&mut self, kind: &str, value: &Value, words: impl FnOnce() -> String) -> io::Result<()> {
        if self.manner.json {
            return self.screen.print(&json!({ (kind): value }).to_string());
        }
        match words() {
            line if line.is_empty() => Ok(()),
            line => self.screen.print(&line),
        }
    }
}

fn help(name: Option<&str>) -> Result<Outcome, String> {
    let lines = usage::help(name);
    if lines.is_empty() {
        return Err("there is no such command; type `help` for a list".to_owned());
    }
    Ok(Outcome { value: json!(lines), lines })
}

fn state_name(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected { .. } => "connected",
        ConnectionState::Reconnecting { .. } => "reconnecting",
        ConnectionState::Stopped(_) => "stopped",
    }
}

/// The event as the protocol writes it.
fn event_value(happened: &Happened) -> Value {
    let mut value = serde_json::to_value(&happened.event).unwrap_or_default();
    value["cursor"] = json!(happened.cursor);
    value["time"] = json!(happened.time);
    if happened.by_self {
        value["self"] = json!(true);
    }
    if let Some(remaining) = happened.remaining_ms {
        value["remainingMs"] = json!(remaining);
    }
    value
}

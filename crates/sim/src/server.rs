//! The virtual server: the real greetings and sessions with bounded mailboxes, around [`Commands`].

use std::collections::BTreeMap;
use std::sync::Arc;

use wigwag_engine::command::CallRef;
use wigwag_engine::limits::WhenBusy;
use wigwag_engine::{Actor, Command, Decision, Due, Invitation, Limits, PlacedEvent, Request};
use wigwag_protocol::{CloseCode, GroupId, InviteId, Reason, UserId, result};
use wigwag_session::codec::native::{Native, error_of, write};
use wigwag_session::greeting::{Identity, Seat};
use wigwag_session::query::WhichCall;
use wigwag_session::refused::Refusal;
use wigwag_session::session::Ending;
use wigwag_session::{
    Admission, Found, Greeting, LoggedEvent, OpenPage, OpenPlace, OpenRange, Query, StoredEvent,
    StreamBounds, StreamPage, greeting, session,
};

use crate::connection::{Connection, FRAME_BYTES, Heard, Mail, Output, Stage};
use crate::{Commands, Journal};

/// Names one connection.
pub type Link = u64;

/// Pieces of mail a session may have waiting: small, so that slow devices do overflow it.
const MAILBOX: usize = 8;
/// Open invitations in one answer: few, so that clients have to go on.
const OPEN_PAGE: usize = 2;
/// Events read at once while catching up.
const PAGE: usize = 5;
/// How long events are kept, ms: short, so that devices that were away do come too late.
const RETENTION_MS: u64 = 90_000;
/// How long events of onlineUserOnly actions are kept, ms.
const BRIEF_RETENTION_MS: u64 = 60_000;
/// How long a user counts as online after their last session ended, ms.
const PRESENCE_MS: u64 = 30_000;
/// How long a user who is gone stays in their call, ms.
const LEASE_MS: u64 = 35_000;
/// The age at which invitations without a deadline are closed, ms.
const NO_DEADLINE_AGE_MS: u64 = 40_000;
/// How late the server may look at what is due, ms.
const LATE_MS: u64 = 100;
/// Seconds of silence before a ping.
const PING_SECONDS: u32 = 25;

/// Something for the network to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The connection has something to do, and perhaps to write.
    Runs(Link),
    /// The connection wants to look at its time then.
    Look(Link, u64),
    /// The connection is closed.
    Close(Link, u16),
    /// Something is due then: an invitation, or somebody who is gone from their call.
    Due(u64),
}

/// Something that a connection writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    Text(String),
    Ping,
}

/// A server, all in memory.
#[derive(Debug)]
pub struct Server {
    /// The rules and what they wrote.
    pub commands: Commands,
    /// How many sessions were closed because their device was too slow.
    pub overflows: u32,
    /// How many events catching up left out.
    pub folded: u32,
    /// How many sessions were closed with each code.
    pub closed: BTreeMap<u16, u32>,
    settings: Arc<greeting::Settings>,
    connections: BTreeMap<Link, Connection>,
    last_seen: BTreeMap<UserId, u64>,
    /// When the process started: nobody counts as gone for longer.
    started_at: u64,
    effects: Vec<Effect>,
}

impl Server {
    /// Nobody is connected, nothing is written. `busy` says what becomes of users who are called while they are in a call.
    pub fn new(busy: WhenBusy) -> Self {
        let limits = result::Limits {
            data_bytes: 16_384,
            frame_bytes: u32::try_from(FRAME_BYTES).expect("a small number"),
            invitees: 1_000,
            commands_per_second: 20,
            command_burst: 40,
        };
        let rules = Limits { busy, no_deadline_age_ms: NO_DEADLINE_AGE_MS, ..Limits::default() };
        let settings = greeting::Settings { limits, ping_interval: PING_SECONDS, auto_register: true };
        Self {
            commands: Commands::new(rules),
            overflows: 0,
            folded: 0,
            closed: BTreeMap::new(),
            settings: Arc::new(settings),
            connections: BTreeMap::new(),
            last_seen: BTreeMap::new(),
            started_at: 0,
            effects: Vec::new(),
        }
    }

    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// A device connects.
    pub(crate) fn connects(&mut self, link: Link, now: u64) {
        let greeting = Greeting::new(Arc::clone(&self.settings), now);
        self.connections.insert(link, Connection::new(greeting));
        self.effects.push(Effect::Runs(link));
    }

    /// Something comes from a device.
    pub(crate) fn hear(&mut self, link: Link, heard: Heard) {
        if let Some(connection) = self.connections.get_mut(&link) {
            connection.socket.push_back(heard);
            self.effects.push(Effect::Runs(link));
        }
    }

    /// A connection wanted to look at its time.
    pub(crate) fn time_comes(&mut self, link: Link) {
        if let Some(connection) = self.connections.get_mut(&link) {
            connection.time_comes();
            self.effects.push(Effect::Runs(link));
        }
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self, link: Link, now: u64) {
        self.unregister(link, now);
        self.connections.remove(&link);
    }

    /// The process dies: what is not in the journal is gone.
    pub(crate) fn crash(&mut self, now: u64) {
        self.connections.clear();
        self.last_seen.clear();
        self.commands.ledger.clear();
        self.started_at = now;
        self.effects.push(Effect::Due(now + LEASE_MS));
        for invitation in self.commands.journal.invitations.values().filter(|one| one.is_open()) {
            self.effects.push(Effect::Due(invitation.due(self.commands.limits.no_deadline_age_ms)));
        }
    }

    /// Settles what is due.
    pub(crate) fn sweep(&mut self, now: u64) {
        let age = self.commands.limits.no_deadline_age_ms;
        let open = self.commands.journal.invitations.values().filter(|one| one.is_open());
        let due = open.filter(|one| one.due(age) <= now).map(|one| Due::Invitation(one.id.clone()));
        let gone = self.gone_for(LEASE_MS, now).map(|user| Due::Absence(user.clone()));
        let due: Vec<Due> = due.chain(gone).collect();
        for due in due {
            let request = Request::Due(due);
            let decision = self.run(&request, now).expect("looking at what is due is never refused");
            self.tell(&decision, None, now);
        }
    }

    /// Users in a call whose devices have been gone for longer than they may be.
    pub fn overdue(&self, now: u64) -> impl Iterator<Item = &UserId> {
        self.gone_for(LEASE_MS + LATE_MS, now)
    }

    fn gone_for(&self, ms: u64, now: u64) -> impl Iterator<Item = &UserId> {
        let is_gone = move |user: &&UserId| {
            let since = self.last_seen.get(*user).copied().unwrap_or(0).max(self.started_at);
            self.links_of(user).is_empty() && since + ms <= now
        };
        self.commands.journal.in_calls.keys().filter(is_gone)
    }

    /// Runs a request by the rules; presence is known from the sessions.
    pub(crate) fn run(&mut self, request: &Request, now: u64) -> Result<Decision, Box<Refusal>> {
        let (connections, last_seen) = (&self.connections, &self.last_seen);
        let online = |user: &UserId| {
            connections.values().any(|connection| connection.is_of(user))
                || last_seen.get(user).is_some_and(|at| now < at + PRESENCE_MS)
        };
        self.commands.run(request, now, &online).map_err(|refusal| Box::new(refusal.into()))
    }

    /// Lets a connection run until it writes something or has nothing more to do.
    pub(crate) fn next_frame(&mut self, link: Link, now: u64) -> Option<Frame> {
        loop {
            let connection = self.connections.get_mut(&link)?;
            let output = connection.poll(now);
            if output.is_none() && !connection.feed(now) {
                let look = connection.next_look();
                self.effects.extend(look.map(|at| Effect::Look(link, at)));
                return None;
            }
            let frame = match output {
                Some(Output::Greeting(output)) => self.greeting_wants(link, output, now),
                Some(Output::Session(output)) => self.session_wants(link, output, now),
                None => None,
            };
            if frame.is_some() {
                return frame;
            }
        }
    }
}

impl Connection {
    fn is_of(&self, user: &UserId) -> bool {
        self.registered && self.actor.as_ref().is_some_and(|actor| actor.user == *user)
    }
}

/// What greetings want.
impl Server {
    fn greeting_wants(&mut self, link: Link, output: greeting::Output<Native>, now: u64) -> Option<Frame> {
        let input = match output {
            greeting::Output::Refuse(id, refused) => {
                return Some(Frame::Text(write::error(id, &error_of(*refused))));
            }
            greeting::Output::Verify { token, claimed } => {
                let identity =
                    verify(&token, now).filter(|identity| Some(&identity.user) == claimed.as_ref());
                greeting::Input::Verified(identity.ok_or(greeting::NotLetIn::Token(Reason::TokenExpired)))
            }
            greeting::Output::TakeSeat(actor) => greeting::Input::Seated(Ok(self.seat(link, actor, now))),
            greeting::Output::Leave => {
                self.unregister(link, now);
                return None;
            }
            greeting::Output::FindPlace(user) => greeting::Input::Placed(Ok(self.bounds(&user, now))),
            greeting::Output::Register(actor) => {
                let request = Request::By(actor, Command::Register);
                greeting::Input::Registered(self.run(&request, now).map(|_| ()))
            }
            greeting::Output::ListOpen(user) => {
                let range = OpenRange { after: None, limit: OPEN_PAGE };
                greeting::Input::Listed(Ok(open_page(&self.commands.journal, &user, &range)))
            }
            greeting::Output::Opened(opened) => {
                let connection = self.connections.get_mut(&link)?;
                connection.stage = Stage::Open(opened.session);
                return Some(Frame::Text(write::opened(opened.id, opened.reply)));
            }
            greeting::Output::Close(ending) => {
                self.close(link, ending, now);
                return None;
            }
        };
        if let Stage::Greeting(greeting) = &mut self.connections.get_mut(&link)?.stage {
            greeting.handle(input, now);
        }
        None
    }

    /// One session per device: that of the newest connection. A sign-in that was long on its way, on a connection the
    /// device has left since, must not push out the session the device has now.
    fn seat(&mut self, link: Link, actor: Actor, now: u64) -> Seat {
        let same = self.connections.iter();
        let same = same.filter(|(_, other)| other.registered && other.actor.as_ref() == Some(&actor));
        let same: Vec<Link> = same.map(|(other, _)| *other).collect();
        for older in same.iter().filter(|other| **other < link) {
            self.end(*older, CloseCode::Replaced, now);
        }
        if same.iter().any(|other| *other > link) {
            return Seat::Refused;
        }
        if let Some(connection) = self.connections.get_mut(&link) {
            connection.actor = Some(actor);
            connection.registered = true;
        }
        Seat::Taken
    }

    fn bounds(&self, user: &UserId, now: u64) -> Option<StreamBounds> {
        self.commands.journal.profiles.get(user)?;
        let stream = self.commands.journal.stream(user);
        let gone = stream.iter().take_while(|(_, event)| event.time + RETENTION_MS <= now);
        Some(StreamBounds {
            floor: gone.count() as u64,
            head: stream.len() as u64,
            admission: Admission::of(false, self.commands.journal.deleted.contains_key(user)),
        })
    }
}

/// What sessions want.
impl Server {
    fn session_wants(&mut self, link: Link, output: session::Output<Native>, now: u64) -> Option<Frame> {
        let text = match output {
            session::Output::Answer(id, answer) => write::answer(id, answer),
            session::Output::Refuse(id, refused) => write::error(id, &error_of(*refused)),
            session::Output::Event(viewer, body) => {
                let left_out = viewer.after.map_or(0, |after| viewer.cursor - 1 - after);
                self.folded += u32::try_from(left_out).unwrap_or(u32::MAX);
                write::event(viewer, &body)
            }
            session::Output::CaughtUp { cursor, .. } => write::caught_up(cursor),
            session::Output::Status(status) => write::status(&status),
            session::Output::Ping => return Some(Frame::Ping),
            session::Output::Ask(command) => {
                self.command(link, command, now);
                return None;
            }
            session::Output::Query(query) => {
                self.answer(link, &query, now);
                return None;
            }
            // No device here is woken.
            session::Output::Keep(_) => {
                self.give(link, session::Input::Kept(Ok(())), now);
                return None;
            }
            session::Output::Read { after } => {
                self.read(link, after, now);
                return None;
            }
            session::Output::Close(ending) => {
                self.close(link, ending, now);
                return None;
            }
        };
        Some(Frame::Text(text))
    }

    fn command(&mut self, link: Link, command: Command, now: u64) {
        let Some(actor) = self.actor(link) else { return };
        match self.run(&Request::By(actor, command), now) {
            Ok(decision) => self.tell(&decision, Some(link), now),
            Err(error) => self.put(link, Mail::Reply(Box::new(Err(error))), now),
        }
    }

    /// The queries that the client makes by itself.
    #[expect(clippy::wildcard_enum_match_arm, reason = "devices here ask for a part of what there is")]
    fn answer(&mut self, link: Link, query: &Query, now: u64) {
        let Some(actor) = self.actor(link) else { return };
        let journal = &self.commands.journal;
        let found = match query {
            Query::OpenInvitations(range) => {
                let range = OpenRange { limit: range.limit.min(OPEN_PAGE), ..range.clone() };
                let page = open_page(journal, &actor.user, &range);
                let invitations = page.invitations.iter().map(|one| one.view_of(&actor.user, now)).collect();
                let next = page.next.map(|place| place.to_string());
                Ok(Found::OpenInvitations(result::OpenList { invitations, next }))
            }
            Query::Invitation { id, after: _ } => match seen_by(journal, &actor.user, id) {
                Some(one) => Ok(Found::Invitation(result::Got {
                    invitation: one.view_of(&actor.user, now),
                    next: None,
                })),
                None => Err(Box::new(wigwag_engine::Refusal::UnknownInvitation.into())),
            },
            Query::Call(WhichCall::Ref(CallRef::Call(id))) => match journal.calls.get(id) {
                Some(call)
                    if call.seen_by(
                        &actor.user,
                        call.group().map(|group| journal.groups[group].relation(&actor.user)),
                    ) =>
                {
                    Ok(Found::Call(Box::new(result::GotCall { call: call.view(&actor.user, now) })))
                }
                Some(_) | None => Err(Box::new(wigwag_engine::Refusal::UnknownCall.into())),
            },
            other => panic!("no device here asks for {other:?}"),
        };
        self.give(link, session::Input::Found(Box::new(found)), now);
    }

    fn read(&mut self, link: Link, after: u64, now: u64) {
        let Some(actor) = self.actor(link) else { return };
        let page = page(&self.commands.journal, &actor.user, after, now);
        self.give(link, session::Input::Page(page), now);
    }

    fn actor(&self, link: Link) -> Option<Actor> {
        self.connections.get(&link)?.actor.clone()
    }

    fn give(&mut self, link: Link, input: session::Input<'_, Native>, now: u64) {
        if let Some(Stage::Open(session)) = self.connections.get_mut(&link).map(|one| &mut one.stage) {
            session.handle(input, now);
        }
    }
}

/// The post, and the ends of sessions.
impl Server {
    /// Puts everything into the mailboxes. The acting session gets its reply in the place of the event it stands for.
    fn tell(&mut self, decision: &Decision, acting: Option<Link>, now: u64) {
        let reply = || Mail::Reply(Box::new(Ok(decision.reply.clone())));
        let mut acting = acting;
        for placed in &decision.events {
            let event = Arc::new(LoggedEvent::of(PlacedEvent::clone(placed)));
            for place in &event.places {
                let replaced = decision.reply.cursor() == Some(place.cursor)
                    && event.actor.as_ref() == Some(&place.user);
                for link in self.links_of(&place.user) {
                    let mail = if acting.take_if(|acting| replaced && *acting == link).is_some() {
                        reply()
                    } else {
                        Mail::Event(Arc::clone(&event), place.cursor)
                    };
                    self.put(link, mail, now);
                }
            }
            if let Some(mark) = event.invitation.as_ref().filter(|mark| mark.version == 1) {
                self.effects.push(Effect::Due(mark.deadline.unwrap_or(now + NO_DEADLINE_AGE_MS)));
            }
        }
        if let Some(link) = acting {
            self.put(link, reply(), now);
        }
    }

    fn links_of(&self, user: &UserId) -> Vec<Link> {
        self.connections.iter().filter(|(_, one)| one.is_of(user)).map(|(link, _)| *link).collect()
    }

    fn put(&mut self, link: Link, mail: Mail, now: u64) {
        let Some(connection) = self.connections.get_mut(&link).filter(|one| one.registered) else { return };
        if connection.mailbox.len() >= MAILBOX {
            self.overflows += 1;
            // A device that takes nothing is not heard any more either.
            return self.close(link, Ending::Code(CloseCode::Resume), now);
        }
        connection.mailbox.push_back(mail);
        self.effects.push(Effect::Runs(link));
    }

    /// Ends a session from outside.
    fn end(&mut self, link: Link, code: CloseCode, now: u64) {
        self.unregister(link, now);
        if let Some(connection) = self.connections.get_mut(&link) {
            connection.ended = Some(code);
            self.effects.push(Effect::Runs(link));
        }
    }

    fn unregister(&mut self, link: Link, now: u64) {
        let Some(connection) = self.connections.get_mut(&link) else { return };
        let was_registered = std::mem::take(&mut connection.registered);
        if let Some(actor) = connection.actor.as_ref().filter(|_| was_registered) {
            self.last_seen.insert(actor.user.clone(), now);
            self.effects.push(Effect::Due(now + LEASE_MS));
        }
    }

    fn close(&mut self, link: Link, ending: Ending, now: u64) {
        self.lost(link, now);
        let code = ending.number();
        *self.closed.entry(code).or_default() += 1;
        self.effects.push(Effect::Close(link, code));
    }
}

/// A token says whose it is and when it ends.
pub(crate) fn token(user: &UserId, ends_at: u64) -> String {
    format!("{user} until {ends_at}")
}

fn verify(token: &str, now: u64) -> Option<Identity> {
    let (user, ends_at) = token.split_once(" until ").expect("a token of this world");
    let user = UserId::parse(user).expect("a userID");
    let ends_at = ends_at.parse().expect("a time");
    (now < ends_at).then_some(Identity { user, ends_at })
}

/// A page of a user's stream, as a store gives it.
fn page(journal: &Journal, user: &UserId, after: u64, now: u64) -> StreamPage {
    let from = usize::try_from(after).unwrap_or(usize::MAX);
    let rest = journal.stream(user).get(from..).unwrap_or(&[]);
    let looked_at = &rest[..rest.len().min(PAGE)];
    let kept =
        looked_at.iter().filter(|(_, event)| !event.online_only || now < event.time + BRIEF_RETENTION_MS);
    let events = kept.map(|(cursor, event)| {
        let received = event.invitation.as_ref().filter(|mark| mark.version == 1);
        let invitation = received.and_then(|mark| journal.invitations.get(&mark.id));
        StoredEvent {
            cursor: *cursor,
            time: event.time,
            body: write::shared(&event.event),
            by_self: event.actor.as_ref() == Some(user),
            invitation: event.invitation.clone(),
            is_quiet: invitation.is_some_and(|invitation| invitation.is_quiet_for(user)),
            rings_in_vain: invitation.is_some_and(|invitation| invitation.is_over_for(user)),
        }
    });
    let through = looked_at.last().map_or(after, |(cursor, _)| *cursor);
    StreamPage { events: events.collect(), through, complete: rest.len() <= PAGE }
}

/// The invitation as a user may see it.
fn seen_by(journal: &Journal, user: &UserId, id: &InviteId) -> Option<Arc<Invitation>> {
    let invitation = journal.invitations.get(id)?;
    let group = invitation.group().and_then(|group| journal.groups.get(group));
    invitation.seen_by(user, group.map(|group| group.relation(user)))
}

/// The open invitations that a user is told of.
pub(crate) fn open_for<'a>(
    journal: &'a Journal,
    user: &'a UserId,
) -> impl Iterator<Item = &'a Arc<Invitation>> {
    let is_member = |group: &GroupId| journal.groups.get(group).is_some_and(|group| group.has(user));
    let open = journal.invitations.values().filter(|one| one.is_open());
    open.filter(move |one| one.told_to(user).given(is_member))
}

/// A page of them, as a store gives it.
fn open_page(journal: &Journal, user: &UserId, range: &OpenRange) -> OpenPage {
    let place = |one: &Invitation| OpenPlace { created_at: one.created_at, id: one.id.clone() };
    let mut open: Vec<&Arc<Invitation>> = open_for(journal, user).collect();
    open.sort_by_key(|one| place(one));
    open.retain(|one| range.after.as_ref().is_none_or(|after| place(one) > *after));
    let shown: Vec<_> = open.iter().take(range.limit).map(|one| Arc::clone(one)).collect();
    let next = shown.last().filter(|_| open.len() > shown.len()).map(|last| place(last));
    OpenPage { invitations: shown, next }
}

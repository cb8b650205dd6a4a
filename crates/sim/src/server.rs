//! The virtual server: sessions with bounded mailboxes around [`Commands`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use wigwag_engine::stream::{Fold, Next, Position};
use wigwag_engine::{Actor, Command, Decision, Due, Limits, PlacedEvent, Request};
use wigwag_protocol::event::CaughtUp;
use wigwag_protocol::frame::{self, RequestId};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::{CloseCode, Device, ErrorBody, GroupId, InviteId, UserId, params, result};

use crate::wire::{self, Asked};
use crate::{Commands, Journal};

/// Names one connection.
pub type Link = u64;

/// Frames a session may have waiting: small, so that slow devices do overflow it.
const MAILBOX: usize = 8;
/// Events read at once while catching up.
const PAGE: usize = 5;
/// How long events are kept, ms: short, so that devices that were away do come too late.
const RETENTION_MS: u64 = 90_000;
/// How long events of onlineUserOnly actions are kept, ms (SPEC 5).
const BRIEF_RETENTION_MS: u64 = 60_000;
/// How long a user counts as online after his last session ended, ms (SPEC 3.5).
const PRESENCE_MS: u64 = 30_000;
/// Seconds between pings.
pub(crate) const PING_SECONDS: u32 = 25;

/// Something for the network to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// There is mail to be written.
    Mail(Link),
    /// The session is over.
    Close(Link, CloseCode),
    /// An invitation is due then.
    Due(u64),
}

#[derive(Debug)]
struct Session {
    actor: Actor,
    position: Position,
    mailbox: VecDeque<String>,
    /// Present while the stream's backlog is being sent; live events wait in the journal meanwhile.
    catching_up: Option<Fold>,
}

/// A server, all in memory.
#[derive(Debug, Default)]
pub struct Server {
    /// The rules and what they wrote.
    pub commands: Commands,
    /// How many sessions were closed because their device was too slow.
    pub overflows: u32,
    /// How many events catching up left out.
    pub folded: u32,
    sessions: BTreeMap<Link, Session>,
    last_seen: BTreeMap<UserId, u64>,
    effects: Vec<Effect>,
}

impl Server {
    /// Nobody is connected, nothing is written.
    pub fn new() -> Self {
        Self { commands: Commands::new(Limits::default()), ..Self::default() }
    }

    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Takes in a frame.
    pub(crate) fn hear(&mut self, link: Link, text: &str, now: u64) {
        let (id, asked) = wire::read(text);
        match asked {
            Asked::Open(open) => self.open(link, &id, open, now),
            Asked::Ack => self.acknowledge(link, &id, now),
            Asked::ListOpen => self.list_open(link, &id, now),
            Asked::Close => self.close(link, CloseCode::Closed, now),
            Asked::Command(command) => self.command(link, &id, command, now),
        }
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self, link: Link, now: u64) {
        if let Some(session) = self.sessions.remove(&link) {
            self.last_seen.insert(session.actor.user, now);
        }
    }

    /// The process dies: what is not in the journal is gone.
    pub(crate) fn crash(&mut self) {
        self.sessions.clear();
        self.last_seen.clear();
        self.commands.ledger.clear();
        for invitation in self.commands.journal.invitations.values().filter(|one| one.is_open()) {
            self.effects.push(Effect::Due(invitation.due(self.commands.limits.no_deadline_age_ms)));
        }
    }

    /// Settles what is due.
    pub(crate) fn sweep(&mut self, now: u64) {
        let age = self.commands.limits.no_deadline_age_ms;
        let open = self.commands.journal.invitations.values().filter(|one| one.is_open());
        let due: Vec<InviteId> = open.filter(|one| one.due(age) <= now).map(|one| one.id.clone()).collect();
        for id in due {
            let request = Request::Due(Due::Invitation(id));
            let decision = self.run(&request, now).expect("looking at an invitation is never refused");
            self.tell(&decision, None, now);
        }
    }

    /// The next frame for a connection; reads the next page of the backlog when there is none waiting.
    pub(crate) fn next_frame(&mut self, link: Link, now: u64) -> Option<String> {
        let session = self.sessions.get_mut(&link)?;
        if session.mailbox.is_empty() && session.catching_up.is_some() {
            self.folded += read_page(session, &self.commands.journal, now);
        }
        session.mailbox.pop_front()
    }

    /// Whether another frame would come.
    pub(crate) fn has_mail(&self, link: Link) -> bool {
        self.sessions
            .get(&link)
            .is_some_and(|session| !session.mailbox.is_empty() || session.catching_up.is_some())
    }

    /// Runs a request by the rules; presence is known from the sessions.
    pub(crate) fn run(&mut self, request: &Request, now: u64) -> Result<Decision, Box<ErrorBody>> {
        let (sessions, last_seen) = (&self.sessions, &self.last_seen);
        let online = |user: &UserId| {
            sessions.values().any(|session| session.actor.user == *user)
                || last_seen.get(user).is_some_and(|at| now < at + PRESENCE_MS)
        };
        self.commands.run(request, now, &online)
    }

    fn open(&mut self, link: Link, id: &RequestId, open: params::SessionOpen, now: u64) {
        let user = open.user_id.expect("devices here say who they are");
        let device = Device { device_id: open.device_id, platform: open.platform };
        let actor = Actor { user, device: Some(device) };
        if self.gives_way(link, &actor, now) {
            return self.close(link, CloseCode::Replaced, now);
        }
        let head = self.commands.journal.head(&actor.user);
        let known = open.cursor.filter(|cursor| self.still_has(&actor.user, *cursor, now));
        let cursor = known.unwrap_or(head);
        let opened = result::SessionOpened {
            user_id: actor.user.clone(),
            time: now,
            cursor,
            head,
            resync: open.cursor.is_some() && known.is_none(),
            open_invitations: known.is_none().then(|| open_for(&self.commands.journal, &actor.user, now)),
            ping_interval: PING_SECONDS,
            limits: result::Limits {
                data_bytes: 16_384,
                frame_bytes: 65_536,
                invitees: 1_000,
                commands_per_second: 20,
                command_burst: 40,
            },
        };
        let mailbox = VecDeque::from([frame::reply(id, &opened)]);
        let catching_up = (cursor < head).then(Fold::default);
        self.sessions.insert(link, Session { actor, position: Position::at(cursor), mailbox, catching_up });
        self.effects.push(Effect::Mail(link));
    }

    /// One session per device: that of the newest connection. A sign-in that was long on its way, on a connection the
    /// device has left since, must not push out the session the device has now.
    fn gives_way(&mut self, link: Link, actor: &Actor, now: u64) -> bool {
        let others: Vec<Link> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.actor == *actor)
            .map(|(link, _)| *link)
            .collect();
        for older in others.iter().filter(|other| **other < link) {
            self.close(*older, CloseCode::Replaced, now);
        }
        others.iter().any(|other| *other > link)
    }

    /// Whether everything after `cursor` is still kept.
    fn still_has(&self, user: &UserId, cursor: u64, now: u64) -> bool {
        let stream = self.commands.journal.stream(user);
        let next = usize::try_from(cursor).ok().and_then(|place| stream.get(place));
        cursor <= stream.len() as u64 && next.is_none_or(|(_, event)| now < event.time + RETENTION_MS)
    }

    /// An ack with an id asks whether anybody is here.
    fn acknowledge(&mut self, link: Link, id: &RequestId, now: u64) {
        if *id != RequestId::Unknown {
            self.put(link, frame::reply(id, &result::Done { cursor: None, time: now }), now);
        }
    }

    fn list_open(&mut self, link: Link, id: &RequestId, now: u64) {
        let Some(session) = self.sessions.get(&link) else { return };
        let invitations = open_for(&self.commands.journal, &session.actor.user, now);
        self.put(link, frame::reply(id, &result::OpenList { invitations }), now);
    }

    fn command(&mut self, link: Link, id: &RequestId, command: Command, now: u64) {
        // A session that was replaced or overflowed while the frame was on its way hears nothing any more.
        let Some(session) = self.sessions.get(&link) else { return };
        let request = Request::By(session.actor.clone(), command);
        match self.run(&request, now) {
            Ok(decision) => {
                let reply = wire::reply(id, Ok(&decision.reply));
                self.tell(&decision, Some((link, reply)), now);
            }
            Err(error) => self.put(link, wire::reply(id, Err(&error)), now),
        }
    }

    /// Puts everything into the mailboxes. The acting session gets its reply in the place of the event it stands for.
    fn tell(&mut self, decision: &Decision, reply: Option<(Link, String)>, now: u64) {
        let mut reply = reply;
        for event in &decision.events {
            for place in &event.places {
                let replaced = decision.reply.cursor() == Some(place.cursor)
                    && event.actor.as_ref() == Some(&place.user);
                for link in self.links_of(&place.user) {
                    match reply.take_if(|(acting, _)| replaced && *acting == link) {
                        Some((_, text)) => self.put_reply(link, place.cursor, text, now),
                        None => self.put_event(link, event, place.cursor, now),
                    }
                }
            }
            if let Some(deadline) = event.invitation.as_ref().and_then(|mark| mark.deadline) {
                self.effects.push(Effect::Due(deadline));
            }
        }
        if let Some((link, text)) = reply {
            self.put(link, text, now);
        }
    }

    fn links_of(&self, user: &UserId) -> Vec<Link> {
        self.sessions
            .iter()
            .filter(|(_, session)| session.actor.user == *user)
            .map(|(link, _)| *link)
            .collect()
    }

    fn put_reply(&mut self, link: Link, cursor: u64, text: String, now: u64) {
        let Some(session) = self.sessions.get_mut(&link) else { return };
        assert_eq!(
            session.position.offer(cursor),
            Next::Send,
            "a device commands only when it has caught up"
        );
        self.put(link, text, now);
    }

    fn put_event(&mut self, link: Link, event: &PlacedEvent, cursor: u64, now: u64) {
        let Some(session) = self.sessions.get_mut(&link).filter(|session| session.catching_up.is_none())
        else {
            return;
        };
        assert_eq!(session.position.offer(cursor), Next::Send, "on one node nothing is missing");
        let text = wire::event(event, &session.actor.user, (cursor, None), now);
        self.put(link, text, now);
    }

    fn put(&mut self, link: Link, text: String, now: u64) {
        let Some(session) = self.sessions.get_mut(&link) else { return };
        if session.mailbox.len() >= MAILBOX {
            self.overflows += 1;
            return self.close(link, CloseCode::Resume, now);
        }
        session.mailbox.push_back(text);
        self.effects.push(Effect::Mail(link));
    }

    fn close(&mut self, link: Link, code: CloseCode, now: u64) {
        self.lost(link, now);
        self.effects.push(Effect::Close(link, code));
    }
}

/// Puts the next events of the backlog into the mailbox, folded; at its end says so. Gives how many were
/// left out.
fn read_page(session: &mut Session, journal: &Journal, now: u64) -> u32 {
    let Session { actor, position, mailbox, catching_up } = session;
    let Some(fold) = catching_up else { return 0 };
    let mut left_out = 0;
    let from = usize::try_from(position.cursor()).unwrap_or(usize::MAX);
    let rest = journal.stream(&actor.user).get(from..).unwrap_or(&[]);
    for (cursor, event) in rest.iter().take(PAGE) {
        if is_kept(event, now) && keeps(fold, event, actor, journal) {
            let place = (*cursor, position.send(*cursor));
            mailbox.push_back(wire::event(event, &actor.user, place, now));
        } else {
            position.pass(*cursor);
            left_out += 1;
        }
    }
    if rest.len() <= PAGE {
        let cursor = position.cursor();
        position.settle();
        mailbox.push_back(frame::notification("session.caughtUp", &CaughtUp { cursor }));
        *catching_up = None;
    }
    left_out
}

fn is_kept(event: &PlacedEvent, now: u64) -> bool {
    !event.online_only || now < event.time + BRIEF_RETENTION_MS
}

fn keeps(fold: &mut Fold, event: &Arc<PlacedEvent>, actor: &Actor, journal: &Journal) -> bool {
    event.invitation.as_ref().is_none_or(|mark| {
        fold.keeps(mark, || journal.invitations.get(&mark.id).and_then(|one| one.settled_for(&actor.user)))
    })
}

/// The open invitations that a user is told of.
pub(crate) fn open_for(journal: &Journal, user: &UserId, now: u64) -> Vec<InvitationView> {
    let is_member = |group: &GroupId| journal.groups.get(group).is_some_and(|group| group.has(user));
    let open = journal.invitations.values().filter(|one| one.is_open());
    open.filter(|one| one.told_to(user).given(is_member)).map(|one| one.view(now)).collect()
}

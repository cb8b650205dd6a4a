//! A device with the real SDK: it reconnects, resumes and repeats by itself. When that takes longer than a person would
//! wait, the person restarts the app.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use wigwag_client::{
    Client, ClientEvent, ConnectionState, CursorStore, Error, Events, Happened, StreamPlace,
};
use wigwag_protocol::{DeviceId, Platform, UserId};

use crate::dice::between;
use crate::load::device::{BELL, Device, PATIENCE};
use crate::load::door::Door;
use crate::load::journal::{Ack, Journal, Outcome, Seen, now_ms};
use crate::load::wish::Wish;
use crate::process::token;

/// How long the app may say "reconnecting" before it is started anew, ms.
const TRIES_A_PERSONS_PATIENCE: (u64, u64) = (300, 900);

type Reply = Pin<Box<dyn Future<Output = Result<Ack, Error>> + Send>>;

/// The cursor outlives the app.
#[derive(Clone)]
struct Kept(Arc<AtomicU64>);

impl CursorStore for Kept {
    fn load(&self) -> std::io::Result<Option<StreamPlace>> {
        Ok(Some(StreamPlace { user_id: None, cursor: self.0.load(Ordering::SeqCst) }))
    }

    fn save(&self, place: &StreamPlace) -> std::io::Result<()> {
        self.0.store(place.cursor, Ordering::SeqCst);
        Ok(())
    }
}

pub(crate) struct Sdk {
    door: Door,
    dice: fastrand::Rng,
    user: UserId,
    device: String,
    cursor: Kept,
    app: (Client, Events),
    /// When the app is started anew, if it is not connected until then.
    fed_up_at: Option<Instant>,
    heard_bell: bool,
    connected: bool,
    /// Whether there is a command at hand.
    under_way: bool,
    /// The node that was asked for the command at hand on this connection, and when: server time in ms.
    asked: Option<(usize, u64)>,
}

/// What came first.
enum Next {
    Event(Option<ClientEvent>),
    Settled(Result<Ack, Error>),
    FedUp,
    TimeUp,
}

impl Sdk {
    pub(crate) fn new(door: Door, dice: fastrand::Rng, journal: &Journal) -> Self {
        let cursor = Kept(Arc::new(AtomicU64::new(0)));
        let app = start(door.port(), (&journal.user, &journal.device), cursor.clone());
        let (user, device) = (journal.user.clone(), journal.device.clone());
        Self {
            door,
            dice,
            user,
            device,
            cursor,
            app,
            fed_up_at: None,
            heard_bell: false,
            connected: false,
            under_way: false,
            asked: None,
        }
    }

    fn give(&self, wish: &Wish) -> Reply {
        let client = &self.app.0;
        match wish {
            Wish::Invite(params) => acked(client.invite(params.clone())),
            Wish::InviteInGroup(params) => acked(client.invite_in_group(params.clone())),
            Wish::Accept(params) => acked(client.accept(params)),
            Wish::Reject(params) => acked(client.reject(params)),
            Wish::Cancel(params) => acked(client.cancel(params)),
            Wish::Modify(params) => acked(client.modify(params)),
            Wish::Send(params) => acked(client.send(params.clone())),
            Wish::AddMembers(params) => acked(client.add_members(params)),
            Wish::RemoveMembers(params) => acked(client.remove_members(params)),
            Wish::Join(params) => acked(client.join_group(params)),
            Wish::Quit(params) => acked(client.quit_group(params)),
            Wish::CallJoin(params) => acked(client.join_call(params)),
            Wish::HangUp(params) => acked(client.hang_up(params)),
        }
    }

    async fn next(&mut self, reply: Option<&mut Reply>, until: Instant) -> Next {
        let settled = async {
            match reply {
                Some(reply) => reply.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = self.app.1.next() => Next::Event(event),
            outcome = settled => Next::Settled(outcome),
            () = sleep_until(self.fed_up_at.unwrap_or(until)), if self.fed_up_at.is_some() => Next::FedUp,
            () = sleep_until(until) => Next::TimeUp,
        }
    }

    fn hear(&mut self, event: ClientEvent, journal: &mut Journal) {
        match event {
            ClientEvent::Happened(happened) => {
                let seen = seen(&happened);
                self.heard_bell |= seen.kind == BELL;
                journal.saw(seen);
            }
            ClientEvent::State(ConnectionState::Connected { .. }) => {
                journal.sessions += 1;
                self.fed_up_at = None;
                self.connected = true;
                // What was under way on the last connection is said again on this one.
                self.asked = self.under_way.then(|| (self.door.node(), now_ms()));
            }
            ClientEvent::State(ConnectionState::Connecting | ConnectionState::Reconnecting { .. }) => {
                self.connected = false;
                self.asked_no_longer(journal);
                let (from, to) = TRIES_A_PERSONS_PATIENCE;
                let patience = between(&mut self.dice, from, to);
                self.fed_up_at.get_or_insert_with(|| Instant::now() + patience);
            }
            ClientEvent::State(ConnectionState::Stopped(reason)) => {
                journal.complain(&format!("the client stopped at {}: {reason}", now_ms()));
                self.fed_up_at = Some(Instant::now());
            }
            ClientEvent::Resynced { why, .. } => journal.complain(&format!("resynced: {why:?}")),
            // The story goes on with what the server says of it.
            ClientEvent::RingOver { .. } | ClientEvent::Status(_) => {}
            ClientEvent::Unknown { params, .. } => journal.complain(&format!("unknown event {params}")),
            ClientEvent::CursorNotStored(why) => journal.complain(&format!("cursor not stored: {why}")),
        }
    }

    /// The app ends in good order, with what it had not yet taken left for the next one to be told.
    async fn restart_app(&mut self) {
        self.go_away().await;
        self.come_back();
    }

    async fn settled(&mut self, wish: &Wish, reply: &mut Reply, journal: &mut Journal) -> Outcome {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.next(Some(&mut *reply), until).await {
                Next::Event(Some(event)) => self.hear(event, journal),
                Next::Settled(outcome) => return self.settle(outcome, journal),
                Next::FedUp => {
                    self.restart_app().await;
                    return match reply.await {
                        Ok(ack) => Outcome::Acked(ack),
                        Err(Error::Refused(error)) => Outcome::Refused(error),
                        Err(_) => Outcome::Unknown,
                    };
                }
                Next::Event(None) | Next::TimeUp => {
                    journal.complain(&format!("no reply to {wish:?} within {PATIENCE:?}"));
                    return Outcome::Unknown;
                }
            }
        }
    }

    fn asked_no_longer(&mut self, journal: &mut Journal) {
        if let Some((node, since)) = self.asked.take() {
            journal.waited(node, since);
        }
    }

    fn settle(&mut self, outcome: Result<Ack, Error>, journal: &mut Journal) -> Outcome {
        // What the client told before the reply is written down before it.
        while let Some(event) = self.app.1.try_next() {
            self.hear(event, journal);
        }
        match outcome {
            Ok(ack) => Outcome::Acked(ack),
            Err(Error::Refused(error)) => Outcome::Refused(error),
            Err(Error::Disconnected | Error::Stopped(_)) => Outcome::Unknown,
            Err(error) => {
                journal.complain(&format!("a command failed: {error}"));
                Outcome::Unknown
            }
        }
    }
}

impl Device for Sdk {
    async fn carry_out(&mut self, wish: &Wish, journal: &mut Journal) -> Outcome {
        let mut reply = self.give(wish);
        self.under_way = true;
        self.asked = self.connected.then(|| (self.door.node(), now_ms()));
        let outcome = self.settled(wish, &mut reply, journal).await;
        self.asked_no_longer(journal);
        self.under_way = false;
        outcome
    }

    async fn listen(&mut self, time: Duration, journal: &mut Journal) {
        let until = Instant::now() + time;
        loop {
            match self.next(None, until).await {
                Next::Event(Some(event)) => self.hear(event, journal),
                Next::FedUp => self.restart_app().await,
                Next::Event(None) | Next::Settled(_) | Next::TimeUp => return,
            }
        }
    }

    async fn go_away(&mut self) {
        self.app.0.close().await;
        self.fed_up_at = None;
        self.connected = false;
    }

    fn come_back(&mut self) {
        self.app = start(self.door.port(), (&self.user, &self.device), self.cursor.clone());
    }

    async fn listen_for_bell(&mut self, journal: &mut Journal) {
        while !self.heard_bell {
            self.listen(Duration::from_millis(50), journal).await;
        }
    }
}

fn start(port: u16, (user, device): (&UserId, &str), cursor: Kept) -> (Client, Events) {
    Client::builder(format!("ws://127.0.0.1:{port}"), token(user))
        .device(DeviceId::parse(device).unwrap(), Platform::LINUX)
        .cursor_store(cursor)
        .request_timeout(PATIENCE)
        .start()
        .unwrap()
}

fn acked<T, F>(reply: F) -> Reply
where
    T: Into<Ack>,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    Box::pin(async move { reply.await.map(Into::into) })
}

fn seen(happened: &Happened) -> Seen {
    let Happened { cursor, event, .. } = happened;
    if event.type_name().starts_with("call.") {
        return Seen::of(*cursor, &serde_json::to_value(event).unwrap());
    }
    let about = event.of_invitation();
    Seen {
        cursor: *cursor,
        kind: event.type_name().to_owned(),
        invite_id: about.map(|about| about.invite_id().to_string()),
        call_id: None,
        version: about.map(|about| about.version()),
    }
}

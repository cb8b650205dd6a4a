//! Events for apps that ring: the stream, and what rings at a sign-in among it.
//!
//! A plain receiver ([`Events`]) tells the stream. An app that rings needs more: what waited for the user before this client began, and an
//! end to what rang when its time is over offline. Every binding takes its events from here, so that all of them ring alike.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use wigwag_protocol::event::{InvitationClosed, InvitationReceived};
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::params::ListOpen;
use wigwag_protocol::presence::UserStatus;
use wigwag_protocol::result::OpenList;
use wigwag_protocol::{Event, InviteId};

use crate::client::{Client, Reply};
use crate::events::{ClientEvent, ConnectionState, Events, Happened, ResyncReason};
use crate::rings::{Hint, Listing, Rings, pending};

/// Something that an app that rings should know. As [`ClientEvent`], but that a ring which is over is told as its timeout.
#[derive(Debug)]
pub enum RingingEvent {
    /// Something happened. What the client tells by itself has the cursor 0: an invitation that waits for the user, and one whose time
    /// was over while this device was offline.
    Happened {
        /// What.
        happened: Box<Happened>,
        /// Whether it is news, and whether it rings.
        hint: Hint,
    },
    /// An event of a type that this version does not know.
    Unknown {
        /// Its place in the stream.
        cursor: u64,
        /// The params, JSON.
        params: String,
    },
    /// The stream starts anew. Invitations that wait for the user follow as received.
    Resynced {
        /// What is open now; oldest first.
        open_invitations: Vec<InvitationView>,
        /// Why.
        why: ResyncReason,
    },
    /// A user who is watched is like this from now on.
    Status(UserStatus),
    /// The connection changed.
    State(ConnectionState),
    /// The cursor could not be stored; told once until storing works again.
    CursorNotStored(String),
}

/// The receiving end of a client's events, for an app that rings. The same holds as for [`Events`]: an event counts as taken over when the app
/// asks for the next one.
pub struct Ringing {
    client: Client,
    events: Events,
    rings: Arc<Mutex<Rings>>,
    listing: Listing,
    /// The request for what is open, while it has no answer.
    asked: Option<Reply<OpenList>>,
    /// What the last event has led to and was not told yet.
    waiting: VecDeque<RingingEvent>,
}

/// Which invitations an app was told of. Clones know the same.
#[derive(Debug, Clone)]
pub struct ToldInvitations(Arc<Mutex<Rings>>);

impl ToldInvitations {
    /// Whether the app was told of it.
    pub fn has(&self, id: &InviteId) -> bool {
        locked(&self.0).knows(id)
    }
}

impl Ringing {
    /// Of a client that was just started; `events` are its own.
    pub fn new(client: Client, events: Events) -> Self {
        Self {
            client,
            events,
            rings: Arc::default(),
            listing: Listing::default(),
            asked: None,
            waiting: VecDeque::new(),
        }
    }

    /// Which invitations the app was told of.
    pub fn told(&self) -> ToldInvitations {
        ToldInvitations(Arc::clone(&self.rings))
    }

    /// The next event; `None` when the client has stopped and everything was told. Safe to cancel.
    pub async fn next(&mut self) -> Option<RingingEvent> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// As [`Ringing::next`], for those who wait in a way of their own. Needs no runtime.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<RingingEvent>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Poll::Ready(Some(event));
            }
            match self.events.poll_next(context) {
                Poll::Ready(Some(event)) => self.follow(event),
                Poll::Ready(None) => return Poll::Ready(None),
                // What happened before the answer was told by now, so the book is what the app knows.
                Poll::Pending => ready!(self.poll_listing(context)),
            }
        }
    }

    /// Counts the event in hand as taken over without asking for the next one: for an app that is about to close the client.
    pub fn finish(&mut self) {
        // What an event has led to belongs to it: when it is told again after a restart, so is the event.
        if self.waiting.is_empty() {
            self.events.finish();
        }
    }

    fn follow(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::Happened(happened) => self.happened(happened),
            ClientEvent::Unknown { cursor, params } => self.tell(RingingEvent::Unknown { cursor, params }),
            ClientEvent::Resynced { open_invitations, why } => {
                self.tell(RingingEvent::Resynced { open_invitations, why });
                self.ring();
            }
            ClientEvent::RingOver { invite_id } => self.ring_over(&invite_id),
            ClientEvent::Status(status) => self.tell(RingingEvent::Status(status)),
            ClientEvent::State(state) => self.state(state),
            ClientEvent::CursorNotStored(why) => self.tell(RingingEvent::CursorNotStored(why)),
        }
    }

    fn tell(&mut self, event: RingingEvent) {
        self.waiting.push_back(event);
    }

    fn happened(&mut self, happened: Box<Happened>) {
        let hint = match happened.event.of_invitation() {
            Some(event) => {
                let rest = (happened.remaining_ms, happened.quiet);
                locked(&self.rings).hears(&event, happened.time, rest)
            }
            None => Hint::default(),
        };
        self.tell(RingingEvent::Happened { happened, hint });
    }

    fn state(&mut self, state: ConnectionState) {
        if let ConnectionState::Connected { user_id } = &state {
            locked(&self.rings).signs_in(user_id, self.client.server_time().unwrap_or_default());
            if self.listing.asks_in_session() {
                self.ask_what_is_open();
            }
        }
        self.tell(RingingEvent::State(state));
    }

    /// After a start with a stored cursor the book knows what is open when the first reply is there; then it rings.
    fn ask_what_is_open(&mut self) {
        self.asked = Some(self.client.list_open(&ListOpen { limit: Some(1), after: None }));
    }

    fn poll_listing(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(asked) = &mut self.asked else { return Poll::Pending };
        let answer = ready!(Pin::new(asked).poll(context));
        self.asked = None;
        if answer.is_ok() {
            self.listing.answered();
            self.ring();
        } else if self.listing.asks_after_failure() {
            self.ask_what_is_open();
        }
        Poll::Ready(())
    }

    fn ring(&mut self) {
        let ringing = locked(&self.rings).ring(self.client.invitations());
        self.waiting.extend(ringing.into_iter().map(rings_now));
    }

    fn ring_over(&mut self, id: &InviteId) {
        locked(&self.rings).ends(id);
        self.waiting.extend(self.client.invitation(id).map(has_timed_out));
    }
}

impl fmt::Debug for Ringing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ringing").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What is open rings now, as if it had just come.
fn rings_now(view: InvitationView) -> RingingEvent {
    let (remaining_ms, quiet) = (view.remaining_ms, view.quiet);
    let event = Event::InvitationReceived(InvitationReceived {
        invitee_list: view.invitees.into_iter().map(|invitee| invitee.user_id).collect(),
        invite_id: view.invite_id,
        inviter: view.inviter,
        group_id: view.group_id,
        data: view.data,
        timeout: view.timeout,
        deadline: view.deadline,
        online_user_only: view.online_user_only,
        progress: view.progress,
        version: view.version,
        device: view.inviter_device,
        call: view.call,
        busy: Vec::new(),
        message: None,
    });
    by_itself(event, (remaining_ms, quiet), Hint { rings: !quiet, is_past: quiet, told_before: false })
}

/// The time of an open invitation was over while this device was offline.
fn has_timed_out(view: InvitationView) -> RingingEvent {
    let event = Event::InvitationTimedOut(InvitationClosed {
        invitee_list: pending(&view),
        invite_id: view.invite_id,
        inviter: view.inviter,
        group_id: view.group_id,
        data: view.data,
        version: view.version,
        still_open: false,
        invitee_offline: false,
        reason: None,
        device: None,
        message: None,
    });
    by_itself(event, (None, false), Hint::default())
}

fn by_itself(event: Event, (remaining_ms, quiet): (Option<u64>, bool), hint: Hint) -> RingingEvent {
    let (by_self, own) = (false, false);
    let happened = Happened { cursor: 0, time: 0, by_self, own, remaining_ms, quiet, event };
    RingingEvent::Happened { happened: Box::new(happened), hint }
}

/// A lock is held for a step of plain code; a panic in it leaves nothing half done that matters.
fn locked(rings: &Mutex<Rings>) -> MutexGuard<'_, Rings> {
    rings.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wigwag_protocol::UserId;

    use super::*;
    use crate::scripted::{Connection, Scripted};
    use crate::{CursorStore, FileCursor, StreamPlace};

    fn open(id: &str) -> Value {
        json!({
            "inviteID": id, "inviter": "bob", "invitees": [{"userID": "alice", "state": "pending"}], "data": "", "timeout": 0,
            "createdAt": 1, "status": "open", "version": 1,
        })
    }

    fn received(id: &str) -> Value {
        json!({
            "type": "invitation.received", "inviteID": id, "inviter": "bob", "inviteeList": ["alice"], "data": "", "timeout": 0,
            "version": 1,
        })
    }

    /// The next that is about an invitation: its cursor, its name, and whether it was told before.
    async fn rings(events: &mut Ringing) -> (u64, String, bool) {
        loop {
            if let RingingEvent::Happened { happened, hint } = events.next().await.unwrap()
                && let Some(event) = happened.event.of_invitation()
            {
                return (happened.cursor, event.invite_id().to_string(), hint.told_before);
            }
        }
    }

    async fn lists(connection: &mut Connection, open: &[Value]) {
        let request = connection.hears("signaling.listOpen").await;
        connection.replies(&request, json!({ "invitations": open })).await;
    }

    #[tokio::test]
    async fn what_waits_rings_after_the_listing_and_no_second_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileCursor::new(folder.path().join("cursor"));
        store.save(&StreamPlace { user_id: UserId::parse("alice").ok(), cursor: 10 }).unwrap();
        let server = Scripted::start().await;
        let (client, events) = Client::builder(server.url(), "t").cursor_store(store).start().unwrap();
        let mut events = Ringing::new(client, events);
        let mut connection = server.accepts().await;
        let asks = async {
            connection.opens(10, 10).await;
            // The machine reads what is open for its book before it lets the app's own question out.
            lists(&mut connection, &[open("i")]).await;
            lists(&mut connection, &[open("i")]).await;
            connection.tells(11, received("i")).await;
            connection.tells(12, received("j")).await;
            // The connection stays until everything is told.
            connection
        };
        let told = async { [rings(&mut events).await, rings(&mut events).await, rings(&mut events).await] };
        let (told, _connection) = tokio::join!(told, asks);
        let expected = [(0, "i", false), (11, "i", true), (12, "j", false)];
        assert_eq!(told, expected.map(|(cursor, id, before)| (cursor, id.to_owned(), before)));
    }

    #[tokio::test]
    async fn an_event_is_in_hand_until_what_it_has_led_to_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cursor");
        let server = Scripted::start().await;
        let builder = Client::builder(server.url(), "t").cursor_store(FileCursor::new(&path));
        let (client, events) = builder.start().unwrap();
        let mut events = Ringing::new(client.clone(), events);
        let mut connection = server.accepts().await;
        let request = connection.hears("session.open").await;
        let limits = json!({"dataBytes": 1, "frameBytes": 1, "invitees": 1, "commandsPerSecond": 1, "commandBurst": 1});
        let opened = json!({
            "userID": "alice", "time": 1, "cursor": 4, "head": 4, "pingInterval": 30, "limits": limits,
            "openInvitations": [open("i")],
        });
        connection.replies(&request, opened).await;
        while !matches!(events.next().await.unwrap(), RingingEvent::Resynced { .. }) {}
        events.finish();
        assert!(events.events.is_in_hand(), "its ring was not told");
        assert_eq!(rings(&mut events).await, (0, "i".to_owned(), false));
        events.finish();
        assert!(!events.events.is_in_hand());
    }
}

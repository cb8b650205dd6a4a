//! What rings at a sign-in, and what of the stream an app was told before. Rules only; the same as those of the TypeScript surfaces
//! (`sdk/typescript/src/oldSignal.ts`, `src/v2tim/invitations.ts`).

use std::collections::{BTreeMap, HashSet, VecDeque};

use wigwag_protocol::event::InvitationReceived;
use wigwag_protocol::invitation::{InvitationView, InviteeState};
use wigwag_protocol::{InvitationEvent, InviteId, UserId};

/// Invitations that are remembered as told: ten times what one inviter may have open at once by the server's default.
const MOST: usize = 1_000;
/// Until it is as old as this, an invitation without a deadline may be a call whose app gave none; ms.
const RINGS_MS: u64 = 60_000;

/// What an app was told since it signed in.
#[derive(Debug, Default)]
pub struct Rings {
    told: Newest,
    /// Those that ended here by themselves: the server's timeout is no news.
    over: Newest,
    /// Server time of the first sign-in, ms.
    signed_in_at: Option<u64>,
    /// Who is signed in; nobody else signs in with the same client.
    user: Option<UserId>,
}

/// What an event of an invitation is to an app that rings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// The app was told of this before: it rang at the sign-in already, or ended by itself while this device was offline.
    pub told_before: bool,
    /// It need not ring: an invitation without a deadline that was more than a minute old at the sign-in, or one that is to make no sound,
    /// because this user is quiet ([`Happened::quiet`](crate::Happened)).
    pub is_past: bool,
    /// It rings on this device: it is news, its time is not over, somebody else invites this user, and they are not in another call.
    pub rings: bool,
}

impl Rings {
    /// Later sign-ins are those of the same client.
    pub fn signs_in(&mut self, user: &UserId, time: u64) {
        self.signed_in_at.get_or_insert(time);
        self.user = Some(user.clone());
    }

    /// Whether the app was told of it.
    pub fn knows(&self, id: &InviteId) -> bool {
        self.told.has(id)
    }

    /// Follows an event of the stream, which happened at `time`, server time in ms; of one with a deadline, `remaining_ms` were left. A
    /// `quiet` one is to make no sound.
    pub fn hears(
        &mut self,
        event: &InvitationEvent<'_>,
        time: u64,
        (remaining_ms, quiet): (Option<u64>, bool),
    ) -> Hint {
        match event {
            InvitationEvent::Received(received) => {
                let told_before = !self.told.insert(&received.invite_id);
                let is_past = quiet || self.is_past(received.timeout, time);
                let is_news = !told_before && !is_past && remaining_ms != Some(0);
                let rings = is_news && self.waits_for_user(received);
                Hint { told_before, is_past, rings }
            }
            InvitationEvent::TimedOut(closed) => {
                Hint { told_before: self.over.has(&closed.invite_id), ..Hint::default() }
            }
            // They may be about others, and then it goes on waiting for this user. What does not, is not among what is open.
            InvitationEvent::Accepted(_)
            | InvitationEvent::Rejected(_)
            | InvitationEvent::Cancelled(_)
            | InvitationEvent::Modified(_) => Hint::default(),
        }
    }

    /// Notes that an invitation has ended by itself.
    pub fn ends(&mut self, id: &InviteId) {
        self.over.insert(id);
    }

    /// Of what is open, oldest first, what is to be told to the user as ringing now: what waits for their answer and was not told. One whose
    /// time is over does not ring; its end is on its way. Of invitations without a deadline only the newest of an inviter to the same side, and only while it is young.
    pub fn ring(&mut self, open: Vec<InvitationView>) -> Vec<InvitationView> {
        let Some(user) = &self.user else { return Vec::new() };
        let waiting: Vec<InvitationView> = open.into_iter().filter(|view| waits_for(view, user)).collect();
        let newest: BTreeMap<_, InviteId> =
            waiting.iter().map(|view| (side_of(view), view.invite_id.clone())).collect();
        let rings = |view: &InvitationView| {
            let is_newest = view.timeout == 0 && newest.get(&side_of(view)) == Some(&view.invite_id);
            let has_time = view.timeout > 0 && view.remaining_ms != Some(0);
            has_time || (is_newest && !self.is_past(view.timeout, view.created_at))
        };
        let ringing: Vec<InvitationView> = waiting.iter().filter(|view| rings(view)).cloned().collect();
        ringing.into_iter().filter(|view| self.told.insert(&view.invite_id)).collect()
    }

    /// One's own invitations to others are told on one's other devices, and those in a group to every member.
    fn waits_for_user(&self, received: &InvitationReceived) -> bool {
        let Some(user) = &self.user else { return false };
        received.inviter != *user && received.invitee_list.contains(user) && !received.busy.contains(user)
    }

    fn is_past(&self, timeout: u32, created_at: u64) -> bool {
        timeout == 0 && self.signed_in_at.is_some_and(|at| created_at + RINGS_MS < at)
    }
}

/// When to ask the server for what is open: in each session until it has answered once. A single request is on its way at a time.
#[derive(Debug, Default)]
pub struct Listing {
    is_done: bool,
    is_asked: bool,
    /// A session began while a request was on its way, which may fail because of the one before.
    again: bool,
}

impl Listing {
    /// Whether to ask now that a session has begun.
    pub fn asks_in_session(&mut self) -> bool {
        self.again = self.is_asked;
        let asks = !self.is_done && !self.is_asked;
        self.is_asked |= asks;
        asks
    }

    /// Notes that the server has answered.
    pub fn answered(&mut self) {
        self.is_done = true;
    }

    /// Whether to ask again at once, now that no answer came; else the next session does.
    pub fn asks_after_failure(&mut self) -> bool {
        self.is_asked = self.again;
        std::mem::take(&mut self.again)
    }
}

/// Those who have not answered, in the order of the invitation.
pub fn pending(view: &InvitationView) -> Vec<UserId> {
    let pending = view.invitees.iter().filter(|invitee| invitee.state == InviteeState::Pending);
    pending.map(|invitee| invitee.user_id.clone()).collect()
}

fn waits_for(view: &InvitationView, user: &UserId) -> bool {
    let waits = |state| state == InviteeState::Pending;
    view.invitees.iter().any(|invitee| invitee.user_id == *user && waits(invitee.state))
}

fn side_of(view: &InvitationView) -> (UserId, String) {
    (view.inviter.clone(), view.group_id.as_ref().map(ToString::to_string).unwrap_or_default())
}

/// The newest names of a kind.
#[derive(Debug, Default)]
struct Newest {
    names: HashSet<InviteId>,
    order: VecDeque<InviteId>,
}

impl Newest {
    fn has(&self, id: &InviteId) -> bool {
        self.names.contains(id)
    }

    /// Whether it was not there.
    fn insert(&mut self, id: &InviteId) -> bool {
        if !self.names.insert(id.clone()) {
            return false;
        }
        self.order.push_back(id.clone());
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wigwag_protocol::Event;

    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn signed_in() -> Rings {
        let mut rings = Rings::default();
        rings.signs_in(&bob(), NOW);
        rings
    }

    fn bob() -> UserId {
        UserId::parse("bob").unwrap()
    }

    fn open(id: &str, timeout: u32, created_at: u64) -> InvitationView {
        serde_json::from_value(json!({
            "inviteID": id, "inviter": "alice", "invitees": [{"userID": "bob", "state": "pending"}], "data": "",
            "timeout": timeout, "createdAt": created_at, "status": "open", "version": 1,
        }))
        .unwrap()
    }

    fn event(kind: &str, id: &str, timeout: u32) -> Event {
        let event = json!({
            "type": format!("invitation.{kind}"), "inviteID": id, "inviter": "alice", "inviteeList": ["bob"],
            "invitee": "bob", "by": "bob", "data": "", "timeout": timeout, "version": 1,
        });
        Event::read(&event.to_string()).unwrap().unwrap()
    }

    fn hears(rings: &mut Rings, kind: &str, id: &str) -> Hint {
        hears_with(rings, &event(kind, id, 30), Some(30_000))
    }

    fn hears_with(rings: &mut Rings, event: &Event, remaining_ms: Option<u64>) -> Hint {
        rings.hears(&event.of_invitation().unwrap(), NOW, (remaining_ms, false))
    }

    fn rung(rings: &mut Rings, views: &[InvitationView]) -> Vec<String> {
        rings.ring(views.to_vec()).iter().map(|view| view.invite_id.to_string()).collect()
    }

    #[test]
    fn what_is_open_rings_once_whichever_way_it_is_told() {
        let mut rings = signed_in();
        assert_eq!(rung(&mut rings, &[open("i", 30, NOW)]), ["i"]);
        assert!(rung(&mut rings, &[open("i", 30, NOW)]).is_empty());
        assert!(hears(&mut rings, "received", "i").told_before);
        assert!(!hears(&mut rings, "received", "j").told_before);
        assert!(rung(&mut rings, &[open("j", 30, NOW)]).is_empty());
    }

    /// As `open`, with a second invitee, whose state is `carol`.
    fn open_to_two(bob: &str, carol: &str) -> InvitationView {
        let mut view = open("i", 30, NOW);
        let state = |user: &str, state: &str| json!({"userID": user, "state": state});
        view.invitees = serde_json::from_value(json!([state("bob", bob), state("carol", carol)])).unwrap();
        view
    }

    #[test]
    fn a_ring_that_is_to_make_no_sound_does_not_ring_and_is_known() {
        let mut rings = signed_in();
        let received = event("received", "i", 30);
        let hint = rings.hears(&received.of_invitation().unwrap(), NOW, (Some(30_000), true));
        assert_eq!(hint, Hint { told_before: false, is_past: true, rings: false });
        assert!(rings.knows(&InviteId::parse("i").unwrap()));
    }

    #[test]
    fn what_others_did_leaves_an_invitation_ringing() {
        for kind in ["accepted", "rejected", "cancelled", "modified"] {
            let mut rings = signed_in();
            hears(&mut rings, kind, "i");
            let carol = if kind == "modified" { "pending" } else { kind };
            assert_eq!(rung(&mut rings, &[open_to_two("pending", carol)]), ["i"], "{kind}");
            assert!(rung(&mut rings, &[open_to_two("pending", carol)]).is_empty(), "{kind}");
        }
    }

    #[test]
    fn what_the_user_answered_does_not_ring_while_others_are_asked() {
        for state in ["accepted", "rejected", "cancelled"] {
            assert!(rung(&mut signed_in(), &[open_to_two(state, "pending")]).is_empty(), "{state}");
        }
    }

    #[test]
    fn only_what_waits_for_the_user_rings() {
        let mut carols = Rings::default();
        carols.signs_in(&UserId::parse("carol").unwrap(), NOW);
        assert!(carols.ring(vec![open("i", 30, NOW)]).is_empty());
        assert!(!hears(&mut carols, "received", "j").rings);
        assert!(Rings::default().ring(vec![open("i", 30, NOW)]).is_empty(), "nobody is signed in");
    }

    #[test]
    fn what_comes_rings_when_it_is_news_and_the_user_is_free() {
        let mut rings = signed_in();
        assert!(hears(&mut rings, "received", "i").rings);
        assert!(!hears(&mut rings, "received", "i").rings, "told before");
        assert!(!hears(&mut rings, "accepted", "j").rings);
        let mut busy = event("received", "k", 30);
        if let Event::InvitationReceived(received) = &mut busy {
            received.busy = vec![bob()];
        }
        assert!(!hears_with(&mut rings, &busy, Some(30_000)).rings);
        let mut own = Rings::default();
        own.signs_in(&UserId::parse("alice").unwrap(), NOW);
        assert!(!hears(&mut own, "received", "i").rings, "alice invites");
    }

    #[test]
    fn without_a_deadline_the_newest_rings_and_only_while_it_is_young() {
        let young = NOW - RINGS_MS;
        let mut rings = signed_in();
        assert_eq!(rung(&mut rings, &[open("old", 0, young), open("new", 0, young)]), ["new"]);
        assert!(rung(&mut signed_in(), &[open("past", 0, young - 1)]).is_empty());
        assert_eq!(rung(&mut signed_in(), &[open("late", 30, 1)]), ["late"]);
        let past = event("received", "p", 0);
        let hears_at = |time| signed_in().hears(&past.of_invitation().unwrap(), time, (None, false));
        assert!(hears_at(young - 1).is_past && !hears_at(young).is_past);
    }

    #[test]
    fn what_comes_or_waits_with_no_time_left_does_not_ring() {
        for (remaining_ms, does) in [(Some(0), false), (Some(1), true), (None, true)] {
            let hint = hears_with(&mut signed_in(), &event("received", "i", 30), remaining_ms);
            assert_eq!(hint.rings, does, "{remaining_ms:?}");
            let mut waits = open("i", 30, NOW);
            waits.remaining_ms = remaining_ms;
            assert_eq!(!rung(&mut signed_in(), &[waits]).is_empty(), does, "{remaining_ms:?}");
        }
    }

    #[test]
    fn what_is_open_is_asked_for_until_the_server_has_answered() {
        let mut listing = Listing::default();
        assert!(listing.asks_in_session());
        assert!(!listing.asks_after_failure());
        assert!(listing.asks_in_session());
        listing.answered();
        assert!(!listing.asks_in_session());
    }

    #[test]
    fn what_fails_after_the_next_session_began_is_asked_again_at_once() {
        let mut listing = Listing::default();
        assert!(listing.asks_in_session());
        assert!(!listing.asks_in_session());
        assert!(listing.asks_after_failure());
        assert!(!listing.asks_after_failure());
        assert!(listing.asks_in_session());
    }

    #[test]
    fn a_timeout_that_was_told_at_the_deadline_is_no_news() {
        let mut rings = signed_in();
        rings.ends(&InviteId::parse("i").unwrap());
        assert!(hears(&mut rings, "timedOut", "i").told_before);
        assert!(!hears(&mut rings, "timedOut", "j").told_before);
    }

    #[test]
    fn the_oldest_names_are_forgotten() {
        let mut names = Newest::default();
        let name = |number: usize| InviteId::parse(&number.to_string()).unwrap();
        for number in 0..=MOST {
            assert!(names.insert(&name(number)));
        }
        assert!(!names.has(&name(0)) && names.has(&name(1)) && names.has(&name(MOST)));
    }
}

//! What rings at a sign-in, and what of the stream an app was told before. Rules only; the same as those of the TypeScript surfaces
//! (`sdk/typescript/src/oldSignal.ts`, `src/v2tim/invitations.ts`).

use std::collections::{BTreeMap, HashSet, VecDeque};

use wigwag_client::protocol::invitation::{InvitationView, InviteeState};
use wigwag_client::protocol::{InvitationEvent, InviteId, UserId};

/// Invitations that are remembered as told: ten times what one inviter may have open at once by the server's default.
const MOST: usize = 1_000;
/// Until it is as old as this, an invitation without a deadline may be a call whose app gave none; ms.
const RINGS_MS: u64 = 60_000;

/// What an app was told since it signed in.
#[derive(Debug, Default)]
pub(crate) struct Rings {
    told: Newest,
    /// Those that ended here by themselves: the server's timeout is no news.
    over: Newest,
    /// Server time of the first sign-in, ms.
    signed_in_at: Option<u64>,
}

/// What an event of an invitation is to an app that rings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) told_before: bool,
    pub(crate) is_past: bool,
}

impl Rings {
    /// Later sign-ins are those of the same client.
    pub(crate) fn signs_in(&mut self, time: u64) {
        self.signed_in_at.get_or_insert(time);
    }

    /// Whether the app was told of it.
    pub(crate) fn knows(&self, id: &InviteId) -> bool {
        self.told.has(id)
    }

    /// Follows an event of the stream, which happened at `time`, server time in ms.
    pub(crate) fn hears(&mut self, event: &InvitationEvent<'_>, time: u64) -> Hint {
        match event {
            InvitationEvent::Received(received) => Hint {
                told_before: !self.told.insert(&received.invite_id),
                is_past: self.is_past(received.timeout, time),
            },
            InvitationEvent::TimedOut(closed) => {
                Hint { told_before: self.over.has(&closed.invite_id), is_past: false }
            }
            // They may be about others, and then it goes on waiting for this user. What does not, is not among what is open.
            InvitationEvent::Accepted(_)
            | InvitationEvent::Rejected(_)
            | InvitationEvent::Cancelled(_)
            | InvitationEvent::Modified(_) => Hint::default(),
        }
    }

    /// Notes that an invitation has ended by itself.
    pub(crate) fn ends(&mut self, id: &InviteId) {
        self.over.insert(id);
    }

    /// Of what is open, oldest first, what is to be told to `user` as ringing now: what waits for their answer and was not told. Of
    /// invitations without a deadline only the newest of an inviter to the same side, and only while it is young.
    pub(crate) fn ring(&mut self, open: Vec<InvitationView>, user: &UserId) -> Vec<InvitationView> {
        let waiting: Vec<InvitationView> = open.into_iter().filter(|view| waits_for(view, user)).collect();
        let newest: BTreeMap<_, InviteId> =
            waiting.iter().map(|view| (side_of(view), view.invite_id.clone())).collect();
        let rings = |view: &InvitationView| {
            let is_newest = newest.get(&side_of(view)) == Some(&view.invite_id);
            view.timeout > 0 || (is_newest && !self.is_past(view.timeout, view.created_at))
        };
        let ringing: Vec<InvitationView> = waiting.iter().filter(|view| rings(view)).cloned().collect();
        ringing.into_iter().filter(|view| self.told.insert(&view.invite_id)).collect()
    }

    fn is_past(&self, timeout: u32, created_at: u64) -> bool {
        timeout == 0 && self.signed_in_at.is_some_and(|at| created_at + RINGS_MS < at)
    }
}

/// When to ask the server for what is open: in each session until it has answered once. A single request is on its way at a time.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    is_done: bool,
    is_asked: bool,
    /// A session began while a request was on its way, which may fail because of the one before.
    again: bool,
}

impl Listing {
    /// Whether to ask now that a session has begun.
    pub(crate) fn asks_in_session(&mut self) -> bool {
        self.again = self.is_asked;
        let asks = !self.is_done && !self.is_asked;
        self.is_asked |= asks;
        asks
    }

    /// Notes that the server has answered.
    pub(crate) fn answered(&mut self) {
        self.is_done = true;
    }

    /// Whether to ask again at once, now that no answer came; else the next session does.
    pub(crate) fn asks_after_failure(&mut self) -> bool {
        self.is_asked = self.again;
        std::mem::take(&mut self.again)
    }
}

/// Those who have not answered, in the order of the invitation.
pub(crate) fn pending(view: &InvitationView) -> Vec<UserId> {
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
    use wigwag_client::protocol::Event;

    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn signed_in() -> Rings {
        let mut rings = Rings::default();
        rings.signs_in(NOW);
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
        rings.hears(&event(kind, id, 30).of_invitation().unwrap(), NOW)
    }

    fn rung(rings: &mut Rings, views: &[InvitationView]) -> Vec<String> {
        rings.ring(views.to_vec(), &bob()).iter().map(|view| view.invite_id.to_string()).collect()
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
        let mut rings = signed_in();
        let carol = UserId::parse("carol").unwrap();
        assert!(rings.ring(vec![open("i", 30, NOW)], &carol).is_empty());
    }

    #[test]
    fn without_a_deadline_the_newest_rings_and_only_while_it_is_young() {
        let young = NOW - RINGS_MS;
        let mut rings = signed_in();
        assert_eq!(rung(&mut rings, &[open("old", 0, young), open("new", 0, young)]), ["new"]);
        assert!(rung(&mut signed_in(), &[open("past", 0, young - 1)]).is_empty());
        assert_eq!(rung(&mut signed_in(), &[open("late", 30, 1)]), ["late"]);
        let past = event("received", "p", 0);
        assert!(signed_in().hears(&past.of_invitation().unwrap(), young - 1).is_past);
        assert!(!signed_in().hears(&past.of_invitation().unwrap(), young).is_past);
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

//! What people do with calls, and what their app notes of them.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use wigwag_protocol::call::{CallLink, CallView, PersonState};
use wigwag_protocol::params::{CallGet, CallOnly, CallSignal, CallWish};
use wigwag_protocol::{CallId, Event, InviteId, RoomId, UserId, result};

use super::{App, Given, Verb, read, wish_for};

/// What the app notes of calls, apart from the client's book.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The call that each invitation leads into.
    links: BTreeMap<InviteId, CallId>,
    /// Calls that the user came into and, as far as this app was told, may be in still.
    inside: BTreeSet<CallId>,
}

impl Calls {
    pub(super) fn leads_to(&mut self, id: &InviteId, link: Option<&CallLink>) {
        if let Some(link) = link {
            self.links.insert(id.clone(), link.call_id.clone());
        }
    }

    pub(super) fn left(&mut self, call: &CallId) {
        self.inside.remove(call);
    }

    /// Somebody else acted, or this user on another device.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only what brings the user in or ends a call is noted"
    )]
    pub(super) fn hears(&mut self, event: &Event, me: &UserId) {
        match event {
            Event::InvitationReceived(event) => {
                self.leads_to(&event.invite_id, event.call.as_ref());
                if event.inviter == *me {
                    self.inside.extend(event.call.as_ref().map(|link| link.call_id.clone()));
                }
            }
            Event::InvitationAccepted(event) if event.invitee == *me => {
                self.inside.extend(self.links.get(&event.invite_id).cloned());
            }
            Event::CallJoined(event) if event.user_id == *me => {
                self.inside.insert(event.call_id.clone());
            }
            Event::CallHungUp(event) if event.user_id == *me || event.end_reason.is_some() => {
                self.left(&event.call_id);
            }
            Event::CallDeclined(event) if event.end_reason.is_some() => self.left(&event.call_id),
            Event::CallEnded(event) => self.left(&event.call_id),
            _ => {}
        }
    }

    /// The person hangs up what they may be in.
    pub(super) fn goes(&self) -> Option<Given> {
        self.inside.first().map(hang_up)
    }
}

impl App {
    /// The user is in the call that a reply says how to enter, or not in the one that they hung up.
    pub(super) fn came_into(&mut self, given: &Given, reply: &str) {
        let entry = match given.verb {
            Verb::Invite | Verb::InviteMembers | Verb::Accept => {
                let acted: result::Acted = read(reply);
                if given.about.as_ref() != Some(&acted.invite_id) {
                    self.came_by(&acted.invite_id);
                }
                acted.call.map(|entry| *entry)
            }
            Verb::Join => Some(read::<result::Joined>(reply).entry),
            Verb::HangUp => {
                given.call.iter().for_each(|call| self.hung_up(call));
                None
            }
            Verb::Reject
            | Verb::Cancel
            | Verb::CancelOne
            | Verb::Modify
            | Verb::Write
            | Verb::Read
            | Verb::Signal
            | Verb::Look => None,
        };
        if let Some(entry) = entry {
            if let Some(id) = &given.about {
                self.calls.leads_to(id, Some(&entry.link));
            }
            if let Some(theirs) = &entry.accepted {
                self.came_by(theirs);
            }
            self.calls.inside.insert(entry.link.call_id);
        }
    }

    /// Two called each other: the user is in the call by the other's invitation.
    fn came_by(&mut self, theirs: &InviteId) {
        let me = self.user.clone();
        self.settled_for(theirs, &[me]);
    }

    /// What rang the user in the call, and what they rang others with, rings here no longer: whoever is left in it goes on with
    /// theirs.
    fn hung_up(&mut self, call: &CallId) {
        self.calls.left(call);
        let Self { ringing, calls, user, .. } = self;
        let into = |id: &InviteId| calls.links.get(id) == Some(call);
        ringing.retain(|id, one| !into(id) || !(one.by_me || one.pending.contains(user)));
    }

    pub(super) fn whim_about_calls(
        &mut self,
        others: &[UserId],
        screen: &[CallView],
        dice: &mut Rng,
    ) -> Option<Given> {
        let whom = &others[dice.usize(..others.len())];
        let any = (!screen.is_empty()).then(|| &screen[dice.usize(..screen.len())]);
        match dice.u8(0..14) {
            0..4 => Some(self.invites(whom, Some(somewhere(dice)), dice)),
            4 => Some(self.invites_members(others, Some(somewhere(dice)), dice)),
            5..8 => self.invites_more(any?, others, dice),
            8..10 => Some(self.joins(any?)),
            10..12 => Some(hang_up(&any?.link.call_id)),
            12 => Some(signals(&any?.link.call_id)),
            _ => self.looks(dice),
        }
    }

    fn invites_more(&mut self, call: &CallView, others: &[UserId], dice: &mut Rng) -> Option<Given> {
        let is_in =
            call.people.iter().any(|one| one.user_id == self.user && one.state == PersonState::Joined);
        let wish = CallWish { media_type: "video".to_owned(), room_id: Some(call.link.room_id.clone()) };
        match (is_in, call.group_id.is_some()) {
            (_, true) if dice.bool() => Some(self.invites_members(others, Some(wish), dice)),
            (true, _) => Some(self.invites(&others[dice.usize(..others.len())], Some(wish), dice)),
            (false, _) => None,
        }
    }

    fn joins(&self, call: &CallView) -> Given {
        let id = &call.link.call_id;
        let rings =
            call.people.iter().find(|one| one.user_id == self.user && one.state == PersonState::Ringing);
        let about = rings.and_then(|person| person.invite_id.clone());
        in_call(id, wish_for(Verb::Join, &only(id), about))
    }

    fn looks(&self, dice: &mut Rng) -> Option<Given> {
        let known: Vec<&CallId> = self.calls.links.values().collect();
        let id = (!known.is_empty()).then(|| known[dice.usize(..known.len())])?;
        let wish = CallGet { call_id: Some(id.clone()), room_id: None, group_id: None };
        Some(in_call(id, wish_for(Verb::Look, &wish, None)))
    }
}

/// Most calls are in a room of their own, some in one where others may be.
fn somewhere(dice: &mut Rng) -> CallWish {
    let lobby = || RoomId::parse("lobby").expect("a roomID");
    CallWish { media_type: "video".to_owned(), room_id: (dice.u8(0..6) == 0).then(lobby) }
}

fn hang_up(id: &CallId) -> Given {
    in_call(id, wish_for(Verb::HangUp, &only(id), None))
}

fn signals(id: &CallId) -> Given {
    let wish =
        CallSignal { call_id: Some(id.clone()), room_id: None, to: None, data: "candidate".to_owned() };
    in_call(id, wish_for(Verb::Signal, &wish, None))
}

fn only(id: &CallId) -> CallOnly {
    CallOnly { call_id: Some(id.clone()), room_id: None }
}

fn in_call(id: &CallId, given: Given) -> Given {
    Given { call: Some(id.clone()), ..given }
}

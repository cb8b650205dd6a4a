//! A second, simple-minded opinion on calls: what docs/semantics.md says of them, over plain maps and names.
//!
//! It shares nothing with the engine but the names of reasons. For each operation it says why not, and afterwards how every
//! call stands.

mod group;
mod kept;

use std::collections::{BTreeMap, BTreeSet};

use wigwag_engine::limits::WhenBusy;
use wigwag_protocol::Reason;

use self::kept::{Call, Guest, Invitation, State, Wish};
use crate::call_properties::{GROUPS, MOST, Op, PEOPLE, Said, group_of};
use crate::operation::{Name, Who};

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) now: u64,
    busy: WhenBusy,
    online: BTreeSet<Name>,
    /// The groups that are not dismissed.
    members: BTreeMap<Name, BTreeSet<Name>>,
    calls: BTreeMap<Name, Call>,
    invitations: BTreeMap<Name, Invitation>,
    /// The newest call of each room.
    rooms: BTreeMap<Name, Name>,
}

/// Rooms that the server makes have no name that an operation could use.
const MADE: Name = "made";

impl Model {
    pub(crate) fn at(now: u64, busy: WhenBusy) -> Self {
        Self {
            now,
            busy,
            online: PEOPLE.into_iter().collect(),
            members: GROUPS.map(|group| (group.name, group.members.iter().copied().collect())).into(),
            calls: BTreeMap::new(),
            invitations: BTreeMap::new(),
            rooms: BTreeMap::new(),
        }
    }

    pub(crate) fn online(&mut self, who: Name, on: bool) {
        if on {
            self.online.insert(who)
        } else {
            self.online.remove(who)
        };
    }

    /// Every call in one line.
    pub(crate) fn written(&self) -> Vec<String> {
        let calls = self.calls.iter().map(|(id, call)| {
            let people = call.people.iter().map(|(name, state)| format!("{name} {}", state.word()));
            let end = call.end.map(|end| format!(" ■ {end}")).unwrap_or_default();
            format!("{id}: {}{end}", people.collect::<Vec<_>>().join(", "))
        });
        calls.collect()
    }

    pub(crate) fn carry_out(&mut self, op: &Op) -> Result<(), Reason> {
        match op {
            Op::Call { by, id, to, room, media } => {
                self.call(*by, id, Wish { to, room: *room, media, group: group_of(id, to) })
            }
            Op::Answer { said, by, id } => self.answer(*said, *by, id),
            Op::CancelFor { by, id, whom } => self.cancel_for(*by, id, whom),
            Op::HangUp { by, id } => self.hang_up(*by, id),
            Op::End { by, id } => self.end(by, id),
            Op::Join { by, room } => self.join(*by, room),
            Op::Signal { by, room } => self.signal(*by, room),
            Op::Missed { who } => {
                if !self.online.contains(who)
                    && let Some(call) = self.call_of(who)
                {
                    self.leave(call, who, "connectionLost");
                }
                Ok(())
            }
            Op::RoomLeft { who, room } => {
                if let Some(call) = self.rooms.get(room).copied()
                    && self.calls[call].has(who)
                {
                    self.leave(call, who, "connectionLost");
                }
                Ok(())
            }
            Op::Expire(id) => {
                self.expire(id);
                Ok(())
            }
            Op::Quit(by, group) => self.quit(by.user, group),
            Op::Rejoin(by, group) => self.rejoin(by.user, group),
            Op::Dismiss(by, group) => self.dismiss(by.user, group),
            Op::Wait { .. } | Op::Online { .. } | Op::Repeat(_) | Op::Forget { .. } | Op::Batch { .. } => {
                Ok(())
            }
        }
    }

    fn call_of(&self, who: Name) -> Option<Name> {
        self.calls.iter().find(|(_, call)| call.has(who)).map(|(id, _)| *id)
    }

    fn call(&mut self, by: Who, id: Name, wish: Wish<'_>) -> Result<(), Reason> {
        let me = by.user;
        let Wish { to, room, media, group } = wish;
        if let Some(before) = self.invitations.get(id) {
            return if self.is_same(before, me, id, wish) { Ok(()) } else { Err(Reason::InviteIdTaken) };
        }
        if group.is_none()
            && let Some(theirs) = self.answered_by(me, to[0])
        {
            self.merge(by, id, wish, theirs);
            return Ok(());
        }
        let named = self.guests(me, to, group)?;
        let running =
            room.and_then(|room| self.rooms.get(room)).copied().filter(|call| self.calls[call].end.is_none());
        self.may_ring_from(me, running, group)?;
        let inside =
            |who: &Name| running.is_some_and(|call| self.calls[call].has(who) || self.calls[call].rings(who));
        let outside: Vec<Name> = named.into_iter().filter(|who| !inside(who)).collect();
        if outside.is_empty() {
            return Err(Reason::AlreadyInCall);
        }
        let busy: BTreeSet<Name> =
            outside.iter().copied().filter(|who| self.is_busy(who, me, running)).collect();
        if self.people_with(running, outside.iter().copied().chain([me])) > MOST {
            return Err(Reason::TooManyInCall);
        }
        if let Some(State::Ringing(ring)) = running.and_then(|call| self.calls[call].people.get(me))
            && self.invitations[ring].overdue(self.now)
        {
            return Err(Reason::TimedOut);
        }
        let call = running.unwrap_or(id);
        let guests =
            outside.iter().map(|who| (*who, if busy.contains(who) { Guest::Busy } else { Guest::Pending }));
        self.invitations.insert(
            id,
            Invitation {
                by: me,
                wish: (to.to_vec(), room),
                media,
                group,
                call,
                guests: guests.collect(),
                born: self.now,
                cancelled: None,
                merged: false,
            },
        );
        if running.is_none() {
            self.begin(id, by, wish);
        } else if let Some(State::Ringing(ring)) = self.calls[call].people.get(me).copied() {
            self.said(Said::Accept, by, ring, "");
        } else if !self.calls[call].has(me) {
            self.enter(call, by);
        }
        let people = &mut self.calls.get_mut(call).expect("a call").people;
        for who in outside {
            people.insert(who, if busy.contains(who) { State::Busy } else { State::Ringing(id) });
        }
        self.settle(call, "busy");
        if self.calls[call].end.is_none() {
            self.leave_others(me, call);
        }
        Ok(())
    }

    /// Whether they may ring people into this running call, or begin another one in this group.
    fn may_ring_from(&self, me: Name, running: Option<Name>, group: Option<Name>) -> Result<(), Reason> {
        if let Some(call) = running.map(|call| &self.calls[call]) {
            let may = call.has(me) || (group.is_some() && call.group == group);
            return if may { Ok(()) } else { Err(Reason::RoomTaken) };
        }
        let full = group.is_some_and(|group| self.running_in(group).len() >= 3);
        if full { Err(Reason::TooManyCallsInGroup) } else { Ok(()) }
    }

    /// How many people a call has, or would have, with these.
    fn people_with(&self, call: Option<Name>, more: impl Iterator<Item = Name>) -> usize {
        let people = call.into_iter().flat_map(|call| self.calls[call].people.keys().copied());
        people.chain(more).collect::<BTreeSet<Name>>().len()
    }

    fn begin(&mut self, id: Name, by: Who, wish: Wish<'_>) {
        let room = wish.room.unwrap_or(MADE);
        if room != MADE {
            self.rooms.insert(room, id);
        }
        let people = BTreeMap::from([(by.user, State::Joined(by.device))]);
        let group = wish.group;
        self.calls.insert(id, Call { caller: by.user, room, group, people, answered: false, end: None });
    }

    fn is_same(&self, before: &Invitation, me: Name, id: Name, wish: Wish<'_>) -> bool {
        let Wish { to, room, media, group } = wish;
        let others = |names: &[Name]| -> BTreeSet<Name> {
            names.iter().copied().filter(|who| group.is_none() || *who != me).collect()
        };
        let its_room = self.calls[before.call].room;
        let same_call = match before.call == id {
            _ if before.merged => true,
            true => media == before.media && room.is_none_or(|room| room == its_room),
            false => room == Some(its_room),
        };
        before.by == me && before.group == group && others(&before.wish.0) == others(to) && same_call
    }

    /// The invitation of `other` that rings `me`, when each calls the other alone.
    fn answered_by(&self, me: Name, other: Name) -> Option<Name> {
        let call = &self.calls[self.call_of(other)?];
        let Some(State::Ringing(id)) = call.people.get(me) else { return None };
        let alone = call.between_two() && call.caller == other;
        (alone && !self.invitations[id].overdue(self.now)).then_some(*id)
    }

    fn merge(&mut self, by: Who, id: Name, wish: Wish<'_>, theirs: Name) {
        let Wish { to, room, media, .. } = wish;
        let call = self.invitations[theirs].call;
        self.said(Said::Accept, by, theirs, "ring");
        self.invitations.insert(
            id,
            Invitation {
                by: by.user,
                wish: (to.to_vec(), room),
                media,
                group: None,
                call,
                guests: BTreeMap::from([(to[0], Guest::Cancelled)]),
                born: self.now,
                cancelled: None,
                merged: true,
            },
        );
    }

    fn guests(&self, me: Name, to: &[Name], group: Option<Name>) -> Result<Vec<Name>, Reason> {
        let Some(group) = group else {
            return if to[0] == me { Err(Reason::InvalidParameter) } else { Ok(to.to_vec()) };
        };
        self.is_a_member(me, group)?;
        let named: BTreeSet<Name> =
            to.iter().copied().filter(|who| *who != me && self.has(group, who)).collect();
        if named.is_empty() { Err(Reason::NoValidInvitee) } else { Ok(named.into_iter().collect()) }
    }

    fn is_busy(&self, who: Name, me: Name, into: Option<Name>) -> bool {
        let may_be = self.busy == WhenBusy::Report;
        self.call_of(who).filter(|_| may_be).is_some_and(|other| {
            let call = &self.calls[other];
            Some(other) != into && !(call.between_two() && call.has(me))
        })
    }

    fn sees(&self, who: Name, id: Name) -> bool {
        let Some(one) = self.invitations.get(id) else { return false };
        let party = one.by == who || one.guests.contains_key(who);
        if one.group.is_some_and(|group| !self.has(group, who)) {
            // Whoever left sees it as it was when it was settled for them.
            return match one.guests.get(who) {
                Some(guest) => *guest != Guest::Pending,
                None => one.by == who && !one.open(),
            };
        }
        party || one.group.is_some()
    }

    fn answer(&mut self, said: Said, by: Who, id: Name) -> Result<(), Reason> {
        if !self.sees(by.user, id) {
            return Err(Reason::UnknownInvitation);
        }
        let one = &self.invitations[id];
        if said == Said::Cancel {
            if one.by != by.user {
                return Err(Reason::NotInviter);
            }
            if !one.open() {
                return if one.cancelled == Some(by.device) { Ok(()) } else { Err(Reason::Settled) };
            }
            if one.overdue(self.now) {
                return Err(Reason::TimedOut);
            }
            self.cancel(by, id);
            return Ok(());
        }
        match one.guests.get(by.user) {
            None => Err(Reason::NotInvitee),
            Some(Guest::Pending) if one.overdue(self.now) => Err(Reason::TimedOut),
            Some(Guest::Pending) => {
                self.said(said, by, id, "");
                Ok(())
            }
            Some(Guest::Said(before, device, "")) if *before == said && *device == by.device => Ok(()),
            Some(Guest::Said(..) | Guest::Busy | Guest::Removed) => Err(Reason::Settled),
            Some(Guest::TimedOut) => Err(Reason::TimedOut),
            Some(Guest::Cancelled | Guest::TakenBack(_)) => Err(Reason::Cancelled),
        }
    }

    fn cancel(&mut self, by: Who, id: Name) {
        let one = self.invitations.get_mut(id).expect("an invitation");
        one.cancelled = Some(by.device);
        self.decline_pending(id, Guest::TakenBack(by.device), State::Cancelled, "cancelled");
    }

    fn cancel_for(&mut self, by: Who, id: Name, whom: Name) -> Result<(), Reason> {
        if !self.sees(by.user, id) {
            return Err(Reason::UnknownInvitation);
        }
        let one = &self.invitations[id];
        if one.by != by.user {
            return Err(Reason::NotInviter);
        }
        match one.guests.get(whom) {
            None => Err(Reason::InvalidParameter),
            Some(Guest::TakenBack(device)) if *device == by.device => Ok(()),
            Some(Guest::Pending) if one.overdue(self.now) => Err(Reason::TimedOut),
            Some(Guest::Pending) => {
                self.take_back_from(by, id, whom);
                Ok(())
            }
            Some(
                Guest::TakenBack(_)
                | Guest::Said(..)
                | Guest::Busy
                | Guest::TimedOut
                | Guest::Cancelled
                | Guest::Removed,
            ) => Err(Reason::Settled),
        }
    }

    fn take_back_from(&mut self, by: Who, id: Name, whom: Name) {
        let one = self.invitations.get_mut(id).expect("an invitation");
        one.guests.insert(whom, Guest::TakenBack(by.device));
        if !one.open() {
            one.cancelled = Some(by.device);
        }
        let call = one.call;
        self.calls.get_mut(call).expect("a call").people.insert(whom, State::Cancelled);
        self.settle(call, "cancelled");
    }

    fn said(&mut self, said: Said, by: Who, id: Name, words: &'static str) {
        let one = self.invitations.get_mut(id).expect("an invitation");
        one.guests.insert(by.user, Guest::Said(said, by.device, words));
        let call = one.call;
        if said == Said::Accept {
            self.enter(call, by);
            return;
        }
        self.calls.get_mut(call).expect("a call").people.insert(by.user, State::Rejected);
        self.settle(call, "rejected");
    }

    fn enter(&mut self, id: Name, by: Who) {
        let call = self.calls.get_mut(id).expect("a call");
        call.people.insert(by.user, State::Joined(by.device));
        call.answered |= call.joined().len() > 1;
        self.leave_others(by.user, id);
    }

    fn leave_others(&mut self, who: Name, stays: Name) {
        let other = self.calls.iter().find(|(id, call)| **id != stays && call.has(who)).map(|(id, _)| *id);
        if let Some(other) = other {
            self.leave(other, who, "joinedAnother");
        }
    }

    fn leave(&mut self, id: Name, who: Name, why: &'static str) {
        let call = self.calls.get_mut(id).expect("a call");
        call.people.insert(who, State::Left);
        let why = if why == "hungUp" && !call.answered { "cancelled" } else { why };
        self.settle(id, why);
    }

    /// Ends the call if nobody in it has somebody to talk with or to wait for.
    fn settle(&mut self, id: Name, why: &'static str) {
        let call = self.calls.get_mut(id).expect("a call");
        let ringing = call.people.values().any(|state| matches!(state, State::Ringing(_)));
        let joined = call.joined().len();
        if call.end.is_none() && joined <= 1 && !(joined == 1 && ringing) {
            self.end_with(id, why);
        }
    }

    /// Nobody is in it any more, and nothing rings.
    fn end_with(&mut self, id: Name, why: &'static str) {
        let call = self.calls.get_mut(id).expect("a call");
        call.end = Some(why);
        for state in call.people.values_mut() {
            match state {
                State::Joined(_) => *state = State::Left,
                State::Ringing(_) => *state = State::Cancelled,
                State::Left
                | State::Rejected
                | State::Busy
                | State::TimedOut
                | State::Cancelled
                | State::Removed => {}
            }
        }
        let now = self.now;
        for one in self.invitations.values_mut().filter(|one| one.call == id && one.open()) {
            let left = if one.overdue(now) { Guest::TimedOut } else { Guest::Cancelled };
            one.guests.values_mut().filter(|guest| **guest == Guest::Pending).for_each(|guest| *guest = left);
        }
    }

    fn decline_pending(&mut self, id: Name, guest: Guest, state: State, why: &'static str) {
        let one = self.invitations.get_mut(id).expect("an invitation");
        let call = self.calls.get_mut(one.call).expect("a call");
        for (who, pending) in one.guests.iter_mut().filter(|(_, guest)| **guest == Guest::Pending) {
            *pending = guest;
            call.people.insert(who, state);
        }
        let call = one.call;
        self.settle(call, why);
    }

    fn expire(&mut self, id: Name) {
        if self.invitations.get(id).is_some_and(|one| one.open() && one.overdue(self.now)) {
            self.decline_pending(id, Guest::TimedOut, State::TimedOut, "timedOut");
        }
    }

    fn exists_for(&self, who: Name, id: Name) -> bool {
        let call = &self.calls[id];
        call.people.contains_key(who) || call.group.is_some_and(|group| self.has(group, who))
    }

    fn hang_up(&mut self, by: Who, id: Name) -> Result<(), Reason> {
        if !self.calls.contains_key(id) || !self.exists_for(by.user, id) {
            return Err(Reason::UnknownCall);
        }
        match self.calls[id].people.get(by.user) {
            None => return Err(Reason::NotInCall),
            Some(State::Ringing(ring)) => {
                let ring = *ring;
                self.reject_or_lapse(by, ring);
            }
            Some(State::Joined(_)) if self.calls[id].joined().len() > 1 => self.leave(id, by.user, "hungUp"),
            Some(State::Joined(_)) => self.take_back(by, id),
            Some(
                State::Left
                | State::Rejected
                | State::Busy
                | State::TimedOut
                | State::Cancelled
                | State::Removed,
            ) => {}
        }
        Ok(())
    }

    /// Everybody in it hangs up, one after the other.
    fn end(&mut self, who: Name, id: Name) -> Result<(), Reason> {
        if !self.calls.contains_key(id) || !self.exists_for(who, id) {
            return Err(Reason::UnknownCall);
        }
        if self.calls[id].joined().is_empty() {
            return Err(Reason::CallEnded);
        }
        for user in self.calls[id].joined() {
            match self.calls[id].joined().len() {
                0 => {}
                1 => self.take_back(Who { user, device: "back end" }, id),
                _ => self.leave(id, user, "hungUp"),
            }
        }
        Ok(())
    }

    /// What is out of time is not rejected any more.
    fn reject_or_lapse(&mut self, by: Who, ring: Name) {
        if self.invitations[ring].overdue(self.now) {
            self.expire(ring);
        } else {
            self.said(Said::Reject, by, ring, "");
        }
    }

    /// What is out of time lapses first, so the call ends by the cancel if anything is left to cancel.
    fn take_back(&mut self, by: Who, id: Name) {
        let rings: Vec<Name> = self
            .invitations
            .iter()
            .filter(|(_, one)| one.call == id && one.open())
            .map(|(ring, _)| *ring)
            .collect();
        let (late, in_time): (Vec<Name>, Vec<Name>) =
            rings.into_iter().partition(|ring| self.invitations[ring].overdue(self.now));
        for ring in late {
            self.expire(ring);
        }
        for ring in in_time.into_iter().filter(|ring| self.invitations[ring].open()).collect::<Vec<_>>() {
            if self.invitations[ring].by == by.user {
                self.cancel(by, ring);
            } else {
                self.decline_pending(ring, Guest::Cancelled, State::Cancelled, "cancelled");
            }
        }
    }

    fn join(&mut self, by: Who, room: Name) -> Result<(), Reason> {
        let id = self.newest(by.user, room)?;
        if self.calls[id].end.is_some() {
            return Err(Reason::CallEnded);
        }
        match self.calls[id].people.get(by.user).copied() {
            Some(State::Joined(device)) if device == by.device => {}
            Some(State::Ringing(ring)) => {
                if self.invitations[ring].overdue(self.now) {
                    return Err(Reason::TimedOut);
                }
                self.said(Said::Accept, by, ring, "");
            }
            Some(State::Joined(_) | State::Left) => self.enter(id, by),
            Some(State::Rejected | State::Busy | State::TimedOut | State::Cancelled | State::Removed)
            | None => {
                if !self.calls[id].group.is_some_and(|group| self.has(group, by.user)) {
                    return Err(Reason::NotInCall);
                }
                let people = &self.calls[id].people;
                if !people.contains_key(by.user) && people.len() >= MOST {
                    return Err(Reason::TooManyInCall);
                }
                self.enter(id, by);
            }
        }
        Ok(())
    }

    fn newest(&self, who: Name, room: Name) -> Result<Name, Reason> {
        let id = self.rooms.get(room).copied().filter(|id| self.exists_for(who, id));
        id.ok_or(Reason::UnknownCall)
    }

    fn signal(&self, by: Who, room: Name) -> Result<(), Reason> {
        let call = &self.calls[self.newest(by.user, room)?];
        if call.end.is_some() {
            return Err(Reason::CallEnded);
        }
        if call.has(by.user) { Ok(()) } else { Err(Reason::NotInCall) }
    }
}

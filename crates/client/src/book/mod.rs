//! The book of invitations: what is open and what has ended, as far as this device was told.
//!
//! The machine feeds it with everything that passes through: listings, single invitations, events, and what the replies to
//! the device's own commands stand for. The rules (docs/decisions/0005-the-client-keeps-a-book.md):
//!
//! - Versions decide. What is not newer than the entry changes nothing, so an entry never steps back.
//! - An event about an invitation that the book does not hold leaves its version, so that an older listing cannot make the
//!   invitation ring afterwards.
//! - A complete listing closes the open entries that it does not name, except those that changed after it was asked for.
//! - While nobody can tell of ends, an invitation ends with its time.
//! - What has ended stays ended.

mod call;
#[cfg(test)]
mod call_properties;
mod calls;
mod entry;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::{InvitationEvent, InviteId};

pub(crate) use self::call::Known as KnownCall;
pub use self::calls::CallBook;
pub(crate) use self::calls::is_named;
use self::entry::{Entry, Held, Page};

/// Most open invitations held: far more than a person can follow. The oldest go first.
pub(crate) const MOST_OPEN: usize = 1_000;
/// Most invitations held that are not open, those with a version alone included: enough to look up how a call of today
/// ended. The ones that changed longest ago go first.
const MOST_ENDED: usize = 200;

/// The invitations that this device knows of.
#[derive(Debug, Default)]
pub struct Book {
    entries: BTreeMap<InviteId, Entry>,
    changes: u64,
}

/// How often a book had changed at some moment. A listing that is asked for at an edition knows of everything up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edition(u64);

/// The circumstances of an event, which its body does not carry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// When it happened, server time in ms.
    pub(crate) time: u64,
    /// What was left of the invitation's time when the server said so, ms.
    pub(crate) remaining_ms: Option<u64>,
    /// It rings for this user without a sound.
    pub(crate) quiet: bool,
    /// When it was heard, by the machine's clock in ms.
    pub(crate) heard_at: u64,
}

/// What the app may read. `now` is the time of the machine's clock in ms, from which `remaining_ms` is counted down.
impl Book {
    /// The open invitations, oldest first.
    pub fn open(&self, now: u64) -> Vec<InvitationView> {
        let mut open: Vec<&Held> = self.held().filter(|held| held.is_open()).collect();
        open.sort_by_key(|held| held.age());
        open.into_iter().map(|held| held.view_at(now)).collect()
    }

    /// One invitation, open or ended. `None` when the book does not hold it, even if it knows its version.
    ///
    /// An ended invitation without an `end_reason` was missing from a listing, or its time was over while this device was
    /// offline: it has ended, and this device was not told how.
    pub fn get(&self, id: &InviteId, now: u64) -> Option<InvitationView> {
        Some(self.find(id)?.view_at(now))
    }
}

/// What the machine writes.
impl Book {
    pub(crate) fn edition(&self) -> Edition {
        Edition(self.changes)
    }

    /// The invitation as it was last shown, if it was.
    pub(crate) fn view(&self, id: &InviteId) -> Option<&InvitationView> {
        Some(&self.find(id)?.view)
    }

    /// Follows an event.
    pub(crate) fn hear(&mut self, event: InvitationEvent<'_>, moment: Moment) {
        let (id, version) = (event.invite_id(), event.version());
        if version <= self.version(id) {
            return;
        }
        match (self.entries.get_mut(id).map(|entry| &mut entry.page), event) {
            (Some(Page::Held(held)), event) => held.advance(event, moment.time),
            (Some(Page::Unseen { version: newest }), _) => *newest = version,
            (None, InvitationEvent::Received(received)) => {
                self.insert(Page::Held(Box::new(Held::received(received, moment))), id);
            }
            (None, _) => self.insert(Page::Unseen { version }, id),
        }
        self.changed(id);
    }

    /// The user has silenced it on one of their devices. Others hear nothing of it, so it is no version.
    pub(crate) fn silence(&mut self, id: &InviteId) {
        if let Some(Entry { page: Page::Held(held), .. }) = self.entries.get_mut(id)
            && held.is_open()
        {
            held.view.quiet = true;
        }
    }

    /// Notes that the invitation has come to `version`, by something that does not tell enough to hold it.
    pub(crate) fn note(&mut self, id: &InviteId, version: u32) {
        if self.version(id) < version && self.find(id).is_none() {
            self.insert(Page::Unseen { version }, id);
            self.changed(id);
        }
    }

    /// Takes an invitation as the server shows it.
    pub(crate) fn take(&mut self, view: InvitationView, now: u64) {
        let fits = match self.entries.get(&view.invite_id).map(|entry| &entry.page) {
            None => true,
            Some(Page::Unseen { version }) => *version <= view.version,
            Some(Page::Held(held)) => held.gives_way_to(&view),
        };
        if fits {
            let id = view.invite_id.clone();
            self.insert(Page::Held(Box::new(Held { view, heard_at: now })), &id);
            self.changed(&id);
        }
    }

    /// Takes everything that is open, as it was asked for at the edition `asked`.
    pub(crate) fn take_all(&mut self, open: Vec<InvitationView>, asked: Edition, now: u64) {
        let named: BTreeSet<&InviteId> = open.iter().map(|view| &view.invite_id).collect();
        let known = self.entries.iter().filter(|(_, entry)| entry.is_open() && entry.changed <= asked);
        let missing: Vec<InviteId> =
            known.map(|(id, _)| id).filter(|id| !named.contains(id)).cloned().collect();
        for id in missing {
            self.close(&id);
        }
        for view in open {
            self.take(view, now);
        }
    }

    /// When the time of the next open invitation is over.
    pub(crate) fn next_end(&self) -> Option<u64> {
        self.held().filter_map(Held::ends_at).min()
    }

    /// Closes the open invitations whose time is over, the oldest first, and gives their names.
    pub(crate) fn end_overdue(&mut self, now: u64) -> Vec<InviteId> {
        let mut overdue: Vec<&Held> =
            self.held().filter(|held| held.ends_at().is_some_and(|at| at <= now)).collect();
        overdue.sort_by_key(|held| held.age());
        let overdue: Vec<InviteId> = overdue.into_iter().map(|held| held.view.invite_id.clone()).collect();
        for id in &overdue {
            self.close(id);
        }
        overdue
    }

    fn close(&mut self, id: &InviteId) {
        if let Some(Entry { page: Page::Held(held), .. }) = self.entries.get_mut(id) {
            held.close();
            self.changed(id);
        }
    }

    fn insert(&mut self, page: Page, id: &InviteId) {
        self.entries.insert(id.clone(), Entry { page, changed: self.edition() });
    }

    fn changed(&mut self, id: &InviteId) {
        self.changes += 1;
        if let Some(entry) = self.entries.get_mut(id) {
            entry.changed = Edition(self.changes);
        }
        self.forget_the_oldest();
    }

    fn forget_the_oldest(&mut self) {
        // Below the smaller bound neither can be passed, and nothing need be counted.
        if self.entries.len() <= MOST_ENDED {
            return;
        }
        let open = self.entries.values().filter(|entry| entry.is_open()).count();
        let oldest = if open > MOST_OPEN {
            let open = self.held().filter(|held| held.is_open());
            open.min_by_key(|held| held.age()).map(|held| held.view.invite_id.clone())
        } else if self.entries.len() - open > MOST_ENDED {
            let ended = self.entries.iter().filter(|(_, entry)| !entry.is_open());
            ended.min_by_key(|(_, entry)| entry.changed).map(|(id, _)| id.clone())
        } else {
            None
        };
        if let Some(id) = oldest {
            self.entries.remove(&id);
        }
    }

    /// 0 for an invitation that was never heard of.
    fn version(&self, id: &InviteId) -> u32 {
        self.entries.get(id).map_or(0, |entry| entry.page.version())
    }

    fn find(&self, id: &InviteId) -> Option<&Held> {
        self.entries.get(id)?.page.held()
    }

    fn held(&self) -> impl Iterator<Item = &Held> {
        self.entries.values().filter_map(|entry| entry.page.held())
    }
}

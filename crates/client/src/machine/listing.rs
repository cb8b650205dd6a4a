//! The open invitations, page by page until all of them are listed.
//!
//! The first page stands in the reply to `session.open`, or is asked for after a restart with a stored place. Only when the last
//! one has come does the book close what was not named, and only then is the app told of a resync. What happens meanwhile is heard as
//! events, which are newer than the listing.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use wigwag_protocol::invitation::InvitationView;
use wigwag_protocol::params::{Get, ListOpen, UserWatch};
use wigwag_protocol::result::{Got, OpenList, Statuses};
use wigwag_protocol::{InviteId, Method};

use super::pending::wait_asked_for;
use super::{Machine, Phase};
use crate::book::{Edition, MOST_OPEN};
use crate::error::Error;
use crate::events::ClientEvent;

/// How long a question waits that the server could not answer and for which it named no time, ms.
const RETRY: u64 = 1_000;

/// What a machine asks by itself.
#[derive(Debug)]
pub(super) enum Question {
    /// The next page of what is open.
    Listing(Listing),
    /// An invitation that the app is about to act on.
    Invitation(InviteId),
    /// How those are whom the app watches, and what they become in this session.
    Watch(UserWatch),
}

/// What is listed so far.
#[derive(Debug)]
pub(super) struct Listing {
    /// The edition of the book when the first page was asked for.
    asked: Edition,
    /// The pages, of which the newest [`MOST_OPEN`] are kept, as in the book.
    open: Vec<InvitationView>,
    /// `next` of the last page.
    after: Option<String>,
}

impl Listing {
    pub(super) fn new(asked: Edition) -> Self {
        Self { asked, open: Vec::new(), after: None }
    }

    fn add(&mut self, page: OpenList) {
        self.open.extend(page.invitations);
        let surplus = self.open.len().saturating_sub(MOST_OPEN);
        self.open.drain(..surplus);
        self.after = page.next;
    }
}

impl Machine {
    /// Puts a question now.
    pub(super) fn ask(&mut self, question: Question) {
        let request = match &question {
            Question::Listing(listing) => {
                let params = ListOpen { limit: None, after: listing.after.clone() };
                self.outbox.ask(Method::ListOpen, &params)
            }
            Question::Invitation(id) => {
                self.outbox.ask(Method::Get, &Get { invite_id: id.clone(), after: None })
            }
            Question::Watch(watched) => self.outbox.ask(Method::UserWatch, watched),
        };
        if let Phase::Open(session) = &mut self.phase {
            session.asks(request, question);
        }
    }

    /// Puts the questions whose time to wait is over.
    pub(super) fn ask_again(&mut self, now: u64) {
        let Phase::Open(session) = &mut self.phase else { return };
        for question in session.take_postponed(now) {
            self.ask(question);
        }
    }

    pub(super) fn answered(&mut self, question: Question, outcome: Result<String, Error>, now: u64) {
        match (question, outcome) {
            (question, Err(error)) => self.not_answered(question, &error, now),
            (Question::Listing(listing), Ok(result)) => match read(&result) {
                Some(page) => self.page_listed(listing, page, now),
                None => self.lost("the listing of open invitations cannot be read", now),
            },
            (Question::Invitation(_), Ok(result)) => self.looked_up(&result, now),
            (Question::Watch(_), Ok(result)) => self.statuses(&result),
        }
    }

    fn statuses(&mut self, result: &str) {
        for status in read::<Statuses>(result).map(|found| found.users).unwrap_or_default() {
            self.outbox.tell(ClientEvent::Status(status));
        }
    }

    /// A question waits as long as the server asks. An invitation that cannot be looked up is acted on without being known; the
    /// listing has to come.
    fn not_answered(&mut self, question: Question, error: &Error, now: u64) {
        let wait = wait_asked_for(error);
        let retryable = matches!(error, Error::Refused(body) if body.data.retryable);
        match (&question, wait) {
            (Question::Invitation(_), None) => {}
            // A server that does not know how to.
            (Question::Watch(_), None) if !retryable => {}
            (Question::Listing(_), None) if !retryable => {
                self.lost(&format!("the open invitations were not listed: {error}"), now);
            }
            (Question::Listing(_) | Question::Invitation(_) | Question::Watch(_), wait) => {
                if let Phase::Open(session) = &mut self.phase {
                    session.postpones(question, now + wait.unwrap_or(RETRY));
                }
            }
        }
    }

    /// Takes a page in, and asks for the next one if there is one.
    pub(super) fn page_listed(&mut self, mut listing: Listing, page: OpenList, now: u64) {
        listing.add(page);
        if listing.after.is_some() {
            self.ask(Question::Listing(listing));
        } else {
            self.all_listed(listing, now);
        }
    }

    fn all_listed(&mut self, listing: Listing, now: u64) {
        let order: HashMap<InviteId, usize> =
            listing.open.iter().enumerate().map(|(place, one)| (one.invite_id.clone(), place)).collect();
        self.book.take_all(listing.open, listing.asked, now);
        self.listed = true;
        if let Some(why) = self.resyncing.take() {
            let mut open_invitations = self.book.open(now);
            open_invitations.sort_by_key(|one| order.get(&one.invite_id).copied().unwrap_or(usize::MAX));
            self.outbox.tell(ClientEvent::Resynced { open_invitations, why });
        }
    }

    /// The app's own listing: it tells what has ended only when it is whole.
    pub(super) fn listed_for_app(&mut self, result: &str, asked: Edition, is_first: bool, now: u64) {
        let Some(page) = read::<OpenList>(result) else { return };
        if is_first && page.next.is_none() {
            return self.page_listed(Listing::new(asked), page, now);
        }
        for view in page.invitations {
            self.book.take(view, now);
        }
    }

    pub(super) fn looked_up(&mut self, result: &str, now: u64) {
        if let Some(got) = read::<Got>(result) {
            self.book.take(got.invitation, now);
        }
    }
}

fn read<T: DeserializeOwned>(result: &str) -> Option<T> {
    serde_json::from_str(result).ok()
}

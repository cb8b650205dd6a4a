//! Reading what a device lacks from the user's stream: in order, once, without the rings of what is over.

use wigwag_engine::Reply;
use wigwag_protocol::CloseCode;

use super::{Answer, Doing, Ending, Output, Session};
use crate::told::remaining_ms;
use crate::{Body, Codec, StoredEvent, StreamPage, Viewer};

/// A reading of the stream.
#[derive(Debug)]
pub(super) struct Reading<C: Codec> {
    /// The last place that is wanted.
    until: u64,
    /// Events were missing in an open session; `false` when the session resumes.
    repairs: bool,
    pages: Pages,
    /// The reply that waits for what lies before its place.
    then: Option<(Option<C::RequestId>, Box<Reply>)>,
}

#[derive(Debug)]
enum Pages {
    /// The next one has to be asked for.
    Wanted,
    /// It was asked for.
    Asked,
    /// It is here; some of its events may have been sent already.
    Here { rest: std::vec::IntoIter<StoredEvent>, through: u64, complete: bool },
}

impl<C: Codec> Reading<C> {
    pub(super) fn resuming(until: u64) -> Self {
        Self::new(until, false, None)
    }

    pub(super) fn repairing(until: u64) -> Self {
        Self::new(until, true, None)
    }

    pub(super) fn before_reply(until: u64, id: Option<C::RequestId>, reply: Box<Reply>) -> Self {
        Self::new(until, true, Some((id, reply)))
    }

    fn new(until: u64, repairs: bool, then: Option<(Option<C::RequestId>, Box<Reply>)>) -> Self {
        Self { until, repairs, pages: Pages::Wanted, then }
    }

    /// The next event of the page that is here and that is to be sent.
    fn next_kept(&mut self) -> Option<StoredEvent> {
        let Pages::Here { rest, .. } = &mut self.pages else { return None };
        let next = rest.find(|event| !event.rings_in_vain)?;
        (next.cursor <= self.until).then_some(next)
    }
}

impl<C: Codec> Session<C> {
    pub(super) fn page(&mut self, page: StreamPage) {
        let Doing::Reading(reading) = &mut self.doing else { return };
        let StreamPage { events, through, complete } = page;
        if !complete && through <= self.position.cursor() {
            // A page without progress would be asked for again without end.
            return self.close(Ending::Code(CloseCode::StoreUnavailable));
        }
        reading.pages = Pages::Here { rest: events.into_iter(), through, complete };
    }

    /// The next output of a reading. Frames for events are made one by one, when they are asked for, so that a page does not
    /// stand in memory twice.
    pub(super) fn read_on(&mut self, now: u64) -> Option<Output<C>> {
        let Doing::Reading(reading) = &mut self.doing else { return None };
        if let Some(event) = reading.next_kept() {
            return Some(self.past(event, now));
        }
        match reading.pages {
            Pages::Asked => return None,
            Pages::Wanted => {}
            Pages::Here { through, complete, .. } => {
                // Events at its end may be folded away, and what is missing after it was kept only briefly.
                self.position.pass(if complete { reading.until } else { through.min(reading.until) });
            }
        }
        if self.position.cursor() >= reading.until {
            return Some(self.caught_up());
        }
        reading.pages = Pages::Asked;
        Some(Output::Read { after: self.position.cursor() })
    }

    fn past(&mut self, event: StoredEvent, now: u64) -> Output<C> {
        let viewer = Viewer {
            cursor: event.cursor,
            after: self.position.send(event.cursor),
            time: event.time,
            by_self: event.by_self,
            remaining_ms: remaining_ms(event.invitation.as_ref(), now),
            is_quiet: event.is_quiet,
        };
        Output::Event(viewer, Body::Stored(event.body))
    }

    /// The reading is over. The reply that waited for it is next, and then whatever became known meanwhile.
    fn caught_up(&mut self) -> Output<C> {
        let cursor = self.position.cursor();
        self.position.settle();
        let mut repaired = false;
        if let Doing::Reading(reading) = std::mem::replace(&mut self.doing, Doing::Listening) {
            repaired = reading.repairs;
            if let Some((id, reply)) = reading.then {
                reply.cursor().map(|place| self.position.offer(place));
                self.next = Some(Output::Answer(id, Answer::Reply(reply)));
            }
        }
        self.read_if_behind();
        Output::CaughtUp { cursor, repaired }
    }
}

//! A session while it is open: how far the stream is read, how far the app has come, and how long it has been silent.

use std::collections::BTreeMap;

use wigwag_protocol::UserId;
use wigwag_protocol::event::EventHead;
use wigwag_protocol::result::SessionOpened;

use super::listing::Question;
use super::stream::{Acks, Place, place};
use super::timer::{Deadline, Timer};
use crate::cursor::StreamPlace;

/// Longest wait for a sign of life after asking for one, ms.
const PROBE_TIMEOUT: u64 = 10_000;
/// A session that lived this long was a sound one, ms: the next attempt may come soon.
const SOUND_SESSION: u64 = 5_000;

#[derive(Debug)]
pub(super) struct Session {
    user_id: UserId,
    cursor: u64,
    acks: Acks,
    opened_at: u64,
    heard_at: u64,
    /// ms of silence after which the server is asked whether it is there; `None` when it does not ping either.
    quiet_ms: Option<u64>,
    /// The question was asked: without any frame until then the connection is dead.
    dead_at: Option<u64>,
    frame_bytes: usize,
    /// Commands wait until then, so that their replies meet a complete stream.
    caught_up: bool,
    /// An event was not taken because the app's queue was full: resume when there is room.
    skipped: bool,
    questions: BTreeMap<u64, Question>,
    /// Questions that are to be put again, and when.
    postponed: Vec<(u64, Question)>,
    /// The machine itself has asked for the list of open invitations in this session.
    listing_asked: bool,
}

/// What becomes of something with a place in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It follows directly: the stream is read up to it.
    Taken,
    /// It was taken before.
    Old,
    /// It comes again when the session is resumed, because the app's queue was full.
    Skipped,
    /// The session cannot go on.
    Lost(&'static str),
}

impl Session {
    pub(super) fn new(opened: &SessionOpened, now: u64) -> Self {
        Self {
            user_id: opened.user_id.clone(),
            cursor: opened.cursor,
            acks: Acks::opened(opened.cursor, now),
            opened_at: now,
            heard_at: now,
            quiet_ms: (opened.ping_interval > 0).then(|| u64::from(opened.ping_interval) * 1_000),
            dead_at: None,
            frame_bytes: opened.limits.frame_bytes as usize,
            caught_up: opened.head <= opened.cursor,
            skipped: false,
            questions: BTreeMap::new(),
            postponed: Vec::new(),
            listing_asked: false,
        }
    }

    pub(super) fn place(&self) -> StreamPlace {
        StreamPlace { user_id: Some(self.user_id.clone()), cursor: self.cursor }
    }

    pub(super) fn user_id(&self) -> &UserId {
        &self.user_id
    }

    pub(super) fn was_sound(&self, now: u64) -> bool {
        now.saturating_sub(self.opened_at) >= SOUND_SESSION
    }

    /// The largest request that may be sent now, bytes; `None` while commands have to wait.
    pub(super) fn sends_up_to(&self) -> Option<usize> {
        self.caught_up.then_some(self.frame_bytes)
    }
}

/// The place of everything in the stream.
impl Session {
    pub(super) fn event(&mut self, head: &EventHead, room: bool) -> Verdict {
        match place(self.cursor, head.cursor, head.after) {
            Place::Old => Verdict::Old,
            Place::Next if room => {
                if head.remaining_ms.is_some() {
                    self.acks.rings(head.cursor);
                }
                self.take(head.cursor)
            }
            Place::Gap if !self.skipped => Verdict::Lost("an event is missing"),
            Place::Next | Place::Gap => {
                self.skipped = true;
                Verdict::Skipped
            }
        }
    }

    /// `awaited`: the app still waits for the reply.
    pub(super) fn reply(&mut self, cursor: u64, awaited: bool) -> Verdict {
        match place(self.cursor, cursor, None) {
            Place::Next if awaited => self.take(cursor),
            // The app was told that the command is in doubt, so it has to hear of it as an event, by resuming.
            Place::Next => Verdict::Lost("a command was carried out after it had been given up"),
            Place::Old => Verdict::Old,
            // While events are skipped a gap is no news: the session is resumed anyway.
            Place::Gap if self.skipped => Verdict::Skipped,
            Place::Gap => Verdict::Lost("a reply came out of its place in the stream"),
        }
    }

    /// The backlog is sent.
    pub(super) fn catches_up(&mut self, cursor: u64) {
        self.caught_up = true;
        if !self.skipped {
            self.cursor = self.cursor.max(cursor);
        }
    }

    /// Something was not taken that only another session brings back.
    pub(super) fn skips(&mut self) {
        self.skipped = true;
    }

    /// Whether events were skipped that only resuming brings back.
    pub(super) fn has_skipped(&self) -> bool {
        self.skipped
    }

    fn take(&mut self, cursor: u64) -> Verdict {
        self.cursor = cursor;
        Verdict::Taken
    }
}

/// What the machine asks by itself.
impl Session {
    pub(super) fn asks(&mut self, request: u64, question: Question) {
        self.listing_asked |= matches!(question, Question::Listing(_));
        self.questions.insert(request, question);
    }

    pub(super) fn answered(&mut self, request: u64) -> Option<Question> {
        self.questions.remove(&request)
    }

    pub(super) fn has_asked_for_listing(&self) -> bool {
        self.listing_asked
    }

    pub(super) fn postpones(&mut self, question: Question, until: u64) {
        self.postponed.push((until, question));
    }

    pub(super) fn next_postponed(&self) -> Option<Deadline> {
        self.postponed.iter().map(|(at, _)| Timer::Again.at(*at)).min_by_key(|deadline| deadline.at)
    }

    pub(super) fn take_postponed(&mut self, now: u64) -> Vec<Question> {
        self.postponed.extract_if(.., |(at, _)| *at <= now).map(|(_, question)| question).collect()
    }
}

/// Acks and silence.
impl Session {
    /// A sign of life came.
    pub(super) fn alive(&mut self, now: u64) {
        self.heard_at = now;
        self.dead_at = None;
    }

    /// The cursor to ask with whether the server is there. An ack with an id is answered and changes nothing.
    pub(super) fn probe(&mut self, now: u64) -> u64 {
        self.dead_at = Some(now + PROBE_TIMEOUT);
        self.acks.tell(now)
    }

    pub(super) fn silence_ends(&self) -> Option<Deadline> {
        match (self.dead_at, self.quiet_ms) {
            (Some(at), _) => Some(Timer::Probe.at(at)),
            (None, Some(quiet)) => Some(Timer::Silence.at(self.heard_at + quiet)),
            (None, None) => None,
        }
    }

    /// The app has taken over everything up to here.
    pub(super) fn took(&mut self, cursor: u64) {
        // After a resync an older, higher cursor may still be on its way.
        self.acks.took(cursor.min(self.cursor));
    }

    pub(super) fn ack_due(&self) -> Option<Deadline> {
        self.acks.due_at().map(|at| Timer::Ack.at(at))
    }

    /// The cursor to acknowledge, if it is time.
    pub(super) fn take_due_ack(&mut self, now: u64) -> Option<u64> {
        let due = self.acks.due_at().is_some_and(|at| at <= now);
        due.then(|| self.acks.tell(now))
    }
}

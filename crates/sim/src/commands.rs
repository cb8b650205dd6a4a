//! The road from a request to a commit: decide, load what is missing, decide again, apply, write.

use wigwag_engine::decide::{Chance, Surroundings, decide};
use wigwag_engine::quiet::UtcAlone;
use wigwag_engine::{Decision, Key, Ledger, Limits, Refusal, Request, Stop};
use wigwag_protocol::UserId;
use wigwag_protocol::media::MediaAccess;

use crate::{Journal, contract};

/// Rounds of loading after which something is wrong, as in a store: a round loads what one look at the ledger has missed.
const MOST_ROUNDS: usize = 64;

/// Identifiers that count up, so that they are unique, grow with time and are the same in every run.
#[derive(Debug, Clone, Default)]
pub struct Ids(u64);

impl Chance for Ids {
    fn fresh_id(&mut self) -> String {
        self.0 += 1;
        format!("id-{:08}", self.0)
    }
}

/// What a server's command road keeps between commands.
#[derive(Debug, Default)]
pub struct Commands {
    /// What is written down.
    pub journal: Journal,
    /// What is loaded.
    pub ledger: Ledger,
    /// The bounds.
    pub limits: Limits,
    /// Where new identifiers come from.
    pub ids: Ids,
    /// Inside a batch: the journal as it was when the batch began. A store that writes a whole batch at its end answers
    /// loads from that.
    before_batch: Option<Journal>,
}

impl Commands {
    /// Nothing is written yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Carries a request out at `now` (server time in ms), or says why not.
    pub fn run(
        &mut self,
        request: &Request,
        now: u64,
        online: &dyn Fn(&UserId) -> bool,
    ) -> Result<Decision, Refusal> {
        let around = around(&self.limits, now, online);
        let mut ids = self.ids.clone();
        let journal = self.before_batch.as_ref().unwrap_or(&self.journal);
        let decision = decide_loading(journal, &mut self.ledger, request, &around, &mut ids)
            .inspect_err(|refusal| check_refused(request, refusal))?;
        self.ids = ids;
        self.ledger.apply(&decision);
        self.journal.write(&decision);
        Ok(decision)
    }

    /// From now on loads do not see what the commands of this batch write.
    pub fn begin_batch(&mut self) {
        self.before_batch.get_or_insert_with(|| self.journal.clone());
    }

    /// The batch is written.
    pub fn end_batch(&mut self) {
        self.before_batch = None;
    }

    /// What [`Commands::run`] would come to alone, with nothing loaded beforehand. Changes nothing.
    pub fn rehearse(
        &self,
        request: &Request,
        now: u64,
        online: &dyn Fn(&UserId) -> bool,
    ) -> Result<Decision, Refusal> {
        let around = around(&self.limits, now, online);
        decide_loading(&self.journal, &mut Ledger::default(), request, &around, &mut self.ids.clone())
    }
}

fn around<'a>(limits: &'a Limits, now: u64, online: &'a dyn Fn(&UserId) -> bool) -> Surroundings<'a> {
    Surroundings { now, limits, online, zones: &UtcAlone, media: &|_| MediaAccess::default() }
}

fn check_refused(request: &Request, refusal: &Refusal) {
    match request {
        Request::By(_, command) => contract::check_refused(command, refusal),
        Request::Due(_) => {}
    }
}

/// Decides, and loads exactly what was asked for, until nothing is missing.
fn decide_loading(
    journal: &Journal,
    ledger: &mut Ledger,
    request: &Request,
    around: &Surroundings<'_>,
    ids: &mut Ids,
) -> Result<Decision, Refusal> {
    let mut asked: Vec<Key> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        // A round that stops for loading must not use up identifiers.
        let mut chance = ids.clone();
        match decide(ledger, request, around, &mut chance) {
            Ok(decision) => {
                *ids = chance;
                return Ok(decision);
            }
            Err(Stop::Refused(refusal)) => return Err(refusal),
            Err(Stop::Missing(keys)) => {
                for key in keys {
                    assert!(!asked.contains(&key), "{key:?} was asked for twice by {request:?}");
                    ledger.take(journal.load(&key));
                    asked.push(key);
                }
            }
        }
    }
    panic!("{request:?} still asks for more after {MOST_ROUNDS} rounds: {asked:?}");
}

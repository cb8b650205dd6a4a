//! What a batch will need, guessed before it takes a lock: its own names, the parties of the invitations it answers, the
//! members of the groups it speaks to.

use std::collections::HashMap;

use wigwag_protocol::{GroupId, InviteId, UserId};

use super::columns::spoilt;
use super::line::{Line, Trouble};
use super::load::named;
use super::statements::Statement;
use super::waiting::Waiting;
use super::wanted::{Leads, Parties, Wanted};
use crate::store::record;

/// Parties of invitations that are remembered; about 5 MB at the most. They never change.
const REMEMBERED: usize = 16_384;

/// What the writer remembers from batch to batch: none of it can become untrue.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) parties: HashMap<InviteId, Parties>,
}

/// Adds to `wanted` what can be known beforehand. No round trip for what is remembered or named; one for invitations made
/// elsewhere, one for groups.
pub(super) async fn plan(
    line: &Line,
    waiting: &[Waiting],
    wanted: &mut Wanted,
    memory: &mut Memory,
) -> Result<(), Trouble> {
    let mut leads = Leads::default();
    for waiting in waiting {
        wanted.guess(&waiting.submission.request, &mut leads);
    }
    let unknown: Vec<&str> = leads
        .invitations
        .iter()
        .filter(|id| !memory.parties.contains_key(*id))
        .map(InviteId::as_str)
        .collect();
    let rows = named(line, Statement::PartiesOf, &unknown).await?;
    memory.learn(&rows)?;
    for id in std::mem::take(&mut leads.invitations) {
        if let Some(parties) = memory.parties.get(&id) {
            wanted.parties(parties, &mut leads);
        }
    }
    groups(line, wanted, &mut leads, memory).await
}

async fn groups(
    line: &Line,
    wanted: &mut Wanted,
    leads: &mut Leads,
    memory: &mut Memory,
) -> Result<(), Trouble> {
    let emptied: Vec<&str> = leads.emptied_groups.iter().map(GroupId::as_str).collect();
    let told: Vec<&str> = leads.told_groups.iter().map(GroupId::as_str).collect();
    let (open, members) = futures_util::join!(
        named(line, Statement::OpenIn, &emptied),
        named(line, Statement::MembersOf, &told)
    );
    for row in members? {
        wanted.users.insert(UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?);
    }
    for (id, parties) in memory.learn(&open?)? {
        wanted.invitations.insert(id);
        wanted.parties(&parties, &mut Leads::default());
    }
    Ok(())
}

impl Memory {
    /// `invite_id, terms`
    fn learn(&mut self, rows: &[tokio_postgres::Row]) -> Result<Vec<(InviteId, Parties)>, Trouble> {
        if self.parties.len() + rows.len() > REMEMBERED {
            self.parties.clear();
        }
        let mut learned = Vec::with_capacity(rows.len());
        for row in rows {
            let invitation = record::read(row.get(1), None).map_err(|error| spoilt(&error))?;
            let parties = Parties::of(&invitation);
            self.parties.insert(invitation.id.clone(), parties.clone());
            learned.push((invitation.id, parties));
        }
        Ok(learned)
    }

    /// An invitation this node has made.
    pub(super) fn remember(&mut self, invitation: &wigwag_engine::Invitation) {
        if self.parties.len() >= REMEMBERED {
            self.parties.clear();
        }
        self.parties.insert(invitation.id.clone(), Parties::of(invitation));
    }
}

//! Writing to a group's board: every member may, and those who are online are told what has changed.

use std::collections::BTreeMap;

use wigwag_protocol::event::AttributesChanged;
use wigwag_protocol::result::AttributesSet;
use wigwag_protocol::{Event, GroupId};

use super::draft::{Draft, Telling};
use super::group::existing;
use crate::board::{AttributesWish, Written};
use crate::{Actor, Change, Decision, Reply, Stop};

/// The event is kept briefly: what counts is what stands on the board, and whoever comes back reads that.
pub(super) fn set_attributes(
    mut draft: Draft<'_>,
    actor: &Actor,
    id: &GroupId,
    wish: &AttributesWish,
) -> Result<Decision, Stop> {
    let group = existing(&draft, id)?;
    group.role(&actor.user)?;
    let before = draft.ledger.board(id)?;
    let Some(Written { board, set, deleted, counters }) = before.written(wish, draft.now())? else {
        let (version, counters) = (before.version, before.counters_named(wish));
        return Ok(done(draft, None, version, counters));
    };
    let (group_id, by, version) = (id.clone(), actor.user.clone(), board.version);
    let event = Event::AttributesChanged(AttributesChanged { group_id, by, version, set, deleted, counters });
    let everybody = group.members.keys().cloned().collect();
    let receipt = draft.tell(everybody, Telling { online_only: true, ..Telling::default() }, |_| event)?;
    let counters = board.counters_named(wish);
    draft.change(Change::Board(id.clone(), Box::new(board)));
    Ok(done(draft, receipt.cursor, version, counters))
}

fn done(draft: Draft<'_>, cursor: Option<u64>, version: u64, counters: BTreeMap<String, i64>) -> Decision {
    let time = draft.now();
    draft.finish(Reply::AttributesSet(AttributesSet { cursor, time, version, counters }))
}

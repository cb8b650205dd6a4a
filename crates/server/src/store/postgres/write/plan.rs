//! What a batch will need, guessed before it takes a lock, so that it can take all of them in one order.
//!
//! The requests name most of it (`wigwag_engine::wanted`). The rest is read without a lock: the parties of the invitations
//! they answer, the people of the calls they are about, and the members of the groups they speak to. A wrong guess costs a round trip, never truth.

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::Row;
use wigwag_engine::wanted::{Lead, Parties, Wanted};
use wigwag_engine::{Invitation, Key};
use wigwag_protocol::message::Peer;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use super::guards::Guards;
use super::load::{self, named};
use super::waiting::WaitingCommand;
use crate::store::postgres::connection::{Statement, Trouble, WriterConnection, spoilt};
use crate::store::record;

/// Parties of invitations that are remembered; about 5 MB at the most. They never change.
const REMEMBERED: usize = 16_384;

/// What the writer remembers from batch to batch: none of it can become untrue.
#[derive(Default)]
pub(super) struct KnownParties {
    parties: HashMap<InviteId, Parties>,
}

/// Leads by kind, so that each kind is one look-up.
#[derive(Default)]
struct Leads {
    invitations: BTreeSet<InviteId>,
    ending: BTreeSet<InviteId>,
    told_groups: BTreeSet<GroupId>,
    emptied_groups: BTreeSet<GroupId>,
    lasting: BTreeSet<(UserId, Peer)>,
    answers: BTreeSet<(InviteId, UserId)>,
    calls: BTreeSet<CallId>,
    rooms: BTreeSet<RoomId>,
    in_calls: BTreeSet<UserId>,
    running_in: BTreeSet<GroupId>,
}

impl Leads {
    fn take(&mut self, leads: impl IntoIterator<Item = Lead>) {
        for lead in leads {
            match lead {
                Lead::Invitation(id) => self.invitations.insert(id),
                Lead::Pending(id) => self.ending.insert(id),
                Lead::Members(group) => self.told_groups.insert(group),
                Lead::OpenInvitations(group) => self.emptied_groups.insert(group),
                Lead::OpenLasting(inviter, peer) => self.lasting.insert((inviter, peer)),
                Lead::Answer(id, invitee) => self.answers.insert((id, invitee)),
                Lead::Call(id) => self.calls.insert(id),
                Lead::Room(room) => self.rooms.insert(room),
                Lead::InCall(user) => self.in_calls.insert(user),
                Lead::RunningInGroup(group) => self.running_in.insert(group),
            };
        }
    }

    fn name_a_call(&self) -> bool {
        let Self { calls, rooms, in_calls, running_in, .. } = self;
        !(calls.is_empty() && rooms.is_empty() && in_calls.is_empty() && running_in.is_empty())
    }
}

/// Adds to `guards` what can be known beforehand. No round trip for what is remembered or named; one for invitations made
/// elsewhere, one for calls and one for what others ring with in them, one for invites without a deadline, one for groups.
pub(super) async fn plan(
    connection: &WriterConnection,
    waiting: &[WaitingCommand],
    guards: &mut Guards,
    memory: &mut KnownParties,
) -> Result<(), Trouble> {
    let mut leads = Leads::default();
    for waiting in waiting {
        let wanted = Wanted::of(&waiting.submission.request);
        guards.extend(wanted.keys);
        guards.seats.extend(load::seat_of(&waiting.submission).map(|(seat, _)| seat));
        leads.take(wanted.leads);
    }
    invitations(connection, guards, &mut leads, memory).await?;
    if leads.name_a_call() {
        calls(connection, guards, &mut leads).await?;
        invitations(connection, guards, &mut leads, memory).await?;
    }
    pushed_out(connection, guards, &leads).await?;
    groups(connection, guards, &leads, memory).await
}

async fn invitations(
    connection: &WriterConnection,
    guards: &mut Guards,
    leads: &mut Leads,
    memory: &mut KnownParties,
) -> Result<(), Trouble> {
    let invitations = std::mem::take(&mut leads.invitations);
    let unknown = invitations.iter().filter(|id| !memory.parties.contains_key(*id));
    let unknown: Vec<&str> = unknown.map(InviteId::as_str).collect();
    memory.learn(&named(connection, Statement::PartiesOf, &unknown).await?)?;
    let mut concerned = Wanted::default();
    for parties in invitations.iter().filter_map(|id| memory.parties.get(id)) {
        concerned.parties(parties);
    }
    for parties in leads.ending.iter().filter_map(|id| memory.parties.get(id)) {
        concerned.pending(parties);
    }
    for (id, invitee) in &leads.answers {
        memory.parties.get(id).into_iter().for_each(|parties| concerned.answer_by(invitee, parties));
    }
    guards.extend(concerned.keys);
    leads.take(concerned.leads);
    Ok(())
}

/// The people of the calls, and what rings in them.
async fn calls(connection: &WriterConnection, guards: &mut Guards, leads: &mut Leads) -> Result<(), Trouble> {
    let calls: Vec<&str> = leads.calls.iter().map(CallId::as_str).collect();
    let rooms: Vec<&str> = leads.rooms.iter().map(RoomId::as_str).collect();
    let users: Vec<&str> = leads.in_calls.iter().map(UserId::as_str).collect();
    let groups: Vec<&str> = leads.running_in.iter().map(GroupId::as_str).collect();
    let mut concerned = Wanted::default();
    for row in connection.rows(Statement::CallsOf, &[&calls, &rooms, &users, &groups]).await? {
        let call = record::read_call(row.get(1)).map_err(|error| spoilt(&error))?;
        concerned.keys.push(Key::Call(call.id().clone()));
        concerned.people(&call);
    }
    guards.extend(concerned.keys);
    leads.take(concerned.leads);
    Ok(())
}

/// The invitations that new ones without a deadline may close. Apps send few such invitations.
async fn pushed_out(
    connection: &WriterConnection,
    guards: &mut Guards,
    leads: &Leads,
) -> Result<(), Trouble> {
    let inviters: Vec<&str> = leads.lasting.iter().map(|(inviter, _)| inviter.as_str()).collect();
    let open = load::lasting_by_inviter(&named(connection, Statement::OpenLasting, &inviters).await?)?;
    let mut concerned = Wanted::default();
    for (inviter, peer) in &leads.lasting {
        concerned.pushed_out(open.get(inviter).into_iter().flatten(), peer);
    }
    guards.extend(concerned.keys);
    Ok(())
}

async fn groups(
    connection: &WriterConnection,
    guards: &mut Guards,
    leads: &Leads,
    memory: &mut KnownParties,
) -> Result<(), Trouble> {
    let emptied: Vec<&str> = leads.emptied_groups.iter().map(GroupId::as_str).collect();
    let told: Vec<&str> = leads.told_groups.iter().map(GroupId::as_str).collect();
    let (open, members) = futures_util::join!(
        named(connection, Statement::OpenIn, &emptied),
        named(connection, Statement::MembersOf, &told)
    );
    for row in members? {
        guards.extend([Key::User(UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?)]);
    }
    let mut concerned = Wanted::default();
    for (id, parties) in memory.learn(&open?)? {
        concerned.keys.push(Key::Invitation(id));
        // Their members are those of a group that is told already.
        concerned.parties(&parties);
        concerned.pending(&parties);
    }
    guards.extend(concerned.keys);
    Ok(())
}

impl KnownParties {
    /// `invite_id, terms`
    fn learn(&mut self, rows: &[Row]) -> Result<Vec<(InviteId, Parties)>, Trouble> {
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
    pub(super) fn remember(&mut self, invitation: &Invitation) {
        if self.parties.len() >= REMEMBERED {
            self.parties.clear();
        }
        self.parties.insert(invitation.id.clone(), Parties::of(invitation));
    }
}

//! Writing a batch's rows: one statement for each kind of row; all statements and the commit are one round trip.

use uuid::Uuid;
use wigwag_engine::Invitation;
use wigwag_protocol::group::Profile;
use wigwag_protocol::{GroupId, UserId};

use super::rows::{NewEvent, NewRows};
use super::{boards, calls, deleted, quiet, readers};
use crate::store::postgres::connection::{
    About, Param, Sending, Statement, Trouble, WriterConnection, in_order, int, spoilt,
};
use crate::store::shared::NodeId;
use crate::store::{record, words};

/// Values that the statements need besides the rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct InsertContext {
    /// Server time in ms.
    pub(super) now: u64,
    /// The node that watches the deadlines of invitations made in this batch.
    pub(super) node: NodeId,
    /// Age at which invitations without deadline are closed, ms.
    pub(super) no_deadline_age_ms: u64,
}

pub(super) type Insert<'a> = Sending<'a, ()>;

/// Writes and commits. When it fails with [`Trouble::Broken`], the commit may have happened.
pub(super) async fn write(
    connection: &WriterConnection,
    new_rows: &NewRows<'_>,
    context: InsertContext,
) -> Result<(), Trouble> {
    let inserts = Inserts { connection, new_rows, context };
    let mut sendings = inserts.users();
    sendings.extend(inserts.groups());
    sendings.extend(inserts.conversations());
    sendings.extend(inserts.invitations());
    sendings.extend(calls::writes(connection, new_rows));
    sendings.extend(inserts.events());
    sendings.extend(deleted::writes(connection, new_rows));
    sendings.push(Box::pin(connection.commit()));
    in_order(sendings).await.map(drop)
}

struct Inserts<'a> {
    connection: &'a WriterConnection,
    new_rows: &'a NewRows<'a>,
    context: InsertContext,
}

impl<'a> Inserts<'a> {
    fn users(&self) -> Vec<Insert<'a>> {
        let (connection, new_rows, now) = (self.connection, self.new_rows, int(self.context.now));
        let added = async move {
            let (users, profiles) = profiles(new_rows.new_users.iter())?;
            run(connection, Statement::AddUsers, users.len(), &[&users, &profiles, &now]).await
        };
        let moved = async move {
            let moved = || new_rows.moved_users.iter();
            let users: Vec<&str> = moved().map(|(user, _)| user.as_str()).collect();
            let heads: Vec<i64> = moved().map(|(_, by)| int(by.head)).collect();
            let open: Vec<i32> = moved().map(|(_, by)| by.open).collect();
            let paced: Vec<i64> = moved().map(|(_, by)| int(by.paced_until)).collect();
            run(connection, Statement::MoveUsers, users.len(), &[&users, &heads, &open, &paced]).await
        };
        let described = async move {
            let (users, profiles) = profiles(new_rows.profiles.iter())?;
            run(connection, Statement::SetProfiles, users.len(), &[&users, &profiles]).await
        };
        let reaches = async move {
            let all = || new_rows.reaches.iter();
            let users: Vec<&str> = all().map(|(user, _)| user.as_str()).collect();
            let ring: Vec<&str> = all().map(|(_, reach)| words::reachable_by(reach.ring)).collect();
            let add: Vec<&str> = all().map(|(_, reach)| words::reachable_by(reach.add)).collect();
            run(connection, Statement::SetReaches, users.len(), &[&users, &ring, &add]).await
        };
        let statuses = async move {
            let (users, statuses): (Vec<&str>, Vec<&str>) =
                new_rows.statuses.iter().map(|(user, status)| (user.as_str(), *status)).unzip();
            run(connection, Statement::SetStatuses, users.len(), &[&users, &statuses]).await
        };
        let disabled = async move {
            let (users, since): (Vec<&str>, Vec<Option<i64>>) =
                new_rows.disabled.iter().map(|(user, since)| (user.as_str(), since.map(int))).unzip();
            run(connection, Statement::SetDisabled, users.len(), &[&users, &since]).await
        };
        let blocks = |on| async move {
            let wanted = new_rows.blocks.iter().filter(|(_, is_on)| **is_on == on);
            let (by, targets): (Vec<&str>, Vec<&str>) =
                wanted.map(|((by, target), _)| (by.as_str(), target.as_str())).unzip();
            let statement = if on { Statement::AddBlocks } else { Statement::DropBlocks };
            run(connection, statement, by.len(), &[&by, &targets]).await
        };
        vec![
            Box::pin(added),
            Box::pin(moved),
            Box::pin(described),
            Box::pin(reaches),
            Box::pin(quiet::write(connection, new_rows)),
            Box::pin(quiet::write_rang(connection, new_rows)),
            Box::pin(statuses),
            Box::pin(disabled),
            Box::pin(blocks(true)),
            Box::pin(blocks(false)),
        ]
    }

    /// Dismissed groups are deleted first, because the batch may add a group of the same name.
    fn groups(&self) -> Vec<Insert<'a>> {
        let (connection, new_rows) = (self.connection, self.new_rows);
        let dismissed = |statement| async move {
            let groups: Vec<&str> = new_rows.dismissed.iter().map(GroupId::as_str).collect();
            run(connection, statement, groups.len(), &[&groups]).await
        };
        let dead = |statement| async move {
            let ids: Vec<Uuid> = new_rows.dead_conversations.iter().copied().collect();
            run(connection, statement, ids.len(), &[&ids]).await
        };
        let added = async move {
            let groups: Vec<&str> = new_rows.new_groups.keys().map(GroupId::as_str).collect();
            let about = abouts(new_rows.new_groups.values().map(|(about, _)| about))?;
            let times: Vec<i64> = new_rows.new_groups.values().map(|(_, at)| int(*at)).collect();
            run(connection, Statement::AddGroups, groups.len(), &[&groups, &about, &times]).await
        };
        let described = async move {
            let groups: Vec<&str> = new_rows.groups.keys().map(GroupId::as_str).collect();
            let about = abouts(new_rows.groups.values())?;
            run(connection, Statement::SetGroups, groups.len(), &[&groups, &about]).await
        };
        let paced = async move {
            let (groups, times): (Vec<&str>, Vec<i64>) =
                new_rows.paced_groups.iter().map(|(group, until)| (group.as_str(), int(*until))).unzip();
            run(connection, Statement::PaceGroups, groups.len(), &[&groups, &times]).await
        };
        vec![
            Box::pin(dismissed(Statement::DropGroups)),
            Box::pin(dismissed(Statement::DropMembersOf)),
            Box::pin(boards::drop_old(connection, new_rows)),
            Box::pin(dismissed(Statement::DropDeparturesOf)),
            Box::pin(dead(Statement::DropConversations)),
            Box::pin(dead(Statement::DropReadersOf)),
            Box::pin(added),
            Box::pin(described),
            Box::pin(paced),
            Box::pin(self.members_gone()),
            Box::pin(self.members()),
            Box::pin(boards::write(connection, new_rows)),
            Box::pin(self.departures(true)),
            Box::pin(self.departures(false)),
        ]
    }

    fn departures(&self, has_left: bool) -> impl Future<Output = Result<(), Trouble>> + Send + use<'a> {
        let (connection, new_rows) = (self.connection, self.new_rows);
        async move {
            let wanted = new_rows.departures.iter().filter(|(_, left)| **left == has_left);
            let (groups, users): (Vec<&str>, Vec<&str>) =
                wanted.map(|((group, user), _)| (group.as_str(), user.as_str())).unzip();
            let statement = if has_left { Statement::AddDepartures } else { Statement::DropDepartures };
            run(connection, statement, groups.len(), &[&groups, &users]).await
        }
    }

    fn members_gone(&self) -> impl Future<Output = Result<(), Trouble>> + Send + use<'a> {
        let (connection, new_rows) = (self.connection, self.new_rows);
        async move {
            let gone = new_rows.members.iter().filter(|(_, membership)| membership.is_none());
            let (groups, users): (Vec<&str>, Vec<&str>) =
                gone.map(|((group, user), _)| (group.as_str(), user.as_str())).unzip();
            run(connection, Statement::DropMembers, groups.len(), &[&groups, &users]).await
        }
    }

    fn members(&self) -> impl Future<Output = Result<(), Trouble>> + Send + use<'a> {
        let (connection, new_rows) = (self.connection, self.new_rows);
        async move {
            let here =
                || new_rows.members.iter().filter_map(|(key, membership)| Some((key, membership.as_ref()?)));
            let groups: Vec<&str> = here().map(|((group, _), _)| group.as_str()).collect();
            let users: Vec<&str> = here().map(|((_, user), _)| user.as_str()).collect();
            let roles: Vec<&str> = here().map(|(_, membership)| words::role(membership.role)).collect();
            let joined: Vec<i64> = here().map(|(_, membership)| int(membership.joined_at)).collect();
            let familiar: Vec<bool> = here().map(|(_, membership)| membership.familiar).collect();
            let columns: [Param<'_>; 5] = [&groups, &users, &roles, &joined, &familiar];
            run(connection, Statement::SetMembers, groups.len(), &columns).await
        }
    }

    fn conversations(&self) -> Vec<Insert<'a>> {
        let (connection, new_rows) = (self.connection, self.new_rows);
        let added = async move {
            let names: Vec<String> = new_rows.new_conversations.keys().map(ToString::to_string).collect();
            let (ids, seqs): (Vec<Uuid>, Vec<i64>) =
                new_rows.new_conversations.values().map(|(id, seq)| (*id, int(*seq))).unzip();
            run(connection, Statement::AddConversations, names.len(), &[&names, &ids, &seqs]).await
        };
        let moved = async move {
            let (names, seqs): (Vec<String>, Vec<i64>) =
                new_rows.conversations.iter().map(|(name, seq)| (name.to_string(), int(*seq))).unzip();
            run(connection, Statement::MoveConversations, names.len(), &[&names, &seqs]).await
        };
        let written = async move {
            let (names, writers): (Vec<String>, Vec<i16>) = new_rows
                .writers
                .iter()
                .map(|(name, writers)| (name.to_string(), i16::from(writers.bits())))
                .unzip();
            run(connection, Statement::AddWriters, names.len(), &[&names, &writers]).await
        };
        vec![
            Box::pin(added),
            Box::pin(moved),
            Box::pin(written),
            Box::pin(readers::drop_gone(connection, new_rows)),
            Box::pin(readers::write(connection, new_rows)),
            Box::pin(readers::write_pins(connection, new_rows)),
            Box::pin(readers::write_deleted(connection, new_rows)),
        ]
    }

    fn invitations(&self) -> Vec<Insert<'a>> {
        let (connection, new_rows, context) = (self.connection, self.new_rows, self.context);
        let made = async move {
            let all: Vec<&Invitation> = new_rows.made.values().map(|invitation| &**invitation).collect();
            let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
            let inviters: Vec<&str> = all.iter().map(|one| one.inviter.as_str()).collect();
            let guests: Vec<Option<&str>> = all.iter().map(|one| only_invitee(one)).collect();
            let groups: Vec<Option<&str>> = all.iter().map(|one| one.group().map(GroupId::as_str)).collect();
            let times: Vec<i64> = all.iter().map(|one| int(one.created_at)).collect();
            let due: Vec<Option<i64>> =
                all.iter().map(|one| due_at(one, context.no_deadline_age_ms)).collect();
            let lasting: Vec<bool> = all.iter().map(|one| one.timeout == 0).collect();
            let terms = each(&all, record::terms)?;
            let courses = each(&all, |one| record::has_course(one).then(|| record::course(one)).transpose())?;
            let columns: [Param<'_>; 10] = [
                &ids,
                &inviters,
                &guests,
                &groups,
                &times,
                &due,
                &lasting,
                &terms,
                &courses,
                &context.node.0,
            ];
            run(connection, Statement::AddInvitations, ids.len(), &columns).await
        };
        let changed = async move {
            let all: Vec<&Invitation> = new_rows.changed.values().map(|invitation| &**invitation).collect();
            let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
            let courses = each(&all, record::course)?;
            let due: Vec<Option<i64>> =
                all.iter().map(|one| due_at(one, context.no_deadline_age_ms)).collect();
            run(connection, Statement::SetInvitations, ids.len(), &[&ids, &courses, &due]).await
        };
        let awaited = async move {
            let here = || new_rows.pending.iter().filter_map(|(key, inviter)| Some((key, inviter.as_ref()?)));
            let for_users: Vec<&str> = here().map(|((invitee, _), _)| invitee.as_str()).collect();
            let ids: Vec<&str> = here().map(|((_, id), _)| id.as_str()).collect();
            let by_users: Vec<&str> = here().map(|(_, inviter)| inviter.as_str()).collect();
            run(connection, Statement::AddPending, ids.len(), &[&for_users, &ids, &by_users]).await
        };
        let settled = async move {
            let gone = new_rows.pending.iter().filter(|(_, inviter)| inviter.is_none());
            let (invitees, ids): (Vec<&str>, Vec<&str>) =
                gone.map(|((invitee, id), _)| (invitee.as_str(), id.as_str())).unzip();
            run(connection, Statement::DropPending, ids.len(), &[&invitees, &ids]).await
        };
        vec![Box::pin(made), Box::pin(changed), Box::pin(awaited), Box::pin(settled)]
    }

    fn events(&self) -> Vec<Insert<'a>> {
        let (connection, new_rows) = (self.connection, self.new_rows);
        let events = new_rows.events.as_slice();
        let streams = async move {
            let places =
                || events.iter().flat_map(|new| new.event.places.iter().map(|place| (new.id, place)));
            let users: Vec<&str> = places().map(|(_, place)| place.user.as_str()).collect();
            let cursors: Vec<i64> = places().map(|(_, place)| int(place.cursor)).collect();
            let ids: Vec<Uuid> = places().map(|(id, _)| id).collect();
            run(connection, Statement::AddStreams, users.len(), &[&users, &cursors, &ids]).await
        };
        let revoked = async move {
            let (ids, seqs): (Vec<Uuid>, Vec<i64>) =
                new_rows.revoked.iter().map(|(id, seq)| (*id, int(*seq))).unzip();
            run(connection, Statement::Revoke, ids.len(), &[&ids, &seqs]).await
        };
        let now = int(self.context.now);
        let used_up = async move {
            let all = &new_rows.client_messages;
            let senders: Vec<&str> = all.iter().map(|(sender, ..)| sender.as_str()).collect();
            let ids: Vec<&[u8]> = all.iter().map(|(_, id, _)| id.as_bytes()).collect();
            let sent = all.iter().map(|(.., message)| serde_json::to_string(message));
            let sent: Vec<String> = sent.collect::<Result<_, _>>().map_err(|error| spoilt(&error))?;
            run(connection, Statement::AddClientMessages, senders.len(), &[&senders, &ids, &sent, &now]).await
        };
        let kept = async move {
            let all = &new_rows.kept;
            let holders: Vec<&str> = all.iter().map(|keep| &*keep.once.holder).collect();
            let keys: Vec<&str> = all.iter().map(|keep| &*keep.once.key).collect();
            let prints: Vec<&[u8]> = all.iter().map(|keep| keep.once.fingerprint.as_slice()).collect();
            let replies: Vec<&str> = all.iter().map(|keep| keep.reply.as_str()).collect();
            let columns: [Param<'_>; 5] = [&holders, &keys, &prints, &replies, &now];
            run(connection, Statement::AddKeptReplies, holders.len(), &columns).await
        };
        vec![
            Box::pin(kept),
            Box::pin(bodies(connection, events)),
            Box::pin(streams),
            Box::pin(messages(connection, events)),
            Box::pin(revoked),
            Box::pin(used_up),
        ]
    }
}

async fn bodies(connection: &WriterConnection, events: &[NewEvent<'_>]) -> Result<(), Trouble> {
    let ids: Vec<Uuid> = events.iter().map(|new| new.id).collect();
    let times: Vec<i64> = events.iter().map(|new| int(new.event.time)).collect();
    let actors: Vec<Option<&str>> =
        events.iter().map(|new| new.event.actor.as_ref().map(UserId::as_str)).collect();
    let online_only: Vec<bool> = events.iter().map(|new| new.event.online_only).collect();
    let marks = || events.iter().map(|new| new.event.invitation.as_ref());
    let invitations: Vec<Option<&str>> = marks().map(|mark| mark.map(|mark| mark.id.as_str())).collect();
    let versions: Vec<Option<i32>> =
        marks().map(|mark| mark.and_then(|mark| i32::try_from(mark.version).ok())).collect();
    let bodies: Vec<&str> = events.iter().map(|new| new.event.body.as_str()).collect();
    let places: Vec<String> = events.iter().map(places).collect::<Result<_, _>>()?;
    let conversations: Vec<Option<Uuid>> = events.iter().map(|new| new.conversation).collect();
    let seqs: Vec<Option<i64>> =
        events.iter().map(|new| new.event.message.as_ref().map(|mark| int(mark.seq))).collect();
    let columns: [Param<'_>; 10] = [
        &ids,
        &times,
        &actors,
        &online_only,
        &invitations,
        &versions,
        &bodies,
        &places,
        &conversations,
        &seqs,
    ];
    run(connection, Statement::AddEvents, ids.len(), &columns).await
}

async fn messages(connection: &WriterConnection, events: &[NewEvent<'_>]) -> Result<(), Trouble> {
    let said = || events.iter().filter_map(|new| Some((new, new.conversation?, new.event.message.as_ref()?)));
    let conversations: Vec<Uuid> = said().map(|(_, conversation, _)| conversation).collect();
    let seqs: Vec<i64> = said().map(|(.., mark)| int(mark.seq)).collect();
    let ids: Vec<Uuid> = said().map(|(new, ..)| new.id).collect();
    let senders: Vec<&str> = said().map(|(.., mark)| mark.sender.as_str()).collect();
    let counted: Vec<bool> = said().map(|(.., mark)| mark.counted).collect();
    let shown: Vec<bool> = said().map(|(.., mark)| mark.shown_last).collect();
    let columns: [Param<'_>; 6] = [&conversations, &seqs, &ids, &senders, &counted, &shown];
    run(connection, Statement::AddMessages, ids.len(), &columns).await
}

/// `[["user", cursor], …]`
fn places(new: &NewEvent<'_>) -> Result<String, Trouble> {
    let places: Vec<(&str, u64)> =
        new.event.places.iter().map(|place| (place.user.as_str(), place.cursor)).collect();
    serde_json::to_string(&places).map_err(|error| spoilt(&error))
}

/// Runs a statement, unless the batch has no rows of its kind.
pub(super) async fn run(
    connection: &WriterConnection,
    statement: Statement,
    rows: usize,
    columns: &[Param<'_>],
) -> Result<(), Trouble> {
    if rows == 0 { Ok(()) } else { connection.run(statement, columns).await }
}

/// The invitee of a one-to-one invitation.
pub(crate) fn only_invitee(invitation: &Invitation) -> Option<&str> {
    if invitation.group().is_some() {
        return None;
    }
    invitation.invitees().first().map(|invitee| invitee.user.as_str())
}

/// When an open invitation has to be looked at; those without deadline at this age.
pub(crate) fn due_at(invitation: &Invitation, no_deadline_age_ms: u64) -> Option<i64> {
    invitation.is_open().then(|| int(invitation.due(no_deadline_age_ms)))
}

fn each<T>(
    all: &[&Invitation],
    record: impl Fn(&Invitation) -> Result<T, crate::store::StoreError>,
) -> Result<Vec<T>, Trouble> {
    all.iter().map(|one| record(one).map_err(|error| spoilt(&error))).collect()
}

fn profiles<'a>(
    all: impl Iterator<Item = (&'a UserId, &'a &'a Profile)>,
) -> Result<(Vec<&'a str>, Vec<String>), Trouble> {
    let texts = all.map(|(user, profile)| {
        serde_json::to_string(profile).map(|text| (user.as_str(), text)).map_err(|error| spoilt(&error))
    });
    texts.collect()
}

fn abouts<'a>(all: impl Iterator<Item = &'a About>) -> Result<Vec<String>, Trouble> {
    all.map(|about| serde_json::to_string(about).map_err(|error| spoilt(&error))).collect()
}

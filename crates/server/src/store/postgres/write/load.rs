//! Locking guards, and filling the ledger from them and from the rows they guard.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tokio_postgres::Row;
use uuid::Uuid;
use wigwag_engine::conversation::{ConversationHead, Writers};
use wigwag_engine::ledger::{Loaded, MOST_FAMILIAR_GROUPS, MOST_SHARED_GROUPS, StoredMessage, User};
use wigwag_engine::open::{Lasting, LastingTo, OpenInGroup, Pending};
use wigwag_engine::{ConversationId, Ledger, Request};
use wigwag_protocol::message::Peer;
use wigwag_protocol::{CallId, DeviceId, GroupId, InviteId, RoomId, UserId};

use super::guards::Guards;
use super::{boards, quiet, readers};
use crate::rates::kept::{Paced, Paces};
use crate::store::postgres::connection::{
    Statement, Trouble, WriterConnection, column, group, in_order, int, members_by_group, nat, spoilt,
};
use crate::store::shared::{NodeId, SessionName};
use crate::store::{Asker, ReplyTo, SessionId, Submission, record, words};
use wigwag_session::rates::Pace;

/// The session that has a device's seat.
#[derive(Debug, Clone, Copy)]
struct HeldSeat {
    session: SessionName,
    /// When its connection was made, server time in ms.
    connected_at: u64,
}

/// The rows that a batch has loaded besides the ledger's.
#[derive(Debug)]
pub(super) struct LoadedRows {
    /// The ids of conversations that have a row.
    pub(super) conversations: HashMap<ConversationId, Uuid>,
    /// Rooms that have a row.
    pub(super) rooms: BTreeSet<RoomId>,
    seats: HashMap<(UserId, DeviceId), HeldSeat>,
    user_pace: Pace,
    group_pace: Pace,
    /// `paced_until` of users, µs.
    users_until: HashMap<UserId, u64>,
    /// `paced_until` of groups, µs.
    groups_until: HashMap<GroupId, u64>,
    /// The `paced_until` of users that changed in this batch, µs.
    pub(super) paced_users: BTreeMap<UserId, u64>,
    /// The `paced_until` of groups that changed in this batch, µs.
    pub(super) paced_groups: BTreeMap<GroupId, u64>,
}

impl LoadedRows {
    pub(super) fn new(user_pace: Pace, group_pace: Pace) -> Self {
        Self {
            conversations: HashMap::new(),
            rooms: BTreeSet::new(),
            seats: HashMap::new(),
            user_pace,
            group_pace,
            users_until: HashMap::new(),
            groups_until: HashMap::new(),
            paced_users: BTreeMap::new(),
            paced_groups: BTreeMap::new(),
        }
    }
}

impl LoadedRows {
    /// Whether a newer connection of the asking device has the device's seat. The device may have repeated its commands there
    /// already and been answered: one that comes after its repeat must not be carried out. A seat that nobody has is no
    /// reason to refuse: seats are lost when the database crashes, and the sessions stay.
    pub(super) fn is_displaced(&self, submission: &Submission, node: NodeId) -> bool {
        let Some((seat, asker)) = seat_of(submission) else { return false };
        let asking = SessionName { node, session: asker.session };
        let holder = self.seats.get(&seat);
        holder.is_some_and(|held| held.session != asking && held.connected_at >= asker.connected_at)
    }
}

/// The seat that the asking session must have, if a session asks.
pub(super) fn seat_of(submission: &Submission) -> Option<((UserId, DeviceId), Asker)> {
    let (Request::By(actor, _), ReplyTo::Session(asker)) = (&submission.request, &submission.reply_to) else {
        return None;
    };
    let device = actor.device.as_ref()?;
    Some(((actor.user.clone(), device.device_id.clone()), *asker))
}

/// Users and groups without a row are not limited: their first command makes the row.
impl Paces for LoadedRows {
    fn pace(&self, of: Paced<'_>) -> Option<(Pace, u64)> {
        match of {
            Paced::User(user) => {
                let until = self.paced_users.get(user).or_else(|| self.users_until.get(user))?;
                Some((self.user_pace, *until))
            }
            Paced::Group(group) => {
                let until = self.paced_groups.get(group).or_else(|| self.groups_until.get(group))?;
                Some((self.group_pace, *until))
            }
        }
    }

    fn set(&mut self, of: Paced<'_>, until: u64) {
        match of {
            Paced::User(user) => self.paced_users.insert(user.clone(), until),
            Paced::Group(group) => self.paced_groups.insert(group.clone(), until),
        };
    }
}

/// How guards are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockMode {
    /// At the beginning of the transaction, in order: waits until the locks are free.
    Begin,
    /// Later, out of order: fails when another transaction holds one.
    Try,
}

type FoundRows = Result<Vec<Row>, Trouble>;

/// Locks and reads the wanted rows.
pub(super) async fn load(
    connection: &WriterConnection,
    wanted: &Guards,
    mode: LockMode,
    ledger: &mut Ledger,
    rows: &mut LoadedRows,
) -> Result<(), Trouble> {
    let answers = ask(connection, wanted, mode).await?;
    let [groups, members, open, theirs, invitations, calls, rooms, users, conversations, rest @ ..] =
        answers.as_slice()
    else {
        return Ok(());
    };
    let mut fill = Fill { ledger, rows };
    fill.conversations(theirs.iter().chain(conversations), wanted)?;
    fill.groups(wanted, groups, members, open)?;
    fill.invitations(wanted, invitations)?;
    fill.calls(wanted, calls, rooms)?;
    fill.users(wanted, users)?;
    fill.others(wanted, rest)
}

/// Sends all statements in one round trip, in the order of the locks.
async fn ask(
    connection: &WriterConnection,
    wanted: &Guards,
    mode: LockMode,
) -> Result<Vec<Vec<Row>>, Trouble> {
    let pick = |lock, attempt| if mode == LockMode::Begin { lock } else { attempt };
    let groups: Vec<&str> = wanted.groups.iter().map(GroupId::as_str).collect();
    let invitations: Vec<&str> = wanted.invitations.iter().map(InviteId::as_str).collect();
    let calls: Vec<&str> = wanted.calls.iter().map(CallId::as_str).collect();
    let rooms: Vec<&str> = wanted.rooms.iter().map(RoomId::as_str).collect();
    let users: Vec<&str> = wanted.users.iter().map(UserId::as_str).collect();
    let in_calls: Vec<&str> = wanted.in_calls.iter().map(UserId::as_str).collect();
    let running_in: Vec<&str> = wanted.running_in.iter().map(GroupId::as_str).collect();
    let calls_seen: Vec<&str> = wanted.calls_seen.iter().map(UserId::as_str).collect();
    let lasting: Vec<&str> = wanted.lasting.iter().map(UserId::as_str).collect();
    let pending_for: Vec<&str> = wanted.pending_for.iter().map(UserId::as_str).collect();
    let names: Vec<String> = wanted.conversations.iter().map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let group_counts: Vec<&str> = wanted.group_counts.iter().map(UserId::as_str).collect();
    let theirs: Vec<String> = wanted.groups.iter().map(|group| format!("group:{group}")).collect();
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let begin = async {
        if mode == LockMode::Begin {
            connection.begin().await?;
        }
        Ok(Vec::new())
    };
    let mut answers = in_order(vec![
        Box::pin(begin),
        Box::pin(named(connection, pick(Statement::LockGroups, Statement::TryGroups), &groups)),
        Box::pin(named(connection, Statement::Members, &groups)),
        Box::pin(named(connection, Statement::OpenInGroups, &groups)),
        Box::pin(named(connection, Statement::ConversationsOfGroups, &theirs)),
        Box::pin(named(
            connection,
            pick(Statement::LockInvitations, Statement::TryInvitations),
            &invitations,
        )),
        Box::pin(named(connection, pick(Statement::LockCalls, Statement::TryCalls), &calls)),
        Box::pin(named(connection, pick(Statement::LockRooms, Statement::TryRooms), &rooms)),
        Box::pin(named(connection, pick(Statement::LockUsers, Statement::TryUsers), &users)),
        Box::pin(named(connection, pick(Statement::LockConversations, Statement::TryConversations), &names)),
        Box::pin(blocks(connection, wanted)),
        Box::pin(named(connection, Statement::OpenLasting, &lasting)),
        Box::pin(named(connection, Statement::PendingFor, &pending_for)),
        Box::pin(named(connection, Statement::InCalls, &in_calls)),
        Box::pin(named(connection, Statement::RunningInGroups, &running_in)),
        Box::pin(named(connection, Statement::CallsSeen, &calls_seen)),
        Box::pin(boards::ask(connection, wanted)),
        Box::pin(departures(connection, wanted)),
        Box::pin(named(connection, Statement::GroupCounts, &group_counts)),
        Box::pin(shared_groups(connection, wanted)),
        Box::pin(client_messages(connection, wanted)),
        Box::pin(readers::ask(connection, wanted)),
        Box::pin(readers::ask_pins(connection, wanted)),
        Box::pin(messages(connection, wanted)),
        Box::pin(quiet::ask(connection, wanted)),
        Box::pin(seats(connection, wanted)),
    ])
    .await?;
    // The answer to BEGIN.
    answers.remove(0);
    Ok(answers)
}

pub(super) async fn named(connection: &WriterConnection, statement: Statement, names: &[&str]) -> FoundRows {
    if names.is_empty() { Ok(Vec::new()) } else { connection.rows(statement, &[&names]).await }
}

async fn blocks(connection: &WriterConnection, wanted: &Guards) -> FoundRows {
    if wanted.blocks.is_empty() {
        return Ok(Vec::new());
    }
    let (by, targets): (Vec<&str>, Vec<&str>) =
        wanted.blocks.iter().map(|(by, target)| (by.as_str(), target.as_str())).unzip();
    connection.rows(Statement::Blocks, &[&by, &targets]).await
}

async fn departures(connection: &WriterConnection, wanted: &Guards) -> FoundRows {
    if wanted.departures.is_empty() {
        return Ok(Vec::new());
    }
    let (groups, users): (Vec<&str>, Vec<&str>) =
        wanted.departures.iter().map(|(group, user)| (group.as_str(), user.as_str())).unzip();
    connection.rows(Statement::Departures, &[&groups, &users]).await
}

async fn shared_groups(connection: &WriterConnection, wanted: &Guards) -> FoundRows {
    if wanted.shared_groups.is_empty() {
        return Ok(Vec::new());
    }
    let (of, with): (Vec<&str>, Vec<&str>) =
        wanted.shared_groups.iter().map(|(of, with)| (of.as_str(), with.as_str())).unzip();
    let (familiar, shared) = (int(MOST_FAMILIAR_GROUPS as u64), int(MOST_SHARED_GROUPS as u64));
    connection.rows(Statement::SharedGroups, &[&of, &with, &familiar, &shared]).await
}

async fn client_messages(connection: &WriterConnection, wanted: &Guards) -> FoundRows {
    if wanted.client_messages.is_empty() {
        return Ok(Vec::new());
    }
    let (senders, ids): (Vec<&str>, Vec<&[u8]>) =
        wanted.client_messages.iter().map(|(sender, id)| (sender.as_str(), id.as_bytes())).unzip();
    connection.rows(Statement::ClientMessages, &[&senders, &ids]).await
}

async fn messages(connection: &WriterConnection, wanted: &Guards) -> FoundRows {
    if wanted.messages.is_empty() {
        return Ok(Vec::new());
    }
    let (names, seqs): (Vec<String>, Vec<i64>) =
        wanted.messages.iter().map(|(conversation, seq)| (conversation.to_string(), int(*seq))).unzip();
    connection.rows(Statement::Messages, &[&names, &seqs]).await
}

async fn seats(connection: &WriterConnection, wanted: &Guards) -> FoundRows {
    if wanted.seats.is_empty() {
        return Ok(Vec::new());
    }
    let (users, devices): (Vec<&str>, Vec<&str>) =
        wanted.seats.iter().map(|(user, device)| (user.as_str(), device.as_str())).unzip();
    connection.rows(Statement::Seats, &[&users, &devices]).await
}

/// Fills the ledger with rows. A wanted row that was not found is noted as absent.
struct Fill<'a> {
    ledger: &'a mut Ledger,
    rows: &'a mut LoadedRows,
}

/// Calls and invitations are locked before users, and one that is not there cannot be. What another node committed while the batch waited
/// for a user's row was noted as absent, and is named by what that row guards: the batch begins again, and finds it.
fn appeared(was_absent: bool) -> Result<(), Trouble> {
    if was_absent { Err(Trouble::Again("appeared")) } else { Ok(()) }
}

impl Fill<'_> {
    /// `name, id, last_seq, writers`
    fn conversations<'r>(
        &mut self,
        found: impl Iterator<Item = &'r Row>,
        wanted: &Guards,
    ) -> Result<(), Trouble> {
        for row in found {
            let name: String = column(row, 0)?;
            let conversation = ConversationId::parse(&name).ok_or_else(|| spoilt(&name))?;
            self.rows.conversations.insert(conversation.clone(), column(row, 1)?);
            let writers = Writers::of_bits(u8::try_from(column::<i16>(row, 3)?).unwrap_or(0));
            let head = ConversationHead { last_seq: nat(column(row, 2)?), writers };
            self.ledger.take(Loaded::Conversation(conversation, head));
        }
        let of_groups = wanted.groups.iter().map(|group| ConversationId::Group(group.clone()));
        for conversation in wanted.conversations.iter().cloned().chain(of_groups) {
            self.ledger.take(Loaded::Conversation(conversation, ConversationHead::default()));
        }
        Ok(())
    }

    fn groups(
        &mut self,
        wanted: &Guards,
        found: &[Row],
        members: &[Row],
        open: &[Row],
    ) -> Result<(), Trouble> {
        let mut members = members_by_group(members)?;
        let mut open = open_by_group(open)?;
        for row in found {
            let group = group(row, &mut members)?;
            self.rows.groups_until.insert(group.id.clone(), nat(column(row, 3)?));
            self.ledger.take(Loaded::Group(group.id.clone(), Some(group)));
        }
        for group in &wanted.groups {
            self.ledger.take(Loaded::Group(group.clone(), None));
            let open = open.remove(group).unwrap_or_default();
            self.ledger.take(Loaded::OpenInGroup(group.clone(), open));
        }
        Ok(())
    }

    /// `invite_id, terms, course`
    fn invitations(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let (terms, course): (&str, Option<&str>) = (row.get(1), row.get(2));
            let invitation = record::read(terms, course).map_err(|error| spoilt(&error))?;
            self.ledger.take(Loaded::Invitation(invitation.id.clone(), Some(Arc::new(invitation))));
        }
        for id in &wanted.invitations {
            self.ledger.take(Loaded::Invitation(id.clone(), None));
        }
        Ok(())
    }

    /// `call_id, record` and `room_id, call_id`
    fn calls(&mut self, wanted: &Guards, calls: &[Row], rooms: &[Row]) -> Result<(), Trouble> {
        for row in calls {
            let call = record::read_call(row.get(1)).map_err(|error| spoilt(&error))?;
            self.ledger.take(Loaded::Call(call.id().clone(), Some(Arc::new(call))));
        }
        for id in &wanted.calls {
            self.ledger.take(Loaded::Call(id.clone(), None));
        }
        for row in rooms {
            let room = RoomId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
            let call = CallId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
            self.rows.rooms.insert(room.clone());
            self.ledger.take(Loaded::Room(room, Some(call)));
        }
        for room in &wanted.rooms {
            self.ledger.take(Loaded::Room(room.clone(), None));
        }
        Ok(())
    }

    /// `user_id, call_id`
    fn in_calls(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
            let call = CallId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
            appeared(matches!(self.ledger.call(&call), Ok(None)))?;
            self.ledger.take(Loaded::InCall(user, Some(call)));
        }
        for user in &wanted.in_calls {
            self.ledger.take(Loaded::InCall(user.clone(), None));
        }
        Ok(())
    }

    /// `group_id, call_id`
    fn running_in_groups(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        let mut running: HashMap<&str, Vec<CallId>> = HashMap::new();
        for row in found {
            let call = CallId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
            running.entry(row.get(0)).or_default().push(call);
        }
        for group in &wanted.running_in {
            let mut running = running.remove(group.as_str()).unwrap_or_default();
            running.sort_unstable();
            self.ledger.take(Loaded::RunningInGroup(group.clone(), running));
        }
        Ok(())
    }

    /// `user_id, up_to`
    fn calls_seen(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
            self.ledger.take(Loaded::CallsSeen(user, nat(column(row, 1)?)));
        }
        for user in &wanted.calls_seen {
            self.ledger.take(Loaded::CallsSeen(user.clone(), 0));
        }
        Ok(())
    }

    /// `user_id, profile, head, open_invitations, paced_until, reach_ring, reach_add, disabled_since, deleted_at, has_quiet, status`
    fn users(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let profile: wigwag_protocol::group::Profile =
                serde_json::from_str(row.get(1)).map_err(|error| spoilt(&error))?;
            let (id, open) = (profile.user_id.clone(), column::<i32>(row, 3)?);
            self.rows.users_until.insert(id.clone(), nat(column(row, 4)?));
            self.ledger.take(Loaded::OpenCount(id.clone(), usize::try_from(open).unwrap_or(0)));
            let reach = words::read_reach(row.get(5), row.get(6));
            let disabled_since = column::<Option<i64>>(row, 7)?.map(nat);
            let deleted_at = column::<Option<i64>>(row, 8)?.map(nat);
            let (head, has_quiet, status) = (nat(column(row, 2)?), column(row, 9)?, column(row, 10)?);
            let user = User { profile, head, reach, has_quiet, status, disabled_since, deleted_at };
            self.ledger.take(Loaded::User(id, Some(user)));
        }
        for user in &wanted.users {
            self.ledger.take(Loaded::User(user.clone(), None));
            self.ledger.take(Loaded::OpenCount(user.clone(), 0));
        }
        Ok(())
    }

    /// Blocks, open invitations without deadline, pending ones, calls by user and group, seen calls, boards, departures, groups counted and shared, client message IDs, read marks, messages, quiet hours and seats.
    fn others(&mut self, wanted: &Guards, rest: &[Vec<Row>]) -> Result<(), Trouble> {
        let [blocks, lasting, pending, in_calls, running, seen, rest @ ..] = rest else { return Ok(()) };
        let [boards, departures, counts, shared, client_messages, reads, pins, messages, quiet, seats] = rest
        else {
            return Ok(());
        };
        let on: HashSet<(&str, &str)> = blocks.iter().map(|row| (row.get(0), row.get(1))).collect();
        for (by, target) in &wanted.blocks {
            let is_on = on.contains(&(by.as_str(), target.as_str()));
            self.ledger.take(Loaded::Block(by.clone(), target.clone(), is_on));
        }
        self.lasting(wanted, lasting)?;
        self.pending_for(wanted, pending)?;
        self.in_calls(wanted, in_calls)?;
        self.running_in_groups(wanted, running)?;
        self.calls_seen(wanted, seen)?;
        boards::take(self.ledger, wanted, boards)?;
        let left: HashSet<(&str, &str)> = departures.iter().map(|row| (row.get(0), row.get(1))).collect();
        for (group, user) in &wanted.departures {
            let has_left = left.contains(&(group.as_str(), user.as_str()));
            self.ledger.take(Loaded::HasLeft(group.clone(), user.clone(), has_left));
        }
        self.group_counts(wanted, counts)?;
        self.shared_groups(wanted, shared)?;
        self.client_messages(wanted, client_messages)?;
        readers::take(self.ledger, wanted, reads);
        readers::take_pins(self.ledger, wanted, pins);
        self.messages(wanted, messages)?;
        quiet::take(self.ledger, wanted, quiet)?;
        self.seats(seats)
    }

    fn lasting(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        let mut open = lasting_by_inviter(found)?;
        for inviter in &wanted.lasting {
            let open = open.remove(inviter).unwrap_or_default();
            for to in &open {
                appeared(matches!(self.ledger.invitation(&to.lasting.id), Ok(None)))?;
            }
            self.ledger.take(Loaded::OpenLasting(inviter.clone(), open));
        }
        Ok(())
    }

    /// `invitee, inviter, invite_id, created_at, lasting`
    fn pending_for(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        let mut pending: HashMap<&str, Vec<Pending>> = HashMap::new();
        for row in found {
            let inviter = UserId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
            let lasting = row.get::<_, bool>(4).then(|| lasting(row)).transpose()?;
            let id = lasting.as_ref().map(|lasting| &lasting.id);
            appeared(id.is_some_and(|id| matches!(self.ledger.invitation(id), Ok(None))))?;
            pending.entry(row.get(0)).or_default().push(Pending { inviter, lasting });
        }
        for user in &wanted.pending_for {
            let pending = pending.remove(user.as_str()).unwrap_or_default();
            self.ledger.take(Loaded::PendingFor(user.clone(), pending));
        }
        Ok(())
    }

    /// `user_id, count`
    fn group_counts(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
            let count = usize::try_from(column::<i64>(row, 1)?).unwrap_or(usize::MAX);
            self.ledger.take(Loaded::GroupCount(user, count));
        }
        for user in &wanted.group_counts {
            self.ledger.take(Loaded::GroupCount(user.clone(), 0));
        }
        Ok(())
    }

    /// `of, with, group_id`
    fn shared_groups(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        let mut shared: HashMap<(&str, &str), Vec<GroupId>> = HashMap::new();
        for row in found {
            let group = GroupId::parse(row.get(2)).map_err(|error| spoilt(&error))?;
            shared.entry((row.get(0), row.get(1))).or_default().push(group);
        }
        for (of, with) in &wanted.shared_groups {
            let groups = shared.remove(&(of.as_str(), with.as_str())).unwrap_or_default();
            self.ledger.take(Loaded::SharedGroups(of.clone(), with.clone(), groups));
        }
        Ok(())
    }

    /// `sender, client_msg_id, sent`
    fn client_messages(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        let mut sent: HashMap<(&str, &[u8]), &str> =
            found.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect();
        for (sender, id) in &wanted.client_messages {
            let text = sent.remove(&(sender.as_str(), id.as_bytes()));
            let reply = text.map(serde_json::from_str).transpose().map_err(|error| spoilt(&error))?;
            self.ledger.take(Loaded::ClientMessage(sender.clone(), id.clone(), reply));
        }
        Ok(())
    }

    /// `name, seq, time, body, revoked`
    fn messages(&mut self, wanted: &Guards, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let name: &str = row.get(0);
            let conversation = ConversationId::parse(name).ok_or_else(|| spoilt(&name))?;
            let message = record::message(row.get(3), nat(row.get(2))).map_err(|error| spoilt(&error))?.map(
                |message| StoredMessage {
                    message_id: message.message_id,
                    sender: message.sender,
                    time: message.time,
                    revoked: row.get(4),
                },
            );
            self.ledger.take(Loaded::Message(conversation, nat(row.get(1)), message));
        }
        for (conversation, seq) in &wanted.messages {
            self.ledger.take(Loaded::Message(conversation.clone(), *seq, None));
        }
        Ok(())
    }

    /// `user_id, device_id, node, session, connected_at`
    fn seats(&mut self, found: &[Row]) -> Result<(), Trouble> {
        for row in found {
            let user = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
            let device = DeviceId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
            let session = SessionName { node: NodeId(row.get(2)), session: SessionId(nat(row.get(3))) };
            let seat = HeldSeat { session, connected_at: nat(row.get(4)) };
            self.rows.seats.insert((user, device), seat);
        }
        Ok(())
    }
}

/// `group_id, invite_id, created_at, lasting`
fn open_by_group(rows: &[Row]) -> Result<HashMap<GroupId, Vec<OpenInGroup>>, Trouble> {
    let mut open: HashMap<GroupId, Vec<OpenInGroup>> = HashMap::new();
    for row in rows {
        let group = GroupId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        let id = InviteId::parse(row.get(1)).map_err(|error| spoilt(&error))?;
        open.entry(group).or_default().push(if row.get(3) {
            OpenInGroup::Lasting(Lasting { created_at: nat(row.get(2)), id })
        } else {
            OpenInGroup::Timed(id)
        });
    }
    Ok(open)
}

/// `…, …, invite_id, created_at`
fn lasting(row: &Row) -> Result<Lasting, Trouble> {
    let id = InviteId::parse(row.get(2)).map_err(|error| spoilt(&error))?;
    Ok(Lasting { created_at: nat(row.get(3)), id })
}

/// `inviter, invitee, invite_id, created_at, group_id`
pub(super) fn lasting_by_inviter(rows: &[Row]) -> Result<HashMap<UserId, Vec<LastingTo>>, Trouble> {
    let mut open: HashMap<UserId, Vec<LastingTo>> = HashMap::new();
    for row in rows {
        let inviter = UserId::parse(row.get(0)).map_err(|error| spoilt(&error))?;
        let lasting = lasting(row)?;
        let peer = match (row.get(1), row.get(4)) {
            (Some(user), _) => Peer::User(UserId::parse(user).map_err(|error| spoilt(&error))?),
            (None, Some(group)) => Peer::Group(GroupId::parse(group).map_err(|error| spoilt(&error))?),
            (None, None) => return Err(spoilt(&lasting.id)),
        };
        open.entry(inviter).or_default().push(LastingTo { lasting, peer });
    }
    Ok(open)
}

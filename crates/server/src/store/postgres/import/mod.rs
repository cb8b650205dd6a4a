//! Taking over what another store kept ([`crate::store::moving`]), in one transaction with one COPY for each batch.

mod tables;
#[cfg(test)]
mod tests;

use std::pin::pin;

use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use self::tables::Table;
use super::connection::{About, DatabaseAddress, int, said};
use super::opening::{PostgresSettings, STARTING, prepare, reach};
use super::write::{due_at, only_invitee};
use crate::store::moving::MoveError;
use crate::store::moving::rows::{
    CallRow, ClientMessageRow, ConversationNumber, ConversationRow, EventNumber, EventRow, GroupRow,
    InvitationRow, KeptReplyRow, MarkKind, MarkRow, MemberRow, MessageRow, PushTokenRow, ReaderRow, RingRow,
    Rows, UserRow, WebhookRow,
};
use crate::store::shared::{NODE_PATIENCE, NodeId};
use crate::store::{EventId, Served, SetAside, words};
use wigwag_engine::ledger::Reader;
use wigwag_engine::{Call, Invitation};
use wigwag_protocol::GroupId;

/// A database that is filled. Without [`Import::commit`] it stays empty.
pub(in crate::store) struct Import {
    client: Client,
    node: NodeId,
    no_deadline_age_ms: u64,
}

/// The values of a row, in the order of the table's columns.
type Values = Vec<Box<dyn ToSql + Sync + Send>>;

macro_rules! values {
    ($($value:expr),+ $(,)?) => { vec![$(Box::new($value) as Box<dyn ToSql + Sync + Send>),+] };
}

impl Import {
    /// Makes the tables where there are none, and keeps servers out from now on. Refuses a database that is not empty.
    pub(in crate::store) async fn begin(
        settings: &PostgresSettings,
        node: NodeId,
        no_deadline_age_ms: u64,
    ) -> Result<Self, MoveError> {
        let address = DatabaseAddress::parse(&settings.url, settings.tls_ca.as_deref())?;
        let mut client = reach(&address).await?;
        prepare(&address, &mut client).await?;
        let import = Self { client, node, no_deadline_age_ms };
        import.keep_servers_out(&address.place()).await?;
        for table in tables::ALL {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
            if import.client.query_one(&sql, &[]).await.map_err(failed)?.get(0) {
                return Err(MoveError::TargetNotEmpty(address.place(), table.name));
            }
        }
        Ok(import)
    }

    /// A node that starts meanwhile waits for the advisory lock, and one that has started cannot write.
    async fn keep_servers_out(&self, place: &str) -> Result<(), MoveError> {
        let names: Vec<&str> = tables::ALL.iter().map(|table| table.name).collect();
        let lock = format!(
            "BEGIN; SELECT pg_advisory_xact_lock({STARTING}); LOCK TABLE nodes, {} IN EXCLUSIVE MODE",
            names.join(", ")
        );
        self.client.batch_execute(&lock).await.map_err(failed)?;
        // The database does not know how many rows there will be. Its triggers have to look them up, as in a writer's transaction.
        let plans = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
        self.client.batch_execute(plans).await.map_err(failed)?;
        let live = "SELECT EXISTS (SELECT 1 FROM nodes
            WHERE beat_at > clock_timestamp() - make_interval(secs => $1))";
        let live = self.client.query_one(live, &[&NODE_PATIENCE.as_secs_f64()]).await.map_err(failed)?;
        if live.get(0) { Err(MoveError::TargetInUse(place.to_owned())) } else { Ok(()) }
    }

    /// Takes a batch over.
    pub(in crate::store) async fn take(&self, rows: Rows) -> Result<(), MoveError> {
        match rows {
            Rows::Users(rows) => self.each(&tables::USERS, rows, |row| user(&row)).await,
            Rows::Blocks(rows) => {
                self.each(&tables::BLOCKS, rows, |row| Ok(values![row.by, row.target])).await
            }
            Rows::Groups(rows) => self.each(&tables::GROUPS, rows, group).await,
            Rows::Members(rows) => self.each(&tables::MEMBERS, rows, |row| Ok(member(row))).await,
            Rows::Boards(rows) => {
                self.each(&tables::BOARDS, rows, |row| Ok(values![row.group, row.record])).await
            }
            Rows::Departures(rows) => {
                self.each(&tables::DEPARTURES, rows, |row| Ok(values![row.group, row.user])).await
            }
            Rows::Conversations(rows) => {
                let named = rows.into_iter().filter_map(conversation);
                self.copy(&tables::CONVERSATIONS, named).await
            }
            Rows::Readers(rows) => self.each(&tables::READERS, rows, |row| Ok(reader(row))).await,
            Rows::Invitations(rows) => self.invitations(rows).await,
            Rows::Calls(rows) => self.calls(rows).await,
            Rows::Rooms(rows) => self.each(&tables::ROOMS, rows, |row| Ok(values![row.room, row.call])).await,
            Rows::CallsSeen(rows) => {
                self.each(&tables::CALLS_SEEN, rows, |row| Ok(values![row.user, int(row.up_to)])).await
            }
            Rows::PlatformCursors(rows) => {
                self.each(&tables::PLATFORM_CURSORS, rows, |row| {
                    Ok(values![row.user, i16::from(row.platform), int(row.cursor)])
                })
                .await
            }
            Rows::Events(rows) => self.events(rows).await,
            Rows::ClientMessages(rows) => {
                self.each(&tables::CLIENT_MESSAGES, rows, |row| Ok(client_message(row))).await
            }
            Rows::KeptReplies(rows) => {
                self.each(&tables::KEPT_REPLIES, rows, |row| Ok(kept_reply(row))).await
            }
            Rows::Marks(rows) => self.each(&tables::MARKS, rows, |row| Ok(mark(&row))).await,
            Rows::Webhooks(rows) => self.each(&tables::WEBHOOKS, rows, webhook).await,
            Rows::PushTokens(rows) => self.each(&tables::PUSH_TOKENS, rows, |row| Ok(push_token(row))).await,
            Rows::Rings(rows) => self.each(&tables::RINGS, rows, |row| Ok(ring(row))).await,
        }
    }

    /// Makes everything true at once; then lets the database count its rows, so that it plans for them.
    pub(in crate::store) async fn commit(&self) -> Result<(), MoveError> {
        // Lists were made from the records of calls, which name deleted users too.
        let unlist = "DELETE FROM call_lists USING users WHERE users.user_id = call_lists.user_id AND deleted_at IS NOT NULL";
        self.client.batch_execute(unlist).await.map_err(failed)?;
        self.client.batch_execute("COMMIT").await.map_err(failed)?;
        if let Err(error) = self.client.batch_execute("ANALYZE").await {
            tracing::debug!(error = said(&error), "the database counts its rows later by itself");
        }
        Ok(())
    }

    async fn events(&self, rows: Vec<EventRow>) -> Result<(), MoveError> {
        let (mut events, mut streams, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let id = event_id(row.number);
            for place in row.places.iter().filter(|place| !place.dropped) {
                streams.push(values![place.user.clone(), int(place.cursor), id]);
            }
            messages.extend(row.message.as_ref().map(|row| message(row, id)));
            events.push(event(row, id)?);
        }
        self.copy(&tables::EVENTS, events.into_iter()).await?;
        self.copy(&tables::STREAMS, streams.into_iter()).await?;
        self.copy(&tables::MESSAGES, messages.into_iter()).await
    }

    async fn invitations(&self, rows: Vec<InvitationRow>) -> Result<(), MoveError> {
        let pending: Vec<Values> = rows.iter().flat_map(|row| pending(&row.invitation)).collect();
        self.each(&tables::INVITATIONS, rows, |row| Ok(self.invitation(row))).await?;
        self.copy(&tables::PENDING, pending.into_iter()).await
    }

    async fn calls(&self, rows: Vec<CallRow>) -> Result<(), MoveError> {
        let listed: Vec<Values> = rows.iter().flat_map(|row| listed(&row.call)).collect();
        let inside: Vec<Values> = rows.iter().flat_map(|row| inside(&row.call)).collect();
        self.each(&tables::CALLS, rows, |row| Ok(call(row))).await?;
        self.copy(&tables::CALL_LISTS, listed.into_iter()).await?;
        self.copy(&tables::IN_CALLS, inside.into_iter()).await
    }

    fn invitation(&self, row: InvitationRow) -> Values {
        let InvitationRow { invitation, terms, course } = row;
        values![
            invitation.id.to_string(),
            invitation.inviter.to_string(),
            only_invitee(&invitation).map(str::to_owned),
            invitation.group().map(GroupId::to_string),
            int(invitation.created_at),
            due_at(&invitation, self.no_deadline_age_ms),
            invitation.timeout == 0,
            self.node.0,
            terms,
            course,
        ]
    }

    async fn each<T>(
        &self,
        table: &Table,
        rows: Vec<T>,
        values_of: impl FnMut(T) -> Result<Values, MoveError>,
    ) -> Result<(), MoveError> {
        let rows = rows.into_iter().map(values_of).collect::<Result<Vec<_>, _>>()?;
        self.copy(table, rows.into_iter()).await
    }

    async fn copy(&self, table: &Table, rows: impl Iterator<Item = Values>) -> Result<(), MoveError> {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let types: Vec<Type> = table.columns.iter().map(|(_, kind)| kind.clone()).collect();
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table.name, names.join(", "));
        let sink = self.client.copy_in(&sql).await.map_err(failed)?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            let values: Vec<&(dyn ToSql + Sync)> =
                row.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            writer.as_mut().write(&values).await.map_err(failed)?;
        }
        writer.finish().await.map_err(failed).map(drop)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn failed(error: Error) -> MoveError {
    MoveError::Unwritten(said(&error))
}

fn unwritable(error: &serde_json::Error) -> MoveError {
    MoveError::Unwritten(error.to_string())
}

fn user(row: &UserRow) -> Result<Values, MoveError> {
    let profile = serde_json::to_string(&row.profile).map_err(|error| unwritable(&error))?;
    let open = i32::try_from(row.open_invitations).unwrap_or(i32::MAX);
    let name = row.profile.user_id.to_string();
    let (ring, add) = (words::reachable_by(row.reach.ring), words::reachable_by(row.reach.add));
    let (disabled, deleted) = (row.disabled_since.map(int), row.deleted_at.map(int));
    let (head, floor) = (int(row.head), int(row.floor));
    let (quiet, lately) = (row.quiet.clone(), row.rang.clone());
    Ok(values![
        name,
        profile,
        int(row.created_at),
        head,
        floor,
        open,
        ring,
        add,
        disabled,
        deleted,
        quiet,
        lately,
        row.status.clone()
    ])
}

fn group(row: GroupRow) -> Result<Values, MoveError> {
    let about = About { name: row.name, ext: row.ext, join_policy: row.join_policy };
    let about = serde_json::to_string(&about).map_err(|error| unwritable(&error))?;
    Ok(values![row.id, about, int(row.created_at)])
}

fn member(row: MemberRow) -> Values {
    values![row.group, row.user, row.role, int(row.joined_at), row.familiar]
}

/// Nothing for a conversation that nobody can find: its messages carry its id.
fn conversation(row: ConversationRow) -> Option<Values> {
    let writers = i16::from(row.writers.bits());
    Some(values![row.name?, conversation_id(row.number), int(row.last_seq), writers])
}

fn reader(row: ReaderRow) -> Values {
    let Reader { read_seq, deleted_seq, pinned } = row.reader;
    values![row.user, conversation_id(row.conversation), int(read_seq), deleted_seq.map(int), pinned]
}

/// SQLite counts these in memory.
fn pending(invitation: &Invitation) -> impl Iterator<Item = Values> {
    let (id, inviter) = (&invitation.id, &invitation.inviter);
    invitation.pending().map(move |invitee| values![invitee.to_string(), id.to_string(), inviter.to_string()])
}

fn call(row: CallRow) -> Values {
    let CallRow { call, record } = row;
    let (id, group) = (call.id().to_string(), call.group().map(GroupId::to_string));
    values![id, int(call.created_at), call.is_running(), group, record]
}

/// Everybody who was called or came has the call in their list.
fn listed(call: &Call) -> impl Iterator<Item = Values> {
    let (at, id) = (int(call.created_at), call.id());
    call.people.iter().map(move |person| values![person.user.to_string(), at, id.to_string()])
}

/// SQLite has an index of them in memory.
fn inside(call: &Call) -> impl Iterator<Item = Values> {
    call.joined().map(|user| values![user.to_string(), call.id().to_string()])
}

fn event(row: EventRow, id: Uuid) -> Result<Values, MoveError> {
    let places: Vec<(&str, u64)> =
        row.places.iter().map(|place| (place.user.as_str(), place.cursor)).collect();
    let places = serde_json::to_string(&places).map_err(|error| unwritable(&error))?;
    Ok(values![
        id,
        int(row.time),
        row.actor,
        row.online_only,
        row.invite_id,
        row.version.and_then(|version| i32::try_from(version).ok()),
        row.body,
        places,
        row.message.as_ref().map(|message| conversation_id(message.conversation)),
        row.message.as_ref().map(|message| int(message.seq)),
    ])
}

fn message(row: &MessageRow, event: Uuid) -> Values {
    values![
        conversation_id(row.conversation),
        int(row.seq),
        event,
        row.sender.clone(),
        row.counted,
        row.shown_last,
        row.revoked,
    ]
}

fn client_message(row: ClientMessageRow) -> Values {
    values![row.sender, row.client_msg_id.into_bytes(), int(row.time), row.sent]
}

fn kept_reply(row: KeptReplyRow) -> Values {
    values![row.holder, row.key, row.fingerprint, int(row.kept_at), row.reply, int(row.place)]
}

fn mark(row: &MarkRow) -> Values {
    let name = match row.kind {
        MarkKind::Streams => "streams",
        MarkKind::History => "history",
    };
    values![name, event_id(row.event)]
}

fn push_token(row: PushTokenRow) -> Values {
    let PushTokenRow { user, device, platform, token, digest, signed_at, registered_at } = row;
    values![user, device, i16::from(platform), token, digest, int(signed_at), int(registered_at)]
}

fn ring(row: RingRow) -> Values {
    let RingRow { invite, user, device, state, at, times } = row;
    let [sent, heard, ringing, pushed] = times.map(|time| time.map(int));
    values![invite, user, device, state, int(at), sent, heard, ringing, pushed]
}

fn webhook(row: WebhookRow) -> Result<Values, MoveError> {
    let named = |(event, aside)| SetAside { event: EventId(event_id(event).as_u128()), ..aside };
    let aside = row.aside.into_iter().map(named).collect();
    let place = row.place.map_or_else(Uuid::nil, event_id);
    let state = Served { aside, wishes: row.wishes, ..Served::default() }
        .state()
        .map_err(|error| unwritable(&error))?;
    Ok(values![row.endpoint, place, state])
}

/// Grows with the events of the source, and is cut by time like every event's id.
fn event_id(event: EventNumber) -> Uuid {
    numbered(event.time, event.number)
}

/// Conversations are in no order of time. At time 0 it is like no id that a node makes.
fn conversation_id(conversation: ConversationNumber) -> Uuid {
    numbered(0, conversation.0)
}

/// A UUID of version 7 with a row's number where others have randomness: two of one time stand in the order of their
/// numbers, and the same row gets the same id in each attempt at a move.
fn numbered(time: u64, number: i64) -> Uuid {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(time, &bytes).into_uuid()
}

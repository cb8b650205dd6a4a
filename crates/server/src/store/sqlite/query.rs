//! Queries that the writer and the readers share.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row};
use wigwag_engine::conversation::Writers;
use wigwag_engine::group::Membership;
use wigwag_engine::ledger::{MOST_FAMILIAR_GROUPS, MOST_SHARED_GROUPS, Reader};
use wigwag_engine::quiet::Kept;
use wigwag_engine::{Board, Call, ConversationId, Group, Invitation};
use wigwag_protocol::group::{GroupView, Profile, Reach};
use wigwag_protocol::message::Message;
use wigwag_protocol::{CallId, GroupId, InviteId, RoomId, UserId};

use crate::store::{Admission, StoreError, StreamBounds, bad_record, record, unreadable, words};
use crate::telemetry::Metrics;

/// The first letters of the name that a conversation has after its group was dismissed.
pub(super) const DISMISSED: &str = "dismissed:";

type Lookup<T> = Result<Option<T>, StoreError>;

/// A number that a client named, to be compared with a column. No cursor and no seq reaches 2⁶³ - 1, the greatest number of a
/// column, so a greater one finds what it would find if columns went further.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn user_row(connection: &Connection, id: &UserId) -> Lookup<i64> {
    row_of(connection, "SELECT id FROM users WHERE user_id = ?", id.as_str())
}

pub(super) fn group_row(connection: &Connection, id: &GroupId) -> Lookup<i64> {
    row_of(connection, "SELECT id FROM groups WHERE group_id = ?", id.as_str())
}

pub(super) fn conversation_row(connection: &Connection, id: &ConversationId) -> Lookup<i64> {
    row_of(connection, "SELECT id FROM conversations WHERE name = ?", &id.to_string())
}

fn row_of(connection: &Connection, sql: &str, name: &str) -> Lookup<i64> {
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

/// What a user's own row says of them.
pub(super) struct OwnRow {
    pub(super) row: i64,
    pub(super) profile: Profile,
    pub(super) reach: Reach,
    /// Whether they have said when they are quiet.
    pub(super) has_quiet: bool,
    /// What they say of themselves.
    pub(super) status: String,
    /// Since when they may not sign in, server time in ms.
    pub(super) disabled_since: Option<u64>,
    /// When they were deleted, server time in ms.
    pub(super) deleted_at: Option<u64>,
}

/// In one query: the writer reads the rows of everybody whom a batch concerns.
pub(super) fn user(connection: &Connection, id: &UserId) -> Lookup<OwnRow> {
    let mut statement = connection.prepare_cached(
        "SELECT id, nickname, face_url, ext, reach_ring, reach_add, disabled_since, deleted_at,
            quiet IS NOT NULL, status
         FROM users WHERE user_id = ?",
    )?;
    let read = |row: &Row<'_>| {
        let profile =
            Profile { user_id: id.clone(), nickname: row.get(1)?, face_url: row.get(2)?, ext: row.get(3)? };
        let reach = words::read_reach(row.get_ref(4)?.as_str()?, row.get_ref(5)?.as_str()?);
        let (disabled_since, deleted_at, has_quiet, status) =
            (row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?);
        Ok(OwnRow { row: row.get(0)?, profile, reach, has_quiet, status, disabled_since, deleted_at })
    };
    Ok(statement.query_row([id.as_str()], read).optional()?)
}

/// Who may ring and add the user in this row.
pub(super) fn reach(connection: &Connection, row: i64) -> Result<Reach, StoreError> {
    let mut statement = connection.prepare_cached("SELECT reach_ring, reach_add FROM users WHERE id = ?")?;
    let words: (String, String) = statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(words::read_reach(&words.0, &words.1))
}

/// When the user in this row is quiet, and who rang them lately.
pub(super) fn quiet(connection: &Connection, row: i64) -> Lookup<Kept> {
    let mut statement = connection.prepare_cached("SELECT quiet, rang FROM users WHERE id = ?")?;
    let records: (Option<String>, Option<String>) =
        statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    record::read_kept(records.0.as_deref(), records.1.as_deref())
}

/// When the user in this row was deleted, server time in ms.
pub(super) fn deleted_at(connection: &Connection, row: i64) -> Lookup<u64> {
    let mut statement = connection.prepare_cached("SELECT deleted_at FROM users WHERE id = ?")?;
    Ok(statement.query_row([row], |row| row.get(0))?)
}

/// Which of the two users of a conversation have written to the other.
pub(super) fn writers(connection: &Connection, conversation: i64) -> Result<Writers, StoreError> {
    let mut statement = connection.prepare_cached("SELECT writers FROM conversations WHERE id = ?")?;
    Ok(Writers::of_bits(statement.query_row([conversation], |row| row.get(0))?))
}

/// Some groups of `of` that are familiar to them and have `with` as a member, by user rows.
pub(super) fn shared_groups(connection: &Connection, of: i64, with: i64) -> Result<Vec<GroupId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT group_id FROM (SELECT group_row FROM members WHERE user = ? AND familiar
            ORDER BY joined_at DESC LIMIT ?) AS own
         JOIN members AS other ON other.group_row = own.group_row AND other.user = ?
         JOIN groups ON groups.id = own.group_row LIMIT ?",
    )?;
    let range = (of, MOST_FAMILIAR_GROUPS, with, MOST_SHARED_GROUPS);
    let names = statement.query_map(range, |row| row.get::<_, String>(0))?;
    names.map(|name| GroupId::parse(&name?).map_err(|error| bad_record(&error))).collect()
}

pub(super) fn user_name(connection: &Connection, row: i64) -> Result<UserId, StoreError> {
    let mut statement = connection.prepare_cached("SELECT user_id FROM users WHERE id = ?")?;
    let name: String = statement.query_row([row], |row| row.get(0))?;
    UserId::parse(&name).map_err(|error| bad_record(&error))
}

/// How far a kind of retention, or the merging of the journal, has come: an event or invitation by row.
pub(super) fn mark(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM marks WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// The bounds as the tables know them; the tail may be newer.
pub(super) fn stream_bounds(connection: &Connection, user: i64) -> Result<StreamBounds, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT stream_floor, max(stream_head, coalesce((SELECT max(cursor) FROM streams WHERE user = users.id), 0)),
            disabled_since IS NOT NULL, deleted_at IS NOT NULL
         FROM users WHERE id = ?",
    )?;
    let read = |row: &Row<'_>| {
        let admission = Admission::of(row.get(2)?, row.get(3)?);
        Ok(StreamBounds { floor: row.get(0)?, head: row.get(1)?, admission })
    };
    Ok(statement.query_row([user], read)?)
}

/// The newest seq as the tables know it; the tail may be newer.
pub(super) fn last_seq(connection: &Connection, conversation: i64) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT max(last_seq, coalesce((SELECT max(seq) FROM messages WHERE conversation = conversations.id), 0))
         FROM conversations WHERE id = ?",
    )?;
    Ok(statement.query_row([conversation], |row| row.get(0))?)
}

pub(super) fn invitation(connection: &Connection, id: &InviteId) -> Lookup<(i64, Invitation)> {
    let mut statement = connection.prepare_cached(
        "SELECT id, terms, course FROM invitations LEFT JOIN courses ON invitation = id WHERE invite_id = ?",
    )?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(|row| Ok((row.get(0)?, read_invitation(row)?))).transpose()
}

pub(super) fn invitation_at(connection: &Connection, row: i64) -> Result<Invitation, StoreError> {
    Ok(measured_invitation_at(connection, row)?.0)
}

/// The invitation, and how many bytes it has in the tables.
pub(super) fn measured_invitation_at(
    connection: &Connection,
    row: i64,
) -> Result<(Invitation, usize), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, terms, course FROM invitations LEFT JOIN courses ON invitation = id WHERE id = ?",
    )?;
    let mut rows = statement.query([row])?;
    let found = rows.next()?.ok_or_else(|| bad_record(&format!("invitation {row} is gone")))?;
    let bytes_of = |column| {
        found.get_ref(column).map(|text| text.as_bytes_or_null().ok().flatten().map_or(0, <[u8]>::len))
    };
    Ok((read_invitation(found)?, bytes_of(1)? + bytes_of(2)?))
}

/// The row of the invitation of that name that was made at that time.
pub(super) fn invitation_row(connection: &Connection, id: &InviteId, created_at: u64) -> Lookup<i64> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM invitations WHERE invite_id = ? AND created_at = ?")?;
    Ok(statement.query_row((id.as_str(), created_at), |row| row.get(0)).optional()?)
}

pub(super) fn invitation_made_at(connection: &Connection, row: i64) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT created_at FROM invitations WHERE id = ?")?;
    Ok(statement.query_row([row], |row| row.get(0))?)
}

/// Hands every open invitation with its row to `each`, oldest first. One that cannot be read is left out: it must not keep
/// the server from starting.
pub(super) fn each_open(
    connection: &Connection,
    metrics: &Metrics,
    mut each: impl FnMut(i64, Invitation) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, terms, course FROM open_invitations AS open
         JOIN invitations ON id = open.invitation LEFT JOIN courses ON courses.invitation = id ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        match read_invitation(row) {
            Ok(invitation) => each(id, invitation)?,
            Err(error) => unreadable::left_out("an open invitation", &id, &error, metrics),
        }
    }
    Ok(())
}

/// The call with its row.
pub(super) fn call(connection: &Connection, id: &CallId) -> Lookup<(i64, Call)> {
    let mut statement = connection.prepare_cached("SELECT id, record FROM calls WHERE call_id = ?")?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(|row| Ok((row.get(0)?, read_call(row, 1)?))).transpose()
}

pub(super) fn call_at(connection: &Connection, row: i64) -> Lookup<Call> {
    let mut statement = connection.prepare_cached("SELECT record FROM calls WHERE id = ?")?;
    let mut rows = statement.query([row])?;
    rows.next()?.map(|row| read_call(row, 0)).transpose()
}

pub(super) fn call_name(connection: &Connection, row: i64) -> Result<CallId, StoreError> {
    let mut statement = connection.prepare_cached("SELECT call_id FROM calls WHERE id = ?")?;
    let name: String = statement.query_row([row], |row| row.get(0))?;
    CallId::parse(&name).map_err(|error| bad_record(&error))
}

pub(super) fn newest_of_room(connection: &Connection, room: &RoomId) -> Lookup<Call> {
    let mut statement =
        connection.prepare_cached("SELECT record FROM calls WHERE room_id = ? ORDER BY id DESC LIMIT 1")?;
    let mut rows = statement.query([room.as_str()])?;
    rows.next()?.map(|row| read_call(row, 0)).transpose()
}

/// Up to when a user has looked at their missed calls.
pub(super) fn calls_seen(connection: &Connection, user: i64) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT up_to FROM calls_seen WHERE user = ?")?;
    Ok(statement.query_row([user], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Hands every running call with its row to `each`, oldest first. One that cannot be read is left out.
pub(super) fn each_running(
    connection: &Connection,
    metrics: &Metrics,
    each: impl FnMut(i64, Call) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = "SELECT calls.id, record FROM running_calls JOIN calls ON calls.id = call ORDER BY calls.id";
    each_call(connection, sql, metrics, each)
}

/// The same with every call that is not in the lists of those with whom it began.
pub(super) fn each_unlisted(
    connection: &Connection,
    metrics: &Metrics,
    each: impl FnMut(i64, Call) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = "SELECT id, record FROM calls
               WHERE id > (SELECT value FROM marks WHERE name = 'listed_calls') ORDER BY id";
    each_call(connection, sql, metrics, each)
}

fn each_call(
    connection: &Connection,
    sql: &str,
    metrics: &Metrics,
    mut each: impl FnMut(i64, Call) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        match read_call(row, 1) {
            Ok(call) => each(id, call)?,
            Err(error) => unreadable::left_out("a call", &id, &error, metrics),
        }
    }
    Ok(())
}

pub(super) fn read_call(row: &Row<'_>, column: usize) -> Result<Call, StoreError> {
    record::read_call(row.get_ref(column)?.as_str().map_err(|error| bad_record(&error))?)
}

/// `id, terms, course`
fn read_invitation(row: &Row<'_>) -> Result<Invitation, StoreError> {
    let course = row.get_ref(2)?.as_str_or_null().map_err(|error| bad_record(&error))?;
    let terms = row.get_ref(1)?.as_str().map_err(|error| bad_record(&error))?;
    record::read(terms, course)
}

pub(super) fn group(connection: &Connection, group: i64) -> Lookup<Group> {
    let mut statement = connection
        .prepare_cached("SELECT group_id, name, ext, join_policy, created_at FROM groups WHERE id = ?")?;
    let read =
        |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?, row.get(4)?));
    let found: Option<(String, String, String, String, u64)> =
        statement.query_row([group], read).optional()?;
    let Some((id, name, ext, join_policy, created_at)) = found else { return Ok(None) };
    Ok(Some(Group {
        id: GroupId::parse(&id).map_err(|error| bad_record(&error))?,
        name,
        ext,
        join_policy: words::read_join_policy(&join_policy),
        created_at,
        members: members(connection, group)?,
    }))
}

/// The owner has an index of their own, and the members are counted already.
pub(super) const GROUP_VIEW: &str =
    "SELECT group_id, groups.name, ext, join_policy, created_at, member_count,
        (SELECT members.name FROM members WHERE group_row = groups.id AND role = 'owner')
     FROM groups WHERE id = ?";

/// The group as clients see it, without its members.
pub(super) fn group_view(connection: &Connection, group: i64) -> Lookup<GroupView> {
    let mut statement = connection.prepare_cached(GROUP_VIEW)?;
    let mut rows = statement.query([group])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let owner: Option<String> = row.get(6)?;
    let owner = owner.ok_or_else(|| bad_record(&"it has no owner"))?;
    Ok(Some(GroupView {
        group_id: GroupId::parse(&row.get::<_, String>(0)?).map_err(|error| bad_record(&error))?,
        name: row.get(1)?,
        ext: row.get(2)?,
        join_policy: words::read_join_policy(&row.get::<_, String>(3)?),
        owner: UserId::parse(&owner).map_err(|error| bad_record(&error))?,
        member_count: row.get(5)?,
        created_at: row.get(4)?,
    }))
}

/// What stands on the group's board.
pub(super) fn board(connection: &Connection, group: i64) -> Result<Board, StoreError> {
    let mut statement = connection.prepare_cached("SELECT record FROM boards WHERE group_row = ?")?;
    let found: Option<String> = statement.query_row([group], |row| row.get(0)).optional()?;
    found.map_or_else(|| Ok(Board::default()), |text| record::read_board(&text))
}

fn members(connection: &Connection, group: i64) -> Result<BTreeMap<UserId, Membership>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT user_id, role, joined_at, familiar FROM members JOIN users ON users.id = members.user WHERE group_row = ?",
    )?;
    let mut rows = statement.query([group])?;
    let mut members = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let user = UserId::parse(&row.get::<_, String>(0)?).map_err(|error| bad_record(&error))?;
        let role = words::read_role(&row.get::<_, String>(1)?);
        members.insert(user, Membership { role, joined_at: row.get(2)?, familiar: row.get(3)? });
    }
    Ok(members)
}

pub(super) fn read_seq(connection: &Connection, user: i64, conversation: i64) -> Lookup<u64> {
    let mut statement =
        connection.prepare_cached("SELECT read_seq FROM readers WHERE user = ? AND conversation = ?")?;
    Ok(statement.query_row([user, conversation], |row| row.get(0)).optional()?)
}

/// What the user's list says of a conversation; `None` when it is not in it.
pub(super) fn reader(connection: &Connection, user: i64, conversation: i64) -> Lookup<Reader> {
    let mut statement = connection.prepare_cached(
        "SELECT read_seq, deleted_seq, pinned FROM readers WHERE user = ? AND conversation = ?",
    )?;
    let read =
        |row: &Row<'_>| Ok(Reader { read_seq: row.get(0)?, deleted_seq: row.get(1)?, pinned: row.get(2)? });
    Ok(statement.query_row([user, conversation], read).optional()?)
}

pub(super) fn message_event(connection: &Connection, conversation: i64, seq: u64) -> Lookup<i64> {
    let mut statement =
        connection.prepare_cached("SELECT event FROM messages WHERE conversation = ? AND seq = ?")?;
    Ok(statement.query_row((conversation, int(seq)), |row| row.get(0)).optional()?)
}

pub(super) fn is_revoked(connection: &Connection, conversation: i64, seq: u64) -> Result<bool, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM revoked WHERE conversation = ? AND seq = ?")?;
    Ok(statement.exists((conversation, int(seq)))?)
}

/// The message an event carries, as it was sent.
pub(super) fn message(connection: &Connection, event: i64) -> Lookup<Message> {
    let mut statement = connection.prepare_cached("SELECT time, body FROM events WHERE id = ?")?;
    let found: Option<(u64, String)> =
        statement.query_row([event], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found.map_or(Ok(None), |(time, body)| record::message(&body, time))
}

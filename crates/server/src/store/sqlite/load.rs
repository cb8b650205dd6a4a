//! Loading keys into the ledger: one function per kind of key.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use wigwag_engine::conversation::ConversationHead;
use wigwag_engine::ledger::{Key, Loaded, StoredMessage, User};
use wigwag_engine::open::{LastingTo, OpenInGroup, Pending};
use wigwag_engine::{ConversationId, Invitation};
use wigwag_protocol::{CallId, GroupId, InviteId, UserId};

use super::SharedMemory;
use super::query;
use super::rows::RowNumbers;
use crate::store::{StoreError, bad_record};

/// The writer's connection, with the row numbers it knows.
pub(super) struct Loader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) rows: &'a mut RowNumbers,
    pub(super) shared: &'a SharedMemory,
}

impl Loader<'_> {
    pub(super) fn load(&mut self, key: Key) -> Result<Loaded, StoreError> {
        Ok(match key {
            Key::User(id) => self.user(id)?,
            Key::Quiet(user) => self.quiet(user)?,
            Key::Block(by, target) => self.block(by, target)?,
            Key::Invitation(id) => self.invitation(id)?,
            Key::OpenCount(inviter) => {
                let row = self.user_row(&inviter)?;
                let count = row.map_or(0, |row| self.shared.open.read().count(row));
                Loaded::OpenCount(inviter, count)
            }
            Key::OpenLasting(inviter) => self.open_lasting(inviter)?,
            Key::OpenInGroup(group) => self.open_in_group(group)?,
            Key::PendingFor(user) => self.pending_for(user)?,
            Key::Call(id) => self.call(id)?,
            Key::Room(room) => {
                let newest = query::newest_of_room(self.connection, &room)?;
                Loaded::Room(room, newest.map(|call| call.id().clone()))
            }
            Key::InCall(user) => self.in_call(user)?,
            Key::RunningInGroup(group) => self.running_in_group(group)?,
            Key::CallsSeen(user) => {
                let row = self.user_row(&user)?;
                let up_to = row.map(|row| query::calls_seen(self.connection, row)).transpose()?;
                Loaded::CallsSeen(user, up_to.unwrap_or(0))
            }
            Key::Group(id) => self.group(id)?,
            Key::Board(group) => self.board(group)?,
            Key::HasLeft(group, user) => self.has_left(group, user)?,
            Key::GroupCount(user) => self.group_count(user)?,
            Key::SharedGroups(of, with) => self.shared_groups(of, with)?,
            Key::Conversation(id) => self.conversation(id)?,
            Key::Message(conversation, seq) => self.message(conversation, seq)?,
            Key::ClientMessage(sender, id) => self.client_message(sender, id)?,
            Key::Read(user, conversation) => self.read(user, conversation)?,
            Key::PinCount(user) => self.pin_count(user)?,
        })
    }

    fn user(&mut self, id: UserId) -> Result<Loaded, StoreError> {
        let Some(query::OwnRow { row, profile, reach, has_quiet, status, disabled_since, deleted_at }) =
            query::user(self.connection, &id)?
        else {
            return Ok(Loaded::User(id, None));
        };
        self.rows.users.insert(id.clone(), row);
        let tail = self.shared.tails.read().streams.newest(row);
        let head = match tail {
            Some(newest) => newest,
            None => query::stream_bounds(self.connection, row)?.head,
        };
        let user = User { profile, head, reach, has_quiet, status, disabled_since, deleted_at };
        Ok(Loaded::User(id, Some(user)))
    }

    fn quiet(&mut self, user: UserId) -> Result<Loaded, StoreError> {
        let row = self.user_row(&user)?;
        let kept = row.map(|row| query::quiet(self.connection, row)).transpose()?.flatten();
        Ok(Loaded::Quiet(user, kept.map(Arc::new)))
    }

    /// The row of a registered user, also of one that is not in the ledger.
    pub(super) fn user_row(&mut self, id: &UserId) -> Result<Option<i64>, StoreError> {
        if let Some(row) = self.rows.users.get(id) {
            return Ok(Some(*row));
        }
        let row = query::user_row(self.connection, id)?;
        if let Some(row) = row {
            self.rows.users.insert(id.clone(), row);
        }
        Ok(row)
    }

    pub(super) fn group_row(&mut self, id: &GroupId) -> Result<Option<i64>, StoreError> {
        if let Some(row) = self.rows.groups.get(id) {
            return Ok(Some(*row));
        }
        let row = query::group_row(self.connection, id)?;
        if let Some(row) = row {
            self.rows.groups.insert(id.clone(), row);
        }
        Ok(row)
    }

    pub(super) fn conversation_row(&mut self, id: &ConversationId) -> Result<Option<i64>, StoreError> {
        if let Some(row) = self.rows.conversations.get(id) {
            return Ok(Some(*row));
        }
        let row = query::conversation_row(self.connection, id)?;
        if let Some(row) = row {
            self.rows.conversations.insert(id.clone(), row);
        }
        Ok(row)
    }

    fn block(&mut self, by: UserId, target: UserId) -> Result<Loaded, StoreError> {
        let rows = self.user_row(&by)?.zip(self.user_row(&target)?);
        let on = match rows {
            Some((by, target)) => self
                .connection
                .prepare_cached("SELECT 1 FROM blocks WHERE by_user = ? AND target = ?")?
                .exists([by, target])?,
            None => false,
        };
        Ok(Loaded::Block(by, target, on))
    }

    fn invitation(&mut self, id: InviteId) -> Result<Loaded, StoreError> {
        let found = query::invitation(self.connection, &id)?;
        let invitation = found.map(|(row, invitation)| {
            self.rows.invitations.insert(id.clone(), row);
            Arc::new(invitation)
        });
        Ok(Loaded::Invitation(id, invitation))
    }

    fn open_lasting(&mut self, inviter: UserId) -> Result<Loaded, StoreError> {
        let row = self.user_row(&inviter)?;
        let rows = row.map_or_else(Vec::new, |row| self.shared.open.read().lasting(row).to_vec());
        let mut open = Vec::with_capacity(rows.len());
        for row in rows {
            open.extend(LastingTo::of(&query::invitation_at(self.connection, row)?));
        }
        Ok(Loaded::OpenLasting(inviter, open))
    }

    fn open_in_group(&mut self, group: GroupId) -> Result<Loaded, StoreError> {
        let Some(row) = self.group_row(&group)? else {
            return Ok(Loaded::OpenInGroup(group, Vec::new()));
        };
        let rows = self.shared.open.read().of_group(row).to_vec();
        let mut open = Vec::with_capacity(rows.len());
        for row in rows {
            let invitation: Invitation = query::invitation_at(self.connection, row)?;
            self.rows.invitations.insert(invitation.id.clone(), row);
            open.push(OpenInGroup::of(&invitation));
        }
        Ok(Loaded::OpenInGroup(group, open))
    }

    /// An invitation with a deadline is only counted, so it is not read.
    fn pending_for(&mut self, user: UserId) -> Result<Loaded, StoreError> {
        let row = self.user_row(&user)?;
        let open = self.shared.open.read();
        let mut pending = Vec::new();
        for one in row.map_or(&[][..], |row| open.pending_for(row)) {
            pending.push(if open.is_lasting(*one) {
                Pending::of(&query::invitation_at(self.connection, one.invitation)?)
            } else {
                Pending { inviter: query::user_name(self.connection, one.inviter)?, lasting: None }
            });
        }
        Ok(Loaded::PendingFor(user, pending))
    }

    fn call(&mut self, id: CallId) -> Result<Loaded, StoreError> {
        let found = query::call(self.connection, &id)?;
        let call = found.map(|(row, call)| {
            self.rows.calls.insert(id.clone(), row);
            Arc::new(call)
        });
        Ok(Loaded::Call(id, call))
    }

    fn in_call(&mut self, user: UserId) -> Result<Loaded, StoreError> {
        let row = self.user_row(&user)?;
        let call = row.and_then(|row| self.shared.calls.read().with(row));
        let call = call.map(|call| query::call_name(self.connection, call)).transpose()?;
        Ok(Loaded::InCall(user, call))
    }

    fn running_in_group(&mut self, group: GroupId) -> Result<Loaded, StoreError> {
        let row = self.group_row(&group)?;
        let rows = row.map_or_else(Vec::new, |row| self.shared.calls.read().of_group(row).to_vec());
        let running = rows.into_iter().map(|row| query::call_name(self.connection, row));
        Ok(Loaded::RunningInGroup(group, running.collect::<Result<_, _>>()?))
    }

    fn group(&mut self, id: GroupId) -> Result<Loaded, StoreError> {
        let Some(row) = self.group_row(&id)? else {
            return Ok(Loaded::Group(id, None));
        };
        let group = query::group(self.connection, row)?;
        Ok(Loaded::Group(id, group))
    }

    fn board(&mut self, group: GroupId) -> Result<Loaded, StoreError> {
        let row = self.group_row(&group)?;
        let board = row.map(|row| query::board(self.connection, row)).transpose()?;
        Ok(Loaded::Board(group, board.unwrap_or_default()))
    }

    fn has_left(&mut self, group: GroupId, user: UserId) -> Result<Loaded, StoreError> {
        let has_left = match self.group_row(&group)?.zip(self.user_row(&user)?) {
            Some(rows) => self
                .connection
                .prepare_cached("SELECT 1 FROM departures WHERE group_row = ? AND user = ?")?
                .exists(rows)?,
            None => false,
        };
        Ok(Loaded::HasLeft(group, user, has_left))
    }

    fn group_count(&mut self, user: UserId) -> Result<Loaded, StoreError> {
        let count = match self.user_row(&user)? {
            Some(row) => self
                .connection
                .prepare_cached("SELECT count(*) FROM members WHERE user = ?")?
                .query_row([row], |row| row.get(0))?,
            None => 0,
        };
        Ok(Loaded::GroupCount(user, count))
    }

    fn shared_groups(&mut self, of: UserId, with: UserId) -> Result<Loaded, StoreError> {
        let groups = match self.user_row(&of)?.zip(self.user_row(&with)?) {
            Some(rows) => query::shared_groups(self.connection, rows.0, rows.1)?,
            None => Vec::new(),
        };
        Ok(Loaded::SharedGroups(of, with, groups))
    }

    fn conversation(&mut self, id: ConversationId) -> Result<Loaded, StoreError> {
        let Some(row) = self.conversation_row(&id)? else {
            return Ok(Loaded::Conversation(id, ConversationHead::default()));
        };
        let tail = self.shared.tails.read().messages.newest(row);
        let last_seq = match tail {
            Some(newest) => newest,
            None => query::last_seq(self.connection, row)?,
        };
        let writers = query::writers(self.connection, row)?;
        Ok(Loaded::Conversation(id, ConversationHead { last_seq, writers }))
    }

    fn message(&mut self, conversation: ConversationId, seq: u64) -> Result<Loaded, StoreError> {
        let Some(row) = self.conversation_row(&conversation)? else {
            return Ok(Loaded::Message(conversation, seq, None));
        };
        let entry =
            self.shared.tails.read().messages.entries(row).find(|entry| entry.position == seq).copied();
        let event = match entry {
            Some(entry) => Some(entry.event),
            None => query::message_event(self.connection, row, seq)?,
        };
        let Some(message) = event.map(|event| query::message(self.connection, event)).transpose()?.flatten()
        else {
            return Ok(Loaded::Message(conversation, seq, None));
        };
        let revoked = query::is_revoked(self.connection, row, seq)?;
        let stored = StoredMessage {
            message_id: message.message_id,
            sender: message.sender,
            time: message.time,
            revoked,
        };
        Ok(Loaded::Message(conversation, seq, Some(stored)))
    }

    fn client_message(&mut self, sender: UserId, id: String) -> Result<Loaded, StoreError> {
        let row = self.user_row(&sender)?;
        let text: Option<String> = match row {
            Some(row) => self
                .connection
                .prepare_cached("SELECT sent FROM client_messages WHERE sender = ? AND client_msg_id = ?")?
                .query_row((row, &id), |row| row.get(0))
                .optional()?,
            None => None,
        };
        let sent =
            text.map(|text| serde_json::from_str(&text).map_err(|error| bad_record(&error))).transpose()?;
        Ok(Loaded::ClientMessage(sender, id, sent))
    }

    fn read(&mut self, user: UserId, conversation: ConversationId) -> Result<Loaded, StoreError> {
        let rows = self.user_row(&user)?.zip(self.conversation_row(&conversation)?);
        let reader = rows
            .map(|(user, conversation)| query::reader(self.connection, user, conversation))
            .transpose()?;
        Ok(Loaded::Read(user, conversation, reader.flatten().unwrap_or_default()))
    }

    fn pin_count(&mut self, user: UserId) -> Result<Loaded, StoreError> {
        let count = match self.user_row(&user)? {
            Some(row) => self
                .connection
                .prepare_cached("SELECT count(*) FROM readers INDEXED BY pins WHERE user = ? AND pinned = 1")?
                .query_row([row], |row| row.get(0))?,
            None => 0,
        };
        Ok(Loaded::PinCount(user, count))
    }
}

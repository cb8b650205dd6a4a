//! Row numbers of the names that the writer has seen. Tables refer to each other by these small integers.

use std::collections::HashMap;

use rusqlite::Connection;
use wigwag_engine::ConversationId;
use wigwag_protocol::{CallId, GroupId, InviteId, UserId};

use super::merge::NextRows;
use super::query;
use crate::store::StoreError;

/// Finds the rows of names, where they are known: on disk, or among what the writer has seen.
pub(super) trait NamedRows {
    fn user(&self, id: &UserId) -> Result<Option<i64>, StoreError>;
    fn group(&self, id: &GroupId) -> Result<Option<i64>, StoreError>;

    /// The rows of those of these users who have one.
    fn users<'a>(&self, ids: impl Iterator<Item = &'a UserId>) -> Result<Vec<i64>, StoreError> {
        ids.filter_map(|id| self.user(id).transpose()).collect()
    }
}

impl NamedRows for Connection {
    fn user(&self, id: &UserId) -> Result<Option<i64>, StoreError> {
        query::user_row(self, id)
    }

    fn group(&self, id: &GroupId) -> Result<Option<i64>, StoreError> {
        query::group_row(self, id)
    }
}

impl NamedRows for RowNumbers {
    fn user(&self, id: &UserId) -> Result<Option<i64>, StoreError> {
        Ok(self.users.get(id).copied())
    }

    fn group(&self, id: &GroupId) -> Result<Option<i64>, StoreError> {
        Ok(self.groups.get(id).copied())
    }
}

/// The row of each name, and the next row of each table. Only the writer inserts, so it numbers rows itself.
#[derive(Debug, Default)]
pub(super) struct RowNumbers {
    pub(super) users: HashMap<UserId, i64>,
    pub(super) conversations: HashMap<ConversationId, i64>,
    pub(super) groups: HashMap<GroupId, i64>,
    pub(super) invitations: HashMap<InviteId, i64>,
    pub(super) calls: HashMap<CallId, i64>,
    next_user: i64,
    next_conversation: i64,
    next_group: i64,
    next_invitation: i64,
    next_call: i64,
    next_event: i64,
}

impl RowNumbers {
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let next = |table: &str| {
            connection
                .query_row(&format!("SELECT coalesce(max(id), 0) + 1 FROM {table}"), [], |row| row.get(0))
        };
        let swept = |kind: &str| {
            let sql = "SELECT coalesce((SELECT value FROM marks WHERE name = ?), 0)";
            connection.query_row(sql, [kind], |row| row.get::<_, i64>(0))
        };
        // An event number must never be used twice, even if retention dropped the newest events.
        let indexed: i64 =
            connection.query_row("SELECT value FROM marks WHERE name = 'indexed'", [], |row| row.get(0))?;
        Ok(Self {
            next_user: next("users")?,
            next_conversation: next("conversations")?,
            next_group: next("groups")?,
            next_invitation: next("invitations")?.max(swept("swept_invitations")? + 1),
            next_call: next("calls")?.max(swept("swept_calls")? + 1),
            next_event: next("events")?.max(indexed + 1),
            ..Self::default()
        })
    }

    pub(super) fn new_user(&mut self, id: &UserId) -> i64 {
        number(&mut self.next_user, &mut self.users, id)
    }

    pub(super) fn new_conversation(&mut self, id: &ConversationId) -> i64 {
        number(&mut self.next_conversation, &mut self.conversations, id)
    }

    pub(super) fn new_group(&mut self, id: &GroupId) -> i64 {
        number(&mut self.next_group, &mut self.groups, id)
    }

    pub(super) fn new_invitation(&mut self, id: &InviteId) -> i64 {
        number(&mut self.next_invitation, &mut self.invitations, id)
    }

    pub(super) fn new_call(&mut self, id: &CallId) -> i64 {
        number(&mut self.next_call, &mut self.calls, id)
    }

    pub(super) fn new_event(&mut self) -> i64 {
        let event = self.next_event;
        self.next_event += 1;
        event
    }

    /// Forgets which row each name has, but not which rows are in use.
    pub(super) fn forget_names(&mut self) {
        self.users.clear();
        self.conversations.clear();
        self.groups.clear();
        self.invitations.clear();
        self.calls.clear();
    }

    /// The numbers that the next event and the next call will get.
    pub(super) fn next(&self) -> NextRows {
        NextRows { event: self.next_event, call: self.next_call }
    }
}

fn number<K: Clone + Eq + std::hash::Hash>(next: &mut i64, rows: &mut HashMap<K, i64>, id: &K) -> i64 {
    let row = *next;
    *next += 1;
    rows.insert(id.clone(), row);
    row
}

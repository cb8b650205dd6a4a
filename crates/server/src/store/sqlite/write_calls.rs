//! Writing calls, inside the writer's transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use wigwag_engine::Call;
use wigwag_protocol::UserId;

use super::running_calls::CallMove;
use super::tail::TailEntry;
use super::write::{Write, Written};
use crate::store::{StoreError, bad_record, record};

/// Calls by row, as they are after the batch: only the last version of each is written.
#[derive(Debug, Default)]
pub(super) struct CallsWritten {
    begun: BTreeMap<i64, Arc<Call>>,
    changed: BTreeMap<i64, Arc<Call>>,
}

impl Write<'_> {
    pub(super) fn call_set(&mut self, call: &Arc<Call>) -> Written {
        if call.version == 1 {
            return self.call_begun(call);
        }
        let row = self.call(call)?;
        match self.calls.begun.get_mut(&row) {
            Some(begun) => *begun = Arc::clone(call),
            None => {
                self.calls.changed.insert(row, Arc::clone(call));
            }
        }
        if !call.is_running() {
            self.after_commit.calls.push(CallMove::Over { call: row });
        }
        Ok(())
    }

    fn call_begun(&mut self, call: &Arc<Call>) -> Written {
        let row = self.rows.new_call(call.id());
        self.calls.begun.insert(row, Arc::clone(call));
        if let (true, Some(group)) = (call.is_running(), call.group())
            && let Some(group) = self.loader().group_row(group)?
        {
            self.after_commit.calls.push(CallMove::Begun { call: row, group });
        }
        Ok(())
    }

    /// The lists of those with whom a call begins are merged later, as streams are, and made again from the calls' records after a
    /// crash. Whoever comes into it later is few.
    pub(super) fn call_listed(&mut self, user: &UserId, call: &Call) -> Written {
        let (user, event, position) = (self.user(user)?, self.call(call)?, call.created_at);
        if self.calls.begun.contains_key(&event) {
            self.after_commit.listed.push((user, TailEntry { position, event, sender: 0, flags: 0 }));
            return Ok(());
        }
        let row = (user, position, event);
        self.run("INSERT OR IGNORE INTO call_lists (user, created_at, call) VALUES (?, ?, ?)", row)
    }

    pub(super) fn moves_in(&mut self, user: &UserId, call: &Call) -> Written {
        let entered = CallMove::Entered { user: self.user(user)?, call: self.call(call)? };
        self.after_commit.calls.push(entered);
        Ok(())
    }

    pub(super) fn moves_out(&mut self, user: &UserId, call: &Call) -> Written {
        let exited = CallMove::Exited { user: self.user(user)?, call: self.call(call)? };
        self.after_commit.calls.push(exited);
        Ok(())
    }

    /// Writes the noted calls, after everything else of the batch.
    pub(super) fn write_calls(&mut self) -> Written {
        let CallsWritten { begun, changed } = std::mem::take(&mut self.calls);
        for (row, call) in begun {
            self.run(
                "INSERT INTO calls (id, call_id, room_id, created_at, record) VALUES (?, ?, ?, ?, ?)",
                (row, call.id().as_str(), call.room().as_str(), call.created_at, record::call(&call)?),
            )?;
            if call.is_running() {
                self.run("INSERT INTO running_calls (call) VALUES (?)", [row])?;
            }
        }
        for (row, call) in changed {
            self.run("UPDATE calls SET record = ? WHERE id = ?", (record::call(&call)?, row))?;
            if !call.is_running() {
                self.run("DELETE FROM running_calls WHERE call = ?", [row])?;
            }
        }
        Ok(())
    }

    fn call(&self, call: &Call) -> Result<i64, StoreError> {
        let known = self.rows.calls.get(call.id()).copied();
        known.ok_or_else(|| bad_record(&format!("call {} has no row", call.id())))
    }
}

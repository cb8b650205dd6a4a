//! Writing calls, inside the writer's transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use wigwag_engine::Call;
use wigwag_engine::call::Standing;
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
                (row, call.id().as_str(), call.room().as_str(), call.created_at, roomy(&call)?),
            )?;
            if call.is_running() {
                self.run("INSERT INTO running_calls (call) VALUES (?)", [row])?;
            }
        }
        for (row, call) in changed {
            self.run("UPDATE calls SET record = ? WHERE id = ?", (roomy(&call)?, row))?;
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

/// What a record grows by when somebody who rings answers, bytes: a device, and two times.
const ANSWER: usize = 120;
/// The steps in which records are longer, bytes: a device of another length, or a reason, is still within one.
const STEP: usize = 128;

/// The call's record, with blanks behind it, so that it stays as long as it is while people answer and go: SQLite writes over a row
/// of the same length, and has to move others for one that grows. Nothing depends on it but time.
fn roomy(call: &Call) -> Result<String, StoreError> {
    let mut record = record::call(call)?;
    let ringing = call.people.iter().filter(|person| person.standing == Standing::Ringing).count();
    let length = (record.len() + ringing * ANSWER).next_multiple_of(STEP);
    record.extend(std::iter::repeat_n(' ', length - record.len()));
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01a2248a-229c-761f-8b5b-60862d455b9e";

    fn call(people: &str, more: &str) -> Call {
        let text = format!(
            r#"{{"link":{{"callID":"{ID}","roomID":"01a2248a229e7785adfc6ddeaa2d409c","mediaType":"video"}},
                "caller":"alice","created_at":1795909362334,"people":[{people}]{more}}}"#
        );
        record::read_call(&text).unwrap()
    }

    #[test]
    fn a_record_stays_as_long_as_it_is_while_people_answer_and_go() {
        let joined = |name: &str, more: &str| {
            let device = format!(r#""device":{{"deviceID":"{name}-0b51e2c4-9f0e","platform":7}}"#);
            format!(
                r#"{{"user":"{name}","state":"joined","at":1795909362334,{device},"joined_at":1795909362334{more}}}"#
            )
        };
        let was_rung = format!(r#","invitation":"{ID}""#);
        let rings = format!(r#"{{"user":"bob","state":"ringing","at":1795909362334,"invitation":"{ID}"}}"#);
        let left = |name: &str, reason: &str| {
            format!(
                r#"{{"user":"{name}","state":"left","at":1795909362334,"reason":"{reason}","invitation":"{ID}","joined_at":1795909362334}}"#
            )
        };
        let begun = call(&format!("{},{rings}", joined("alice", "")), r#","version":1"#);
        let answered = call(
            &format!("{},{}", joined("alice", ""), joined("bob", &was_rung)),
            r#","answered_at":1795909362334,"version":2"#,
        );
        let over = call(
            &format!("{},{}", left("alice", "hungUp"), left("bob", "callEnded")),
            r#","answered_at":1795909362334,"version":3,"end":{"reason":"hungUp","at":1795909362334}"#,
        );
        let lengths = [&begun, &answered, &over].map(|call| roomy(call).unwrap().len());
        assert_eq!(lengths, [lengths[0]; 3]);
        assert_eq!(record::read_call(&roomy(&over).unwrap()).unwrap(), over);
    }
}

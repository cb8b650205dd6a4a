//! Whether what a store keeps beside a call's record is what the record says. Pure.

use std::collections::BTreeSet;

use wigwag_engine::Call;
use wigwag_protocol::UserId;

use super::{Finding, Findings};

/// What a store keeps of a call beside its record.
pub(in crate::store) struct KeptCall {
    pub(in crate::store) call_id: String,
    pub(in crate::store) created_at: u64,
    pub(in crate::store) is_running: bool,
    /// In whose lists it is; `None` while that is written later.
    pub(in crate::store) listed: Option<Vec<String>>,
    /// Who is in it, when the store has a table of that.
    pub(in crate::store) inside: Option<Vec<String>>,
}

impl Findings {
    /// Notes where the two differ. Deleted users have no list, and are asked for where one is missing.
    pub(in crate::store) fn compare_call(
        &mut self,
        call: &Call,
        kept: &KeptCall,
        is_deleted: &dyn Fn(&str) -> bool,
    ) {
        if kept.call_id != call.id().as_str() || kept.created_at != call.created_at {
            return self.note_strange_record(&kept.call_id);
        }
        if kept.is_running != call.is_running() {
            let (call_id, is_kept) = (kept.call_id.clone(), kept.is_running);
            self.note(Finding::Running { call_id, is_kept });
        }
        let people = call.people.iter().map(|person| person.user.as_str());
        if let Some(listed) = &kept.listed {
            let is_listed = |user: &str| listed.iter().any(|listed| listed == user);
            let wanted = people.filter(|user| is_listed(user) || !is_deleted(user));
            self.compare_rows("call_lists", call, &wanted.collect(), listed);
        }
        if let Some(inside) = &kept.inside {
            let joined = call.joined().map(UserId::as_str);
            self.compare_rows("in_calls", call, &joined.collect(), inside);
        }
    }

    /// The row says of itself what its record does not say.
    pub(in crate::store) fn note_strange_record(&mut self, call_id: &str) {
        let why = "its record is that of another call".to_owned();
        self.note(Finding::UnreadableRow { table: "calls", row: call_id.to_owned(), why });
    }

    fn compare_rows(&mut self, table: &'static str, call: &Call, wanted: &BTreeSet<&str>, kept: &[String]) {
        let kept: BTreeSet<&str> = kept.iter().map(String::as_str).collect();
        for of in wanted.symmetric_difference(&kept) {
            let (of, call_id) = ((*of).to_owned(), call.id().to_string());
            self.note(Finding::BesideCall { table, is_kept: kept.contains(of.as_str()), of, call_id });
        }
    }
}

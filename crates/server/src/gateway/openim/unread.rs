//! What is unread for OpenIM's apps: what the server counts, without the traces of calls, which those apps do not show.
//!
//! The messages of a conversation say which of them are traces, so they have to be read for it. What was found is kept until the
//! conversation changes: a message that comes costs one look into its own conversation, and none into the others that are unread.

use std::collections::HashMap;

use wigwag_protocol::message::ConversationView;

/// Conversations that are looked into for the sum of what is unread, the newest ones. What is unread in others is counted with its
/// traces.
pub(super) const COUNTED: usize = 100;
/// Conversations of which the number is kept: those of the sum, and others whose lines are shown. With names of the greatest length this is
/// some 60 KB for a connection.
const MOST: usize = 2 * COUNTED;

/// How many unread traces the conversations of one user have, as far as they were looked into.
#[derive(Debug, Default)]
pub(super) struct Traces(HashMap<String, Found>);

#[derive(Debug)]
struct Found {
    state: State,
    traces: u64,
}

/// While these stay the same, so does the number of unread traces: but for what is taken back ([`Traces::forget`]).
#[derive(Debug, PartialEq, Eq)]
struct State {
    last_seq: u64,
    read_seq: u64,
    unread: u64,
}

impl State {
    fn of(view: &ConversationView) -> Self {
        Self { last_seq: view.last_seq, read_seq: view.read_seq, unread: view.unread }
    }
}

impl Traces {
    /// How many there are; `None` when the conversation has to be looked into.
    pub(super) fn of(&self, view: &ConversationView) -> Option<u64> {
        if view.unread == 0 {
            return Some(0);
        }
        let found = self.0.get(&view.conversation).filter(|found| found.state == State::of(view));
        found.map(|found| found.traces)
    }

    /// That many were found.
    pub(super) fn learn(&mut self, view: &ConversationView, traces: u64) {
        if self.0.len() >= MOST && !self.0.contains_key(&view.conversation) {
            self.0.clear();
        }
        self.0.insert(view.conversation.clone(), Found { state: State::of(view), traces });
    }

    /// A message of the conversation was taken back: a trace is none any more.
    pub(super) fn forget(&mut self, conversation: &str) {
        self.0.remove(conversation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(number: usize, last_seq: u64, read_seq: u64) -> ConversationView {
        ConversationView {
            conversation: format!("group:{number}"),
            user_id: None,
            group_id: None,
            last_message: None,
            last_seq,
            read_seq,
            peer_read_seq: None,
            unread: last_seq - read_seq,
            pinned: false,
        }
    }

    #[test]
    fn only_what_has_changed_is_looked_into() {
        let mut traces = Traces::default();
        let unread: Vec<ConversationView> = (0..COUNTED).map(|number| view(number, 9, 2)).collect();
        for one in &unread {
            assert_eq!(traces.of(one), None);
            traces.learn(one, 3);
        }
        assert!(unread.iter().all(|one| traces.of(one) == Some(3)));
        assert_eq!(traces.of(&view(7, 10, 2)), None, "a message came");
        assert_eq!(traces.of(&view(7, 9, 4)), None, "something was read");
        assert_eq!(traces.of(&view(7, 10, 10)), Some(0), "nothing is unread, and nothing looked into");
        traces.learn(&view(7, 10, 2), 4);
        assert_eq!(traces.of(&view(7, 10, 2)), Some(4));
        assert_eq!(traces.of(&view(8, 9, 2)), Some(3), "the others are as they were");
        traces.forget("group:8");
        assert_eq!(traces.of(&view(8, 9, 2)), None, "a message was taken back");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut traces = Traces::default();
        for number in 0..MOST {
            traces.learn(&view(number, 1, 0), 0);
        }
        assert_eq!(traces.0.len(), MOST);
        traces.learn(&view(0, 2, 0), 0);
        assert_eq!(traces.0.len(), MOST, "a known one makes no room");
        traces.learn(&view(MOST, 1, 0), 0);
        assert_eq!(traces.0.len(), 1);
    }
}

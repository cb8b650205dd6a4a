//! A group's board: what its members write down for all of them to read, in small (docs/decisions/0023).
//!
//! Attributes are texts by key. Each remembers the version of the write that set it, so that of two members who write
//! different keys at once neither stands in the other's way, and of two who write the same key the later one can be refused.
//! Counters are numbers by key ([`counters`]).

pub mod counters;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::refusal::{Field, OffBoard};

/// Most attributes of a group; this and the next three are Tencent's bounds.
pub const MOST_ATTRIBUTES: usize = 16;
/// Longest key, bytes.
pub const KEY_BYTES: usize = 32;
/// Longest value, bytes.
pub const VALUE_BYTES: usize = 4 * 1024;
/// All keys and values together, bytes.
pub const ATTRIBUTES_BYTES: usize = 16 * 1024;

/// What one write takes of its group's time, ms. Every write is told to all members who are online, so 5 a second in a group of 2,000
/// are 10,000 places in streams a second.
const WRITE_TAKES_MS: u64 = 200;
/// Writes of a group at once after a quiet time.
const WRITES_AT_ONCE: u64 = 10;

/// What stands on a group's board. A group that nobody wrote to has the default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Board {
    /// How many writes have changed what stands here.
    pub version: u64,
    /// The version of the last write that deleted attributes. It stands for the versions of all that are not there.
    pub deleted_at: u64,
    /// When all writes of attributes so far are over at the allowed pace, server time in ms.
    pub busy_until: u64,
    /// The attributes by key.
    pub attributes: BTreeMap<String, Attribute>,
    /// The same as `busy_until` for counters: who counts does not keep anybody from taking a seat.
    pub counters_busy_until: u64,
    /// The counters by key.
    pub counters: BTreeMap<String, i64>,
}

/// A value with the version of the write that set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// The text.
    pub value: String,
    /// The version of the board at which it was set.
    pub version: u64,
}

/// What is to become of a group's board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributesWish {
    /// Values to set, by key.
    pub set: BTreeMap<String, String>,
    /// Keys to delete. Those that are not there, or that are set too, are passed over.
    pub delete: BTreeSet<String>,
    /// Whether every attribute that is not set is deleted.
    pub replace: bool,
    /// The version that the writer knows. The write is refused if a later one has changed the attributes that it writes.
    pub if_version: Option<u64>,
    /// Counters to set, by key.
    pub counters: BTreeMap<String, i64>,
    /// What to add to counters after that. One that is not there begins at 0.
    pub add: BTreeMap<String, i64>,
}

/// What a write has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The board as it is from now on.
    pub board: Board,
    /// Values that are new.
    pub set: BTreeMap<String, String>,
    /// Keys that are gone.
    pub deleted: Vec<String>,
    /// Counters that are new or have another value.
    pub counters: BTreeMap<String, i64>,
}

impl Board {
    /// What the wish makes of the board at this time, server time in ms; `None` when it is so already.
    pub fn written(&self, wish: &AttributesWish, now: u64) -> Result<Option<Written>, Refusal> {
        wish.check_keys()?;
        if let Some(known) = wish.if_version
            && self.is_overtaken(wish, known)
        {
            return Err(Refusal::AttributesChanged);
        }
        let is_new = |(key, value): &(&String, &String)| {
            self.attributes.get(*key).is_none_or(|there| there.value != **value)
        };
        let set: BTreeMap<String, String> =
            wish.set.iter().filter(is_new).map(|(key, value)| (key.clone(), value.clone())).collect();
        let deleted: Vec<String> = self.attributes.keys().filter(|key| wish.deletes(key)).cloned().collect();
        let counters = self.counted(wish)?;
        let mut written = Written { board: self.clone(), set, deleted, counters };
        if !written.changes_attributes() && written.counters.is_empty() {
            return Ok(None);
        }
        written.board.version += 1;
        if written.changes_attributes() {
            written.board.busy_until = admitted(self.busy_until, now)?;
            written.put_attributes();
        }
        if !written.counters.is_empty() {
            written.board.counters_busy_until = admitted(self.counters_busy_until, now)?;
            written.put_counters();
        }
        written.board.check_size()?;
        Ok(Some(written))
    }

    /// The values alone.
    pub fn values(self) -> BTreeMap<String, String> {
        self.attributes.into_iter().map(|(key, attribute)| (key, attribute.value)).collect()
    }

    /// Whether something that the wish writes was changed after the version that its writer knows. A version that was never
    /// reached is one of an earlier group of the same name.
    fn is_overtaken(&self, wish: &AttributesWish, known: u64) -> bool {
        if known > self.version {
            return true;
        }
        if wish.replace {
            let last = self.attributes.values().map(|there| there.version).max();
            return self.deleted_at.max(last.unwrap_or(0)) > known;
        }
        let changed_at =
            |key: &String| self.attributes.get(key).map_or(self.deleted_at, |there| there.version);
        wish.set.keys().chain(&wish.delete).any(|key| changed_at(key) > known)
    }

    fn check_size(&self) -> Result<(), Refusal> {
        if self.attributes.len() > MOST_ATTRIBUTES {
            return Err(OffBoard::TooManyAttributes(MOST_ATTRIBUTES).into());
        }
        let bytes: usize = self.attributes.iter().map(|(key, there)| key.len() + there.value.len()).sum();
        if bytes > ATTRIBUTES_BYTES {
            return Err(OffBoard::AttributesTooLong(ATTRIBUTES_BYTES).into());
        }
        self.check_counters()
    }
}

impl Written {
    fn changes_attributes(&self) -> bool {
        !(self.set.is_empty() && self.deleted.is_empty())
    }

    fn put_attributes(&mut self) {
        let version = self.board.version;
        if !self.deleted.is_empty() {
            self.board.deleted_at = version;
        }
        for key in &self.deleted {
            self.board.attributes.remove(key);
        }
        for (key, value) in &self.set {
            self.board.attributes.insert(key.clone(), Attribute { value: value.clone(), version });
        }
    }
}

/// Until when a group's writes of a kind take its time with this one among them, when those before take it until `busy`.
fn admitted(busy: u64, now: u64) -> Result<u64, Refusal> {
    // Later than the pace allows: written by a clock that was set back since, or by a node whose clock is ahead.
    let busy = if busy > now + WRITE_TAKES_MS * WRITES_AT_ONCE { now } else { busy };
    let early = busy.saturating_sub(now + WRITE_TAKES_MS * (WRITES_AT_ONCE - 1));
    if early > 0 { Err(Refusal::BoardTooFast(early)) } else { Ok(busy.max(now) + WRITE_TAKES_MS) }
}

impl AttributesWish {
    fn deletes(&self, key: &str) -> bool {
        !self.set.contains_key(key) && (self.replace || self.delete.contains(key))
    }

    fn check_keys(&self) -> Result<(), Refusal> {
        if self.set.keys().chain(&self.delete).any(|key| key.is_empty() || key.len() > KEY_BYTES) {
            return Err(OffBoard::AttributeKey(KEY_BYTES).into());
        }
        if self.set.values().any(|value| value.len() > VALUE_BYTES) {
            return Err(Refusal::TooLong(Field::Attribute, VALUE_BYTES));
        }
        self.check_counter_keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn sets<const N: usize>(pairs: [(&str, &str); N]) -> AttributesWish {
        let set = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        AttributesWish { set: set.into(), ..AttributesWish::default() }
    }

    fn deletes<const N: usize>(keys: [&str; N]) -> AttributesWish {
        AttributesWish { delete: keys.map(str::to_owned).into(), ..AttributesWish::default() }
    }

    fn known(version: u64, wish: AttributesWish) -> AttributesWish {
        AttributesWish { if_version: Some(version), ..wish }
    }

    fn replaces(wish: AttributesWish) -> AttributesWish {
        AttributesWish { replace: true, ..wish }
    }

    /// A quiet time lies between any two writes.
    fn after<const N: usize>(wishes: [AttributesWish; N]) -> Board {
        let mut board = Board::default();
        for (wish, minutes) in wishes.into_iter().zip(1..) {
            board = board.written(&wish, NOW + minutes * 60_000).unwrap().unwrap().board;
        }
        board
    }

    fn later(board: &Board, wish: &AttributesWish) -> Result<Option<Written>, Refusal> {
        board.written(wish, NOW + 3_600_000)
    }

    #[test]
    fn a_write_says_what_it_changed_and_nothing_else() {
        let board = after([sets([("seat1", "bob"), ("topic", "tea")])]);
        let wish = AttributesWish {
            delete: ["topic".to_owned(), "none".to_owned()].into(),
            ..sets([("seat1", "bob"), ("seat2", "carol")])
        };
        let written = later(&board, &wish).unwrap().unwrap();
        assert_eq!(written.set, sets([("seat2", "carol")]).set);
        assert_eq!(written.deleted, ["topic"]);
        assert_eq!((written.board.version, written.board.deleted_at), (2, 2));
        assert_eq!(written.board.values(), sets([("seat1", "bob"), ("seat2", "carol")]).set);
    }

    #[test]
    fn what_is_so_already_changes_nothing_however_fast_it_comes() {
        let mut board = after([sets([("a", "1")])]);
        board.busy_until = u64::MAX;
        for wish in [sets([("a", "1")]), replaces(sets([("a", "1")])), deletes(["b"]), sets([])] {
            assert_eq!(later(&board, &wish), Ok(None), "{wish:?}");
        }
    }

    #[test]
    fn a_replacement_deletes_the_others() {
        let board = after([sets([("a", "1"), ("b", "2")])]);
        let written = later(&board, &replaces(sets([("b", "2"), ("c", "3")]))).unwrap().unwrap();
        assert_eq!((written.set, written.deleted), (sets([("c", "3")]).set, vec!["a".to_owned()]));
        let cleared = later(&board, &replaces(sets([]))).unwrap().unwrap();
        assert_eq!((cleared.board.values().len(), cleared.deleted.len()), (0, 2));
    }

    #[test]
    fn who_writes_another_key_is_not_in_the_way_and_who_writes_the_same_is() {
        let board = after([sets([("seat1", ""), ("seat2", "")]), sets([("seat1", "bob")])]);
        assert!(later(&board, &known(1, sets([("seat2", "carol")]))).unwrap().is_some());
        let refused = Err(Refusal::AttributesChanged);
        assert_eq!(later(&board, &known(1, sets([("seat1", "carol")]))), refused);
        assert_eq!(later(&board, &known(1, deletes(["seat1"]))), refused);
        assert_eq!(later(&board, &known(1, replaces(sets([("seat2", "carol")])))), refused);
        assert!(later(&board, &known(2, sets([("seat1", "carol")]))).unwrap().is_some());
    }

    #[test]
    fn what_was_deleted_meanwhile_is_not_set_unknowingly() {
        let board = after([sets([("a", "1"), ("b", "1")]), deletes(["a"])]);
        assert_eq!(later(&board, &known(1, sets([("a", "2")]))), Err(Refusal::AttributesChanged));
        assert!(later(&board, &known(1, sets([("b", "2")]))).unwrap().is_some());
        assert!(later(&board, &known(2, sets([("a", "2")]))).unwrap().is_some());
    }

    #[test]
    fn a_version_of_an_earlier_group_of_the_same_name_does_not_count() {
        let board = after([sets([("a", "1")])]);
        assert_eq!(later(&board, &known(7, sets([("a", "2")]))), Err(Refusal::AttributesChanged));
    }

    #[test]
    fn the_bounds_hold_to_the_byte() {
        let key = "k".repeat(KEY_BYTES);
        let value = "v".repeat(VALUE_BYTES);
        let fits = after([sets([(&key, &value)])]);
        assert_eq!(later(&fits, &sets([(&format!("{key}k"), "")])), Err(OffBoard::AttributeKey(32).into()));
        assert_eq!(later(&fits, &deletes([""])), Err(OffBoard::AttributeKey(32).into()));
        let too_long = Refusal::TooLong(Field::Attribute, 4_096);
        assert_eq!(later(&fits, &sets([("a", &format!("{value}v"))])), Err(too_long));
        let all = |last: usize| {
            let rest = "v".repeat(last);
            sets([("a", &*value), ("b", &*value), ("c", &*value), ("d", &*rest)])
        };
        let room = VALUE_BYTES - 4;
        assert!(later(&Board::default(), &all(room)).unwrap().is_some());
        assert_eq!(later(&Board::default(), &all(room + 1)), Err(OffBoard::AttributesTooLong(16_384).into()));
        let many: Vec<String> = (0..=MOST_ATTRIBUTES).map(|number| number.to_string()).collect();
        let set = |count: usize| {
            let set = many.iter().take(count).map(|key| (key.clone(), String::new())).collect();
            AttributesWish { set, ..AttributesWish::default() }
        };
        let full = after([set(MOST_ATTRIBUTES)]);
        assert_eq!(later(&full, &set(MOST_ATTRIBUTES + 1)), Err(OffBoard::TooManyAttributes(16).into()));
        let swap = AttributesWish { delete: ["0".to_owned()].into(), ..sets([("new", "")]) };
        assert!(later(&full, &swap).unwrap().is_some(), "one goes and one comes");
    }

    #[test]
    fn a_burst_of_writes_passes_and_then_five_a_second() {
        let mut board = Board::default();
        for number in 0..WRITES_AT_ONCE {
            board = board.written(&sets([("a", &number.to_string())]), NOW).unwrap().unwrap().board;
        }
        let next = sets([("a", "next")]);
        assert_eq!(board.written(&next, NOW), Err(Refusal::BoardTooFast(200)));
        assert_eq!(board.written(&next, NOW + 199), Err(Refusal::BoardTooFast(1)));
        let board = board.written(&next, NOW + 200).unwrap().unwrap().board;
        assert!(board.written(&sets([("a", "more")]), NOW + 399).is_err());
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_the_writers() {
        let mut board = Board::default();
        for number in 0..WRITES_AT_ONCE {
            board = board.written(&sets([("a", &number.to_string())]), NOW).unwrap().unwrap().board;
        }
        let next = sets([("a", "next")]);
        let written = board.written(&next, NOW - 1).unwrap().unwrap().board;
        assert_eq!(written.busy_until, NOW - 1 + WRITE_TAKES_MS);
        assert_eq!(board.written(&next, NOW), Err(Refusal::BoardTooFast(200)), "as late as the pace allows");
    }
}

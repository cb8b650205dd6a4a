//! A group's counters: likes, guests, gifts. A counter is set, or added to without knowing it: of two who add at once both count, so no
//! writer has to name a version.

use std::collections::BTreeMap;

use super::{AttributesWish, Board, Written};
use crate::Refusal;
use crate::refusal::OffBoard;

/// Most counters of a group; this and the next are Tencent's bounds.
pub const MOST_COUNTERS: usize = 20;
/// Longest key of a counter, bytes.
pub const COUNTER_KEY_BYTES: usize = 128;
/// How far a counter may be from 0: numbers beyond are not exact in JavaScript.
pub const LARGEST_COUNTER: i64 = (1 << 53) - 1;

impl Board {
    /// What the counters that the wish names are.
    pub fn counters_named(&self, wish: &AttributesWish) -> BTreeMap<String, i64> {
        let is_named = |key: &String| wish.counters.contains_key(key) || wish.add.contains_key(key);
        let named = self.counters.iter().filter(|(key, _)| is_named(key));
        named.map(|(key, value)| (key.clone(), *value)).collect()
    }

    /// The counters that the wish makes or changes, as they become.
    pub(super) fn counted(&self, wish: &AttributesWish) -> Result<BTreeMap<String, i64>, Refusal> {
        let mut counted = wish.counters.clone();
        for (key, more) in &wish.add {
            let before = counted.get(key).or_else(|| self.counters.get(key)).copied().unwrap_or(0);
            counted.insert(key.clone(), before.saturating_add(*more));
        }
        if counted.values().any(|value| value.unsigned_abs() > LARGEST_COUNTER.unsigned_abs()) {
            return Err(OffBoard::CounterTooLarge(LARGEST_COUNTER).into());
        }
        counted.retain(|key, value| self.counters.get(key) != Some(value));
        Ok(counted)
    }

    pub(super) fn check_counters(&self) -> Result<(), Refusal> {
        if self.counters.len() > MOST_COUNTERS {
            return Err(OffBoard::TooManyCounters(MOST_COUNTERS).into());
        }
        Ok(())
    }
}

impl Written {
    pub(super) fn put_counters(&mut self) {
        let counted = self.counters.iter().map(|(key, value)| (key.clone(), *value));
        self.board.counters.extend(counted);
    }
}

impl AttributesWish {
    pub(super) fn check_counter_keys(&self) -> Result<(), Refusal> {
        let is_bad = |key: &String| key.is_empty() || key.len() > COUNTER_KEY_BYTES;
        if self.counters.keys().chain(self.add.keys()).any(is_bad) {
            return Err(OffBoard::CounterKey(COUNTER_KEY_BYTES).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn numbers<const N: usize>(pairs: [(&str, i64); N]) -> BTreeMap<String, i64> {
        pairs.map(|(key, value)| (key.to_owned(), value)).into()
    }

    fn puts<const N: usize>(pairs: [(&str, i64); N]) -> AttributesWish {
        AttributesWish { counters: numbers(pairs), ..AttributesWish::default() }
    }

    fn adds<const N: usize>(pairs: [(&str, i64); N]) -> AttributesWish {
        AttributesWish { add: numbers(pairs), ..AttributesWish::default() }
    }

    fn attribute(key: &str) -> AttributesWish {
        AttributesWish { set: [(key.to_owned(), "1".to_owned())].into(), ..AttributesWish::default() }
    }

    fn board(counters: BTreeMap<String, i64>) -> Board {
        Board { version: 1, counters, ..Board::default() }
    }

    fn counters(before: &Board, wish: &AttributesWish) -> Result<BTreeMap<String, i64>, Refusal> {
        Ok(before.written(wish, NOW)?.map(|written| written.board.counters).unwrap_or_default())
    }

    #[test]
    fn what_is_added_to_begins_at_nothing_and_at_what_is_set() {
        let before = board(numbers([("likes", 8), ("guests", 3)]));
        let wish = AttributesWish {
            counters: numbers([("gifts", 5)]),
            ..adds([("likes", 2), ("gifts", 1), ("new", -1), ("zero", 0)])
        };
        let written = before.written(&wish, NOW).unwrap().unwrap();
        let changed = numbers([("likes", 10), ("gifts", 6), ("new", -1), ("zero", 0)]);
        assert_eq!((written.board.version, &written.counters), (2, &changed));
        assert_eq!(written.board.counters.get("guests"), Some(&3));
        assert_eq!(written.board.counters_named(&wish), changed);
    }

    #[test]
    fn what_is_so_already_changes_nothing_and_is_answered() {
        let mut before = board(numbers([("likes", 8)]));
        before.counters_busy_until = NOW + 2_000;
        for wish in [puts([("likes", 8)]), adds([("likes", 0)])] {
            assert_eq!(before.written(&wish, NOW), Ok(None), "{wish:?}");
            assert_eq!(before.counters_named(&wish), numbers([("likes", 8)]));
        }
    }

    #[test]
    fn the_bounds_of_counters_hold_to_the_last() {
        let key = "k".repeat(COUNTER_KEY_BYTES);
        assert!(counters(&Board::default(), &puts([(&key, 1)])).is_ok());
        let bad = Err(OffBoard::CounterKey(128).into());
        for wish in [puts([(&format!("{key}k"), 1)]), adds([(&format!("{key}k"), 1)]), adds([("", 1)])] {
            assert_eq!(counters(&Board::default(), &wish), bad);
        }
        let many: Vec<String> = (0..=MOST_COUNTERS).map(|number| number.to_string()).collect();
        let of = |count: usize| many.iter().take(count).map(|key| (key.clone(), 0)).collect();
        let set = |count: usize| AttributesWish { counters: of(count), ..AttributesWish::default() };
        assert!(counters(&Board::default(), &set(MOST_COUNTERS)).is_ok());
        let full = board(of(MOST_COUNTERS));
        assert_eq!(counters(&full, &set(MOST_COUNTERS + 1)), Err(OffBoard::TooManyCounters(20).into()));
        assert!(counters(&full, &adds([("0", 1)])).is_ok());
        for side in [1, -1] {
            let last = board(numbers([("n", side * (LARGEST_COUNTER - 1))]));
            assert_eq!(counters(&last, &adds([("n", side)])), Ok(numbers([("n", side * LARGEST_COUNTER)])));
            for more in [2, i64::MAX] {
                let far = counters(&last, &adds([("n", side * more)]));
                assert_eq!(far, Err(OffBoard::CounterTooLarge(LARGEST_COUNTER).into()));
            }
        }
        assert!(counters(&Board::default(), &puts([("n", i64::MIN)])).is_err());
    }

    #[test]
    fn who_counts_and_who_writes_do_not_wait_for_each_other() {
        let mut now = Board::default();
        for _ in 0..10 {
            now = now.written(&adds([("likes", 1)]), NOW).unwrap().unwrap().board;
        }
        assert_eq!(now.written(&adds([("likes", 1)]), NOW), Err(Refusal::BoardTooFast(200)));
        assert!(now.written(&attribute("seat"), NOW).unwrap().is_some());
        let both = AttributesWish { add: numbers([("likes", 1)]), ..attribute("seat") };
        assert_eq!(now.written(&both, NOW), Err(Refusal::BoardTooFast(200)));
        assert_eq!(now.written(&both, NOW + 200).unwrap().unwrap().board.version, 11);
    }

    #[test]
    fn counting_does_not_overtake_a_writer_of_attributes() {
        let board = Board::default().written(&attribute("seat"), NOW).unwrap().unwrap().board;
        let board = board.written(&adds([("likes", 1)]), NOW).unwrap().unwrap().board;
        let knows = |version: u64, replace: bool| AttributesWish {
            replace,
            if_version: Some(version),
            ..attribute("topic")
        };
        for replace in [false, true] {
            assert!(board.written(&knows(1, replace), NOW).unwrap().is_some());
            assert_eq!(board.written(&knows(3, replace), NOW), Err(Refusal::AttributesChanged));
        }
        assert_eq!(board.written(&knows(0, true), NOW), Err(Refusal::AttributesChanged));
    }
}

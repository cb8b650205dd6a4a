//! How many members of a group are online: counted once for everybody who asks within five seconds.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OnceCell;
use wigwag_protocol::{GroupId, UserId, result};
use wigwag_session::refused::Refusal;

use super::Door;

/// For how long a count is kept, ms: people come and go more slowly than a screen asks.
const KEPT_MS: u64 = 5_000;
/// Groups whose counts are kept at once, some hundred KB. Those beyond are counted each time, which their askers pay for as reads.
const GROUPS: usize = 4_096;
/// Members of one read.
const MEMBERS: usize = 500;

type Counted = Arc<OnceCell<result::OnlineCount>>;

/// The counts of the last seconds.
#[derive(Default)]
pub(super) struct OnlineCounts(Mutex<HashMap<GroupId, Kept>>);

struct Kept {
    /// When the group was made, server time in ms. Its name may be another group's by now.
    made: u64,
    until: u64,
    counted: Counted,
}

impl OnlineCounts {
    /// Where the count of a group is, or is to be put by the first who finds nothing there; the others wait for it.
    fn of(&self, group: &GroupId, made: u64, now: u64) -> Counted {
        let mut kept = self.0.lock();
        let is_valid = |kept: &Kept| now < kept.until && kept.made == made;
        if let Some(known) = kept.get(group).filter(|kept| is_valid(kept)) {
            return Arc::clone(&known.counted);
        }
        if kept.len() >= GROUPS {
            kept.retain(|_, kept| now < kept.until);
        }
        let counted = Counted::default();
        if kept.len() < GROUPS || kept.contains_key(group) {
            let until = now + KEPT_MS;
            kept.insert(group.clone(), Kept { made, until, counted: Arc::clone(&counted) });
        }
        counted
    }
}

impl Door {
    /// How many members of a group are online, for whoever may see that.
    pub(super) async fn online_count(&self, group: &GroupId) -> Result<result::OnlineCount, Refusal> {
        let made = self.whole_group(group).await?.created_at;
        let counted = self.online_counts.of(group, made, self.clock.now_ms());
        counted.get_or_try_init(|| Box::pin(self.count_online(group))).await.cloned()
    }

    async fn count_online(&self, group: &GroupId) -> Result<result::OnlineCount, Refusal> {
        let mut members: Vec<UserId> = Vec::new();
        loop {
            let page = self.members_of(group, members.last(), MEMBERS).await?;
            members.extend(page.members.into_iter().map(|member| member.user_id));
            if page.next.is_none() {
                return Ok(count(&self.online.look(&members).await));
            }
        }
    }
}

fn count(found: &[Option<bool>]) -> result::OnlineCount {
    let number = |of: Option<bool>| found.iter().filter(|found| **found == of).count();
    let number = |of| u32::try_from(number(of)).unwrap_or(u32::MAX);
    result::OnlineCount {
        online: number(Some(true)),
        unknown: Some(number(None)).filter(|unknown| *unknown > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> GroupId {
        GroupId::parse(name).unwrap()
    }

    fn put(counted: &Counted, online: u32) {
        counted.set(result::OnlineCount { online, unknown: None }).unwrap();
    }

    #[test]
    fn a_count_is_kept_for_five_seconds_and_no_longer() {
        let counts = OnlineCounts::default();
        put(&counts.of(&group("g"), 1, 1_000), 7);
        assert_eq!(counts.of(&group("g"), 1, 5_999).get().unwrap().online, 7);
        assert!(counts.of(&group("g"), 1, 6_000).get().is_none());
    }

    #[test]
    fn a_group_of_the_same_name_is_counted_anew() {
        let counts = OnlineCounts::default();
        put(&counts.of(&group("g"), 1, 1_000), 7);
        assert!(counts.of(&group("g"), 2, 1_001).get().is_none());
        assert!(counts.of(&group("h"), 1, 1_001).get().is_none());
    }

    #[test]
    fn of_more_groups_than_are_kept_the_others_are_counted_each_time() {
        let counts = OnlineCounts::default();
        for number in 0..GROUPS {
            put(&counts.of(&group(&format!("g{number}")), 1, 1_000), 1);
        }
        let (beyond, known) = (group("beyond"), group("g0"));
        put(&counts.of(&beyond, 1, 1_001), 1);
        assert!(counts.of(&beyond, 1, 1_002).get().is_none());
        assert!(counts.of(&known, 1, 1_002).get().is_some());
        put(&counts.of(&beyond, 1, 6_000), 1);
        assert!(counts.of(&beyond, 1, 6_001).get().is_some(), "there is room again");
    }

    #[test]
    fn who_is_not_known_to_be_online_is_not_counted_as_online() {
        let counted = count(&[Some(true), None, Some(false), None, Some(true)]);
        assert_eq!((counted.online, counted.unknown), (2, Some(2)));
        assert_eq!(count(&[Some(false)]).unknown, None);
    }
}

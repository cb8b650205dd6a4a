//! Profiles that were read a moment ago, in memory. A call at an OpenIM client is told with the profile of whoever acts, and a
//! reader's thread costs more than all else that is done for such an event.

use std::collections::HashMap;

use wigwag_protocol::UserId;
use wigwag_protocol::group::Profile;

/// Bytes of profiles that are kept: ten thousand usual ones, or a thousand of the longest. Past it all are dropped, and those
/// that are still asked for come back with one read each.
const MOST_BYTES: usize = 4 << 20;
/// What an entry costs besides its texts, bytes.
const ENTRY_BYTES: usize = 160;

/// Profiles as they are on disk.
#[derive(Debug, Default)]
pub(super) struct KnownProfiles {
    by_user: HashMap<UserId, Profile>,
    bytes: usize,
    changes: u64,
}

/// When somebody began to read profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadSince(u64);

impl KnownProfiles {
    /// The profiles of these users in their order, when all of them are known.
    pub(super) fn of(&self, users: &[UserId]) -> Option<Vec<Profile>> {
        users.iter().map(|user| self.by_user.get(user).cloned()).collect()
    }

    /// To be asked before profiles are read from the tables.
    pub(super) fn reading(&self) -> ReadSince {
        ReadSince(self.changes)
    }

    /// Keeps what was read since then. When any profile has changed meanwhile, what was read may be what was there before.
    pub(super) fn learn(&mut self, since: ReadSince, profiles: &[Profile]) {
        if since != self.reading() {
            return;
        }
        for profile in profiles {
            self.forget(&profile.user_id);
            if self.bytes + bytes_of(profile) > MOST_BYTES {
                (self.by_user, self.bytes) = (HashMap::new(), 0);
            }
            self.bytes += bytes_of(profile);
            self.by_user.insert(profile.user_id.clone(), profile.clone());
        }
    }

    /// The profiles of these users have changed on disk.
    pub(super) fn changed(&mut self, users: &[UserId]) {
        self.changes += 1;
        for user in users {
            self.forget(user);
        }
    }

    fn forget(&mut self, user: &UserId) {
        if let Some(profile) = self.by_user.remove(user) {
            self.bytes -= bytes_of(&profile);
        }
    }
}

/// The name stands in the key and in the profile.
fn bytes_of(profile: &Profile) -> usize {
    let Profile { user_id, nickname, face_url, ext } = profile;
    ENTRY_BYTES + 2 * user_id.as_str().len() + nickname.len() + face_url.len() + ext.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(user: &str, nickname: &str) -> Profile {
        Profile {
            user_id: UserId::parse(user).unwrap(),
            nickname: nickname.to_owned(),
            face_url: String::new(),
            ext: String::new(),
        }
    }

    fn users(names: &[&str]) -> Vec<UserId> {
        names.iter().map(|name| UserId::parse(name).unwrap()).collect()
    }

    fn learn(known: &mut KnownProfiles, profiles: &[Profile]) {
        let since = known.reading();
        known.learn(since, profiles);
    }

    #[test]
    fn profiles_are_known_in_the_order_asked_for_when_all_are() {
        let mut known = KnownProfiles::default();
        let (alice, bob) = (profile("alice", "Alice"), profile("bob", "Bob"));
        learn(&mut known, &[alice.clone(), bob.clone()]);
        assert_eq!(known.of(&users(&["bob", "alice"])), Some(vec![bob, alice]));
        assert_eq!(known.of(&users(&["bob", "carol"])), None);
    }

    #[test]
    fn what_was_read_while_a_profile_changed_is_not_kept() {
        let mut known = KnownProfiles::default();
        learn(&mut known, &[profile("alice", "Alice")]);
        let since = known.reading();
        known.changed(&users(&["alice"]));
        assert_eq!(known.of(&users(&["alice"])), None);
        known.learn(since, &[profile("alice", "Alice")]);
        assert_eq!(known.of(&users(&["alice"])), None);
        learn(&mut known, &[profile("alice", "Alice B.")]);
        assert_eq!(known.of(&users(&["alice"])).unwrap()[0].nickname, "Alice B.");
    }

    #[test]
    fn the_memory_is_bounded_and_its_count_is_right() {
        let mut known = KnownProfiles::default();
        let text = "x".repeat(1 << 20);
        let names = ["a", "b", "c"];
        for name in names {
            learn(&mut known, &[profile(name, &text)]);
        }
        assert!(known.of(&users(&names)).is_some());
        learn(&mut known, &[profile("a", &text)]);
        assert!(known.of(&users(&names)).is_some(), "the same again takes no more");
        learn(&mut known, &[profile("d", &text)]);
        assert!(known.of(&users(&["d"])).is_some() && known.of(&users(&["a"])).is_none());
        known.changed(&users(&["d"]));
        assert_eq!((known.bytes, known.by_user.len()), (0, 0));
    }
}

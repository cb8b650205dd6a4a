//! The allowances of users.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use wigwag_protocol::UserId;
use wigwag_session::rates::{Allowance, Allowances, Pace};

use super::Bucket;

/// Users below whose number nobody is looked for who could be forgotten: 100 KB.
const FEW: usize = 512;

/// How fast each kind of request may come from one user.
#[derive(Debug, Clone)]
pub struct UserPaces([Pace; Allowance::ALL.len()]);

impl UserPaces {
    /// Asks for the pace of each kind.
    pub fn new(pace: impl FnMut(Allowance) -> Pace) -> Self {
        Self(Allowance::ALL.map(pace))
    }

    /// The pace of this kind.
    pub fn of(&self, allowance: Allowance) -> Pace {
        self.0[allowance as usize]
    }
}

/// What one user has used.
#[derive(Debug)]
pub struct UserRates {
    paces: Arc<UserPaces>,
    used: [Bucket; Allowance::ALL.len()],
}

impl Allowances for UserRates {
    fn take_some(&self, of: Allowance, several: u32, now: u64) -> Result<(), Duration> {
        self.used[of as usize].take_some(self.paces.of(of), several, now)
    }
}

impl UserRates {
    fn is_full(&self, now: u64) -> bool {
        self.used.iter().all(|bucket| bucket.is_full(now))
    }
}

/// What users have used, on this node.
///
/// A user is kept while a connection holds their rates, and until every allowance is whole again: from then on, an entry says
/// the same as none. Only a valid token makes an entry, so there are at most as many as users who were here in the time that the
/// slowest allowance takes to fill up (13 s by default), and twice as many before they are looked through.
#[derive(Debug)]
pub struct Rates {
    paces: Arc<UserPaces>,
    users: Mutex<Users>,
}

#[derive(Debug)]
struct Users {
    by_name: HashMap<UserId, Arc<UserRates>>,
    /// As many as make it worth to look for those who can be forgotten.
    many: usize,
}

impl Rates {
    /// Nobody has used anything.
    pub fn new(paces: UserPaces) -> Self {
        let users = Users { by_name: HashMap::new(), many: FEW };
        Self { paces: Arc::new(paces), users: Mutex::new(users) }
    }

    /// A user's rates, of which all their sessions on this node share one.
    pub fn of(&self, user: &UserId, now: u64) -> Arc<UserRates> {
        let mut users = self.users.lock();
        if let Some(rates) = users.by_name.get(user) {
            return Arc::clone(rates);
        }
        if users.by_name.len() >= users.many {
            users.forget_quiet(now);
        }
        let rates = Arc::new(UserRates { paces: Arc::clone(&self.paces), used: Default::default() });
        users.by_name.insert(user.clone(), Arc::clone(&rates));
        rates
    }

    /// Forgets those who are gone and have everything back, at `now` (ms).
    pub fn forget_quiet(&self, now: u64) {
        self.users.lock().forget_quiet(now);
    }
}

impl Users {
    fn forget_quiet(&mut self, now: u64) {
        // Nobody can take a second reference meanwhile: they are given out under the same lock.
        self.by_name.retain(|_, rates| Arc::strong_count(rates) > 1 || !rates.is_full(now));
        self.by_name.shrink_to(2 * self.by_name.len());
        self.many = FEW.max(2 * self.by_name.len());
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    /// Two at once and one more each second, of every kind but sign-ins: four of them.
    fn rates() -> Rates {
        let number = |number| NonZeroU32::new(number).unwrap();
        Rates::new(UserPaces::new(|of| {
            Pace::new(number(1), number(if of == Allowance::SignIns { 4 } else { 2 }))
        }))
    }

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn known(rates: &Rates) -> usize {
        rates.users.lock().by_name.len()
    }

    #[test]
    fn each_kind_has_an_allowance_and_each_user_their_own() {
        let rates = rates();
        let (alice, bob) = (rates.of(&user("alice"), NOW), rates.of(&user("bob"), NOW));
        for of in Allowance::ALL {
            alice.take(of, NOW).unwrap();
            alice.take(of, NOW).unwrap();
        }
        let used_up = Allowance::ALL.into_iter().filter(|of| alice.take(*of, NOW).is_err());
        let all_but_sign_ins = Allowance::ALL.into_iter().filter(|of| *of != Allowance::SignIns);
        assert!(used_up.eq(all_but_sign_ins));
        assert_eq!(alice.take(Allowance::Answers, NOW + 1), Err(Duration::from_millis(999)));
        alice.take(Allowance::Answers, NOW + 1_000).unwrap();
        bob.take(Allowance::Answers, NOW).unwrap();
        let tablet = rates.of(&user("alice"), NOW);
        tablet.take(Allowance::Answers, NOW + 1_000).unwrap_err();
    }

    #[test]
    fn a_user_is_forgotten_when_they_are_gone_and_have_everything_back_and_not_before() {
        let rates = rates();
        let alice = rates.of(&user("alice"), NOW);
        alice.take(Allowance::Reads, NOW).unwrap();
        alice.take(Allowance::SignIns, NOW).unwrap();
        alice.take(Allowance::SignIns, NOW).unwrap();
        rates.forget_quiet(NOW + 60_000);
        assert_eq!(known(&rates), 1, "a session holds them");
        drop(alice);
        rates.forget_quiet(NOW + 1_999);
        assert_eq!(known(&rates), 1, "a sign-in is not whole yet");
        rates.forget_quiet(NOW + 2_000);
        assert_eq!(known(&rates), 0);
    }

    #[test]
    fn the_map_is_looked_through_each_time_it_has_doubled() {
        let rates = rates();
        let comes_and_goes = |number: usize, now| {
            rates.of(&user(&format!("u{number}")), now).take(Allowance::SignIns, now).unwrap();
        };
        let here: Vec<_> = (0..100).map(|number| rates.of(&user(&format!("here{number}")), NOW)).collect();
        for number in 0..FEW - here.len() {
            comes_and_goes(number, NOW);
        }
        assert_eq!(known(&rates), FEW);
        comes_and_goes(FEW, NOW + 999);
        assert_eq!(known(&rates), FEW + 1, "all of them have used something");
        for number in 0..FEW - 1 {
            comes_and_goes(FEW + 1 + number, NOW + 999);
        }
        assert_eq!(known(&rates), 2 * FEW);
        comes_and_goes(2 * FEW, NOW + 2_000);
        assert_eq!(known(&rates), here.len() + 1, "those who are here, and the one who came");
    }
}

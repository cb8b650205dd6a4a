//! Quiet hours: whether a ring of a user makes a sound (docs/decisions/0030-quiet-hours.md).
//!
//! A rule that makes an invitation asks [`quiet_ring`] once for each invitee who has set something, and keeps the outcome with the
//! invitee. The time, and the clocks of time zones, come in as arguments.

use serde::{Deserialize, Serialize};
use wigwag_protocol::UserId;
use wigwag_protocol::quiet::{Quiet, QuietPush, QuietSpan};

/// Most spans of a week: one for each half of a day.
pub const MOST_SPANS: usize = 14;
/// Most users who ring loudly all the same.
pub const MOST_EXCEPTIONS: usize = 100;
/// How long an inviter is remembered, so that their second call is loud, ms.
pub const AGAIN_WITHIN_MS: u64 = 180_000;
/// Most inviters who are remembered of a user. Strangers choose how many there are; one more pushes the oldest out.
pub const MOST_INVITERS: usize = 8;
/// Minutes of a day.
const DAY: u16 = 1_440;

/// What a clock on a wall shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wall {
    /// 1 is Monday, 7 is Sunday.
    pub day: u8,
    /// Minutes since midnight.
    pub minute: u16,
}

/// The clocks of time zones.
pub trait TimeZones {
    /// Whether there is a zone of this name.
    fn knows(&self, zone: &str) -> bool;

    /// What clocks show there at `now`, server time in ms; those of UTC when the zone is not known any more.
    fn wall(&self, zone: &str, now: u64) -> Wall;
}

/// UTC alone, for tests.
#[derive(Debug, Clone, Copy)]
pub struct UtcAlone;

/// That a user rang.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rang {
    /// Who.
    #[serde(rename = "u")]
    pub user: UserId,
    /// When, server time in ms.
    #[serde(rename = "t")]
    pub at: u64,
}

/// What is kept of a user who has set quiet hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What they set.
    pub quiet: Quiet,
    /// Who rang them lately while they were quiet, the oldest first: at most [`MOST_INVITERS`].
    pub rang: Vec<Rang>,
}

/// How a ring is, of somebody who is quiet at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietRing {
    /// What of it wakes devices; `None` when it is loud, because the same inviter rang just before.
    pub push: Option<QuietPush>,
    /// Who rang lately, from now on; `None` when nobody is remembered.
    pub rang: Option<Vec<Rang>>,
}

/// Why settings are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadQuiet {
    /// More than [`MOST_SPANS`] spans.
    TooManySpans,
    /// The days of a span are not 1 to 7 days of the week, each once.
    Days,
    /// A span's `from` or `to` is no minute of a day.
    Minutes,
    /// There are hours, and no time zone in which they count.
    NoZone,
    /// The list has no such time zone.
    UnknownZone,
    /// More than [`MOST_EXCEPTIONS`] exceptions.
    TooManyExceptions,
}

impl Wall {
    /// The clocks of UTC. The first day of its count was a Thursday.
    pub fn utc(now: u64) -> Self {
        let minutes = now / 60_000;
        let day = (minutes / u64::from(DAY) + 3) % 7 + 1;
        let minute = minutes % u64::from(DAY);
        Self { day: u8::try_from(day).unwrap_or(1), minute: u16::try_from(minute).unwrap_or(0) }
    }

    fn day_before(self) -> u8 {
        if self.day == 1 { 7 } else { self.day - 1 }
    }
}

impl TimeZones for UtcAlone {
    fn knows(&self, zone: &str) -> bool {
        zone == "UTC"
    }

    fn wall(&self, _zone: &str, now: u64) -> Wall {
        Wall::utc(now)
    }
}

/// Settings that can be kept.
pub fn check(quiet: &Quiet, zones: &dyn TimeZones) -> Result<(), BadQuiet> {
    if quiet.hours.len() > MOST_SPANS {
        return Err(BadQuiet::TooManySpans);
    }
    quiet.hours.iter().try_for_each(check_span)?;
    match &quiet.time_zone {
        None if !quiet.hours.is_empty() => return Err(BadQuiet::NoZone),
        Some(zone) if !zones.knows(zone) => return Err(BadQuiet::UnknownZone),
        None | Some(_) => {}
    }
    if quiet.except.len() > MOST_EXCEPTIONS { Err(BadQuiet::TooManyExceptions) } else { Ok(()) }
}

fn check_span(span: &QuietSpan) -> Result<(), BadQuiet> {
    let is_once = |(place, day): (usize, &u8)| !span.days[..place].contains(day);
    let are_days = span.days.iter().all(|day| (1..=7).contains(day));
    if span.days.is_empty() || !are_days || !span.days.iter().enumerate().all(is_once) {
        return Err(BadQuiet::Days);
    }
    if span.from >= DAY || span.to > DAY { Err(BadQuiet::Minutes) } else { Ok(()) }
}

/// How a ring of `inviter` at `now` (server time in ms) is; `None` when the user is not quiet then, or `inviter` is excepted.
pub fn quiet_ring(kept: &Kept, inviter: &UserId, now: u64, zones: &dyn TimeZones) -> Option<QuietRing> {
    let Kept { quiet, rang } = kept;
    if !is_quiet(quiet, now, zones) || quiet.except.contains(inviter) {
        return None;
    }
    if !quiet.again {
        return Some(QuietRing { push: Some(quiet.push), rang: None });
    }
    let is_lately = |one: &&Rang| now.saturating_sub(one.at) < AGAIN_WITHIN_MS;
    let is_again = rang.iter().filter(is_lately).any(|one| one.user == *inviter);
    let mut lately: Vec<Rang> =
        rang.iter().filter(is_lately).filter(|one| one.user != *inviter).cloned().collect();
    lately.push(Rang { user: inviter.clone(), at: now });
    let surplus = lately.len().saturating_sub(MOST_INVITERS);
    lately.drain(..surplus);
    Some(QuietRing { push: (!is_again).then_some(quiet.push), rang: Some(lately) })
}

/// Whether the user is quiet at `now`.
fn is_quiet(quiet: &Quiet, now: u64, zones: &dyn TimeZones) -> bool {
    if quiet.until.is_some_and(|until| now < until) {
        return true;
    }
    let Some(zone) = quiet.time_zone.as_deref().filter(|_| !quiet.hours.is_empty()) else { return false };
    let wall = zones.wall(zone, now);
    quiet.hours.iter().any(|span| holds(span, wall))
}

/// Whether a clock's time lies in the span, which may have begun on the day before.
fn holds(span: &QuietSpan, wall: Wall) -> bool {
    let begins_on = |day: u8| span.days.contains(&day);
    if span.from < span.to {
        return begins_on(wall.day) && (span.from..span.to).contains(&wall.minute);
    }
    (begins_on(wall.day) && wall.minute >= span.from)
        || (begins_on(wall.day_before()) && wall.minute < span.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 1970-01-05, 00:00 UTC.
    const MONDAY: u64 = 4 * 86_400_000;
    const MINUTE: u64 = 60_000;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn nights(days: &[u8], from: u16, to: u16) -> Quiet {
        let hours = vec![QuietSpan { days: days.to_vec(), from, to }];
        Quiet { hours, time_zone: Some("UTC".to_owned()), ..Quiet::default() }
    }

    fn ring(quiet: &Quiet, rang: &[Rang], inviter: &str, now: u64) -> Option<QuietRing> {
        quiet_ring(&Kept { quiet: quiet.clone(), rang: rang.to_vec() }, &user(inviter), now, &UtcAlone)
    }

    fn is_quiet_at(quiet: &Quiet, now: u64) -> bool {
        ring(quiet, &[], "alice", now).is_some_and(|ring| ring.push.is_some())
    }

    #[test]
    fn hours_begin_and_end_to_the_minute_and_may_pass_midnight() {
        let evening = nights(&[1], 22 * 60, 7 * 60);
        let at = |day: u64, minute: u64| MONDAY + (day * 1_440 + minute) * MINUTE;
        let table = [
            (at(0, 22 * 60) - 1, false),
            (at(0, 22 * 60), true),
            (at(1, 0), true),
            (at(1, 7 * 60) - 1, true),
            (at(1, 7 * 60), false),
            (at(0, 6 * 60), false),
            (at(1, 22 * 60), false),
        ];
        for (now, quiet) in table {
            assert_eq!(is_quiet_at(&evening, now), quiet, "{now}");
        }
        // From Sunday into Monday.
        let sunday = nights(&[7], 22 * 60, 7 * 60);
        assert!(is_quiet_at(&sunday, at(0, 0)) && is_quiet_at(&sunday, at(6, 23 * 60)));
        let noon = nights(&[1, 2], 12 * 60, 13 * 60);
        let quiet: Vec<u64> = (0..7).filter(|day| is_quiet_at(&noon, at(*day, 12 * 60 + 30))).collect();
        assert_eq!(quiet, [0, 1]);
        let whole = nights(&[1], 0, 1_440);
        assert!(
            is_quiet_at(&whole, at(0, 0))
                && is_quiet_at(&whole, at(1, 0) - 1)
                && !is_quiet_at(&whole, at(1, 0))
        );
        let round = nights(&[1], 8 * 60, 8 * 60);
        assert!(is_quiet_at(&round, at(0, 8 * 60)) && is_quiet_at(&round, at(1, 8 * 60) - 1));
        assert!(!is_quiet_at(&round, at(1, 8 * 60)) && !is_quiet_at(&round, at(0, 8 * 60) - 1));
    }

    #[test]
    fn until_ends_on_its_millisecond_and_says_nothing_of_hours() {
        let quiet = Quiet { until: Some(MONDAY), ..nights(&[1], 60, 120) };
        assert!(is_quiet_at(&quiet, MONDAY - 1) && !is_quiet_at(&quiet, MONDAY));
        assert!(is_quiet_at(&quiet, MONDAY + 60 * MINUTE));
        assert!(!is_quiet_at(&Quiet::default(), MONDAY));
    }

    #[test]
    fn an_excepted_user_is_loud_and_is_not_remembered() {
        let quiet = Quiet { until: Some(u64::MAX), except: vec![user("mum")], ..Quiet::default() };
        assert_eq!(ring(&quiet, &[], "mum", 5), None);
        assert_eq!(ring(&quiet, &[], "bob", 5).unwrap().rang.unwrap(), [Rang { user: user("bob"), at: 5 }]);
    }

    #[test]
    fn a_second_call_within_three_minutes_is_loud() {
        let quiet = Quiet { until: Some(u64::MAX), push: QuietPush::None, ..Quiet::default() };
        let first = ring(&quiet, &[], "bob", 1_000).unwrap();
        assert_eq!(first.push, Some(QuietPush::None));
        let rang = first.rang.unwrap();
        let push = |inviter, now| ring(&quiet, &rang, inviter, now).unwrap().push;
        assert_eq!(push("bob", 1_000 + AGAIN_WITHIN_MS - 1), None);
        assert_eq!(push("bob", 1_000 + AGAIN_WITHIN_MS), Some(QuietPush::None));
        assert_eq!(push("carol", 2_000), Some(QuietPush::None), "somebody else");
        assert_eq!(push("bob", 999), None, "a clock that was set back");
        let off = Quiet { again: false, ..quiet.clone() };
        assert_eq!(
            ring(&off, &rang, "bob", 2_000),
            Some(QuietRing { push: Some(QuietPush::None), rang: None })
        );
    }

    #[test]
    fn a_ninth_inviter_pushes_the_first_out() {
        let quiet = Quiet { until: Some(u64::MAX), ..Quiet::default() };
        let mut rang = Vec::new();
        for number in 0..MOST_INVITERS {
            rang = ring(&quiet, &rang, &format!("u{number}"), number as u64).unwrap().rang.unwrap();
        }
        assert_eq!(rang.len(), MOST_INVITERS);
        assert_eq!(ring(&quiet, &rang, "u0", 9).unwrap().push, None);
        let after = ring(&quiet, &rang, "u8", 9).unwrap().rang.unwrap();
        assert_eq!((after.len(), &after[0].user), (MOST_INVITERS, &user("u1")));
        assert!(ring(&quiet, &after, "u0", 10).unwrap().push.is_some());
        // Whoever rings again takes no second place, and those of long ago have none.
        let again = ring(&quiet, &rang, "u0", 10).unwrap().rang.unwrap();
        assert_eq!((again.len(), again.last().unwrap()), (MOST_INVITERS, &Rang { user: user("u0"), at: 10 }));
        assert_eq!(ring(&quiet, &rang, "u9", AGAIN_WITHIN_MS + 7).unwrap().rang.unwrap().len(), 1);
    }

    #[test]
    fn settings_have_bounds() {
        let span = QuietSpan { days: vec![1], from: 1_439, to: 1_440 };
        let with = |change: fn(&mut Quiet)| {
            let mut quiet = nights(&[1], 0, 60);
            change(&mut quiet);
            check(&quiet, &UtcAlone)
        };
        let spans = |count| Quiet { hours: vec![span.clone(); count], ..nights(&[1], 0, 1) };
        assert_eq!(check(&spans(MOST_SPANS), &UtcAlone), Ok(()));
        assert_eq!(check(&spans(MOST_SPANS + 1), &UtcAlone), Err(BadQuiet::TooManySpans));
        let excepting = |count| Quiet { except: vec![user("a"); count], ..Quiet::default() };
        assert_eq!(check(&excepting(MOST_EXCEPTIONS), &UtcAlone), Ok(()));
        assert_eq!(check(&excepting(MOST_EXCEPTIONS + 1), &UtcAlone), Err(BadQuiet::TooManyExceptions));
        assert_eq!(with(|quiet| quiet.hours[0].days = (1..=7).collect()), Ok(()));
        for days in [vec![], vec![0], vec![8], vec![1, 1]] {
            let quiet = nights(&days, 0, 60);
            assert_eq!(check(&quiet, &UtcAlone), Err(BadQuiet::Days), "{days:?}");
        }
        assert_eq!(with(|quiet| quiet.hours[0].from = 1_440), Err(BadQuiet::Minutes));
        assert_eq!(with(|quiet| quiet.hours[0].to = 1_441), Err(BadQuiet::Minutes));
        assert_eq!(with(|quiet| quiet.time_zone = None), Err(BadQuiet::NoZone));
        assert_eq!(with(|quiet| quiet.time_zone = Some("Mars/Base".to_owned())), Err(BadQuiet::UnknownZone));
    }

    /// The greatest settings that can be kept, and the greatest list beside them, in characters that JSON doubles.
    #[test]
    fn what_is_kept_of_a_user_is_below_16_kib() {
        let widest = user(&"\"".repeat(64));
        let days = (1..=7).collect();
        let quiet = Quiet {
            until: Some(u64::MAX),
            hours: vec![QuietSpan { days, from: 1_439, to: 1_440 }; MOST_SPANS],
            time_zone: Some("America/Argentina/ComodRivadavia".to_owned()),
            except: vec![widest.clone(); MOST_EXCEPTIONS],
            again: false,
            push: QuietPush::Silent,
        };
        let rang = vec![Rang { user: widest, at: u64::MAX }; MOST_INVITERS];
        let bytes =
            serde_json::to_string(&quiet).unwrap().len() + serde_json::to_string(&rang).unwrap().len();
        assert!(bytes < 16 * 1_024, "{bytes}");
    }

    #[test]
    fn utc_knows_its_days() {
        // 2026-11-29, a Sunday, 00:41.
        assert_eq!(Wall::utc(1_795_912_860_000), Wall { day: 7, minute: 41 });
        assert_eq!(Wall::utc(0), Wall { day: 4, minute: 0 });
    }
}

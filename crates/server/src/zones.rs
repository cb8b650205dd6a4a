//! The clocks of time zones, by the list that was built into this program: quiet hours count in them.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use wigwag_engine::quiet::{TimeZones, Wall};

use crate::telemetry::Throttle;

/// The list. An operator whose country changes its clocks updates the server.
static LIST: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zones of the IANA list.
#[derive(Debug, Clone, Copy)]
pub struct Zones;

impl TimeZones for Zones {
    fn knows(&self, zone: &str) -> bool {
        LIST.get(zone).is_ok()
    }

    fn wall(&self, zone: &str, now: u64) -> Wall {
        wall(zone, now).unwrap_or_else(|| {
            forgotten(zone);
            Wall::utc(now)
        })
    }
}

fn wall(zone: &str, now: u64) -> Option<Wall> {
    let zone = LIST.get(zone).ok()?;
    let there = Timestamp::from_millisecond(i64::try_from(now).ok()?).ok()?.to_zoned(zone);
    let minute = u16::try_from(there.hour()).ok()? * 60 + u16::try_from(there.minute()).ok()?;
    Some(Wall { day: u8::try_from(there.weekday().to_monday_one_offset()).ok()?, minute })
}

/// Says once a minute that quiet hours were set in a zone that this version does not know.
fn forgotten(zone: &str) {
    static LINES: Throttle = Throttle::every(Duration::from_mins(1));
    if LINES.pass(1, Instant::now()).is_some() {
        tracing::warn!(
            zone,
            "quiet hours are in a time zone that this version does not know: they count as UTC"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_go_as_they_do_there() {
        let table = [
            // 2026-11-29, a Sunday, 00:41 UTC.
            ("UTC", 1_795_912_860_000, 7, 41),
            ("Europe/Berlin", 1_795_912_860_000, 7, 60 + 41),
            ("America/New_York", 1_795_912_860_000, 6, 19 * 60 + 41),
            ("Asia/Kathmandu", 1_795_912_860_000, 7, 6 * 60 + 26),
            // Berlin on the day on which its clocks go forward, a minute before it and then: 2026-03-29, 00:59 and 01:00 UTC.
            ("Europe/Berlin", 1_774_745_940_000, 7, 119),
            ("Europe/Berlin", 1_774_746_000_000, 7, 180),
        ];
        for (zone, now, day, minute) in table {
            assert_eq!(Zones.wall(zone, now), Wall { day, minute }, "{zone} at {now}");
        }
    }

    #[test]
    fn names_are_those_of_the_list() {
        assert!(Zones.knows("Europe/Berlin") && Zones.knows("Asia/Shanghai"));
        for none in ["", "Berlin", "Mars/Base", "../etc/passwd", "UTC+1", "/usr/share/zoneinfo/UTC"] {
            assert!(!Zones.knows(none), "{none}");
        }
        assert_eq!(Zones.wall("Mars/Base", 60_000), Wall::utc(60_000));
    }
}

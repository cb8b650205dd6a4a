import type { Quiet } from "@wigwag/sdk";

/** What the menu offers; `other` is what was set by something else than this page. */
export type Chosen = "off" | "hour" | "morning" | "nights" | "other";

/** Minutes of the day. */
const EVENING = 22 * 60;
const MORNING = 7 * 60;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

const HOUR_MS = 3_600_000;

/** How far clocks may be apart when an end is compared with the morning, ms. */
const MINUTE_MS = 60_000;

/** The settings of a choice. Exceptions and what wakes devices stay as they were set. `now`, and times in settings here, are of this machine's clock, ms. */
export function settingsOf(chosen: Exclude<Chosen, "other">, before: Quiet, now: number, timeZone: string): Quiet {
  const { until: _until, hours: _hours, timeZone: _zone, ...kept } = before;
  switch (chosen) {
    case "off":
      return kept;
    case "hour":
      return { ...kept, until: now + HOUR_MS };
    case "morning":
      return { ...kept, until: nextMorning(now) };
    case "nights":
      return { ...kept, hours: [{ days: EVERY_DAY, from: EVENING, to: MORNING }], timeZone };
  }
}

/** What settings come to. A time that is over says nothing any more. */
export function chosenOf({ until = 0, hours = [] }: Quiet, now: number): Chosen {
  const waits = until > now;
  if (hours.length === 0) {
    return !waits
      ? "off"
      : Math.abs(until - nextMorning(now)) < MINUTE_MS
        ? "morning"
        : until <= now + HOUR_MS + MINUTE_MS
          ? "hour"
          : "other";
  }
  const [only, ...more] = hours;
  const isNights = only?.from === EVENING && only.to === MORNING && only.days.length === EVERY_DAY.length;
  return isNights && more.length === 0 && !waits ? "nights" : "other";
}

/** The next seven o'clock in the morning by this machine's clock, ms. */
function nextMorning(now: number): number {
  const morning = new Date(now);
  morning.setHours(MORNING / 60, 0, 0, 0);
  if (morning.getTime() <= now) {
    morning.setDate(morning.getDate() + 1);
  }
  return morning.getTime();
}

import type { Language } from "../strings/say.js";

/** Formats a duration as `02:13`, or as `1:02:13` from an hour on. */
export function durationOf(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** Formats the time of day, with the date if it is not today. */
export function clockOf(time: number, now: number, language: Language): string {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const today = new Date(time).toDateString() === new Date(now).toDateString();
  const day = today ? {} : ({ month: "short", day: "numeric" } as const);
  return new Intl.DateTimeFormat(locale, { ...day, hour: "2-digit", minute: "2-digit" }).format(time);
}

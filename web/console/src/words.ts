import { isText, type Say } from "./strings/say.js";
import type { TextKey } from "./strings/texts.js";

/** Platforms by their number in the protocol: names of their own, or the names of texts. */
const PLATFORMS = [
  "",
  "iOS",
  "Android",
  "Windows",
  "macOS",
  "Web",
  "platform.miniProgram",
  "Linux",
  "platform.androidPad",
  "iPad",
  "platform.admin",
  "HarmonyOS",
];

export function platformName(say: Say, platform: number): string {
  const name = PLATFORMS[platform] || "platform.other";
  return isText(name) ? say(name, { number: platform }) : name;
}

/** A time as UTC, to the millisecond: what logs of servers and other tools have too. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace("Z", "");
}

/** A duration in the two largest units that are not zero. */
export function lasting(say: Say, ms: number): string {
  if (ms < 1_000) {
    return say("lasting.ms", { number: ms });
  }
  const seconds = Math.floor(ms / 1_000);
  const parts: [number, TextKey][] = [
    [Math.floor(seconds / 86_400), "lasting.d"],
    [Math.floor(seconds / 3_600) % 24, "lasting.h"],
    [Math.floor(seconds / 60) % 60, "lasting.min"],
    [seconds % 60, "lasting.s"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  return parts
    .slice(first, first + 2)
    .filter(([number]) => number > 0)
    .map(([number, unit]) => say(unit, { number }))
    .join(" ");
}

/** A word of the protocol such as `timedOut`, for people: `timed out`. One that a newer server has is shown as it is written. */
export function plain(say: Say, word: string): string {
  const key = `word.${word}`;
  return isText(key) ? say(key) : word.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A number as people write it. */
export function counted(count: number): string {
  return count.toLocaleString("en");
}

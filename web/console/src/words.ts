/** Platforms by their number in the protocol. */
const PLATFORMS = [
  "",
  "iOS",
  "Android",
  "Windows",
  "macOS",
  "Web",
  "Mini program",
  "Linux",
  "Android pad",
  "iPad",
  "Admin",
  "HarmonyOS",
];

export function platformName(platform: number): string {
  return PLATFORMS[platform] || `Platform ${platform}`;
}

/** A time as UTC, to the millisecond: what logs of servers and other tools have too. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace("Z", "");
}

/** A duration in the two largest units that are not zero. */
export function lasting(ms: number): string {
  if (ms < 1_000) {
    return `${ms} ms`;
  }
  const seconds = Math.floor(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  return parts
    .slice(first, first + 2)
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(" ");
}

/** A word of the protocol such as `timedOut`, for people: `timed out`. */
export function plain(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A number with its noun: one waits, two wait. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

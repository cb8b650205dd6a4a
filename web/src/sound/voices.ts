/** How loud users are, in steps from 1, a quiet voice, to 4; those who are silent are absent. */
export type Levels = ReadonlyMap<string, number>;

/** The loudness at which each step begins, 0 to 1: 40, 30, 20 and 10 dB below the loudest that there is. */
const STEPS = [0.01, 0.032, 0.1, 0.32];

/**
 * The levels after a measurement. They rise at once and fall by one step with each, so that a mark does not flicker between syllables;
 * the same map when nothing changed.
 */
export function louder(before: Levels, measured: ReadonlyMap<string, number>): Levels {
  const after = new Map<string, number>();
  for (const [userID, loudness] of measured) {
    const level = Math.max(stepOf(loudness), (before.get(userID) ?? 0) - 1);
    if (level > 0) {
      after.set(userID, level);
    }
  }
  const same = after.size === before.size && [...after].every(([userID, level]) => before.get(userID) === level);
  return same ? before : after;
}

function stepOf(loudness: number): number {
  return STEPS.filter((least) => loudness >= least).length;
}

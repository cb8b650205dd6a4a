/**
 * A UUIDv7: unique without asking, and ordered in time (RFC 9562 section 5.7).
 *
 * @param now ms since 1970
 * @param random 0 ≤ random < 1
 */
export function uuidv7(now: number, random: () => number): string {
  const time = Math.floor(now).toString(16).padStart(12, "0");
  const digit = () => Math.floor(random() * 16).toString(16);
  const digits = (count: number) => Array.from({ length: count }, digit).join("");
  const variant = "89ab"[Math.floor(random() * 4)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-${variant}${digits(3)}-${digits(12)}`;
}

/** A new identifier for what this device makes. */
export function newID(): string {
  return uuidv7(Date.now(), random);
}

/** Chance from the system; React Native may have none without a polyfill. */
export function random(): number {
  const crypto = globalThis.crypto;
  if (typeof crypto?.getRandomValues !== "function") {
    return Math.random();
  }
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/**
 * Users type names for people and rooms; the server takes IDs of printable ASCII without space. A name that is a valid ID is its
 * own ID. Any other name becomes a tilde and its UTF-8 in base64url, which every page can turn back into the name.
 */

/** The longest userID that the server takes, in bytes. */
export const USER_ID_BYTES = 64;

/** The first letter of an encoded ID. */
const ENCODED = "~";

export function idOf(name: string): string {
  return /^[!-}][!-~]*$/.test(name) ? name : ENCODED + encode(name);
}

export function nameOf(id: string): string {
  return id.startsWith(ENCODED) ? (decode(id.slice(ENCODED.length)) ?? id) : id;
}

/** The name without extra blanks and in Unicode normal form C, so that equal names have equal IDs. */
export function tidied(name: string): string {
  return name.normalize("NFC").trim().replace(/\s+/g, " ");
}

/** The IDs that users of this name may have, whatever the case of its letters: as it is written first, then as names are mostly written. */
export function idsOf(name: string): string[] {
  const lower = name.toLowerCase();
  const capitals = lower.replace(/(?<=^|[\s._-])\p{L}/gu, (letter) => letter.toUpperCase());
  const ids = [name, lower, capitals, name.toUpperCase()].map(idOf);
  return [...new Set(ids)].filter((id) => id.length <= USER_ID_BYTES);
}

/** Whether two names differ in nothing but the case of their letters. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** One or two letters for an avatar: initials, or the end of a Chinese name, which is the given name. */
export function initialsOf(name: string): string {
  const letters = [...name];
  if (/\p{Script=Han}/u.test(name)) {
    return letters.slice(-2).join("");
  }
  const [first = "", second] = name.split(/[\s._-]+/).filter((word) => word !== "");
  return (second === undefined ? [...first].slice(0, 2).join("") : `${[...first][0]}${[...second][0]}`).toUpperCase();
}

/** How many colours and patterns there are. */
export const TINTS = 12;
export const PATTERNS = 4;

/** The colour and the pattern of a user, so that two with the same letters look different. */
export function lookOf(id: string): { readonly tint: number; readonly pattern: number } {
  let sum = 0;
  for (const letter of id) {
    sum = (sum * 33 + (letter.codePointAt(0) ?? 0)) % 9_973;
  }
  return { tint: sum % TINTS, pattern: Math.floor(sum / TINTS) % PATTERNS };
}

function encode(name: string): string {
  const bytes = new TextEncoder().encode(name);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function decode(text: string): string | undefined {
  try {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

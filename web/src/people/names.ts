/**
 * People and rooms have names that people type; the server knows IDs of printable ASCII without space. A name that is one already
 * is its own ID; any other is written in base64 behind a tilde, so that every page comes to the same ID and back to the name.
 */

/** Bytes of a userID. */
export const USER_ID_BYTES = 64;

/** Begins an ID that has to be decoded. */
const ENCODED = "~";

export function idOf(name: string): string {
  return /^[!-}][!-~]*$/.test(name) ? name : ENCODED + encode(name);
}

export function nameOf(id: string): string {
  return id.startsWith(ENCODED) ? (decode(id.slice(ENCODED.length)) ?? id) : id;
}

/** The name as it is meant: without blanks around it, and the same letters always by the same code points. */
export function tidied(name: string): string {
  return name.normalize("NFC").trim().replace(/\s+/g, " ");
}

/** One or two letters to put on a picture: initials, or the end of a Chinese name, by which people call each other. */
export function initialsOf(name: string): string {
  const letters = [...name];
  if (/\p{Script=Han}/u.test(name)) {
    return letters.slice(-2).join("");
  }
  const [first = "", second] = name.split(/[\s._-]+/).filter((word) => word !== "");
  return (second === undefined ? [...first].slice(0, 2).join("") : `${[...first][0]}${[...second][0]}`).toUpperCase();
}

/** One of the colours that people are told apart by, 0–5. */
export function tintOf(id: string): number {
  let sum = 0;
  for (const letter of id) {
    sum = (sum * 33 + (letter.codePointAt(0) ?? 0)) % 9_973;
  }
  return sum % 6;
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

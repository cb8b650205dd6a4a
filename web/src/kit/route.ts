import { useEffect, useState } from "preact/hooks";

/** A scene. The address names it behind `#`, with the person or the room that it shows. */
export type Scene = "call" | "class" | "live";

export interface Route {
  readonly scene: Scene;
  /** The other person's userID, or the room's name. */
  readonly at?: string;
  /** Whether the address asks for a call to the person. */
  readonly now?: true;
}

export const SCENES: readonly Scene[] = ["call", "class", "live"];

export function readRoute(hash: string): Route {
  const [, scene = "", rest = ""] = /^#\/([a-z]+)(?:\/(.*))?$/.exec(hash) ?? [];
  const known = SCENES.find((name) => name === scene) ?? "call";
  // A slash in a name is written as %2F.
  const asks = known === "call" && rest.endsWith(NOW);
  const name = unescaped(asks ? rest.slice(0, -NOW.length) : rest);
  return name === "" || known !== scene ? { scene: known } : { scene: known, at: name, ...(asks ? { now: true } : {}) };
}

export function writeRoute({ scene, at, now }: Route): string {
  return at === undefined ? `#/${scene}` : `#/${scene}/${encodeURIComponent(at)}${now === true ? NOW : ""}`;
}

/** The end of an address that asks for a call. */
const NOW = "/now";

export function go(route: Route): void {
  location.hash = writeRoute(route);
}

/** Goes there in the place of the present address, to which there is no way back. */
export function replace(route: Route): void {
  location.replace(writeRoute(route));
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return readRoute(hash);
}

/** Decodes the rest of an address; returns nothing for a damaged one, so that it leads to the scene itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

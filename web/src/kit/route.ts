import { useEffect, useState } from "preact/hooks";

/** A scene. The address names it behind `#`, with the person or the room that it shows. */
export type Scene = "call" | "class" | "live";

export interface Route {
  readonly scene: Scene;
  /** The other person's userID, or the room's name. */
  readonly at?: string;
}

export const SCENES: readonly Scene[] = ["call", "class", "live"];

export function readRoute(hash: string): Route {
  const [, scene = "", at = ""] = /^#\/([a-z]+)(?:\/(.*))?$/.exec(hash) ?? [];
  const known = SCENES.find((name) => name === scene) ?? "call";
  const name = unescaped(at);
  return name === "" || known !== scene ? { scene: known } : { scene: known, at: name };
}

export function writeRoute({ scene, at }: Route): string {
  return at === undefined ? `#/${scene}` : `#/${scene}/${encodeURIComponent(at)}`;
}

export function go(route: Route): void {
  location.hash = writeRoute(route);
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

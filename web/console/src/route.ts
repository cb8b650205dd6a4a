import { useEffect, useState } from "preact/hooks";

/** The sections of the console, in the order of the navigation. */
export const SECTIONS = ["overview", "users", "invitations", "calls", "groups", "webhooks"] as const;

export type Section = (typeof SECTIONS)[number];

/** A place of the console: a section, and what of it is looked at. */
export interface Route {
  readonly section: Section;
  readonly id?: string;
}

/** What the fragment of the address means. It never holds a key. */
export function parseRoute(hash: string): Route {
  const [name = "", id = ""] = hash.replace(/^#?\/?/, "").split("/");
  const section = SECTIONS.find((known) => known === name) ?? "overview";
  return id === "" ? { section } : { section, id: decoded(id) };
}

export function linkTo(section: Section, id?: string): string {
  return id === undefined ? `#/${section}` : `#/${section}/${encodeURIComponent(id)}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return parseRoute(hash);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

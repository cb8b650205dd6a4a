import { type Message, type Remark, sequenceDiagram } from "../kit/mermaid.js";
import type { Arrow, Lane } from "./trace.js";

/** Fields of frames that let others in: whoever reads a report must not be able to sign in, or to use the media server. */
const SECRET = new Set(["token", "credential", "userSig", "password"]);

/** What stands in the place of a secret. */
const HIDDEN = "…";

/** A frame as it was, laid out for people, without what lets others in. */
export function shareable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json, hide), undefined, 2);
  } catch {
    return json;
  }
}

/** The frames as a file for a report: when, which way, what. */
export function framesOf(arrows: readonly Arrow[]): string {
  const frames = arrows.map(({ at, kind, name, hint, json }) => ({
    at: new Date(at).toISOString(),
    kind,
    name,
    ...(json === undefined ? { hint } : { frame: JSON.parse(shareable(json)) as unknown }),
  }));
  return `${JSON.stringify({ frames }, undefined, 2)}\n`;
}

/** The frames as a sequence diagram in Mermaid's language. */
export function diagramOf(arrows: readonly Arrow[], titles: Readonly<Record<Lane, string>>): string {
  return sequenceDiagram(
    [titles.me, titles.server, titles.others],
    arrows.map((arrow) => rowOf(arrow, titles)),
  );
}

function rowOf(arrow: Arrow, titles: Readonly<Record<Lane, string>>): Message | Remark {
  const { at, name, hint, actor, inviteID, from, to } = arrow;
  const about = [hint, inviteID === undefined ? undefined : inviteID.slice(-4), actor].filter((word) => word !== undefined);
  const text = [new Date(at).toISOString().slice(11, 23), name, ...about].join(" ");
  if (from === undefined || to === undefined) {
    return { over: [titles.me, titles.others], text };
  }
  return { from: titles[from], to: titles[to], text, isDotted: arrow.kind !== "request" };
}

function hide(field: string, value: unknown): unknown {
  return SECRET.has(field) && typeof value === "string" ? HIDDEN : value;
}

import type { KnownEvent, Message } from "@wigwag/sdk";
import { type Media, readNote, readPurpose, readsBusy } from "../session/payload.js";
import { ACTION, type Signaled, signaledByEvent, signaledByMessage } from "../session/signaled.js";

/** One thing that happened in a conversation, at its place. */
export type Item = { readonly seq: number; readonly time: number } & (
  | { readonly kind: "text"; readonly sender: string; readonly text: string }
  | ({ readonly kind: "signaling" } & Pick<Signaled, "actionType" | "inviteID" | "inviter" | "data">)
  | { readonly kind: "end"; readonly inviteID: string; readonly seconds: number }
);

/** How a call went. */
export type Outcome =
  | { readonly how: "ringing" }
  | { readonly how: "cancelled" }
  | { readonly how: "declined" }
  | { readonly how: "busy" }
  | { readonly how: "noAnswer" }
  /** `seconds` is absent until one side has sent the end of the call. */
  | { readonly how: "answered"; readonly seconds?: number };

/** One line of a conversation. All messages of a call make one line. */
export type Line =
  | { readonly kind: "text"; readonly key: string; readonly time: number; readonly mine: boolean; readonly text: string }
  | {
      readonly kind: "call";
      readonly key: string;
      readonly time: number;
      /** Whether the reader is the caller. */
      readonly mine: boolean;
      readonly media: Media;
      readonly outcome: Outcome;
    };

/** Items by `seq`, so that an item that is read twice is kept once. */
export type Items = ReadonlyMap<number, Item>;

/** The item of a message; undefined when the conversation does not show the message. */
export function itemOfMessage(message: Message): Item | undefined {
  const { seq, time, sender, type, content } = message;
  if (seq === undefined) {
    return undefined;
  }
  const text = type === "text" ? content.text : undefined;
  if (typeof text === "string") {
    return { kind: "text", seq, time, sender, text };
  }
  const step = signaledByMessage(message);
  if (step !== undefined) {
    return { kind: "signaling", ...step };
  }
  const note = readNote(content.data);
  return note?.scene === "call" && note.action === "end"
    ? { kind: "end", seq, time, inviteID: note.inviteID, seconds: note.seconds }
    : undefined;
}

/** The item that an event adds to a conversation, and which conversation that is. */
export function itemOfEvent(event: KnownEvent): { conversation: string; item: Item } | undefined {
  if (event.type === "message.received") {
    const item = itemOfMessage(event.message);
    return item && { conversation: event.message.conversation, item };
  }
  const step = signaledByEvent(event);
  return step && { conversation: step.conversation, item: { kind: "signaling", ...step } };
}

/** The lines of a conversation, oldest first. A call stands where it began, and is left out when its beginning was not read. */
export function linesOf(items: Items, me: string): Line[] {
  const ordered = [...items.values()].sort((one, other) => one.seq - other.seq);
  const calls = new Map<string, Line & { kind: "call" }>();
  const lines: Line[] = [];
  for (const item of ordered) {
    if (item.kind === "text") {
      lines.push({ kind: "text", key: String(item.seq), time: item.time, mine: item.sender === me, text: item.text });
      continue;
    }
    const known = calls.get(item.inviteID);
    const line = known === undefined ? beginning(item, me) : { ...known, outcome: later(known.outcome, item) };
    if (line !== undefined) {
      if (known === undefined) {
        lines.push(line);
      }
      calls.set(item.inviteID, line);
    }
  }
  return lines.map((line) => (line.kind === "call" ? (calls.get(line.key) ?? line) : line));
}

/** The server's name for the conversation of two users. */
export function conversationOf(one: string, other: string): string {
  return `c2c:${[one, other].sort().join(" ")}`;
}

function beginning(item: Exclude<Item, { kind: "text" }>, me: string): (Line & { kind: "call" }) | undefined {
  const purpose = item.kind === "signaling" && item.actionType === ACTION.invited ? readPurpose(item.data) : undefined;
  return item.kind === "signaling" && purpose?.scene === "call"
    ? {
        kind: "call",
        key: item.inviteID,
        time: item.time,
        mine: item.inviter === me,
        media: purpose.media,
        outcome: { how: "ringing" },
      }
    : undefined;
}

function later(outcome: Outcome, item: Exclude<Item, { kind: "text" }>): Outcome {
  if (item.kind === "end") {
    // Both may hang up at the same moment; the first message counts.
    return outcome.how === "answered" && outcome.seconds === undefined ? { how: "answered", seconds: item.seconds } : outcome;
  }
  switch (item.actionType) {
    case ACTION.cancelled:
      return { how: "cancelled" };
    case ACTION.accepted:
      return { how: "answered" };
    case ACTION.rejected:
      return { how: readsBusy(item.data) ? "busy" : "declined" };
    case ACTION.timedOut:
      return { how: "noAnswer" };
    default:
      return outcome;
  }
}

import type { KnownEvent, Message } from "@wigwag/sdk";
import { type Media, readPurpose, readsBusy } from "../session/payload.js";
import { ACTION, type Signaled, signaledByEvent, signaledByMessage } from "../session/signaled.js";
import type { KnownCalls, Outcome } from "./knownCalls.js";

/** One thing that happened in a conversation, at its place. */
export type Item = { readonly seq: number; readonly time: number } & (
  | {
      readonly kind: "text";
      readonly sender: string;
      readonly text: string;
      /** Whether it does not count as unread. */
      readonly quiet?: boolean;
    }
  | ({ readonly kind: "signaling" } & Pick<Signaled, "actionType" | "inviteID" | "inviter" | "data">)
);

interface Placed {
  readonly key: string;
  readonly time: number;
  /** The newest message of this line. */
  readonly seq: number;
  /** Whether the reader wrote it, or is the caller. */
  readonly mine: boolean;
}

/** One line of a conversation. All messages of a call make one line. */
export type Line = Placed &
  (
    | { readonly kind: "text"; readonly text: string; readonly quiet: boolean }
    | { readonly kind: "call"; readonly media: Media; readonly outcome: Outcome }
  );

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
    return { kind: "text", seq, time, sender, text, ...(message.excludedFromUnread === true ? { quiet: true } : {}) };
  }
  const step = signaledByMessage(message);
  return step && { kind: "signaling", ...step };
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

/**
 * The lines of a conversation, oldest first. A call stands where it began, or at the first of its messages that was read. `known`: what
 * the server says of calls. Of those that other apps make it alone says that they are calls, and so it is when the beginning was not read.
 */
export function linesOf(items: Items, me: string, known: KnownCalls = new Map()): Line[] {
  const ordered = [...items.values()].sort((one, other) => one.seq - other.seq);
  const calls = new Map<string, Line & { kind: "call" }>();
  const lines: Line[] = [];
  for (const item of ordered) {
    if (item.kind === "text") {
      lines.push(textLine(item, me));
      continue;
    }
    const begun = calls.get(item.inviteID);
    const line = goneOn(begun ?? beginning(item, me, known), item);
    if (line !== undefined) {
      if (begun === undefined) {
        lines.push(line);
      }
      calls.set(item.inviteID, line);
    }
  }
  return lines.map((line) => (line.kind === "call" ? ended(calls.get(line.key) ?? line, known) : line));
}

/** The server's name for the conversation of two users. */
export function conversationOf(one: string, other: string): string {
  return `c2c:${[one, other].sort().join(" ")}`;
}

function ended(line: Line & { kind: "call" }, known: KnownCalls): Line {
  return { ...line, outcome: known.get(line.key)?.outcome ?? line.outcome };
}

function textLine({ seq, time, sender, text, quiet = false }: Item & { kind: "text" }, me: string): Line {
  return { kind: "text", key: String(seq), seq, time, mine: sender === me, text, quiet };
}

function beginning(item: Exclude<Item, { kind: "text" }>, me: string, known: KnownCalls): (Line & { kind: "call" }) | undefined {
  const { inviteID: key, seq, time, inviter } = item;
  const media = item.actionType === ACTION.invited ? mediaIn(item, known) : known.get(key)?.media;
  return media && { kind: "call", key, seq, time, mine: inviter === me, media, outcome: { how: "ringing" } };
}

function goneOn<L extends Line & { kind: "call" }>(line: L | undefined, item: Exclude<Item, { kind: "text" }>): L | undefined {
  return line && { ...line, seq: item.seq, outcome: later(line.outcome, item) };
}

/** What the call carries that an invitation begins; undefined when it begins none. */
function mediaIn({ inviteID, data }: Exclude<Item, { kind: "text" }>, known: KnownCalls): Media | undefined {
  const purpose = readPurpose(data);
  return purpose?.scene === "call" ? purpose.media : known.get(inviteID)?.media;
}

function later(outcome: Outcome, item: Exclude<Item, { kind: "text" }>): Outcome {
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

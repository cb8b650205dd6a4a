import type { ConversationView, Message } from "@wigwag/sdk";
import type { KnownCalls } from "./knownCalls.js";
import { type Item, type Items, itemOfMessage, type Line, linesOf } from "./lines.js";
import { isMissed } from "./words.js";

/** What the page knows of the conversation with one user. */
export interface Talk {
  /** Its newest messages, as far as they were read. */
  readonly items: Items;
  /** Whether `items` goes back to the beginning. */
  readonly complete: boolean;
  /** Up to where this user has read; undefined until the server has said. */
  readonly readSeq?: number;
  /** Unread messages before `items`, as the server counts them: a call leaves more than one. */
  readonly beyond: number;
  /** When something was last said, ms since 1970. */
  readonly time: number;
}

export function emptyTalk(time: number): Talk {
  return { items: new Map(), complete: false, beyond: 0, time };
}

/** The conversation as the server lists it: its last message alone. What was heard since it was asked stays in it. */
export function listedTalk(view: ConversationView, me: string, heard: Pick<Talk, "items" | "readSeq">): Talk {
  const { lastMessage, unread } = view;
  const messages = lastMessage === undefined ? [] : [lastMessage];
  const counted = messages.filter((message) => counts(message, view.readSeq, me)).length;
  const readSeq = Math.max(view.readSeq, heard.readSeq ?? 0);
  const listed = { ...emptyTalk(lastMessage?.time ?? 0), readSeq, beyond: Math.max(0, unread - counted) };
  return withItems(listed, [...itemsOf(messages), ...heard.items.values()]);
}

/** What was heard of a conversation after `before`; all that is known when nothing up to `lastSeq` was missed. */
export function since(before: Talk | undefined, now: Talk | undefined, lastSeq: number): Pick<Talk, "items" | "readSeq"> {
  const { items = new Map(), readSeq } = now ?? {};
  const old = before?.items.has(lastSeq) ? undefined : before?.items;
  const heard = new Map([...items].filter(([seq]) => old?.has(seq) !== true));
  return { items: heard, ...(readSeq === undefined ? {} : { readSeq }) };
}

/** How many of the newest messages have to be read to know what is unread and what was last said; 0 if that is known. */
export function tailOf(view: ConversationView, talk: Talk, me: string, known: KnownCalls): number {
  if (view.unread > 0) {
    // Two more, for the beginning of a call of which only the end is unread.
    return Math.min(TAIL, view.lastSeq - view.readSeq + 2);
  }
  return view.lastMessage === undefined || lastOf(talk, me, known) !== undefined ? 0 : GLANCE;
}

/** With the newest messages of the conversation, which the server counted when it listed it. */
export function withTail(talk: Talk, { unread, readSeq }: ConversationView, messages: readonly Message[], me: string): Talk {
  const oldest = Math.min(...messages.map(({ seq = 0 }) => seq));
  const counted = messages.filter((message) => counts(message, readSeq, me)).length;
  const beyond = oldest <= readSeq + 1 ? 0 : Math.max(0, unread - counted);
  return { ...withItems(talk, itemsOf(messages)), beyond };
}

export function withItems(talk: Talk, items: readonly Item[]): Talk {
  const all = new Map([...talk.items, ...items.map((item) => [item.seq, item] as const)]);
  return { ...talk, items: all, time: Math.max(talk.time, ...items.map(({ time }) => time)) };
}

/** This user has read up to `seq`, on this device or another. */
export function readUpTo(talk: Talk, seq: number): Talk {
  const oldest = Math.min(...talk.items.keys());
  return { ...talk, readSeq: Math.max(seq, talk.readSeq ?? 0), beyond: seq >= oldest - 1 ? 0 : talk.beyond };
}

/** What is unread: texts, and calls that were missed. A call counts once, however many messages it left. */
export function unreadIn(talk: Talk, me: string, known: KnownCalls): number {
  const unread = linesOf(talk.items, me, known).filter(
    (line) => !line.mine && line.seq > (talk.readSeq ?? 0) && (line.kind === "text" ? !line.quiet : isMissed(line)),
  );
  return talk.beyond + unread.length;
}

/** The line of which something was said last. */
export function lastOf(talk: Talk, me: string, known: KnownCalls): Line | undefined {
  const lines = linesOf(talk.items, me, known);
  return lines.length === 0 ? undefined : lines.reduce((last, line) => (line.seq > last.seq ? line : last));
}

export function newestOf({ items }: Talk): number {
  return Math.max(0, ...items.keys());
}

export function itemsOf(messages: readonly Message[]): Item[] {
  return messages.flatMap((message) => itemOfMessage(message) ?? []);
}

function counts({ seq = 0, sender, excludedFromUnread }: Message, readSeq: number, me: string): boolean {
  return seq > readSeq && sender !== me && excludedFromUnread !== true;
}

/** Messages that are read of a conversation to count what is unread in it. Of what is before them the server's count is shown. */
const TAIL = 60;

/** Messages that are looked through for something to show, where the last message is not shown. */
const GLANCE = 10;

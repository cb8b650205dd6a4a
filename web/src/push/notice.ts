import { nameOf } from "../people/names.js";
import type { Woken } from "../session/woken.js";
import { type Say, sayIn } from "../strings/say.js";
import type { TextKey } from "../strings/texts.js";
import type { Answered } from "./answered.js";
import { type About, type OverPush, type OverReason, type Pushed, type RingPush, shownText, TITLE_LETTERS } from "./pushed.js";

/** What a notification of ours carries, for its click and for the next push about the same invitation. */
export interface Mark {
  readonly kind: "ring" | "over";
  /** The push's. */
  readonly id: string;
  readonly inviteID: string;
  readonly userID: string;
  readonly inviter?: string;
  /** The part of the app's address, from `#`, that the click leads to. */
  readonly to: string;
  /** Of a ring: with which the worker answers. */
  readonly actionToken?: string;
}

/** The buttons on the ring of a call. Browsers show two at most; those that show none lose nothing, because a press opens the page. */
export type Press = "accept" | "decline";

interface Button {
  readonly action: Press;
  readonly title: string;
}

/** A notification as the browser takes it. There is one for each invitation. */
export interface Notice {
  readonly title: string;
  readonly options: NotificationOptions & {
    readonly tag: string;
    readonly data: Mark;
    readonly renotify?: boolean;
    readonly vibrate?: number[];
    readonly actions?: readonly Button[];
  };
}

export type Act =
  | { readonly do: "show"; readonly notice: Notice }
  | { readonly do: "close"; readonly tag: string }
  /** There is nothing to tell, or it is told already. */
  | { readonly do: "nothing" };

/** What the worker knows when a push comes. */
export interface Facts {
  readonly woken: Woken;
  /** This machine's clock, ms. */
  readonly now: number;
  /** Whether a page before the user's eyes has heard of the invitation, and shows what becomes of it. */
  readonly heard: boolean;
  /** Of the notification that is shown for the invitation. */
  readonly shown: Mark | undefined;
}

/** The mark of a notification, by its `data`. */
export function markIn(data: unknown): Mark | undefined {
  const mark = data as Partial<Mark> | null | undefined;
  return mark?.kind === "ring" || mark?.kind === "over" ? (mark as Mark) : undefined;
}

/**
 * What a push leads to. Browsers allow pushes that are seen: one that shows nothing costs the page its right to be woken. So what is
 * over takes the place of what rang, as a quiet line.
 */
export function actOn(pushed: Pushed | undefined, { woken, now, heard, shown }: Facts): Act {
  if (pushed === undefined) {
    return { do: "show", notice: somethingNew(woken) };
  }
  const { inviteID: tag, userID } = pushed;
  if (userID !== woken.userID) {
    // Whoever used this browser before: their name and their calls are not shown to the next one.
    return { do: "close", tag };
  }
  if (heard) {
    return pushed.type === "over" ? { do: "close", tag } : { do: "nothing" };
  }
  if (shown?.kind === "over" || shown?.id === pushed.id) {
    return { do: "nothing" };
  }
  const say = sayIn(woken.language);
  if (pushed.type === "over") {
    return { do: "show", notice: overNotice(say, woken, pushed, pushed.reason, shown) };
  }
  const isLate = now + woken.aheadMs >= pushed.deadline;
  return {
    do: "show",
    notice: isLate ? overNotice(say, woken, pushed, "timedOut", markOf(pushed)) : ringNotice(say, woken, pushed),
  };
}

/** The notification of a ring. A title of the inviter's own is shown beside the inviter's name, so that nobody rings as somebody else. */
export function ringNotice(say: Say, { language }: Pick<Woken, "language">, ring: Omit<RingPush, "type" | "deadline">): Notice {
  const name = shownName(ring.inviter);
  const text = ring.body ?? say("wake.open");
  const title = ring.title ?? say(WORDS[wordsFor(ring)], { name });
  return {
    title,
    options: {
      ...common(language, markOf(ring)),
      body: ring.title === undefined || ring.title.includes(name) ? text : `${name} · ${text}`,
      requireInteraction: true,
      ...(ring.quiet ? { silent: true } : { renotify: true, vibrate: [400, 200, 400, 200, 400] }),
      ...(isCallBetweenTwo(ring) ? { actions: buttons(say) } : {}),
    },
  };
}

/** A person's name as it is shown, with the bound of a title. */
function shownName(userID: string): string {
  return shownText(nameOf(userID), TITLE_LETTERS) ?? userID;
}

function markOf(ring: Omit<RingPush, "type" | "deadline">): Mark {
  const { id, inviteID, userID, inviter, actionToken } = ring;
  const mark = { kind: "ring", id, inviteID, userID, inviter, to: placeOf(ring) } as const;
  return actionToken === undefined ? mark : { ...mark, actionToken };
}

/** The calls that a page rings for, wherever it is. Everything else is answered in its room. */
function isCallBetweenTwo(ring: Pick<RingPush, "about" | "groupID">): boolean {
  const words = wordsFor(ring);
  return words === "video" || words === "audio";
}

function buttons(say: Say): Button[] {
  return [
    { action: "accept", title: say("call.accept") },
    { action: "decline", title: say("call.reject") },
  ];
}

type Words = About | "group";

const WORDS: Record<Words, TextKey> = {
  video: "call.incomingVideo",
  audio: "call.incomingAudio",
  group: "wake.group",
  speak: "class.called",
  ask: "wake.asks",
  offer: "live.offered",
  other: "wake.invites",
};

function wordsFor({ about, groupID }: Pick<RingPush, "about" | "groupID">): Words {
  return (about === "video" || about === "audio") && groupID !== undefined ? "group" : about;
}

/** Where in the app what rings is shown: with the person who calls, or in the room. */
function placeOf({ about, groupID, inviter }: Pick<RingPush, "about" | "groupID" | "inviter">): string {
  const scene = about === "speak" ? "class" : about === "ask" || about === "offer" ? "live" : "call";
  if (scene === "call") {
    return groupID === undefined ? `#/call/${encodeURIComponent(inviter)}` : "#/call";
  }
  const prefix = `${scene}.`;
  return groupID?.startsWith(prefix) ? `#/${scene}/${encodeURIComponent(nameOf(groupID.slice(prefix.length)))}` : `#/${scene}`;
}

/** The quiet line that takes the place of a ring. */
function overNotice(
  say: Say,
  { language }: Woken,
  { id, inviteID, userID }: Pick<OverPush, "id" | "inviteID" | "userID">,
  reason: OverReason,
  before: Mark | undefined,
): Notice {
  const words = say(overWords(reason));
  const inviter = before?.inviter;
  const mark: Mark = {
    kind: "over",
    id,
    inviteID,
    userID,
    ...(inviter === undefined ? {} : { inviter }),
    to: before?.to ?? "#/call",
  };
  return {
    title: inviter === undefined ? words : shownName(inviter),
    options: { ...common(language, mark), ...(inviter === undefined ? {} : { body: words }), silent: true },
  };
}

/** What a press on "Decline" leads to; undefined when it is declined, which needs no words. */
export function declinedNotice(answered: Answered, woken: Woken, ring: Mark): Notice | undefined {
  const say = sayIn(woken.language);
  switch (answered.is) {
    case "taken":
      return undefined;
    case "late":
      return overNotice(say, woken, ring, answered.how, ring);
    case "refused":
      return stillRings(say, woken, ring, "wake.notDeclined");
    case "away":
      return stillRings(say, woken, ring, "wake.notDeclinedAway");
  }
}

/** What is shown when the browser did not open the page. */
export function notOpenedNotice(woken: Woken, ring: Mark): Notice {
  return stillRings(sayIn(woken.language), woken, ring, "wake.notOpened");
}

/** A quiet line about a ring that goes on: it can be pressed again. */
function stillRings(say: Say, { language }: Woken, ring: Mark, words: TextKey): Notice {
  const title = ring.inviter === undefined ? "Wigwag" : shownName(ring.inviter);
  return { title, options: { ...common(language, ring), body: say(words), silent: true, actions: buttons(say) } };
}

/** How a ring ended, in words. */
export function overWords(reason: OverReason): TextKey {
  switch (reason) {
    case "accepted":
      return "over.answeredElsewhere";
    case "rejected":
      return "over.declinedElsewhere";
    case "silenced":
      return "over.silenced";
    case "cancelled":
    case "timedOut":
      return "over.missed";
    case "removed":
    case "gone":
      return "wake.over";
  }
}

/** Of a server newer than this worker. */
function somethingNew({ userID, language }: Woken): Notice {
  const say = sayIn(language);
  const mark: Mark = { kind: "over", id: "", inviteID: "wigwag", userID, to: "#/call" };
  return { title: "Wigwag", options: { ...common(language, mark), body: say("wake.news"), silent: true } };
}

/** The page's icon, which the build draws, beside its worker. */
const ICON = "./icons/192.png";

function common(language: Woken["language"], data: Mark) {
  return { tag: data.inviteID, data, icon: ICON, lang: language === "zh" ? "zh-CN" : "en", dir: "auto" } as const;
}

import { type Media, mediaOf, readPurpose } from "../session/payload.js";

/**
 * What a push says (docs/push.md). It comes encrypted from this server, but titles, texts and data are the inviter's own: they are cut to
 * what a notification shows, and nothing in them can look like another line or turn the text round.
 */
export type Pushed = RingPush | OverPush;

export interface RingPush {
  readonly type: "ring";
  /** The same for each attempt. */
  readonly id: string;
  readonly inviteID: string;
  /** Who is rung. */
  readonly userID: string;
  readonly inviter: string;
  readonly groupID?: string;
  /** Server time in ms. */
  readonly deadline: number;
  /** With which this browser answers without a session. */
  readonly actionToken?: string;
  readonly about: About;
  /** It is to make no sound. */
  readonly quiet?: true;
  readonly title?: string;
  readonly body?: string;
}

/** What somebody is rung for. */
export type About = Media | "speak" | "ask" | "offer" | "other";

export interface OverPush {
  readonly type: "over";
  readonly id: string;
  readonly inviteID: string;
  readonly userID: string;
  readonly reason: OverReason;
}

export type OverReason = "accepted" | "rejected" | "silenced" | "cancelled" | "timedOut" | "removed" | "gone";

/** The longest title and text that are shown, letters: what notifications have room for. */
export const TITLE_LETTERS = 60;
export const BODY_LETTERS = 120;

/** The most that a push service carries is 4,096 bytes. */
const MOST_LETTERS = 4_096;

/** The longest ID of the server's, bytes. */
const LONGEST_ID = 128;

/** The longest action token, letters: three IDs and a signature, in base64url, in which each letter of an ID may have been escaped. */
const LONGEST_TOKEN = 2_048;

/** Reads a push; undefined for what this page does not know. */
export function readPush(text: string): Pushed | undefined {
  const push = text.length > MOST_LETTERS ? undefined : parse(text);
  if (push === undefined || !isID(push.id) || !isID(push.inviteID) || !isID(push.userID)) {
    return undefined;
  }
  const { id, inviteID, userID } = push;
  switch (push.type) {
    case "ring":
      return readRing(push, { id, inviteID, userID });
    case "over":
      return { type: "over", id, inviteID, userID, reason: REASONS.find((reason) => reason === push.reason) ?? "gone" };
    default:
      return undefined;
  }
}

type Fields = { readonly [field: string]: unknown };
type Names = Pick<RingPush, "id" | "inviteID" | "userID">;

const REASONS: readonly OverReason[] = ["accepted", "rejected", "silenced", "cancelled", "timedOut", "removed", "gone"];

function readRing(push: Fields, names: Names): RingPush | undefined {
  const { inviter, groupID, deadline, actionToken } = push;
  if (!isID(inviter) || (groupID !== undefined && !isID(groupID)) || !Number.isSafeInteger(deadline)) {
    return undefined;
  }
  const title = shownText(push.title, TITLE_LETTERS);
  const body = shownText(push.body, BODY_LETTERS);
  return {
    type: "ring",
    ...names,
    inviter,
    deadline: deadline as number,
    about: aboutOf(push),
    ...(push.quiet === true ? { quiet: true } : {}),
    ...(groupID === undefined ? {} : { groupID }),
    ...(isToken(actionToken) ? { actionToken } : {}),
    ...(title === undefined ? {} : { title }),
    ...(body === undefined ? {} : { body }),
  };
}

function aboutOf({ call, data }: Fields): About {
  if (isFields(call)) {
    return mediaOf({ mediaType: String(call.mediaType) });
  }
  const purpose = readPurpose(typeof data === "string" ? data : undefined);
  const action = purpose !== undefined && "action" in purpose ? purpose.action : undefined;
  return action === "speak" || action === "ask" || action === "offer" ? action : "other";
}

/** One line of so many letters at most, without what is not seen or changes the order of what is; undefined when nothing is left. */
export function shownText(text: unknown, most: number): string | undefined {
  if (typeof text !== "string") {
    return undefined;
  }
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu, (letter) =>
      letter === "\u200d" || letter === "\ufe0f" ? letter : "",
    )
    .replace(/\s+/g, " ")
    .trim();
  const letters = [...line];
  return line === "" ? undefined : letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : line;
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isID = (value: unknown): value is string =>
  typeof value === "string" && value.length <= LONGEST_ID && /^[\x20-\x7e]+$/.test(value);
const isToken = (value: unknown): value is string =>
  typeof value === "string" && value.length <= LONGEST_TOKEN && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value);

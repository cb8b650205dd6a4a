import { areStrings, isCount, isObject } from "../check.js";
import type { JsonObject } from "../wire/index.js";
import type { Peer } from "./chatShapes.js";
import { refused, wrong } from "./codes.js";

/** A call to be made. */
export interface Calling {
  readonly invitees: string[];
  /** Undefined one-to-one. */
  readonly groupID: string | undefined;
  /** Undefined lets the server choose. */
  readonly roomID: string | undefined;
  /** Seconds. */
  readonly timeout: number;
  readonly mediaType: string;
  readonly data: string;
  readonly offlinePushInfo: JsonObject | undefined;
}

/** A call as its invitation object names it. Of that object only this counts: the rest is as some client got it. */
export interface Known {
  readonly inviter: string;
  /** Empty in the object that the inviter has made, when the server chose the room. */
  readonly roomID: string;
  readonly groupID: string | undefined;
  readonly invitees: string[];
}

/** Seconds that a call without `timeout` rings: OpenIM's own number. */
const LONGEST_RING = 3_600;
/** The highest of OpenIM's platform numbers. */
export const LAST_PLATFORM = 11;

/** Reads what an invite of `me` asks. */
export function readCalling(given: unknown, me: string, inGroup: boolean): Calling {
  const { invitation, around } = read(given);
  checkActor(invitation, "inviterUserID", me);
  checkPlatform(invitation.platformID);
  const invitees = users(invitation);
  const groupID = inGroup ? textIn(invitation, "groupID") : "";
  if (inGroup && groupID === "") {
    throw wrong("invitation.groupID is empty");
  }
  if (!inGroup && invitees.length !== 1) {
    throw wrong("invitation.inviteeUserIDList does not name one user");
  }
  return {
    invitees,
    groupID: groupID || undefined,
    roomID: textIn(invitation, "roomID") || undefined,
    timeout: seconds(invitation.timeout),
    mediaType: textIn(invitation, "mediaType") || "video",
    data: textIn(invitation, "customData"),
    offlinePushInfo: isObject(around.offlinePushInfo) ? around.offlinePushInfo : undefined,
  };
}

/** Reads which call something is said about by `me`. */
export function readKnown(given: unknown, me: string): Known {
  const { invitation, around } = read(given);
  checkActor(around, "opUserID", me);
  checkActor(around, "userID", me);
  const inviter = textIn(invitation, "inviterUserID");
  if (inviter === "") {
    throw wrong("invitation.inviterUserID is empty");
  }
  const groupID = textIn(invitation, "groupID") || undefined;
  return { inviter, roomID: textIn(invitation, "roomID"), groupID, invitees: users(invitation) };
}

/** A text that is not empty. */
export function readText(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") {
    throw wrong(`${name} is not a text, or empty`);
  }
  return value;
}

/** A text, or undefined. */
export function readOptional(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : textIn(fields, name);
}

/** An integer that is not negative. */
export function readCount(value: unknown, name: string): number {
  if (!isCount(value)) {
    throw wrong(`${name} is not a whole number`);
  }
  return value;
}

/** Most users, groups or conversations that one request names. */
const MOST_NAMED = 100;

/** The other side of a conversation, by `sourceID` and `sessionType`. */
export function readSource(given: unknown): Peer {
  const { sourceID, sessionType } = fieldsOf(given, "the argument");
  const source = readText(sourceID, "sourceID");
  switch (sessionType) {
    case 1:
      return { userID: source };
    case 2:
    case 3:
      return { groupID: source };
    default:
      throw wrong("sessionType is not 1, 2 or 3");
  }
}

/** A list of texts, not more than one request may name. */
export function readTexts(value: unknown, name: string): string[] {
  if (!areStrings(value) || value.length > MOST_NAMED) {
    throw wrong(`${name} is not a list of at most ${MOST_NAMED} texts`);
  }
  return [...value];
}

/** The fields of an object that an app gave. */
export type Fields = Record<string, unknown>;

/** The invitation object, in an object or bare, and the object around it. */
function read(given: unknown): { invitation: Fields; around: Fields } {
  const around = fieldsOf(given, "the argument");
  if (around.invitation !== undefined) {
    return { invitation: fieldsOf(around.invitation, "invitation"), around };
  }
  if (around.inviterUserID === undefined && around.roomID === undefined) {
    throw wrong("there is no invitation");
  }
  return { invitation: around, around: {} };
}

/** An object, or the JSON text of one. */
export function fieldsOf(value: unknown, name: string): Fields {
  let fields = value;
  if (typeof value === "string") {
    try {
      fields = JSON.parse(value);
    } catch {
      throw wrong(`${name} is not the JSON text of an object`);
    }
  }
  if (!isObject(fields)) {
    throw wrong(`${name} is not an object`);
  }
  return fields;
}

/** A text; empty when it is absent or null. */
export function textIn(fields: Fields, name: string): string {
  const value = fields[name] ?? "";
  if (typeof value !== "string") {
    throw wrong(`${name} is not a text`);
  }
  return value;
}

function users({ inviteeUserIDList = [] }: Fields): string[] {
  if (!areStrings(inviteeUserIDList)) {
    throw wrong("invitation.inviteeUserIDList is not a list of texts");
  }
  return [...inviteeUserIDList];
}

function seconds(timeout: unknown): number {
  const given = timeout ?? 0;
  if (!isCount(given)) {
    throw wrong("invitation.timeout is not a number of seconds");
  }
  return given || LONGEST_RING;
}

/** The field names the signed-in user, or nobody. */
function checkActor(fields: Fields, name: string, me: string): void {
  const named = textIn(fields, name);
  if (named !== "" && named !== me) {
    throw refused("identityMismatch", `${name} names another user than the one signed in`);
  }
}

function checkPlatform(platformID: unknown): void {
  if (
    platformID !== undefined &&
    platformID !== null &&
    !(isCount(platformID) && 1 <= platformID && platformID <= LAST_PLATFORM)
  ) {
    throw wrong("invitation.platformID is no platform's number");
  }
}

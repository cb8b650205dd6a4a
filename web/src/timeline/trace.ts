import { type Purpose, readNote, readPurpose, readSignals } from "../session/payload.js";

/** The ends of an arrow. An event that another user caused comes from `others`, although the server sends it. */
export type Lane = "me" | "server" | "others";

/** One frame, or a change of the connection, as a row of the sequence diagram. */
export interface Arrow {
  readonly id: number;
  /** Unix time in ms by the clock of this page. */
  readonly at: number;
  readonly kind: "request" | "reply" | "refusal" | "event" | "notice" | "connection";
  /** Absent for changes of the connection, which cross all lanes. */
  readonly from?: Lane;
  readonly to?: Lane;
  /** The method, the type of the event, or the state. */
  readonly name: string;
  readonly inviteID?: string;
  readonly version?: number;
  readonly cursor?: number;
  /** The userID of the user who caused an event; absent when nobody did. */
  readonly actor?: string;
  /** The meaning of `data` in this app, such as `busy`. */
  readonly hint?: string;
  /** The timeline can hide media signals, because there are many. */
  readonly topic: "invitation" | "media" | "other";
  /** The frame; absent for changes of the connection. */
  readonly json?: string;
}

export interface Trace {
  readonly arrows: readonly Arrow[];
  /** The arrow of each request that has no reply yet, by the id of the request. */
  readonly waiting: ReadonlyMap<string | number, Arrow>;
}

export interface FrameSeen {
  readonly direction: "sent" | "received";
  readonly text: string;
}

export const NO_TRACE: Trace = { arrows: [], waiting: new Map() };

/** The most rows to keep, so that a page that is open all day stays fast. */
const KEPT = 400;

/** The trace with one more frame, seen at `at`. */
export function seen(trace: Trace, frame: FrameSeen, at: number): Trace {
  const text = parse(frame.text);
  const id = (trace.arrows.at(-1)?.id ?? 0) + 1;
  const base = { id, at, json: frame.text };
  if (frame.direction === "sent") {
    const arrow: Arrow = {
      ...base,
      ...described(text.params),
      kind: "request",
      from: "me",
      to: "server",
      name: String(text.method),
    };
    const waiting = new Map(trace.waiting).set(text.id as number, arrow);
    return { arrows: grown(trace.arrows, arrow), waiting };
  }
  if (text.id !== undefined && text.method === undefined) {
    return answered(trace, text, base);
  }
  const { type, ...rest } = fields(text.params);
  const actor = actorOf(String(type), rest);
  const arrow: Arrow = {
    ...base,
    ...described(text.params),
    kind: type === undefined ? "notice" : "event",
    from: actor === undefined ? "server" : "others",
    to: "me",
    name: String(type ?? text.method),
    ...(actor === undefined ? {} : { actor }),
  };
  return { ...trace, arrows: grown(trace.arrows, arrow) };
}

/** The trace with a change of the connection. */
export function moved(trace: Trace, name: string, hint: string | undefined, at: number): Trace {
  const id = (trace.arrows.at(-1)?.id ?? 0) + 1;
  const arrow: Arrow = { id, at, kind: "connection", name, topic: "other", ...(hint === undefined ? {} : { hint }) };
  return { arrows: grown(trace.arrows, arrow), waiting: name === "reconnecting" ? new Map() : trace.waiting };
}

/** Whether a frame is housekeeping that says nothing about invitations. */
export function isQuiet({ name, kind }: Arrow): boolean {
  return kind !== "refusal" && QUIET.some((beginning) => name.startsWith(beginning));
}

const QUIET = [
  "session.ack",
  "session.caughtUp",
  "message.markRead",
  "message.read",
  "message.history",
  "conversation.",
  "call.list",
  "call.get",
  "user.get",
  "user.watch",
  "user.status",
  "signaling.listOpen",
];

function answered(trace: Trace, text: Fields, base: { id: number; at: number; json: string }): Trace {
  const request = trace.waiting.get(text.id as number);
  const error = text.error === undefined ? undefined : fields(text.error);
  const arrow: Arrow = {
    ...base,
    ...described(error === undefined ? text.result : undefined),
    kind: error === undefined ? "reply" : "refusal",
    from: "server",
    to: "me",
    name: request?.name ?? "reply",
    topic: request?.topic ?? "other",
    ...(request?.inviteID === undefined ? {} : { inviteID: request.inviteID }),
    ...(error === undefined ? {} : { hint: `${String(error.code)} ${String(fields(error.data).reason ?? "")}` }),
  };
  const waiting = new Map(trace.waiting);
  waiting.delete(text.id as number);
  return { arrows: grown(trace.arrows, arrow), waiting };
}

type Fields = { readonly [field: string]: unknown };

function described(params: unknown): Pick<Arrow, "topic" | "inviteID" | "version" | "cursor" | "hint"> {
  const { inviteID, callID, version, cursor, data, message, content, ...rest } = fields(params);
  const custom = fields(content ?? fields(message).content).data;
  const note = readNote(custom);
  const purpose = typeof data === "string" ? readPurpose(data) : undefined;
  const media = typeof data === "string" && readSignals(data) !== undefined;
  const hint = note?.action ?? wordOf(purpose) ?? busyOf(data);
  // A call is named as the invitation that began it.
  const named = inviteID ?? callID;
  const ofInvitation = named !== undefined || "invitee" in rest || "inviteeList" in rest;
  return {
    topic: media ? "media" : ofInvitation ? "invitation" : "other",
    ...(typeof named === "string" ? { inviteID: named } : {}),
    ...(typeof version === "number" ? { version } : {}),
    ...(typeof cursor === "number" ? { cursor } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}

function wordOf(purpose: Purpose | undefined): string | undefined {
  return purpose && ("action" in purpose ? purpose.action : purpose.media);
}

function busyOf(data: unknown): string | undefined {
  return typeof data === "string" && fields(parse(data)).busy === true ? "busy" : undefined;
}

/** The userID of the user who caused an event; undefined for a deadline. */
function actorOf(type: string, params: Fields): string | undefined {
  const { inviter, invitee, by, reader, sender, userID, message } = params;
  const who =
    type === "invitation.accepted" || type === "invitation.rejected"
      ? invitee
      : type === "invitation.timedOut"
        ? undefined
        : (inviter ?? by ?? reader ?? sender ?? userID ?? fields(message).sender);
  return typeof who === "string" ? who : undefined;
}

function grown(arrows: readonly Arrow[], arrow: Arrow): readonly Arrow[] {
  return [...arrows.slice(Math.max(0, arrows.length + 1 - KEPT)), arrow];
}

function parse(text: string): Fields {
  try {
    return fields(JSON.parse(text));
  } catch {
    return {};
  }
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

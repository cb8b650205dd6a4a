import { type LocalReason, WigwagError } from "../errors.js";
import { present } from "../present.js";
import type { Outcome, Reason } from "../wire/index.js";

/** Numbers of Tencent's web package, and of its native ones where both have them, that this surface gives by itself. */
export const CODE = {
  /** A parameter breaks a rule; `data.field` names it. */
  invalidParameters: 6017,
  /** Another login is going on, or another user is signed in. */
  loginInProcess: 7501,
  /** There is no such call on this server. */
  notSupported: 7014,
  /** The invitation is unknown or settled. */
  invalidInviteID: 8010,
  /** The same, where it was to be cancelled. */
  invalidCancel: 8020,
  /** The connection was lost before the reply. */
  networkError: 2800,
  /** No reply in time. */
  networkTimeout: 2801,
  /** Calls came too fast. */
  tooFrequent: 2996,
  /** Call `login` first. */
  notReady: 2999,
  /** The server failed. */
  serverError: 70500,
} as const;

/** Where the web package has another number than the reason's own. */
const WEB_CODES: Partial<Record<Reason | LocalReason, number>> = {
  invalidParams: CODE.invalidParameters,
  notSignedIn: CODE.notReady,
  closed: CODE.notReady,
  sessionClosed: CODE.notReady,
  requestTimeout: CODE.networkTimeout,
  connectTimeout: CODE.networkTimeout,
  connectionLost: CODE.networkError,
  unreadable: CODE.networkError,
  overloaded: CODE.tooFrequent,
  unknownMethod: CODE.notSupported,
  frameTooLarge: 8001,
  internal: CODE.serverError,
  storeUnavailable: CODE.serverError,
  storeFull: CODE.serverError,
};

/** What the app calls a field that the protocol calls otherwise; a call may have names of its own besides. */
const FIELDS: Readonly<Record<string, string>> = {
  token: "userSig",
  userIDs: "userIDList",
  members: "memberList",
  nickname: "nick",
  faceURL: "avatar",
  set: "groupAttributes",
  pinned: "isPinned",
};

/** What a failure says besides its number; empty where nothing more is known. */
export interface ChatErrorDetails {
  /** Tells apart what one number lumps together; see docs/protocol.md, "Errors". */
  readonly reason?: string;
  /** Which parameter is wrong. */
  readonly field?: string;
  /** Whether the same call can succeed later. */
  readonly retryable?: boolean;
  /** ms to wait before trying again. */
  readonly retryAfterMs?: number;
  /** What beat a command on an invitation: who, how, when, on which device. */
  readonly outcome?: Outcome;
  /** Of an invite that failed. After `requestTimeout` and `connectionLost` it may have been made: cancel with it. */
  readonly inviteID?: string;
}

/** What every call rejects with. */
export class ChatError extends Error {
  override readonly name = "ChatError";
  /** Tencent's number. */
  readonly code: number;
  /** More than the number says. */
  readonly data: ChatErrorDetails;

  constructor(code: number, message: string, data: ChatErrorDetails = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** What every call resolves with. */
export interface Success<D> {
  readonly code: 0;
  readonly data: D;
}

/** A success. */
export function ok<D>(data: D): Success<D> {
  return { code: 0, data };
}

/** A parameter of the app's that breaks a rule. */
export function invalid(field: string, words: string): ChatError {
  return new ChatError(CODE.invalidParameters, `${field} ${words}`, { reason: "invalidParams", field, retryable: false });
}

/**
 * Runs a call, so that whatever goes wrong in it becomes a rejection with a ChatError.
 *
 * @param names what the app calls fields in this call alone
 */
export function answered<T>(work: () => T | Promise<T>, names: Readonly<Record<string, string>> = {}): Promise<T> {
  const run = async () => {
    try {
      return await work();
    } catch (thrown) {
      throw thrown instanceof WigwagError ? chatError(thrown, names) : thrown;
    }
  };
  return quiet(run());
}

/** A promise that the app may ignore: packages in the field do, and a rejection that nobody handles ends a Node process. */
export function quiet<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}

/** The same failure with Tencent's number, and what else is known. */
export function chatError(
  error: WigwagError,
  names: Readonly<Record<string, string>> = {},
  more: ChatErrorDetails = {},
): ChatError {
  const { reason, retryable, retryAfterMs, outcome } = error;
  const field = error.field === undefined ? undefined : (names[error.field] ?? FIELDS[error.field] ?? error.field);
  const message = field === undefined || error.message.includes(field) ? error.message : `${field}: ${error.message}`;
  return new ChatError(WEB_CODES[reason as Reason] ?? error.code, message, {
    reason,
    retryable,
    ...present({ field, retryAfterMs, outcome }),
    ...more,
  });
}

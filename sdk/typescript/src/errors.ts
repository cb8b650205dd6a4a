import { present } from "./present.js";
import type { ErrorBody, Outcome, REASONS, Reason } from "./wire/index.js";

/** Why the SDK refuses or gives up by itself: the number that the field knows, and whether trying again can help. */
export const LOCAL_REASONS = {
  /** No reply came in time. The command may or may not have been carried out. */
  requestTimeout: { code: 9520, retryable: true },
  /** The connection was lost before the reply, and the command is not one that can be repeated safely. It may have been carried out. */
  connectionLost: { code: 9508, retryable: true },
  /** The server could not be reached in time. */
  connectTimeout: { code: 9508, retryable: true },
  /** The same deviceID opened another session, or too many sessions are open. */
  kicked: { code: 6208, retryable: false },
  /** The server ended the session for good; `closeCode` says how. */
  sessionClosed: { code: 6014, retryable: false },
  /** The app closed the client. */
  closed: { code: 6014, retryable: false },
  /** There is no WebSocket here and none was given. */
  noWebSocket: { code: 6013, retryable: false },
  /** The stored cursor, or the deviceID, could not be read or written. */
  storeFailed: { code: 6013, retryable: true },
  /** The server sent something that this version cannot read. */
  unreadable: { code: 9508, retryable: true },
} as const;

/** A reason that the SDK gives by itself. */
export type LocalReason = keyof typeof LOCAL_REASONS;

/** Reasons of the server's that the SDK gives by itself, too. The whole table would double what an app downloads for errors. */
const SHARED_REASONS = {
  invalidParams: { code: -32602, retryable: false },
  overloaded: { code: -32003, retryable: true },
  frameTooLarge: { code: -32004, retryable: false },
  notSignedIn: { code: 6014, retryable: false },
  tokenExpired: { code: 70001, retryable: false },
} as const satisfies Partial<typeof REASONS>;

const OWN_REASONS = { ...SHARED_REASONS, ...LOCAL_REASONS };

/** What an error may carry besides its reason. */
export interface ErrorDetails {
  /** Which parameter is wrong. */
  readonly field?: string;
  /** ms to wait before trying again. */
  readonly retryAfterMs?: number;
  /** What beat a command on an invitation. */
  readonly outcome?: Outcome;
  /** The WebSocket close code, when a close was behind it. */
  readonly closeCode?: number;
  /** What was thrown underneath. */
  readonly cause?: unknown;
}

/**
 * Every failure of the SDK and every refusal of the server.
 *
 * Decide by `reason`; for a reason you do not know, by `retryable`. `message` is for developers.
 */
export class WigwagError extends Error implements ErrorDetails {
  override readonly name = "WigwagError";
  /** The field's number; several reasons may share one. */
  declare readonly code: number;
  /** Why. A newer server may give reasons that this version does not know. */
  declare readonly reason: Reason | LocalReason | (string & {});
  /** Whether the same request can succeed later without being changed. */
  declare readonly retryable: boolean;
  declare readonly field?: string;
  declare readonly retryAfterMs?: number;
  declare readonly outcome?: Outcome;
  declare readonly closeCode?: number;
  declare readonly cause?: unknown;

  /** Only reasons that the SDK gives by itself; those of the server come with a reply. */
  constructor(reason: keyof typeof OWN_REASONS, message: string, details: ErrorDetails = {}) {
    super(message);
    Object.assign(this, { reason }, OWN_REASONS[reason], details);
  }

  /** The error of a reply. Only the fields this version knows are taken over. */
  static fromReply(body: ErrorBody): WigwagError {
    const { code, message, data } = body;
    const { reason = "unknownReason", retryable = false, field, retryAfterMs, outcome } = data ?? {};
    const error = new WigwagError("unreadable", String(message));
    return Object.assign(error, present({ code, reason, retryable, field, retryAfterMs, outcome }));
  }
}

/** A parameter of the app's that breaks a rule of the SDK. */
export function invalid(field: string, message: string): WigwagError {
  return new WigwagError("invalidParams", `${field} ${message}`, { field });
}

/** What `thrown` says, whatever it is. */
export function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

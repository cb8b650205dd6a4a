import { type LocalReason, WigwagError, wordsOf } from "../errors.js";
import type { Reason } from "../wire/index.js";

/** Numbers of OpenIM's 3.x packages that this surface gives by itself. */
export const CODE = {
  /** The server failed. */
  serverError: 500,
  /** The user may not do this, or the request names somebody else. */
  noPermission: 1002,
  /** There is no such call or invitation. */
  notFound: 1004,
  /** The connection was lost before the reply. */
  network: 10_000,
  /** No reply in time. */
  networkTimeout: 10_001,
  /** An argument is missing or wrong. */
  arguments: 10_002,
  /** Sign in first. */
  notReady: 10_004,
  /** This server has no such thing. */
  notSupported: 10_005,
  /** The session has ended. */
  loggedOut: 10_101,
  /** Somebody is signed in already. */
  loginRepeat: 10_102,
  /** Everybody who was invited is in another call. */
  allBusy: 35_001,
} as const;

/** OpenIM's numbers for the reasons of the server and of the client; the same as on the server's `/openim`. Others keep their own. */
const CODES: Partial<Record<Reason | LocalReason, number>> = {
  invalidParams: CODE.arguments,
  invalidParameter: CODE.arguments,
  invalidGroupParameter: CODE.arguments,
  tooLarge: CODE.arguments,
  frameTooLarge: 20_000,
  unknownMethod: 20_000,
  internal: CODE.serverError,
  storeUnavailable: CODE.serverError,
  storeFull: CODE.serverError,
  overloaded: CODE.serverError,
  hookSilent: CODE.serverError,
  notSignedIn: CODE.notReady,
  identityMismatch: CODE.noPermission,
  notInviter: CODE.noPermission,
  notInvitee: CODE.noPermission,
  notParty: CODE.noPermission,
  notInCall: CODE.noPermission,
  notAllowed: CODE.noPermission,
  hasLeft: CODE.noPermission,
  notSender: CODE.noPermission,
  unknown: CODE.notFound,
  unknownCall: CODE.notFound,
  unknownMessage: CODE.notFound,
  unknownUser: 1101,
  userNotRegistered: 1101,
  unknownGroup: 1201,
  notMember: 1203,
  noValidInvitee: 1203,
  blocked: 1302,
  clientMsgIDTaken: 10_204,
  tokenExpired: 1501,
  tokenMalformed: 1503,
  tokenWrongKey: 1502,
  tokenWrongApp: 1502,
  tokenWrongUser: 1502,
  tokenRevoked: 1506,
  kicked: 1506,
  requestTimeout: CODE.networkTimeout,
  connectTimeout: CODE.networkTimeout,
  connectionLost: CODE.network,
  unreadable: CODE.network,
  noWebSocket: CODE.network,
  closed: CODE.loggedOut,
  sessionClosed: CODE.loggedOut,
};

/** What every call rejects with. */
export class OpenIMError extends Error {
  override readonly name = "OpenIMError";
  /** OpenIM's number; the server's own where OpenIM has none. */
  readonly errCode: number;
  /** For people; says what to do. */
  readonly errMsg: string;
  /** Tells apart what one number lumps together; see docs/protocol.md, "Errors". */
  readonly reason: string;
  /** The function that was called. */
  declare readonly event?: string;
  /** The call's. */
  declare readonly operationID?: string;
  /** Always empty. */
  declare readonly data?: string;

  constructor(errCode: number, errMsg: string, reason: string) {
    super(errMsg);
    this.errCode = errCode;
    this.errMsg = errMsg;
    this.reason = reason;
  }
}

/** An argument that is missing or wrong. */
export function wrong(words: string): OpenIMError {
  return new OpenIMError(CODE.arguments, words, "invalidParams");
}

/** A refusal that the server would give with this reason. */
export function refused(reason: Reason, words: string): OpenIMError {
  return new OpenIMError(CODES[reason] ?? CODE.notFound, words, reason);
}

/** Whatever went wrong, in OpenIM's numbers. */
export function openIMError(thrown: unknown): OpenIMError {
  if (thrown instanceof OpenIMError) {
    return thrown;
  }
  if (thrown instanceof WigwagError) {
    const { code, message, reason } = thrown;
    return new OpenIMError(CODES[reason as Reason] ?? code, message, reason);
  }
  return new OpenIMError(CODE.serverError, wordsOf(thrown), "internal");
}

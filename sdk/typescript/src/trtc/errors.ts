import { ERROR_CODE } from "./constants.js";

/** The kind of an RtcError. */
export type ErrorName = keyof typeof ERROR_CODE;

/** What a call rejects with, in the shape of Tencent's package. */
export class RtcError extends Error {
  /** One of `TRTC.ERROR_CODE`. */
  readonly code: number;
  /** Which of several causes, by Tencent's numbers; 0 where it has none. */
  readonly extraCode: number;
  /** The call that failed. */
  readonly functionName: string;
  /** What the browser threw, if it was the browser. */
  readonly originError: unknown;

  constructor(name: ErrorName, message: string, more: { extraCode?: number; functionName?: string; originError?: unknown } = {}) {
    super(message);
    this.name = name;
    this.code = ERROR_CODE[name];
    this.extraCode = more.extraCode ?? 0;
    this.functionName = more.functionName ?? "";
    this.originError = more.originError;
  }

  /** As Tencent's older packages name it. */
  getCode(): number {
    return this.code;
  }
}

/** What the browser's refusals of a camera or microphone are called, by the names of its exceptions. */
const DEVICE_CAUSES: Readonly<Record<string, [extraCode: number, words: string]>> = {
  NotFoundError: [5301, "there is none"],
  NotAllowedError: [5302, "the user or the page's policy does not allow it"],
  NotReadableError: [5303, "it may be in use by another program"],
  OverconstrainedError: [5304, "none has what the options ask for"],
  InvalidStateError: [5305, "the page is not active"],
  SecurityError: [5306, "the browser does not allow it"],
  AbortError: [5307, "the system has stopped it"],
};
const OTHER_CAUSE: [number, string] = [5308, "it cannot be opened"];

/** A camera, microphone or screen that the browser does not give. */
export function deviceError(functionName: string, device: string, thrown: unknown): RtcError {
  const { name = "", message = "" } = thrown as Partial<Error>;
  const [extraCode, words] = DEVICE_CAUSES[name] ?? OTHER_CAUSE;
  return new RtcError("DEVICE_ERROR", `${name}: no ${device} for ${functionName}(): ${words}. ${message}`, {
    extraCode,
    functionName,
    originError: thrown,
  });
}

/** What this package has not. */
export function notThere(functionName: string, why: string): RtcError {
  return new RtcError("ENV_NOT_SUPPORTED", `${functionName}() is not there: ${why}`, { functionName });
}

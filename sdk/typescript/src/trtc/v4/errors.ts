import type { RtcError as Inner } from "../errors.js";
import { ERROR_CODE } from "./constants.js";

/** The kind of an RtcError. */
export type ErrorName = keyof typeof ERROR_CODE;

/** What a call rejects with, in the shape of `trtc-js-sdk` 4. */
export class RtcError extends Error {
  readonly #code: number;

  /** `name` is what the browser calls its refusal of a device, and RtcError otherwise. */
  constructor(kind: ErrorName, message: string, name = "RtcError") {
    super(message);
    this.name = name;
    this.#code = ERROR_CODE[kind];
  }

  /** One of ERROR_CODE. */
  getCode(): number {
    return this.#code;
  }
}

/** A refusal of what both packages stand on, in the words of this one. */
export function inOurWords(thrown: unknown): RtcError {
  const { name, message, originError } = thrown as Partial<Inner>;
  const browsers = originError instanceof Error || originError instanceof DOMException ? originError.name : undefined;
  switch (name) {
    case "DEVICE_ERROR":
      return new RtcError(browsers === "NotFoundError" ? "DEVICE_NOT_FOUND" : "INITIALIZE_FAILED", message ?? "", browsers);
    case "INVALID_PARAMETER":
      return new RtcError("INVALID_PARAMETER", message ?? "");
    case "ENV_NOT_SUPPORTED":
      return new RtcError("NOT_SUPPORTED", message ?? "");
    default:
      return thrown instanceof RtcError ? thrown : new RtcError("UNKNOWN", message ?? String(thrown));
  }
}

/** What this package has not. */
export function notThere(what: string, why: string): RtcError {
  return new RtcError("NOT_SUPPORTED", `${what} is not there: ${why}`);
}

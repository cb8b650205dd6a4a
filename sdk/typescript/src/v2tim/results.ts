import { areStrings, isCount, isObject, isText } from "../check.js";
import { WigwagError, wordsOf } from "../errors.js";

/** What a call gives. It always resolves: look at `code`. */
export interface V2TimCallback {
  /** 0 = done; else the number that the field knows. */
  code: number;
  /** For developers; empty when it is done. */
  desc: string;
  /** Why it failed: tells apart what one number lumps together. */
  reason?: string;
  /** Which parameter is wrong. */
  field?: string;
  /** How long to wait before trying again, ms. */
  retryAfterMs?: number;
}

/** What a call that asks for something gives. */
export interface V2TimValueCallback<T> extends V2TimCallback {
  /** The answer. */
  data?: T;
}

/** What this surface refuses by itself. */
const REFUSALS = {
  notInitialised: { code: 6013, desc: "call initSDK first" },
  notSignedIn: { code: 6014, desc: "call login first" },
  invalidParams: { code: 6017, desc: "" },
  loginInProgress: { code: 7501, desc: "another login is on its way; wait for its result" },
  ended: { code: 8010, desc: "the invitation has ended" },
  alreadyKnown: { code: 8012, desc: "this invitation is known already" },
  unknownMessage: { code: 20022, desc: "this client has not seen such a message; read it from history first" },
} as const;

/** What a call answers that this server has nothing for: the number that V2TIM documents for an interface that is not supported. */
export const NOT_SUPPORTED = { code: 7013, desc: "", reason: "notSupported" } as const;

/** Thrown inside of the surface only; callers get it as a result. */
export class Refusal extends Error {
  constructor(
    readonly reason: keyof typeof REFUSALS,
    readonly field?: string,
    words: string = REFUSALS[reason].desc,
  ) {
    super(words);
  }

  get code(): number {
    return REFUSALS[this.reason].code;
  }
}

/** Runs a command and tells its value as a result. `names` has this surface's names of fields that the protocol calls otherwise. */
export async function answer<T>(
  run: () => T | Promise<T>,
  names: Readonly<Record<string, string>> = {},
): Promise<V2TimValueCallback<T>> {
  try {
    return { code: 0, desc: "", data: await run() };
  } catch (thrown) {
    const failed = failure(thrown);
    const field = names[failed.field ?? ""];
    return field === undefined ? failed : { ...failed, field };
  }
}

/** Runs a command that has no value and tells its result. */
export async function done(run: () => unknown): Promise<V2TimCallback> {
  try {
    await run();
    return { code: 0, desc: "" };
  } catch (thrown) {
    return failure(thrown);
  }
}

/** JSON-RPC's numbers that the field has numbers of its own for. */
const TRANSLATED: Readonly<Record<number, number>> = { [-32602]: 6017, [-32004]: 8001 };

/** The result that says what went wrong. */
export function failure(thrown: unknown): V2TimCallback {
  if (thrown instanceof Refusal) {
    const { code, message, reason, field } = thrown;
    return { code, desc: message, reason, ...(field === undefined ? {} : { field }) };
  }
  if (thrown instanceof WigwagError) {
    const { code, message, reason, field, retryAfterMs } = thrown;
    const details = { ...(field === undefined ? {} : { field }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    return { code: TRANSLATED[code] ?? code, desc: message, reason, ...details };
  }
  // Only what the app gave can throw something else: a getter, a store.
  return { code: REFUSALS.invalidParams.code, desc: wordsOf(thrown), reason: "invalidParams" };
}

/** Throws unless `value` is a text that is not empty. */
export function wantText(field: string, value: unknown): string {
  return want(field, value, isText, "a text that is not empty");
}

/** Throws unless `value` is a text; it may be empty. */
export function wantString(field: string, value: unknown): string {
  return want(field, value, (given) => typeof given === "string", "a text");
}

/** Throws unless `value` is a switch or left out. */
export function wantSwitch(field: string, value: unknown): void {
  want(field, value, (given) => given === undefined || typeof given === "boolean", "true or false");
}

/** Throws unless `value` is an array of texts. */
export function wantTexts(field: string, value: unknown): string[] {
  return want(field, value, areStrings, "an array of texts");
}

/** Throws unless `value` is a whole number from `least` to `most`. */
export function wantNumber(field: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const fits = (given: unknown): given is number => isCount(given) && given >= least && given <= most;
  return want(field, value, fits, `a whole number from ${least} to ${most}`);
}

/** Throws unless `value` is an object. */
export function wantObject(field: string, value: unknown): Record<string, unknown> {
  return want(field, value, isObject, "an object");
}

function want<T>(field: string, value: unknown, fits: (given: unknown) => given is T, words: string): T {
  if (!fits(value)) {
    throw new Refusal("invalidParams", field, `${field} must be ${words}`);
  }
  return value;
}

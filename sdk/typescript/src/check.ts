import { invalid, wordsOf } from "./errors.js";
import { present } from "./present.js";
import { type Method, PARAM_KINDS } from "./wire/index.js";

/**
 * The params of a request as JSON text. Throws a WigwagError that names the field when one is missing, has the wrong type or
 * cannot be sent; ranges are the server's to judge.
 */
export function encode(method: Method, params: unknown): string {
  if (!isObject(params)) {
    throw invalid("params", "must be an object");
  }
  for (const kind of PARAM_KINDS[method].split(" ")) {
    checkField(kind, params);
  }
  const fields = Object.entries(present(params));
  return `{${fields.map(([field, value]) => `${JSON.stringify(field)}:${encodeField(field, value)}`).join(",")}}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a text says as JSON; undefined when that is no object. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** An integer that is not negative and is exact. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An array of texts, which may be empty. */
export function areStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** `kind`: `field`, `field?`, `field:kind` or `field:kind?`. */
function checkField(kind: string, params: Record<string, unknown>): void {
  const optional = kind.endsWith("?");
  const [field = "", wanted = "string"] = kind.replace("?", "").split(":");
  const value = params[field];
  const choices = wanted.split("|");
  const [words, fits] = KINDS[wanted] ?? [`one of ${choices.join(", ")}`, (given) => choices.includes(given as string)];
  if (value === undefined ? field !== "" && !optional : !fits(value)) {
    throw invalid(field, value === undefined ? "is missing" : `must be ${words}`);
  }
}

/** What a parameter of each kind must be, and whether a value is that. Every other kind is a list of texts. */
const KINDS: Record<string, readonly [words: string, fits: (value: unknown) => boolean]> = {
  string: ["a string", (value) => typeof value === "string"],
  integer: ["an integer from 0", isCount],
  boolean: ["a boolean", (value) => typeof value === "boolean"],
  object: ["an object", isObject],
  "string[]": ["an array of strings", areStrings],
};

/** Half of a character outside the basic plane, as JSON.stringify writes it; no JSON reader of the server takes it. */
const LONE_SURROGATE = /(^|[^\\])(\\\\)*\\ud[89a-f]/;

function encodeField(field: string, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    throw invalid(field, `is no JSON: ${wordsOf(thrown)}`);
  }
  if (text === undefined) {
    throw invalid(field, "is no JSON");
  }
  if (LONE_SURROGATE.test(text)) {
    throw invalid(field, "holds a lone surrogate");
  }
  return text;
}

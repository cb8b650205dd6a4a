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
  for (const [field, kind] of Object.entries<string>(PARAM_KINDS[method])) {
    checkField(field, kind, params[field]);
  }
  const fields = Object.entries(present(params));
  return `{${fields.map(([field, value]) => `${JSON.stringify(field)}:${encodeField(field, value)}`).join(",")}}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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

function checkField(field: string, kind: string, value: unknown): void {
  const optional = kind.endsWith("?");
  const wanted = optional ? kind.slice(0, -1) : kind;
  if (value === undefined ? !optional : !fits(value, wanted)) {
    throw invalid(
      field,
      value === undefined ? "is missing" : `must be ${WORDS[wanted] ?? `one of ${wanted.split("|").join(", ")}`}`,
    );
  }
}

const WORDS: Record<string, string> = {
  string: "a string",
  integer: "an integer from 0",
  boolean: "true or false",
  object: "an object",
  "string[]": "an array of strings",
};

function fits(value: unknown, kind: string): boolean {
  switch (kind) {
    case "string":
    case "boolean":
      return typeof value === kind;
    case "integer":
      return isCount(value);
    case "object":
      return isObject(value);
    case "string[]":
      return areStrings(value);
    default:
      return typeof value === "string" && kind.split("|").includes(value);
  }
}

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

import { areStrings, isCount, isObject, isText } from "../check.js";
import { answered, invalid } from "./codes.js";

/** The parameters of a call. Each read throws a ChatError that names the field when it has the wrong type. */
export class Params {
  readonly #fields: Record<string, unknown>;

  constructor(options: unknown, name = "options") {
    this.#fields = within(options, name);
  }

  /** A text that is not empty. */
  text(field: string): string {
    return text(this.#fields[field], field);
  }

  /** A text, or undefined when it was left out. */
  optionalText(field: string): string | undefined {
    return this.#optional(field, "must be a string", (value): value is string => typeof value === "string");
  }

  /** True or false, or undefined when it was left out. */
  optionalBoolean(field: string): boolean | undefined {
    return this.#optional(field, "must be true or false", (value): value is boolean => typeof value === "boolean");
  }

  /** An integer that is not negative, or undefined when it was left out. */
  optionalCount(field: string): number | undefined {
    return this.#optional(field, "must be an integer from 0", isCount);
  }

  /** An object, or undefined when it was left out. */
  optionalObject(field: string): Record<string, unknown> | undefined {
    return this.#optional(field, "must be an object", isObject);
  }

  /** An object; a copy too. */
  object<V>(field: string): Record<string, V> {
    return { ...within(this.#fields[field], field) } as Record<string, V>;
  }

  /** An array of texts with at least one in it; a copy, because the app may change its own. */
  texts(field: string): string[] {
    const value = this.#fields[field];
    if (!areStrings(value) || value.length === 0 || !value.every(isText)) {
      throw invalid(field, "must be an array of strings that is not empty");
    }
    return [...value];
  }

  /** The same; nothing when it was left out, or is empty. */
  textsOrNone(field: string): string[] {
    return (Object(this.#fields[field]) as { length?: number }).length ? this.texts(field) : [];
  }

  /** One of some texts, or undefined when it was left out. */
  optionalChoice<C extends string>(field: string, choices: readonly C[]): C | undefined {
    const isChoice = (value: unknown): value is C => choices.includes(value as C);
    return this.#optional(field, `must be one of ${choices.join(", ")}`, isChoice);
  }

  /** Whatever stands there. */
  any(field: string): unknown {
    return this.#fields[field];
  }

  #optional<T>(field: string, words: string, fits: (value: unknown) => value is T): T | undefined {
    const value = this.#fields[field];
    if (value === undefined || fits(value)) {
      return value;
    }
    throw invalid(field, words);
  }
}

/** A parameter that stands alone: a text that is not empty. */
export function text(value: unknown, field: string): string {
  if (!isText(value)) {
    throw invalid(field, value === undefined ? "is missing" : "must be a string that is not empty");
  }
  return value;
}

/** Runs a call of one object of parameters like `answered`. */
export function asked<T>(
  options: unknown,
  work: (params: Params) => T | Promise<T>,
  names?: Readonly<Record<string, string>>,
): Promise<T> {
  return answered(() => work(new Params(options)), names);
}

function within(value: unknown, name: string): Record<string, unknown> {
  if (!isObject(value)) {
    throw invalid(name, "must be an object");
  }
  return value;
}

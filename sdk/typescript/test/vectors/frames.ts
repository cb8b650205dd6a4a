/** What vectors write instead of what varies (spec/vectors/README.md). */
export class Placeholders {
  readonly #bound = new Map<string, unknown>();

  /** `value` with everything made up that a placeholder stands for. */
  filled(value: unknown): unknown {
    if (typeof value === "string" && value.startsWith("$")) {
      return this.#made(value);
    }
    if (Array.isArray(value)) {
      return value.map((item) => this.filled(item));
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, this.filled(field)]));
    }
    return value;
  }

  #made(placeholder: string): unknown {
    const [kind = "", name] = placeholder.slice(1).split(":");
    switch (kind) {
      case "token":
      case "jwt":
      case "expired":
      case "otherApp":
      case "otherKey":
        return `a ${kind} of ${name}`;
      case "long":
        return "x".repeat(Number(name));
      case "id":
        return this.#once(placeholder, `made for ${name}`);
      case "time":
        return this.#once(placeholder, 1_763_712_000_000);
      case "upTo":
        return Number(name);
      case "words":
        return "some words";
      case "any":
        return ANY;
      default:
        throw new Error(`${placeholder} is no placeholder`);
    }
  }

  #once(placeholder: string, value: unknown): unknown {
    this.#bound.set(placeholder, this.#bound.get(placeholder) ?? value);
    return this.#bound.get(placeholder);
  }
}

/** Vectors say `$any` only of limits. */
const ANY = { dataBytes: 16_384, frameBytes: 65_536, invitees: 1_000, commandsPerSecond: 20, commandBurst: 40 };

/** A conversation of spec/vectors. */
export interface Vector {
  about: string;
  steps: Step[];
}

export interface Step {
  connect?: string;
  send?: string;
  receive?: string;
  closed?: string;
  disconnect?: string;
  text?: string;
  frame?: {
    jsonrpc?: unknown;
    id?: unknown;
    method?: string;
    params?: Record<string, unknown>;
    result?: unknown;
    error?: Refusal;
  };
  code?: number;
}

export interface Refusal {
  code: number;
  message: string;
  data: { reason: string; retryable: boolean; field?: string; retryAfterMs?: number; outcome?: unknown };
}

/** The frame of a step, also of one that is written as text, if that is a JSON object. */
export function frameOf(step: Step | undefined): Step["frame"] {
  if (step?.text === undefined) {
    return step?.frame;
  }
  try {
    const frame: unknown = JSON.parse(step.text);
    return typeof frame === "object" && frame !== null && !Array.isArray(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

import { OPERATIONS, type OperationName } from "./operations.js";
import type { Key } from "./shapes.js";

/** What an operation is asked with: parameters of its path and its query, by name, and its body. */
export interface Asking {
  readonly [parameter: string]: string | number | undefined;
}

/** How the server says no, or that it cannot be reached. */
export class Problem extends Error {
  constructor(
    /** 0 when there was no answer. */
    readonly status: number,
    readonly reason: string,
    /** What the server says of it; empty when it says nothing. */
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** After this the server counts as away, ms. It gives up itself after 30 s. */
const PATIENCE_MS = 35_000;

/** The API for back ends, under one key. */
export class Api {
  readonly #key: string;
  #changesUsers: Promise<boolean> | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  async ask<T>(name: OperationName, parameters: Asking = {}, body?: object): Promise<T> {
    const [verb, path] = requestOf(name, parameters);
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#key}` };
    if (verb !== "GET") {
      // One press is carried out once, also when the browser sends it again.
      headers["Idempotency-Key"] = idempotencyKey();
    }
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const answer = await this.#fetch(path, {
      method: verb,
      headers,
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) {
      throw await problemOf(answer);
    }
    return (await answer.json()) as T;
  }

  /** Whether the key has the scope `users`. Without an answer the server is left to say no later. */
  changesUsers(): Promise<boolean> {
    this.#changesUsers ??= this.ask<Key>("getKey").then(
      ({ scopes }) => scopes.includes("users"),
      () => true,
    );
    return this.#changesUsers;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      // The console is one folder below the API, also behind a proxy that puts folders before both.
      return await fetch(`..${path}`, init);
    } catch {
      throw new Problem(0, "unreachable", "");
    }
  }
}

/** The verb and the address of a request: what the path has no place for goes into the query. */
export function requestOf(name: OperationName, parameters: Asking): [verb: string, path: string] {
  const [verb = "", template = ""] = OPERATIONS[name].split(" ");
  const rest = new Map(Object.entries(parameters));
  const path = template.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    const value = rest.get(parameter);
    rest.delete(parameter);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [parameter, value] of rest) {
    if (value !== undefined) {
      query.set(parameter, String(value));
    }
  }
  return [verb, query.size === 0 ? path : `${path}?${query}`];
}

/** Not randomUUID, which pages from http do not have. */
function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function problemOf(answer: Response): Promise<Problem> {
  const said = (await answer.json().catch(() => ({}))) as { reason?: string; detail?: string };
  const detail = said.detail ?? "";
  return new Problem(answer.status, said.reason ?? "", `${detail.charAt(0).toUpperCase()}${detail.slice(1)}`);
}

import { expect, vi } from "vitest";
import type { Server } from "./server.js";

/** Asks the API, `GET /v1/users/alice`, and gives the answer; fails when it is refused. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect
export type BackEnd = (what: string, body?: object) => Promise<any>;

/** A back end of this server, with these scopes. */
export async function backEnd(server: Server, scopes: string): Promise<BackEnd> {
  const headers = { authorization: `Bearer ${server.key(scopes)}`, "content-type": "application/json" };
  const asks = (what: string, body?: object): Promise<Response> => {
    const [method = "", path] = what.split(" ");
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return fetch(`${server.url.replace("ws:", "http:")}${path}`, { method, headers, ...sent });
  };
  // A new key counts within a second.
  const counts = async () => expect((await asks("GET /v1/users/nobody")).status).not.toBe(401);
  await vi.waitFor(counts, { timeout: 15_000 });
  return async (what, body) => {
    const answer = await asks(what, body);
    const text = await answer.text();
    expect(answer.ok, `${what}: ${text}`).toBe(true);
    return JSON.parse(text);
  };
}

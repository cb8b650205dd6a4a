import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { afterEach, expect, it, vi } from "vitest";
import { backEnd } from "./backEnd.js";
import { Server } from "./server.js";

/** 32 bytes each: the one that counts, and one that nobody signs with. */
const [SECRET, OTHER] = ["QUFB", "Q0ND"].map((start) => `whsec_${start}${"A".repeat(39)}=`) as [string, string];
/** Far above what a loaded machine needs, ms. */
const PATIENCE_MS = 60_000;

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server | undefined;

afterEach(() => server?.end());

it("standardwebhooks verifies what the server tells, and an event that is told again has its name", {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  await using receiver = await Receiver.listens();
  server = await Server.start(
    `[retention]\nevents_days = 10\n[webhooks]\nallow = ["127.0.0.1"]\n[[webhooks.endpoints]]\nname = "shop"\nurl = "${receiver.url}"\nsecret = "${SECRET}"\nevents = ["invitation.*"]\n`,
  );
  const shop = await backEnd(server, "users,invitations,read");
  await shop("POST /v1/users", { users: [{ userID: "alice" }, { userID: "bob" }] });
  const { inviteID } = await shop("POST /v1/users/alice/invitations", {
    invitee: "bob",
    data: "your driver is here",
    timeout: 60,
  });
  await shop(`POST /v1/invitations/${inviteID}/cancel`, { data: "we found another" });
  await vi.waitFor(() => expect(receiver.told).toHaveLength(3), { timeout: PATIENCE_MS });

  const events = receiver.told.map(({ headers, body }) => verified(SECRET, body, headers));
  expect(events).toMatchObject([
    { type: "invitation.received", data: { inviteID, data: "your driver is here" } },
    { type: "invitation.received", data: { inviteID } },
    { type: "invitation.cancelled", data: { inviteID } },
  ]);
  const [first, again, last] = receiver.told.map(({ headers }) => headers["webhook-id"]);
  expect(again).toBe(first);
  expect(last).not.toBe(first);
  for (const { headers, body } of receiver.told) {
    expect(() => verified(OTHER, body, headers)).toThrow(WebhookVerificationError);
    expect(() => verified(SECRET, body.replace("invitation", "imitation"), headers)).toThrow(WebhookVerificationError);
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      expect(() => verified(SECRET, body, { ...headers, [name]: undefined }), name).toThrow(WebhookVerificationError);
    }
  }
});

function verified(secret: string, body: string, headers: IncomingHttpHeaders): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

/** A back end that keeps what it is told. It answers the first request with 503, so that one is told again. */
class Receiver implements AsyncDisposable {
  readonly told: Delivery[] = [];
  readonly #server = createServer(async (request, response) => {
    request.setEncoding("utf8");
    let body = "";
    for await (const part of request) {
      body += part;
    }
    this.told.push({ headers: request.headers, body });
    response.writeHead(this.told.length === 1 ? 503 : 204).end();
  });

  static async listens(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

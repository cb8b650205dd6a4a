import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebhookReceiver } from "livekit-server-sdk";
import { expect } from "vitest";
import { KEY, leftWebhook, listed, SECRET, sendWebhook } from "./livekitAccount.js";

/** A LiveKit server as far as its room API goes, and its webhooks, which LiveKit's own library signs. */
export class LiveKit {
  /** Who is in which room. */
  readonly rooms = new Map<string, readonly string[]>();
  readonly #http: HttpServer;

  private constructor() {
    this.#http = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) {
        body += chunk;
      }
      const { room } = JSON.parse(body);
      const answer = await listed(request.url, request.headers.authorization, room, this.rooms.get(room) ?? []);
      response.writeHead(answer.status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(answer.body));
    });
  }

  static async start(): Promise<LiveKit> {
    const livekit = new LiveKit();
    livekit.#http.listen(0, "127.0.0.1");
    await once(livekit.#http, "listening");
    return livekit;
  }

  get config(): string {
    const { port } = this.#http.address() as AddressInfo;
    const account = `url = "ws://127.0.0.1:${port}"\nkey = "${KEY}"\nsecret = "${SECRET}"`;
    return `[calls]\nprovider = "livekit"\n[calls.livekit]\n${account}\n`;
  }

  /** Says that somebody left a room; gives the HTTP status of the answer. */
  async tells(url: string, room: string, identity: string): Promise<number> {
    const webhook = await leftWebhook(room, identity);
    // What is sent is what LiveKit's own receiver takes.
    const received = await new WebhookReceiver(KEY, SECRET).receive(webhook.body, webhook.authorization);
    expect(received.event).toBe("participant_left");
    return sendWebhook(url, webhook);
  }

  end(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }
}

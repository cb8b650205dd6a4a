import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AccessToken, TokenVerifier, WebhookReceiver } from "livekit-server-sdk";
import { expect } from "vitest";

/** The account that the server has. */
export const KEY = "APIkey";
export const SECRET = "a secret that LiveKit and the server share";

/** Checks tokens as a LiveKit server does. */
export const tokens = new TokenVerifier(KEY, SECRET);

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
      const { video } = await tokens.verify(request.headers.authorization?.replace("Bearer ", "") ?? "");
      const may =
        request.url === "/twirp/livekit.RoomService/ListParticipants" && video?.roomAdmin === true && video.room === room;
      const participants = (this.rooms.get(room) ?? []).map((identity) => ({ sid: "PA_1", identity, state: "ACTIVE" }));
      response.writeHead(may ? 200 : 403, { "Content-Type": "application/json" });
      response.end(JSON.stringify(may ? { participants } : { code: "permission_denied" }));
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
    const createdAt = String(Math.floor(Date.now() / 1_000));
    const body = JSON.stringify({
      event: "participant_left",
      room: { name: room },
      participant: { identity },
      id: "EV_1",
      createdAt,
    });
    const token = new AccessToken(KEY, SECRET, { ttl: 300 });
    token.sha256 = createHash("sha256").update(body).digest("base64");
    const authorization = await token.toJwt();
    // What is sent is what LiveKit's own receiver takes.
    expect((await new WebhookReceiver(KEY, SECRET).receive(body, authorization)).event).toBe("participant_left");
    const headers = { Authorization: authorization, "Content-Type": "application/webhook+json" };
    const answer = await fetch(`${url.replace("ws:", "http:")}/v1/livekit/webhook`, { method: "POST", headers, body });
    return answer.status;
  }

  end(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }
}

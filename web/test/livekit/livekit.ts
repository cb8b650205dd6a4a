/**
 * A stand-in for a LiveKit server, for stories: the unmodified `livekit-client` connects to it, and to the server it answers as LiveKit's
 * room API and sends webhooks.
 *
 * What it does of LiveKit's protocol (livekit_rtc.proto, over a WebSocket at `/rtc`): join, offers and answers of the two connections of a
 * participant (what they publish, what they are sent), trickled candidates, tracks that are added, muted and taken away, subscriptions,
 * pictures that a participant does not look at now, leaving, pings; a second device of an identity ends the first. Tokens are judged by
 * LiveKit's own library. Media is forwarded as it comes: of several qualities of a picture the lowest one, and the others are switched off.
 *
 * What it does not: use the place of a track that has gone for another one, resume a connection (it asks for a new one), send data, say who speaks or how good a connection is, adapt to the
 * bandwidth, recover lost packets, record, the single-connection path `/rtc/v1`, everything for agents.
 */

import { once } from "node:events";
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import {
  type Claims,
  KEY,
  leftWebhook,
  listed,
  SECRET,
  sendWebhook,
  tokens,
} from "../../../sdk/typescript/test/e2e/livekitAccount.js";
import { Participant } from "./participant.js";
import { Room } from "./room.js";

export class LiveKit {
  /** By what time tokens are judged, ms since the epoch. */
  now: () => number = Date.now;
  readonly #http: HttpServer;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #rooms = new Map<string, Room>();
  #port = 0;
  /** The server that is told who leaves. */
  #told: string | undefined;

  private constructor() {
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#http.on("upgrade", (request, socket: Socket, head) => void this.#connect(request, socket, head));
  }

  static async start(): Promise<LiveKit> {
    const livekit = new LiveKit();
    await livekit.comesBack();
    livekit.#port = (livekit.#http.address() as AddressInfo).port;
    return livekit;
  }

  /** What a server needs to use it, as environment variables. */
  get env(): NodeJS.ProcessEnv {
    return {
      WIGWAG_CALLS_PROVIDER: "livekit",
      WIGWAG_CALLS_LIVEKIT_URL: `ws://127.0.0.1:${this.#port}`,
      WIGWAG_CALLS_LIVEKIT_KEY: KEY,
      WIGWAG_CALLS_LIVEKIT_SECRET: SECRET,
    };
  }

  /** Tells a server of ours from now on who leaves a room. */
  tells(url: string): void {
    this.#told = url;
  }

  /** Who is in rooms, and what each of them publishes and is sent. */
  get participants(): readonly Participant[] {
    return [...this.#rooms.values()].flatMap((room) => [...room.participants.values()]);
  }

  /** Ends all connections, and takes no new ones, as a server does that has died. */
  async goesAway(): Promise<void> {
    const closed = once(this.#http, "close");
    this.#http.close();
    this.#http.closeAllConnections();
    for (const socket of this.#sockets.clients) {
      socket.terminate();
    }
    await Promise.all([closed, ...this.participants.map((participant) => participant.ends())]);
    this.#rooms.clear();
  }

  /** Takes connections again, at the same address. */
  async comesBack(): Promise<void> {
    this.#http.listen(this.#port, "127.0.0.1");
    await once(this.#http, "listening");
  }

  async end(): Promise<void> {
    this.#told = undefined;
    await this.goesAway();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://livekit");
    // Pages of other origins ask, too.
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (url.pathname === "/rtc/validate") {
      const claims = await this.#admits(url).catch(() => undefined);
      response.writeHead(claims === undefined ? 401 : 200).end(claims === undefined ? "invalid token" : "success");
      return;
    }
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    const { room } = JSON.parse(body || "{}");
    const here = [...(this.#rooms.get(room)?.participants.keys() ?? [])];
    const answer = await listed(request.url, request.headers.authorization, room, here).catch(() => NOBODY);
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
  }

  async #connect(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? "", "http://livekit");
    const claims = url.pathname === "/rtc" ? await this.#admits(url).catch(() => undefined) : undefined;
    if (claims === undefined) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (connected) => {
      const room = this.#room(claims.video?.room ?? "");
      const isReturn = url.searchParams.get("reconnect") === "1";
      new Participant(room, connected, claims).enters(isReturn);
    });
  }

  /** Who a token lets in. Rejects when it lets nobody in, or not any more. */
  async #admits(url: URL): Promise<Claims> {
    const claims: Claims = await tokens.verify(url.searchParams.get("access_token") ?? "");
    const { exp = 0, video } = claims;
    if (exp * 1_000 <= this.now() || video?.roomJoin !== true) {
      throw new Error("the token lets nobody in");
    }
    return claims;
  }

  #room(name: string): Room {
    const room = this.#rooms.get(name) ?? new Room(name, (identity) => void this.#says(name, identity));
    this.#rooms.set(name, room);
    return room;
  }

  async #says(room: string, identity: string): Promise<void> {
    if (this.#told !== undefined) {
      await sendWebhook(this.#told, await leftWebhook(room, identity)).catch(() => undefined);
    }
  }
}

const NOBODY = { status: 401, body: { code: "unauthenticated" } };

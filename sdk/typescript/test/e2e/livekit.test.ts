import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AccessToken, TokenVerifier, WebhookReceiver } from "livekit-server-sdk";
import { afterEach, expect, it } from "vitest";
import { binary } from "./program.js";
import { World } from "./world.js";

const KEY = "APIkey";
const SECRET = "a secret that LiveKit and the server share";
const tokens = new TokenVerifier(KEY, SECRET);

/** A LiveKit server as far as its room API goes, and its webhooks, which LiveKit's own library signs. */
class LiveKit {
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

let livekit: LiveKit | undefined;
let world: World | undefined;

afterEach(async () => {
  await world?.end();
  livekit?.end();
});

it("LiveKit's own library takes the tokens, for one user and one room", async () => {
  const env = {
    ...process.env,
    WIGWAG_CALLS_PROVIDER: "livekit",
    WIGWAG_CALLS_LIVEKIT_URL: "wss://livekit.example.org",
    WIGWAG_CALLS_LIVEKIT_KEY: KEY,
    WIGWAG_CALLS_LIVEKIT_SECRET: SECRET,
  };
  const access = JSON.parse(execFileSync(binary(), ["media", "alice", "--room", "lesson"], { encoding: "utf8", env }));
  expect(access).toMatchObject({ provider: "livekit", liveURL: "wss://livekit.example.org" });
  const claims = await tokens.verify(access.token);
  const video = { room: "lesson", roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true };
  expect(claims).toMatchObject({ iss: KEY, sub: "alice", exp: access.expiresAt / 1_000 });
  expect(claims.video).toEqual(video);
  expect(JSON.parse(claims.metadata ?? "")).toEqual({ userInfo: { userID: "alice" }, groupInfo: {}, groupMemberInfo: {} });
  await expect(new TokenVerifier(KEY, `${SECRET}.`).verify(access.token)).rejects.toThrow();
});

it("whoever leaves the LiveKit room has left the call, although their device is connected", async () => {
  livekit = await LiveKit.start();
  world = await World.start(livekit.config);
  const [ann, bob] = [await world.connected("ann"), await world.connected("bob")];
  const { inviteID, call } = await ann.client.signaling.invite({ invitee: "bob", timeout: 30, call: { mediaType: "video" } });
  const room = call?.roomID ?? "";
  expect((await tokens.verify(call?.media.token ?? "")).video).toMatchObject({ room, roomJoin: true });
  await bob.hears("invitation.received");
  const accepted = await bob.client.signaling.accept({ inviteID });
  expect(await tokens.verify(accepted.call?.media.token ?? "")).toMatchObject({ sub: "bob", video: { room } });
  await ann.hears("invitation.accepted");

  livekit.rooms.set(room, ["ann", "bob"]);
  expect(await livekit.tells(world.server.url, room, "bob")).toBe(200);
  await ann.hearsNothingElse();

  livekit.rooms.set(room, ["ann"]);
  expect(await livekit.tells(world.server.url, room, "bob")).toBe(200);
  await ann.hears("call.hungUp", { userID: "bob", reason: "connectionLost", endReason: "connectionLost" });
  expect((await ann.client.calls.get({ roomID: room })).call).toMatchObject({ endReason: "connectionLost" });
});

it("a webhook that LiveKit did not sign, or for another body, is refused", async () => {
  livekit = await LiveKit.start();
  world = await World.start(livekit.config);
  const url = `${world.server.url.replace("ws:", "http:")}/v1/livekit/webhook`;
  const authorization = await new AccessToken(KEY, SECRET).toJwt();
  for (const headers of [{}, { Authorization: "no token" }, { Authorization: authorization }]) {
    const answer = await fetch(url, { method: "POST", headers, body: "{}" });
    expect([answer.status, (await answer.json()).data.reason]).toEqual([401, "tokenWrongKey"]);
  }
});

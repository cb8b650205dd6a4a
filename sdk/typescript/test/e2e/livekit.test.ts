import { execFileSync } from "node:child_process";
import { AccessToken, TokenVerifier } from "livekit-server-sdk";
import { afterEach, expect, it } from "vitest";
import { LiveKit } from "./livekit.js";
import { KEY, SECRET, tokens } from "./livekitAccount.js";
import { binary } from "./program.js";
import { World } from "./world.js";

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

import { execFileSync } from "node:child_process";
import { TokenVerifier } from "livekit-server-sdk";
import { expect, it } from "vitest";
import { binary } from "./program.js";

const KEY = "APIkey";
const SECRET = "a secret that LiveKit and the server share";
const tokens = new TokenVerifier(KEY, SECRET);

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

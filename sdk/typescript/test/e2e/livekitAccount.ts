import { createHash } from "node:crypto";
import { AccessToken, TokenVerifier } from "livekit-server-sdk";

/** The account that the server has with LiveKit, for every stand-in of it. */
export const KEY = "APIkey";
export const SECRET = "a secret that LiveKit and the server share";

/** Checks tokens as a LiveKit server does. */
export const tokens = new TokenVerifier(KEY, SECRET);

/** What a token says of whoever comes with it. */
export type Claims = Awaited<ReturnType<TokenVerifier["verify"]>> & { readonly sub?: string; readonly exp?: number };

/** The answer to a request to the room API for those who are in a room. */
export async function listed(
  url: string | undefined,
  authorization: string | undefined,
  room: string,
  identities: readonly string[],
) {
  const { video } = await tokens.verify(authorization?.replace("Bearer ", "") ?? "");
  const may = url === "/twirp/livekit.RoomService/ListParticipants" && video?.roomAdmin === true && video.room === room;
  const participants = identities.map((identity) => ({ sid: "PA_1", identity, state: "ACTIVE" }));
  return may ? { status: 200, body: { participants } } : { status: 403, body: { code: "permission_denied" } };
}

/** A webhook that says that somebody left a room, signed as LiveKit does it. */
export async function leftWebhook(room: string, identity: string): Promise<{ body: string; authorization: string }> {
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
  return { body, authorization: await token.toJwt() };
}

/** Sends it to a server of ours; gives the HTTP status of the answer. */
export async function sendWebhook(
  url: string,
  { body, authorization }: { body: string; authorization: string },
): Promise<number> {
  const headers = { Authorization: authorization, "Content-Type": "application/webhook+json" };
  const answer = await fetch(`${url.replace("ws:", "http:")}/v1/livekit/webhook`, { method: "POST", headers, body });
  return answer.status;
}

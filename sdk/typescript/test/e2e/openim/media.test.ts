import { TokenVerifier } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { LiveKit } from "../livekit.js";
import { Server } from "../server.js";
import { OpenImPeople } from "./people.js";

const ACCOUNT = { key: "devkey", secret: "a secret of at least thirty-two bytes" };
const URL = "wss://livekit.example.org";
const CONFIG = `[calls]
provider = "livekit"
[calls.livekit]
url = "${URL}"
key = "${ACCOUNT.key}"
secret = "${ACCOUNT.secret}"
`;

test.each([
  "sdk",
  2,
  3,
] as const)("open-im-sdk %s is given what LiveKit's client needs, for its user and room alone", async (version) => {
  const server = await Server.start(CONFIG);
  const people = new OpenImPeople(server);
  try {
    const bob = await people.ready(version, "bob");
    const alice = await people.ready(version, "alice");
    const invited = await alice.invites(alice.rtc());
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    expect(invitation).not.toHaveProperty("token");
    const accepted = await bob.asks("signalingAccept", { opUserID: "bob", invitation });
    const verifier = new TokenVerifier(ACCOUNT.key, ACCOUNT.secret);
    for (const [userID, entry] of [
      ["alice", invited],
      ["bob", accepted],
    ] as const) {
      expect(entry.liveURL).toBe(URL);
      const claims = await verifier.verify(entry.token);
      expect(claims).toMatchObject({ sub: userID, video: { roomJoin: true, room: invited.roomID } });
    }
  } finally {
    await people.end();
    await server.end();
  }
});

test.each([2, 3] as const)("open-im-sdk %s hangs up by leaving the room, as OpenIM's own apps do", async (version) => {
  const livekit = await LiveKit.start();
  const server = await Server.start(livekit.config);
  const people = new OpenImPeople(server);
  try {
    const [alice, bob] = [await people.ready(version, "alice"), await people.ready(version, "bob")];
    const { roomID } = await alice.invites(alice.rtc());
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    await bob.asks("signalingAccept", { opUserID: "bob", invitation });
    await alice.hears("OnInviteeAccepted");
    livekit.rooms.set(roomID, ["alice"]);
    expect(await livekit.tells(server.url, roomID, "bob")).toBe(200);
    const told = await alice.hears("OnHangUp");
    expect(version === 2 ? told.opUserID : told.userID).toBe("bob");
    expect(told.invitation.roomID).toBe(roomID);
    // Neither is busy any more.
    await bob.invites(bob.rtc({ inviteeUserIDList: ["alice"] }));
    await alice.hears("OnReceiveNewInvitation");
  } finally {
    await people.end();
    await server.end();
    livekit.end();
  }
});

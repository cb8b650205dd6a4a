import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { World } from "./world.js";

/** Bytes 4 to 7 of every STUN message (RFC 8489 section 5). */
const MAGIC_COOKIE = 0x2112a442;

it("browsers ask the STUN server that the operator named where they are", async () => {
  const stun = createSocket("udp4");
  const questions = new Set<string>();
  stun.on("message", (message, from) => {
    if (message.length >= 20 && message.readUInt16BE(0) === 1 && message.readUInt32BE(4) === MAGIC_COOKIE) {
      questions.add(`${from.address}:${from.port}`);
    }
  });
  stun.bind(0, "127.0.0.1");
  await once(stun, "listening");
  const world = await World.start({ stun: `stun:127.0.0.1:${(stun.address() as AddressInfo).port}` });
  try {
    const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
    await ann.calls("Bob", "audio");
    await bob.hearsRing("Ann");
    await bob.presses("Accept");
    await expect.poll(() => questions.size, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    await ann.presses("Hang up");
    await world.clear();
  } finally {
    await world.end();
    stun.close();
  }
});

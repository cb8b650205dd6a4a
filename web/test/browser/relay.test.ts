import { execFileSync } from "node:child_process";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { binary } from "../../../sdk/typescript/test/e2e/program.js";
import { Turn } from "./turn.js";
import { chromiumPath } from "./world.js";

const SECRET = "what the server and coturn share";

let turn: Turn;
let browser: Browser;

beforeAll(async () => {
  [turn, browser] = await Promise.all([
    Turn.start(SECRET),
    chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await turn?.end();
});

it("two browsers that cannot reach each other talk through the operator's TURN server", async () => {
  const [ann, bob] = [await page(), await page()];
  const offer = await ann.evaluate(call, iceServers("ann", SECRET));
  const answer = await bob.evaluate(accept, { iceServers: iceServers("bob", SECRET), offer });
  await ann.evaluate((sdp) => window.peer.setRemoteDescription({ type: "answer", sdp }), answer);
  expect(await bob.evaluate(() => window.heard)).toBe("hello through the relay");
  for (const one of [ann, bob]) {
    expect(await one.evaluate(route)).toEqual(["relay", "relay"]);
  }
});

it("a password that was made with another secret opens no relay", async () => {
  const ann = await page();
  const offer = await ann.evaluate(call, iceServers("ann", "a secret that coturn does not have"));
  expect(offer).not.toContain("a=candidate");
});

declare global {
  interface Window {
    peer: RTCPeerConnection;
    heard: Promise<string>;
  }
}

async function page(): Promise<Page> {
  return await (await browser.newContext()).newPage();
}

/** What the server tells this user of the media. */
function iceServers(user: string, secret: string): RTCIceServer[] {
  const env = { ...process.env, WIGWAG_CALLS_TURN_URLS: turn.url, WIGWAG_CALLS_TURN_SECRET: secret };
  return JSON.parse(execFileSync(binary(), ["media", user], { encoding: "utf8", env })).iceServers;
}

/** In a page: an offer with all candidates, of which only relayed ones are allowed. */
async function call(iceServers: RTCIceServer[]): Promise<string> {
  const peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
  const channel = peer.createDataChannel("words");
  channel.onopen = () => channel.send("hello through the relay");
  window.peer = peer;
  const gathered = new Promise<void>((resolve) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
  });
  await peer.setLocalDescription(await peer.createOffer());
  await gathered;
  return peer.localDescription?.sdp ?? "";
}

/** In a page: the answer, with all candidates. */
async function accept({ iceServers, offer }: { iceServers: RTCIceServer[]; offer: string }): Promise<string> {
  const peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
  window.peer = peer;
  window.heard = new Promise((resolve) => {
    peer.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => resolve(data);
    };
  });
  const gathered = new Promise<void>((resolve) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
  });
  await peer.setRemoteDescription({ type: "offer", sdp: offer });
  await peer.setLocalDescription(await peer.createAnswer());
  await gathered;
  return peer.localDescription?.sdp ?? "";
}

/** In a page: the kinds of the two candidates between which everything goes. */
async function route(): Promise<(string | undefined)[]> {
  const pair = window.peer.sctp?.transport.iceTransport.getSelectedCandidatePair();
  return [pair?.local?.type ?? undefined, pair?.remote?.type ?? undefined];
}

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { PATIENCE_MS, type Person } from "./person.js";

/** Whoever has a page that keeps its connections. */
interface Eared {
  readonly page: Page;
}

/** How long one look at what arrives takes, ms: the microphone that Chromium stands in with beeps once a second. */
const LISTENS_MS = 1_300;

/** Measures what arrives at somebody's page. Their page is loaded again for it. */
export async function lendsEars(person: Person): Promise<void> {
  await person.context.addInitScript(keepsConnections);
  await person.page.reload();
  await person.isOnline();
}

/** To be run in a page before its own scripts, so that what arrives there can be measured. */
export function keepsConnections(): void {
  const { RTCPeerConnection: Real } = window;
  const kept: RTCPeerConnection[] = [];
  (window as { kept?: RTCPeerConnection[] }).kept = kept;
  window.RTCPeerConnection = class extends Real {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      kept.push(this);
    }
  };
}

/** Waits until this person hears so many voices: whose sound grows in what the browser plays. */
export async function hears(person: Eared, voices: number, patience = PATIENCE_MS): Promise<void> {
  await expect.poll(() => listens(person).then(({ heard }) => heard), { timeout: patience }).toBe(voices);
}

/** Waits until so many others send something, played or not: a microphone that is muted or closed sends nothing. */
export async function receives(person: Eared, voices: number): Promise<void> {
  await expect.poll(() => listens(person).then(({ sent }) => sent), { timeout: PATIENCE_MS }).toBe(voices);
}

/** Waits until this person has open connections to so many others. */
export async function isConnected(person: Eared, others: number): Promise<void> {
  const connected = () =>
    person.page.evaluate(() => {
      const { kept = [] } = window as { kept?: RTCPeerConnection[] };
      return kept.filter(({ connectionState }) => connectionState === "connected").length;
    });
  await expect.poll(connected, { timeout: PATIENCE_MS }).toBe(others);
}

/** Waits until somebody in this part of the page is shown as loud. It is looked at with every frame: between two beeps nobody is. */
export async function seesLoud(person: Person, part: string): Promise<void> {
  await person.page.waitForFunction((face) => document.querySelector(face) !== null, `${part} .voice:not([data-level="0"])`);
}

function listens(person: Eared): Promise<{ heard: number; sent: number }> {
  return person.page.evaluate(async (ms) => {
    const { kept = [] } = window as { kept?: RTCPeerConnection[] };
    // Over a connection to another page one voice comes, over one to a media server all of them.
    const look = async () => {
      const open = kept.filter(({ signalingState }) => signalingState !== "closed");
      const reports = await Promise.all(
        open.map(async (connection) =>
          [...(await connection.getStats()).values()].map((report) => [connection, report] as const),
        ),
      );
      const voices = reports.flat().filter(([, { type, kind }]) => type === "inbound-rtp" && kind === "audio");
      return new Map(
        voices.map(([connection, report]) => [
          `${kept.indexOf(connection)} ${report.id}`,
          { energy: Number(report.totalAudioEnergy ?? 0), packets: Number(report.packetsReceived ?? 0) },
        ]),
      );
    };
    const before = await look();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = [...(await look())];
    return {
      heard: after.filter(([voice, { energy }]) => energy > (before.get(voice)?.energy ?? 0)).length,
      sent: after.filter(([voice, { packets }]) => packets > (before.get(voice)?.packets ?? 0)).length,
    };
  }, LISTENS_MS);
}

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { World } from "../world.js";
import { Site } from "./site.js";

/** Tencent's own package, as a script for pages. */
const TENCENTS = fileURLToPath(new URL("../../tencent/node_modules/trtc-sdk-v5/trtc.js", import.meta.url));

/** What both packages have, as far as they are asked here. */
interface Package {
  create(): {
    startLocalVideo(options?: object): Promise<unknown>;
    startLocalAudio(): Promise<unknown>;
    updateLocalVideo(options: object): Promise<unknown>;
    enterRoom(options: object): Promise<unknown>;
    startRemoteVideo(options: object): Promise<unknown>;
  };
}

declare const window: Window & { readonly TRTC: Package; readonly app: { readonly TRTC: Package } };

let world: World;
let site: Site;

beforeAll(async () => {
  [world, site] = await Promise.all([World.start(), Site.start()]);
});

afterAll(async () => {
  site?.end();
  await world?.end();
});

/** In the page: what each call is refused with, by one of the two packages, when the browser refuses devices with these exceptions. */
async function refusals(whose: "ours" | "Tencent's"): Promise<Record<string, unknown>> {
  const { TRTC } = whose === "ours" ? window.app : window;
  const told: Record<string, unknown> = {};
  const ask = async (name: string, call: () => Promise<unknown>) => {
    told[name] = await call().then(
      () => "done",
      ({ name, code, extraCode = 0, functionName }) => ({ name, code, extraCode, functionName }),
    );
  };
  for (const cause of ["NotAllowedError", "NotFoundError", "NotReadableError", "OverconstrainedError", "AbortError"]) {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("refused", cause));
    await ask(`camera: ${cause}`, () => TRTC.create().startLocalVideo());
    await ask(`microphone: ${cause}`, () => TRTC.create().startLocalAudio());
  }
  const trtc = TRTC.create();
  await ask("a change of what is not open", () => trtc.updateLocalVideo({}));
  await ask("a view that is not there", () => trtc.startLocalVideo({ view: "nowhere" }));
  await ask("a room without an app", () => trtc.enterRoom({ userId: "ann", userSig: "", roomId: 1 }));
  await ask("a picture outside of a room", () => trtc.startRemoteVideo({ userId: "bob", streamType: "main", view: null }));
  return told;
}

it("what the browser or the page gets wrong is refused as Tencent's package refuses it", async () => {
  const page = await world.visits(site.url, "ann");
  await page.addScriptTag({ path: TENCENTS });
  const ours = await page.evaluate(refusals, "ours" as const);
  expect(ours["camera: NotAllowedError"]).toMatchObject({ name: "DEVICE_ERROR", code: 5300, extraCode: 5302 });
  expect(ours).toEqual(await page.evaluate(refusals, "Tencent's" as const));
});

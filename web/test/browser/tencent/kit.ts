import type { Page } from "playwright-core";
import { SDK_APP_ID } from "../../../../sdk/typescript/test/e2e/server.js";
import { givesDrawingAsScreen } from "../drawing.js";
import { keepsConnections } from "../ears.js";
import { PATIENCE_MS } from "../person.js";
import { OUTPUT, type World } from "../world.js";
import type { Site } from "./site.js";

/** What the engine says when something goes wrong. */
export interface CallError {
  readonly code: number;
  readonly msg: string;
}

/** What TUICallKit's service takes, as far as a story uses it. */
interface CallService {
  call(options: { userID: string; type: number }): Promise<unknown>;
  groupCall(options: { userIDList: string[]; groupID: string; type: number }): Promise<unknown>;
  inviteUser(options: { userIDList: string[] }): Promise<unknown>;
  joinInGroupCall(options: { groupID: string; roomID: number; type: number }): Promise<unknown>;
  getTUICallEngineInstance(): {
    getRoomId(): number;
    on(event: string, handler: (told: CallError) => void): void;
    getTRTCCloudInstance(): { startScreenShare(view: null): Promise<void>; stopScreenShare(): Promise<void> };
  };
}

/** What the page offers to a story. */
interface App {
  readonly TUICallKitServer: CallService;
  signIn(options: object): Promise<void>;
  createGroup(groupID: string, members: readonly string[]): Promise<void>;
}

declare const window: Window & { readonly app: App; wrong?: CallError[] };

/** The kits' buttons. Those for the devices say how these are. */
type Button = "Accept" | "Decline" | "Hang up" | "Cancel" | "Camera On" | "Camera Off" | "Unmuted" | "Muted";

/** As TUICallKit numbers them. */
const MEDIA = { audio: 1, video: 2 };

/** A person on a page with TUICallKit. */
export class Kit {
  private constructor(
    readonly name: string,
    readonly page: Page,
  ) {}

  /** Opens the page, and signs in. `patience`, ms, is how long each step of theirs may take. */
  static async open(world: World, site: Site, name: string, patience = PATIENCE_MS): Promise<Kit> {
    const kit = new Kit(name, await world.visits(site.url, name, patience));
    // For `hears`.
    await kit.page.addInitScript(keepsConnections);
    await kit.page.reload();
    const signIn = { server: world.server.url, SDKAppID: SDK_APP_ID, userID: name, userSig: world.server.token(name) };
    await kit.page.evaluate((options) => window.app.signIn(options), signIn);
    return kit;
  }

  async calls(userID: string, media: keyof typeof MEDIA = "video"): Promise<void> {
    const options = { userID, type: MEDIA[media] };
    await this.page.evaluate((call) => window.app.TUICallKitServer.call(call), options);
  }

  async callsGroup(groupID: string, userIDList: string[]): Promise<void> {
    const options = { groupID, userIDList, type: MEDIA.video };
    await this.page.evaluate((call) => window.app.TUICallKitServer.groupCall(call), options);
  }

  /** Rings one more for the call of the group in which this person is. */
  async invitesToo(userID: string): Promise<void> {
    await this.page.evaluate((call) => window.app.TUICallKitServer.inviteUser(call), { userIDList: [userID] });
  }

  /** Comes into a group's call without an invitation. */
  async joinsGroup(groupID: string, roomID: number): Promise<void> {
    const options = { groupID, roomID, type: MEDIA.video };
    await this.page.evaluate((call) => window.app.TUICallKitServer.joinInGroupCall(call), options);
  }

  /** The number of the room in which this person is. */
  room(): Promise<number> {
    return this.page.evaluate(() => window.app.TUICallKitServer.getTUICallEngineInstance().getRoomId());
  }

  /** Waits until there is no picture of this user any more. */
  async misses(name: string): Promise<void> {
    await this.page.waitForFunction((id) => document.getElementById(id)?.querySelector("video") == null, name);
  }

  async createsGroup(groupID: string, members: readonly string[]): Promise<void> {
    await this.page.evaluate(([id, who]) => window.app.createGroup(id, who), [groupID, members] as const);
  }

  async presses(button: Button): Promise<void> {
    // The kits' buttons, for Vue and for React, have their words beside them.
    await this.page
      .locator(".btn-content, .btn-container, .tk-btn-container")
      .filter({ hasText: button })
      .locator("> div")
      .first()
      .click();
  }

  /** Keeps from now on what the engine says when something goes wrong. */
  async notesErrors(): Promise<void> {
    await this.page.evaluate(() => {
      const wrong: CallError[] = [];
      window.wrong = wrong;
      window.app.TUICallKitServer.getTUICallEngineInstance().on("onError", (told) => wrong.push(told));
    });
  }

  /** Waits until it has said something with this code, and gives its words. */
  async isTold(code: number): Promise<string> {
    const said = (wanted: number) => window.wrong?.find((one) => one.code === wanted)?.msg;
    return (await (await this.page.waitForFunction(said, code)).jsonValue()) ?? "";
  }

  async reads(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor();
  }

  /** Waits until the kit is shown no more. */
  async isBack(): Promise<void> {
    await this.page
      .getByText(/^(Hang up|Accept)$/)
      .first()
      .waitFor({ state: "detached" });
  }

  /** Waits until pictures of this user are decoded and played, from now on. */
  async seesMovingPicturesOf(name: string): Promise<void> {
    const before = await this.page.evaluate((id) => {
      const video = document.getElementById(id)?.querySelector("video");
      return video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    }, name);
    const shown = ([id, least]: readonly [string, number]) => {
      const video = document.getElementById(id)?.querySelector("video");
      return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) >= least && (video?.currentTime ?? 0) > 0;
    };
    await this.page.waitForFunction(shown, [name, before + FEW_FRAMES] as const);
  }

  /** Waits until the kit shows this user's face in the place of their picture. */
  async seesFaceOf(name: string): Promise<void> {
    await this.page.locator(`[id="${name}"] .audio-stream-container`).waitFor();
  }

  /** By what is under the engine: the kit has no button for it. */
  async sharesScreen(): Promise<void> {
    await givesDrawingAsScreen(this.page);
    await this.page.evaluate(() =>
      window.app.TUICallKitServer.getTUICallEngineInstance().getTRTCCloudInstance().startScreenShare(null),
    );
  }

  async sharesScreenNoMore(): Promise<void> {
    await this.page.evaluate(() =>
      window.app.TUICallKitServer.getTUICallEngineInstance().getTRTCCloudInstance().stopScreenShare(),
    );
  }

  /** Waits until the picture of this user is so wide for its height. */
  async seesShapeOf(name: string, shape: number): Promise<void> {
    const isShape = ([id, wanted]: readonly [string, number]) => {
      const video = document.getElementById(id)?.querySelector("video");
      return video != null && Math.abs(video.videoWidth / video.videoHeight - wanted) < 0.05;
    };
    await this.page.waitForFunction(isShape, [name, shape] as const);
  }

  async photographs(title: string): Promise<void> {
    await this.page.screenshot({ path: `${OUTPUT}${title}.png` });
  }
}

/** More than the first picture, which might stand still. */
const FEW_FRAMES = 10;

import { now } from "../now.js";
import { roomName } from "../pageRooms.js";
import { Capture } from "./capture.js";
import type { Outgoing, Trouble } from "./carrier.js";
import { ERROR_CODE, EVENT, TYPE, VERSION } from "./constants.js";
import { type DeviceList, list, type Permissions, permissions } from "./devices.js";
import { type ErrorName, notThere, RtcError } from "./errors.js";
import { type Handler, Listeners } from "./listeners.js";
import { loggers, setLogLevel } from "./log.js";
import type * as options from "./options.js";
import { Place } from "./place.js";
import { Remote } from "./remote.js";
import type { Room, RoomPort } from "./room.js";
import { ourRooms } from "./rooms.js";
import { elementsOf, snapshotOf, VideoPlayer } from "./view.js";

/**
 * The class of Tencent's package: one user's place in a room, with their camera and microphone.
 *
 * `TRTC.create()` makes one. Calls give promises that reject with an RtcError `{code, extraCode, name, message}`.
 */
export class TRTC {
  /** Names of events. */
  static readonly EVENT = EVENT;
  /** Values of parameters and fields. */
  static readonly TYPE = TYPE;
  /** Numbers of errors. */
  static readonly ERROR_CODE = ERROR_CODE;
  /** The version of Tencent's package that this one follows. */
  static readonly VERSION = VERSION;
  /** @internal Where kits of Tencent's write their logs. */
  static readonly _loggerManager = loggers;

  readonly #listeners = new Listeners();
  readonly #camera = new Capture("camera");
  readonly #microphone = new Capture("microphone");
  readonly #screen = new Capture("screen", () => this.#screenEnded());
  readonly #preview = new VideoPlayer(SILENT);
  readonly #screenPreview = new VideoPlayer(SILENT);
  readonly #remotes = new Map<string, Remote>();
  readonly #place = new Place(
    (event, told) => this.#listeners.emit(event, told),
    () => this.#outgoing(),
    () => void this.exitRoom(),
  );
  #video: options.LocalVideo = {};
  #audio: options.LocalAudio = {};
  #share: options.ScreenShare = {};
  #speaker: string | undefined;

  /** Makes one. From now on, the invitations of call engines on this page begin calls of the server's. */
  static create(_options: object = {}): TRTC {
    ourRooms();
    const trtc = new TRTC();
    instances.add(trtc);
    return trtc;
  }

  /** Whether the browser has what is needed. */
  static async isSupported(): Promise<{ result: boolean; detail: Readonly<Record<string, boolean>> }> {
    const isWebRTCSupported = "RTCPeerConnection" in globalThis;
    const isMediaDevicesSupported = navigator.mediaDevices !== undefined;
    const result = isWebRTCSupported && isMediaDevicesSupported;
    return { result, detail: { isBrowserSupported: result, isWebRTCSupported, isMediaDevicesSupported } };
  }

  /** How it stands with the permission for camera and microphone. */
  static getPermissions(wish: { camera?: boolean; microphone?: boolean; request?: boolean } = {}): Promise<Permissions> {
    return permissions(wish);
  }

  /** The cameras; the user is asked for permission where the browser keeps their names back. */
  static getCameraList(request = true): DeviceList {
    return list("videoinput", request);
  }

  /** The microphones. */
  static getMicrophoneList(request = true): DeviceList {
    return list("audioinput", request);
  }

  /** The loudspeakers. */
  static getSpeakerList(request = true): DeviceList {
    return list("audiooutput", request);
  }

  /** Plays everybody on this device, as far as the browser lets one choose. */
  static async setCurrentSpeaker(deviceId: string): Promise<void> {
    for (const trtc of instances) {
      trtc.#useSpeaker(deviceId);
    }
  }

  /** 0 writes most to the console, 5 nothing. Default: warnings and errors. */
  static setLogLevel(level: number, _upload?: boolean): void {
    setLogLevel(level);
  }

  /** Adds a handler of an event. */
  on(event: string, handler: Handler, context?: unknown): this {
    this.#listeners.on(event, handler, context);
    return this;
  }

  /** Removes a handler; with `*` all of all events. */
  off(event: string, handler?: Handler, _context?: unknown): this {
    this.#listeners.off(event, handler);
    return this;
  }

  /**
   * Enters a room: that of a call of the server's with this name. A caller enters before they invite; who is called enters before they
   * accept, and members of a group enter its running call. The others come as REMOTE_USER_ENTER once they are in the call.
   */
  async enterRoom(wish: options.EnterRoom): Promise<void> {
    const functionName = "enterRoom";
    const begun = now();
    const { sdkAppId, userId } = wish ?? {};
    const name = roomName({ number: wish?.roomId, text: wish?.strRoomId });
    if (!Number.isSafeInteger(sdkAppId) || typeof userId !== "string" || name === undefined) {
      const message = "enterRoom() needs sdkAppId, userId, and roomId or strRoomId";
      throw new RtcError("INVALID_PARAMETER", message, { extraCode: 5001, functionName });
    }
    if (this.#place.isTaken) {
      throw new RtcError("INVALID_OPERATION", "enterRoom(): exitRoom() first", { extraCode: 5104, functionName });
    }
    if (!this.#place.enter({ sdkAppID: sdkAppId, userID: userId, name }, this.#port())) {
      const message = `enterRoom(): ${userId} is not signed in: a chat of @wigwag/sdk/tencent on this page signs in first`;
      throw new RtcError("SERVER_ERROR", message, { functionName });
    }
    await takesTime(begun);
  }

  /** Leaves the room, and the call with it. The camera and the microphone stay as they are. */
  async exitRoom(): Promise<void> {
    this.#leave((room) => room.leave());
  }

  /** Gives everything back. */
  destroy(): void {
    void this.exitRoom();
    instances.delete(this);
    this.#camera.stop();
    this.#microphone.stop();
    this.#screen.stop();
    this.#preview.stop();
    this.#screenPreview.stop();
    this.#place.meter.stop();
    this.#listeners.off("*");
  }

  /** Taken and not used: everybody sends and receives. */
  async switchRole(_role: string): Promise<void> {}

  /** Opens the camera, shows it in `view` and sends it to the others. */
  async startLocalVideo(wish: options.LocalVideo = {}): Promise<void> {
    elementsOf(wish.view, "startLocalVideo");
    this.#video = wish;
    await this.#camera.start("startLocalVideo", wish.option ?? {});
    this.#showPreview("startLocalVideo");
    this.#send();
  }

  /** Changes what is not left out. */
  async updateLocalVideo(wish: options.LocalVideo): Promise<void> {
    elementsOf(wish.view, "updateLocalVideo");
    const changed = { ...this.#video, ...wish, option: { ...this.#video.option, ...wish.option } };
    await this.#camera.update("updateLocalVideo", changed.option);
    this.#video = changed;
    this.#showPreview("updateLocalVideo");
    this.#send();
  }

  /** Closes the camera. */
  async stopLocalVideo(): Promise<void> {
    this.#camera.stop();
    this.#preview.stop();
    this.#send();
  }

  /** Opens the microphone and sends it to the others. */
  async startLocalAudio(wish: options.LocalAudio = {}): Promise<void> {
    this.#audio = wish;
    await this.#microphone.start("startLocalAudio", wish.option ?? {});
    this.#send();
  }

  /** Changes what is not left out. */
  async updateLocalAudio(wish: options.LocalAudio): Promise<void> {
    const changed = { ...this.#audio, ...wish, option: { ...this.#audio.option, ...wish.option } };
    await this.#microphone.update("updateLocalAudio", changed.option);
    this.#audio = changed;
    this.#send();
  }

  /** Closes the microphone. */
  async stopLocalAudio(): Promise<void> {
    this.#microphone.stop();
    this.#send();
  }

  /** Shows the picture of somebody in the room in `view`. */
  async startRemoteVideo({ userId, view, option }: options.RemoteVideo): Promise<void> {
    const functionName = "startRemoteVideo";
    const remote = this.#remotes.get(userId);
    if (remote === undefined) {
      throw new RtcError("INVALID_OPERATION", `${functionName}(): ${userId} is not in the room`, {
        extraCode: 5101,
        functionName,
      });
    }
    remote.show(elementsOf(view, functionName), playOptions(option));
  }

  /** Changes what is not left out. */
  async updateRemoteVideo({ userId, view, option }: options.RemoteVideo): Promise<void> {
    const elements = view === undefined ? undefined : elementsOf(view, "updateRemoteVideo");
    this.#remotes.get(userId)?.change(elements, playOptions(option));
  }

  /** Shows it no more. */
  async stopRemoteVideo({ userId }: options.RemoteVideo): Promise<void> {
    this.#each(userId, (remote) => remote.hide());
  }

  /** Plays the sound of somebody, or of everybody (`*`), or not. */
  async muteRemoteAudio(userId: string, mute: boolean): Promise<void> {
    this.#each(userId, (remote) => {
      remote.muted = mute;
    });
  }

  /** 0 to 100. */
  setRemoteAudioVolume(userId: string, volume: number): void {
    this.#each(userId, (remote) => {
      remote.volume = volume;
    });
  }

  /** Tells every so often (ms) how loud each is, as AUDIO_VOLUME; 0 or less ends it. */
  enableAudioVolumeEvaluation(interval = 2_000, _inBackground?: boolean): void {
    this.#place.meter.listen(interval);
  }

  /** The track of the user's microphone, or of somebody's in the room; null when there is none. */
  getAudioTrack(whose?: string | { userId?: string }): MediaStreamTrack | null {
    const userId = typeof whose === "string" ? whose : (whose?.userId ?? "");
    return (userId === "" ? this.#microphone.track : this.#remotes.get(userId)?.track("audio")) ?? null;
  }

  /** The track of the user's camera or (`streamType: "sub"`) shared screen, or of somebody's picture in the room; null when there is none. */
  getVideoTrack(whose: { userId?: string; streamType?: string } = {}): MediaStreamTrack | null {
    const { userId = "", streamType } = whose;
    const own = streamType === TYPE.STREAM_TYPE_SUB ? this.#screen : this.#camera;
    return (userId === "" ? own.track : this.#remotes.get(userId)?.track("video")) ?? null;
  }

  /** The picture that is shown, as a PNG in a `data:` address; "" when none is. */
  getVideoSnapshot(whose: { userId?: string } = {}): string {
    const { userId = "" } = whose;
    const video = userId === "" ? this.#preview.video : this.#remotes.get(userId)?.video;
    return video === undefined ? "" : snapshotOf(video);
  }

  /**
   * Lets the user choose a screen or a window, and sends it in the place of the camera's picture, because there is one picture from each to
   * each: the others see it where they saw the user. When the user ends it in the browser, SCREEN_SHARE_STOPPED says so.
   */
  async startScreenShare(wish: options.ScreenShare = {}): Promise<void> {
    elementsOf(wish.view, "startScreenShare");
    this.#share = wish;
    await this.#screen.start("startScreenShare", wish.option ?? {});
    this.#showScreen("startScreenShare");
    this.#send();
  }

  /** Changes what is not left out. */
  async updateScreenShare(wish: options.ScreenShare): Promise<void> {
    elementsOf(wish.view, "updateScreenShare");
    const changed = { ...this.#share, ...wish, option: { ...this.#share.option, ...wish.option } };
    await this.#screen.update("updateScreenShare", changed.option);
    this.#share = changed;
    this.#showScreen("updateScreenShare");
    this.#send();
  }

  /** Sends the camera's picture again, where it is open. */
  async stopScreenShare(): Promise<void> {
    this.#screen.stop();
    this.#screenPreview.stop();
    this.#send();
  }

  /** Refused: a room is the room of a call. */
  async switchRoom(_room: object): Promise<void> {
    throw notThere("switchRoom", "leave the call and enter another");
  }

  /** Refused: there is no way for messages beside the media. */
  async sendCustomMessage(_message: object): Promise<void> {
    throw notThere("sendCustomMessage", "send a message with the chat");
  }

  /** Taken and not used. */
  async use(_plugin: unknown): Promise<void> {}

  /** Refused: plug-ins of Tencent's work on the inside of its own package. */
  async startPlugin(name: string, _options?: object): Promise<never> {
    throw notThere(`startPlugin("${name}")`, "its plug-ins work on the inside of Tencent's package");
  }

  /** Refused, as no plug-in is started. */
  async updatePlugin(name: string, _options?: object): Promise<never> {
    throw notThere(`updatePlugin("${name}")`, "its plug-ins work on the inside of Tencent's package");
  }

  /** No plug-in is started, so that there is nothing to stop. */
  async stopPlugin(_name: string, _options?: object): Promise<void> {}

  /** Taken and not used. */
  async callExperimentalAPI(_name: string, _options?: object): Promise<void> {}

  #port(): RoomPort {
    const tell = (event: string, told: object) => this.#listeners.emit(event, told);
    return {
      came: (userId) => {
        const remote = new Remote(userId, tell);
        this.#remotes.set(userId, remote);
        if (this.#speaker !== undefined) {
          remote.speaker = this.#speaker;
        }
        tell(EVENT.REMOTE_USER_ENTER, { userId });
      },
      left: (userId) => {
        this.#remotes.get(userId)?.end();
        this.#remotes.delete(userId);
        tell(EVENT.REMOTE_USER_EXIT, { userId, reason: 0 });
      },
      received: (userId, track) => this.#remotes.get(userId)?.received(track),
      switched: (userId, devices) => this.#remotes.get(userId)?.switched(devices),
      linked: (userId, state) => this.#linked(userId, state),
      moved: () => {
        this.#leave(() => {});
        tell(EVENT.KICKED_OUT, { reason: "kick" });
      },
      failed: (...told) => this.#failed(...told),
    };
  }

  #linked(userId: string, state: RTCPeerConnectionState): void {
    this.#place.meter.linked(userId, state);
    if (state === "failed") {
      this.#failed(`no way to ${userId} was found: does the server's configuration name STUN or TURN servers?`);
    }
  }

  #failed(message: string, thrown?: unknown, trouble: Trouble = "other"): void {
    const words = thrown instanceof Error ? `${message}: ${thrown.message}` : message;
    const [name, extraCode] = TROUBLES[trouble];
    this.#listeners.emit(EVENT.ERROR, new RtcError(name, words, { extraCode, originError: thrown }));
  }

  #leave(how: (room: Room) => void): void {
    if (this.#place.leave(how)) {
      for (const remote of this.#remotes.values()) {
        remote.end();
      }
      this.#remotes.clear();
    }
  }

  #showPreview(functionName: string): void {
    const { track } = this.#camera;
    const { mirror = true, fillMode = "cover" } = this.#video.option ?? {};
    if (track !== undefined) {
      const isMirrored = mirror === true || mirror === "view" || mirror === "both";
      this.#preview.show(track, elementsOf(this.#video.view, functionName), { mirror: isMirrored, fillMode });
    }
  }

  #showScreen(functionName: string): void {
    const { track } = this.#screen;
    const { fillMode = "contain" } = this.#share.option ?? {};
    if (track !== undefined) {
      this.#screenPreview.show(track, elementsOf(this.#share.view, functionName), { mirror: false, fillMode });
    }
  }

  #screenEnded(): void {
    void this.stopScreenShare();
    this.#listeners.emit(EVENT.SCREEN_SHARE_STOPPED);
  }

  #send(): void {
    this.#place.send();
  }

  /** What is open and is not kept back. */
  #outgoing(): Outgoing {
    const sent = ({ track }: Capture, { publish = true, mute = false }: { publish?: unknown; mute?: unknown }) =>
      publish !== false && (mute === false || mute === undefined) ? (track ?? null) : null;
    const screen = sent(this.#screen, this.#share);
    const video = screen ?? sent(this.#camera, this.#video);
    return { audio: sent(this.#microphone, this.#audio), video, isScreen: screen !== null };
  }

  #useSpeaker(deviceId: string): void {
    this.#speaker = deviceId;
    this.#each("*", (remote) => {
      remote.speaker = deviceId;
    });
  }

  #each(userId: string, act: (remote: Remote) => void): void {
    for (const remote of userId === "*" ? this.#remotes.values() : [this.#remotes.get(userId)]) {
      if (remote !== undefined) {
        act(remote);
      }
    }
  }
}

/** How Tencent's package numbers what goes wrong in a room. 5501 is a media server that cannot be reached. */
const TROUBLES: Readonly<Record<Trouble, readonly [name: ErrorName, extraCode: number]>> = {
  noLiveKit: ["ENV_NOT_SUPPORTED", 0],
  refused: ["SERVER_ERROR", 0],
  unreachable: ["OPERATION_FAILED", 5501],
  other: ["OPERATION_FAILED", 0],
};

/** Engines open the microphone when a room was entered in more than 0 ms, in whole ms of the page's clock: fewer mean to them that it failed. */
async function takesTime(begun: number): Promise<void> {
  while (Math.floor(now()) <= Math.floor(begun)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What one shows oneself is told to nobody. */
const SILENT = { started() {}, blocked() {} };

/** Those of the page, for the loudspeaker, which is everybody's. */
const instances = new Set<TRTC>();

function playOptions({ mirror, fillMode }: NonNullable<options.RemoteVideo["option"]> = {}) {
  return { ...(mirror === undefined ? {} : { mirror }), ...(fillMode === undefined ? {} : { fillMode }) };
}

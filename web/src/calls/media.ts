import type { MediaAccess } from "@wigwag/sdk";
import { rememberCall } from "../media/chosen.js";
import { type Kind, kindsOf, obtain, type Troubles } from "../media/devices.js";
import { Meeting, type ServerMedia } from "../media/meeting.js";
import type { Other } from "../media/people.js";
import type { TrackKind, TransportParts, TransportView } from "../media/transport.js";
import type { DevicesOn, Media, Signal } from "../session/payload.js";
import { Store } from "../session/store.js";

/** The state of a camera or microphone; `none` when it is missing or the user did not allow it. One that is off may not be open yet. */
export type Device = "on" | "off" | "none";

export interface MediaView extends TransportView {
  readonly local?: MediaStream;
  readonly microphone: Device;
  readonly camera: Device;
  /** The picture of this user's screen, while the others see it. */
  readonly screen?: MediaStream | undefined;
  /** Why a device that the call needs is missing. */
  readonly troubles: Troubles;
}

const NOTHING: MediaView = { microphone: "none", camera: "none", troubles: {}, reach: "open", links: new Map() };

/** The microphone, the camera and what carries their media to the others, for one call at a time. */
export class CallMedia {
  readonly view = new Store<MediaView>(NOTHING);
  readonly #meeting: Meeting;
  #local: Promise<MediaStream> | undefined;
  #trying = false;

  constructor(server: ServerMedia, parts: Pick<TransportParts, "send" | "access" | "lost">) {
    this.#meeting = new Meeting(server, {
      ...parts,
      kinds: ["audio", "video"],
      local: () => this.#local ?? Promise.resolve(new MediaStream()),
      screen: () => this.#screenTrack(),
      devices: () => this.#devices(),
    });
    this.#meeting.view.subscribe(() => this.#patch(this.#meeting.view.get()));
  }

  /** The most people in a call, this user included. */
  get most(): number {
    return this.#meeting.most;
  }

  /** Opens the microphone and, for video, the camera, unless they are open for this call. The call goes on without a device that is missing, and says so. */
  openDevices(media: Media): Promise<MediaStream> {
    if (this.#local === undefined) {
      rememberCall();
      this.#local = this.#acquire(media);
    }
    return this.#local;
  }

  /** The server told how the call's media are reached. */
  reaches(access: MediaAccess | undefined): void {
    this.#meeting.reaches(access);
  }

  /** Connects to all others, and leaves those who are not in the call any more. */
  meets(others: readonly Other[]): void {
    this.#meeting.meets(others);
  }

  /** Applies signals of another browser. */
  take(userID: string, signals: readonly Signal[]): void {
    this.#meeting.take(userID, signals);
  }

  /** Whose pictures are shown. */
  shows(userIDs: readonly string[]): void {
    this.#meeting.plays("video", userIDs);
  }

  /** How loud somebody is now, 0 to 1. */
  level(userID: string): number {
    return this.#meeting.level(userID);
  }

  /** Tries again at once what does not work. */
  repair(): void {
    this.#meeting.repair();
  }

  /** The page is left, perhaps to be loaded again. */
  leaves(): void {
    this.#meeting.leaves();
  }

  /** This page goes on with the call in the place of another one, to which these were connected. */
  returns(userIDs: readonly string[]): Promise<void> {
    return this.#meeting.returns(userIDs);
  }

  /** Opens the devices that are missing once more. What it gets goes into the call that is going on. */
  async retry(): Promise<void> {
    await this.#opens(Object.keys(this.view.get().troubles) as Kind[]);
  }

  async #opens(missing: readonly Kind[]): Promise<void> {
    const opened = this.#local;
    if (opened === undefined || this.#trying) {
      return;
    }
    this.#trying = true;
    const local = await opened;
    const { tracks, troubles } = await obtain(navigator.mediaDevices, missing);
    this.#trying = false;
    if (opened !== this.#local) {
      stop(tracks);
      return;
    }
    for (const track of tracks) {
      local.addTrack(track);
      await this.#sends(track);
    }
    const others = missing.reduce(without, this.view.get().troubles);
    this.#shows(local, { ...others, ...troubles });
  }

  /** Goes on with another device of this kind: the one that the user has chosen. */
  async change(kind: Kind): Promise<void> {
    const opened = this.#local;
    const local = await opened;
    const { tracks, troubles } = await obtain(navigator.mediaDevices, [kind]);
    const [track] = tracks;
    if (local === undefined || opened !== this.#local || track === undefined) {
      stop(tracks);
      return;
    }
    const before = local.getTracks().filter((old) => old.kind === track.kind);
    track.enabled = before.every(({ enabled }) => enabled);
    await this.#sends(track);
    const stream = new MediaStream([...local.getTracks().filter((old) => !before.includes(old)), track]);
    stop(before);
    this.#local = Promise.resolve(stream);
    this.#shows(stream, { ...without(this.view.get().troubles, kind), ...troubles });
  }

  toggle(device: Kind): void {
    const view = this.view.get();
    const tracks = device === "microphone" ? view.local?.getAudioTracks() : view.local?.getVideoTracks();
    const on = view[device] === "off";
    if (on && tracks?.length === 0) {
      void this.#opens([device]);
      return;
    }
    for (const track of tracks ?? []) {
      track.enabled = on;
    }
    this.#patch({ [device]: tracks?.length ? (on ? "on" : "off") : "none" });
    this.#tellDevices();
  }

  /** Shows the others this user's screen in the place of the camera's picture, or ends that. */
  async toggleScreen(): Promise<void> {
    const { screen } = this.view.get();
    if (screen !== undefined) {
      return this.#endsScreen(screen);
    }
    const opened = this.#local;
    // The user may think better of it when the browser asks.
    const chosen = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => undefined);
    const [track] = chosen?.getVideoTracks() ?? [];
    if (chosen === undefined || track === undefined || opened === undefined || opened !== this.#local) {
      stop(chosen?.getTracks() ?? []);
      return;
    }
    track.onended = () => void this.#endsScreen(chosen);
    this.#patch({ screen: chosen });
    await this.#sends(track);
    this.#tellDevices();
  }

  /** Closes the connections and releases the devices. */
  close(): void {
    this.#meeting.close();
    stop(this.view.get().screen?.getTracks() ?? []);
    void this.#local?.then((local) => stop(local.getTracks()));
    this.#local = undefined;
    this.view.set(NOTHING);
  }

  async #sends(track: MediaStreamTrack): Promise<void> {
    const screen = this.#screenTrack();
    const shown = track.kind === "video" && screen !== undefined ? screen : track;
    await this.#meeting.replace(track.kind as TrackKind, shown);
  }

  #screenTrack(): MediaStreamTrack | undefined {
    return this.view.get().screen?.getVideoTracks()[0];
  }

  async #endsScreen(screen: MediaStream): Promise<void> {
    stop(screen.getTracks());
    if (this.view.get().screen !== screen) {
      return;
    }
    this.#patch({ screen: undefined });
    await this.#meeting.replace("video", this.view.get().local?.getVideoTracks()[0] ?? null);
    this.#tellDevices();
  }

  async #acquire(media: Media): Promise<MediaStream> {
    const { tracks, troubles } = await obtain(navigator.mediaDevices, kindsOf(media));
    const stream = new MediaStream([...tracks]);
    if (this.#local !== undefined) {
      this.#shows(stream, troubles);
    }
    return stream;
  }

  #shows(local: MediaStream, troubles: Troubles): void {
    const has = (kind: Kind, [track]: MediaStreamTrack[]): Device =>
      track === undefined ? (troubles[kind] === undefined ? "off" : "none") : track.enabled ? "on" : "off";
    const microphone = has("microphone", local.getAudioTracks());
    this.#patch({ local, microphone, camera: has("camera", local.getVideoTracks()), troubles });
    for (const track of local.getTracks()) {
      track.onended = () => this.#gone(local, track);
    }
    this.#tellDevices();
  }

  /** The device was unplugged, or the user has withdrawn it. */
  #gone(local: MediaStream, track: MediaStreamTrack): void {
    local.removeTrack(track);
    if (this.view.get().local === local) {
      const { troubles } = this.view.get();
      this.#shows(local, { ...troubles, [track.kind === "audio" ? "microphone" : "camera"]: "absent" });
    }
  }

  #devices(): DevicesOn {
    const { microphone, camera, screen, troubles } = this.view.get();
    const shown = screen === undefined ? { camera: camera === "on" } : { camera: true, screen: true };
    return { microphone: microphone === "on", ...shown, missing: Object.keys(troubles) as Kind[] };
  }

  #tellDevices(): void {
    this.#meeting.tellDevices();
  }

  #patch(change: Partial<MediaView>): void {
    this.view.update((view) => ({ ...view, ...change }));
  }
}

function without(troubles: Troubles, kind: Kind): Troubles {
  const { [kind]: _, ...others } = troubles;
  return others;
}

function stop(tracks: readonly MediaStreamTrack[]): void {
  for (const track of tracks) {
    track.stop();
  }
}

// What `trtc-js-sdk` 4 gives, by name and as its default.

import { list } from "../devices.js";
import { setLogLevel } from "../log.js";
import { Client, type ClientConfig } from "./client.js";
import { LocalStream, type StreamConfig } from "./localStream.js";

export { VERSION } from "./constants.js";

/** How much is written to the console. */
export const Logger = {
  /** From all to nothing. */
  LogLevel: { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, NONE: 5 },
  /** Default: warnings and errors. */
  setLogLevel(level: number): void {
    setLogLevel(level);
  },
  /** Taken and not used: nothing leaves the page. */
  enableUploadLog(): void {},
  /** Taken and not used. */
  disableUploadLog(): void {},
};

/** One user's place in a room. From now on, the invitations of call engines on this page begin calls of the server's. */
export function createClient(config: ClientConfig): Client {
  return new Client(config);
}

/** One's own picture and sound, which `initialize` opens. */
export function createStream(config: StreamConfig): LocalStream {
  return new LocalStream(config);
}

/** Whether the browser has what is needed. */
export async function checkSystemRequirements(): Promise<{ result: boolean; detail: Readonly<Record<string, boolean>> }> {
  const isWebRTCSupported = "RTCPeerConnection" in globalThis;
  const isMediaDevicesSupported = navigator.mediaDevices !== undefined;
  const result = isWebRTCSupported && isMediaDevicesSupported;
  return { result, detail: { isBrowserSupported: result, isWebRTCSupported, isMediaDevicesSupported } };
}

/** Whether the browser lets the user share a screen. */
export function isScreenShareSupported(): boolean {
  return navigator.mediaDevices?.getDisplayMedia !== undefined;
}

/** No: one picture goes to each. */
export function isSmallStreamSupported(): boolean {
  return false;
}

/** All devices that the browser names. */
export async function getDevices(): Promise<MediaDeviceInfo[]> {
  return (await navigator.mediaDevices?.enumerateDevices()) ?? [];
}

/** The cameras. */
export function getCameras(): Promise<MediaDeviceInfo[]> {
  return list("videoinput", false);
}

/** The microphones. */
export function getMicrophones(): Promise<MediaDeviceInfo[]> {
  return list("audioinput", false);
}

/** The loudspeakers. */
export function getSpeakers(): Promise<MediaDeviceInfo[]> {
  return list("audiooutput", false);
}

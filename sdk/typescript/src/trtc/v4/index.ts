/**
 * Stands in for Tencent's `trtc-js-sdk` 4, on which its older call engines and kits stand, as `@wigwag/sdk/trtc` does for `trtc-sdk-v5`: media go
 * from browser to browser, up to four of a room, and signals through one's own server; or through LiveKit (`setLiveKit`).
 *
 * ```ts
 * // vite.config.ts
 * resolve: { alias: [{ find: /^trtc-js-sdk$/, replacement: "@wigwag/sdk/trtc4" }] }
 * ```
 *
 * @packageDocumentation
 */
export type { CaptureOptions } from "../capture.js";
export type { Handler } from "../listeners.js";
export { type LiveKitClient, type LiveKitLoader, setLiveKit } from "../livekit/client.js";
export type { PlayOptions } from "../view.js";
export type { Client, ClientConfig } from "./client.js";
export { ERROR_CODE } from "./constants.js";
export { type ErrorName, RtcError } from "./errors.js";
export type { LocalStream, StreamConfig } from "./localStream.js";
export type { RemoteStream } from "./remoteStream.js";
export type { PlaybackOptions, Stream } from "./stream.js";
export * from "./trtc.js";
export * as default from "./trtc.js";

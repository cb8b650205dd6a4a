/**
 * Stands in for Tencent's `trtc-sdk-v5`, so that its call engines show video without Tencent's cloud: media go from browser to browser, up
 * to four of a room, and signals through one's own server; or through LiveKit, where the server says so and the app has handed its client in
 * (`setLiveKit`). It works beside a chat of `@wigwag/sdk/tencent`.
 *
 * ```ts
 * // vite.config.ts
 * resolve: { alias: [{ find: /^trtc-sdk-v5$/, replacement: "@wigwag/sdk/trtc" }] }
 * ```
 *
 * @packageDocumentation
 */
import { TRTC } from "./trtc.js";

export type { CaptureOptions } from "./capture.js";
export { ERROR_CODE, EVENT, TYPE, VERSION } from "./constants.js";
export type { DeviceList, Permissions } from "./devices.js";
export { type ErrorName, RtcError } from "./errors.js";
export type { Handler } from "./listeners.js";
export { type LiveKitClient, type LiveKitLoader, setLiveKit } from "./livekit/client.js";
export type * as Options from "./options.js";
export { TRTC } from "./trtc.js";
export type { PlayOptions, View } from "./view.js";

export default TRTC;

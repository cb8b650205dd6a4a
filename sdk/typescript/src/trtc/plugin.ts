/**
 * Stands for the plug-ins of Tencent's package, which work on its inside. `startPlugin` refuses each.
 *
 * @packageDocumentation
 */

/** Nothing: it is only taken. */
export default class Plugin {}

export {
  Plugin as BasicBeauty,
  Plugin as Beauty,
  Plugin as CDNStreaming,
  Plugin as DeviceDetector,
  Plugin as LEBPlayer,
  Plugin as RealtimeTranscriber,
  Plugin as VideoMixer,
  Plugin as VirtualBackground,
};

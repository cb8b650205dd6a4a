/**
 * The packages of Tencent's in whose place this one stands, for the bundler: `resolve.alias` of Vite and webpack, `alias` of esbuild. They hold
 * for the files inside those packages too, and in packages that import them.
 *
 * ```ts
 * import { tencentAliases } from "@wigwag/sdk/aliases";
 * export default { resolve: { alias: tencentAliases } }; // vite.config.ts
 * ```
 *
 * @packageDocumentation
 */

const CHAT = "@wigwag/sdk/tencent";

/** From the names that apps and kits import to those of this package. */
export const tencentAliases = {
  "@tencentcloud/chat": CHAT,
  "@tencentcloud/lite-chat": CHAT,
  "tim-js-sdk": CHAT,
  "tim-wx-sdk": CHAT,
};

/**
 * The same for pages with TUICallKit or another kit on Tencent's call engines: their media rooms too are those of this package
 * (`@wigwag/sdk/trtc`, and for the older engines `@wigwag/sdk/trtc4`), and nothing goes to Tencent's cloud.
 */
export const tencentCallAliases = {
  ...tencentAliases,
  "trtc-sdk-v5": "@wigwag/sdk/trtc",
  "trtc-js-sdk": "@wigwag/sdk/trtc4",
};

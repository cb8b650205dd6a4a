import type { ChatSDK } from "./client.js";
import type { GroupSignaling } from "./signalingEvents.js";

/** What all copies of this surface on a page share: an app and its kits may load it as a module and with `require`. */
interface Shared {
  /** The chat of each SDKAppID. */
  readonly chats: Map<number, ChatSDK>;
  /** See `setServer`. */
  server?: string | undefined;
  /** See `setServer`. */
  groupSignaling?: GroupSignaling | undefined;
}

const KEY = Symbol.for("@wigwag/sdk/tencent");
const page = globalThis as { [KEY]?: Shared };

/** One for the page. */
export const shared: Shared = page[KEY] ?? { chats: new Map() };
page[KEY] = shared;

import { isText } from "../check.js";
import type { CreateOptions } from "./account.js";
import { ChatSDK } from "./client.js";
import { invalid } from "./codes.js";
import { Params } from "./params.js";
import { shared } from "./shared.js";
import { GROUP_SIGNALING, type GroupSignaling } from "./signalingEvents.js";

/**
 * Makes a chat, or gives the one that this page has for the SDKAppID, as Tencent's package does: a kit that makes its own finds the app's.
 * For several users on one page, make each with `new ChatSDK(options)`.
 */
export function create(options: CreateOptions): ChatSDK {
  const appID = (options as CreateOptions | undefined)?.SDKAppID;
  const known = appID === undefined ? undefined : shared.chats.get(appID);
  if (known !== undefined) {
    // A kit may have made it without an address.
    shared.server ??= options.url ?? options.proxyServer;
    return known;
  }
  const chat: ChatSDK = new ChatSDK(options, () => {
    if (appID !== undefined && shared.chats.get(appID) === chat) {
      shared.chats.delete(appID);
    }
  });
  if (appID !== undefined) {
    shared.chats.set(appID, chat);
  }
  return chat;
}

/** What `setServer` takes besides the address. */
export interface ServerOptions {
  /** For every chat that was made without it; see `CreateOptions`. */
  readonly groupSignaling?: GroupSignaling | undefined;
}

/**
 * The server of every chat on this page that was made without an address: of kits that call `create` themselves. It may be set after they
 * have, but before `login`.
 */
export function setServer(url: string, options: ServerOptions = {}): void {
  if (!isText(url)) {
    throw invalid("url", "must be the address of the server: wss://chat.example.org");
  }
  shared.groupSignaling = new Params(options).optionalChoice("groupSignaling", GROUP_SIGNALING);
  shared.server = url;
}

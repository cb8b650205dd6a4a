import type { Language } from "../strings/say.js";
import { Kept } from "./kept.js";

/**
 * The user whom this browser rings for while no page is open. It is kept where the service worker can read it, until they sign out or
 * turn it off: a page that a notification opens signs in with it.
 */
export interface Woken {
  readonly userID: string;
  /** Absent when the server makes tokens for names. */
  readonly token?: string;
  /** In which notifications are worded. */
  readonly language: Language;
  /** What the browser subscribed with: the server's public key. */
  readonly applicationServerKey: string;
  /** How far the server's clock is ahead of this machine's, ms. */
  readonly aheadMs: number;
}

/** A browser has one subscription, so it rings for one user. */
const WOKEN = new Kept<Woken>("user");

/** Reads whom this browser rings for; nobody where the browser keeps nothing. */
export function readWoken(): Promise<Woken | undefined> {
  return WOKEN.read();
}

export async function writeWoken(woken: Woken): Promise<void> {
  await WOKEN.write(woken);
  tell();
}

export async function forgetWoken(): Promise<void> {
  await WOKEN.forget();
  tell();
}

/** Calls back when another page or the worker has changed it. Returns the function that ends it. */
export function onWoken(listener: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = listener;
  return () => channel.close();
}

const CHANNEL = "wigwag.woken";

/** Tells other pages; those of this one know already. */
function tell(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

import type { Language } from "../strings/say.js";

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

const DATABASE = "wigwag";
const TABLE = "woken";
/** A browser has one subscription, so it rings for one user. */
const ROW = "user";

/** Reads whom this browser rings for; nobody where the browser keeps nothing, as some do in private windows. */
export async function readWoken(): Promise<Woken | undefined> {
  try {
    return (await ask("readonly", (table) => table.get(ROW))) as Woken | undefined;
  } catch {
    return undefined;
  }
}

export async function writeWoken(woken: Woken): Promise<void> {
  await ask("readwrite", (table) => table.put(woken, ROW));
  tell();
}

export async function forgetWoken(): Promise<void> {
  await ask("readwrite", (table) => table.delete(ROW)).catch(() => undefined);
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

async function ask(mode: IDBTransactionMode, request: (table: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const database = (await outcome(opening)) as IDBDatabase;
  try {
    return await outcome(request(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

function outcome(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

import { isCount, isObject, objectIn } from "../check.js";
import { newID } from "../ids.js";
import type { StreamPlace } from "../machine/border.js";

/**
 * Keeps how far this device has read its user's stream, so that after a restart it goes on there. What is kept covers only
 * what listeners were told.
 */
export interface CursorStore {
  /** What was saved last, if anything. */
  load(): StreamPlace | null | undefined | Promise<StreamPlace | null | undefined>;
  /** Keeps it; called at most once a second, when the page is left, and when the client is closed. */
  save(place: StreamPlace): void | Promise<void>;
}

/** As much of a page's storage as is used here; written out, since apps may compile without the types of browsers. */
interface PageStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The cursor of a device in sessionStorage: a tab of its own reads at its own pace. Undefined where there is none. */
export function tabCursor(url: string, deviceID: string): CursorStore | undefined {
  const storage = storageNamed("sessionStorage");
  const key = `wigwag.cursor ${url} ${deviceID}`;
  return storage === undefined
    ? undefined
    : {
        load: () => readPlace(storage.getItem(key)),
        save: (place) => storage.setItem(key, JSON.stringify(place)),
      };
}

const DEVICE_KEY = "wigwag.device";
let device: string | undefined;
let isTaken = false;

/**
 * The deviceID of this tab, kept when the page is loaded again, for the client that asks first; undefined where there are no tabs,
 * and for other clients of the page until the first has given it back.
 *
 * Each tab is a device, or the second one would end the session of the first; so is each client of a page. While the page is shown
 * the ID is not in the storage, because a browser that duplicates a tab copies the storage with it.
 */
export function takeTabDevice(): string | undefined {
  const storage = storageNamed("sessionStorage");
  if (isTaken || storage === undefined) {
    return undefined;
  }
  isTaken = true;
  if (device === undefined) {
    device = storage.getItem(DEVICE_KEY) ?? newID();
    keepForReload(storage, device);
  }
  return device;
}

/** Gives back what was taken; undefined is nothing. */
export function leaveTabDevice(taken: string | undefined): void {
  isTaken &&= taken === undefined;
}

function keepForReload(storage: PageStorage, own: string): void {
  storage.removeItem(DEVICE_KEY);
  globalThis.addEventListener?.("pagehide", () => storage.setItem(DEVICE_KEY, own));
  globalThis.addEventListener?.("pageshow", () => storage.removeItem(DEVICE_KEY));
}

/** A storage of the page: of the tab, or of the browser. Undefined where there is none; reading the property throws where a page may not store anything. */
export function storageNamed(name: "sessionStorage" | "localStorage"): PageStorage | undefined {
  try {
    return (globalThis as { [_ in typeof name]?: PageStorage })[name] ?? undefined;
  } catch {
    return undefined;
  }
}

function readPlace(text: string | null): StreamPlace | undefined {
  const place = objectIn(text ?? "");
  return isPlace(place) ? place : undefined;
}

/** Whether it is what a store may give. */
export function isPlace(place: unknown): place is StreamPlace {
  return isObject(place) && typeof place.userID === "string" && isCount(place.cursor);
}

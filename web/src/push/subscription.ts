import { forgetWoken } from "../session/woken.js";
import { forgetAccepted } from "./accepted.js";
import { bytesOf, isKey } from "./key.js";

/** Why this browser cannot be woken. */
export type Hindrance = "unsupported" | "notInstalled" | "insecure" | "denied" | "notSetUp";

/** Below it is no page, so that the worker is in no page's way: it answers no requests and keeps no files. */
const SCOPE = "./ring/";
const WORKER = "./sw.js";

/** What keeps this page from being woken, before anybody is asked. */
export function hindranceHere(): Hindrance | undefined {
  if (!isSecureContext) {
    return "insecure";
  }
  const isThere = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && "indexedDB" in window;
  if (!isThere) {
    return isInSafariOfPhone() ? "notInstalled" : "unsupported";
  }
  return Notification.permission === "denied" ? "denied" : undefined;
}

/** iPhones and iPads have Web Push for pages that were put on the Home Screen alone. Only their browsers say whether this one was. */
function isInSafariOfPhone(): boolean {
  return (navigator as { standalone?: boolean }).standalone === false;
}

/** The browser's subscription with this key of the server's; one with another key makes room for it. Rejects when the push service is away. */
export async function subscribe(applicationServerKey: string): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: "none" });
  await isActive(registration);
  const { pushManager } = registration;
  const before = await pushManager.getSubscription();
  const key = bytesOf(applicationServerKey);
  if (before !== null && isKey(before.options.applicationServerKey, key)) {
    return before;
  }
  await before?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** The worker's registration, if it is there. */
export async function registrationHere(): Promise<ServiceWorkerRegistration | undefined> {
  return "serviceWorker" in navigator ? navigator.serviceWorker.getRegistration(SCOPE) : undefined;
}

/** This browser rings for nobody any more: no sign-in, no subscription, no notification and no worker is left. */
export async function letGo(): Promise<void> {
  await Promise.all([forgetWoken(), forgetAccepted()]);
  const registration = await registrationHere();
  const subscription = await registration?.pushManager?.getSubscription();
  // Without the network the push service hears it later; until then the worker finds nobody to ring for.
  await subscription?.unsubscribe().catch(() => false);
  await closeNotices(() => true);
  await registration?.unregister();
}

/** Closes the notifications that are shown and meant. */
export async function closeNotices(isMeant: (data: unknown) => boolean): Promise<void> {
  const registration = await registrationHere();
  for (const notification of (await registration?.getNotifications()) ?? []) {
    if (isMeant(notification.data)) {
      notification.close();
    }
  }
}

/** A subscription needs a worker that runs. */
async function isActive(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active !== null || worker === null) {
    return;
  }
  await new Promise<void>((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") {
        resolve();
      } else if (worker.state === "redundant") {
        reject(new Error("the worker could not be installed"));
      }
    });
  });
}

import { addressOf } from "../push/arrival.js";
import { bytesOf } from "../push/key.js";
import { actOn, markIn } from "../push/notice.js";
import { readPush } from "../push/pushed.js";
import type { Question } from "../push/questions.js";
import { readWoken } from "../session/woken.js";
import { register } from "./register.js";
import type { WindowClient, WorkerScope } from "./scope.js";

/**
 * The service worker: it wakes this browser for the user who wants that. It answers no requests and keeps no files, so that no page is
 * ever an old one; of the user it knows what `session/woken.ts` keeps.
 */
const worker = self as unknown as WorkerScope;

/** The folder that the app is in. */
const APP = new URL("./", worker.location.href).href;

/** How long a page may take to answer, ms: one that hangs shows nothing to the user. Browsers give a click ten seconds. */
const ANSWER_MS = 2_000;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("push", (event) => event.waitUntil(push(event.data?.text() ?? "")));
worker.addEventListener("notificationclick", (event) => event.waitUntil(click(event.notification)));
worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.newSubscription ?? undefined)));

async function push(text: string): Promise<void> {
  const { registration } = worker;
  const woken = await readWoken();
  if (woken === undefined) {
    return stop();
  }
  const pushed = readPush(text);
  const heard = pushed !== undefined && (await isHeard(pushed));
  const [before] = pushed === undefined ? [] : await registration.getNotifications({ tag: pushed.inviteID });
  const act = actOn(pushed, { woken, now: Date.now(), heard, shown: markIn(before?.data) });
  switch (act.do) {
    case "show":
      return registration.showNotification(act.notice.title, act.notice.options);
    case "close":
      return (await registration.getNotifications({ tag: act.tag })).forEach((notification) => {
        notification.close();
      });
    case "nothing":
      return;
  }
}

/** Nobody is to be rung here: they have signed out while the push service could not be told. */
async function stop(): Promise<void> {
  const subscription = await worker.registration.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

/** Whether a page that the user sees knows of the invitation. */
async function isHeard({ userID, inviteID }: { userID: string; inviteID: string }): Promise<boolean> {
  const seen = (await pages()).filter(({ visibilityState }) => visibilityState === "visible");
  const answers = seen.map((page) => ask(page, { ask: "heard", userID, inviteID }));
  return (await Promise.all(answers)).includes(true);
}

/** Leads to a page of the user's: one that is open, or else a new one. */
async function click(notification: Notification): Promise<void> {
  notification.close();
  const mark = markIn(notification.data);
  if (mark === undefined) {
    return;
  }
  const { userID, inviteID, to } = mark;
  const rings = mark.kind === "ring";
  for (const page of await pages()) {
    if (await ask(page, { ask: "show", userID, inviteID, to, rings })) {
      await page.focus();
      return;
    }
  }
  await worker.clients.openWindow(addressOf(APP, { inviteID, to, rings }));
}

/** The browser has given up its subscription: a page registers the new one, or else this worker. */
async function renew(given: PushSubscription | undefined): Promise<void> {
  const woken = await readWoken();
  if (woken === undefined) {
    return;
  }
  const applicationServerKey = bytesOf(woken.applicationServerKey);
  const { pushManager } = worker.registration;
  const subscription = given ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  for (const page of await pages()) {
    if (await ask(page, { ask: "register", userID: woken.userID })) {
      return;
    }
  }
  await register(worker.location.origin, woken, subscription);
}

/** The app's pages, those that the user sees first. The console and others of this origin are none. */
async function pages(): Promise<WindowClient[]> {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows
    .filter(({ url }) => [APP, `${APP}index.html`].includes(url.replace(/[?#].*$/, "")))
    .sort((one, other) => Number(other.visibilityState === "visible") - Number(one.visibilityState === "visible"));
}

function ask(page: WindowClient, question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const answer = (yes: boolean) => {
      clearTimeout(patience);
      port1.close();
      resolve(yes);
    };
    const patience = setTimeout(() => answer(false), ANSWER_MS);
    port1.onmessage = ({ data }) => answer(data === true);
    page.postMessage(question, [port2]);
  });
}

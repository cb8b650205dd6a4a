import { keepAccepted } from "../push/accepted.js";
import { addressOf } from "../push/arrival.js";
import { bytesOf } from "../push/key.js";
import { actOn, declinedNotice, type Mark, markIn, type Notice, notOpenedNotice, type Press } from "../push/notice.js";
import { readPush } from "../push/pushed.js";
import type { Question } from "../push/questions.js";
import { readWoken, type Woken } from "../session/woken.js";
import { act } from "./act.js";
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
worker.addEventListener("notificationclick", (event) => event.waitUntil(click(event.notification, event.action)));
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
  const next = actOn(pushed, { woken, now: Date.now(), heard, shown: markIn(before?.data) });
  switch (next.do) {
    case "show":
      return shows(next.notice);
    case "close":
      return (await registration.getNotifications({ tag: next.tag })).forEach((notification) => {
        notification.close();
      });
    case "nothing":
      return;
  }
}

/** Shows a notification; a ring that is shown is one that the caller hears of. */
async function shows({ title, options }: Notice): Promise<void> {
  await worker.registration.showNotification(title, options);
  const { kind, actionToken } = options.data;
  if (kind === "ring" && actionToken !== undefined) {
    await act("ringing", actionToken);
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

async function click(notification: Notification, pressed: string): Promise<void> {
  notification.close();
  const mark = markIn(notification.data);
  if (mark !== undefined) {
    await (pressed === ("decline" satisfies Press) ? decline(mark) : opens(mark, pressed === ("accept" satisfies Press)));
  }
}

/** Leads to a page of the user's, one that is open or else a new one. */
async function opens(mark: Mark, accepts: boolean): Promise<void> {
  const { userID, inviteID, to } = mark;
  const rings = mark.kind === "ring";
  for (const page of await pages()) {
    if (await ask(page, { ask: "show", userID, inviteID, to, rings, accepts })) {
      await page.focus();
      return;
    }
  }
  if (accepts) {
    await keepAccepted({ userID, inviteID });
  }
  const failed = () => (rings ? tells(mark, notOpenedNotice) : undefined);
  await worker.clients.openWindow(addressOf(APP, { inviteID, to, rings })).catch(failed);
}

/** Declines in a page that rings, which stops then, or else with the token of the push. */
async function decline(mark: Mark): Promise<void> {
  const { userID, inviteID, actionToken } = mark;
  const answers = (await pages()).map((page) => ask(page, { ask: "decline", userID, inviteID }));
  if ((await Promise.all(answers)).includes(true)) {
    return;
  }
  const answered = actionToken === undefined ? ({ is: "refused" } as const) : await act("reject", actionToken);
  await tells(mark, (woken) => declinedNotice(answered, woken, mark));
}

/** Says what became of a press, to the user for whom this browser still rings, unless a push has said meanwhile how the ring ended. */
async function tells(mark: Mark, words: (woken: Woken, mark: Mark) => Notice | undefined): Promise<void> {
  const woken = await readWoken();
  const notice = woken === undefined ? undefined : words(woken, mark);
  const [shown] = await worker.registration.getNotifications({ tag: mark.inviteID });
  if (notice !== undefined && markIn(shown?.data)?.kind !== "over") {
    await worker.registration.showNotification(notice.title, notice.options);
  }
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

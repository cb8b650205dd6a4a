import type { CDPSession, WebSocket, Worker } from "playwright-core";
import { expect } from "vitest";
import type { Press } from "../../src/push/notice.js";
import { sayIn } from "../../src/strings/say.js";
import { PATIENCE_MS, Person } from "./person.js";
import type { PushService, Subscription } from "./pushService.js";
import type { World } from "./world.js";

/** A notification as it is shown. */
export interface Shown {
  readonly title: string;
  readonly body: string;
  /** Whether it stays until it is pressed. */
  readonly stays: boolean;
}

/** What the worker of a story has besides its own. */
interface Watched {
  /** What its events wait for. */
  lasting?: Promise<unknown>[];
}

/**
 * A person whose browser can be woken. The service worker, its notifications and its events are the browser's own. Stood in for are the
 * push service, which cannot be reached from a test, and the press of a notification, which nothing can press.
 */
export class Sleeper {
  #devtools!: CDPSession;
  #worker: Worker | undefined;
  readonly #sockets: WebSocket[] = [];

  private constructor(
    readonly person: Person,
    readonly service: PushService,
  ) {
    person.page.on("websocket", (socket) => this.#sockets.push(socket));
  }

  /** Sees the sign-in form; the browser's user has allowed notifications. */
  static async outside(world: World, name: string, service: PushService, locale?: string): Promise<Sleeper> {
    const permissions = ["camera", "microphone", "notifications"];
    const person = await world.stranger(name, { permissions, ...(locale === undefined ? {} : { locale }) });
    await person.context.addInitScript(subscribes, service.subscription);
    await person.page.reload();
    return new Sleeper(person, service);
  }

  /** Is signed in. */
  static async of(world: World, name: string, service: PushService, locale?: string): Promise<Sleeper> {
    const sleeper = await Sleeper.outside(world, name, service, locale);
    await sleeper.person.signsIn();
    return sleeper;
  }

  /** Whoever uses the same browser next: they sign in on the page that is there. */
  static async next({ person: { context, line, page }, service }: Sleeper, name: string): Promise<Sleeper> {
    const person = new Person(name, context, line, sayIn("en"));
    person.page = page;
    await person.signsIn();
    return new Sleeper(person, service);
  }

  /** Lets this browser ring, and waits until it does. */
  async turnsOn(): Promise<void> {
    const { person } = this;
    const before = new Set(person.context.serviceWorkers());
    await this.opensMenu();
    await this.chooses("on");
    await person.sees(person.page.getByText(person.say("wake.onMore")));
    const found = () => person.context.serviceWorkers().find((worker) => !before.has(worker));
    await expect.poll(() => found() !== undefined, PATIENT).toBe(true);
    this.#worker = found();
    await this.#watches();
  }

  async opensMenu(): Promise<void> {
    await this.person.presses(this.person.say("me.menu", { name: this.person.name }));
  }

  /** Presses one of the two choices in the open menu, which lie over the radio buttons. */
  async chooses(choice: "on" | "off"): Promise<void> {
    const { page, say } = this.person;
    // When calls make no sound can be "Off" as well.
    const choices = page.getByRole("group", { name: say("wake.legend") });
    await choices.getByRole("radio", { name: say(`wake.${choice}`), exact: true }).click({ force: true });
  }

  /** Waits until nothing is left of the worker. */
  async isLetGo(): Promise<void> {
    await this.person.page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration("./ring/")) === undefined);
  }

  /** Waits until the first page has said to the server all that it says when its user signs out. */
  async hasLeft(): Promise<void> {
    await expect.poll(() => this.#sockets.every((socket) => socket.isClosed()), PATIENT).toBe(true);
  }

  /** Closes the page; the browser goes on. */
  async sleeps(): Promise<void> {
    await this.person.page.close();
  }

  /** Gives the worker a push, and waits until it has done what it does. */
  async isPushed(text: string): Promise<void> {
    const worker = this.worker();
    const before = await worker.evaluate(() => (self as Watched).lasting?.length ?? 0);
    const registrationId = await this.#registration();
    await this.#devtools.send("ServiceWorker.deliverPushMessage", { origin: this.person.line.url, registrationId, data: text });
    await expect.poll(() => worker.evaluate(() => (self as Watched).lasting?.length ?? 0), PATIENT).toBeGreaterThan(before);
    await worker.evaluate((from) => Promise.all((self as Watched).lasting?.slice(from) ?? []), before);
  }

  /** The next push of the server's comes to this browser; gives what it said. */
  async isWoken(): Promise<{ type: string; inviteID: string; userID: string }> {
    const { text } = await this.service.next();
    await this.isPushed(text);
    return JSON.parse(text);
  }

  /** What is shown now. */
  shown(): Promise<Shown[]> {
    return this.worker().evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      const notices = await registration.getNotifications();
      return notices.map(({ title, body, requireInteraction }) => ({ title, body, stays: requireInteraction }));
    });
  }

  /** Waits until this is shown and nothing else. */
  async sees(...notices: readonly Shown[]): Promise<void> {
    // Not more often: Chromium drops a notification of which it is asked between writing it down and showing it.
    await expect.poll(() => this.shown(), { ...PATIENT, interval: 400 }).toEqual(notices);
  }

  /** The words on the buttons of what is shown. */
  buttons(): Promise<string[]> {
    return this.worker().evaluate(async () => {
      const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
      const notices = await registration.getNotifications();
      type WithButtons = { readonly actions: readonly { readonly title: string }[] };
      return notices.flatMap((notice) => (notice as unknown as WithButtons).actions.map(({ title }) => title));
    });
  }

  /** Presses the newest notification, or a button of it. Gives the address of the page that the browser would open, or "focused" when a page is brought forward. */
  presses(action: Press | "" = "", browser: "opens" | "opens nothing" = "opens"): Promise<string> {
    const given = { action, opens: browser === "opens" };
    return this.worker().evaluate(async ({ action, opens }) => {
      const scope = self as unknown as {
        registration: ServiceWorkerRegistration;
        clients: { openWindow: (address: string) => Promise<null> };
        WindowClient: { prototype: { focus: () => Promise<unknown> } };
        NotificationEvent: new (type: string, of: { notification: Notification | undefined; action: string }) => Event;
      };
      let outcome = "nothing";
      scope.clients.openWindow = async (address) => {
        if (!opens) {
          throw new DOMException("as browsers do without a press", "InvalidAccessError");
        }
        outcome = address;
        return null;
      };
      scope.WindowClient.prototype.focus = async () => {
        outcome = "focused";
      };
      const notification = (await scope.registration.getNotifications()).at(-1);
      const event = new scope.NotificationEvent("notificationclick", { notification, action });
      let doing: Promise<unknown> | undefined;
      Object.assign(event, { waitUntil: (done: Promise<unknown>) => (doing = done) });
      self.dispatchEvent(event);
      await doing;
      return outcome;
    }, given);
  }

  /** The browser gives up its subscription at `path`, and makes a new one at `/renewed`. */
  async losesSubscription(path: string): Promise<void> {
    this.service.forgets(path);
    const { endpoint, p256dh, auth } = this.service.subscription;
    const renewed = { endpoint: `${endpoint}renewed`, keys: { p256dh, auth } };
    await this.worker().evaluate(async (subscription) => {
      const event = new Event("pushsubscriptionchange");
      let doing: Promise<unknown> | undefined;
      const newSubscription = { toJSON: () => subscription };
      Object.assign(event, { newSubscription, waitUntil: (done: Promise<unknown>) => (doing = done) });
      self.dispatchEvent(event);
      await doing;
    }, renewed);
  }

  worker(): Worker {
    if (this.#worker === undefined) {
      throw new Error(`${this.person.name} has no service worker`);
    }
    return this.#worker;
  }

  /** Follows the worker: DevTools need a page, which is none of the app's. */
  async #watches(): Promise<void> {
    await this.worker().evaluate(() => {
      const scope = self as Watched & { ExtendableEvent?: { prototype: { waitUntil: (done: Promise<unknown>) => void } } };
      const of = scope.ExtendableEvent?.prototype;
      const wait = of?.waitUntil;
      scope.lasting = [];
      if (of !== undefined) {
        of.waitUntil = function (done) {
          scope.lasting?.push(done);
          wait?.call(this, done);
        };
      }
    });
    const blank = await this.person.context.newPage();
    this.#devtools = await this.person.context.newCDPSession(blank);
  }

  async #registration(): Promise<string> {
    const scope = `${this.person.line.url}/ring/`;
    return new Promise((resolve) => {
      const hear = ({ registrations }: { registrations: { registrationId: string; scopeURL: string; isDeleted: boolean }[] }) => {
        const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL === scope && !isDeleted);
        if (found !== undefined) {
          this.#devtools.off("ServiceWorker.workerRegistrationUpdated", hear);
          resolve(found.registrationId);
        }
      };
      this.#devtools.on("ServiceWorker.workerRegistrationUpdated", hear);
      void this.#devtools.send("ServiceWorker.disable").then(() => this.#devtools.send("ServiceWorker.enable"));
    });
  }
}

const PATIENT = { timeout: PATIENCE_MS };

/** The browser's side of subscribing. Each new subscription has an address of its own: 1, 2, … */
function subscribes({ endpoint, p256dh, auth }: Subscription): void {
  if (globalThis.PushManager === undefined) {
    return;
  }
  const [KEY, COUNT] = ["test.subscribedWith", "test.subscriptions"];
  const subscription = (key: number[]) =>
    ({
      options: { applicationServerKey: Uint8Array.from(key).buffer },
      toJSON: () => ({ endpoint: `${endpoint}${localStorage.getItem(COUNT)}`, keys: { p256dh, auth } }),
      unsubscribe: async () => {
        localStorage.removeItem(KEY);
        return true;
      },
    }) as unknown as PushSubscription;
  PushManager.prototype.getSubscription = async () => {
    const key = localStorage.getItem(KEY);
    return key === null ? null : subscription(JSON.parse(key));
  };
  PushManager.prototype.subscribe = async (options) => {
    const key = [...(options?.applicationServerKey as Uint8Array)];
    localStorage.setItem(KEY, JSON.stringify(key));
    localStorage.setItem(COUNT, String(Number(localStorage.getItem(COUNT)) + 1));
    return subscription(key);
  };
}

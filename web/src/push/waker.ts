import { WigwagError } from "@wigwag/sdk";
import { language } from "../kit/preferences.js";
import type { Session } from "../session/session.js";
import type { SignedIn } from "../session/signedIn.js";
import { Store } from "../session/store.js";
import { onWoken, readWoken, type Woken, writeWoken } from "../session/woken.js";
import { type Hindrance, hindranceHere, letGo, subscribe } from "./subscription.js";

/** Whether this browser rings for this page's user while no page is open. */
export type Waking =
  | { readonly at: "looking" }
  | { readonly at: "off" }
  /** The browser asks the user. */
  | { readonly at: "asking" }
  | { readonly at: "on" }
  /** The push service or the server did not take it. */
  | { readonly at: "failed" }
  | { readonly at: "hindered"; readonly why: Hindrance };

/** Lets this browser be woken for the user of this page, when they want it, and keeps that true from sign-in to sign-in. */
export class Waker {
  readonly state = new Store<Waking>({ at: "looking" });
  readonly #session: Session;
  readonly #signedIn: SignedIn;
  readonly #ends: (() => void)[];
  /** How far the server's clock is ahead of this machine's, ms. */
  #aheadMs = 0;
  /** One thing is done after the other, because a browser has one subscription. */
  #doing: Promise<unknown> = Promise.resolve();

  constructor(session: Session, signedIn: SignedIn) {
    this.#session = session;
    this.#signedIn = signedIn;
    this.#ends = [
      session.client.on("state", (state) => {
        if (state.status === "open") {
          this.#aheadMs = state.serverTime - Date.now();
        }
      }),
      session.onOpening(() => void this.look()),
      onWoken(() => void this.#hears()),
      language.subscribe(() => void this.#rewords()),
      onPermission(() => void this.look()),
    ];
  }

  /** Finds out how it stands, and renews what has changed: the subscription, its key, the sign-in. Never asks the user. */
  look(): Promise<void> {
    return this.#next(async () => {
      const woken = await readWoken();
      const key = await this.#keyOrHindrance();
      if (woken?.userID !== this.#session.me) {
        this.state.set(typeof key === "string" ? { at: "off" } : key);
      } else if (Notification.permission !== "granted") {
        // The user has taken it back in the browser, which has dropped the subscription.
        await this.#end(typeof key === "string" ? { at: "off" } : key);
      } else {
        await this.#begin(key);
      }
    });
  }

  /** Asks the user, who has just pressed for it, and begins. */
  async turnOn(): Promise<void> {
    this.state.set({ at: "asking" });
    // First of all: browsers ask only at once after a press.
    const permission = await Notification.requestPermission();
    await this.#next(async () => {
      const key = await this.#keyOrHindrance();
      if (permission === "granted") {
        await this.#begin(key);
      } else {
        this.state.set(typeof key === "string" ? { at: "off" } : key);
      }
    });
  }

  turnOff(): Promise<void> {
    return this.#next(() => this.#end({ at: "off" }));
  }

  /** The user signs out in this browser: whoever uses it next is not rung for them. */
  leave(): Promise<void> {
    return this.#next(async () => {
      if ((await readWoken())?.userID === this.#session.me) {
        await this.#end({ at: "off" });
      }
    });
  }

  close(): void {
    this.#ends.forEach((end) => {
      end();
    });
  }

  /** The key to subscribe with; or what keeps this page from it. */
  async #keyOrHindrance(): Promise<string | Extract<Waking, { at: "hindered" | "failed" }>> {
    const why = hindranceHere();
    if (why !== undefined) {
      return { at: "hindered", why };
    }
    try {
      const { providers, applicationServerKey } = await this.#session.patiently(() => this.#session.client.users.pushSettings());
      const isSetUp = providers.includes("webPush") && applicationServerKey !== undefined;
      return isSetUp ? applicationServerKey : { at: "hindered", why: "notSetUp" };
    } catch (thrown) {
      // Servers before the one that sends pushes know no such method.
      const isOld = thrown instanceof WigwagError && thrown.reason === "unknownMethod";
      return isOld ? { at: "hindered", why: "notSetUp" } : { at: "failed" };
    }
  }

  /** Subscribes and registers, or does it again. */
  async #begin(key: string | Extract<Waking, { at: "hindered" | "failed" }>): Promise<void> {
    if (typeof key !== "string") {
      return this.state.set(key);
    }
    try {
      const { endpoint, keys } = (await subscribe(key)).toJSON();
      const { p256dh = "", auth = "" } = keys ?? {};
      await this.#session.patiently(() =>
        this.#session.client.users.registerPush({ provider: "webPush", token: endpoint ?? "", keys: { p256dh, auth } }),
      );
      await writeWoken(this.#woken(key));
      this.state.set({ at: "on" });
    } catch {
      this.state.set({ at: "failed" });
    }
  }

  /** Ends it in the browser, which needs no network, and then at the server. */
  async #end(after: Waking): Promise<void> {
    await letGo();
    this.state.set(after);
    await this.#unregisters();
  }

  async #unregisters(): Promise<void> {
    // A server that does not hear of it learns from the push service that the subscription is gone.
    await this.#session.client.users.unregisterPush().catch(() => undefined);
  }

  #woken(applicationServerKey: string): Woken {
    const { kept } = this.#signedIn;
    return { ...kept, language: language.get(), applicationServerKey, aheadMs: this.#aheadMs };
  }

  /** Another page of this browser has turned it on or off, perhaps for another user. */
  #hears(): Promise<void> {
    return this.#next(async () => {
      const { at } = this.state.get();
      const isMine = (await readWoken())?.userID === this.#session.me;
      if (isMine && at === "off") {
        this.state.set({ at: "on" });
      } else if (!isMine && (at === "on" || at === "failed")) {
        this.state.set({ at: "off" });
        // The registration may be this page's.
        await this.#unregisters();
      }
    });
  }

  #rewords(): Promise<void> {
    return this.#next(async () => {
      const woken = await readWoken();
      if (woken?.userID === this.#session.me) {
        await writeWoken({ ...woken, language: language.get() });
      }
    });
  }

  #next(what: () => Promise<void>): Promise<void> {
    const done = this.#doing.then(what);
    this.#doing = done.catch(() => undefined);
    return done;
  }
}

/** Calls back when the user allows or blocks notifications in the browser's own settings. */
function onPermission(listener: () => void): () => void {
  let status: PermissionStatus | undefined;
  let ended = false;
  const asking = navigator.permissions?.query({ name: "notifications" }) ?? Promise.reject(new Error("cannot be asked"));
  asking.then(
    (found) => {
      status = ended ? undefined : found;
      status?.addEventListener("change", listener);
    },
    () => undefined,
  );
  return () => {
    ended = true;
    status?.removeEventListener("change", listener);
  };
}

import { isCount, isText } from "../check.js";
import { Wigwag } from "../client.js";
import type { WigwagError } from "../errors.js";
import type { State } from "../events.js";
import type { WigwagOptions } from "../options.js";
import { CallEvents } from "./callEvents.js";
import { CallMethods } from "./calls.js";
import { ChatEvents } from "./chatEvents.js";
import { CODE, wrong } from "./codes.js";
import { Conversations } from "./conversations.js";
import { Groups } from "./groups.js";
import { InOrder } from "./inOrder.js";
import type { Listeners } from "./listeners.js";
import { Lookup } from "./lookup.js";
import { Messages } from "./messages.js";
import { LAST_PLATFORM } from "./reading.js";
import { Users } from "./users.js";

/** What OpenIM's `login` takes. */
export interface LoginParams {
  /** Who signs in. */
  userID: string;
  /** A token of this server's, or of OpenIM's when its secret is configured; or a function that gets one. */
  token: string | (() => string | Promise<string>);
  /** What kind of device it is, by OpenIM's numbers. */
  platformID: number;
  /** `wss://chat.example.org`; a path `/openim`, which the unmodified packages have there, is left out. */
  wsAddr: string;
  /** Not used. */
  apiAddr?: string;
}

/** What OpenIM's package does not take: what the device gives. */
export type OpenIMOptions = Omit<WigwagOptions, "url" | "token" | "userID" | "platform">;

/** One login, from the call to its end. */
export class Login {
  readonly client: Wigwag;
  readonly me: string;
  readonly order = new InOrder();
  readonly calls: CallMethods;
  readonly messages: Messages;
  readonly conversations: Conversations;
  readonly chatEvents: ChatEvents;
  readonly groups: Groups;
  readonly users: Users;
  readonly #listeners: Listeners;
  readonly #callEvents: CallEvents;
  /** The app has the result of its login; until then nothing is told. */
  #isOpen = false;
  #open: () => void = () => {};

  /** `onEnd` is called when the session is over without the app's doing. */
  constructor(params: LoginParams, options: OpenIMOptions, listeners: Listeners, onEnd: (login: Login) => void) {
    const { userID, token, platformID, wsAddr } = checked(params);
    this.me = userID;
    this.#listeners = listeners;
    this.client = new Wigwag({ ...options, url: wsAddr.replace(/\/openim\/?$/, ""), token, userID, platform: platformID });
    this.client.on("state", (state) => this.#moved(state, onEnd));
    void this.order.after(
      () =>
        new Promise<void>((resolve) => {
          this.#open = resolve;
        }),
    );
    const { client, me, order } = this;
    const viewer = { client, me, order, lookup: new Lookup(client) };
    const raise = (name: string, data: unknown) => (order.hasEnded ? undefined : listeners.raise(name, data));
    this.#callEvents = new CallEvents(viewer, raise);
    this.calls = new CallMethods(viewer, this.#callEvents);
    this.conversations = new Conversations(viewer, raise);
    this.chatEvents = new ChatEvents(viewer, this.conversations, raise);
    this.messages = new Messages(viewer, platformID, this.conversations);
    this.groups = new Groups(viewer, this.chatEvents);
    this.users = new Users(viewer, this.chatEvents);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async connect(): Promise<void> {
    await this.client.connect();
    this.#isOpen = true;
    // As with OpenIM's package, events follow the result of the login.
    setTimeout(() => {
      this.#tellOpen();
      this.#open();
      this.#callEvents.ringWaiting();
    }, 0);
  }

  async end(): Promise<void> {
    this.#silence();
    await this.client.close();
  }

  /** Nothing is told any more. */
  #silence(): void {
    this.order.end();
    this.#open();
    this.conversations.end();
  }

  #moved(state: State, onEnd: (login: Login) => void): void {
    switch (state.status) {
      case "idle":
        return;
      case "connecting":
        return this.#listeners.raise("OnConnecting", "");
      case "open":
        return this.#isOpen ? this.#tellOpen() : undefined;
      case "reconnecting":
        return this.#listeners.raise("OnConnectFailed", "", CODE.network, state.why);
      case "closed":
        return this.#closed(state.why, onEnd);
    }
  }

  #tellOpen(): void {
    if (!this.order.hasEnded) {
      for (const name of ["OnConnectSuccess", "OnSyncServerStart", "OnSyncServerFinish"]) {
        this.#listeners.raise(name, "");
      }
    }
  }

  #closed({ reason }: WigwagError, onEnd: (login: Login) => void): void {
    const isOver = this.#isOpen && !this.order.hasEnded;
    onEnd(this);
    this.#silence();
    if (isOver) {
      this.#listeners.raise(reason === "kicked" ? "OnKickedOffline" : "OnUserTokenExpired", "");
    }
  }
}

function checked(params: LoginParams): LoginParams {
  const { userID, token, platformID, wsAddr } = params ?? {};
  if (!isText(userID) || !isText(wsAddr)) {
    throw wrong("login wants userID and wsAddr, each a text");
  }
  if (!isText(token) && typeof token !== "function") {
    throw wrong("login wants a token: a text, or a function that gets one");
  }
  if (!isCount(platformID) || platformID < 1 || platformID > LAST_PLATFORM) {
    throw wrong("platformID is no platform's number");
  }
  return params;
}

import TencentCloudChat, { type ChatEvent, type Message } from "../../../src/tencent/index.js";
import { SDK_APP_ID } from "../server.js";
import { loadedWith } from "./packages.js";
import { Notebook, type Person } from "./people.js";

/** What the tests use of the public package; it brings no types. */
export interface TSignaling {
  setLogLevel(level: number): void;
  login(options: object): Promise<Answer>;
  logout(): Promise<Answer>;
  on(name: string, handler: (event: ChatEvent) => void): void;
  joinGroup(groupID: string): Promise<Answer>;
  quitGroup(groupID: string): Promise<Answer>;
  sendTextMessage(options: object): Promise<Answer>;
  sendCustomMessage(options: object): Promise<Answer>;
  invite(options: object): Promise<Answer>;
  inviteSync(options: object, onSuccess: () => void, onFailure: (code: number, message: string) => void): string;
  inviteInGroup(options: object): Promise<Answer>;
  cancel(options: object): Promise<Answer>;
  accept(options: object): Promise<Answer>;
  reject(options: object): Promise<Answer>;
}

interface Answer {
  code: number;
  data: { message: Message };
  inviteID: string;
}

interface Package {
  new (options: object): TSignaling;
  readonly EVENT: Readonly<Record<string, string>>;
}

/** The public package tsignaling, as it is. */
export const TSignaling: Package = load();

/** Somebody whose app uses tsignaling, given a chat of ours as `tim`; and all it was told. */
export class Signaler extends Notebook {
  readonly app: TSignaling;
  readonly #person: Person;

  constructor(person: Person, options: object = {}) {
    super(`${person.userID} with tsignaling`);
    this.#person = person;
    this.app = new TSignaling({ SDKAppID: SDK_APP_ID, tim: person.chat, ...options });
    this.app.setLogLevel(4);
    for (const name of Object.values(TSignaling.EVENT)) {
      this.app.on(name, this.notes(name));
    }
  }

  async ready(): Promise<this> {
    const { userID, userSig } = this.#person;
    await this.app.login({ userID, userSig: userSig() });
    await this.hears("ts_im_ready");
    return this;
  }

  /** Everything was heard that was to be heard: what the server answers next comes after it. */
  async hasHeardAll(): Promise<void> {
    await this.#person.chat.getGroupList();
  }
}

/** It asks for a browser's `window`, and for its peer `tim-js-sdk`, for which an app's bundler has an alias to this surface. */
function load(): Package {
  const { window } = globalThis as { window?: unknown };
  Object.assign(globalThis, { window: globalThis });
  try {
    return loadedWith("tsignaling", { "tim-js-sdk": TencentCloudChat });
  } finally {
    Object.assign(globalThis, { window });
  }
}

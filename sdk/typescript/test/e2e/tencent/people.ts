import { expect } from "vitest";
import WebSocket from "ws";
import TencentCloudChat, { type ChatError, type ChatEvent, ChatSDK, type CreateOptions } from "../../../src/tencent/index.js";
import { SDK_APP_ID, type Server } from "../server.js";

const { EVENT, TSignaling } = TencentCloudChat;
/** Everything that can be heard. */
const NAMES = [...Object.values(EVENT), ...Object.values(TSignaling).filter((value) => typeof value === "string")];

/** People who use Tencent's calls, on one server. */
export class People {
  readonly #server: Pick<Server, "url" | "userSig">;
  readonly #persons: Person[] = [];

  constructor(server: Pick<Server, "url" | "userSig">) {
    this.#server = server;
  }

  /** Somebody who is not signed in yet. */
  person(userID: string, options: Partial<CreateOptions> = {}): Person {
    const chat = new ChatSDK({ SDKAppID: SDK_APP_ID, url: this.#server.url, webSocket: WebSocket, ...options });
    const person = new Person(userID, chat, () => this.#server.userSig(userID));
    this.#persons.push(person);
    return person;
  }

  /** Signed in, and told so. */
  async ready(userID: string, options: Partial<CreateOptions> = {}): Promise<Person> {
    const person = this.person(userID, options);
    await person.login();
    await person.hears(EVENT.SDK_READY);
    return person;
  }

  async end(): Promise<void> {
    await Promise.all(this.#persons.map(({ chat }) => chat.destroy()));
  }
}

/** All that somebody was told, by name. */
export class Notebook {
  readonly #whose: string;
  readonly #heard = new Map<string, unknown[]>();
  readonly #read = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(whose: string) {
    this.#whose = whose;
  }

  /** All that was told under this name. */
  heard(name: string): unknown[] {
    return this.#heard.get(name) ?? [];
  }

  /** What was told under this name and not looked at. */
  unread(name: string): unknown[] {
    return this.heard(name).slice(this.#read.get(name) ?? 0);
  }

  /** The next event of this name; with `that`, the next that fits, and those before it are skipped. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect
  async hears(name: string, that: (data: any) => boolean = () => true): Promise<any> {
    for (;;) {
      await this.#more(name);
      const [data] = this.unread(name);
      this.#read.set(name, (this.#read.get(name) ?? 0) + 1);
      if (that(data)) {
        return data;
      }
    }
  }

  /** A handler that writes down what is told under this name. */
  notes(name: string): (event: ChatEvent) => void {
    return (event) => {
      expect(event.name).toBe(name);
      this.#heard.set(name, [...this.heard(name), event.data]);
      for (const look of this.#waiting) {
        look();
      }
    };
  }

  async #more(name: string): Promise<void> {
    const isMore = () => this.unread(name).length > 0;
    if (isMore()) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        clearTimeout(deadline);
        this.#waiting.delete(look);
      };
      const look = () => {
        if (isMore()) {
          done();
          resolve();
        }
      };
      const deadline = setTimeout(() => {
        done();
        reject(new Error(`in vain: ${this.#whose} hears ${name}; all: ${JSON.stringify(this.heard(name))}`));
      }, 20_000);
      this.#waiting.add(look);
    });
  }
}

/** A chat, and all it was told. */
export class Person extends Notebook {
  constructor(
    readonly userID: string,
    readonly chat: ChatSDK,
    readonly userSig: () => string,
  ) {
    super(userID);
    for (const name of NAMES) {
      chat.on(name, this.notes(name));
    }
  }

  login() {
    return this.chat.login({ userID: this.userID, userSig: this.userSig() });
  }

  /** Everything was heard that was to be heard: what the server answers next comes after it. */
  async hearsNo(name: string): Promise<void> {
    await this.chat.getGroupList();
    expect(this.unread(name)).toEqual([]);
  }
}

/** The error that a call rejects with. */
export async function refused(promise: Promise<unknown>): Promise<ChatError> {
  const outcome = await promise.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) {
    expect(outcome.error).toBeInstanceOf(Error);
    expect(outcome.error).toMatchObject({ code: expect.any(Number), message: expect.any(String), data: expect.any(Object) });
    return outcome.error as ChatError;
  }
  throw new Error(`no error: ${JSON.stringify(outcome)}`);
}

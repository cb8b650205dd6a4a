import { expect } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { SDK_APP_ID } from "../server.js";
import type { MediaRooms } from "./mediaRooms.js";
import { loadedWith } from "./packages.js";
import { Notebook, type Person } from "./people.js";

/** What the tests use of tuicall-engine-webrtc 3, on which TUICallKit stands. */
interface Engine {
  login(options: object): Promise<unknown>;
  setLogLevel(level: number): void;
  on(name: string, handler: (told: unknown) => void): void;
  call(options: object): Promise<unknown>;
  groupCall(options: object): Promise<unknown>;
  inviteUser(options: object): Promise<unknown>;
  accept(): Promise<unknown>;
  reject(): Promise<unknown>;
  hangup(): Promise<unknown>;
}

interface Package {
  readonly TUICallEngine: { createInstance(options: object): Engine };
  readonly TUICallEvent: Readonly<Record<string, string>>;
}

/** Somebody whose page has Tencent's call engine, given a chat of ours; and all it was told. */
export class Caller extends Notebook {
  readonly engine: Engine;
  readonly #person: Person;

  constructor(person: Person, rooms: MediaRooms) {
    super(`${person.userID} with the call engine`);
    this.#person = person;
    const { TUICallEngine, TUICallEvent } = loadedWith<Package>("tuicall-engine-webrtc", {
      "trtc-cloud-js-sdk": rooms.module(),
      "@tencentcloud/chat": TencentCloudChat,
    });
    this.engine = TUICallEngine.createInstance({ SDKAppID: SDK_APP_ID, tim: person.chat });
    this.engine.setLogLevel(4);
    for (const name of new Set(Object.values(TUICallEvent))) {
      const note = this.notes(name);
      this.engine.on(name, (data) => note({ name, data } as Parameters<typeof note>[0]));
    }
  }

  get userID(): string {
    return this.#person.userID;
  }

  async ready(): Promise<this> {
    const { userID, userSig } = this.#person;
    await this.engine.login({ userID, userSig: userSig() });
    await this.#person.hears(TencentCloudChat.EVENT.SDK_READY);
    return this;
  }

  /** Everything was heard that was to be heard: what the server answers next comes after it. */
  async hearsNo(name: string): Promise<void> {
    await this.#person.chat.getGroupList();
    expect(this.unread(name)).toEqual([]);
  }
}

/** What the package reads of a browser. Its reports to Tencent go nowhere. */
export function standInForBrowser(): void {
  const element = () => ({
    style: {},
    setAttribute() {},
    appendChild() {},
    pathname: "/",
    protocol: "https:",
    hostname: "localhost",
  });
  const storage = new Map<string, string>();
  const localStorage = {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
    removeItem: (key: string) => storage.delete(key),
  };
  const mediaDevices = {
    enumerateDevices: async () => [],
    addEventListener() {},
    getUserMedia: async () => ({ getTracks: () => [] }),
  };
  Object.assign(globalThis, {
    window: globalThis,
    self: globalThis,
    localStorage,
    sessionStorage: localStorage,
    location: { protocol: "https:", hostname: "localhost", href: "https://localhost/" },
    navigator: { userAgent: "Chrome/120", language: "en", onLine: true, mediaDevices },
    document: {
      createElement: element,
      getElementById: () => null,
      body: element(),
      addEventListener() {},
      removeEventListener() {},
    },
    XMLHttpRequest: class {
      open() {}
      setRequestHeader() {}
      send() {}
    },
  });
}

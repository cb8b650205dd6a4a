import { createRequire } from "node:module";
import TencentCloudChat from "../../../src/tencent/index.js";
import { SDK_APP_ID } from "../server.js";
import type { MediaClients } from "./mediaClients.js";
import { loadedWith } from "./packages.js";
import { Notebook, type Person } from "./people.js";

/** What the older engines have in common, under the names of this test. */
export interface OlderEngine {
  /** Its names of events. */
  readonly events: Readonly<Record<string, string>>;
  login(options: object): Promise<unknown>;
  on(name: string, handler: (told: unknown) => void): void;
  call(options: object): Promise<unknown>;
  groupCall(options: object): Promise<unknown>;
  accept(): Promise<unknown>;
  reject(): Promise<unknown>;
  hangup(): Promise<unknown>;
}

type Loaded<Name extends string, Class> = Readonly<Record<Name, Class>>;

/** The engine of TUICallKit 1 and 2; and what TRTCCalling apps use. Both stand on tsignaling. */
export const OLDER_ENGINES = {
  "tuicall-engine-webrtc 1.6.1": (person: Person, rooms: MediaClients): OlderEngine => {
    type Engine = Omit<OlderEngine, "events">;
    type Package = Loaded<"TUICallEngine", { createInstance(options: object): Engine }> &
      Loaded<"TUICallEvent", Readonly<Record<string, string>>>;
    const { TUICallEngine, TUICallEvent } = loadedWith<Package>("tuicall-engine-webrtc-1", aliases(rooms));
    const engine = TUICallEngine.createInstance({ SDKAppID: SDK_APP_ID, tim: person.chat });
    return Object.assign(engine, { events: TUICallEvent });
  },
  "trtc-calling-js 1.0.6": (person: Person, rooms: MediaClients): OlderEngine => {
    type Class = { new (options: object): Omit<OlderEngine, "events">; readonly EVENT: Readonly<Record<string, string>> };
    const TRTCCalling = loadedWith<Class>("trtc-calling-js", aliases(rooms));
    return Object.assign(new TRTCCalling({ SDKAppID: SDK_APP_ID, tim: person.chat }), { events: TRTCCalling.EVENT });
  },
} as const;

function aliases(rooms: MediaClients): Readonly<Record<string, unknown>> {
  const require = createRequire(import.meta.url);
  return {
    "trtc-js-sdk": rooms.module(),
    "tim-js-sdk": TencentCloudChat,
    "rtc-ai-denoiser": class {},
    tsignaling: loadedWith(require.resolve("tsignaling"), { "tim-js-sdk": TencentCloudChat }),
  };
}

/** Somebody whose page has such an engine; and all it was told. */
export class OlderCaller extends Notebook {
  readonly engine: OlderEngine;
  readonly #person: Person;

  constructor(person: Person, engine: OlderEngine) {
    super(`${person.userID} with an older engine`);
    this.#person = person;
    this.engine = engine;
    for (const name of new Set(Object.values(engine.events))) {
      const note = this.notes(name);
      engine.on(name, (told) => note({ name, data: told } as Parameters<typeof note>[0]));
    }
  }

  async ready(): Promise<this> {
    const { userID, userSig } = this.#person;
    await this.engine.login({ userID, userSig: userSig() });
    await this.#person.hears(TencentCloudChat.EVENT.SDK_READY);
    return this;
  }

  /** What the engine has asked for is answered: it looks at no refusal, such as that its chat was destroyed. */
  async rests(): Promise<void> {
    await this.#person.chat.getGroupList();
  }
}

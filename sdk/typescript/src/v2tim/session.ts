import { objectIn } from "../check.js";
import { Wigwag } from "../client.js";
import { WigwagError } from "../errors.js";
import type { AnyEvent, KnownEvent, State } from "../events.js";
import { newID } from "../ids.js";
import type { StreamPlace } from "../machine/border.js";
import type { WigwagOptions } from "../options.js";
import { socketHere } from "../transport/miniProgram.js";
import { type CursorStore, isPlace } from "../transport/tab.js";
import type { InvitationView, UserStatus } from "../wire/index.js";
import { LoginStatusEnum } from "./enums.js";
import { Refusal, wantText } from "./results.js";

/** AsyncStorage of React Native fits, and localStorage. */
export interface V2TimStorage {
  /** The text stored under a key, or null. */
  getItem(key: string): string | null | Promise<string | null>;
  /** Stores a text under a key. */
  setItem(key: string, value: string): unknown;
}

/** Where the server is, and what the device gives. */
export interface V2TimServer extends Omit<WigwagOptions, "token" | "userID"> {
  /**
   * Keeps the deviceID and how far each user's events were read, so that an app that was killed hears afterwards what happened
   * meanwhile. `deviceID` and `cursorStore` come first where they are given. Default: none.
   */
  readonly storage?: V2TimStorage | undefined;
}

/** What a session tells the parts of the surface. */
export interface Part {
  /** A login begins; nothing was heard of it yet. */
  begins?(userID: string): void;
  event?(event: KnownEvent, userID: string): void;
  /** This device did something; perhaps told as an event, too. */
  acted?(event: KnownEvent, userID: string): void;
  /** What is open was read. */
  open?(client: Wigwag, userID: string): void;
  state?(state: State): void;
  /** A user who is watched is so from now on. */
  status?(status: UserStatus): void;
  /** An invitation's deadline passed while this device was offline. */
  ringOver?(invitation: InvitationView): void;
}

/** One user's login. */
interface Login {
  readonly userID: string;
  /** The newest that the app has given; the client takes it when the one before has expired. */
  userSig: string;
  readonly client: Wigwag;
  ready: boolean;
}

/** Who is signed in, and with which client. */
export class Session {
  readonly #parts: Part[] = [];
  #server: V2TimServer | undefined;
  #login: Login | undefined;

  /** Adds a part; parts are told in the order in which they came. */
  tells(part: Part): void {
    this.#parts.push(part);
  }

  /** From the next login on. */
  configure(server: V2TimServer | undefined): void {
    this.#server = server;
  }

  get userID(): string {
    return this.#login?.ready ? this.#login.userID : "";
  }

  get status(): LoginStatusEnum {
    if (this.#login === undefined) {
      return LoginStatusEnum.V2TIM_STATUS_LOGOUT;
    }
    return this.#login.ready ? LoginStatusEnum.V2TIM_STATUS_LOGINED : LoginStatusEnum.V2TIM_STATUS_LOGINING;
  }

  /** The client of who is signed in; throws when nobody is. */
  get client(): Wigwag {
    if (this.#server === undefined) {
      throw new Refusal("notInitialised");
    }
    if (!this.#login?.ready) {
      throw new Refusal("notSignedIn");
    }
    return this.#login.client;
  }

  /** Signs in; somebody else who is signed in is signed out first. Of who is signed in already the fresh UserSig is kept. */
  async login(userID: string, userSig: string): Promise<void> {
    const server = this.#server;
    if (server === undefined) {
      throw new Refusal("notInitialised");
    }
    wantText("userID", userID);
    wantText("userSig", userSig);
    if (this.#login?.ready === false) {
      throw new Refusal("loginInProgress");
    }
    if (this.#login?.userID === userID) {
      this.#login.userSig = userSig;
    } else {
      const login: Login = { userID, userSig, client: clientFor(server, userID, () => login.userSig), ready: false };
      const before = this.#login;
      this.#login = login;
      await before?.client.close();
      if (this.#login !== login) {
        throw new WigwagError("closed", "signed out before the login was done");
      }
      await this.#connect(login);
    }
  }

  /** Signs out; nothing happens when nobody is signed in. */
  async logout(): Promise<void> {
    const login = this.#login;
    this.#login = undefined;
    await login?.client.close();
  }

  async #connect(login: Login): Promise<void> {
    const { client, userID } = login;
    const open = () => this.#tell((part) => part.open?.(client, userID));
    this.#tell((part) => part.begins?.(userID));
    client.on("event", (event) => this.#acted(event, userID), { ownActs: true });
    client.on("event", (event) => this.#tell((part) => part.event?.(event as unknown as KnownEvent, userID)));
    client.on("resync", open);
    client.on("ringOver", ({ inviteID }) => {
      const invitation = client.invitations.get(inviteID);
      this.#tell((part) => invitation && part.ringOver?.(invitation));
    });
    client.on("user.status", (status) => this.#tell((part) => part.status?.(status)));
    client.on("state", (state) => this.#moved(login, state));
    await client.connect();
    open();
  }

  #acted(event: AnyEvent, userID: string): void {
    if (event.own) {
      this.#tell((part) => part.acted?.(event as unknown as KnownEvent, userID));
    }
  }

  #moved(login: Login, state: State): void {
    // Not only when login has its result: what is heard while catching up may be answered at once.
    login.ready ||= state.status === "open";
    if (state.status === "closed" && this.#login === login) {
      this.#login = undefined;
    }
    this.#tell((part) => part.state?.(state));
  }

  #tell(tell: (part: Part) => void): void {
    for (const part of this.#parts) {
      tell(part);
    }
  }
}

function clientFor(server: V2TimServer, userID: string, token: () => string): Wigwag {
  const { storage, ...options } = server;
  const kept = storage === undefined ? {} : { deviceID: deviceIn(storage), cursorStore: cursorIn(storage, userID) };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return new Wigwag({
    url: server.url,
    webSocket: socketHere(),
    ...kept,
    ...given,
    userID,
    get token() {
      return token();
    },
  });
}

const DEVICE_KEY = "wigwag.device";

function deviceIn(storage: V2TimStorage): () => Promise<string> {
  return async () => {
    const known = await storage.getItem(DEVICE_KEY);
    const deviceID = known || newID();
    if (deviceID !== known) {
      await storage.setItem(DEVICE_KEY, deviceID);
    }
    return deviceID;
  };
}

function cursorIn(storage: V2TimStorage, userID: string): CursorStore {
  const key = `wigwag.cursor ${userID}`;
  return {
    load: async () => placeIn((await storage.getItem(key)) ?? "null"),
    save: async (place) => {
      await storage.setItem(key, JSON.stringify(place));
    },
  };
}

/** What is no place is as good as none: the session then starts with what is open. */
function placeIn(text: string): StreamPlace | undefined {
  const place = objectIn(text);
  return isPlace(place) ? place : undefined;
}

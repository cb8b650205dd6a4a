import type { Caller } from "./api/caller.js";
import { Calls } from "./api/calls.js";
import { Conversations } from "./api/conversations.js";
import { Groups } from "./api/groups.js";
import { Invitations } from "./api/invitations.js";
import { Messages } from "./api/messages.js";
import { Signaling } from "./api/signaling.js";
import { Users } from "./api/users.js";
import { Book } from "./book/book.js";
import { encode } from "./check.js";
import { Driver, type Life } from "./driver.js";
import { Emitter } from "./emitter.js";
import { WigwagError } from "./errors.js";
import type { ClientEventName, ClientEvents, ListenOptions, State } from "./events.js";
import { newID } from "./ids.js";
import type { StreamPlace } from "./machine/border.js";
import { now } from "./now.js";
import { prepare, TIMEOUT_MS, type WigwagOptions } from "./options.js";
import { leaveTabDevice, takeTabDevice } from "./transport/tab.js";
import type { InvitationView, Method, Methods, UserId } from "./wire/index.js";

/** What `connect` gives. */
export interface Connected {
  /** Who is signed in. */
  readonly userID: UserId;
  /**
   * What is open now: as inviter, as invitee, and in groups; oldest first, and the newest 1,000 of more. A page that was loaded again
   * shows it from this.
   */
  readonly openInvitations: InvitationView[];
}

/**
 * A user signed in on one device.
 *
 * Listen with `on`, then `connect`. Commands are sent in the order of the calls and survive reconnects where that is safe.
 * Every call rejects with a WigwagError; none throws, and none hangs longer than its time-out.
 */
export class Wigwag {
  /** Commands on invitations. */
  readonly signaling: Signaling;
  /** The invitations that this client knows of, without asking. They stay known when it is closed and connects again as the same user. */
  readonly invitations: Invitations;
  /** Calls. */
  readonly calls: Calls;
  /** Messages. */
  readonly messages: Messages;
  /** Conversations. */
  readonly conversations: Conversations;
  /** Groups. */
  readonly groups: Groups;
  /** Users. */
  readonly users: Users;

  readonly #options: WigwagOptions;
  /** This device, where neither the app nor a tab has a deviceID. */
  readonly #device = newID();
  readonly #emitter = new Emitter();
  readonly #book = new Book();
  #state: State = { status: "idle" };
  /** Set from `connect` until the client is closed; the newest, where one begins in a listener while the one before ends. */
  #run: Run | undefined;
  /** Where the stream was left by the run before. */
  #left: StreamPlace | undefined;

  /** Makes a client; nothing happens before `connect`, which also tells what is wrong with the options. */
  constructor(options: WigwagOptions) {
    this.#options = options;
    const call: Caller = (method, params) => this.#call(method, params);
    this.signaling = new Signaling(call);
    this.invitations = new Invitations(this.#book, now);
    this.calls = new Calls(call, this.#book.calls, now);
    this.messages = new Messages(call);
    this.conversations = new Conversations(call);
    this.groups = new Groups(call);
    this.users = new Users(call);
    this.#emitter.on("state", (state) => {
      this.#state = state;
    });
  }

  /** Where the connection stands now. */
  get state(): State {
    return this.#state;
  }

  /**
   * Adds a listener; gives the function that removes it. Events come in the order of the stream, each once.
   *
   * An event counts as taken over when its listeners have returned, and the promises that they gave are settled; only then may the
   * stored cursor pass it. While 1,024 events are held by such promises no more are told: the session goes on, and is resumed where it
   * was when half of them are settled. `close` waits for none of them.
   */
  on<N extends ClientEventName>(name: N, listener: (payload: ClientEvents[N]) => unknown, options?: ListenOptions): () => void {
    return this.#emitter.on(name, listener, options);
  }

  /**
   * Signs in and waits for the session. Rejects when the sign-in is refused, when an option is wrong, or when the server cannot be
   * reached within `connectTimeoutMs`; the client is closed then. While the client is connected, calling it again gives the same.
   */
  connect(): Promise<Connected> {
    const before = this.#run;
    if (before !== undefined && before.ending === undefined) {
      return before.connected;
    }
    const run = new Run((ended) => this.#ended(ended));
    this.#run = run;
    run.ready = this.#prepare(run, before?.ending);
    run.ready.catch(() => {});
    run.connected = this.#connected(run);
    return run.connected;
  }

  /** Ends the session; resolves when the cursor is stored. Commands without a reply reject with the reason `closed`. */
  async close(): Promise<void> {
    const run = this.#run;
    if (run !== undefined) {
      run.ending ??= this.#end(run, new WigwagError("closed", "the client was closed"));
      await run.ending;
    }
  }

  async #prepare(run: Run, before: Promise<void> | undefined): Promise<Driver> {
    try {
      await before;
      run.mustGoOn();
      run.tabDevice = this.#options?.deviceID === undefined ? takeTabDevice() : undefined;
      const prepared = await prepare(this.#options, this.#left, { tab: run.tabDevice, other: this.#device });
      run.mustGoOn();
      run.driver = new Driver({ ...prepared, emitter: this.#emitter, book: this.#book, life: run });
      run.driver.start();
      return run.driver;
    } catch (thrown) {
      this.#endUnprepared(run, thrown as WigwagError);
      throw thrown;
    }
  }

  async #connected(run: Run): Promise<Connected> {
    const timer = setTimeout(() => void this.#end(run, this.#unreachable()), this.#connectTimeoutMs());
    try {
      const userID = await run.opened;
      return { userID, openInvitations: this.invitations.open() };
    } catch (thrown) {
      await this.#end(run, thrown as WigwagError);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  #ended(run: Run): void {
    this.#left = run.driver?.place ?? this.#left;
    leaveTabDevice(run.tabDevice);
    if (this.#run === run) {
      this.#run = undefined;
    }
  }

  async #end(run: Run, why: WigwagError): Promise<void> {
    if (run.driver === undefined) {
      this.#endUnprepared(run, why);
    } else {
      await run.driver.stop(why);
    }
  }

  /** There is no driver yet that would tell of the end. */
  #endUnprepared(run: Run, why: WigwagError): void {
    if (run.ended === undefined) {
      run.end(why);
      this.#emitter.emit("state", { status: "closed", why });
    }
  }

  /** Async, so that whatever is wrong with the params becomes a rejection. */
  async #call<M extends Method>(method: M, params: unknown): Promise<Methods[M]["result"]> {
    const text = encode(method, params);
    if (this.#run === undefined) {
      throw this.#state.status === "closed" ? this.#state.why : new WigwagError("notSignedIn", "call connect first");
    }
    const driver = await this.#run.ready;
    return driver.call(method, text);
  }

  #connectTimeoutMs(): number {
    const given: unknown = this.#options?.connectTimeoutMs;
    return typeof given === "number" && given > 0 ? given : TIMEOUT_MS;
  }

  #unreachable(): WigwagError {
    const why = this.#state.status === "reconnecting" ? this.#state.why : "no answer";
    return new WigwagError("connectTimeout", `no session within ${this.#connectTimeoutMs()} ms: ${why}`);
  }
}

/** One life of a client, from `connect` to its end. */
class Run implements Life {
  driver: Driver | undefined;
  /** The tab's deviceID, while this client has it. */
  tabDevice: string | undefined;
  /** Set when the app has closed the client; resolves when the cursor is stored. */
  ending: Promise<void> | undefined;
  ended: WigwagError | undefined;
  /** The driver, started. */
  ready!: Promise<Driver>;
  connected!: Promise<Connected>;
  /** Who is signed in, once it is known what is open; or why nobody will be. */
  readonly opened: Promise<UserId>;
  open!: (userID: UserId) => void;
  #reject!: (why: WigwagError) => void;
  readonly #onEnd: (run: Run) => void;

  constructor(onEnd: (run: Run) => void) {
    this.#onEnd = onEnd;
    this.opened = new Promise((resolve, reject) => {
      this.open = resolve;
      this.#reject = reject;
    });
  }

  /** Throws when it has ended. */
  mustGoOn(): void {
    if (this.ended !== undefined) {
      throw this.ended;
    }
  }

  end(why: WigwagError): void {
    this.ended = why;
    this.#reject(why);
    this.#onEnd(this);
  }
}

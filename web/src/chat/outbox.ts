import { uuidv7, WigwagError } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";

/** A text that the server has not taken yet. */
export interface Waiting {
  /** By which the server knows a text that comes twice. */
  readonly clientMsgID: string;
  readonly userID: string;
  readonly text: string;
  /** Why the server refused it; absent while it is on its way or waits for the connection. */
  readonly refusal?: string;
}

/** Where waiting texts are kept, so that a reloaded tab sends them. */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

const KEY = "wigwag.outbox";

/** Texts that may wait: more than a person writes while a train is in a tunnel. */
const MOST = 50;

/** What this user wrote, until the server has taken it: in order, each once, also when the connection is lost meanwhile. */
export class Outbox {
  readonly waiting: Store<readonly Waiting[]>;
  readonly connection: Session["connection"];
  readonly #session: Session;
  readonly #shelf: Shelf;
  #sending = false;
  readonly #ends: (() => void)[];

  constructor(session: Session, shelf: Shelf) {
    this.#session = session;
    this.connection = session.connection;
    this.#shelf = shelf;
    this.waiting = new Store(kept(shelf, session.me));
    this.#ends = [this.waiting.subscribe(() => this.#keep()), this.connection.subscribe(() => void this.#send())];
  }

  /** Takes a text that is to be sent. False when too many wait already. */
  put(userID: string, text: string): boolean {
    if (this.waiting.get().length >= MOST) {
      return false;
    }
    const clientMsgID = uuidv7(Date.now(), Math.random);
    this.waiting.update((waiting) => [...waiting, { clientMsgID, userID, text }]);
    void this.#send();
    return true;
  }

  /** Sends a text that was refused once more. */
  retry(clientMsgID: string): void {
    this.#replace(clientMsgID, ({ refusal: _, ...text }) => text);
    void this.#send();
  }

  drop(clientMsgID: string): void {
    this.waiting.update((waiting) => waiting.filter((text) => text.clientMsgID !== clientMsgID));
  }

  close(): void {
    for (const end of this.#ends) {
      end();
    }
  }

  /** Sends what waits, one after the other, as long as there is a connection. */
  async #send(): Promise<void> {
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await this.#sendOne(next);
    }
    this.#sending = false;
  }

  #next(): Waiting | undefined {
    const isOpen = this.connection.get().status === "open";
    return isOpen ? this.waiting.get().find(({ refusal }) => refusal === undefined) : undefined;
  }

  async #sendOne({ clientMsgID, userID, text }: Waiting): Promise<void> {
    try {
      await this.#session.patiently(() => this.#session.sendText({ userID }, text, clientMsgID));
      this.drop(clientMsgID);
    } catch (thrown) {
      if (!(thrown instanceof WigwagError)) {
        throw thrown;
      }
      // What another try may mend waits for it, unless the connection is there: then the server has said no.
      if (!thrown.retryable || this.connection.get().status === "open") {
        this.#replace(clientMsgID, (waiting) => ({ ...waiting, refusal: thrown.reason }));
      }
    }
  }

  #replace(clientMsgID: string, change: (text: Waiting) => Waiting): void {
    this.waiting.update((waiting) => waiting.map((text) => (text.clientMsgID === clientMsgID ? change(text) : text)));
  }

  #keep(): void {
    this.#shelf.setItem(KEY, JSON.stringify({ me: this.#session.me, waiting: this.waiting.get() }));
  }
}

/** What this user left on the shelf. Somebody else's is not theirs to send. */
function kept(shelf: Shelf, me: string): readonly Waiting[] {
  const left = JSON.parse(shelf.getItem(KEY) ?? "{}") as { me?: string; waiting?: readonly Waiting[] };
  return left.me === me ? (left.waiting ?? []) : [];
}

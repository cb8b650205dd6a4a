import {
  type Acted,
  type Invite,
  type InviteInGroup,
  type KnownEvent,
  type MessageSent,
  type State,
  Wigwag,
  WigwagError,
} from "@wigwag/sdk";
import { type Note, type Purpose, type Refusal, type Signal, write } from "./payload.js";
import type { SignedIn } from "./signedIn.js";
import { Store } from "./store.js";

/** To whom a message goes. */
export type Peer = { userID: string; groupID?: never } | { groupID: string; userID?: never };

/**
 * A page tries to reconnect after a random time up to this, ms, however long the server has been away: people who wait for it are
 * to talk to each other within two seconds after it is back.
 */
const RECONNECT_MS = 1_500;

/**
 * A signed-in page: the SDK's client, and what every scene needs of it.
 *
 * Scenes have a single place to learn what happened, whoever did it: the client tells this page's own acts on invitations, and the
 * session makes an event of each message that this page sends, because the sender hears none; so it does of hanging up.
 */
export class Session {
  readonly me: string;
  readonly client: Wigwag;
  readonly connection: Store<State>;
  readonly #listeners = new Set<(event: KnownEvent) => void>();
  readonly #openings = new Set<() => void>();
  readonly #closings = new Set<() => Promise<void>>();

  constructor(signedIn: SignedIn, url: string) {
    this.me = signedIn.userID;
    this.client = new Wigwag({
      url,
      token: signedIn.token,
      userID: signedIn.userID,
      reconnectMinMs: RECONNECT_MS,
      reconnectMaxMs: RECONNECT_MS,
    });
    this.connection = new Store(this.client.state);
    this.client.on("state", (state) => this.connection.set(state));
    // What a newer server tells besides falls through every switch.
    this.client.on("event", (event) => this.#tell(event as unknown as KnownEvent), { ownActs: true });
    this.client.on("resync", () => this.#startsAnew());
  }

  /** Signs in. Rejects with a WigwagError. */
  async open(): Promise<void> {
    await this.client.connect();
    this.#startsAnew();
  }

  /** Ends when what was to be done before has been done. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#closings].map((listener) => listener()));
    await this.client.close();
  }

  /** Events of others and of this page itself, in order. Gives the function that ends it. */
  on(listener: (event: KnownEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Calls back whenever the list of open invitations was read as a whole: what scenes show is built again from it. */
  onOpening(listener: () => void): () => void {
    this.#openings.add(listener);
    return () => {
      this.#openings.delete(listener);
    };
  }

  /** Calls back before the session closes, which waits for what that does. */
  onClosing(listener: () => Promise<void>): () => void {
    this.#closings.add(listener);
    return () => {
      this.#closings.delete(listener);
    };
  }

  invite(invite: Omit<Invite, "data"> & { inviteID: string }, purpose: Purpose): Promise<Acted> {
    return this.client.signaling.invite({ ...invite, data: write(purpose) });
  }

  inviteInGroup(invite: Omit<InviteInGroup, "data">, purpose: Purpose): Promise<Acted> {
    return this.client.signaling.inviteInGroup({ ...invite, data: write(purpose) });
  }

  accept(inviteID: string): Promise<Acted> {
    return this.client.signaling.accept({ inviteID });
  }

  reject(inviteID: string, refusal?: Refusal): Promise<Acted> {
    return this.client.signaling.reject({ inviteID, data: refusal === undefined ? "" : write(refusal) });
  }

  cancel(inviteID: string): Promise<Acted> {
    return this.client.signaling.cancel({ inviteID });
  }

  /** Leaves a call between two, which ends it after `seconds`. */
  async hangUp(callID: string, seconds: number): Promise<void> {
    const { time, cursor = 0 } = await this.client.calls.hangUp({ callID });
    const ended = { reason: "hungUp", endReason: "hungUp", durationMs: seconds * 1_000 } as const;
    this.#tell({ type: "call.hungUp", cursor, time, self: true, callID, roomID: "", version: 0, userID: this.me, ...ended });
  }

  /** Sends signals to the other side of a call, if it is there. */
  async signal(callID: string, to: string, signals: readonly Signal[]): Promise<void> {
    await this.client.calls.signal({ callID, to, data: write({ signals }) });
  }

  /** `clientMsgID`: the server takes a text with the same one once. */
  async sendText(peer: Peer, text: string, clientMsgID?: string): Promise<MessageSent> {
    const sent = await this.client.messages.sendText({ ...peer, text, ...(clientMsgID === undefined ? {} : { clientMsgID }) });
    this.#sent(sent, peer, "text", { text });
    return sent;
  }

  /** A note that leaves no trace reaches those who are online now, and nobody hears of it later. */
  async note(peer: Peer, note: Note, trace: "stored" | "none"): Promise<MessageSent> {
    const data = write(note);
    const flags = trace === "none" ? { onlineUserOnly: true } : { excludedFromUnread: true, excludedFromLastMessage: true };
    const sent = await this.client.messages.sendCustom({ ...peer, data, ...flags });
    if (trace === "stored") {
      this.#sent(sent, peer, "custom", { data });
    }
    return sent;
  }

  /** Carries out a read, and waits for as long as the server asks when it was one too many. Rejects with a WigwagError. */
  async patiently<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (thrown) {
        if (!(thrown instanceof WigwagError) || thrown.retryAfterMs === undefined) {
          throw thrown;
        }
        const { retryAfterMs } = thrown;
        await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
      }
    }
  }

  #startsAnew(): void {
    for (const listener of [...this.#openings]) {
      listener();
    }
  }

  #tell(event: KnownEvent): void {
    for (const listener of [...this.#listeners]) {
      listener(event);
    }
  }

  #sent(sent: MessageSent, peer: Peer, type: string, content: { [field: string]: unknown }): void {
    const { cursor = 0, ...place } = sent;
    const to = peer.groupID === undefined ? { receiver: peer.userID } : { groupID: peer.groupID };
    this.#tell({
      cursor,
      time: sent.time,
      type: "message.received",
      message: { ...place, ...to, sender: this.me, type, content },
    });
  }
}

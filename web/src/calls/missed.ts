import type { CallView, KnownEvent } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { SOUND } from "../sound/rules.js";

/** The calls that this user missed and has not looked at yet, on any device. */
export class Missed {
  /** The newest first. */
  readonly calls = new Store<readonly CallView[]>([]);
  readonly #session: Session;
  readonly #end: () => void;
  /** Seen on any device since this page began, ms since 1970: a list that was asked for before may not know it. */
  #seenUpTo = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#end = session.on((event) => this.#heard(event));
  }

  /** Reads them. Rejects with a WigwagError. */
  async load(): Promise<void> {
    const { calls, seenUpTo } = await this.#session.client.calls.list({ missed: true, limit: SHOWN });
    this.calls.set(unseen(calls, Math.max(seenUpTo, this.#seenUpTo)));
  }

  /** Marks those that are shown as seen. Rejects with a WigwagError. */
  async markSeen(): Promise<void> {
    const upTo = this.calls.get()[0]?.createdAt;
    if (upTo !== undefined) {
      await this.#session.client.calls.markSeen({ upTo });
      this.#seen(upTo);
    }
  }

  close(): void {
    this.#end();
  }

  #heard(event: KnownEvent): void {
    if (event.type === "call.seen") {
      this.#seen(event.upTo);
    } else if (mayBeMissed(event, this.#session.me)) {
      // The next change, or the next sign-in, makes good for a read that fails.
      void this.load().catch(() => {});
    }
  }

  #seen(upTo: number): void {
    this.#seenUpTo = Math.max(upTo, this.#seenUpTo);
    this.calls.update((calls) => unseen(calls, upTo));
  }
}

/** As many as a person looks through. */
const SHOWN = 20;

/** Nobody was called into the sound of a room: a page that waited for it was not there any more. */
function unseen(calls: readonly CallView[], upTo: number): CallView[] {
  return calls.filter(({ createdAt, mediaType }) => createdAt > upTo && mediaType !== SOUND);
}

/** Whether an event may have made a call one that this user missed. */
export function mayBeMissed(event: KnownEvent, me: string): boolean {
  switch (event.type) {
    case "invitation.received":
      return event.busyLineUserIDList?.includes(me) === true;
    case "invitation.cancelled":
    case "invitation.timedOut":
      return event.inviteeList.includes(me);
    default:
      return false;
  }
}

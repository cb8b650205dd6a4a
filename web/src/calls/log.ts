import type { CallView, KnownEvent } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";

export interface LogView {
  /** The newest first; undefined until they were read. */
  readonly calls?: readonly CallView[];
  /** Where the calls before them begin; absent when these are all. */
  readonly next?: string;
}

/** The calls of this user, as far as they were looked through. It is read when somebody looks at it. */
export class CallLog {
  readonly view = new Store<LogView>({});
  readonly #session: Session;
  #reading = false;
  /** A call changed while the log was read. */
  #changed = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Follows the calls until the function that it gives is called. */
  follow(): () => void {
    void this.#refresh();
    return this.#session.on((event) => {
      if (changesCalls(event)) {
        void this.#refresh();
      }
    });
  }

  /** Reads the calls before those that are known. Rejects with a WigwagError. */
  async older(): Promise<void> {
    const { next } = this.view.get();
    if (next !== undefined) {
      const page = await this.#session.client.calls.list({ limit: PAGE, after: next });
      this.view.update(({ calls = [] }) => logOf(merged(calls, page.calls), page.next));
    }
  }

  /** Reads the newest once more. The next change makes good for a read that fails. */
  async #refresh(): Promise<void> {
    if (this.#reading) {
      this.#changed = true;
      return;
    }
    this.#reading = true;
    do {
      this.#changed = false;
      const page = await this.#session.patiently(() => this.#session.client.calls.list({ limit: PAGE })).catch(() => undefined);
      this.view.update((view) => (page === undefined ? view : renewed(view, page.calls, page.next)));
    } while (this.#changed);
    this.#reading = false;
  }
}

/** As many as a screen shows; a server gives at most 100 at once. */
const PAGE = 30;

/** The log with its newest page read again. */
export function renewed({ calls, next }: LogView, newest: readonly CallView[], after: string | undefined): LogView {
  const reaches = calls?.some(({ callID }) => newest.some((call) => call.callID === callID)) === true;
  // Without a call in common there may be some between the two.
  return reaches && calls.length > newest.length ? logOf(merged(calls, newest), next) : logOf(newest, after);
}

/** Both lists as one; of a call that is in both, what `read` says. */
function merged(known: readonly CallView[], read: readonly CallView[]): CallView[] {
  const all = new Map([...known, ...read].map((call) => [call.callID, call]));
  return [...all.values()].sort((one, other) => other.createdAt - one.createdAt);
}

function logOf(calls: readonly CallView[], next: string | undefined): LogView {
  return next === undefined ? { calls } : { calls, next };
}

function changesCalls(event: KnownEvent): boolean {
  switch (event.type) {
    case "invitation.received":
      return event.call !== undefined;
    case "invitation.accepted":
    case "invitation.rejected":
    case "invitation.cancelled":
    case "invitation.timedOut":
    case "call.hungUp":
    case "call.ended":
      return true;
    default:
      return false;
  }
}

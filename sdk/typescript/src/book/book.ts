import { present } from "../present.js";
import type { InvitationView, InviteId } from "../wire/index.js";
import { CallBook } from "./calls.js";
import { changed, ended, type InvitationEvent, invited } from "./change.js";

/** Open invitations that are kept: ten times what one inviter may have open at once by the server's default. */
export const MOST_OPEN = 1_000;
/** Ended ones that are kept, the newest, and those of which only the version is known, so that a client that runs for months does not grow. */
const MOST_ENDED = 200;

/** What is known of one invitation. */
interface Entry {
  /** The highest version heard of. */
  readonly version: number;
  /** As of that version; absent when only the version is known. */
  readonly view?: InvitationView;
  /** When the deadline passes by the client's clock, ms. */
  readonly endsAt?: number | undefined;
  /** The edition of the book that it came with. */
  readonly edition: number;
}

/**
 * The invitations that a client knows of (docs/decisions/0005).
 *
 * Feed it everything that tells of invitations: `show` what was read, `list` what was listed as all that is open, `hear` events. The order
 * does not matter, because the higher version counts. Times are ms on the clock of the machine.
 */
export class Book {
  /** What is known of calls. */
  readonly calls = new CallBook();
  /** In the order in which they became known; what has ended in the order in which it did. */
  readonly #entries = new Map<InviteId, Entry>();
  #edition = 0;
  #complete = false;

  /** Whether everything that was open has been listed once; from then on the stream tells the rest. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Grows with every change. Note it when a listing is asked for, and give it to `list`. */
  get edition(): number {
    return this.#edition;
  }

  /** Undefined when the invitation is not known, or only its version is. */
  get(inviteID: InviteId, now: number): InvitationView | undefined {
    return shown(this.#entries.get(inviteID), now);
  }

  /** All that are known, oldest first. */
  all(now: number): InvitationView[] {
    const views = [...this.#entries.values()].flatMap((entry) => shown(entry, now) ?? []);
    return views.sort((one, other) => one.createdAt - other.createdAt);
  }

  /** The server shows invitations. */
  show(views: readonly InvitationView[], now: number): void {
    for (const view of views) {
      const { inviteID, version, remainingMs } = view;
      const known = this.#entries.get(inviteID);
      // Of an invitation of which only the version is known, that very version is news.
      if (known === undefined || known.version < version || (known.view === undefined && known.version === version)) {
        this.#put(view, remainingMs === undefined ? known?.endsAt : now + remainingMs);
      }
    }
  }

  /** The server shows all that was open when the book had the edition `asked`: what it does not name has ended, unless it changed since. */
  list(views: readonly InvitationView[], asked: number, now: number): void {
    const named = new Set(views.map(({ inviteID }) => inviteID));
    for (const { view, endsAt, edition } of [...this.#entries.values()]) {
      if (isOpen(view) && !named.has(view.inviteID) && edition <= asked) {
        this.#put(ended(view), endsAt);
      }
    }
    this.show(views, now);
    this.#complete = true;
  }

  /** An event was read, or made of a reply. */
  hear(event: InvitationEvent, now: number): void {
    if (event.type === "invitation.received") {
      return this.show([invited(event)], now);
    }
    const { inviteID, version } = event;
    const known = this.#entries.get(inviteID);
    if (known?.view === undefined) {
      this.hearOf(inviteID, version);
    } else if (known.version < version) {
      this.#put(changed(known.view, event), known.endsAt);
    }
  }

  /** An invitation has this version now, and no more is known: an older listing does not make it ring. */
  hearOf(inviteID: InviteId, version: number): void {
    if ((this.#entries.get(inviteID)?.version ?? 0) < version) {
      this.#keep(inviteID, { version });
    }
  }

  /** When the time of the next open invitation is over; Infinity when none has a deadline. */
  nextEnd(): number {
    return Math.min(...[...this.#entries.values()].map(({ view, endsAt = Infinity }) => (isOpen(view) ? endsAt : Infinity)));
  }

  /** Nobody can tell of ends: the invitations whose time is over have ended. Gives them. */
  endOverdue(now: number): InviteId[] {
    const overdue = [...this.#entries.values()].filter(({ view, endsAt = Infinity }) => isOpen(view) && endsAt <= now);
    return overdue.map(({ view, endsAt }) => {
      this.#put(ended(view as InvitationView), endsAt);
      return (view as InvitationView).inviteID;
    });
  }

  /** Another user signs in. */
  clear(): void {
    this.#entries.clear();
    this.calls.clear();
    this.#complete = false;
  }

  #put(view: InvitationView, endsAt: number | undefined): void {
    this.#keep(view.inviteID, { version: view.version, view, endsAt });
  }

  #keep(inviteID: InviteId, entry: Omit<Entry, "edition">): void {
    const open = isOpen(entry.view);
    if (!open) {
      this.#entries.delete(inviteID);
    }
    this.#edition += 1;
    this.#entries.set(inviteID, { ...entry, edition: this.#edition });
    const alike = [...this.#entries].filter(([, { view }]) => isOpen(view) === open);
    if (alike.length > (open ? MOST_OPEN : MOST_ENDED)) {
      this.#entries.delete(alike[0]?.[0] ?? "");
    }
  }
}

/** Whether it is shown and open. */
export function isOpen(view: InvitationView | undefined): view is InvitationView {
  return view?.status === "open";
}

function shown(entry: Entry | undefined, now: number): InvitationView | undefined {
  const view = entry?.view;
  if (view === undefined) {
    return undefined;
  }
  const { remainingMs: _, ...rest } = view;
  const left = isOpen(view) && entry?.endsAt !== undefined ? Math.max(0, Math.round(entry.endsAt - now)) : undefined;
  return present({ ...rest, remainingMs: left });
}

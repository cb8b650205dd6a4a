import type { AnyEvent, EventOf, KnownEvent } from "../events.js";
import { present } from "../present.js";
import type { CallId, CallOnly, CallView, UserId } from "../wire/index.js";
import { begun, headOf, is, isBetweenTwo, isMissedBy, isNamed, stepped } from "./call.js";

/** Calls that are kept, those of which only the version is known included; what changed longest ago goes first. */
const MOST = 200;

interface Entry {
  readonly version: number;
  /** Absent when only the version is known. */
  readonly view?: CallView | undefined;
  /** When its duration was right by the client's clock, ms. */
  readonly heardAt: number;
}

/**
 * The calls that a client knows of: from the invitations that begin them, and from replies that show them. From then on their steps are
 * followed: each raises the version by one. What an event of an invitation tells of a call between two is a step, too. After a step that was
 * not told, as to somebody who had not come in yet, only the version is known, until a reply shows the call again.
 */
export class CallBook {
  /** In the order in which they changed. */
  readonly #entries = new Map<CallId, Entry>();

  /** Undefined when the call is not known, or only its version is. */
  get(callID: CallId, now: number): CallView | undefined {
    const { view, heardAt = now } = this.#entries.get(callID) ?? {};
    const talks = view !== undefined && isRunning(view) && view.answeredAt !== undefined;
    return talks ? { ...view, durationMs: view.durationMs + Math.round(now - heardAt) } : view;
  }

  /** Those that run, oldest first. */
  running(now: number): CallView[] {
    const running = [...this.#entries.keys()].flatMap((callID) => this.get(callID, now) ?? []).filter(isRunning);
    return running.sort((one, other) => one.createdAt - other.createdAt);
  }

  /** The running call that a command names. */
  find(which: CallOnly): CallView | undefined {
    return this.running(0).find((view) => isNamed(view, which));
  }

  /** The server shows calls. */
  show(views: readonly CallView[], now: number): void {
    for (const view of views) {
      const known = this.#entries.get(view.callID);
      if (known === undefined || known.version < view.version || (known.version === view.version && known.view === undefined)) {
        this.#keep(view.callID, { version: view.version, view, heardAt: now });
      }
    }
  }

  /** An event was heard by `me`, or made of a reply. */
  hear(event: AnyEvent, me: UserId, now: number): void {
    const view = event.type === "invitation.received" ? begun(event as unknown as EventOf<"invitation.received">) : undefined;
    const [callID, version] = view === undefined ? (headOf(event) ?? this.#stepOf(event) ?? []) : [view.callID, view.version];
    if (callID === undefined || version === undefined) {
      return;
    }
    const { version: before, view: known, heardAt = now } = this.#entries.get(callID) ?? { version: 0 };
    if (before < version) {
      const follows = known !== undefined && before + 1 === version;
      const after = follows ? stepped(known, event as unknown as KnownEvent) : view;
      const counts = after?.answeredAt !== undefined && known?.answeredAt === undefined ? now : heardAt;
      const missed = after !== undefined && isMissedBy(after, me) ? true : undefined;
      this.#keep(callID, { version, view: after && present({ ...after, version, missed }), heardAt: counts });
    }
  }

  /** Steps may be missing. */
  clear(): void {
    this.#entries.clear();
  }

  /** The call between two of which an invitation's event tells a step. */
  #stepOf({ type, inviteID, version }: AnyEvent): [CallId, number] | undefined {
    // A reply may have shown the call as it is after the event, which is no step then.
    const rings = ({ people }: CallView) => people.filter(is("ringing")).some((person) => person.inviteID === inviteID);
    const steps = type.startsWith("invitation.") && type !== "invitation.modified" && version !== undefined;
    const call = steps ? this.running(0).find((view) => isBetweenTwo(view) && rings(view)) : undefined;
    return call && [call.callID, call.version + 1];
  }

  #keep(callID: CallId, entry: Entry): void {
    this.#entries.delete(callID);
    this.#entries.set(callID, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST && oldest !== undefined) {
      this.#entries.delete(oldest);
    }
  }
}

function isRunning({ endedAt }: CallView): boolean {
  return endedAt === undefined;
}

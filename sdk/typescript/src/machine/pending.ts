import type { Method } from "../wire/index.js";

/** A command without its reply. */
interface Pending {
  readonly method: Method;
  readonly frame: string;
  /** Given up then. */
  readonly until: number;
  sent: boolean;
}

/** All commands without their reply, in the order they were given. */
export class Requests {
  readonly #waiting = new Map<number, Pending>();

  get size(): number {
    return this.#waiting.size;
  }

  add(id: number, method: Method, frame: string, until: number): void {
    this.#waiting.set(id, { method, frame, until, sent: false });
  }

  /** True when the request was waiting. */
  settle(id: number): boolean {
    return this.#waiting.delete(id);
  }

  /** Marks everything as sent and gives the frames that were not, oldest first. */
  takeUnsent(): [id: number, frame: string][] {
    const unsent = [...this.#waiting].filter(([, pending]) => !pending.sent);
    return unsent.map(([id, pending]) => {
      pending.sent = true;
      return [id, pending.frame];
    });
  }

  /** The connection is gone: what may be repeated is unsent again, the rest is given up and returned. */
  connectionLost(): number[] {
    const lost = this.#giveUp((pending) => pending.sent && !REPEATABLE[pending.method]);
    for (const pending of this.#waiting.values()) {
      pending.sent = false;
    }
    return lost;
  }

  /** Gives up what is overdue. */
  overdue(now: number): number[] {
    return this.#giveUp((pending) => pending.until <= now);
  }

  /** Gives up everything. */
  all(): number[] {
    return this.#giveUp(() => true);
  }

  /** When the next one is overdue. */
  nextOverdue(): number | undefined {
    // The order of adding is that of the deadlines, because every request gets the same time.
    return this.#waiting.values().next().value?.until;
  }

  #giveUp(which: (pending: Pending) => boolean): number[] {
    const ids = [...this.#waiting].filter(([, pending]) => which(pending)).map(([id]) => id);
    for (const id of ids) {
      this.#waiting.delete(id);
    }
    return ids;
  }
}

/**
 * Whether sending a command a second time is sure to have no second effect.
 *
 * Reads have none; invites and messages carry their idempotency key; the server gives the same device its first reply again on
 * cancel, accept and reject; reading marks only move forward.
 */
export const REPEATABLE: Readonly<Record<Method, boolean>> = {
  "session.open": false,
  "session.ack": false,
  "session.close": false,
  "signaling.invite": true,
  "signaling.inviteInGroup": true,
  "signaling.cancel": true,
  "signaling.accept": true,
  "signaling.reject": true,
  "signaling.modify": false,
  "signaling.get": true,
  "signaling.listOpen": true,
  "message.send": true,
  "message.history": true,
  "message.revoke": false,
  "message.markRead": true,
  "message.receipts": true,
  "conversation.list": true,
  "group.create": false,
  "group.join": false,
  "group.quit": false,
  "group.dismiss": false,
  "group.addMembers": false,
  "group.removeMembers": false,
  "group.members": true,
  "group.info": true,
  "group.setInfo": false,
  "group.setRole": false,
  "group.list": true,
  "user.get": true,
  "user.setProfile": false,
  "user.block": false,
  "user.unblock": false,
  "user.listBlocked": true,
};

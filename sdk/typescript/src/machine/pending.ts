import type { AnyEvent } from "../events.js";
import type { Method } from "../wire/index.js";
import type { Command } from "./acts.js";
import { replyIn } from "./answered.js";
import type { Outcome } from "./heard.js";

/** A command without its reply. */
export interface Pending extends Command {
  /** Given up then. */
  readonly until: number;
  sent: boolean;
  /** The result, as far as the event of the command says it; the reply is still awaited for the rest. */
  carriedOut?: object;
}

/** All commands without their reply, in the order they were given. */
export class Requests {
  readonly #waiting = new Map<number, Pending>();

  get size(): number {
    return this.#waiting.size;
  }

  add(id: number, command: Command, until: number): void {
    this.#waiting.set(id, { ...command, until, sent: false });
  }

  /** The command that was waiting for this reply; it waits no more. */
  settle(id: number): Pending | undefined {
    const pending = this.#waiting.get(id);
    this.#waiting.delete(id);
    return pending;
  }

  /** Completes the command that made this event, if it still waits for its reply; not `wholly` when only the reply says everything. */
  answeredBy(event: AnyEvent, deviceID: string, wholly: boolean): { request: number; outcome?: Outcome } | undefined {
    if (event.self === true) {
      for (const [request, command] of this.#waiting) {
        const result = replyIn(event, command, deviceID);
        if (result !== undefined && wholly) {
          this.#waiting.delete(request);
          return { request, outcome: { result } };
        }
        if (result !== undefined) {
          command.carriedOut = result;
          return { request };
        }
      }
    }
    return undefined;
  }

  /** Marks everything as sent and gives what was not, oldest first. */
  takeUnsent(): [id: number, command: Command][] {
    const unsent = [...this.#waiting].filter(([, pending]) => !pending.sent);
    for (const [, pending] of unsent) {
      pending.sent = true;
    }
    return unsent;
  }

  /** The connection is gone: what may be repeated is unsent again, the rest is given up and returned. */
  connectionLost(): [number, Pending][] {
    const lost = this.#giveUp((pending) => pending.sent && !mayRepeat(pending.method));
    for (const pending of this.#waiting.values()) {
      pending.sent = false;
    }
    return lost;
  }

  /** Whether a request is still waited for then: by the app until it gives it up, by the machine itself without end. */
  waitsAt(id: number, time: number): boolean {
    return time < (this.#waiting.get(id)?.until ?? Infinity);
  }

  /** Gives up what is overdue. */
  overdue(now: number): [number, Pending][] {
    return this.#giveUp((pending) => pending.until <= now);
  }

  /** Gives up everything. */
  all(): [number, Pending][] {
    return this.#giveUp(() => true);
  }

  /** When the next one is overdue. */
  nextOverdue(): number | undefined {
    // The order of adding is that of the deadlines, because every request gets the same time.
    return this.#waiting.values().next().value?.until;
  }

  #giveUp(which: (pending: Pending) => boolean): [number, Pending][] {
    const given = [...this.#waiting].filter(([, pending]) => which(pending));
    for (const [id] of given) {
      this.#waiting.delete(id);
    }
    return given;
  }
}

/**
 * Commands that are sure to have no second effect when they are sent a second time, because they are known again. Invites and messages
 * carry their idempotency key; the server gives the same device its first reply again on cancel, accept and reject; a device rings once
 * for an invitation, and silences it once; whoever joins or leaves a call twice has done it once; reading marks only move forward; a device has one
 * registration for pushes.
 */
const KNOWN_AGAIN: readonly Method[] = [
  "signaling.invite",
  "signaling.inviteInGroup",
  "signaling.cancel",
  "signaling.accept",
  "signaling.reject",
  "signaling.ringing",
  "signaling.silence",
  "call.join",
  "call.hangUp",
  "call.markSeen",
  "message.send",
  "message.markRead",
  "push.register",
  "push.unregister",
];

/**
 * Commands that change nothing, and so may be sent a second time, too; `user.watch` changes what this session is told, and that is the same
 * the second time. By the word after the dot, because all their names would be the part of the core that is said most often.
 */
const READS = /\.(get|list|history|receipts|members|info|attributes|onlineCount|watch|settings)/;

/** Whether a command may be sent a second time. */
export function mayRepeat(method: Method): boolean {
  return isRead(method) || KNOWN_AGAIN.includes(method);
}

/** Whether a command changes nothing. */
export function isRead(method: string): boolean {
  return READS.test(method);
}

import { WigwagError } from "@wigwag/sdk";
import { Store } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";

/** A message to the user about something that no other part of the page shows. */
export interface Notice {
  readonly key: TextKey;
  readonly message: string;
}

/** The newest notice, until the user dismisses it. */
export class Notices {
  readonly current = new Store<Notice | undefined>(undefined);

  /** Carries out an action of the user, and returns whether it succeeded. A WigwagError becomes a notice. */
  async attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      this.current.set(undefined);
      await action();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof WigwagError)) {
        throw thrown;
      }
      this.current.set({ key: troubleOf(thrown.reason), message: thrown.message });
      return false;
    }
  }

  /** Tells the user what is in the way, if it is, and returns whether nothing was. */
  unless(hindered: boolean, key: TextKey): boolean {
    this.current.set(hindered ? { key, message: "" } : undefined);
    return !hindered;
  }
}

/** The text that explains the `reason` of a refusal. */
export function troubleOf(reason: string): TextKey {
  switch (reason) {
    case "unknownUser":
    case "blocked":
    case "rateLimited":
    case "unknownGroup":
    case "groupIDTaken":
    case "groupFull":
    case "tooManyInCall":
      return `trouble.${reason}`;
    case "groupRateLimited":
    case "overloaded":
    case "tooManyOpenInvitations":
    case "tooManyOpenInGroup":
    case "tooManyOpenForPair":
    case "tooManyOpenForInvitee":
      return "trouble.rateLimited";
    case "requestTimeout":
    case "connectionLost":
    case "storeUnavailable":
      return "trouble.connection";
    case "settled":
    case "timedOut":
    case "cancelled":
    case "unknown":
      return "trouble.late";
    default:
      return "trouble.other";
  }
}

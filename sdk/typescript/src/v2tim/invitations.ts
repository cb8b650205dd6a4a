import { pendingOf } from "../book/change.js";
import type { Wigwag } from "../client.js";
import type { KnownEvent } from "../events.js";
import { Newest } from "../newest.js";
import { isOldSignal, ringing } from "../oldSignal.js";
import type { CallLink } from "../wire/index.js";
import { Listeners } from "./listeners.js";
import type { Session } from "./session.js";

/** Told what happens to invitations. Every callback is optional. */
export interface V2TimSignalingListener {
  /**
   * Somebody is invited; after a login also for each open invitation that waits for one's answer. In a group every member is told:
   * look whether you are in `inviteeList`. `groupID` is empty one-to-one. `remainingMs` is besides what Tencent's tells: how long it
   * still rings by the server's clock; undefined without a deadline.
   */
  onReceiveNewInvitation?: (
    inviteID: string,
    inviter: string,
    groupID: string,
    inviteeList: string[],
    data: string,
    remainingMs: number | undefined,
  ) => void;
  /** An invitee accepted; oneself, when it was on another device. In a group every member is told. */
  onInviteeAccepted?: (inviteID: string, invitee: string, data: string) => void;
  /** An invitee rejected, or left the group; oneself, when it was on another device. In a group every member is told. */
  onInviteeRejected?: (inviteID: string, invitee: string, data: string) => void;
  /** The inviter took it back, left the group or dismissed it. */
  onInvitationCancelled?: (inviteID: string, inviter: string, data: string) => void;
  /** The deadline passed; once, with everybody who had not answered. Comes at the deadline also while this device is offline. */
  onInvitationTimeout?: (inviteID: string, inviteeList: string[]) => void;
  /** Its data was replaced. */
  onInvitationModified?: (inviteID: string, data: string) => void;
  /**
   * Somebody left the call that the invitation led into; `userID` is empty when it ended by itself, and `endReason` until it is over. Tencent's has no
   * such callback: its invitations lead into no call of the server's.
   */
  onCallHungUp?: (inviteID: string, userID: string, endReason: string) => void;
}

/** Ten times what one inviter may have open at once by the server's default. */
const MOST = 1_000;

/** Tells what happens to invitations. What is open is the client's to know; remembered is only what was told, so that none rings twice. */
export class Invitations {
  readonly listeners = new Listeners<V2TimSignalingListener>([
    "onReceiveNewInvitation",
    "onInviteeAccepted",
    "onInviteeRejected",
    "onInvitationCancelled",
    "onInvitationTimeout",
    "onInvitationModified",
    "onCallHungUp",
  ]);
  /** Those that rang, or have no reason to. What others answer does not count: the invitation may go on waiting for this user. */
  readonly #told = new Newest<true>(MOST);
  /** Those that ended here by themselves: the server's timeout is no news to the app. */
  readonly #over = new Newest<true>(MOST);
  /** Under which inviteID the app knows a call, by callID: that which rang here, of several into one call. */
  readonly #calls = new Newest<string>(MOST);
  /** Server time of the login, ms. */
  #signedInAt = 0;

  constructor(session: Session) {
    session.tells({
      // A login is a new start: what is open rings, also when it did before.
      begins: () => {
        this.#told.clear();
        this.#over.clear();
        this.#calls.clear();
        this.#signedInAt = 0;
      },
      state: (state) => {
        // Later ones are those of the same login.
        this.#signedInAt ||= state.status === "open" ? state.serverTime : 0;
      },
      event: (event, userID) => this.#event(event, userID),
      open: (client, userID) => this.#open(client, userID),
      ringOver: (invitation) => {
        this.#over.set(invitation.inviteID, true);
        this.listeners.tell("onInvitationTimeout", invitation.inviteID, pendingOf(invitation));
      },
    });
  }

  /** Whether something was told of it. */
  told(inviteID: string): boolean {
    return this.#told.has(inviteID);
  }

  /** What waits for this user rings, unless it has. */
  #open(client: Wigwag, userID: string): void {
    const waiting = client.invitations.open().filter((view) => pendingOf(view).includes(userID));
    for (const view of ringing(waiting, this.#signedInAt)) {
      this.#ring({ ...view, inviteeList: view.invitees.map((invitee) => invitee.userID) }, userID);
    }
  }

  #event(event: KnownEvent, userID: string): void {
    switch (event.type) {
      case "invitation.received":
        return this.#ring({ ...event, createdAt: event.time }, userID);
      case "invitation.accepted":
        return this.listeners.tell("onInviteeAccepted", event.inviteID, event.invitee, event.data);
      case "invitation.rejected":
        return this.listeners.tell("onInviteeRejected", event.inviteID, event.invitee, event.data);
      case "invitation.silenced":
        // There is no word for it: the ring ends as if another device had rejected it.
        return this.listeners.tell("onInviteeRejected", event.inviteID, userID, "");
      case "invitation.cancelled":
        if (event.stillOpen && !event.inviteeList.includes(userID)) {
          return;
        }
        return this.listeners.tell("onInvitationCancelled", event.inviteID, event.inviter, event.data);
      case "invitation.timedOut":
        return this.#over.has(event.inviteID)
          ? undefined
          : this.listeners.tell("onInvitationTimeout", event.inviteID, [...event.inviteeList]);
      case "invitation.modified":
        return this.listeners.tell("onInvitationModified", event.inviteID, event.data);
      case "call.hungUp":
        return this.#hungUp(event.callID, event.userID, event.endReason);
      case "call.ended":
        return this.#hungUp(event.callID, "", event.endReason);
    }
  }

  #hungUp(callID: string, userID: string, endReason = ""): void {
    this.listeners.tell("onCallHungUp", this.#calls.get(callID) ?? callID, userID, endReason);
  }

  /** One's own invitation, from another device, does not ring, nor does an old message, nor what is to make no sound. */
  #ring(ringing: Ringing, userID: string): void {
    const { inviteID, inviter, groupID = "", inviteeList, data, remainingMs, call } = ringing;
    if (call !== undefined && (inviteeList.includes(userID) || !this.#calls.has(call.callID))) {
      this.#calls.set(call.callID, inviteID);
    }
    if (!this.#told.has(inviteID)) {
      this.#told.set(inviteID, true);
      if (inviter !== userID && !ringing.quiet && !isOldSignal(ringing, this.#signedInAt)) {
        this.listeners.tell("onReceiveNewInvitation", inviteID, inviter, groupID, [...inviteeList], data, remainingMs);
      }
    }
  }
}

/** What makes a device ring. */
interface Ringing {
  readonly inviteID: string;
  readonly inviter: string;
  readonly groupID?: string;
  readonly inviteeList: readonly string[];
  readonly data: string;
  /** Seconds; 0 = no deadline. */
  readonly timeout: number;
  /** Server time, ms. */
  readonly createdAt: number;
  readonly remainingMs?: number;
  readonly quiet?: boolean;
  readonly call?: CallLink;
}

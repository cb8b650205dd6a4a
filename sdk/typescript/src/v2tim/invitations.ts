import type { EventOf, KnownEvent } from "../events.js";
import type { InvitationView } from "../wire/index.js";
import { Listeners } from "./listeners.js";
import { Newest } from "./newest.js";
import type { Session } from "./session.js";

/** Told what happens to invitations. Every callback is optional. */
export interface V2TimSignalingListener {
  /**
   * Somebody is invited; after a login also for each open invitation that waits for one's answer. In a group every member is told:
   * look whether you are in `inviteeList`. `groupID` is empty one-to-one.
   */
  onReceiveNewInvitation?: (inviteID: string, inviter: string, groupID: string, inviteeList: string[], data: string) => void;
  /** An invitee accepted; oneself, when it was on another device. In a group every member is told. */
  onInviteeAccepted?: (inviteID: string, invitee: string, data: string) => void;
  /** An invitee rejected, or left the group; oneself, when it was on another device. In a group every member is told. */
  onInviteeRejected?: (inviteID: string, invitee: string, data: string) => void;
  /** The inviter took it back, left the group or dismissed it. */
  onInvitationCancelled?: (inviteID: string, inviter: string, data: string) => void;
  /** The deadline passed; once, with everybody who had not answered. */
  onInvitationTimeout?: (inviteID: string, inviteeList: string[]) => void;
  /** Its data was replaced. */
  onInvitationModified?: (inviteID: string, data: string) => void;
}

/** What a client remembers of an invitation. */
export interface Invitation {
  readonly inviter: string;
  /** Empty one-to-one. */
  readonly groupID: string;
  /** Who has not answered yet. */
  readonly pending: string[];
}

/** Ten times what one inviter may have open at once by the server's default. */
const MOST = 1_000;

/**
 * The invitations that this client has heard of, and who is told of them. They are remembered so that none rings twice, and one's own
 * actions can be told with everything that belongs to them.
 */
export class Invitations {
  readonly listeners = new Listeners<V2TimSignalingListener>([
    "onReceiveNewInvitation",
    "onInviteeAccepted",
    "onInviteeRejected",
    "onInvitationCancelled",
    "onInvitationTimeout",
    "onInvitationModified",
  ]);
  readonly #known = new Newest<Invitation>(MOST);
  /** Those that have rung, or have no reason to. */
  readonly #rung = new Newest<true>(MOST);

  constructor(session: Session) {
    session.tells({
      begins: () => this.#begins(),
      event: (event, userID) => this.#event(event, userID),
      open: (invitations, userID) => this.#open(invitations, userID),
    });
  }

  get(inviteID: string): Invitation | undefined {
    return this.#known.get(inviteID);
  }

  /** Takes note of one's own. */
  made(inviteID: string, invitation: Invitation): void {
    this.#known.set(inviteID, invitation);
    this.#rung.set(inviteID, true);
  }

  /** One's own that was refused. */
  drop(inviteID: string): void {
    this.#known.delete(inviteID);
  }

  /** Takes note of one that the server showed, unless it is known: what is known is as new, or newer. */
  shown({ inviteID, inviter, groupID = "", invitees }: InvitationView): void {
    const pending = invitees.filter(({ state }) => state === "pending").map(({ userID }) => userID);
    this.#note(inviteID, { inviter, groupID, pending });
  }

  /** These are pending no more. */
  settle(inviteID: string, userIDs: readonly string[]): void {
    const invitation = this.#known.get(inviteID);
    if (invitation !== undefined) {
      const pending = invitation.pending.filter((userID) => !userIDs.includes(userID));
      this.#known.set(inviteID, { ...invitation, pending });
    }
  }

  /** A login is a new start: what is open rings, also when it did before. */
  #begins(): void {
    this.#known.clear();
    this.#rung.clear();
  }

  /** What waits for this user rings, unless it has. */
  #open(invitations: readonly InvitationView[], userID: string): void {
    for (const view of invitations) {
      this.shown(view);
      if (this.#known.get(view.inviteID)?.pending.includes(userID)) {
        this.#ring({ ...view, inviteeList: view.invitees.map((invitee) => invitee.userID) }, userID);
      }
    }
  }

  #event(event: KnownEvent, userID: string): void {
    switch (event.type) {
      case "invitation.received":
        return this.#received(event, userID);
      case "invitation.accepted":
        this.settle(event.inviteID, [event.invitee]);
        return this.listeners.tell("onInviteeAccepted", event.inviteID, event.invitee, event.data);
      case "invitation.rejected":
        this.settle(event.inviteID, [event.invitee]);
        return this.listeners.tell("onInviteeRejected", event.inviteID, event.invitee, event.data);
      case "invitation.cancelled":
        this.#closed(event);
        return this.listeners.tell("onInvitationCancelled", event.inviteID, event.inviter, event.data);
      case "invitation.timedOut":
        this.#closed(event);
        return this.listeners.tell("onInvitationTimeout", event.inviteID, [...event.inviteeList]);
      case "invitation.modified":
        return this.listeners.tell("onInvitationModified", event.inviteID, event.data);
    }
  }

  #received(event: EventOf<"invitation.received">, userID: string): void {
    const { inviteID, inviter, groupID = "", inviteeList } = event;
    this.#note(inviteID, { inviter, groupID, pending: [...inviteeList] });
    this.#ring(event, userID);
  }

  /** Also one that was never heard of: a list of what was open, read a moment before, must not make it ring. */
  #closed({ inviteID, inviter, groupID = "" }: EventOf<"invitation.cancelled" | "invitation.timedOut">): void {
    this.#known.set(inviteID, { inviter, groupID, pending: [] });
  }

  /** One's own invitation, from another device, does not ring. */
  #ring({ inviteID, inviter, groupID = "", inviteeList, data }: Ringing, userID: string): void {
    if (!this.#rung.has(inviteID)) {
      this.#rung.set(inviteID, true);
      if (inviter !== userID) {
        this.listeners.tell("onReceiveNewInvitation", inviteID, inviter, groupID, [...inviteeList], data);
      }
    }
  }

  #note(inviteID: string, invitation: Invitation): void {
    if (!this.#known.has(inviteID)) {
      this.#known.set(inviteID, invitation);
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
}

import { newID } from "../ids.js";
import type {
  Acted,
  Answer,
  Cancel,
  Done,
  Get,
  Got,
  Invite,
  InviteInGroup,
  ListOpen,
  Modify,
  OpenList,
  Ringing,
  Silence,
} from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller } from "./caller.js";

/** The reply to an invitation that is on its way, with its inviteID at once: events may carry it before the reply is here. */
export type Inviting = Promise<Acted> & { readonly inviteID: string };

/** Invitations. Who wins a race, and who is told, is in docs/semantics.md. */
export class Signaling extends Area {
  readonly #call: Caller;

  constructor(call: Caller) {
    super("signaling", call);
    this.#call = call;
  }

  /**
   * Invites one user; rings for `timeout` seconds, 30 by default, 0 = until it is settled. Without an inviteID one is made here,
   * so that the invitation can be sent again safely when the connection is lost.
   */
  invite(invite: Invite): Inviting {
    return this.#inviting("signaling.invite", invite);
  }

  /** Invites some members of a group; like `invite`. The reply names in `ignoredInvitees` those who were left out. */
  inviteInGroup(invite: InviteInGroup): Inviting {
    return this.#inviting("signaling.inviteInGroup", invite);
  }

  /** Accepts an invitation. Refused with 8010 when somebody or something was faster; `outcome` says who. */
  declare readonly accept: (answer: Answer) => Promise<Acted>;

  /** Rejects an invitation. Refused with 8010 when somebody or something was faster; `outcome` says who. */
  declare readonly reject: (answer: Answer) => Promise<Acted>;

  /**
   * Takes one's invitation back: from everybody who is pending, or with `inviteeList` from these alone. Refused with 8010 when none
   * of them is pending, 8011 unless one is the inviter.
   */
  declare readonly cancel: (cancel: Cancel) => Promise<Acted>;

  /** Replaces an invitation's data. Not repeated after a lost connection. */
  declare readonly modify: (modify: Modify) => Promise<Acted>;

  /** Says that this device shows a ring to its user, where the inviter wants to know (`progress` in `invitation.received`). */
  declare readonly ringing: (ring: Ringing) => Promise<Done>;

  /**
   * Stops the ring on all one's own devices, and answers nothing: for the inviter it rings on. A device that only stops ringing by itself
   * needs no server for it.
   */
  declare readonly silence: (silence: Silence) => Promise<Done>;

  /** Reads one invitation, open or ended. With `next` in the reply, more answers follow: give it as `after`. */
  declare readonly get: (get: Get) => Promise<Got>;

  /** Pages through the open invitations one is concerned with, oldest first. `client.invitations` has them all without asking. */
  declare readonly listOpen: (page?: ListOpen) => Promise<OpenList>;

  #inviting(method: "signaling.invite" | "signaling.inviteInGroup", invite: Invite | InviteInGroup): Inviting {
    const { inviteID = newID() } = invite ?? {};
    return Object.assign(this.#call(method, { ...invite, inviteID }), { inviteID });
  }
}

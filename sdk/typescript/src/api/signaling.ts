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
} from "../wire/index.js";
import type { Caller } from "./caller.js";

/** The reply to an invitation that is on its way, with its inviteID at once: events may carry it before the reply is here. */
export type Inviting = Promise<Acted> & { readonly inviteID: string };

/** Invitations. Who wins a race, and who is told, is in docs/semantics.md. */
export class Signaling {
  readonly #call: Caller;

  constructor(call: Caller) {
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
  accept(answer: Answer): Promise<Acted> {
    return this.#call("signaling.accept", answer);
  }

  /** Rejects an invitation. Refused with 8010 when somebody or something was faster; `outcome` says who. */
  reject(answer: Answer): Promise<Acted> {
    return this.#call("signaling.reject", answer);
  }

  /**
   * Takes one's invitation back: from everybody who is pending, or with `inviteeList` from these alone. Refused with 8010 when none
   * of them is pending, 8011 unless one is the inviter.
   */
  cancel(cancel: Cancel): Promise<Acted> {
    return this.#call("signaling.cancel", cancel);
  }

  /** Replaces an invitation's data. Not repeated after a lost connection. */
  modify(modify: Modify): Promise<Acted> {
    return this.#call("signaling.modify", modify);
  }

  /** Says that this device shows a ring to its user, where the inviter wants to know (`progress` in `invitation.received`). */
  ringing(ring: Ringing): Promise<Done> {
    return this.#call("signaling.ringing", ring);
  }

  /** Reads one invitation, open or ended. With `next` in the reply, more answers follow: give it as `after`. */
  get(get: Get): Promise<Got> {
    return this.#call("signaling.get", get);
  }

  /** Pages through the open invitations one is concerned with, oldest first. `client.invitations` has them all without asking. */
  listOpen(page: ListOpen = {}): Promise<OpenList> {
    return this.#call("signaling.listOpen", page);
  }

  #inviting(method: "signaling.invite" | "signaling.inviteInGroup", invite: Invite | InviteInGroup): Inviting {
    const { inviteID = newID() } = invite ?? {};
    return Object.assign(this.#call(method, { ...invite, inviteID }), { inviteID });
  }
}

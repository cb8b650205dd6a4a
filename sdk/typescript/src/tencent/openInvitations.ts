import type { SpokenEvent } from "../signalingText.js";
import type { InvitationView, UserId } from "../wire/index.js";

/** What is kept of an open invitation: enough to say of an answer whom it answers, and not to ring twice. */
export interface OpenInvitation {
  readonly inviteID: string;
  readonly inviter: UserId;
  /** "" one-to-one. */
  readonly groupID: string;
  readonly data: string;
  readonly pending: readonly UserId[];
  /** Whether the app was told of it, or made it. */
  readonly told: boolean;
}

/** The open invitations that this device knows of. What is settled is forgotten: the server remembers it. */
export class OpenInvitations {
  #open = new Map<string, OpenInvitation>();

  get(inviteID: string): OpenInvitation | undefined {
    return this.#open.get(inviteID);
  }

  set(invitation: OpenInvitation): void {
    this.#open.set(invitation.inviteID, invitation);
  }

  delete(inviteID: string): void {
    this.#open.delete(inviteID);
  }

  clear(): void {
    this.#open.clear();
  }

  /** Somebody answered, or nobody did in time. */
  settled(inviteID: string, users: readonly UserId[]): void {
    const invitation = this.#open.get(inviteID);
    const pending = invitation?.pending.filter((user) => !users.includes(user)) ?? [];
    if (invitation === undefined || pending.length === 0) {
      this.#open.delete(inviteID);
    } else {
      this.#open.set(inviteID, { ...invitation, pending });
    }
  }

  heard(event: SpokenEvent): void {
    switch (event.type) {
      case "invitation.received": {
        const { inviteID, inviter, groupID = "", data, inviteeList: pending } = event;
        return this.set({ inviteID, inviter, groupID, data, pending, told: true });
      }
      case "invitation.accepted":
      case "invitation.rejected":
        return this.settled(event.inviteID, [event.invitee]);
      case "invitation.cancelled":
        return this.delete(event.inviteID);
      case "invitation.timedOut":
        return this.settled(event.inviteID, event.inviteeList);
    }
  }

  modified(inviteID: string, data: string): void {
    const invitation = this.#open.get(inviteID);
    if (invitation !== undefined) {
      this.#open.set(inviteID, { ...invitation, data });
    }
  }

  /** The server says what is open now; gives what was told to the app and is over. */
  replace(views: readonly InvitationView[]): OpenInvitation[] {
    const before = this.#open;
    this.#open = new Map(
      views.map((view) => {
        const told = before.get(view.inviteID)?.told ?? false;
        return [view.inviteID, { ...openInvitation(view), told }];
      }),
    );
    return [...before.values()].filter(({ inviteID, told }) => told && !this.#open.has(inviteID));
  }

  /** What waits for this user's answer and was not told to the app; it counts as told from now on. */
  takeUntold(me: UserId): OpenInvitation[] {
    const untold = [...this.#open.values()].filter(({ told, pending }) => !told && pending.includes(me));
    for (const invitation of untold) {
      this.set({ ...invitation, told: true });
    }
    return untold;
  }
}

/** An invitation as the server shows it. */
export function openInvitation({ inviteID, inviter, groupID = "", data, invitees }: InvitationView): OpenInvitation {
  const pending = invitees.filter(({ state }) => state === "pending").map(({ userID }) => userID);
  return { inviteID, inviter, groupID, data, pending, told: false };
}

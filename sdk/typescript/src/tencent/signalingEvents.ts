import type { Wigwag } from "../client.js";
import { messageOf, type SpokenEvent, type SpokenEventType, spokenBy } from "../signalingText.js";
import type { InvitationView, UserId } from "../wire/index.js";
import type { Part } from "./account.js";
import { TSignaling } from "./constants.js";
import type { Listeners } from "./listeners.js";
import type { Messages } from "./messages.js";
import type { OpenInvitation, OpenInvitations } from "./openInvitations.js";

const SPOKEN: readonly SpokenEventType[] = [
  "invitation.received",
  "invitation.accepted",
  "invitation.rejected",
  "invitation.cancelled",
  "invitation.timedOut",
];

/** What happens to invitations, for `addSignalingListener` and as messages for `MESSAGE_RECEIVED`. */
export class SignalingEvents implements Part {
  readonly #listeners: Listeners;
  readonly #messages: Messages;
  readonly #open: OpenInvitations;
  #me: UserId = "";
  /** The stream itself said what is open. */
  #told = false;

  constructor(listeners: Listeners, messages: Messages, open: OpenInvitations) {
    this.#listeners = listeners;
    this.#messages = messages;
    this.#open = open;
  }

  begins(client: Wigwag, me: UserId): void {
    this.#me = me;
    this.#told = false;
    for (const type of SPOKEN) {
      client.on(type, (event) => this.#heard(event));
    }
    client.on("invitation.modified", ({ inviteID, data }) => {
      this.#open.modified(inviteID, data);
      this.#listeners.emit(TSignaling.INVITATION_MODIFIED, { inviteID, data });
    });
    client.on("resync", ({ openInvitations, why }) => this.#replaced(openInvitations, why === "cursorTooOld"));
  }

  async opened(openInvitations: InvitationView[]): Promise<void> {
    if (!this.#told) {
      this.#open.replace(openInvitations);
    }
  }

  /** Invitations that were open at the login ring when the app is ready for them. */
  ready(): void {
    for (const invitation of this.#open.takeUntold(this.#me)) {
      this.#ring(invitation);
    }
  }

  ends(): void {
    this.#open.clear();
  }

  #heard(event: SpokenEvent): void {
    this.#open.heard(event);
    const message = this.#messages.tell(messageOf(spokenBy(event)));
    const { inviteID, inviter, groupID = "", data } = event;
    const common = { inviteID, inviter, groupID, data };
    switch (event.type) {
      case "invitation.received":
        return this.#listeners.emit(TSignaling.NEW_INVITATION_RECEIVED, { ...common, inviteeList: event.inviteeList });
      case "invitation.accepted":
        return this.#listeners.emit(TSignaling.INVITEE_ACCEPTED, { ...common, invitee: event.invitee });
      case "invitation.rejected":
        return this.#listeners.emit(TSignaling.INVITEE_REJECTED, { ...common, invitee: event.invitee });
      case "invitation.cancelled":
        return this.#listeners.emit(TSignaling.INVITATION_CANCELLED, common);
      case "invitation.timedOut": {
        const { inviteeList } = event;
        // Of two clients who are online it is the invitee's that says so at Tencent's; here the server says it to both.
        const isSelfTimeout = inviteeList.includes(this.#me);
        const timedOut = { ...common, inviteeList, isSelfTimeout, ...(isSelfTimeout ? { message } : {}) };
        return this.#listeners.emit(TSignaling.INVITATION_TIMEOUT, timedOut);
      }
    }
  }

  /** `gap`: events are missing, in a session that the app knows. */
  #replaced(views: InvitationView[], gap: boolean): void {
    this.#told = true;
    const over = this.#open.replace(views);
    if (!gap) {
      return;
    }
    // How they ended was in an event that is no longer kept; that they are over is what a ringing screen must know.
    for (const { inviteID, inviter, groupID } of over) {
      this.#listeners.emit(TSignaling.INVITATION_CANCELLED, { inviteID, inviter, groupID, data: "" });
    }
    this.ready();
  }

  #ring({ inviteID, inviter, groupID, data, pending }: OpenInvitation): void {
    const invitation = { inviteID, inviter, groupID, data, inviteeList: [...pending] };
    this.#listeners.emit(TSignaling.NEW_INVITATION_RECEIVED, invitation);
  }
}

import { pendingOf } from "../book/change.js";
import type { Wigwag } from "../client.js";
import type { AnyEvent, EventOf } from "../events.js";
import { Newest } from "../newest.js";
import { isOldSignal, ringing } from "../oldSignal.js";
import { pageRooms } from "../pageRooms.js";
import { present } from "../present.js";
import { ACTION_OF, messageOf, type SpokenEvent, type SpokenEventType, spokenBy } from "../signalingText.js";
import type { Acted, CallLink, InvitationView, MessagePlace, UserId } from "../wire/index.js";
import type { Part } from "./account.js";
import { TSignaling } from "./constants.js";
import type { Listeners } from "./listeners.js";
import type { Messages } from "./messages.js";
import type { Message } from "./shapes.js";
import { shared } from "./shared.js";

/** As many as the client knows of open ones. */
const MOST_TOLD = 1_000;

/** Without a `userID` the call ended by itself; with an `endReason` it is over. */
type HungUp = Pick<EventOf<"call.hungUp">, "callID" | "roomID" | "durationMs" | "endReason"> & { readonly userID?: UserId };

/** Who is told of an invitation in a group: all members, as Tencent documents it; or whom it concerns, as Tencent's web package does it. */
export type GroupSignaling = "members" | "invitees";

/** The choices there are. */
export const GROUP_SIGNALING: readonly GroupSignaling[] = ["members", "invitees"];

/** What happens to invitations, for `addSignalingListener` and as messages for `MESSAGE_RECEIVED`. */
export class SignalingEvents implements Part {
  readonly #listeners: Listeners;
  readonly #messages: Messages;
  readonly #groupSignaling: GroupSignaling | undefined;
  /** Of this login. */
  #toInviteesOnly = false;
  /** Open invitations that the app was told of, or made. */
  readonly #told = new Newest<true>(MOST_TOLD);
  /** Invitations of this page. */
  readonly #made = new Newest<true>(MOST_TOLD);
  /** Invitations that ended here by themselves: the server's timeout is no news to the app. */
  readonly #over = new Newest<true>(MOST_TOLD);
  /** Under which inviteID the app knows a call, by callID: that which rang here, of several into one call. */
  readonly #calls = new Newest<string>(MOST_TOLD);
  #me: UserId = "";
  /** Server time of the login, ms. */
  #signedInAt = 0;
  #client: Wigwag | undefined;

  constructor(listeners: Listeners, messages: Messages, groupSignaling?: GroupSignaling) {
    this.#listeners = listeners;
    this.#messages = messages;
    this.#groupSignaling = groupSignaling;
  }

  begins(client: Wigwag, me: UserId): void {
    this.#me = me;
    this.#client = client;
    this.#signedInAt = 0;
    this.#toInviteesOnly = (this.#groupSignaling ?? shared.groupSignaling) === "invitees";
    client.on("state", (state) => {
      // Later ones are those of the same login.
      this.#signedInAt ||= state.status === "open" ? state.serverTime : 0;
    });
    client.on("event", (event) => this.#follow(event), { ownActs: true });
    for (const type of Object.keys(ACTION_OF) as SpokenEventType[]) {
      client.on(type, (event) => this.#heard(event));
    }
    client.on("invitation.modified", ({ inviteID, data, message }) => {
      this.#listeners.emit(TSignaling.INVITATION_MODIFIED, { inviteID, data });
      const view = this.#view(inviteID);
      if (view !== undefined) {
        this.modified(view, message);
      }
    });
    client.on("invitation.progress", ({ inviteID, invitee, device, step }) => {
      this.#listeners.emit(TSignaling.INVITATION_PROGRESS, { inviteID, invitee, step, ...device });
    });
    // Another device has silenced it, for which there is no word: the ring ends here as if that had rejected it.
    client.on("invitation.silenced", ({ inviteID }) => {
      this.#listeners.emit(TSignaling.INVITEE_REJECTED, { ...this.#overFor(inviteID), invitee: this.#me });
    });
    client.on("call.hungUp", (event) => this.#hungUp(event));
    client.on("call.ended", (event) => this.#hungUp(event));
    client.on("ringOver", ({ inviteID }) => this.#endsItself(this.#view(inviteID)));
    client.on("resync", ({ why }) => (why === "cursorTooOld" ? this.#missed() : undefined));
  }

  /** Invitations that were open at the login ring when the app is ready for them, unless they are old messages. */
  ready(): void {
    const waiting = this.#client?.invitations.open().filter((view) => pendingOf(view).includes(this.#me)) ?? [];
    for (const invitation of ringing(waiting, this.#signedInAt)) {
      if (!this.#told.has(invitation.inviteID)) {
        this.#told.set(invitation.inviteID, true);
        this.#ring(invitation);
      }
    }
  }

  /** The message of an invitation says something else from now on. */
  modified(view: InvitationView, message: MessagePlace | undefined): Message {
    const inviteeList = view.invitees.map(({ userID }) => userID);
    const said = { ...view, type: "invitation.received", inviteeList, time: view.createdAt, message };
    return this.#messages.modified(messageOf(spokenBy(said as unknown as SpokenEvent)));
  }

  /** The reply to this page's invite named people who are in a call: an engine is told so by their answers. */
  foundBusy({ inviteID, call }: Acted): void {
    const groupID = this.#view(inviteID)?.groupID ?? "";
    for (const invitee of call?.busyLineUserIDList ?? []) {
      const answer = { inviteID, inviter: this.#me, groupID, invitee, data: pageRooms.media?.busyData(call as CallLink) ?? "" };
      // The engine knows the inviteID once the promise of its invite has resolved.
      setTimeout(() => this.#listeners.emit(TSignaling.INVITEE_REJECTED, answer), 0);
    }
  }

  ends(): void {
    this.#client = undefined;
    this.#told.clear();
    this.#made.clear();
    this.#over.clear();
    this.#calls.clear();
  }

  #follow({ type, inviteID, groupID, own }: AnyEvent): void {
    if (type === "invitation.received" && this.#concerns(String(inviteID), groupID)) {
      this.#told.set(String(inviteID), true);
      if (own === true) {
        this.#made.set(String(inviteID), true);
      }
    } else if (type.startsWith("invitation.") && !this.#isOpen(String(inviteID))) {
      this.#told.delete(String(inviteID));
    }
  }

  #heard(event: SpokenEvent): void {
    if (event.type === "invitation.received" && this.#isSilent(event)) {
      return;
    }
    const data = wordsOf(event.data, this.#view(event.inviteID)?.call);
    const message = this.#messages.shape(messageOf(spokenBy({ ...event, data })));
    // At Tencent's the page's own timeout is a message that it sends: none comes to it.
    const isOwn = this.#isOwnTimeout(event) && this.#messages.sends(event.inviteID, message);
    if (this.#concerns(event.inviteID, event.groupID)) {
      this.#signal(event, message, isOwn);
    }
    if (!isOwn) {
      this.#messages.tell(message);
    }
  }

  /** Whether it is this page that says so at Tencent's: it invites somebody who is not there. */
  #isOwnTimeout(event: SpokenEvent): boolean {
    const { type, inviteID } = event;
    return (
      type === "invitation.timedOut" && event.inviteeOffline === true && this.#made.has(inviteID) && !this.#over.has(inviteID)
    );
  }

  /** Tells what happened, before the message that says the same. */
  #signal(event: SpokenEvent, message: Message, isOwn: boolean): void {
    const { inviteID } = event;
    const common = saidOf({ ...event, call: this.#view(inviteID)?.call });
    switch (event.type) {
      case "invitation.received":
        this.#leadsTo(event.call, inviteID, event.inviteeList);
        return this.#listeners.emit(TSignaling.NEW_INVITATION_RECEIVED, {
          ...common,
          inviteeList: event.inviteeList,
          ...present({ remainingMs: event.remainingMs }),
        });
      case "invitation.accepted":
        return this.#listeners.emit(TSignaling.INVITEE_ACCEPTED, { ...common, invitee: event.invitee });
      case "invitation.rejected":
        return this.#listeners.emit(TSignaling.INVITEE_REJECTED, { ...common, invitee: event.invitee });
      case "invitation.cancelled":
        // There is no event for a cancel of others, after which the invitation goes on.
        if (event.stillOpen && !event.inviteeList.includes(this.#me)) {
          return;
        }
        return this.#listeners.emit(TSignaling.INVITATION_CANCELLED, common);
      case "invitation.timedOut": {
        const { inviteeList } = event;
        if (this.#over.has(inviteID)) {
          return;
        }
        // Of two clients who are online it is the invitee's that says so at Tencent's; here the server says it to both.
        const isSelfTimeout = isOwn || inviteeList.includes(this.#me);
        const timedOut = { ...common, inviteeList, isSelfTimeout, ...(isSelfTimeout ? { message } : {}) };
        return this.#listeners.emit(TSignaling.INVITATION_TIMEOUT, timedOut);
      }
    }
  }

  /** Somebody has left a call, or it ended by itself. */
  #hungUp({ callID, roomID, userID, endReason, durationMs }: HungUp): void {
    const inviteID = this.#calls.get(callID) ?? callID;
    this.#listeners.emit(TSignaling.CALL_HUNG_UP, { inviteID, roomID, durationMs, ...present({ userID, endReason }) });
  }

  /** The deadline passed while this client was offline. */
  #endsItself(invitation: InvitationView | undefined): void {
    if (invitation !== undefined) {
      const inviteeList = pendingOf(invitation);
      this.#over.set(invitation.inviteID, true);
      const isSelfTimeout = inviteeList.includes(this.#me);
      this.#listeners.emit(TSignaling.INVITATION_TIMEOUT, { ...saidOf(invitation), inviteeList, isSelfTimeout });
    }
  }

  /** Events are missing. How an invitation ended was in one of them; that it is over is what a ringing screen must know. */
  #missed(): void {
    for (const inviteID of this.#told.keys()) {
      if (!this.#isOpen(inviteID)) {
        this.#told.delete(inviteID);
        this.#listeners.emit(TSignaling.INVITATION_CANCELLED, this.#overFor(inviteID));
      }
    }
    this.ready();
  }

  /** Whether the app is told of an invitation otherwise than by its message. Of a group's that is not known, nobody here was invited. */
  #concerns(inviteID: string, groupID: unknown): boolean {
    if (!this.#toInviteesOnly || groupID === undefined) {
      return true;
    }
    const invitation = this.#view(inviteID);
    return invitation?.inviter === this.#me || invitation?.invitees.some(({ userID }) => userID === this.#me) === true;
  }

  /**
   * From another device of one's own, answered already because one is in a call, to make no sound, or an old message. Told as a message it would ring in
   * packages that speak signaling in messages.
   */
  #isSilent({ inviter, timeout, time: createdAt, busyLineUserIDList, quiet }: EventOf<"invitation.received">): boolean {
    const isAnswered = busyLineUserIDList?.includes(this.#me) === true;
    return inviter === this.#me || isAnswered || quiet === true || isOldSignal({ timeout, createdAt }, this.#signedInAt);
  }

  #view(inviteID: string): InvitationView | undefined {
    return this.#client?.invitations.get(inviteID);
  }

  /** What is said of an invitation that rings no more, for whatever reason. */
  #overFor(inviteID: string) {
    return saidOf({ inviter: "", ...this.#view(inviteID), inviteID, data: "" });
  }

  #isOpen(inviteID: string): boolean {
    return this.#view(inviteID)?.status === "open";
  }

  #leadsTo(call: CallLink | undefined, inviteID: string, inviteeList: readonly UserId[]): void {
    if (call !== undefined && (inviteeList.includes(this.#me) || !this.#calls.has(call.callID))) {
      this.#calls.set(call.callID, inviteID);
    }
  }

  #ring(invitation: InvitationView): void {
    this.#leadsTo(invitation.call, invitation.inviteID, [this.#me]);
    const { remainingMs } = invitation;
    const ringing = { ...saidOf(invitation), inviteeList: pendingOf(invitation), ...present({ remainingMs }) };
    this.#listeners.emit(TSignaling.NEW_INVITATION_RECEIVED, ringing);
  }
}

/** What every event about an invitation says of it. */
function saidOf({ inviteID, inviter, groupID = "", data, call }: Spoken) {
  return { inviteID, inviter, groupID, data: wordsOf(data, call) };
}

/** In words that the call engine of this page understands, where it has one. */
function wordsOf(data: string, call: CallLink | undefined): string {
  return pageRooms.media?.dataFor(data, call) ?? data;
}

/** As much of an invitation, or of an event about one. */
interface Spoken extends Pick<InvitationView, "inviteID" | "inviter" | "data"> {
  readonly groupID?: string | undefined;
  readonly call?: CallLink | undefined;
}

import { invited, pendingOf } from "../book/change.js";
import type { Wigwag } from "../client.js";
import type { AnyEvent, EventOf, KnownEvent } from "../events.js";
import { Newest } from "../newest.js";
import { isOldSignal, ringing } from "../oldSignal.js";
import type { CallView, InvitationView } from "../wire/index.js";
import type { InOrder } from "./inOrder.js";
import type { Lookup } from "./lookup.js";
import { NO_DEVICE, opensItsCall, type ParticipantInfo, type RtcInvite, ringingInvite, rtcInvite } from "./shapes.js";

/** What somebody did about an invitation. */
export interface InvitationTold {
  /** Who acts. */
  userID: string;
  /** About what. */
  invitation: RtcInvite;
  /** Push settings are not told. */
  offlinePushInfo: Record<string, never>;
}

/** The same, with who they are. */
export interface InvitationToldBy extends InvitationTold {
  /** Who acts. */
  participant: ParticipantInfo;
}

/** An answer. */
export interface InvitationAnswered extends InvitationToldBy {
  /** On which platform they answered. */
  opUserPlatformID: number;
}

/** Who is in the room of a group's call now. */
export interface RoomTold {
  /** The group. */
  groupID: string;
  /** The invitation that opened the call. */
  invitation: RtcInvite | null;
  /** Everybody who is in. */
  participant: ParticipantInfo[];
}

/** The call events of OpenIM, and the `data` of each. */
export interface CallEventMap {
  /** Somebody calls. Comes to every device of an invitee; never to other members of a group. */
  OnReceiveNewInvitation: InvitationToldBy;
  /** An invitee accepted. Comes to every device of the inviter. */
  OnInviteeAccepted: InvitationAnswered;
  /** An invitee rejected. Comes to every device of the inviter. */
  OnInviteeRejected: InvitationAnswered;
  /** One accepted on another device. */
  OnInviteeAcceptedByOtherDevice: InvitationAnswered;
  /** One rejected on another device. */
  OnInviteeRejectedByOtherDevice: InvitationAnswered;
  /** The call was taken back, or is over for another reason. Comes to those for whom it rang. */
  OnInvitationCancelled: InvitationToldBy;
  /** Nobody answered in time. Comes to the inviter and to those who were silent, once, also while they are offline. */
  OnInvitationTimeout: InvitationToldBy & {
    /** Who has not answered. */
    timeoutUserIDList: string[];
  };
  /** Somebody left the call. Comes to the others in it. */
  OnHangUp: InvitationTold;
  /** Somebody came into a group's call. Comes to every member of the group. */
  OnRoomParticipantConnected: RoomTold;
  /** Somebody left a group's call. Comes to every member of the group. */
  OnRoomParticipantDisconnected: RoomTold;
  /** Somebody in the call sent a signal of the app's own. Comes to the others in it. */
  OnReceiveCustomSignal: {
    /** Where. */
    roomID: string;
    /** The app's own text. */
    customInfo: string;
  };
}

/** The name of a call event. */
export type CallEventName = keyof CallEventMap;

/** The name of an event about who is in a room. */
type RoomEventName = "OnRoomParticipantConnected" | "OnRoomParticipantDisconnected";

/** Raises an event at the app. */
export type Raise = <N extends CallEventName>(name: N, data: CallEventMap[N]) => void;

/** The user who is told, and what telling takes. */
export interface Viewer {
  readonly client: Wigwag;
  /** Who is signed in. */
  readonly me: string;
  readonly lookup: Lookup;
  readonly order: InOrder;
}

/** As many as the client knows of open ones. */
const MOST_TOLD = 1_000;

/** The events of a user's stream that calls make, in OpenIM's words, in their order. */
export class CallEvents {
  readonly #client: Wigwag;
  readonly #me: string;
  readonly #lookup: Lookup;
  readonly #raise: Raise;
  readonly #order: InOrder;
  /** Invitations that were told, or made, and may still be open. */
  readonly #told = new Newest<true>(MOST_TOLD);
  /** Invitations that ended here by themselves: the server's timeout is no news to the app. */
  readonly #over = new Newest<true>(MOST_TOLD);
  /** Server time of the first sign-in, ms. */
  #signedInAt = 0;

  constructor({ client, me, lookup, order }: Viewer, raise: Raise) {
    this.#client = client;
    this.#me = me;
    this.#lookup = lookup;
    this.#order = order;
    this.#raise = (name, data) => (order.hasEnded ? undefined : raise(name, data));
    client.on("state", (state) => {
      this.#signedInAt ||= state.status === "open" ? state.serverTime : 0;
    });
    client.on("event", (event) => this.#heard(event), { ownActs: true });
    client.on("ringOver", ({ inviteID }) => this.#order.after(() => this.#ringOver(inviteID)));
    client.on("resync", ({ why }) => (why === "cursorTooOld" ? this.#order.after(() => this.#missed()) : undefined));
  }

  /** What waits for this user rings, unless it does already. To be called when the client is connected. */
  ringWaiting(): void {
    const waiting = this.#client.invitations.open().filter((view) => pendingOf(view).includes(this.#me));
    for (const view of ringing(waiting, this.#signedInAt)) {
      if (!this.#told.has(view.inviteID)) {
        this.#told.set(view.inviteID, true);
        void this.#order.after(() => this.#ring(view));
      }
    }
  }

  /** This device came into a call, or left it, which no event tells it. */
  moved(callID: string, name: RoomEventName): void {
    void this.#order.after(() => this.#room(callID, name));
  }

  /** Events count as taken over when they were told. */
  #heard(event: AnyEvent): Promise<void> {
    if (event.type === "invitation.received") {
      this.#told.set(String(event.inviteID), true);
    }
    return this.#order.after(() => this.#tell(event as unknown as KnownEvent));
  }

  async #tell(event: KnownEvent): Promise<void> {
    switch (event.type) {
      case "invitation.received":
        return this.#received(event);
      case "invitation.accepted":
        return this.#answered(event, "OnInviteeAccepted");
      case "invitation.rejected":
        return this.#answered(event, "OnInviteeRejected");
      case "invitation.silenced":
        return this.#silenced(event);
      case "invitation.cancelled":
        return this.#cancelled(event);
      case "invitation.timedOut":
        return this.#timedOut(event);
      case "call.joined":
        return this.#room(event.callID, "OnRoomParticipantConnected");
      case "call.declined":
        return event.endReason === undefined ? undefined : this.#emptied(event);
      case "call.hungUp":
        return this.#hungUp(event);
      case "call.ended":
        return this.#ended(event);
      case "call.signal":
        return this.#raise("OnReceiveCustomSignal", { roomID: event.roomID, customInfo: event.data });
    }
  }

  /** It rings for invitees alone. All members of a group learn that its call has begun. */
  async #received(event: EventOf<"invitation.received">): Promise<void> {
    const view = invited(event);
    const isOld = isOldSignal(view, this.#signedInAt);
    if (view.inviter !== this.#me && !isOld && !view.quiet && pendingOf(view).includes(this.#me)) {
      await this.#ring(view);
    }
    if (opensItsCall(view)) {
      await this.#room(view.inviteID, "OnRoomParticipantConnected");
    }
  }

  async #ring(view: InvitationView): Promise<void> {
    const invitation = ringingInvite(view);
    if (invitation !== undefined) {
      this.#raise("OnReceiveNewInvitation", await this.#byInviter(view, invitation));
    }
  }

  async #answered(
    event: EventOf<"invitation.accepted" | "invitation.rejected">,
    name: "OnInviteeAccepted" | "OnInviteeRejected",
  ): Promise<void> {
    const { inviteID, inviter, invitee, reason, device } = event;
    if (event.own || (inviter !== this.#me && invitee !== this.#me)) {
      return;
    }
    const view = await this.#lookup.invitation(inviteID);
    const invitation = rtcInvite(view);
    if (invitation === undefined) {
      return;
    }
    if (invitee === this.#me && reason !== undefined) {
      // Whoever leaves the group before they answer rings no more.
      return this.#raise("OnInvitationCancelled", await this.#byInviter(view, invitation));
    }
    this.#raise(inviter === this.#me ? name : `${name}ByOtherDevice`, {
      ...told(invitee, invitation),
      opUserPlatformID: device?.platform ?? NO_DEVICE,
      participant: await this.#lookup.person(invitee, view.groupID),
    });
  }

  /** There is no word for it: the ring ends as if another device had rejected it. */
  async #silenced({ inviteID, device }: EventOf<"invitation.silenced">): Promise<void> {
    const view = await this.#lookup.invitation(inviteID);
    const invitation = rtcInvite(view);
    if (invitation !== undefined) {
      this.#raise("OnInviteeRejectedByOtherDevice", {
        ...told(this.#me, invitation),
        opUserPlatformID: device?.platform ?? NO_DEVICE,
        participant: await this.#lookup.person(this.#me, view.groupID),
      });
    }
  }

  /** Told to those for whom it rang, and to an inviter who did not take it back themselves. */
  async #cancelled({ inviteID, inviter, inviteeList, reason }: EventOf<"invitation.cancelled">): Promise<void> {
    const byRules = inviter === this.#me && reason !== undefined;
    if (byRules || inviteeList.includes(this.#me)) {
      await this.#cancel(await this.#lookup.invitation(inviteID));
    }
  }

  async #cancel(view: InvitationView): Promise<void> {
    this.#told.delete(view.inviteID);
    const invitation = rtcInvite(view);
    if (invitation !== undefined) {
      this.#raise("OnInvitationCancelled", await this.#byInviter(view, invitation));
    }
  }

  async #timedOut({ inviteID, inviter, inviteeList }: EventOf<"invitation.timedOut">): Promise<void> {
    if (!this.#over.has(inviteID) && (inviter === this.#me || inviteeList.includes(this.#me))) {
      await this.#timeOut(await this.#lookup.invitation(inviteID), inviteeList);
    }
  }

  async #timeOut(view: InvitationView, silent: readonly string[]): Promise<void> {
    this.#told.delete(view.inviteID);
    const invitation = rtcInvite(view);
    if (invitation !== undefined) {
      const timedOut = { ...(await this.#byInviter(view, invitation)), timeoutUserIDList: [...silent] };
      this.#raise("OnInvitationTimeout", timedOut);
    }
  }

  /** The deadline passed while this client was offline. */
  async #ringOver(inviteID: string): Promise<void> {
    const view = this.#client.invitations.get(inviteID);
    const silent = view === undefined ? [] : pendingOf(view);
    if (view !== undefined && (view.inviter === this.#me || silent.includes(this.#me))) {
      this.#over.set(inviteID, true);
      const invitation = rtcInvite(view);
      const { inviter: userID } = view;
      // Nobody can be asked who that is.
      const participant = { userInfo: { userID }, groupInfo: {}, groupMemberInfo: {} };
      if (invitation !== undefined) {
        this.#raise("OnInvitationTimeout", { ...told(userID, invitation), participant, timeoutUserIDList: silent });
      }
    }
  }

  /** Events are missing. How an invitation ended was in one of them; that it is over is what a ringing screen must know. */
  async #missed(): Promise<void> {
    for (const inviteID of this.#told.keys()) {
      const view = this.#client.invitations.get(inviteID);
      if (view?.status !== "open") {
        this.#told.delete(inviteID);
        await (view && this.#cancel(view));
      }
    }
    this.ringWaiting();
  }

  async #hungUp(event: EventOf<"call.hungUp">): Promise<void> {
    const call = await this.#lookup.call(event.callID);
    if (call !== undefined && event.userID !== this.#me && this.#isConcerned(call)) {
      await this.#hangUp(call, event.userID);
    }
    await this.#room(event.callID, "OnRoomParticipantDisconnected");
  }

  /** The call of a dismissed group is over for everybody in it. */
  async #ended(event: EventOf<"call.ended">): Promise<void> {
    const call = await this.#lookup.call(event.callID);
    if (call !== undefined && this.#isConcerned(call)) {
      await this.#hangUp(call, call.caller);
    }
    await this.#emptied(event);
  }

  async #hangUp({ callID }: CallView, by: string): Promise<void> {
    const invitation = await this.#lookup.rtcInvite(callID);
    if (invitation !== undefined) {
      this.#raise("OnHangUp", told(by, invitation));
    }
  }

  /** Whether this user is in the call, or was until it ended. */
  #isConcerned({ people }: CallView): boolean {
    const { state, reason } = people.find(({ userID }) => userID === this.#me) ?? {};
    return state === "joined" || (state === "left" && reason === "callEnded");
  }

  /** Who is in the room of a group's call now. In a call to people who are all busy nobody ever is. */
  async #room(callID: string, name: RoomEventName): Promise<void> {
    const call = await this.#lookup.call(callID);
    const isInside = call?.people.some(({ state }) => state === "joined");
    if (call?.groupID !== undefined && (isInside || name === "OnRoomParticipantDisconnected")) {
      const [invitation = null, participant] = await Promise.all([this.#lookup.rtcInvite(callID), this.#lookup.inRoom(call)]);
      this.#raise(name, { groupID: call.groupID, invitation, participant });
    }
  }

  /** A group's call is over, so nobody is in its room. */
  async #emptied({ callID, groupID }: EventOf<"call.declined" | "call.ended">): Promise<void> {
    if (groupID !== undefined) {
      const invitation = (await this.#lookup.rtcInvite(callID)) ?? null;
      this.#raise("OnRoomParticipantDisconnected", { groupID, invitation, participant: [] });
    }
  }

  async #byInviter({ inviter, groupID }: InvitationView, invitation: RtcInvite): Promise<InvitationToldBy> {
    return { ...told(inviter, invitation), participant: await this.#lookup.person(inviter, groupID) };
  }
}

function told(userID: string, invitation: RtcInvite): InvitationTold {
  return { userID, invitation, offlinePushInfo: {} };
}

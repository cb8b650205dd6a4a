import { pendingOf } from "../book/change.js";
import type { Wigwag } from "../client.js";
import { WigwagError } from "../errors.js";
import { present } from "../present.js";
import type { Acted, CallView, InvitationView, PersonState, PersonView, Reason } from "../wire/index.js";
import type { CallEvents, Viewer } from "./callEvents.js";
import { CODE, OpenIMError, refused, wrong } from "./codes.js";
import type { Lookup } from "./lookup.js";
import { type Known, readCalling, readKnown, readText } from "./reading.js";
import {
  type CallingRoomData,
  entered,
  type RtcInviteResults,
  ringingInvite,
  rtcInvite,
  type StartAppInvitation,
} from "./shapes.js";

/** Calls among which the newest matching one is looked for, when an app does not say which room it means. */
const RECENT_CALLS = 20;

/** What an app means by an invitation object. */
type Meant =
  /** A call with a room. */
  | { readonly call: CallView }
  /** An invitation without a call, such as Tencent's packages make, that rings as one. */
  | { readonly bare: InvitationView };

/** What is done about a call that is over succeeds without effect: OpenIM's apps do all three when a call has timed out. */
const OVER: readonly string[] = ["settled", "timedOut", "cancelled", "callEnded"] satisfies Reason[];

/** There is no such call, as far as this user may know. */
const UNKNOWN: readonly string[] = [
  "unknownCall",
  "notInCall",
  "notMember",
  "unknownGroup",
  "invalidParams",
  "invalidParameter",
] satisfies Reason[];

/**
 * What OpenIM's apps ask about calls.
 *
 * An app names a call by its invitation object. Its room and its inviter are compared with what the server knows: an object that was
 * altered finds another call, or none. A cancel looks at its invitees as well: who is left out rings on.
 */
export class CallMethods {
  readonly #client: Wigwag;
  readonly #me: string;
  readonly #lookup: Lookup;
  readonly #events: CallEvents;

  constructor({ client, me, lookup }: Viewer, events: CallEvents) {
    this.#client = client;
    this.#me = me;
    this.#lookup = lookup;
    this.#events = events;
  }

  invite(given: unknown): Promise<RtcInviteResults> {
    return this.#invite(given, false);
  }

  inviteInGroup(given: unknown): Promise<RtcInviteResults> {
    return this.#invite(given, true);
  }

  async accept(given: unknown): Promise<RtcInviteResults> {
    const known = readKnown(given, this.#me);
    const meant = await this.#find(known);
    return "call" in meant ? this.#accept(meant.call, known) : said(await this.#say("accept", meant.bare.inviteID));
  }

  async reject(given: unknown): Promise<object> {
    const known = readKnown(given, this.#me);
    const meant = await this.#find(known);
    if ("bare" in meant) {
      return this.#settleBare(meant.bare, "reject");
    }
    const me = this.#myself(meant.call, "notInvitee");
    if (me.state === "ringing") {
      const inviteID = await this.#myInvitation(me, known);
      return over(this.#say("reject", inviteID));
    }
    checkNamed(meant.call, known);
    return {};
  }

  /** Takes back what this user rings with. An invitee may say so too, of what is over for them. */
  async cancel(given: unknown): Promise<object> {
    const known = readKnown(given, this.#me);
    const meant = await this.#find(known);
    if ("bare" in meant) {
      return this.#settleBare(meant.bare, "cancel", known);
    }
    const me = this.#myself(meant.call, "notParty");
    if (me.state === "ringing") {
      throw refused("notInviter", "only the inviter may cancel: reject it");
    }
    checkNamed(meant.call, known);
    const ringing = meant.call.people.filter(({ state }) => state === "ringing");
    for (const inviteID of new Set(ringing.flatMap((person) => person.inviteID ?? []))) {
      const view = await this.#lookup.invitation(inviteID);
      if (view.inviter === this.#me) {
        await this.#takeBack(view, known);
      }
    }
    return {};
  }

  async hungUp(given: unknown): Promise<object> {
    const known = readKnown(given, this.#me);
    const meant = await this.#find(known);
    if ("bare" in meant) {
      return this.#settleBare(meant.bare, "hungUp");
    }
    const { callID } = meant.call;
    const { state } = this.#myself(meant.call, "notInCall");
    checkNamed(meant.call, known);
    await over(this.#client.calls.hangUp({ callID }));
    if (state === "joined") {
      this.#events.moved(callID, "OnRoomParticipantDisconnected");
    }
    return {};
  }

  /** The running call of a group. */
  async roomOf(given: unknown): Promise<CallingRoomData> {
    const groupID = readText(given, "groupID");
    const call = await unlessUnknown(this.#client.calls.get({ groupID }));
    if (call === undefined) {
      return { groupID, invitation: null, participant: [], roomID: "" };
    }
    const { callID, roomID } = call.call;
    const [invitation = null, participant] = await Promise.all([this.#lookup.rtcInvite(callID), this.#lookup.inRoom(call.call)]);
    return { groupID, invitation, participant, roomID };
  }

  /** A member of the group comes into its call by this, invited or not; somebody who is in gets another token. */
  tokenOf(given: unknown): Promise<RtcInviteResults> {
    return this.#join(readText(given, "roomID"));
  }

  async signal(roomID: unknown, customInfo: unknown): Promise<object> {
    if (typeof customInfo !== "string") {
      throw wrong("customInfo is not a text");
    }
    await this.#client.calls.signal({ roomID: readText(roomID, "roomID"), data: customInfo });
    return {};
  }

  /** The newest invitation that rings this user. */
  startApp(): StartAppInvitation {
    const waiting = this.#client.invitations.open().filter((view) => pendingOf(view).includes(this.#me));
    const newest = waiting.reverse().flatMap((view) => ringingInvite(view) ?? []);
    return { invitation: newest[0] ?? null, offlinePushInfo: {} };
  }

  async #invite(given: unknown, inGroup: boolean): Promise<RtcInviteResults> {
    const { invitees, groupID, roomID, mediaType, data, timeout, offlinePushInfo } = readCalling(given, this.#me, inGroup);
    const invite = present({ call: present({ mediaType, roomID }), data, timeout, offlinePushInfo });
    const { signaling } = this.#client;
    const acted = await (groupID === undefined
      ? signaling.invite({ invitee: invitees[0] ?? "", ...invite })
      : signaling.inviteInGroup({ groupID, inviteeList: invitees, ...invite }));
    const { call, ignoredInvitees = [] } = acted;
    const busy = call?.busyLineUserIDList ?? [];
    if (busy.length > 0 && invitees.every((one) => busy.includes(one) || ignoredInvitees.includes(one))) {
      throw new OpenIMError(CODE.allBusy, "everybody who was invited is in another call", "allBusy");
    }
    return said(acted);
  }

  #find(known: Known): Promise<Meant> {
    return known.roomID === "" ? this.#recent(known) : this.#byRoom(known);
  }

  /** The newest call of the room. A room is used again after its call has ended. */
  async #byRoom({ roomID, groupID, inviter }: Known): Promise<Meant> {
    const { call } = (await unlessUnknown(this.#client.calls.get({ roomID }))) ?? {};
    if (call !== undefined) {
      if (groupID !== undefined && call.groupID !== groupID) {
        throw noCall();
      }
      return { call };
    }
    const bare = await this.#lookup.invitation(roomID).catch(() => undefined);
    if (bare?.inviter !== inviter || bare.call !== undefined || rtcInvite(bare) === undefined) {
      throw noCall();
    }
    return { bare };
  }

  /**
   * The inviter never gets their own invitation back, so in the object that their app made there is no room: the newest call of theirs
   * is meant that has these invitees, or is this group's. One that runs comes first.
   */
  async #recent({ inviter, groupID, invitees }: Known): Promise<Meant> {
    if (inviter !== this.#me) {
      throw wrong("invitation.roomID is empty, which only the inviter may leave out");
    }
    const { calls } = await this.#client.calls.list({ limit: RECENT_CALLS });
    const meant = calls.filter(({ caller, people, ...call }) => {
      const names = people.map(({ userID }) => userID);
      const isWith = groupID !== undefined || invitees.every((one) => names.includes(one));
      return caller === this.#me && call.groupID === groupID && isWith;
    });
    const call = meant.find(({ endedAt }) => endedAt === undefined) ?? meant[0];
    if (call === undefined) {
      throw noCall();
    }
    return { call };
  }

  async #accept(call: CallView, known: Known): Promise<RtcInviteResults> {
    const me = this.#myself(call, "notInvitee");
    if (me.state === "ringing") {
      const inviteID = await this.#myInvitation(me, known);
      return said(await this.#say("accept", inviteID));
    }
    if (me.state === "joined" && known.inviter !== this.#me) {
      // The same answer again, after a reconnect: what is needed to come in is given again.
      await this.#myInvitation(me, known);
      return this.#join(call.roomID);
    }
    throw tooLate(me.state);
  }

  async #join(roomID: string): Promise<RtcInviteResults> {
    const joined = await this.#client.calls.join({ roomID });
    // Absent when this device was in the call already.
    if (joined.cursor !== undefined) {
      this.#events.moved(joined.callID, "OnRoomParticipantConnected");
    }
    return entered(joined);
  }

  #myself({ people }: CallView, reason: Reason): PersonView {
    const me = people.find(({ userID }) => userID === this.#me);
    if (me === undefined) {
      throw refused(reason, "you are not in this call");
    }
    return me;
  }

  /** The invitation that rings or rang this user, when the object names its inviter. */
  async #myInvitation({ inviteID }: PersonView, known: Known): Promise<string> {
    if (inviteID === undefined) {
      throw refused("notInvitee", "nobody has invited you into this call");
    }
    const { inviter } = await this.#lookup.invitation(inviteID);
    if (inviter !== known.inviter) {
      throw noCall();
    }
    return inviteID;
  }

  /** The object usually names everybody who was invited. One that leaves out somebody who rings means the others alone. */
  async #takeBack(view: InvitationView, { invitees }: Pick<Known, "invitees">): Promise<object> {
    const { inviteID } = view;
    const pending = pendingOf(view);
    const named = pending.filter((userID) => invitees.includes(userID));
    if (invitees.length === 0 || named.length === pending.length) {
      return over(this.#say("cancel", inviteID));
    }
    return named.length === 0 ? {} : over(this.#client.signaling.cancel({ inviteID, inviteeList: named }));
  }

  #say(answer: "accept" | "reject" | "cancel", inviteID: string): Promise<Acted> {
    return this.#client.signaling[answer]({ inviteID });
  }

  async #settleBare(
    view: InvitationView,
    act: "reject" | "cancel" | "hungUp",
    meant: Pick<Known, "invitees"> = { invitees: [] },
  ): Promise<object> {
    const { inviteID, inviter, invitees } = view;
    const isPending = pendingOf(view).includes(this.#me);
    if (act !== "cancel" && isPending) {
      return over(this.#say("reject", inviteID));
    }
    if (act !== "reject" && inviter === this.#me) {
      return this.#takeBack(view, meant);
    }
    if (isPending) {
      throw refused("notInviter", "only the inviter may cancel: reject it");
    }
    if (inviter !== this.#me && invitees.every(({ userID }) => userID !== this.#me)) {
      throw refused("notParty", "only the inviter or an invitee may do this");
    }
    return {};
  }
}

/** What the answer to an invite or an accept says. An invitation without a call has no media of this server's. */
function said({ call, inviteID }: Acted): RtcInviteResults {
  return call === undefined ? { token: "", roomID: inviteID, liveURL: "" } : entered(call);
}

/** Whoever the object names as the inviter is somebody of this call. */
function checkNamed({ people }: CallView, { inviter }: Known): void {
  if (people.every(({ userID }) => userID !== inviter)) {
    throw noCall();
  }
}

async function over(acting: Promise<unknown>): Promise<object> {
  try {
    await acting;
  } catch (thrown) {
    if (!(thrown instanceof WigwagError && OVER.includes(thrown.reason))) {
      throw thrown;
    }
  }
  return {};
}

async function unlessUnknown<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof WigwagError && UNKNOWN.includes(thrown.reason)) {
      return undefined;
    }
    throw thrown;
  }
}

function noCall(): OpenIMError {
  return refused("unknownCall", "there is no such call");
}

/** Why whoever stands so in a call cannot accept it any more: the server's number, as OpenIM has none. */
function tooLate(state: PersonState): OpenIMError {
  if (state === "joined") {
    return refused("notInvitee", "only an invitee may do this");
  }
  const words =
    state === "timedOut" ? "it has timed out" : state === "cancelled" ? "it has been cancelled" : "it is settled already";
  return new OpenIMError(8010, words, state === "timedOut" || state === "cancelled" ? state : "settled");
}

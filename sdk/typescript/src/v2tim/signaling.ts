import { encode } from "../check.js";
import { newID } from "../ids.js";
import type { Acted, Invite, InviteInGroup } from "../wire/index.js";
import type { Inbox } from "./inbox.js";
import { Invitations, type V2TimSignalingListener } from "./invitations.js";
import { shown, signalingIn, type V2TimMessage, type V2TimOfflinePushInfo, type V2TimSignalingInfo } from "./message.js";
import {
  answer,
  done,
  failure,
  Refusal,
  type V2TimCallback,
  type V2TimValueCallback,
  wantNumber,
  wantObject,
  wantString,
  wantText,
  wantTexts,
} from "./results.js";
import type { Session } from "./session.js";

/** What `invite` and `inviteInGroup` give: `data` is the inviteID; empty when the invitation was refused. */
export interface V2TimInviteResult extends V2TimValueCallback<string> {
  /** Users left out because they are not members of the group. */
  ignoredInvitees?: string[];
}

/**
 * The result that is on its way, with the inviteID at once: callbacks may carry it before the result is here. It is empty when the
 * parameters are wrong or nobody is signed in.
 */
export type V2TimInviting = Promise<V2TimInviteResult> & { readonly inviteID: string };

/** Seconds, when no timeout is given. */
const DEFAULT_TIMEOUT = 30;

/** Invitations: invite, cancel, accept, reject. Who wins a race, and who is told, is decided by the server. */
export class V2TIMSignalingManager {
  readonly #session: Session;
  readonly #inbox: Inbox;
  readonly #invitations: Invitations;

  /** @internal */
  constructor(session: Session, inbox: Inbox) {
    this.#session = session;
    this.#inbox = inbox;
    this.#invitations = new Invitations(session);
  }

  /** Adds a listener; the same again changes nothing. It stays from login to login. */
  addSignalingListener(listener: V2TimSignalingListener): V2TimCallback {
    return this.#invitations.listeners.add(listener);
  }

  /** Removes a listener; without one, all of them. */
  removeSignalingListener(listener?: V2TimSignalingListener): V2TimCallback {
    return this.#invitations.listeners.remove(listener);
  }

  /**
   * Invites one user.
   *
   * @param timeout seconds; 0 = no deadline and no `onInvitationTimeout`
   * @param onlineUserOnly leaves no message, and reaches only users who are online; the same for all that follows from it
   */
  invite(
    invitee: string,
    data: string,
    timeout: number = DEFAULT_TIMEOUT,
    onlineUserOnly = false,
    offlinePushInfo?: V2TimOfflinePushInfo,
  ): V2TimInviting {
    const push = offlinePushInfo === undefined || offlinePushInfo === null ? {} : { offlinePushInfo };
    return this.#inviting("signaling.invite", { invitee, data, timeout, onlineUserOnly, ...push });
  }

  /**
   * Invites some members of a group. Those who cannot be invited, such as users who are no members, are left out and named in `ignoredInvitees`.
   *
   * @param timeout seconds; 0 = no deadline and no `onInvitationTimeout`
   * @param onlineUserOnly leaves no message, and reaches only users who are online; the same for all that follows from it
   */
  inviteInGroup(
    groupID: string,
    inviteeList: string[],
    data: string,
    timeout: number = DEFAULT_TIMEOUT,
    onlineUserOnly = false,
  ): V2TimInviting {
    return this.#inviting("signaling.inviteInGroup", { groupID, inviteeList, data, timeout, onlineUserOnly });
  }

  /** Takes one's invitation back. Refused with 8010 when nobody is pending any more, 8011 unless one is the inviter. */
  cancel(inviteID: string, data = ""): Promise<V2TimCallback> {
    return done(() => this.#session.client.signaling.cancel({ inviteID, data }));
  }

  /** Accepts an invitation. Refused with 8010 when somebody or something was faster, 8011 unless one is invited. */
  accept(inviteID: string, data = ""): Promise<V2TimCallback> {
    return done(() => this.#session.client.signaling.accept({ inviteID, data }));
  }

  /** Rejects an invitation. Refused with 8010 when somebody or something was faster, 8011 unless one is invited. */
  reject(inviteID: string, data = ""): Promise<V2TimCallback> {
    return done(() => this.#session.client.signaling.reject({ inviteID, data }));
  }

  /** Replaces an invitation's data. Refused with 8010 when it has ended or is for those online only, 8011 unless one has a part in it. */
  modifyInvitation(inviteID: string, data: string): Promise<V2TimCallback> {
    return done(() => this.#session.client.signaling.modify({ inviteID, data }));
  }

  /**
   * Leaves the call that an invitation led into: one that a native, web or OpenIM client made. Not in Tencent's package. Whoever accepted such an
   * invitation counts as busy until they leave its call.
   */
  hangUp(inviteID: string): Promise<V2TimCallback> {
    return done(async () => {
      const { client } = this.#session;
      const { call } = client.invitations.get(inviteID) ?? (await client.signaling.get({ inviteID })).invitation;
      // An invitation that led into no call has none of its name, which the server says.
      return client.calls.hangUp({ callID: call?.callID ?? inviteID });
    });
  }

  /**
   * What a message says about an invitation. `data` is absent when the message is not signaling.
   *
   * @param message a message, or the msgID of one of the newest 1,000 that this client has received, sent or read
   */
  getSignalingInfo(message: string | V2TimMessage): Promise<V2TimValueCallback<V2TimSignalingInfo>> {
    return answer(() => signalingIn(typeof message === "string" ? this.#messageOf(message) : wantMessage(message))).then(
      ({ data, ...result }) => (data === undefined ? result : { ...result, data }),
    );
  }

  /**
   * Makes an invitation known that was told another way, such as by a push. Refused with 8010 when there is no such
   * invitation or it has ended, and with 8012 when it is open and known: after a login all that are open are.
   */
  addInvitedSignaling(info: V2TimSignalingInfo): Promise<V2TimCallback> {
    return done(async () => {
      const inviteID = checkInfo(info);
      const { client } = this.#session;
      const known = client.invitations.get(inviteID);
      const { status } = known ?? (await client.signaling.get({ inviteID })).invitation;
      if (status === "ended") {
        throw new Refusal("ended", "info.inviteID");
      }
      // The client may have forgotten one that was told; what it knows may not have been told yet.
      if (known !== undefined || this.#invitations.told(inviteID)) {
        throw new Refusal("alreadyKnown", "info.inviteID");
      }
    });
  }

  #inviting<M extends keyof Invites>(method: M, params: Invites[M]): V2TimInviting {
    const inviteID = newID();
    try {
      const { client } = this.#session;
      const invite = { ...params, inviteID };
      encode(method, invite);
      const acting = "groupID" in invite ? client.signaling.inviteInGroup(invite) : client.signaling.invite(invite as Invite);
      return Object.assign(this.#invited(acting, inviteID), { inviteID });
    } catch (thrown) {
      return Object.assign(Promise.resolve({ ...failure(thrown), data: "" }), { inviteID: "" });
    }
  }

  async #invited(acting: Promise<Acted>, inviteID: string): Promise<V2TimInviteResult> {
    try {
      const { ignoredInvitees = [] } = await acting;
      return { code: 0, desc: "", data: inviteID, ...(ignoredInvitees.length === 0 ? {} : { ignoredInvitees }) };
    } catch (thrown) {
      const failed = failure(thrown);
      return { ...failed, data: perhapsDone(failed) ? inviteID : "" };
    }
  }

  #messageOf(msgID: string): V2TimMessage {
    const { userID } = this.#session;
    const message = this.#inbox.find(wantText("msgID", msgID));
    if (message === undefined) {
      throw new Refusal("unknownMessage", "msgID");
    }
    return shown(message, userID);
  }
}

interface Invites {
  "signaling.invite": Omit<Invite, "inviteID">;
  "signaling.inviteInGroup": Omit<InviteInGroup, "inviteID">;
}

/** Whether a failed command may have been carried out: then the inviteID is needed to take it back. */
function perhapsDone({ reason }: V2TimCallback): boolean {
  return reason === "requestTimeout" || reason === "connectionLost" || reason === "closed";
}

function wantMessage(message: unknown): V2TimMessage {
  return wantObject("message", message) as V2TimMessage;
}

/** The inviteID of what an app gives as an invitation. */
function checkInfo(given: unknown): string {
  const info = wantObject("info", given);
  wantText("info.inviter", info.inviter);
  wantTexts("info.inviteeList", info.inviteeList);
  wantString("info.groupID", info.groupID ?? "");
  wantString("info.data", info.data ?? "");
  wantNumber("info.timeout", info.timeout ?? 0, 0);
  return wantText("info.inviteID", info.inviteID);
}

import type { Wigwag } from "../client.js";
import { WigwagError } from "../errors.js";
import { newID } from "../ids.js";
import { pageRooms } from "../pageRooms.js";
import { present } from "../present.js";
import { messageOf, readSignalingText, type SpokenEvent, type SpokenEventType, spokenBy } from "../signalingText.js";
import type { Acted, CallWish, InvitationView, SignalingText, UserId } from "../wire/index.js";
import type { Account } from "./account.js";
import { ChatError, CODE, chatError, quiet, type Success } from "./codes.js";
import type { TSignaling } from "./constants.js";
import type { Conversations } from "./conversations.js";
import { callApp } from "./listeners.js";
import { asked, type Params } from "./params.js";
import type { Profiles } from "./profiles.js";
import { type Message, messageShape } from "./shapes.js";
import type { SignalingEvents } from "./signalingEvents.js";

/** What a message says about an invitation, in the shape of Tencent's package. */
export type Signaling = Omit<SignalingText, "onlineUserOnly" | "actionType"> & { actionType: TSignaling };

/** What a call on an invitation resolves with; `message` is the one it left in the conversation. */
export type Invited = Success<{ message: Message }> & { readonly inviteID: string };

/** What `inviteSync` calls when the invitation is made. */
export type OnSuccess = (result: Invited) => unknown;
/** What `inviteSync` calls when it is not: Tencent's number, words for developers, and all that is known. */
export type OnFailure = (code: number, message: string, error: ChatError) => unknown;

/** Texts in an invitation's data by which apps keep its messages out of counts and lists (no option of Tencent's does it). */
const QUIET = /excludeFromHistoryMessage|excludeOriginalSignalingFromHistoryMessage/;
/** What the app calls the fields that the protocol calls otherwise. */
const NAMES = { invitee: "userID" };

/** Invitations: inviting, answering, taking back. Who wins a race is the server's to say (docs/semantics.md). */
export class Invitations {
  readonly #account: Account;
  readonly #profiles: Profiles;
  readonly #conversations: Conversations;
  readonly #events: SignalingEvents;

  constructor(account: Account, profiles: Profiles, conversations: Conversations, events: SignalingEvents) {
    this.#account = account;
    this.#profiles = profiles;
    this.#conversations = conversations;
    this.#events = events;
  }

  invite(options: unknown): Promise<Invited> {
    return asked(options, (params) => this.#begin(oneInvitee, params).reply);
  }

  inviteInGroup(options: unknown): Promise<Invited> {
    return asked(options, (params) => this.#begin(someMembers, params).reply);
  }

  /** Gives the inviteID at once; "" when nothing was sent. */
  inviteSync(options: unknown, onSuccess?: OnSuccess, onFailure?: OnFailure): string {
    return this.#sync(oneInvitee, options, onSuccess, onFailure);
  }

  inviteInGroupSync(options: unknown, onSuccess?: OnSuccess, onFailure?: OnFailure): string {
    return this.#sync(someMembers, options, onSuccess, onFailure);
  }

  cancel(options: unknown): Promise<Invited> {
    return quiet(this.#act(options, "cancel", "invitation.cancelled").catch(asCancelSays));
  }

  accept(options: unknown): Promise<Invited> {
    return this.#act(options, "accept", "invitation.accepted");
  }

  reject(options: unknown): Promise<Invited> {
    return this.#act(options, "reject", "invitation.rejected");
  }

  /** Leaves the call that an invitation led into. */
  hangUp(options: unknown): Promise<Success<object> & { readonly inviteID: string }> {
    return asked(options, async (params) => {
      const inviteID = params.text("inviteID");
      const client = this.#account.client();
      const { call } = await this.#invitation(client, inviteID);
      // An invitation that led into no call has none of its name, which the server says.
      await client.calls.hangUp({ callID: call?.callID ?? inviteID });
      return { code: 0, data: {}, inviteID };
    });
  }

  modifyInvitation(options: unknown): Promise<Invited> {
    return asked(options, async (params) => {
      const inviteID = params.text("inviteID");
      const data = params.optionalText("data") ?? params.text("data");
      const client = this.#account.client();
      const { message } = await client.signaling.modify({ inviteID, data });
      const modified = this.#events.modified({ ...(await this.#invitation(client, inviteID)), data }, message);
      this.#conversations.changed();
      return { code: 0, data: { message: modified }, inviteID };
    });
  }

  /** What a message says about an invitation; null for any other message. */
  getSignalingInfo(message: unknown): Signaling | null {
    const data: unknown = (message as Partial<Message> | undefined)?.payload?.data;
    const text = typeof data === "string" ? readSignalingText(data) : undefined;
    if (text === undefined) {
      return null;
    }
    const { onlineUserOnly, ...signaling } = text;
    return signaling as Signaling;
  }

  #sync(kind: Kind, options: unknown, onSuccess: OnSuccess = () => {}, onFailure: OnFailure = () => {}): string {
    const done = (result: Invited) => callApp("onSuccess", () => onSuccess(result));
    const failed = (error: ChatError) => callApp("onFailure", () => onFailure(error.code, error.message, error));
    let begun: Begun | undefined;
    void asked(options, (params) => {
      begun = this.#begin(kind, params);
      return begun.reply;
    }).then(done, failed);
    return begun?.inviteID ?? "";
  }

  /** Throws when something is wrong before anything is sent. */
  #begin(kind: Kind, params: Params): Begun {
    const client = this.#account.client();
    const whom = kind(params);
    const data = params.optionalText("data") ?? "";
    const timeout = params.optionalCount("timeout") ?? 0;
    const onlineUserOnly = params.optionalBoolean("onlineUserOnly") ?? false;
    const offlinePushInfo = params.optionalObject("offlinePushInfo");
    const inviteID = newID();
    const quiet = QUIET.test(data) ? { excludedFromUnread: true, excludedFromLastMessage: true } : {};
    const call = pageRooms.media?.wishOf(data);
    const progress = params.optionalBoolean("progress");
    const common = present({ inviteID, data, timeout, onlineUserOnly, ...quiet, offlinePushInfo, call, progress });
    const inviting = whom(client, common);
    if (call !== undefined) {
      enters(client, call.roomID, inviting);
    }
    return { inviteID, reply: this.#invited(client, inviting, common) };
  }

  async #invited(client: Wigwag, inviting: Promise<Acted>, { inviteID, data, call }: Common): Promise<Invited> {
    try {
      const acted = await inviting;
      const result = await this.#result(client, "invitation.received", acted, data);
      if (call !== undefined) {
        this.#events.foundBusy(acted);
      }
      return result;
    } catch (thrown) {
      throw thrown instanceof WigwagError ? chatError(thrown, NAMES, { inviteID }) : thrown;
    }
  }

  #act(options: unknown, action: Action, type: SpokenEventType): Promise<Invited> {
    return asked(options, async (params) => {
      const inviteID = params.text("inviteID");
      const data = params.optionalText("data") ?? "";
      const client = this.#account.client();
      const acting = client.signaling[action]({ inviteID, data });
      if (action === "accept") {
        enters(client, undefined, acting);
      }
      return this.#result(client, type, await acting, data);
    });
  }

  async #invitation(client: Wigwag, inviteID: string): Promise<InvitationView> {
    return client.invitations.get(inviteID) ?? (await client.signaling.get({ inviteID })).invitation;
  }

  /** The message that the action left, which others get as an event. */
  async #result(client: Wigwag, type: SpokenEventType, acted: Acted, data: string): Promise<Invited> {
    // Known since the reply; but of a reply that came out of its place in the stream nothing is taken over.
    const view = await this.#invitation(client, acted.inviteID);
    const said = { ...view, ...acted, type, data, invitee: this.#account.me, inviteeList: concerned(type, view) };
    const message = messageShape(messageOf(spokenBy(said as unknown as SpokenEvent)), this.#profiles.viewer);
    this.#conversations.changed();
    return { code: 0, data: { message }, inviteID: acted.inviteID };
  }
}

/** The page's media rooms learn from the reply which call they lead into. */
function enters(client: Wigwag, room: string | undefined, acting: Promise<Acted>): void {
  const reply = acting.then(({ call }) => call);
  reply.catch(() => {});
  pageRooms.media?.enters(client, room, reply);
}

/** Whom an invitation names, or a cancel that was carried out. Pending still is who is cancelled by a reply that came out of its place. */
function concerned(type: SpokenEventType, { invitees }: InvitationView): UserId[] {
  const named =
    type === "invitation.received" ? invitees : invitees.filter(({ state }) => state === "cancelled" || state === "pending");
  return named.map(({ userID }) => userID);
}

/** Tencent's web package has a number of its own for what cannot be taken back. */
function asCancelSays(refusal: ChatError): never {
  const { code, message, data } = refusal;
  throw code === CODE.invalidInviteID ? new ChatError(CODE.invalidCancel, message, data) : refusal;
}

type Action = "cancel" | "accept" | "reject";

/** An invitation that was sent. */
interface Begun {
  readonly inviteID: string;
  readonly reply: Promise<Invited>;
}

/** What every invite says. */
interface Common {
  readonly inviteID: string;
  readonly data: string;
  readonly timeout: number;
  readonly onlineUserOnly: boolean;
  readonly call?: CallWish;
}

/** Reads whom an invitation is for, and gives how it is sent. */
type Kind = (params: Params) => (client: Wigwag, common: Common) => Promise<Acted>;

const oneInvitee: Kind = (params) => {
  const invitee = params.text("userID");
  return (client, common) => client.signaling.invite({ invitee, ...common });
};

const someMembers: Kind = (params) => {
  const groupID = params.text("groupID");
  const inviteeList = params.texts("inviteeList");
  return (client, common) => client.signaling.inviteInGroup({ groupID, inviteeList, ...common });
};

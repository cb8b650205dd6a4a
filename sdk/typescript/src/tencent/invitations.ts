import type { Wigwag } from "../client.js";
import { WigwagError } from "../errors.js";
import { newID } from "../ids.js";
import {
  ACTION,
  messageOf,
  readSignalingText,
  type Part as SignalingPart,
  signalingText,
  spokenInReply,
} from "../signalingText.js";
import type { Acted, SignalingText } from "../wire/index.js";
import type { Account } from "./account.js";
import { answered, type ChatError, chatError, type Success } from "./codes.js";
import type { Conversations } from "./conversations.js";
import { type OpenInvitation, type OpenInvitations, openInvitation } from "./openInvitations.js";
import { present } from "../present.js";
import { Params } from "./params.js";
import type { Profiles } from "./profiles.js";
import { type Message, messageShape } from "./shapes.js";

/** What a message says about an invitation, in the shape of Tencent's package. */
export type Signaling = Omit<SignalingText, "onlineUserOnly">;

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
  readonly #open: OpenInvitations;

  constructor(account: Account, profiles: Profiles, conversations: Conversations, open: OpenInvitations) {
    this.#account = account;
    this.#profiles = profiles;
    this.#conversations = conversations;
    this.#open = open;
  }

  invite(options: unknown): Promise<Invited> {
    return answered(() => this.#begin(oneInvitee, options).reply);
  }

  inviteInGroup(options: unknown): Promise<Invited> {
    return answered(() => this.#begin(someMembers, options).reply);
  }

  /** Gives the inviteID at once; "" when nothing was sent. */
  inviteSync(options: unknown, onSuccess?: OnSuccess, onFailure?: OnFailure): string {
    return this.#sync(oneInvitee, options, onSuccess, onFailure);
  }

  inviteInGroupSync(options: unknown, onSuccess?: OnSuccess, onFailure?: OnFailure): string {
    return this.#sync(someMembers, options, onSuccess, onFailure);
  }

  cancel(options: unknown): Promise<Invited> {
    return this.#act(options, "cancel", ({ pending }) => ({ actionType: ACTION.cancel, inviteeList: [...pending] }));
  }

  accept(options: unknown): Promise<Invited> {
    return this.#act(options, "accept", () => ({ actionType: ACTION.accept, inviteeList: [this.#account.me] }));
  }

  reject(options: unknown): Promise<Invited> {
    return this.#act(options, "reject", () => ({ actionType: ACTION.reject, inviteeList: [this.#account.me] }));
  }

  modifyInvitation(options: unknown): Promise<Success<object> & { readonly inviteID: string }> {
    return answered(async () => {
      const params = new Params(options);
      const inviteID = params.text("inviteID");
      const data = params.optionalText("data") ?? params.text("data");
      await this.#account.client().signaling.modify({ inviteID, data });
      this.#open.modified(inviteID, data);
      return { code: 0, data: {}, inviteID };
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
    return signaling;
  }

  #sync(kind: Kind, options: unknown, onSuccess: OnSuccess = () => {}, onFailure: OnFailure = () => {}): string {
    const failed = (error: ChatError) => onFailure(error.code, error.message, error);
    let begun: Begun | undefined;
    void answered(() => {
      begun = this.#begin(kind, options);
      return begun.reply;
    }).then(onSuccess, failed);
    return begun?.inviteID ?? "";
  }

  /** Throws when something is wrong before anything is sent. */
  #begin(kind: Kind, options: unknown): Begun {
    const client = this.#account.client();
    const { me } = this.#account;
    const params = new Params(options);
    const whom = kind(params);
    const data = params.optionalText("data") ?? "";
    const timeout = params.optionalCount("timeout") ?? 0;
    const onlineUserOnly = params.optionalBoolean("onlineUserOnly") ?? false;
    const offlinePushInfo = params.optionalObject("offlinePushInfo");
    const inviteID = newID();
    const quiet = QUIET.test(data) ? { excludedFromUnread: true, excludedFromLastMessage: true } : {};
    const common = { inviteID, data, timeout, onlineUserOnly, ...quiet, ...present({ offlinePushInfo }) };
    const { groupID = "", inviteeList } = whom;
    this.#open.set({ inviteID, inviter: me, groupID, data, pending: inviteeList, told: true });
    const text = signalingText(
      { inviteID, inviter: me, groupID },
      { actionType: ACTION.invite, inviteeList, data, timeout, onlineUserOnly },
    );
    return { inviteID, reply: this.#invited(whom.send(client, common), text) };
  }

  async #invited(inviting: Promise<Acted>, text: SignalingText): Promise<Invited> {
    try {
      const acted = await inviting;
      const { ignoredInvitees = [] } = acted;
      this.#open.settled(text.inviteID, ignoredInvitees);
      const inviteeList = text.inviteeList.filter((user) => !ignoredInvitees.includes(user));
      return this.#result({ ...text, inviteeList }, acted);
    } catch (thrown) {
      const { inviteID } = text;
      this.#open.delete(inviteID);
      throw thrown instanceof WigwagError ? chatError(thrown, NAMES, { inviteID }) : thrown;
    }
  }

  #act(options: unknown, action: Action, part: (about: OpenInvitation) => SignalingPart): Promise<Invited> {
    return answered(async () => {
      const params = new Params(options);
      const inviteID = params.text("inviteID");
      const data = params.optionalText("data") ?? "";
      const client = this.#account.client();
      const about = await this.#about(client, inviteID);
      const acted = await client.signaling[action]({ inviteID, data });
      const text = signalingText(about, { data, onlineUserOnly: acted.message === undefined, ...part(about) });
      this.#open.settled(inviteID, text.inviteeList);
      return this.#result(text, acted);
    });
  }

  /** The invitation; one that this device was not told of is the server's to know. */
  async #about(client: Wigwag, inviteID: string): Promise<OpenInvitation> {
    return this.#open.get(inviteID) ?? openInvitation((await client.signaling.get({ inviteID })).invitation);
  }

  #result(text: SignalingText, acted: Acted): Invited {
    const { me } = this.#account;
    const message = messageShape(messageOf(spokenInReply(text, me, acted)), this.#profiles.viewer);
    this.#conversations.changed();
    return { code: 0, data: { message }, inviteID: text.inviteID };
  }
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
}

/** Whom an invitation is for, and how it is sent. */
interface Whom {
  readonly groupID?: string;
  readonly inviteeList: string[];
  send(client: Wigwag, common: Common): Promise<Acted>;
}

type Kind = (params: Params) => Whom;

const oneInvitee: Kind = (params) => {
  const invitee = params.text("userID");
  return { inviteeList: [invitee], send: (client, common) => client.signaling.invite({ invitee, ...common }) };
};

const someMembers: Kind = (params) => {
  const groupID = params.text("groupID");
  const inviteeList = params.texts("inviteeList");
  const send: Whom["send"] = (client, common) => client.signaling.inviteInGroup({ groupID, inviteeList, ...common });
  return { groupID, inviteeList, send };
};

import { Account, type CreateOptions, type LoggedIn } from "./account.js";
import { Attributes } from "./attributes.js";
import { ok, type Success } from "./codes.js";
import { EVENT } from "./constants.js";
import { Conversations } from "./conversations.js";
import { callExperimentalAPI } from "./experiments.js";
import { Groups } from "./groups.js";
import { History } from "./history.js";
import { Invitations, type OnFailure, type OnSuccess } from "./invitations.js";
import { type AnyHandler, Listeners } from "./listeners.js";
import { Members } from "./members.js";
import { Messages } from "./messages.js";
import { Notices } from "./notices.js";
import type * as options from "./options.js";
import { Profiles } from "./profiles.js";
import type { Message } from "./shapes.js";
import { SignalingEvents } from "./signalingEvents.js";
import { MADE, Unsupported } from "./unsupported.js";

/**
 * What `TencentCloudChat.create` gives: the calls of Tencent's web package, on one's own server.
 *
 * Calls resolve with `{code: 0, data}` and reject with a ChatError `{code, message, data}`; none throws, and none waits for ever. A
 * rejection that nobody handles is no error of the process. Calls that this server has nothing for reject with 7014.
 */
export class ChatSDK extends Unsupported {
  readonly #listeners = new Listeners();
  readonly #account: Account;
  readonly #conversations: Conversations;

  readonly #destroyed: () => void;

  /** One more chat on this page; `TencentCloudChat.create` gives the same for an SDKAppID. What is wrong with the options, `login` tells. */
  constructor(options: CreateOptions, destroyed: () => void = () => {}) {
    super();
    this.#destroyed = destroyed;
    const listeners = this.#listeners;
    const account = new Account(options, listeners);
    this.#account = account;
    const profiles = account.add(new Profiles(account, listeners));
    const groups = account.add(new Groups(account, listeners, profiles));
    this.#conversations = account.add(new Conversations(account, listeners, profiles, groups));
    const messages = account.add(new Messages(account, listeners, profiles, this.#conversations));
    account.add(new Notices(listeners, profiles, groups));
    const { groupSignaling } = (options as CreateOptions | undefined) ?? {};
    const events = account.add(new SignalingEvents(listeners, messages, groupSignaling));
    for (const [name, type] of Object.entries(MADE)) {
      Object.assign(this, { [`create${name}Message`]: (options: unknown) => messages.create(type, options) });
    }
    pass(this, [
      new Invitations(account, profiles, this.#conversations, events),
      messages,
      new History(account, profiles, this.#conversations, messages),
      this.#conversations,
      groups,
      account.add(new Attributes(account, listeners)),
      new Members(account, profiles, groups),
      profiles,
    ]);
  }

  // Who is signed in.

  /**
   * Signs in with a UserSig (or a JWT). SDK_READY follows. Signed in already as this user: the same again, with `repeatLogin`; a
   * fresh UserSig is used when the one before expires, so that the session goes on.
   */
  login = (options: options.Login): Promise<LoggedIn> => this.#account.login(options);
  /** Signs out; SDK_NOT_READY comes. Listeners stay. */
  logout = (): Promise<Success<object>> => this.#account.logout();
  /** Whether SDK_READY has come, and not SDK_NOT_READY since. */
  isReady = (): boolean => this.#account.ready;
  /** Who is signed in; "" when nobody is. */
  getLoginUser = (): string => this.#account.me;
  /** The server's time, ms; this device's while nobody is signed in, and where the two differ by less than 10 s. */
  getServerTime = (): number => this.#account.serverTime;
  /** Signs out and forgets all listeners. `create` makes another chat from now on. */
  destroy = async (): Promise<Success<object>> => {
    this.#destroyed();
    await this.#account.logout();
    this.#listeners.emit(EVENT.SDK_DESTROY);
    this.#listeners.clear();
    return ok({});
  };
  /** Adds a handler of an event of `TencentCloudChat.EVENT`; it is called with `{name, data}`. */
  on = (name: string, handler: AnyHandler, context?: unknown): void => this.#listeners.on(name, handler, context);
  /** Removes a handler. */
  off = (name: string, handler: AnyHandler, _context?: unknown): void => this.#listeners.off(name, handler);
  /** Taken and not used: this package writes no log; failures are rejections and ERROR events. */
  setLogLevel = (_level: number): void => {};
  /** Taken and not used: there is nothing for a plug-in to do here. */
  registerPlugin = (_plugins: object): void => {};
  /** Taken and not used, as in `@tencentcloud/lite-chat`: what its plug-ins do is in the chat. */
  use = (_plugin: object, _subPlugins?: object[]): void => {};
  /** Answers what call engines and kits ask: every feature is enabled, `canIUseModule` is true (at once, without a promise). */
  callExperimentalAPI = callExperimentalAPI;

  // Invitations.

  /** Adds a handler of an event of `TencentCloudChat.TSignaling`; it is called with `{name, data}`. */
  addSignalingListener = (name: string, handler: AnyHandler, context?: unknown): void =>
    this.#listeners.on(name, handler, context);
  /** Removes a handler. */
  removeSignalingListener = (name: string, handler: AnyHandler, _context?: unknown): void => this.#listeners.off(name, handler);
  /** Invites one user; `timeout` in seconds, 0 (the default, as at Tencent's) = until it is settled. */
  declare readonly invite: (options: options.Invite) => ReturnType<Invitations["invite"]>;
  /** Invites members of a group. Those who are no members are left out. */
  declare readonly inviteInGroup: (options: options.InviteInGroup) => ReturnType<Invitations["inviteInGroup"]>;
  /** Like `invite`, with the inviteID at once; "" when a parameter is wrong or nobody is signed in. */
  declare readonly inviteSync: (
    options: options.Invite,
    onSuccess?: OnSuccess | options.AnyCallback,
    onFailure?: OnFailure | options.AnyCallback,
  ) => string;
  /** Like `inviteInGroup`, with the inviteID at once. */
  declare readonly inviteInGroupSync: (
    options: options.InviteInGroup,
    onSuccess?: OnSuccess | options.AnyCallback,
    onFailure?: OnFailure | options.AnyCallback,
  ) => string;
  /** Takes one's invitation back. 8020 when it is settled or unknown (`data.outcome` says how), 8011 when it is another's. */
  declare readonly cancel: (options: options.Answer) => ReturnType<Invitations["cancel"]>;
  /** Accepts. 8010 when it is settled: `data.reason` and `data.outcome` say by whom, how, and on which device. */
  declare readonly accept: (options: options.Answer) => ReturnType<Invitations["accept"]>;
  /** Rejects; refused like `accept`. */
  declare readonly reject: (options: options.Answer) => ReturnType<Invitations["reject"]>;
  /**
   * Leaves the call that an invitation led into: one that a native, web or OpenIM client made. Not in Tencent's package. The others leave with
   * `TSignaling.CALL_HUNG_UP`: `{inviteID, roomID, userID?, durationMs, endReason?}`; with an `endReason` the call is over.
   */
  declare readonly hangUp: (options: options.Call) => ReturnType<Invitations["hangUp"]>;
  /** Replaces an open invitation's data. */
  declare readonly modifyInvitation: (options: options.ModifyInvitation) => ReturnType<Invitations["modifyInvitation"]>;
  /** What a message says about an invitation; null for any other message. */
  declare readonly getSignalingInfo: (message: Message) => ReturnType<Invitations["getSignalingInfo"]>;

  // Messages.

  /** Makes a text message: `payload: {text}`. */
  declare readonly createTextMessage: (options: options.MakeMessage) => Message;
  /** Makes a custom message: `payload: {data, description?, extension?}`. */
  declare readonly createCustomMessage: (options: options.MakeMessage) => Message;
  /** Makes an emoji message: `payload: {index, data}`. */
  declare readonly createFaceMessage: (options: options.MakeMessage) => Message;
  /** Makes a location message: `payload: {description, latitude, longitude}`. */
  declare readonly createLocationMessage: (options: options.MakeMessage) => Message;
  /** Makes a message that forwards another, `payload`. */
  declare readonly createForwardMessage: (options: options.MakeMessage) => Message;
  /** Makes a text message that mentions users, `payload: {text, atUserList}`; with somebody in the list it cannot be sent (7014). */
  declare readonly createTextAtMessage: (options: options.MakeMessage) => Message;
  /** Makes a message that cannot be sent: `sendMessage` refuses it (7014), because there is no store for files. */
  declare readonly createImageMessage: (options: options.MakeMessage) => Message;
  /** Makes a message that cannot be sent, like `createImageMessage`. */
  declare readonly createAudioMessage: (options: options.MakeMessage) => Message;
  /** Makes a message that cannot be sent, like `createImageMessage`. */
  declare readonly createVideoMessage: (options: options.MakeMessage) => Message;
  /** Makes a message that cannot be sent, like `createImageMessage`. */
  declare readonly createFileMessage: (options: options.MakeMessage) => Message;
  /** Makes a message that cannot be sent: messages are not merged here. */
  declare readonly createMergerMessage: (options: options.MakeMessage) => Message;
  /** Sends a message; the same object is in the result, with its ID, time, sequence and status. */
  declare readonly sendMessage: (message: Message, options?: options.SendMessage) => ReturnType<Messages["sendMessage"]>;
  /** Sends a message that failed once more; it is one message, however often it is sent. */
  declare readonly resendMessage: (message: Message, options?: options.SendMessage) => ReturnType<Messages["resendMessage"]>;
  /** Takes one's own message back, within 2 minutes. */
  declare readonly revokeMessage: (message: Message) => ReturnType<Messages["revokeMessage"]>;
  /** No message: this client keeps none. Read history. */
  findMessage = (_messageID: string): Message | null => null;
  /** A page of history, oldest first; `nextReqMessageID` leads to the page before it. */
  declare readonly getMessageList: (options: options.MessagePage) => ReturnType<History["getMessageList"]>;
  /** A page of history from a sequence on. */
  declare readonly getMessageListHopping: (options: options.MessageHop) => ReturnType<History["getMessageListHopping"]>;

  /** The reactions to messages, of which there are none here: an empty list for each. */
  declare readonly getMessageReactions: (options: options.Messages) => ReturnType<History["getMessageReactions"]>;

  // Conversations.

  /** All conversations, pinned ones first, then newest first; or those named in an array; or those of a `type`. */
  declare readonly getConversationList: (
    options?: string[] | options.ConversationFilter,
  ) => ReturnType<Conversations["getConversationList"]>;
  /** One conversation. */
  declare readonly getConversationProfile: (conversationID: string) => ReturnType<Conversations["getConversationProfile"]>;
  /** Marks all there is in a conversation as read. */
  declare readonly setMessageRead: (options: options.Conversation) => ReturnType<Conversations["setMessageRead"]>;
  /** Marks all conversations as read, or those of a kind. */
  declare readonly setAllMessageRead: (options?: options.ReadAll) => ReturnType<Conversations["setAllMessageRead"]>;
  /** Pins a conversation of the list, or unpins it; at most 50. */
  declare readonly pinConversation: (options: options.PinConversation) => ReturnType<Conversations["pinConversation"]>;
  /** Takes conversations out of the list with what was said in them, for this user alone; the next message brings one back. */
  declare readonly deleteConversation: (
    options: string | options.DeleteConversations,
  ) => ReturnType<Conversations["deleteConversation"]>;
  /** Unread messages in all conversations, as of the last CONVERSATION_LIST_UPDATED. */
  getTotalUnreadMessageCount = (): number => this.#conversations.totalUnread;

  // Groups.

  /** The groups one is in. */
  declare readonly getGroupList: () => ReturnType<Groups["getGroupList"]>;
  /** A group one is in, or that is free to join. */
  declare readonly getGroupProfile: (options: options.Group) => ReturnType<Groups["getGroupProfile"]>;
  /** The same. Others are not found: 10010. */
  declare readonly searchGroupByID: (groupID: string) => ReturnType<Groups["searchGroupByID"]>;
  /** Creates a group and owns it. */
  declare readonly createGroup: (options: options.CreateGroup) => ReturnType<Groups["createGroup"]>;
  /** Joins a group that is free to join. */
  declare readonly joinGroup: (options: options.Group) => ReturnType<Groups["joinGroup"]>;
  /** Leaves a group; an owner hands it over first. */
  declare readonly quitGroup: (groupID: string) => ReturnType<Groups["quitGroup"]>;
  /** Dismisses one's group. */
  declare readonly dismissGroup: (groupID: string) => ReturnType<Groups["dismissGroup"]>;
  /** Changes a group's description. */
  declare readonly updateGroupProfile: (options: options.UpdateGroup) => ReturnType<Groups["updateGroupProfile"]>;
  /** Hands one's group over. */
  declare readonly changeGroupOwner: (options: options.GroupOwner) => ReturnType<Groups["changeGroupOwner"]>;
  /** Makes a member an admin, or an admin a member. */
  declare readonly setGroupMemberRole: (options: options.GroupRole) => ReturnType<Groups["setGroupMemberRole"]>;
  /** A page of the members, in byte order of their userIDs. */
  declare readonly getGroupMemberList: (options: options.MemberPage) => ReturnType<Members["getGroupMemberList"]>;
  /** Some members. */
  declare readonly getGroupMemberProfile: (options: options.GroupUsers) => ReturnType<Members["getGroupMemberProfile"]>;
  /** Adds members. */
  declare readonly addGroupMember: (options: options.GroupUsers) => ReturnType<Members["addGroupMember"]>;
  /** Removes members. */
  declare readonly deleteGroupMember: (options: options.GroupUsers) => ReturnType<Members["deleteGroupMember"]>;
  /** How many members are online; counted at most 5 s ago. */
  declare readonly getGroupOnlineMemberCount: (groupID: string) => ReturnType<Members["getGroupOnlineMemberCount"]>;

  /** Makes these the group's attributes, and deletes all others. */
  declare readonly initGroupAttributes: (options: options.GroupAttributes) => ReturnType<Attributes["initGroupAttributes"]>;
  /** Sets some of a group's attributes. 10056 when somebody else has changed one of them since they were last read or told. */
  declare readonly setGroupAttributes: (options: options.GroupAttributes) => ReturnType<Attributes["setGroupAttributes"]>;
  /** Deletes some of a group's attributes; without keys all. */
  declare readonly deleteGroupAttributes: (
    options: options.GroupAttributeKeys,
  ) => ReturnType<Attributes["deleteGroupAttributes"]>;
  /** Reads some of a group's attributes; without keys all. */
  declare readonly getGroupAttributes: (options: options.GroupAttributeKeys) => ReturnType<Attributes["getGroupAttributes"]>;
  /** Sets some of a group's counters. */
  declare readonly setGroupCounters: (options: options.GroupCounters) => ReturnType<Attributes["setGroupCounters"]>;
  /** Adds to a counter of a group; one that is not there begins at 0. The result has its new value. */
  declare readonly increaseGroupCounter: (options: options.GroupCounterChange) => ReturnType<Attributes["increaseGroupCounter"]>;
  /** Takes from a counter of a group, likewise. */
  declare readonly decreaseGroupCounter: (options: options.GroupCounterChange) => ReturnType<Attributes["decreaseGroupCounter"]>;
  /** Reads some of a group's counters; without keys all. */
  declare readonly getGroupCounters: (options: options.GroupAttributeKeys) => ReturnType<Attributes["getGroupCounters"]>;

  // Users.

  /** One's own profile. */
  declare readonly getMyProfile: () => ReturnType<Profiles["getMyProfile"]>;
  /** The profiles of friends, of whom nobody has any here: each comes in `failureUserIDList`, and `getUserProfile` knows them. */
  declare readonly getFriendProfile: (options: options.Users) => ReturnType<Profiles["getFriendProfile"]>;
  /** Profiles of users; those who do not exist are left out. */
  declare readonly getUserProfile: (options: options.Users) => ReturnType<Profiles["getUserProfile"]>;
  /** Changes one's own profile. */
  declare readonly updateMyProfile: (options: options.UpdateProfile) => ReturnType<Profiles["updateMyProfile"]>;
  /** Whom one has blocked. */
  declare readonly getBlacklist: () => ReturnType<Profiles["getBlacklist"]>;
  /** Blocks users. */
  declare readonly addToBlacklist: (options: options.Users) => ReturnType<Profiles["addToBlacklist"]>;
  /** Unblocks users. */
  declare readonly removeFromBlacklist: (options: options.Users) => ReturnType<Profiles["removeFromBlacklist"]>;
  /**
   * Says something of oneself while one is online, to those who may see that; USER_STATUS_UPDATED comes on one's own devices as well. It ends
   * when one has been gone for some time. 8001 when it is too long.
   */
  declare readonly setSelfStatus: (options: options.OwnStatus) => ReturnType<Profiles["setSelfStatus"]>;
  /** Whether users are online and what they say of themselves, as far as one may know it: of those who know one. */
  declare readonly getUserStatus: (options: options.Users) => ReturnType<Profiles["getUserStatus"]>;
  /** Watches users: USER_STATUS_UPDATED tells of changes. At most 100, while one is signed in. */
  declare readonly subscribeUserStatus: (options: options.Users) => ReturnType<Profiles["subscribeUserStatus"]>;
  /** Watches users no more; without users nobody. */
  declare readonly unsubscribeUserStatus: (options: options.SomeUsers) => ReturnType<Profiles["unsubscribeUserStatus"]>;
}

/**
 * Makes the methods of parts calls of the chat; each is declared there. What parts offer the account and each other are fields and getters.
 */
function pass(chat: ChatSDK, parts: readonly object[]): void {
  for (const part of parts as Record<string, unknown>[]) {
    for (const name of Object.getOwnPropertyNames(part.constructor.prototype)) {
      const method = part[name];
      if (typeof method === "function" && name !== "constructor") {
        Object.assign(chat, { [name]: method.bind(part) });
      }
    }
  }
}

import { Account, type CreateOptions, type LoggedIn } from "./account.js";
import { ok, type Success } from "./codes.js";
import { EVENT, TYPES } from "./constants.js";
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
import { Unsupported } from "./unsupported.js";

/**
 * What `TencentCloudChat.create` gives: the calls of Tencent's web package, on one's own server.
 *
 * Calls resolve with `{code: 0, data}` and reject with a ChatError `{code, message, data}`; none throws, and none waits for ever. A
 * rejection that nobody handles is no error of the process. Calls that this server has nothing for reject with 7014.
 */
export class ChatSDK extends Unsupported {
  readonly #listeners = new Listeners();
  readonly #account: Account;
  readonly #profiles: Profiles;
  readonly #groups: Groups;
  readonly #members: Members;
  readonly #conversations: Conversations;
  readonly #messages: Messages;
  readonly #history: History;
  readonly #invitations: Invitations;

  readonly #destroyed: () => void;

  /** One more chat on this page; `TencentCloudChat.create` gives the same for an SDKAppID. What is wrong with the options, `login` tells. */
  constructor(options: CreateOptions, destroyed: () => void = () => {}) {
    super();
    this.#destroyed = destroyed;
    const listeners = this.#listeners;
    const account = new Account(options, listeners);
    this.#account = account;
    this.#profiles = account.add(new Profiles(account, listeners));
    this.#groups = account.add(new Groups(account, listeners, this.#profiles));
    this.#members = new Members(account, this.#profiles, this.#groups);
    this.#conversations = account.add(new Conversations(account, listeners, this.#profiles, this.#groups));
    this.#messages = account.add(new Messages(account, listeners, this.#profiles, this.#conversations));
    this.#history = new History(account, this.#profiles, this.#conversations, this.#messages);
    account.add(new Notices(listeners, this.#profiles, this.#groups));
    const { groupSignaling } = (options as CreateOptions | undefined) ?? {};
    const events = account.add(new SignalingEvents(listeners, this.#messages, groupSignaling));
    this.#invitations = new Invitations(account, this.#profiles, this.#conversations, events);
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
  invite = (options: options.Invite) => this.#invitations.invite(options);
  /** Invites members of a group. Those who are no members are left out. */
  inviteInGroup = (options: options.InviteInGroup) => this.#invitations.inviteInGroup(options);
  /** Like `invite`, with the inviteID at once; "" when a parameter is wrong or nobody is signed in. */
  inviteSync = (
    options: options.Invite,
    onSuccess?: OnSuccess | options.AnyCallback,
    onFailure?: OnFailure | options.AnyCallback,
  ): string => this.#invitations.inviteSync(options, onSuccess as OnSuccess, onFailure as OnFailure);
  /** Like `inviteInGroup`, with the inviteID at once. */
  inviteInGroupSync = (
    options: options.InviteInGroup,
    onSuccess?: OnSuccess | options.AnyCallback,
    onFailure?: OnFailure | options.AnyCallback,
  ): string => this.#invitations.inviteInGroupSync(options, onSuccess as OnSuccess, onFailure as OnFailure);
  /** Takes one's invitation back. 8020 when it is settled or unknown (`data.outcome` says how), 8011 when it is another's. */
  cancel = (options: options.Answer) => this.#invitations.cancel(options);
  /** Accepts. 8010 when it is settled: `data.reason` and `data.outcome` say by whom, how, and on which device. */
  accept = (options: options.Answer) => this.#invitations.accept(options);
  /** Rejects; refused like `accept`. */
  reject = (options: options.Answer) => this.#invitations.reject(options);
  /**
   * Leaves the call that an invitation led into: one that a native, web or OpenIM client made. Not in Tencent's package. The others leave with
   * `TSignaling.CALL_HUNG_UP`: `{inviteID, roomID, userID?, durationMs, endReason?}`; with an `endReason` the call is over.
   */
  hangUp = (options: options.Call) => this.#invitations.hangUp(options);
  /** Replaces an open invitation's data. */
  modifyInvitation = (options: options.ModifyInvitation) => this.#invitations.modifyInvitation(options);
  /** What a message says about an invitation; null for any other message. */
  getSignalingInfo = (message: Message) => this.#invitations.getSignalingInfo(message);

  // Messages.

  /** Makes a text message: `payload: {text}`. */
  createTextMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_TEXT, options);
  /** Makes a custom message: `payload: {data, description?, extension?}`. */
  createCustomMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_CUSTOM, options);
  /** Makes an emoji message: `payload: {index, data}`. */
  createFaceMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_FACE, options);
  /** Makes a location message: `payload: {description, latitude, longitude}`. */
  createLocationMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_LOCATION, options);
  /** Makes a message that forwards another, `payload`. */
  createForwardMessage = (options: options.MakeMessage): Message => this.#messages.createForward(options);
  /** Makes a text message that mentions users, `payload: {text, atUserList}`; with somebody in the list it cannot be sent (7014). */
  createTextAtMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_TEXT, options);
  /** Makes a message that cannot be sent: `sendMessage` refuses it (7014), because there is no store for files. */
  createImageMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_IMAGE, options);
  /** Makes a message that cannot be sent, like `createImageMessage`. */
  createAudioMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_AUDIO, options);
  /** Makes a message that cannot be sent, like `createImageMessage`. */
  createVideoMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_VIDEO, options);
  /** Makes a message that cannot be sent, like `createImageMessage`. */
  createFileMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_FILE, options);
  /** Makes a message that cannot be sent: messages are not merged here. */
  createMergerMessage = (options: options.MakeMessage): Message => this.#messages.create(TYPES.MSG_MERGER, options);
  /** Sends a message; the same object is in the result, with its ID, time, sequence and status. */
  sendMessage = (message: Message, options?: options.SendMessage) => this.#messages.sendMessage(message, options);
  /** Sends a message that failed once more; it is one message, however often it is sent. */
  resendMessage = (message: Message, options?: options.SendMessage) => this.#messages.sendMessage(message, options);
  /** Takes one's own message back, within 2 minutes. */
  revokeMessage = (message: Message) => this.#messages.revokeMessage(message);
  /** No message: this client keeps none. Read history. */
  findMessage = (_messageID: string): Message | null => null;
  /** A page of history, oldest first; `nextReqMessageID` leads to the page before it. */
  getMessageList = (options: options.MessagePage) => this.#history.getMessageList(options);
  /** A page of history from a sequence on. */
  getMessageListHopping = (options: options.MessageHop) => this.#history.getMessageListHopping(options);

  /** The reactions to messages, of which there are none here: an empty list for each. */
  getMessageReactions = (options: options.Messages) => this.#history.getMessageReactions(options);

  // Conversations.

  /** All conversations, newest first; or those named in an array; or those of a `type`. */
  getConversationList = (options?: string[] | options.ConversationFilter) => this.#conversations.getConversationList(options);
  /** One conversation. */
  getConversationProfile = (conversationID: string) => this.#conversations.getConversationProfile(conversationID);
  /** Marks all there is in a conversation as read. */
  setMessageRead = (options: options.Conversation) => this.#conversations.setMessageRead(options);
  /** Marks all conversations as read, or those of a kind. */
  setAllMessageRead = (options?: options.ReadAll) => this.#conversations.setAllMessageRead(options);
  /** Unread messages in all conversations, as of the last CONVERSATION_LIST_UPDATED. */
  getTotalUnreadMessageCount = (): number => this.#conversations.totalUnread;

  // Groups.

  /** The groups one is in. */
  getGroupList = () => this.#groups.getGroupList();
  /** A group one is in. */
  getGroupProfile = (options: options.Group) => this.#groups.getGroupProfile(options);
  /** Creates a group and owns it. */
  createGroup = (options: options.CreateGroup) => this.#groups.createGroup(options);
  /** Joins a group that is free to join. */
  joinGroup = (options: options.Group) => this.#groups.joinGroup(options);
  /** Leaves a group; an owner hands it over first. */
  quitGroup = (groupID: string) => this.#groups.quitGroup(groupID);
  /** Dismisses one's group. */
  dismissGroup = (groupID: string) => this.#groups.dismissGroup(groupID);
  /** Changes a group's description. */
  updateGroupProfile = (options: options.UpdateGroup) => this.#groups.updateGroupProfile(options);
  /** Hands one's group over. */
  changeGroupOwner = (options: options.GroupOwner) => this.#groups.changeGroupOwner(options);
  /** Makes a member an admin, or an admin a member. */
  setGroupMemberRole = (options: options.GroupRole) => this.#groups.setGroupMemberRole(options);
  /** A page of the members, in byte order of their userIDs. */
  getGroupMemberList = (options: options.MemberPage) => this.#members.getGroupMemberList(options);
  /** Some members. */
  getGroupMemberProfile = (options: options.GroupUsers) => this.#members.getGroupMemberProfile(options);
  /** Adds members. */
  addGroupMember = (options: options.GroupUsers) => this.#members.addGroupMember(options);
  /** Removes members. */
  deleteGroupMember = (options: options.GroupUsers) => this.#members.deleteGroupMember(options);

  // Users.

  /** One's own profile. */
  getMyProfile = () => this.#profiles.getMyProfile();
  /** The profiles of friends, of whom nobody has any here: each comes in `failureUserIDList`, and `getUserProfile` knows them. */
  getFriendProfile = (options: options.Users) => this.#profiles.getFriendProfile(options);
  /** Profiles of users; those who do not exist are left out. */
  getUserProfile = (options: options.Users) => this.#profiles.getUserProfile(options);
  /** Changes one's own profile. */
  updateMyProfile = (options: options.UpdateProfile) => this.#profiles.updateMyProfile(options);
  /** Whom one has blocked. */
  getBlacklist = () => this.#profiles.getBlacklist();
  /** Blocks users. */
  addToBlacklist = (options: options.Users) => this.#profiles.addToBlacklist(options);
  /** Unblocks users. */
  removeFromBlacklist = (options: options.Users) => this.#profiles.removeFromBlacklist(options);
}

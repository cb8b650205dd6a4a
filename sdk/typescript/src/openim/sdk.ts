import { newID } from "../ids.js";
import type { Message } from "../wire/index.js";
import {
  type ConversationItem,
  type CustomElem,
  conversationIDOf,
  customContent,
  type MessageItem,
  peerOf,
  textContent,
} from "./chatShapes.js";
import { CODE, OpenIMError, openIMError } from "./codes.js";
import { type Listener, Listeners, type OpenIMEventName, type WsResponse } from "./listeners.js";
import { Login, type LoginParams, type OpenIMOptions } from "./login.js";
import type { AdvancedGetMessageResult } from "./messages.js";
import type * as params from "./params.js";
import { fieldsOf, readCount, readSource, readText, readTexts, textIn } from "./reading.js";
import type {
  BlackUserItem,
  CallingRoomData,
  GroupItem,
  GroupMemberItem,
  RtcInviteResults,
  SelfUserInfo,
  StartAppInvitation,
} from "./shapes.js";
import { EMPTY_LISTS, type EmptyList, NOT_SUPPORTED, type UnsupportedMethod } from "./unsupported.js";

/** What every method gives. */
export type Answer<T> = Promise<WsResponse<T>>;

/** Conversations of a page that does not say how many it wants. */
const PAGE = 20;
/** Most conversations of one page, and those of `getAllConversationList`. */
const MOST_AT_ONCE = 100;

/** Lists that are always empty, and methods that reject (10005) because there is nothing behind them here. */
export interface OpenIMSDK
  extends Readonly<Record<EmptyList, (given?: unknown, operationID?: string) => Answer<never[]>>>,
    Readonly<Record<UnsupportedMethod, (given?: unknown, operationID?: string) => Promise<never>>> {}

/**
 * The methods and events of OpenIM's 3.x packages, on one's own server, and the signaling methods that they have lost.
 *
 * Methods resolve with `{event, errCode: 0, errMsg, data, operationID}` and reject with an OpenIMError that has the same fields; none throws,
 * and none waits for ever. What came before an answer was told before it.
 */
export class OpenIMSDK {
  readonly #options: OpenIMOptions;
  readonly #listeners = new Listeners();
  #login: Login | undefined;

  /** Makes an object; nothing happens before `login`. */
  constructor(options: OpenIMOptions = {}) {
    this.#options = options;
    for (const name of EMPTY_LISTS) {
      Object.assign(this, { [name]: (_: unknown, operationID?: string) => this.#ask(name, operationID, () => []) });
    }
    for (const name of NOT_SUPPORTED) {
      const refuse = () => {
        throw new OpenIMError(CODE.notSupported, `this server has no ${name}`, "notSupported");
      };
      Object.assign(this, { [name]: (_: unknown, operationID?: string) => this.#ask(name, operationID, refuse) });
    }
  }

  /** Adds a listener of an event. */
  on = <N extends OpenIMEventName>(name: N, listener: Listener<N>): this => {
    this.#listeners.add(name, listener as Listener<never>);
    return this;
  };

  /** Removes a listener. */
  off = <N extends OpenIMEventName>(name: N, listener: Listener<N>): this => {
    this.#listeners.remove(name, listener as Listener<never>);
    return this;
  };

  // Who is signed in.

  /** Signs in; OnConnectSuccess, OnSyncServerStart and OnSyncServerFinish follow. While somebody is signed in it resolves with errCode 10102. */
  login = async (params: LoginParams, operationID: string = newID()): Answer<""> => {
    if (this.#login !== undefined) {
      return { event: "Login", errCode: CODE.loginRepeat, errMsg: "login repeat", data: "", operationID };
    }
    return this.#answered("Login", operationID, async () => {
      const login = new Login(params, this.#options, this.#listeners, (ended) => this.#forget(ended));
      this.#login = login;
      try {
        await login.connect();
      } catch (thrown) {
        this.#forget(login);
        throw thrown;
      }
      return "" as const;
    });
  };
  /** Signs out. Listeners stay. */
  logout = (operationID?: string): Answer<""> =>
    this.#answered("Logout", operationID, async () => {
      const login = this.#signedIn();
      this.#forget(login);
      await login.end();
      return "" as const;
    });
  /** 1 nobody is signed in, 2 signing in, 3 signed in. */
  getLoginStatus = (operationID?: string): Answer<number> =>
    this.#answered("GetLoginStatus", operationID, () => (this.#login === undefined ? 1 : this.#login.isOpen ? 3 : 2));
  /** Who is signed in. */
  getLoginUserID = (operationID?: string): Answer<string> => this.#ask("getLoginUserID", operationID, ({ me }) => me);
  /** Does nothing. */
  setAppBackgroundStatus = (_isBackground?: boolean, operationID?: string): Answer<""> =>
    this.#do("setAppBackgroundStatus", operationID, () => {});
  /** Does nothing: the network's return is noticed. */
  networkStatusChanged = (operationID?: string): Answer<""> => this.#do("networkStatusChanged", operationID, () => {});

  // Calls.

  /** Calls one user. Resolves when it rings. 35001: they are in another call. */
  signalingInvite = (params: params.Invite, operationID?: string): Answer<RtcInviteResults> =>
    this.#ask("signalingInvite", operationID, ({ calls }) => calls.invite(params));
  /** Calls members of a group. `busyLineUserIDList` names those who are in another call; 35001: all are. */
  signalingInviteInGroup = (params: params.Invite, operationID?: string): Answer<RtcInviteResults> =>
    this.#ask("signalingInviteInGroup", operationID, ({ calls }) => calls.inviteInGroup(params));
  /** Accepts. Refused when it is over or answered on another device. */
  signalingAccept = (params: params.Act, operationID?: string): Answer<RtcInviteResults> =>
    this.#ask("signalingAccept", operationID, ({ calls }) => calls.accept(params));
  /** Rejects. What is over is rejected without effect. */
  signalingReject = (params: params.Act, operationID?: string): Answer<object> =>
    this.#ask("signalingReject", operationID, ({ calls }) => calls.reject(params));
  /** Takes one's call back. What is over is taken back without effect. */
  signalingCancel = (params: params.Act, operationID?: string): Answer<object> =>
    this.#ask("signalingCancel", operationID, ({ calls }) => calls.cancel(params));
  /** Leaves the call; while it rings it is cancel or reject. */
  signalingHungUp = (params: params.Act, operationID?: string): Answer<object> =>
    this.#ask("signalingHungUp", operationID, ({ calls }) => calls.hungUp(params));
  /** The running call of a group. */
  signalingGetRoomByGroupID = (groupID: string, operationID?: string): Answer<CallingRoomData> =>
    this.#ask("signalingGetRoomByGroupID", operationID, ({ calls }) => calls.roomOf(groupID));
  /** Comes into a room, invited or not, as a member of its group; whoever is in gets another token. */
  signalingGetTokenByRoomID = (roomID: string, operationID?: string): Answer<RtcInviteResults> =>
    this.#ask("signalingGetTokenByRoomID", operationID, ({ calls }) => calls.tokenOf(roomID));
  /** Sends a text of the app's own to the others in a room. */
  signalingSendCustomSignal = (params: params.CustomSignal, operationID?: string): Answer<object> =>
    this.#ask("signalingSendCustomSignal", operationID, ({ calls }) => {
      const { roomID, customInfo } = fieldsOf(params, "the argument");
      return calls.signal(roomID, customInfo);
    });
  /** The newest call that rings. */
  getSignalingInvitationInfoStartApp = (operationID?: string): Answer<StartAppInvitation> =>
    this.#ask("getSignalingInvitationInfoStartApp", operationID, ({ calls }) => calls.startApp());

  // Messages.

  /** Makes a text message; nothing is sent. */
  createTextMessage = (text: string, operationID?: string): Answer<MessageItem> =>
    this.#ask("createTextMessage", operationID, ({ messages }) => messages.make(textContent(textIn({ text }, "text"))));
  /** Makes a custom message; nothing is sent. */
  createCustomMessage = (params: CustomElem, operationID?: string): Answer<MessageItem> =>
    this.#ask("createCustomMessage", operationID, ({ messages }) => {
      const fields = fieldsOf(params, "the argument");
      const [data, extension, description] = [textIn(fields, "data"), textIn(fields, "extension"), textIn(fields, "description")];
      return messages.make(customContent({ data, extension, description }));
    });
  /** Sends a message that was made: text and custom. Sent again it is still one message. */
  sendMessage = (params: params.SendMessage, operationID?: string): Answer<MessageItem> =>
    this.#ask("sendMessage", operationID, ({ messages }) => messages.send(params));
  /** The same. */
  sendMessageNotOss = (params: params.SendMessage, operationID?: string): Answer<MessageItem> =>
    this.#ask("sendMessageNotOss", operationID, ({ messages }) => messages.send(params));
  /** Takes one's own message back, within the server's window. */
  revokeMessage = (params: params.MessageName, operationID?: string): Answer<""> =>
    this.#do("revokeMessage", operationID, async ({ messages, chatEvents, me }) => {
      const message: Message = await messages.revoke(params);
      chatEvents.did((news) => news.revoked(message, me, Date.now()));
    });
  /** A page of older messages, oldest first. */
  getAdvancedHistoryMessageList = (params: params.History, operationID?: string): Answer<AdvancedGetMessageResult> =>
    this.#ask("getAdvancedHistoryMessageList", operationID, ({ messages }) => messages.history(params, "older"));
  /** A page of newer messages, oldest first. */
  getAdvancedHistoryMessageListReverse = (params: params.History, operationID?: string): Answer<AdvancedGetMessageResult> =>
    this.#ask("getAdvancedHistoryMessageListReverse", operationID, ({ messages }) => messages.history(params, "newer"));
  /** Gives the message back with its status; it is not kept. */
  insertSingleMessageToLocalStorage = (params: params.Insert, operationID?: string): Answer<MessageItem> =>
    this.#ask("insertSingleMessageToLocalStorage", operationID, ({ messages }) => messages.insert(params, false));
  /** Gives the message back with its status; it is not kept. */
  insertGroupMessageToLocalStorage = (params: params.Insert, operationID?: string): Answer<MessageItem> =>
    this.#ask("insertGroupMessageToLocalStorage", operationID, ({ messages }) => messages.insert(params, true));

  // Conversations.

  /** The newest hundred. */
  getAllConversationList = (operationID?: string): Answer<ConversationItem[]> =>
    this.#ask("getAllConversationList", operationID, ({ conversations }) => conversations.page(0, MOST_AT_ONCE));
  /** A page. */
  getConversationListSplit = (params: params.Split, operationID?: string): Answer<ConversationItem[]> =>
    this.#ask("getConversationListSplit", operationID, ({ conversations }) => {
      const { offset = 0, count = PAGE } = fieldsOf(params, "the argument");
      return conversations.page(readCount(offset, "offset"), Math.min(readCount(count, "count"), MOST_AT_ONCE));
    });
  /** One; empty when there are no messages. */
  getOneConversation = (params: params.Source, operationID?: string): Answer<ConversationItem> =>
    this.#ask("getOneConversation", operationID, ({ conversations }) => conversations.one(readSource(params)));
  /** Those named. */
  getMultipleConversation = (conversationIDs: string[], operationID?: string): Answer<ConversationItem[]> =>
    this.#ask("getMultipleConversation", operationID, ({ conversations }) =>
      conversations.named(readTexts(conversationIDs, "conversationIDs")),
    );
  /** A conversation's name. */
  getConversationIDBySessionType = (params: params.Source, operationID?: string): Answer<string> =>
    this.#ask("getConversationIDBySessionType", operationID, ({ me }) => conversationIDOf(me, readSource(params)));
  /** The sum over the newest hundred conversations. */
  getTotalUnreadMsgCount = (operationID?: string): Answer<number> =>
    this.#ask("getTotalUnreadMsgCount", operationID, ({ conversations }) => conversations.unread());
  /** Marks all there is in a conversation as read. */
  markConversationMessageAsRead = (conversationID: string, operationID?: string): Answer<""> =>
    this.#do("markConversationMessageAsRead", operationID, ({ conversations, me }) =>
      conversations.markRead(peerOf(me, readText(conversationID, "conversationID"))),
    );

  // Groups.

  /** Makes a group: `groupID`, `groupName` and `ex` of `groupInfo`, members and admins. */
  createGroup = (params: params.CreateGroup, operationID?: string): Answer<GroupItem> =>
    this.#ask("createGroup", operationID, ({ groups }) => groups.create(params));
  /** Joins a group that is free to join. */
  joinGroup = (params: params.Group, operationID?: string): Answer<""> =>
    this.#do("joinGroup", operationID, ({ groups }) => groups.join(params));
  /** Leaves a group. */
  quitGroup = (groupID: string, operationID?: string): Answer<""> =>
    this.#do("quitGroup", operationID, ({ groups }) => groups.quit(groupID));
  /** Ends a group, as its owner. */
  dismissGroup = (groupID: string, operationID?: string): Answer<""> =>
    this.#do("dismissGroup", operationID, ({ groups }) => groups.dismiss(groupID));
  /** Adds members. */
  inviteUserToGroup = (params: params.GroupUsers, operationID?: string): Answer<""> =>
    this.#do("inviteUserToGroup", operationID, ({ groups }) => groups.addMembers(params));
  /** Removes members. */
  kickGroupMember = (params: params.GroupUsers, operationID?: string): Answer<""> =>
    this.#do("kickGroupMember", operationID, ({ groups }) => groups.removeMembers(params));
  /** A page of the members, by role and time, with `filter`. */
  getGroupMemberList = (params: params.Members, operationID?: string): Answer<GroupMemberItem[]> =>
    this.#ask("getGroupMemberList", operationID, ({ groups }) => groups.members(params));
  /** Those named. */
  getSpecifiedGroupMembersInfo = (params: params.GroupUsers, operationID?: string): Answer<GroupMemberItem[]> =>
    this.#ask("getSpecifiedGroupMembersInfo", operationID, ({ groups }) => groups.membersNamed(params));
  /** Owner and admins. */
  getGroupMemberOwnerAndAdmin = (groupID: string, operationID?: string): Answer<GroupMemberItem[]> =>
    this.#ask("getGroupMemberOwnerAndAdmin", operationID, ({ groups }) => groups.leaders(groupID));
  /** Those named that one is in. */
  getSpecifiedGroupsInfo = (groupIDs: string[], operationID?: string): Answer<GroupItem[]> =>
    this.#ask("getSpecifiedGroupsInfo", operationID, ({ groups }) => groups.named(groupIDs));
  /** One's groups. */
  getJoinedGroupList = (operationID?: string): Answer<GroupItem[]> =>
    this.#ask("getJoinedGroupList", operationID, ({ groups }) => groups.mine());
  /** Changes `groupName` and `ex`. */
  setGroupInfo = (params: params.GroupInfo, operationID?: string): Answer<""> =>
    this.#do("setGroupInfo", operationID, ({ groups }) => groups.setInfo(params));
  /** Hands one's group over. */
  transferGroupOwner = (params: params.Transfer, operationID?: string): Answer<""> =>
    this.#do("transferGroupOwner", operationID, ({ groups }) => groups.transfer(params));

  // Users.

  /** One's own profile. */
  getSelfUserInfo = (operationID?: string): Answer<SelfUserInfo> =>
    this.#ask("getSelfUserInfo", operationID, ({ users }) => users.myself());
  /** Changes `nickname`, `faceURL` and `ex` of one's profile. */
  setSelfInfo = (params: params.SelfInfo, operationID?: string): Answer<""> =>
    this.#do("setSelfInfo", operationID, ({ users }) => users.setMyself(params));
  /** Profiles; those of users who do not exist are left out. */
  getUsersInfoWithCache = (params: params.Users, operationID?: string): Answer<{ publicInfo: SelfUserInfo }[]> =>
    this.#ask("getUsersInfoWithCache", operationID, ({ users }) => users.named(params));
  /** Blocks a user. */
  addBlack = (params: params.Black, operationID?: string): Answer<""> =>
    this.#do("addBlack", operationID, ({ users }) => users.block(params));
  /** Unblocks a user. */
  removeBlack = (userID: string, operationID?: string): Answer<""> =>
    this.#do("removeBlack", operationID, ({ users }) => users.unblock(userID));
  /** Whom one blocks. */
  getBlackList = (operationID?: string): Answer<BlackUserItem[]> =>
    this.#ask("getBlackList", operationID, ({ users }) => users.blocked());

  /** For a method that gives nothing. */
  #do(name: string, operationID: string | undefined, work: (login: Login) => unknown): Answer<""> {
    return this.#ask(name, operationID, async (login) => {
      await work(login);
      return "" as const;
    });
  }

  /** Answers when everything was told that came before the answer, as OpenIM's servers do. */
  #ask<T>(name: string, operationID: string | undefined, work: (login: Login) => T | Promise<T>): Answer<T> {
    const event = name.charAt(0).toUpperCase() + name.slice(1);
    return this.#answered(event, operationID, async () => {
      const login = this.#signedIn();
      try {
        return await work(login);
      } finally {
        await login.order.told;
      }
    });
  }

  async #answered<T>(event: string, operationID: string = newID(), work: () => T | Promise<T>): Answer<T> {
    try {
      return { event, errCode: 0, errMsg: "", data: await work(), operationID };
    } catch (thrown) {
      throw Object.assign(openIMError(thrown), { event, operationID, data: "" });
    }
  }

  #signedIn(): Login {
    if (!this.#login?.isOpen) {
      throw new OpenIMError(CODE.notReady, "please login first", "notSignedIn");
    }
    return this.#login;
  }

  #forget(login: Login): void {
    if (this.#login === login) {
      this.#login = undefined;
    }
  }
}

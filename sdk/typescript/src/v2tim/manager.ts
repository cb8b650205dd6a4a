import type { State } from "../events.js";
import { newID } from "../ids.js";
import { LogLevelEnum, type MessagePriorityEnum } from "./enums.js";
import { GroupNews, type V2TimGroupListener } from "./groupNews.js";
import { V2TimGroupManager } from "./groups.js";
import { Inbox, type V2TimSimpleMsgListener } from "./inbox.js";
import { Listeners } from "./listeners.js";
import type { V2TimMessage } from "./message.js";
import { V2TIMMessageManager } from "./messages.js";
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
} from "./results.js";
import { send, type V2TimSendOptions } from "./sending.js";
import { Session, type V2TimServer } from "./session.js";
import { V2TIMSignalingManager } from "./signaling.js";
import { Statuses, type V2TimUserStatus } from "./statuses.js";
import {
  UnsupportedByManager,
  V2TIMConversationManager,
  V2TIMFriendshipManager,
  V2TIMOfflinePushManager,
} from "./unsupported.js";

/** Told how the connection goes. Every callback is optional. */
export interface V2TimSDKListener {
  /** A connection is being made, for the first time or again. */
  onConnecting?: () => void;
  /** Signed in. */
  onConnectSuccess?: () => void;
  /** There is no connection. A lost one is made again by itself, unless login fails. */
  onConnectFailed?: (code: number, error: string) => void;
  /** The same device signed in elsewhere, or too many devices did: log in again if that is wanted. */
  onKickedOffline?: () => void;
  /** Get a new UserSig and log in with it. */
  onUserSigExpired?: () => void;
  /** Users whom `subscribeUserStatus` named came, went or say something else of themselves; or oneself does, on any device. */
  onUserStatusChanged?: (userStatusList: V2TimUserStatus[]) => void;
}

/** The door: sign in, and find the managers for signaling, messages and groups. Calls that this server has nothing for answer 7013. */
export class V2TIMManager extends UnsupportedByManager {
  readonly #listeners = new Listeners<V2TimSDKListener>([
    "onConnecting",
    "onConnectSuccess",
    "onConnectFailed",
    "onKickedOffline",
    "onUserSigExpired",
    "onUserStatusChanged",
  ]);
  readonly #session = new Session();
  readonly #inbox = new Inbox(this.#session);
  readonly #signaling = new V2TIMSignalingManager(this.#session, this.#inbox);
  readonly #messages = new V2TIMMessageManager(this.#session, this.#inbox);
  readonly #groups = new V2TimGroupManager(this.#session);
  readonly #conversations = new V2TIMConversationManager();
  readonly #friends = new V2TIMFriendshipManager();
  readonly #push = new V2TIMOfflinePushManager();
  readonly #groupNews = new GroupNews(this.#session);
  readonly #statuses = new Statuses(this.#session, (statuses) => this.#listeners.tell("onUserStatusChanged", statuses));
  /** The listener that came with `initSDK`; the next one takes its place. */
  #first: V2TimSDKListener | undefined;

  /** Nobody is signed in yet. */
  constructor() {
    super();
    this.#session.tells({ state: (state) => this.#state(state) });
  }

  /**
   * Says where the server is. Call it before `login`; called again, it counts from the next login on.
   *
   * @param sdkAppID the server's; a UserSig that was made for another app is refused by it
   * @param logLevel taken and not used
   * @param server `wss://chat.example.org`, or an object with `url` and more
   */
  initSDK(
    sdkAppID: number,
    logLevel: LogLevelEnum = LogLevelEnum.V2TIM_LOG_NONE,
    listener?: V2TimSDKListener | null,
    server?: string | V2TimServer,
  ): Promise<V2TimValueCallback<boolean>> {
    return answer(() => {
      wantNumber("sdkAppID", sdkAppID, 1);
      wantNumber("logLevel", logLevel, LogLevelEnum.V2TIM_LOG_NONE, LogLevelEnum.V2TIM_LOG_ERROR);
      const { url, ...options } = typeof server === "string" ? { url: server } : wantServer(server);
      this.#listenFirst(listener ?? undefined);
      this.#session.configure({ ...options, url: wantText("server.url", url) });
      return true;
    });
  }

  /** Signs out and forgets where the server is. */
  unInitSDK(): Promise<V2TimCallback> {
    return done(async () => {
      await this.#session.logout();
      this.#session.configure(undefined);
    });
  }

  /** Adds a listener besides the one of `initSDK`. */
  addIMSDKListener(listener: V2TimSDKListener): V2TimCallback {
    return this.#listeners.add(listener);
  }

  /** Removes a listener; without one, all of them. */
  removeIMSDKListener(listener?: V2TimSDKListener): V2TimCallback {
    return this.#listeners.remove(listener);
  }

  /**
   * Signs in. Somebody else who is signed in is signed out first; of who is signed in already a fresh UserSig is used when the one
   * before expires. It fails when the token is refused or the server cannot be reached
   * in time; a connection that is lost later is made again by itself.
   *
   * @param userSig a UserSig, or a JWT
   */
  login(userID: string, userSig: string): Promise<V2TimCallback> {
    return done(() => this.#session.login(userID, userSig));
  }

  /** Signs out. Listeners stay. */
  logout(): Promise<V2TimCallback> {
    return done(() => this.#session.logout());
  }

  /** Who is signed in; empty when nobody is. */
  getLoginUser(): Promise<V2TimValueCallback<string>> {
    return answer(() => this.#session.userID);
  }

  /** See LoginStatusEnum. */
  getLoginStatus(): Promise<V2TimValueCallback<number>> {
    return answer(() => this.#session.status);
  }

  /**
   * Says something of oneself while one is online, at most 100 bytes (8001 beyond), in place of what was said before; nothing with an empty
   * text. Whoever may see that one is online sees it, and it ends when one has been gone for some time.
   */
  setSelfStatus(status: string): Promise<V2TimCallback> {
    return done(() => this.#statuses.say(status));
  }

  /** Whether users are online and what they say of themselves, as far as one may know it. */
  getUserStatus(userIDList: string[]): Promise<V2TimValueCallback<V2TimUserStatus[]>> {
    return answer(() => this.#statuses.of(userIDList), { userIDs: "userIDList" });
  }

  /**
   * Tells of changes by `onUserStatusChanged`: of these users, and of those named before. A device watches 100 users, those who were
   * named last, until the logout.
   */
  subscribeUserStatus(userIDList: string[]): Promise<V2TimCallback> {
    return done(() => this.#statuses.watch(userIDList));
  }

  /** Tells of these users no more; with an empty list of nobody. */
  unsubscribeUserStatus(userIDList: string[]): Promise<V2TimCallback> {
    return done(() => this.#statuses.unwatch(userIDList));
  }

  /** Invitations. */
  getSignalingManager(): V2TIMSignalingManager {
    return this.#signaling;
  }

  /** Messages. */
  getMessageManager(): V2TIMMessageManager {
    return this.#messages;
  }

  /** Groups. */
  getGroupManager(): V2TimGroupManager {
    return this.#groups;
  }

  /** Conversations, which are not there: every call answers 7013. */
  getConversationManager(): V2TIMConversationManager {
    return this.#conversations;
  }

  /** Friends, who are not there: every call answers 7013. */
  getFriendshipManager(): V2TIMFriendshipManager {
    return this.#friends;
  }

  /** Settings of push, which are not there: every call answers 7013. */
  getOfflinePushManager(): V2TIMOfflinePushManager {
    return this.#push;
  }

  /** Sends a text message to a user. */
  sendC2CTextMessage(userID: string, text: string): Promise<V2TimValueCallback<V2TimMessage>> {
    return this.#send("text", { userID }, text);
  }

  /** Sends a custom message to a user. */
  sendC2CCustomMessage(userID: string, customData: string): Promise<V2TimValueCallback<V2TimMessage>> {
    return this.#send("custom", { userID }, customData);
  }

  /** Sends a text message to a group. */
  sendGroupTextMessage(groupID: string, text: string, priority?: MessagePriorityEnum): Promise<V2TimValueCallback<V2TimMessage>> {
    return this.#send("text", { groupID }, text, priority);
  }

  /** Sends a custom message to a group. */
  sendGroupCustomMessage(
    groupID: string,
    customData: string,
    priority?: MessagePriorityEnum,
  ): Promise<V2TimValueCallback<V2TimMessage>> {
    return this.#send("custom", { groupID }, customData, priority);
  }

  /** Adds a listener for text and custom messages; the same again changes nothing. */
  addSimpleMsgListener(listener: V2TimSimpleMsgListener): V2TimCallback {
    return this.#inbox.simple.add(listener);
  }

  /** Removes a listener; without one, all of them. */
  removeSimpleMsgListener(listener?: V2TimSimpleMsgListener): V2TimCallback {
    return this.#inbox.simple.remove(listener);
  }

  /** Creates a group and owns it; `data` is its groupID. See `createGroup` of the group manager. */
  createGroup(groupName: string, groupType: string, groupID?: string): Promise<V2TimValueCallback<string>> {
    return this.#groups.createGroup({ groupName, groupType, ...(groupID ? { groupID } : {}) });
  }

  /** Joins a group that is open to anybody. `message` is taken and not used: there are no applications. */
  joinGroup(groupID: string, message = ""): Promise<V2TimCallback> {
    return done(() => {
      wantString("message", message);
      return this.#session.client.groups.join({ groupID: wantText("groupID", groupID) });
    });
  }

  /** Leaves a group. An owner hands it over first, or dismisses it. */
  quitGroup(groupID: string): Promise<V2TimCallback> {
    return done(() => this.#session.client.groups.quit({ groupID: wantText("groupID", groupID) }));
  }

  /** Dismisses one's group. */
  dismissGroup(groupID: string): Promise<V2TimCallback> {
    return done(() => this.#session.client.groups.dismiss({ groupID: wantText("groupID", groupID) }));
  }

  /** Adds a listener for what happens to groups; the same again changes nothing. */
  addGroupListener(listener: V2TimGroupListener): V2TimCallback {
    return this.#groupNews.listeners.add(listener);
  }

  /** Removes a listener; without one, all of them. */
  removeGroupListener(listener?: V2TimGroupListener): V2TimCallback {
    return this.#groupNews.listeners.remove(listener);
  }

  #send(
    type: "text" | "custom",
    to: { userID: string } | { groupID: string },
    said: string,
    priority?: MessagePriorityEnum,
  ): Promise<V2TimValueCallback<V2TimMessage>> {
    return answer(() => {
      const draft =
        type === "text"
          ? { type, content: { text: wantText("text", said) } }
          : { type, content: { data: wantString("customData", said), description: "", extension: "" } };
      const peer = "userID" in to ? { userID: wantText("userID", to.userID) } : { groupID: wantText("groupID", to.groupID) };
      const options: V2TimSendOptions = priority === undefined ? {} : { priority };
      return send({ session: this.#session, inbox: this.#inbox }, newID(), draft, peer, options);
    });
  }

  #listenFirst(listener: V2TimSDKListener | undefined): void {
    if (this.#first !== undefined) {
      this.#listeners.remove(this.#first);
    }
    this.#first = listener;
    const { code, desc, field } = listener === undefined ? { code: 0, desc: "", field: "" } : this.#listeners.add(listener);
    if (code !== 0) {
      throw new Refusal("invalidParams", field, desc);
    }
  }

  #state(state: State): void {
    switch (state.status) {
      case "idle":
        return;
      case "connecting":
        return this.#listeners.tell("onConnecting");
      case "open":
        return this.#listeners.tell("onConnectSuccess");
      case "reconnecting":
        this.#listeners.tell("onConnectFailed", CONNECTION_LOST, state.why);
        return this.#listeners.tell("onConnecting");
      case "closed":
        return this.#closed(failure(state.why));
    }
  }

  #closed({ code, desc, reason }: V2TimCallback): void {
    if (reason === "kicked") {
      this.#listeners.tell("onKickedOffline");
    } else if (reason === "tokenExpired") {
      this.#listeners.tell("onUserSigExpired");
    } else if (reason !== "closed") {
      this.#listeners.tell("onConnectFailed", code, desc);
    }
  }
}

/** The field's number. */
const CONNECTION_LOST = 9508;

function wantServer(server: unknown): V2TimServer {
  return wantObject("server", server) as unknown as V2TimServer;
}

/** Where apps of React Native find the manager of the one user of the device. */
export const TencentImSDKPlugin: { readonly v2TIMManager: V2TIMManager } = { v2TIMManager: new V2TIMManager() };

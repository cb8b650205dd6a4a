import type { AnyEvent, KnownEvent } from "../events.js";
import type { Message, MessageRead } from "../wire/index.js";
import type { Viewer } from "./callEvents.js";
import { clientMsgIDOf, FROM_USER, isTrace, type MessageItem, peerIn, sessionType } from "./chatShapes.js";
import type { ConversationNews, Conversations } from "./conversations.js";
import {
  type BlackUserItem,
  blackUserItem,
  type GroupItem,
  type GroupMemberItem,
  groupItem,
  memberItem,
  ROLE_LEVEL,
  type SelfUserInfo,
  selfUserInfo,
} from "./shapes.js";

/** Messages that a receipt names at most: what a screen or two can show. */
const RECEIPTS = 50;

/** That a message was taken back. */
export interface RevokedInfo {
  /** Who took it back. */
  revokerID: string;
  /** Their role in the group; 0 one-to-one. */
  revokerRole: number;
  /** Which message. */
  clientMsgID: string;
  /** Their nickname. */
  revokerNickname: string;
  /** Server time in ms. */
  revokeTime: number;
  /** When the message was sent. */
  sourceMessageSendTime: number;
  /** Who sent it. */
  sourceMessageSendID: string;
  /** Their nickname. */
  sourceMessageSenderNickname: string;
  /** Of which kind the conversation is. */
  sessionType: number;
  /** The message's place. */
  seq: number;
}

/** That the other side has read. */
export interface ReceiptInfo {
  /** Always empty: receipts of groups are not told. */
  groupID: string;
  /** The reader. */
  userID: string;
  /** What they have read. */
  msgIDList: string[];
  /** Server time in ms. */
  readTime: number;
  /** 100: a user. */
  msgFrom: number;
  /** 112: a receipt. */
  contentType: number;
  /** 1: one-to-one. */
  sessionType: number;
}

/** The events of messages, groups and users, and the `data` of each. */
export interface ChatEventMap extends ConversationNews {
  /** Messages came, or another device of this user sent them. Does not come for the traces of calls. */
  OnRecvNewMessages: MessageItem[];
  /** A message was taken back. */
  OnNewRecvMessageRevoked: RevokedInfo;
  /** The other user of a one-to-one conversation has read. */
  OnRecvC2CReadReceipt: ReceiptInfo[];
  /** This user is in a group. */
  OnJoinedGroupAdded: GroupItem;
  /** This user is no more in a group. */
  OnJoinedGroupDeleted: GroupItem;
  /** Others came into a group; one event for each. */
  OnGroupMemberAdded: GroupMemberItem;
  /** Others left a group; one event for each. */
  OnGroupMemberDeleted: GroupMemberItem;
  /** A member's role changed. */
  OnGroupMemberInfoChanged: GroupMemberItem;
  /** A group's description changed. */
  OnGroupInfoChanged: GroupItem;
  /** A group is no more. */
  OnGroupDismissed: GroupItem;
  /** This user's own profile changed. */
  OnSelfInfoUpdated: SelfUserInfo;
  /** This user blocked somebody. */
  OnBlackAdded: BlackUserItem;
  /** This user unblocked somebody. */
  OnBlackDeleted: BlackUserItem;
}

/** Raises an event at the app. */
export type RaiseChat = <N extends keyof ChatEventMap>(name: N, data: ChatEventMap[N]) => void;

/** The events of a user's stream that messages, groups and users make, in OpenIM's words. */
export class ChatEvents {
  readonly #viewer: Viewer;
  readonly #conversations: Conversations;
  readonly #raise: RaiseChat;

  constructor(viewer: Viewer, conversations: Conversations, raise: RaiseChat) {
    this.#viewer = viewer;
    this.#conversations = conversations;
    this.#raise = raise;
    viewer.client.on("event", (event) => this.#heard(event));
  }

  /** This device did something, of which no event tells it. */
  did(tell: (news: ChatEvents) => Promise<void>): void {
    void this.#viewer.order.after(() => tell(this));
  }

  async membersAdded({
    by,
    groupID,
    name,
    userIDs,
  }: {
    by: string;
    groupID: string;
    name: string;
    userIDs: string[];
  }): Promise<void> {
    const { me, lookup } = this.#viewer;
    if (userIDs.includes(me)) {
      const group = await lookup.group(groupID);
      return this.#raise("OnJoinedGroupAdded", group === undefined ? unseen(groupID, by, name) : groupItem(group));
    }
    await this.#members(groupID, userIDs, "OnGroupMemberAdded");
  }

  async membersRemoved({ by, groupID, userIDs }: { by: string; groupID: string; userIDs: string[] }): Promise<void> {
    if (userIDs.includes(this.#viewer.me)) {
      return this.#raise("OnJoinedGroupDeleted", unseen(groupID, by));
    }
    await this.#members(groupID, userIDs, "OnGroupMemberDeleted");
  }

  async dismissed({ by, groupID }: { by: string; groupID: string }): Promise<void> {
    this.#raise("OnGroupDismissed", { ...unseen(groupID, by), status: 2 });
  }

  async infoChanged({ groupID }: { groupID: string }): Promise<void> {
    const group = await this.#viewer.lookup.group(groupID);
    if (group !== undefined) {
      this.#raise("OnGroupInfoChanged", groupItem(group));
    }
  }

  async roleChanged({ groupID, userID }: { groupID: string; userID: string }): Promise<void> {
    await this.#members(groupID, [userID], "OnGroupMemberInfoChanged");
  }

  async profileChanged(): Promise<void> {
    const [profile] = await this.#viewer.lookup.profiles([this.#viewer.me]);
    if (profile !== undefined) {
      this.#raise("OnSelfInfoUpdated", selfUserInfo(profile));
    }
  }

  async blackChanged(name: "OnBlackAdded" | "OnBlackDeleted", userID: string): Promise<void> {
    const [profile] = await this.#viewer.lookup.profiles([userID]);
    if (profile !== undefined) {
      this.#raise(name, blackUserItem(this.#viewer.me, profile));
    }
  }

  async revoked(message: Message, by: string, revokeTime: number): Promise<void> {
    const { lookup } = this.#viewer;
    const { groupID, conversation, seq = 0, sender, time } = message;
    const profiles = await lookup.profiles([...new Set([by, sender])]);
    const nickname = (who: string) => profiles.find(({ userID }) => userID === who)?.nickname ?? "";
    const members = groupID === undefined ? [] : await lookup.members(groupID);
    const revoker = members.find(({ userID }) => userID === by);
    this.#raise("OnNewRecvMessageRevoked", {
      revokerID: by,
      revokerRole: revoker === undefined ? 0 : ROLE_LEVEL[revoker.role],
      clientMsgID: clientMsgIDOf(message),
      revokerNickname: nickname(by),
      revokeTime,
      sourceMessageSendTime: time,
      sourceMessageSendID: sender,
      sourceMessageSenderNickname: nickname(sender),
      sessionType: sessionType(message),
      seq,
    });
    this.#conversations.changed(conversation);
  }

  /** Events count as taken over when they were told. */
  #heard(event: AnyEvent): Promise<void> {
    return this.#viewer.order.after(() => this.#tell(event as unknown as KnownEvent));
  }

  async #tell(event: KnownEvent): Promise<void> {
    switch (event.type) {
      case "message.received":
        return this.#received(event.message);
      case "message.revoked": {
        const peer = peerIn(event.conversation, this.#viewer.me);
        const [message] = await this.#conversations.upTo(peer, event.seq, 1);
        return message && this.revoked(message, event.by, event.time);
      }
      case "message.read":
        return this.#read(event, event.time);
      case "group.membersAdded":
        return this.membersAdded(event);
      case "group.membersRemoved":
        return this.membersRemoved(event);
      case "group.dismissed":
        return this.dismissed(event);
      case "group.infoChanged":
        return this.infoChanged(event);
      case "group.roleChanged":
        return this.roleChanged(event);
      case "user.profileChanged":
        return this.#raise("OnSelfInfoUpdated", selfUserInfo(event));
      case "user.blocked":
        return this.blackChanged("OnBlackAdded", event.userID);
      case "user.unblocked":
        return this.blackChanged("OnBlackDeleted", event.userID);
    }
  }

  async #received(message: Message): Promise<void> {
    if (!isTrace(message)) {
      this.#raise("OnRecvNewMessages", await this.#conversations.shown([message]));
      if (message.seq !== undefined) {
        this.#conversations.changed(message.conversation, message.seq === 1);
      }
    }
  }

  /** The sender learns what was read; the reader's other devices that it is read. */
  async #read({ conversation, reader, seq }: MessageRead, readTime: number): Promise<void> {
    const { me } = this.#viewer;
    const peer = peerIn(conversation, me);
    if (reader === me) {
      return this.#conversations.changed(conversation);
    }
    if (peer.groupID !== undefined) {
      return;
    }
    const mine = (await this.#conversations.upTo(peer, seq, RECEIPTS)).filter(({ sender }) => sender === me);
    if (mine.length > 0) {
      const receipt = { groupID: "", userID: reader, msgIDList: mine.map(clientMsgIDOf), readTime };
      this.#raise("OnRecvC2CReadReceipt", [{ ...receipt, msgFrom: FROM_USER, contentType: 112, sessionType: 1 }]);
    }
  }

  /** One event for each of these, as far as they are known. */
  async #members(
    groupID: string,
    userIDs: readonly string[],
    name: "OnGroupMemberAdded" | "OnGroupMemberDeleted" | "OnGroupMemberInfoChanged",
  ): Promise<void> {
    const { lookup } = this.#viewer;
    const [members, profiles] = await Promise.all([lookup.members(groupID), lookup.profiles(userIDs)]);
    for (const profile of profiles) {
      const gone = { userID: profile.userID, role: "member", joinedAt: 0 } as const;
      const member = members.find(({ userID }) => userID === profile.userID) ?? gone;
      this.#raise(name, memberItem(groupID, member, profile));
    }
  }
}

/** A group that the user cannot look at any more, or not yet. */
function unseen(groupID: string, owner: string, name = ""): GroupItem {
  return groupItem({ groupID, name, owner, ext: "", joinPolicy: "free", memberCount: 0, createdAt: 0 });
}

import { ChatError, CODE, quiet } from "./codes.js";
import { TYPES } from "./constants.js";
import type { Message } from "./shapes.js";

/** Calls of Tencent's package that have nothing behind them here, and why. */
const WHY = {
  "messages are not merged, extended, reacted to, pinned, changed, searched, translated or deleted here":
    "downloadMergerMessage deleteMessage modifyMessage translateText convertVoiceToText setMessageExtensions getMessageExtensions deleteMessageExtensions addMessageReaction removeMessageReaction getAllUserListOfMessageReaction pinGroupMessage getPinnedGroupMessageList clearHistoryMessage",
  "nothing is searched here": "searchCloudMessages searchCloudGroups searchCloudUsers searchCloudGroupMembers searchGroupByID",
  "ask with the native client's messages.receipts":
    "sendMessageReadReceipt getMessageReadReceiptList getGroupMessageReadMemberList",
  "conversations are not deleted, pinned, marked, muted or sorted into groups here":
    "deleteConversation pinConversation setConversationDraft setMessageRemindType setAllReceiveMessageOpt getAllReceiveMessageOpt setConversationCustomData markConversation getConversationGroupList createConversationGroup deleteConversationGroup renameConversationGroup addConversationsToGroup deleteConversationsFromGroup",
  "there is no presence": "setSelfStatus getUserStatus subscribeUserStatus unsubscribeUserStatus",
  "there are no friends and no followers: users say with `user.setReach` who may invite them":
    "getFriendList addFriend deleteFriend checkFriend updateFriend getFriendApplicationList acceptFriendApplication refuseFriendApplication deleteFriendApplication setFriendApplicationRead getFriendGroupList createFriendGroup deleteFriendGroup addToFriendGroup removeFromFriendGroup renameFriendGroup followUser unfollowUser getMyFollowersList getMyFollowingList getMutualFollowersList getUserFollowInfo checkFollowType",
  "groups have no attributes, counters, applications, name cards, mutes or topics here":
    "getGroupOnlineMemberCount getGroupApplicationList handleGroupApplication initGroupAttributes setGroupAttributes deleteGroupAttributes getGroupAttributes setGroupCounters increaseGroupCounter decreaseGroupCounter getGroupCounters setGroupMemberMuteTime setGroupMemberNameCard setGroupMemberCustomField markGroupMemberList getJoinedCommunityList createTopicInCommunity deleteTopicFromCommunity updateTopicProfile getTopicList",
} as const;

type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;

/** The name of a call that is not there. */
export type UnsupportedCall = Words<(typeof WHY)[keyof typeof WHY]>;

/** Every call that is not there. Each rejects (7014) and says why, so that an app finds what it still uses. */
export type UnsupportedCalls = {
  // biome-ignore lint/suspicious/noExplicitAny: apps pass what Tencent's package takes, and read what it would give
  [Name in UnsupportedCall]: (...options: any[]) => Promise<any>;
};

/** The calls that are not there, for `ChatSDK` to extend. */
export const Unsupported = class {
  constructor() {
    for (const [why, names] of Object.entries(WHY)) {
      for (const name of names.split(" ")) {
        Object.assign(this, { [name]: () => quiet(Promise.reject(notThere(name, why))) });
      }
    }
  }
} as new () => UnsupportedCalls;

/** Messages that can be made and not sent: by their type, the call that made them. */
const UNSENDABLE: Readonly<Record<string, readonly [call: string, why: string]>> = {
  [TYPES.MSG_IMAGE]: ["createImageMessage", "there is no store for files"],
  [TYPES.MSG_AUDIO]: ["createAudioMessage", "there is no store for files"],
  [TYPES.MSG_VIDEO]: ["createVideoMessage", "there is no store for files"],
  [TYPES.MSG_FILE]: ["createFileMessage", "there is no store for files"],
  [TYPES.MSG_MERGER]: ["createMergerMessage", "messages are not merged here"],
};

/** Throws where a message is of a kind that this server does not carry. */
export function refuseUnsendable(message: unknown): void {
  const { type = "", payload, receiverList } = Object(message) as Partial<Message>;
  const unsendable = UNSENDABLE[type];
  if (unsendable !== undefined) {
    throw notThere(...unsendable);
  }
  if (isList(payload?.atUserList)) {
    throw notThere("createTextAtMessage", "nobody is mentioned here");
  }
  if (isList(receiverList)) {
    throw notThere("receiverList", "all members of a group receive its messages");
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** The rejection that says what is not there. */
export function notThere(name: string, why = ""): ChatError {
  return new ChatError(CODE.notSupported, `${name} is not there: ${why}`, { reason: "notSupported" });
}

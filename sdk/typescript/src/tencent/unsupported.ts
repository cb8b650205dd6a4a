import { ChatError, CODE, quiet } from "./codes.js";
import { TYPES } from "./constants.js";
import type { Message } from "./shapes.js";

/** Calls of Tencent's package that have nothing behind them here, and why. */
const WHY = {
  // Of messages, of conversations, of groups, and of searching.
  "this server has no such thing":
    "downloadMergerMessage deleteMessage modifyMessage translateText convertVoiceToText setMessageExtensions getMessageExtensions deleteMessageExtensions addMessageReaction removeMessageReaction getAllUserListOfMessageReaction pinGroupMessage getPinnedGroupMessageList clearHistoryMessage setConversationDraft setMessageRemindType setAllReceiveMessageOpt getAllReceiveMessageOpt setConversationCustomData markConversation getConversationGroupList createConversationGroup deleteConversationGroup renameConversationGroup addConversationsToGroup deleteConversationsFromGroup getGroupApplicationList handleGroupApplication setGroupMemberMuteTime setGroupMemberNameCard setGroupMemberCustomField markGroupMemberList getJoinedCommunityList createTopicInCommunity deleteTopicFromCommunity updateTopicProfile getTopicList searchCloudMessages searchCloudGroups searchCloudUsers searchCloudGroupMembers",
  "see messages.receipts": "sendMessageReadReceipt getMessageReadReceiptList getGroupMessageReadMemberList",
  "see users.setReach":
    "getFriendList addFriend deleteFriend checkFriend updateFriend getFriendApplicationList acceptFriendApplication refuseFriendApplication deleteFriendApplication setFriendApplicationRead getFriendGroupList createFriendGroup deleteFriendGroup addToFriendGroup removeFromFriendGroup renameFriendGroup followUser unfollowUser getMyFollowersList getMyFollowingList getMutualFollowersList getUserFollowInfo checkFollowType",
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

/** Messages by the calls that make them: `Image` is made by `createImageMessage`. From `Image` on none can be sent. */
export const MADE = {
  Text: TYPES.MSG_TEXT,
  TextAt: TYPES.MSG_TEXT,
  Custom: TYPES.MSG_CUSTOM,
  Face: TYPES.MSG_FACE,
  Location: TYPES.MSG_LOCATION,
  Image: TYPES.MSG_IMAGE,
  Audio: TYPES.MSG_AUDIO,
  Video: TYPES.MSG_VIDEO,
  File: TYPES.MSG_FILE,
  Merger: TYPES.MSG_MERGER,
} as const;
const UNSENDABLE = /* @__PURE__ */ Object.entries(MADE).slice(5);

/** Throws where a message is of a kind that this server does not carry. */
export function refuseUnsendable(message: unknown): void {
  const { type = "", payload, receiverList } = Object(message) as Partial<Message>;
  const unsendable = UNSENDABLE.find(([, made]) => made === type);
  if (unsendable !== undefined) {
    throw notThere(`create${unsendable[0]}Message`);
  }
  if (isList(payload?.atUserList)) {
    throw notThere("createTextAtMessage");
  }
  if (isList(receiverList)) {
    throw notThere("receiverList", "all members of a group receive its messages");
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** The rejection that says what is not there. */
export function notThere(name: string, why = "this server has no such thing"): ChatError {
  return new ChatError(CODE.notSupported, `${name} is not there: ${why}`, { reason: "notSupported" });
}

import { ChatError, CODE } from "./codes.js";

/** Calls of Tencent's package that have nothing behind them here; each says why. */
const WHY = {
  "there is no store for files": ["createImageMessage", "createAudioMessage", "createVideoMessage", "createFileMessage"],
  "messages are not merged, forwarded, extended, searched, translated or deleted here": [
    "createTextAtMessage",
    "createMergerMessage",
    "downloadMergerMessage",
    "createForwardMessage",
    "deleteMessage",
    "modifyMessage",
    "translateText",
    "convertVoiceToText",
    "setMessageExtensions",
    "getMessageExtensions",
    "deleteMessageExtensions",
    "searchCloudMessages",
    "clearHistoryMessage",
  ],
  "ask with the native client's messages.receipts": [
    "sendMessageReadReceipt",
    "getMessageReadReceiptList",
    "getGroupMessageReadMemberList",
  ],
  "conversations are not deleted, pinned, marked, muted or sorted into groups here": [
    "deleteConversation",
    "pinConversation",
    "setConversationDraft",
    "setMessageRemindType",
    "setConversationCustomData",
    "markConversation",
    "getConversationGroupList",
    "createConversationGroup",
    "deleteConversationGroup",
    "renameConversationGroup",
    "addConversationsToGroup",
    "deleteConversationsFromGroup",
  ],
  "there is no presence": ["setSelfStatus", "getUserStatus", "subscribeUserStatus", "unsubscribeUserStatus"],
  "there are no friends: users say with `user.setReach` who may invite them": [
    "getFriendList",
    "addFriend",
    "deleteFriend",
    "checkFriend",
    "getFriendProfile",
    "updateFriend",
    "getFriendApplicationList",
    "acceptFriendApplication",
    "refuseFriendApplication",
    "deleteFriendApplication",
    "setFriendApplicationRead",
    "getFriendGroupList",
    "createFriendGroup",
    "deleteFriendGroup",
    "addToFriendGroup",
    "removeFromFriendGroup",
    "renameFriendGroup",
  ],
  "groups have no attributes, counters, applications, name cards, mutes or topics here": [
    "searchGroupByID",
    "getGroupOnlineMemberCount",
    "handleGroupApplication",
    "initGroupAttributes",
    "setGroupAttributes",
    "deleteGroupAttributes",
    "getGroupAttributes",
    "setGroupCounters",
    "increaseGroupCounter",
    "decreaseGroupCounter",
    "getGroupCounters",
    "setGroupMemberMuteTime",
    "setGroupMemberNameCard",
    "setGroupMemberCustomField",
    "markGroupMemberList",
    "getJoinedCommunityList",
    "createTopicInCommunity",
    "deleteTopicFromCommunity",
    "updateTopicProfile",
    "getTopicList",
  ],
  "there are no experiments": ["callExperimentalAPI"],
} as const;

/** The name of a call that is not there. */
export type UnsupportedCall = (typeof WHY)[keyof typeof WHY][number];

/** Every call that is not there, by name. Each rejects (7014) and says why, so that an app finds what it still uses. */
export const UNSUPPORTED: Readonly<Record<UnsupportedCall, () => Promise<never>>> = Object.fromEntries(
  Object.entries(WHY).flatMap(([why, names]) => names.map((name) => [name, () => refuse(name, why)])),
) as never;

function refuse(name: string, why: string): Promise<never> {
  return Promise.reject(new ChatError(CODE.notSupported, `${name} is not there: ${why}`, { reason: "notSupported" }));
}

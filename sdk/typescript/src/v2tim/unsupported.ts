import { NOT_SUPPORTED, type V2TimCallback, type V2TimValueCallback } from "./results.js";

type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;

/** Calls that are not there: those about listeners answer at once, as those that are there do; the others resolve. */
export type UnsupportedCalls<Names extends string> = {
  // biome-ignore lint/suspicious/noExplicitAny: apps pass what Tencent's package takes
  [Name in Words<Names>]: (...options: any[]) => Name extends `${string}Listener`
    ? V2TimCallback
    : // biome-ignore lint/suspicious/noExplicitAny: apps read what it would give
      Promise<V2TimValueCallback<any>>;
};

/** Makes a class, for one of the field's to extend, whose calls of these names answer 7013 and say why. */
export function lacking<Names extends string>(why: string, names: Names): new () => UnsupportedCalls<Names> {
  const Lacking = class {};
  for (const name of names.split(" ")) {
    const answer = (): V2TimCallback => ({ ...NOT_SUPPORTED, desc: `${name} is not there: ${why}` });
    const call = name.endsWith("Listener") ? answer : async () => answer();
    Object.defineProperty(Lacking.prototype, name, { value: call, writable: true, configurable: true });
  }
  return Lacking as never;
}

/** Conversations; they are the native client's `conversations` here. */
export class V2TIMConversationManager extends /* @__PURE__ */ lacking(
  "this surface has no list of conversations",
  "addConversationListener removeConversationListener getConversationList getConversationListByConversaionIds pinConversation getTotalUnreadMessageCount getConversation deleteConversation setConversationDraft addConversationsToGroup deleteConversationsFromGroup setConversationCustomData getConversationListByFilter markConversation createConversationGroup getConversationGroupList deleteConversationGroup renameConversationGroup",
) {}

/** Friends; there are none here. */
export class V2TIMFriendshipManager extends /* @__PURE__ */ lacking(
  "there are no friends; block users with the native client's `users`",
  "addFriendListener removeFriendListener getFriendList getFriendsInfo setFriendInfo addFriend deleteFromFriendList checkFriend getFriendApplicationList acceptFriendApplication refuseFriendApplication deleteFriendApplication setFriendApplicationRead addToBlackList deleteFromBlackList getBlackList createFriendGroup getFriendGroups deleteFriendGroup renameFriendGroup addFriendsToFriendGroup deleteFriendsFromFriendGroup searchFriends",
) {}

/** Push; the server's push adapters are told by the app itself. */
export class V2TIMOfflinePushManager extends /* @__PURE__ */ lacking(
  "the server's push adapters reach devices",
  "setOfflinePushConfig doBackground doForeground",
) {}

/** What the manager has nothing for. */
export const UnsupportedByManager = /* @__PURE__ */ lacking(
  "this surface has no profiles and no experiments",
  "getVersion getServerTime getUsersInfo setSelfInfo callExperimentalAPI setAPNSListener",
);

/** What the message manager has nothing for. */
export const UnsupportedByMessages = /* @__PURE__ */ lacking(
  "messages are text or custom; they are read, revoked and marked as read, and not kept on the device, changed or searched",
  "createTargetedGroupMessage appendMessage createImageMessage createSoundMessage createVideoMessage createTextAtMessage createFileMessage createLocationMessage createFaceMessage createMergerMessage createForwardMessage sendReplyMessage reSendMessage setC2CReceiveMessageOpt getC2CReceiveMessageOpt setGroupReceiveMessageOpt setLocalCustomData setLocalCustomInt getHistoryMessageList deleteMessageFromLocalStorage deleteMessages insertGroupMessageToLocalStorage insertC2CMessageToLocalStorage clearC2CHistoryMessage clearGroupHistoryMessage markAllMessageAsRead searchLocalMessages sendMessageReadReceipts getMessageReadReceipts getGroupMessageReadMemberList modifyMessage downloadMergerMessage setMessageExtensions getMessageExtensions deleteMessageExtensions getMessageOnlineUrl downloadMessage",
);

/** What the group manager has nothing for. */
export const UnsupportedByGroups = /* @__PURE__ */ lacking(
  "groups have no attributes, applications, name cards, mutes or topics here, and are not searched",
  "initGroupAttributes setGroupAttributes deleteGroupAttributes getGroupAttributes getGroupOnlineMemberCount getGroupMembersInfo setGroupMemberInfo muteGroupMember getGroupApplicationList acceptGroupApplication refuseGroupApplication setGroupApplicationRead searchGroups searchGroupMembers getJoinedCommunityList createTopicInCommunity deleteTopicFromCommunity setTopicInfo getTopicInfoList",
);

import { expect, test } from "vitest";
import * as v2tim from "../../src/v2tim/index.js";

/** Every method of `react-native-tim-js` 0.1.10 by its manager. They are written down here because the package has left its registry. */
const METHODS = {
  V2TIMManager:
    "initSDK login unInitSDK getVersion getServerTime logout getLoginUser sendC2CTextMessage sendC2CCustomMessage sendGroupTextMessage sendGroupCustomMessage createGroup joinGroup quitGroup dismissGroup getUsersInfo setSelfInfo callExperimentalAPI addSimpleMsgListener removeSimpleMsgListener addGroupListener removeGroupListener setSelfStatus subscribeUserStatus unsubscribeUserStatus getUserStatus getLoginStatus setAPNSListener getFriendshipManager getGroupManager getMessageManager getConversationManager getOfflinePushManager getSignalingManager",
  getSignalingManager:
    "addSignalingListener removeSignalingListener invite inviteInGroup cancel accept reject getSignalingInfo addInvitedSignaling",
  getMessageManager:
    "addAdvancedMsgListener removeAdvancedMsgListener createTextMessage createTargetedGroupMessage appendMessage createCustomMessage createImageMessage createSoundMessage createVideoMessage createTextAtMessage createFileMessage createLocationMessage createFaceMessage createMergerMessage createForwardMessage sendMessage sendReplyMessage reSendMessage setC2CReceiveMessageOpt getC2CReceiveMessageOpt setGroupReceiveMessageOpt setLocalCustomData setLocalCustomInt getC2CHistoryMessageList getGroupHistoryMessageList revokeMessage markC2CMessageAsRead markGroupMessageAsRead getHistoryMessageList deleteMessageFromLocalStorage deleteMessages insertGroupMessageToLocalStorage insertC2CMessageToLocalStorage clearC2CHistoryMessage clearGroupHistoryMessage markAllMessageAsRead searchLocalMessages sendMessageReadReceipts getMessageReadReceipts getGroupMessageReadMemberList findMessages modifyMessage downloadMergerMessage setMessageExtensions getMessageExtensions deleteMessageExtensions getMessageOnlineUrl downloadMessage",
  getGroupManager:
    "createGroup getJoinedGroupList getGroupsInfo setGroupInfo initGroupAttributes setGroupAttributes deleteGroupAttributes getGroupAttributes getGroupOnlineMemberCount getGroupMemberList getGroupMembersInfo setGroupMemberInfo muteGroupMember inviteUserToGroup kickGroupMember setGroupMemberRole transferGroupOwner getGroupApplicationList acceptGroupApplication refuseGroupApplication setGroupApplicationRead searchGroups searchGroupMembers getJoinedCommunityList createTopicInCommunity deleteTopicFromCommunity setTopicInfo getTopicInfoList",
  getConversationManager:
    "addConversationListener removeConversationListener getConversationList getConversationListByConversaionIds pinConversation getTotalUnreadMessageCount getConversation deleteConversation setConversationDraft addConversationsToGroup deleteConversationsFromGroup setConversationCustomData getConversationListByFilter markConversation createConversationGroup getConversationGroupList deleteConversationGroup renameConversationGroup",
  getFriendshipManager:
    "addFriendListener removeFriendListener getFriendList getFriendsInfo setFriendInfo addFriend deleteFromFriendList checkFriend getFriendApplicationList acceptFriendApplication refuseFriendApplication deleteFriendApplication setFriendApplicationRead addToBlackList deleteFromBlackList getBlackList createFriendGroup getFriendGroups deleteFriendGroup renameFriendGroup addFriendsToFriendGroup deleteFriendsFromFriendGroup searchFriends",
  getOfflinePushManager: "setOfflinePushConfig doBackground doForeground",
} as const;

/** The managers by the method that gives them. */
function managers(): [name: string, calls: Record<string, (...options: unknown[]) => unknown>, methods: string[]][] {
  const manager = new v2tim.V2TIMManager();
  return Object.entries(METHODS).map(([name, methods]) => {
    const found = name === "V2TIMManager" ? manager : manager[name as Exclude<keyof typeof METHODS, "V2TIMManager">]();
    return [name, found as never, methods.split(" ")];
  });
}

test("every method answers in the surface's shape, whatever it is given, and never rejects", async () => {
  let answered = 0;
  for (const [manager, calls, methods] of managers()) {
    for (const method of methods.filter((one) => !/^get\w+Manager$/.test(one))) {
      const name = `${manager}.${method}`;
      expect(calls[method], name).toBeTypeOf("function");
      const answer = (await calls[method]?.(undefined)) as v2tim.V2TimCallback;
      expect(answer, name).toMatchObject({ code: expect.any(Number), desc: expect.any(String) });
      if (answer.code === 7013) {
        expect(answer, name).toMatchObject({ desc: expect.stringMatching(`^${method} is not there: .`), reason: "notSupported" });
      }
      answered += 1;
    }
  }
  expect(answered).toBe(157);
});

test("a listener is refused at once, where nothing would come", () => {
  const manager = new v2tim.V2TIMManager();
  expect(manager.getConversationManager().addConversationListener({})).toMatchObject({ code: 7013 });
  expect(manager.getFriendshipManager().addFriendListener({})).toMatchObject({ code: 7013 });
});

test("every enumeration that apps name is there", () => {
  const names = Object.keys(v2tim).filter((name) =>
    /Enum$|^FriendType$|^FriendRelationType$|Filter$|^MessageElemType$/.test(name),
  );
  expect(names).toEqual(
    expect.arrayContaining([
      "FriendApplicationTypeEnum",
      "FriendRelationType",
      "FriendResponseTypeEnum",
      "FriendType",
      "GetGroupMessageReadMemberListFilter",
      "GroupAddOptEnum",
      "GroupApplicationTypeEnum",
      "GroupMemberFilterTypeEnum",
      "GroupMemberRoleTypeEnum",
      "HistoryMsgGetTypeEnum",
      "LogLevelEnum",
      "MessageElemType",
      "MessagePriorityEnum",
      "ReceiveMsgOptEnum",
    ]),
  );
  expect(v2tim.MessageElemType).toMatchObject({ V2TIM_ELEM_TYPE_IMAGE: 3, V2TIM_ELEM_TYPE_MERGER: 10 });
});

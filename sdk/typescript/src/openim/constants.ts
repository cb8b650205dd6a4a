/** The names of the events, as OpenIM's packages have them. Only those that there are here. */
export const CbEvents = {
  OnConnecting: "OnConnecting",
  OnConnectSuccess: "OnConnectSuccess",
  OnConnectFailed: "OnConnectFailed",
  OnKickedOffline: "OnKickedOffline",
  OnUserTokenExpired: "OnUserTokenExpired",
  OnSyncServerStart: "OnSyncServerStart",
  OnSyncServerFinish: "OnSyncServerFinish",
  OnSelfInfoUpdated: "OnSelfInfoUpdated",
  OnRecvNewMessages: "OnRecvNewMessages",
  OnNewRecvMessageRevoked: "OnNewRecvMessageRevoked",
  OnRecvC2CReadReceipt: "OnRecvC2CReadReceipt",
  OnNewConversation: "OnNewConversation",
  OnConversationChanged: "OnConversationChanged",
  OnTotalUnreadMessageCountChanged: "OnTotalUnreadMessageCountChanged",
  OnBlackAdded: "OnBlackAdded",
  OnBlackDeleted: "OnBlackDeleted",
  OnJoinedGroupAdded: "OnJoinedGroupAdded",
  OnJoinedGroupDeleted: "OnJoinedGroupDeleted",
  OnGroupDismissed: "OnGroupDismissed",
  OnGroupMemberAdded: "OnGroupMemberAdded",
  OnGroupMemberDeleted: "OnGroupMemberDeleted",
  OnGroupMemberInfoChanged: "OnGroupMemberInfoChanged",
  OnGroupInfoChanged: "OnGroupInfoChanged",
  OnReceiveNewInvitation: "OnReceiveNewInvitation",
  OnInviteeAccepted: "OnInviteeAccepted",
  OnInviteeRejected: "OnInviteeRejected",
  OnInviteeAcceptedByOtherDevice: "OnInviteeAcceptedByOtherDevice",
  OnInviteeRejectedByOtherDevice: "OnInviteeRejectedByOtherDevice",
  OnInvitationCancelled: "OnInvitationCancelled",
  OnInvitationTimeout: "OnInvitationTimeout",
  OnHangUp: "OnHangUp",
  OnRoomParticipantConnected: "OnRoomParticipantConnected",
  OnRoomParticipantDisconnected: "OnRoomParticipantDisconnected",
  OnReceiveCustomSignal: "OnReceiveCustomSignal",
} as const;

/** Kinds of conversations and calls. */
export enum SessionType {
  Single = 1,
  Group = 3,
  // biome-ignore lint/suspicious/noDuplicateEnumValues: OpenIM has both names.
  WorkingGroup = 3,
}

/** Kinds of devices. */
export enum Platform {
  iOS = 1,
  Android = 2,
  Windows = 3,
  MacOSX = 4,
  Web = 5,
  Linux = 7,
  AndroidPad = 8,
  iPad = 9,
}

/** Kinds of messages that there are here. */
export enum MessageType {
  TextMessage = 101,
  CustomMessage = 110,
  /** One that was taken back. */
  RevokeMessage = 2_101,
}

/** What may become of a message. */
export enum MessageStatus {
  Sending = 1,
  Succeed = 2,
  Failed = 3,
}

/** Roles in a group. */
export enum GroupMemberRole {
  Nomal = 20,
  Admin = 60,
  Owner = 100,
}

/** Which members a list wants. */
export enum GroupMemberFilter {
  All = 0,
  Owner = 1,
  Admin = 2,
  Nomal = 3,
  AdminAndNomal = 4,
  AdminAndOwner = 5,
}

/** Where the login stands. */
export enum LoginStatus {
  Logout = 1,
  Logging = 2,
  Logged = 3,
}

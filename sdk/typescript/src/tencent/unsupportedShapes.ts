// Shapes of Tencent's package for what this server does not have. Nothing gives one; they are here because apps name them.

import type { TypesNamed } from "./constants.js";
import type { Message, Profile } from "./shapes.js";

/** Who took a message back. */
export type UserInfo = Message["revokerInfo"];

/** A message within a merged one. */
export interface SimplifiedMessage extends Pick<Message, "ID" | "nick" | "avatar" | "from" | "time" | "cloudCustomData"> {
  messageBody: unknown[];
}

/** A friend. */
export interface Friend {
  userID: string;
  remark: string;
  groupList: string[];
  source: string;
  wording: string;
  profile: Profile;
  friendCustomField: { key: string; value: string }[];
}

/** Somebody's wish to be a friend. */
export interface FriendApplication {
  userID: string;
  avatar: string;
  nick: string;
  /** Seconds. */
  time: number;
  source: string;
  wording: string;
  type: TypesNamed<"SNS_APPLICATION_">;
}

/** Friends under a name. */
export interface FriendGroup {
  name: string;
  userIDList: string[];
  count: number;
}

/** A topic of a community. */
export interface Topic {
  topicID: string;
  topicName: string;
  avatar: string;
  introduction: string;
  notification: string;
  unreadCount: number;
  muteAllMembers: boolean;
  customData: string;
  groupAtInfoList: unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: apps read its fields, which Tencent's typings do not name either
  lastMessage: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  selfInfo: any;
}

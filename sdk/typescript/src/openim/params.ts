/** What the methods take, by OpenIM's names of the fields. */
import type { MessageItem } from "./chatShapes.js";
import type { RtcInvite } from "./shapes.js";

/** An invitation, in an object or bare. */
export type Invite =
  | {
      invitation: Invitation;
      /** Push settings. */
      offlinePushInfo?: object;
    }
  | Invitation;

/** What an app says of a call that it begins. */
export type Invitation = Pick<RtcInvite, "inviterUserID" | "inviteeUserIDList"> & Partial<RtcInvite>;

/** What is done about a call. */
export interface Act {
  /** Who does it: oneself. */
  opUserID?: string;
  /** As it came with an event; the inviter's own object may have an empty `roomID`. */
  invitation: Pick<RtcInvite, "inviterUserID"> & Partial<RtcInvite>;
}

/** A signal of the app's own. */
export interface CustomSignal {
  /** Where. */
  roomID: string;
  /** What. */
  customInfo: string;
}

/** A message to be sent, to a user or into a group. */
export interface SendMessage {
  /** As `createTextMessage` or `createCustomMessage` made it. */
  message: MessageItem;
  /** The user; empty for a group. */
  recvID: string;
  /** The group; empty for a user. */
  groupID: string;
  /** Push settings. */
  offlinePushInfo?: object;
  /** Only to those who are online. Default: false. */
  isOnlineOnly?: boolean;
}

/** One message. */
export interface MessageName {
  /** Where. */
  conversationID: string;
  /** Which. */
  clientMsgID: string;
}

/** A page of a history. */
export interface History {
  /** Where; or name the other side. */
  conversationID?: string;
  /** The other user. */
  userID?: string;
  /** The group. */
  groupID?: string;
  /** Beside the message of this place; 0: see `startClientMsgID`. */
  lastMinSeq?: number;
  /** Beside this message; empty: from the end. */
  startClientMsgID?: string;
  /** At most 100. Default: 20. */
  count?: number;
}

/** A message that is shown and not sent. */
export interface Insert {
  /** What. */
  message: MessageItem;
  /** Not used: it is one's own. */
  sendID?: string;
  /** The user. */
  recvID?: string;
  /** The group. */
  groupID?: string;
}

/** A page of a list. */
export interface Split {
  /** How many to leave out. Default: 0. */
  offset?: number;
  /** At most 100. Default: 20. */
  count?: number;
}

/** A conversation by its other side. */
export interface Source {
  /** The user or the group. */
  sourceID: string;
  /** 1 a user, 3 a group. */
  sessionType: number;
}

/** A group to be made. */
export interface CreateGroup {
  /** First members besides oneself. */
  memberUserIDs: string[];
  /** What it is. */
  groupInfo: {
    /** Chosen by the app; made by the server when empty. */
    groupID?: string;
    /** For people. */
    groupName?: string;
    /** Opaque to the server. */
    ex?: string;
    /** Not used: all groups are alike. */
    groupType?: number;
  };
  /** Those who become admins. */
  adminUserIDs?: string[];
  /** Not used: it is oneself. */
  ownerUserID?: string;
}

/** A group. */
export interface Group {
  /** Which. */
  groupID: string;
  /** Not used. */
  reqMsg?: string;
  /** Not used. */
  joinSource?: number;
}

/** Some users of a group. */
export interface GroupUsers {
  /** Which group. */
  groupID: string;
  /** At most 100. */
  userIDList: string[];
  /** Not used. */
  reason?: string;
}

/** A page of a group's members. */
export interface Members extends Split {
  /** Which group. */
  groupID: string;
  /** 0 all, 1 owner, 2 admin, 3 member, 4 admin and member, 5 admin and owner. Default: 0. */
  filter?: number;
}

/** What changes of a group; what is left out stays. */
export interface GroupInfo {
  /** Which. */
  groupID: string;
  /** For people. */
  groupName?: string;
  /** Opaque to the server. */
  ex?: string;
}

/** To whom a group goes. */
export interface Transfer {
  /** Which. */
  groupID: string;
  /** A member. */
  newOwnerUserID: string;
}

/** What changes of one's profile; what is left out stays. */
export interface SelfInfo {
  /** For people. */
  nickname?: string;
  /** Address of a picture. */
  faceURL?: string;
  /** Opaque to the server. */
  ex?: string;
}

/** Some users. */
export interface Users {
  /** At most 100. */
  userIDList: string[];
  /** Not used. */
  groupID?: string;
}

/** Whom to block; a userID alone does as well. */
export type Black =
  | string
  | {
      /** Who. */
      toUserID: string;
      /** Not used. */
      ex?: string;
    };

import type { ConversationView } from "../wire/index.js";
import { type ConversationType, TYPES, type TypesNamed } from "./constants.js";
import type { Group } from "./groupShape.js";
import { emptyProfile, type Message, messageShape, type Peer, type Profile, profileShape, type Viewer } from "./shapes.js";

/** A line of the conversation list, in the shape of Tencent's package. */
export interface Conversation {
  conversationID: string;
  type: ConversationType;
  subType: string;
  unreadCount: number;
  lastMessage: {
    lastTime: number;
    lastSequence: number;
    fromAccount: string;
    messageForShow: string;
    type: string;
    payload: unknown;
    isRevoked: boolean;
    isPeerRead: boolean;
    nick: string;
    nameCard: string;
  };
  /** Of a group; undefined one-to-one, which Tencent's typings leave out as well. */
  groupProfile: Group;
  /** Of the other one; undefined in a group. */
  userProfile: Profile;
  groupAtInfoList: unknown[];
  remark: string;
  isPinned: boolean;
  messageRemindType: TypesNamed<"MSG_REMIND_">;
  markList: number[];
  customData: string;
  conversationGroupList: string[];
  draftText: string;
}

/** A conversation of the protocol in Tencent's shape; `group` knows one's groups. */
export function conversationShape(
  view: ConversationView,
  viewer: Viewer,
  group: (groupID: string) => Group | undefined,
): Conversation {
  const { groupID, userID = "", unread } = view;
  const { type, id } = peerIn(view);
  const other = viewer.profile(userID) ?? emptyProfile(userID);
  const groupProfile = groupID === undefined ? undefined : group(groupID);
  return {
    conversationID: `${type}${id}`,
    type,
    subType: groupProfile?.type ?? "",
    unreadCount: unread,
    lastMessage: lastShape(view, viewer),
    groupProfile: groupProfile as Group,
    userProfile: (groupID === undefined ? profileShape(other) : undefined) as Profile,
    groupAtInfoList: [],
    remark: "",
    isPinned: view.pinned ?? false,
    messageRemindType: TYPES.MSG_REMIND_ACPT_AND_NOTE,
    markList: [],
    customData: "",
    conversationGroupList: [],
    draftText: "",
  };
}

/** Whose conversation it is. */
export function peerIn({ groupID, userID = "" }: ConversationView): Peer {
  return groupID === undefined ? { type: TYPES.CONV_C2C, id: userID } : { type: TYPES.CONV_GROUP, id: groupID };
}

function lastShape({ lastMessage, lastSeq, peerReadSeq }: ConversationView, viewer: Viewer): Conversation["lastMessage"] {
  const last = lastMessage === undefined ? undefined : messageShape(lastMessage, viewer, peerReadSeq);
  return {
    lastTime: lastMessage === undefined ? 0 : viewer.secondsHere(lastMessage.time),
    lastSequence: last?.sequence ?? lastSeq,
    fromAccount: last?.from ?? "",
    messageForShow: last === undefined ? "" : wordsFor(last),
    type: last?.type ?? "",
    payload: last?.payload ?? null,
    isRevoked: last?.isRevoked ?? false,
    isPeerRead: last?.isPeerRead ?? false,
    nick: last?.nick ?? "",
    nameCard: "",
  };
}

/** What Tencent's package shows for a message in the list. */
function wordsFor({ type, payload }: Message): string {
  switch (type) {
    case TYPES.MSG_TEXT:
      return String(payload.text);
    case TYPES.MSG_CUSTOM:
      return "[自定义消息]";
    default:
      return `[${type}]`;
  }
}

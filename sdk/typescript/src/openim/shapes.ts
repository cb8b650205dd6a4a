import { isObject, objectIn } from "../check.js";
import { present } from "../present.js";
import type { CallEntry, GroupView, InvitationView, Joined, Member, Profile, Role } from "../wire/index.js";

/** OpenIM's invitation object. What is empty is left out of those that are told. */
export interface RtcInvite {
  /** Who invites. */
  inviterUserID: string;
  /** Who is invited. */
  inviteeUserIDList: string[];
  /** The app's own payload. */
  customData?: string;
  /** The group; absent or empty one-to-one. */
  groupID?: string;
  /** Where; empty in an invite lets the server choose. */
  roomID: string;
  /** Seconds; of a ring what is left. */
  timeout?: number;
  /** `audio`, `video`, or a word of the app's. */
  mediaType: string;
  /** 1 one-to-one, 3 group. */
  sessionType: number;
  /** The platform of the inviter. */
  platformID: number;
  /** Server time in ms. */
  initiateTime?: number;
  /** Who is in another call and does not ring. */
  busyLineUserIDList?: string[];
}

/** What is needed to come into a room: LiveKit's address and token, both empty with other media. */
export interface RtcInviteResults {
  /** The media server's address. */
  liveURL: string;
  /** Where. */
  roomID: string;
  /** Of the media server. */
  token: string;
  /** Who is in another call and does not ring. */
  busyLineUserIDList?: string[];
}

/** A user, without what is empty. */
export interface CallingUser {
  /** Who. */
  userID: string;
  /** Shown to people. */
  nickname?: string;
  /** Address of a picture. */
  faceURL?: string;
  /** Opaque to the server. */
  ex?: string;
}

/** OpenIM's group. What this server has not is empty or 0. */
export interface GroupItem {
  /** Its name everywhere. */
  groupID: string;
  /** Shown to people. */
  groupName: string;
  notification: string;
  introduction: string;
  faceURL: string;
  /** Server time in ms. */
  createTime: number;
  /** 0, or 2 when it was dismissed. */
  status: number;
  /** Its owner: who made it is not known. */
  creatorUserID: string;
  /** Always 2. */
  groupType: number;
  ownerUserID: string;
  memberCount: number;
  /** Opaque to the server. */
  ex: string;
  needVerification: number;
  lookMemberInfo: number;
  applyMemberFriend: number;
  notificationUpdateTime: number;
  notificationUserID: string;
}

/** OpenIM's group member. What this server has not is empty or 0. */
export interface GroupMemberItem {
  groupID: string;
  userID: string;
  /** Of their profile. */
  nickname: string;
  /** Of their profile. */
  faceURL: string;
  /** 20 member, 60 admin, 100 owner. */
  roleLevel: number;
  /** Server time in ms. */
  joinTime: number;
  /** Always 2: added by somebody. */
  joinSource: number;
  inviterUserID: string;
  muteEndTime: number;
  operatorUserID: string;
  ex: string;
}

/** A user, as OpenIM's apps see them. What this server has not is empty or 0. */
export interface SelfUserInfo {
  userID: string;
  nickname: string;
  faceURL: string;
  createTime: number;
  /** Opaque to the server. */
  ex: string;
  attachedInfo: string;
  globalRecvMsgOpt: number;
}

/** An entry of the list of blocked users. What this server has not is 0. */
export interface BlackUserItem {
  /** Who blocks. */
  ownerUserID: string;
  /** Whom. */
  userID: string;
  nickname: string;
  faceURL: string;
  createTime: number;
  addSource: number;
  operatorUserID: string;
  /** Opaque to the server. */
  ex: string;
}

/** Somebody in a call, or who acts in one. What is not known is an empty object; in groups it says what they are there. */
export interface ParticipantInfo {
  /** Who. */
  userInfo: CallingUser | Record<string, never>;
  /** In calls of a group: the group. */
  groupInfo: GroupItem | Record<string, never>;
  /** In calls of a group: the member. */
  groupMemberInfo: GroupMemberItem | Record<string, never>;
}

/** The running call of a group. */
export interface CallingRoomData {
  /** The group. */
  groupID: string;
  /** The invitation that opened it; null when there is no call. */
  invitation: RtcInvite | null;
  /** Everybody who is in. */
  participant: ParticipantInfo[];
  /** Where; empty when there is no call. */
  roomID: string;
}

/** What rings. */
export interface StartAppInvitation {
  /** The newest invitation that waits for this user. */
  invitation: RtcInvite | null;
  /** Push settings are not given back. */
  offlinePushInfo: Record<string, never>;
}

/** The platform that is named when a back end invited: OpenIM's number for an administrator. */
export const NO_DEVICE = 10;

/** The invitation object of an invitation that rings as a call; undefined for others. */
export function rtcInvite(view: InvitationView, timeout = view.timeout): RtcInvite | undefined {
  const { inviter, invitees, data, groupID, call, inviteID, createdAt, inviterDevice } = view;
  const mediaType = call?.mediaType ?? mediaTypeIn(data);
  if (mediaType === undefined) {
    return undefined;
  }
  const busy = invitees.filter((invitee) => invitee.busy).map(({ userID }) => userID);
  return present({
    inviterUserID: inviter,
    inviteeUserIDList: invitees.map(({ userID }) => userID),
    customData: data || undefined,
    groupID,
    roomID: call?.roomID ?? inviteID,
    timeout: timeout || undefined,
    mediaType,
    platformID: inviterDevice?.platform ?? NO_DEVICE,
    sessionType: groupID === undefined ? 1 : 3,
    initiateTime: createdAt,
    busyLineUserIDList: busy.length > 0 ? busy : undefined,
  });
}

/** The same of one that rings now: apps count down from `timeout`. */
export function ringingInvite(view: InvitationView): RtcInvite | undefined {
  const { timeout, remainingMs } = view;
  return rtcInvite(view, remainingMs === undefined ? timeout : Math.min(timeout, Math.max(1, Math.ceil(remainingMs / 1_000))));
}

/** Whether the inviter came into the room by it. */
export function opensItsCall({ call, inviteID }: InvitationView): boolean {
  return call?.callID === inviteID;
}

/** What a client needs to come into a room. */
export function entered(entry: CallEntry | Joined): RtcInviteResults {
  const { media, roomID, busyLineUserIDList = [] } = entry;
  const { token = "", liveURL = "" } = media;
  return { token, roomID, liveURL, ...(busyLineUserIDList.length > 0 ? { busyLineUserIDList } : {}) };
}

/** Somebody as a call shows them. */
export function participantInfo(profile?: Profile, group?: GroupView, member?: Member): ParticipantInfo {
  return {
    userInfo: profile === undefined ? {} : callingUser(profile),
    groupInfo: group === undefined ? {} : groupItem(group),
    groupMemberInfo:
      profile === undefined || group === undefined || member === undefined ? {} : memberItem(group.groupID, member, profile),
  };
}

/** A profile without what is empty. */
function callingUser({ userID, nickname, faceURL, ext }: Profile): CallingUser {
  return present({ userID, nickname: nickname || undefined, faceURL: faceURL || undefined, ex: ext || undefined });
}

/** A group that exists. */
export function groupItem({ groupID, name, createdAt, owner, memberCount, ext }: GroupView): GroupItem {
  return {
    groupID,
    groupName: name,
    notification: "",
    introduction: "",
    faceURL: "",
    createTime: createdAt,
    status: 0,
    creatorUserID: owner,
    groupType: 2,
    ownerUserID: owner,
    memberCount,
    ex: ext,
    needVerification: 0,
    lookMemberInfo: 0,
    applyMemberFriend: 0,
    notificationUpdateTime: 0,
    notificationUserID: "",
  };
}

/** A member and their profile. */
export function memberItem(groupID: string, { role, joinedAt }: Member, { userID, nickname, faceURL }: Profile): GroupMemberItem {
  return {
    groupID,
    userID,
    nickname,
    faceURL,
    roleLevel: ROLE_LEVEL[role],
    joinTime: joinedAt,
    joinSource: 2,
    inviterUserID: "",
    muteEndTime: 0,
    operatorUserID: "",
    ex: "",
  };
}

/** A profile as OpenIM's user. */
export function selfUserInfo({ userID, nickname, faceURL, ext }: Profile): SelfUserInfo {
  return { userID, nickname, faceURL, createTime: 0, ex: ext, attachedInfo: "", globalRecvMsgOpt: 0 };
}

/** A user whom `owner` has blocked. */
export function blackUserItem(owner: string, { userID, nickname, faceURL, ext }: Profile): BlackUserItem {
  return { ownerUserID: owner, userID, nickname, faceURL, createTime: 0, addSource: 0, operatorUserID: owner, ex: ext };
}

/** OpenIM's numbers of roles. */
export const ROLE_LEVEL: Readonly<Record<Role, number>> = { member: 20, admin: 60, owner: 100 };

/** What payloads of Tencent's packages call a call. */
const CALL_WORDS: Readonly<Record<string, string>> = {
  audio: "audio",
  audioCall: "audio",
  video: "video",
  videoCall: "video",
};

/**
 * `audio` or `video`, when a payload says that its invitation is a call. Apps on Tencent's packages call without opening a call on this
 * server; of other invitations, such as raised hands, an OpenIM app knows nothing, and would ring for each.
 */
export function mediaTypeIn(data: string): string | undefined {
  const payload = objectIn(data);
  if (payload === undefined) {
    return undefined;
  }
  const inner = isObject(payload.data) ? payload.data : {};
  const word = [payload.mediaType, inner.cmd].find((one) => typeof one === "string");
  if (typeof word === "string") {
    // "line_busy", "switchToAudioCall" and "hangup" are no calls.
    return CALL_WORDS[word];
  }
  if (Number.isSafeInteger(payload.call_type)) {
    return payload.call_type === 1 ? "audio" : "video";
  }
  return payload.businessID === "av_call" ? "video" : undefined;
}

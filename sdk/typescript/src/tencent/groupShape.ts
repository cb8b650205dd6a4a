import { readExt } from "../ext.js";
import type { GroupView, JoinPolicy, Member, Role } from "../wire/index.js";
import { TYPES, type TypesNamed } from "./constants.js";
import { faceOf, seconds, type Viewer } from "./shapes.js";

/** A group, in the shape of Tencent's package. What the server has no field for is kept in its `ext`. */
export interface Group {
  groupID: string;
  name: string;
  avatar: string;
  type: TypesNamed<"GRP_WORK" | "GRP_PUBLIC" | "GRP_MEETING" | "GRP_AVCHATROOM" | "GRP_COMMUNITY">;
  introduction: string;
  notification: string;
  ownerID: string;
  /** Seconds. */
  createTime: number;
  infoSequence: number;
  lastInfoTime: number;
  /** The role is "" where one is not in the group. */
  selfInfo: { userID: string; role: string; joinTime: number; messageRemindType: string };
  /** Nothing here: its conversation has it. */
  // biome-ignore lint/suspicious/noExplicitAny: apps read its fields, which Tencent's typings do not name either
  lastMessage: any;
  /** 0: its conversation has the sequence of its last message. */
  nextMessageSeq: number;
  memberCount: number;
  memberNum: number;
  maxMemberCount: number;
  muteAllMembers: boolean;
  joinOption: TypesNamed<"JOIN_OPTIONS_">;
  groupCustomField: { key: string; value: string }[];
  isSupportTopic: boolean;
}

/** A member of a group, in the shape of Tencent's package. */
export interface GroupMember {
  userID: string;
  avatar: string;
  nick: string;
  role: string;
  /** Seconds. */
  joinTime: number;
  nameCard: string;
  muteUntil: number;
  memberCustomField: { key: string; value: string }[];
}

/** Members of one group that the server takes unless it is configured otherwise. */
const MOST_MEMBERS = 2_000;

/** Fields of Tencent's group profile that are kept in the `ext`, all of them texts; `groupCustomField` is kept as well. */
export const KEPT = ["type", "avatar", "introduction", "notification"] as const;

const ROLES: Readonly<Record<Role, string>> = {
  owner: TYPES.GRP_MBR_ROLE_OWNER,
  admin: TYPES.GRP_MBR_ROLE_ADMIN,
  member: TYPES.GRP_MBR_ROLE_MEMBER,
};

/** Tencent's name of a role; "" for those who are not in the group. */
export function roleShape(role: Role | undefined): string {
  return role === undefined ? "" : ROLES[role];
}

/** A group of the protocol in Tencent's shape. */
export function groupShape(
  group: GroupView,
  { me }: Viewer,
  selfRole = roleShape(group.owner === me ? "owner" : "member"),
): Group {
  const { groupID, name, ext, joinPolicy, owner, memberCount } = group;
  const createTime = seconds(group.createdAt);
  return {
    avatar: "",
    type: joinPolicy === "free" ? TYPES.GRP_PUBLIC : TYPES.GRP_WORK,
    introduction: "",
    notification: "",
    groupCustomField: [],
    ...readExt(ext),
    groupID,
    name,
    ownerID: owner,
    createTime,
    infoSequence: 0,
    lastInfoTime: createTime,
    selfInfo: {
      userID: me,
      role: selfRole,
      joinTime: createTime,
      messageRemindType: TYPES.MSG_REMIND_ACPT_AND_NOTE,
    },
    lastMessage: undefined,
    nextMessageSeq: 0,
    memberCount,
    memberNum: memberCount,
    maxMemberCount: MOST_MEMBERS,
    muteAllMembers: false,
    joinOption: joinPolicy === "free" ? TYPES.JOIN_OPTIONS_FREE_ACCESS : TYPES.JOIN_OPTIONS_DISABLE_APPLY,
    isSupportTopic: false,
  };
}

/** A member of the protocol in Tencent's shape. */
export function memberShape({ userID, role, joinedAt }: Member, viewer: Viewer): GroupMember {
  return {
    userID,
    ...faceOf(viewer, userID),
    role: roleShape(role),
    joinTime: seconds(joinedAt),
    nameCard: "",
    muteUntil: 0,
    memberCustomField: [],
  };
}

/**
 * Who may join a group of this type with this option. A work group is one's members' to fill; where an owner's permission would be
 * asked for, which this server does not do, only members add others.
 */
export function joinPolicyOf(type: string | undefined, joinOption: string | undefined): JoinPolicy {
  switch (joinOption) {
    case TYPES.JOIN_OPTIONS_FREE_ACCESS:
      return "free";
    case TYPES.JOIN_OPTIONS_NEED_PERMISSION:
    case TYPES.JOIN_OPTIONS_DISABLE_APPLY:
      return "inviteOnly";
    default:
      return type === TYPES.GRP_WORK ? "inviteOnly" : "free";
  }
}

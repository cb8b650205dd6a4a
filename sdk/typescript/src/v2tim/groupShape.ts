import { groupTypeIn } from "../ext.js";
import type { GroupView, JoinPolicy, Member, Role } from "../wire/index.js";
import { GroupAddOptEnum, GroupMemberFilterTypeEnum, GroupMemberRoleTypeEnum } from "./enums.js";
import { Refusal, wantObject, wantText } from "./results.js";

/** A group's description. */
export interface V2TimGroupInfo {
  groupID: string;
  groupType: string;
  groupName: string;
  owner: string;
  /** Server time, seconds. */
  createTime: number;
  memberCount: number;
  /** See GroupAddOptEnum. */
  groupAddOpt: number;
}

/** A member of a group. */
export interface V2TimGroupMemberFullInfo {
  userID: string;
  /** See GroupMemberRoleTypeEnum. */
  role: number;
  /** Server time, seconds. */
  joinTime: number;
}

/** The numbers of a role. */
export const ROLES: Readonly<Record<Role, { number: GroupMemberRoleTypeEnum; filter: GroupMemberFilterTypeEnum }>> = {
  owner: {
    number: GroupMemberRoleTypeEnum.V2TIM_GROUP_MEMBER_ROLE_OWNER,
    filter: GroupMemberFilterTypeEnum.V2TIM_GROUP_MEMBER_FILTER_OWNER,
  },
  admin: {
    number: GroupMemberRoleTypeEnum.V2TIM_GROUP_MEMBER_ROLE_ADMIN,
    filter: GroupMemberFilterTypeEnum.V2TIM_GROUP_MEMBER_FILTER_ADMIN,
  },
  member: {
    number: GroupMemberRoleTypeEnum.V2TIM_GROUP_MEMBER_ROLE_MEMBER,
    filter: GroupMemberFilterTypeEnum.V2TIM_GROUP_MEMBER_FILTER_COMMON,
  },
};

/** A group of the protocol, as this surface describes it. */
export function infoOf({ groupID, name, owner, createdAt, memberCount, joinPolicy, ext }: GroupView): V2TimGroupInfo {
  const { V2TIM_GROUP_ADD_ANY, V2TIM_GROUP_ADD_FORBID } = GroupAddOptEnum;
  return {
    groupID,
    groupType: groupTypeIn(ext) ?? (joinPolicy === "free" ? "Public" : "Work"),
    groupName: name,
    owner,
    createTime: Math.floor(createdAt / 1_000),
    memberCount,
    groupAddOpt: joinPolicy === "free" ? V2TIM_GROUP_ADD_ANY : V2TIM_GROUP_ADD_FORBID,
  };
}

/** A member of the protocol, as this surface describes them. */
export function memberOf({ userID, role, joinedAt }: Member): V2TimGroupMemberFullInfo {
  return { userID, role: ROLES[role].number, joinTime: Math.floor(joinedAt / 1_000) };
}

/** Who may join: as the option says; without one a work group is its members' to fill, and all others are open. */
export function policyOf(field: string, addOpt: unknown, type?: string): JoinPolicy {
  switch (addOpt) {
    case undefined:
      return type === "Work" ? "inviteOnly" : "free";
    case GroupAddOptEnum.V2TIM_GROUP_ADD_ANY:
      return "free";
    case GroupAddOptEnum.V2TIM_GROUP_ADD_AUTH:
    case GroupAddOptEnum.V2TIM_GROUP_ADD_FORBID:
      return "inviteOnly";
    default:
      throw new Refusal("invalidParams", field, `${field} must be one of GroupAddOptEnum`);
  }
}

/** The userIDs of first members. */
export function membersIn(memberList: unknown): string[] {
  if (memberList === undefined) {
    return [];
  }
  if (!Array.isArray(memberList)) {
    throw new Refusal("invalidParams", "memberList", "memberList must be an array");
  }
  return memberList.map((member) => wantText("memberList.userID", wantObject("memberList", member).userID));
}

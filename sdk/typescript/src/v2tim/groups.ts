import { everyPage } from "../everyPage.js";
import { extOfGroupType } from "../ext.js";
import type { GroupView } from "../wire/index.js";
import type { GroupAddOptEnum, GroupMemberFilterTypeEnum, GroupMemberRoleTypeEnum } from "./enums.js";
import {
  infoOf,
  memberOf,
  membersIn,
  policyOf,
  ROLES,
  type V2TimGroupInfo,
  type V2TimGroupMemberFullInfo,
} from "./groupShape.js";
import {
  answer,
  done,
  failure,
  Refusal,
  type V2TimCallback,
  type V2TimValueCallback,
  wantNumber,
  wantObject,
  wantString,
  wantText,
  wantTexts,
} from "./results.js";
import type { Session } from "./session.js";
import { UnsupportedByGroups } from "./unsupported.js";

/** A first member of a group. */
export interface V2TimGroupMember {
  userID: string;
  /** See GroupMemberRoleTypeEnum; a first member is a member, whatever stands here. */
  role?: number;
}

/** What `createGroup` takes. */
export interface V2TimGroupCreation {
  /** `Work` groups are filled by their members; all others, such as `Public`, `Meeting` and `AVChatRoom`, can be joined by anybody. */
  groupType: string;
  /** Shown to people. */
  groupName: string;
  /** Default: made by the server. */
  groupID?: string;
  /** Who may join by himself. Default: as `groupType` says. */
  addOpt?: GroupAddOptEnum;
  /** The first members besides oneself. */
  memberList?: V2TimGroupMember[];
}

/** The answer for one of several groups. */
export interface V2TimGroupInfoResult {
  /** 0, or why there is no `groupInfo`. */
  resultCode: number;
  resultMessage: string;
  groupInfo?: V2TimGroupInfo;
}

/** What of a group is changed; what is left out stays. */
export interface V2TimGroupInfoChange {
  groupID: string;
  groupName?: string;
  groupAddOpt?: GroupAddOptEnum;
}

/** A page of members. */
export interface V2TimGroupMemberInfoResult {
  /** Give it to get the next page; "0" when this is the last. */
  nextSeq: string;
  memberInfoList: V2TimGroupMemberFullInfo[];
}

/** The answer for one of several members. */
export interface V2TimGroupMemberOperationResult {
  memberID: string;
  /** 1 = done. */
  result: number;
}

/** Groups: create them, their members, their descriptions. */
export class V2TimGroupManager extends UnsupportedByGroups {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    super();
    this.#session = session;
  }

  /** Creates a group and owns it; `data` is its groupID. First members who do not exist are left out. */
  createGroup(creation: V2TimGroupCreation): Promise<V2TimValueCallback<string>> {
    return answer(
      async () => {
        const { groupType, groupName, groupID, addOpt, memberList } = wantObject("info", creation);
        const type = wantText("groupType", groupType);
        const { client } = this.#session;
        const created = await client.groups.create({
          name: wantString("groupName", groupName),
          joinPolicy: policyOf("addOpt", addOpt, type),
          ext: extOfGroupType(type),
          members: membersIn(memberList),
          ...(groupID ? { groupID: wantText("groupID", groupID) } : {}),
        });
        return created.groupID;
      },
      { name: "groupName", members: "memberList" },
    );
  }

  /** The groups one is in. */
  getJoinedGroupList(): Promise<V2TimValueCallback<V2TimGroupInfo[]>> {
    return answer(async () => {
      const { client } = this.#session;
      return (await everyPage((from) => client.groups.list(from), "groups")).map(infoOf);
    });
  }

  /** Descriptions of groups one is in or could join, 1 to 50 of them. */
  getGroupsInfo(groupIDList: string[]): Promise<V2TimValueCallback<V2TimGroupInfoResult[]>> {
    return answer(() => {
      const { client } = this.#session;
      const groupIDs = wantTexts("groupIDList", groupIDList);
      wantNumber("groupIDList.length", groupIDs.length, 1, MOST_GROUPS);
      return Promise.all(groupIDs.map((groupID) => infoResult(client.groups.info({ groupID }))));
    });
  }

  /** Changes a group's description. */
  setGroupInfo(info: V2TimGroupInfoChange): Promise<V2TimCallback> {
    return answer(
      async () => {
        const { groupID, groupName, groupAddOpt } = wantObject("info", info);
        const changed = {
          groupID: wantText("groupID", groupID),
          ...(groupName === undefined ? {} : { name: wantString("groupName", groupName) }),
          ...(groupAddOpt === undefined ? {} : { joinPolicy: policyOf("groupAddOpt", groupAddOpt) }),
        };
        await this.#session.client.groups.setInfo(changed);
      },
      { name: "groupName" },
    ).then(({ data: _, ...result }) => result);
  }

  /**
   * Pages through the members.
   *
   * @param filter see GroupMemberFilterTypeEnum; a page has only those of the `count` looked at that it lets through
   * @param nextSeq "0" for the first page, then what the page before gave
   * @param count 1 to 500
   */
  getGroupMemberList(
    groupID: string,
    filter: GroupMemberFilterTypeEnum,
    nextSeq: string,
    count = 15,
  ): Promise<V2TimValueCallback<V2TimGroupMemberInfoResult>> {
    return answer(
      async () => {
        const wanted = wantNumber("filter", filter, 0, ALL_ROLES);
        const after = nextSeq === FIRST_PAGE || nextSeq === undefined ? {} : { after: wantText("nextSeq", nextSeq) };
        const page = { groupID: wantText("groupID", groupID), limit: wantNumber("count", count, 1, MOST_MEMBERS), ...after };
        const { members, next = FIRST_PAGE } = await this.#session.client.groups.members(page);
        const passed = members.filter(({ role }) => wanted === 0 || (wanted & ROLES[role].filter) !== 0);
        return { nextSeq: next, memberInfoList: passed.map(memberOf) };
      },
      { after: "nextSeq", limit: "count" },
    );
  }

  /** Adds users to a group, 1 to 100. All of them or, when one does not exist, none. */
  inviteUserToGroup(groupID: string, userList: string[]): Promise<V2TimValueCallback<V2TimGroupMemberOperationResult[]>> {
    return answer(
      async () => {
        const userIDs = wantTexts("userList", userList);
        await this.#session.client.groups.addMembers({ groupID: wantText("groupID", groupID), userIDs });
        return userIDs.map((memberID) => ({ memberID, result: 1 }));
      },
      { userIDs: "userList" },
    );
  }

  /** Removes members from a group, 1 to 100, whose role is below one's own. */
  kickGroupMember(groupID: string, memberList: string[]): Promise<V2TimValueCallback<V2TimGroupMemberOperationResult[]>> {
    return answer(
      async () => {
        const userIDs = wantTexts("memberList", memberList);
        await this.#session.client.groups.removeMembers({ groupID: wantText("groupID", groupID), userIDs });
        return userIDs.map((memberID) => ({ memberID, result: 1 }));
      },
      { userIDs: "memberList" },
    );
  }

  /** Makes a member an admin, or an admin a member. */
  setGroupMemberRole(groupID: string, userID: string, role: GroupMemberRoleTypeEnum): Promise<V2TimCallback> {
    return done(() => {
      const { ADMIN, MEMBER } = { ADMIN: ROLES.admin.number, MEMBER: ROLES.member.number };
      if (role !== ADMIN && role !== MEMBER) {
        throw new Refusal("invalidParams", "role", `role must be ${MEMBER} (member) or ${ADMIN} (admin)`);
      }
      return this.#session.client.groups.setRole({ groupID, userID, role: role === ADMIN ? "admin" : "member" });
    });
  }

  /** Hands one's group over; one is an admin from then on. */
  transferGroupOwner(groupID: string, userID: string): Promise<V2TimCallback> {
    return done(() => this.#session.client.groups.setRole({ groupID, userID, role: "owner" }));
  }
}

/** What this surface gives for the first page, and as the next of the last one. */
const FIRST_PAGE = "0";
/** The field's bound of one question. */
const MOST_GROUPS = 50;
/** The server's bound of a page. */
const MOST_MEMBERS = 500;
/** All the filters together. */
const ALL_ROLES = 7;

/** One of several questions; its failure is a part of the answer. */
async function infoResult(asked: Promise<{ group: GroupView }>): Promise<V2TimGroupInfoResult> {
  try {
    return { resultCode: 0, resultMessage: "", groupInfo: infoOf((await asked).group) };
  } catch (thrown) {
    const { code, desc } = failure(thrown);
    return { resultCode: code, resultMessage: desc };
  }
}

import { present } from "../present.js";
import type { Member, UserId } from "../wire/index.js";
import type { Account } from "./account.js";
import { answered, ok, type Success } from "./codes.js";
import { type Group, type GroupMember, memberShape } from "./groupShape.js";
import type { Groups } from "./groups.js";
import { asked, text } from "./params.js";
import type { Profiles } from "./profiles.js";

/** Members a page of Tencent's has unless the app says. */
const PAGE = 15;
/** Most members one request gives. */
const MOST_AT_ONCE = 500;

/** The members of groups. */
export class Members {
  readonly #account: Account;
  readonly #profiles: Profiles;
  readonly #groups: Groups;

  constructor(account: Account, profiles: Profiles, groups: Groups) {
    this.#account = account;
    this.#profiles = profiles;
    this.#groups = groups;
  }

  /** `offset` in the result is that of the next page, 0 after the last. */
  getGroupMemberList(options: unknown): Promise<Success<{ memberList: GroupMember[]; offset: number }>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      const offset = params.optionalCount("offset") ?? 0;
      const end = offset + (params.optionalCount("count") || PAGE);
      const { members, complete } = await this.#upTo(groupID, end);
      const page = members.slice(offset, end);
      return ok({ memberList: await this.#shapes(page), offset: complete && members.length <= end ? 0 : end });
    });
  }

  getGroupMemberProfile(options: unknown): Promise<Success<{ memberList: GroupMember[] }>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      const wanted = params.texts("userIDList");
      const { members } = await this.#upTo(groupID, Infinity);
      return ok({ memberList: await this.#shapes(members.filter(({ userID }) => wanted.includes(userID))) });
    });
  }

  /** The server adds all or none: a user who does not exist is refused with 20003. */
  addGroupMember(options: unknown): Promise<Success<AddedMembers>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      const userIDs = params.texts("userIDList");
      const { members } = await this.#upTo(groupID, Infinity);
      const before = new Set(members.map(({ userID }) => userID));
      await this.#account.client().groups.addMembers({ groupID, userIDs });
      return ok({
        successUserIDList: userIDs.filter((userID) => !before.has(userID)),
        failureUserIDList: [],
        existedUserIDList: userIDs.filter((userID) => before.has(userID)),
        group: await this.#group(groupID),
      });
    });
  }

  deleteGroupMember(options: unknown): Promise<Success<{ group: Group; userIDList: UserId[] }>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      const userIDs = params.texts("userIDList");
      await this.#account.client().groups.removeMembers({ groupID, userIDs });
      return ok({ group: await this.#group(groupID), userIDList: userIDs });
    });
  }

  getGroupOnlineMemberCount(groupID: unknown): Promise<Success<{ memberCount: number }>> {
    return answered(async () => {
      const { online } = await this.#account.client().groups.onlineCount({ groupID: text(groupID, "groupID") });
      return ok({ memberCount: online });
    });
  }

  async #group(groupID: string): Promise<Group> {
    return (await this.#groups.getGroupProfile({ groupID })).data.group;
  }

  async #shapes(members: Member[]): Promise<GroupMember[]> {
    await this.#profiles.learn(members.map(({ userID }) => userID));
    return members.map((member) => memberShape(member, this.#profiles.viewer));
  }

  /** The first members, at least to `end` where there are as many: the server pages by name, and Tencent's package by number. */
  async #upTo(groupID: string, end: number): Promise<{ members: Member[]; complete: boolean }> {
    const members: Member[] = [];
    let after: UserId | undefined;
    do {
      const limit = MOST_AT_ONCE;
      const page = await this.#account.client().groups.members({ groupID, limit, ...present({ after }) });
      members.push(...page.members);
      after = page.next;
    } while (after !== undefined && members.length < end);
    return { members, complete: after === undefined };
  }
}

/** What `addGroupMember` resolves with. */
export interface AddedMembers {
  successUserIDList: UserId[];
  failureUserIDList: UserId[];
  existedUserIDList: UserId[];
  group: Group;
}

import type { Wigwag } from "../client.js";
import { present } from "../present.js";
import type { Member, Role } from "../wire/index.js";
import type { Viewer } from "./callEvents.js";
import type { ChatEvents } from "./chatEvents.js";
import { wrong } from "./codes.js";
import type { Lookup } from "./lookup.js";
import { type Fields, fieldsOf, readCount, readOptional, readText, readTexts, textIn } from "./reading.js";
import { type GroupItem, type GroupMemberItem, groupItem, memberItem } from "./shapes.js";

/** Members of a page that does not say how many it wants. */
const PAGE = 20;
/** Most members of one page. */
const MOST_AT_ONCE = 100;

/** From the highest on, as lists are ordered. */
const RANK: Readonly<Record<Role, number>> = { owner: 0, admin: 1, member: 2 };

/** The roles that a filter's number stands for: all, owner, admin, member, admin and member, admin and owner. */
const FILTERS: readonly (readonly Role[])[] = [
  ["owner", "admin", "member"],
  ["owner"],
  ["admin"],
  ["member"],
  ["admin", "member"],
  ["owner", "admin"],
];

/** Groups and their members. What this user does is told to the app as what others do is. */
export class Groups {
  readonly #client: Wigwag;
  readonly #me: string;
  readonly #lookup: Lookup;
  readonly #events: ChatEvents;

  constructor({ client, me, lookup }: Viewer, events: ChatEvents) {
    this.#client = client;
    this.#me = me;
    this.#lookup = lookup;
    this.#events = events;
  }

  async create(given: unknown): Promise<GroupItem> {
    const fields = fieldsOf(given, "the argument");
    const info = fieldsOf(fields.groupInfo ?? {}, "groupInfo");
    const admins = readTexts(fields.adminUserIDs ?? [], "adminUserIDs");
    const members = [...readTexts(fields.memberUserIDs ?? [], "memberUserIDs"), ...admins].filter((one) => one !== this.#me);
    const wish = {
      name: readOptional(info, "groupName"),
      ext: readOptional(info, "ex"),
      groupID: textIn(info, "groupID") || undefined,
    };
    const { groupID, ignoredMembers = [] } = await this.#client.groups.create(
      present({ ...wish, members: [...new Set(members)] }),
    );
    for (const userID of admins.filter((one) => !ignoredMembers.includes(one))) {
      await this.#client.groups.setRole({ groupID, userID, role: "admin" });
    }
    const { group } = await this.#client.groups.info({ groupID });
    this.#events.did((news) => news.membersAdded({ by: this.#me, groupID, name: group.name, userIDs: [this.#me] }));
    return groupItem(group);
  }

  async join(given: unknown): Promise<void> {
    const groupID = groupIn(fieldsOf(given, "the argument"));
    await this.#client.groups.join({ groupID });
    this.#events.did((news) => news.membersAdded({ by: this.#me, groupID, name: "", userIDs: [this.#me] }));
  }

  async quit(given: unknown): Promise<void> {
    const groupID = readText(given, "groupID");
    await this.#client.groups.quit({ groupID });
    this.#events.did((news) => news.membersRemoved({ by: this.#me, groupID, userIDs: [this.#me] }));
  }

  async dismiss(given: unknown): Promise<void> {
    const groupID = readText(given, "groupID");
    await this.#client.groups.dismiss({ groupID });
    this.#events.did((news) => news.dismissed({ by: this.#me, groupID }));
  }

  async addMembers(given: unknown): Promise<void> {
    const { groupID, userIDs } = usersIn(given);
    await this.#client.groups.addMembers({ groupID, userIDs });
    this.#events.did((news) => news.membersAdded({ by: this.#me, groupID, name: "", userIDs }));
  }

  async removeMembers(given: unknown): Promise<void> {
    const { groupID, userIDs } = usersIn(given);
    await this.#client.groups.removeMembers({ groupID, userIDs });
    this.#events.did((news) => news.membersRemoved({ by: this.#me, groupID, userIDs }));
  }

  async setInfo(given: unknown): Promise<void> {
    const fields = fieldsOf(given, "the argument");
    const groupID = groupIn(fields);
    const info = present({ name: readOptional(fields, "groupName"), ext: readOptional(fields, "ex") });
    await this.#client.groups.setInfo({ groupID, ...info });
    this.#events.did((news) => news.infoChanged({ groupID }));
  }

  async transfer(given: unknown): Promise<void> {
    const fields = fieldsOf(given, "the argument");
    const groupID = groupIn(fields);
    const userID = readText(fields.newOwnerUserID, "newOwnerUserID");
    await this.#client.groups.setRole({ groupID, userID, role: "owner" });
    this.#events.did((news) => news.roleChanged({ groupID, userID }));
  }

  async mine(): Promise<GroupItem[]> {
    return (await this.#lookup.myGroups()).map(groupItem);
  }

  /** Those that the user is in or could join; others do not exist for them. */
  async named(given: unknown): Promise<GroupItem[]> {
    const found = await Promise.all(readTexts(given, "groupIDs").map((groupID) => this.#lookup.group(groupID)));
    return found.flatMap((group) => (group === undefined ? [] : groupItem(group)));
  }

  /** Ordered by role, then by when they came. */
  async members(given: unknown): Promise<GroupMemberItem[]> {
    const fields = fieldsOf(given, "the argument");
    const roles = FILTERS[readCount(fields.filter ?? 0, "filter")];
    if (roles === undefined) {
      throw wrong("filter is no number of OpenIM's");
    }
    const offset = readCount(fields.offset ?? 0, "offset");
    const count = Math.min(readCount(fields.count ?? PAGE, "count") || PAGE, MOST_AT_ONCE);
    const all = (await this.#allMembers(groupIn(fields))).filter(({ role }) => roles.includes(role));
    return this.#items(groupIn(fields), all.slice(offset, offset + count));
  }

  async leaders(given: unknown): Promise<GroupMemberItem[]> {
    const groupID = readText(given, "groupID");
    const all = await this.#allMembers(groupID);
    return this.#items(
      groupID,
      all.filter(({ role }) => role !== "member"),
    );
  }

  async membersNamed(given: unknown): Promise<GroupMemberItem[]> {
    const { groupID, userIDs } = usersIn(given);
    const all = await this.#allMembers(groupID);
    return this.#items(
      groupID,
      all.filter(({ userID }) => userIDs.includes(userID)),
    );
  }

  async #allMembers(groupID: string): Promise<Member[]> {
    const members = await this.#lookup.allMembers(groupID);
    return members.sort((one, other) => RANK[one.role] - RANK[other.role] || one.joinedAt - other.joinedAt);
  }

  async #items(groupID: string, members: readonly Member[]): Promise<GroupMemberItem[]> {
    const profiles = await this.#lookup.profiles(members.map(({ userID }) => userID));
    return members.flatMap((member) => {
      const profile = profiles.find(({ userID }) => userID === member.userID);
      return profile === undefined ? [] : memberItem(groupID, member, profile);
    });
  }
}

function groupIn(fields: Fields): string {
  return readText(fields.groupID, "groupID");
}

function usersIn(given: unknown): { groupID: string; userIDs: string[] } {
  const fields = fieldsOf(given, "the argument");
  return { groupID: groupIn(fields), userIDs: readTexts(fields.userIDList, "userIDList") };
}

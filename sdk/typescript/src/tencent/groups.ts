import type { Wigwag } from "../client.js";
import { everyPage } from "../everyPage.js";
import { writeExt } from "../ext.js";
import { Pace } from "../pace.js";
import { present } from "../present.js";
import type { GroupView, Role, UserId } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { answered, ChatError, invalid, ok, type Success } from "./codes.js";
import { EVENT, TYPES } from "./constants.js";
import { type Group, groupShape, joinPolicyOf, KEPT, roleShape } from "./groupShape.js";
import type { Listeners } from "./listeners.js";
import { asked, Params, text } from "./params.js";
import type { Profiles } from "./profiles.js";
import { keeping } from "./shapes.js";
import { notThere } from "./unsupported.js";

const JOIN_OPTIONS = [
  TYPES.JOIN_OPTIONS_FREE_ACCESS,
  TYPES.JOIN_OPTIONS_NEED_PERMISSION,
  TYPES.JOIN_OPTIONS_DISABLE_APPLY,
] as const;
const GROUP_TYPES = [TYPES.GRP_WORK, TYPES.GRP_PUBLIC, TYPES.GRP_MEETING, TYPES.GRP_AVCHATROOM, TYPES.GRP_COMMUNITY] as const;

/** Least time between two readings of the list, ms: a command a second leaves most of what a user may send to the app. */
const ASK_APART_MS = 1_000;

/** The groups one is in. */
export class Groups implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #profiles: Profiles;
  readonly #tellSoon = new Pace(() => this.#tell(), ASK_APART_MS);
  #known = new Map<string, GroupView>();

  constructor(account: Account, listeners: Listeners, profiles: Profiles) {
    this.#account = account;
    this.#listeners = listeners;
    this.#profiles = profiles;
  }

  readonly begins = (client: Wigwag): void => {
    client.on("event", ({ type }) => {
      if (type.startsWith("group.")) {
        this.#changed();
      }
    });
  };

  readonly opened = async (): Promise<void> => {
    await this.#tell();
  };

  readonly ends = (): void => {
    this.#tellSoon.stop();
    this.#known.clear();
  };

  /** A group one is in, as far as known. */
  readonly known = (groupID: string): Group | undefined => {
    const view = this.#known.get(groupID);
    return view === undefined ? undefined : groupShape(view, this.#profiles.viewer);
  };

  /** Reads one's groups when one of these is not known yet. */
  readonly learn = async (groupIDs: readonly string[]): Promise<void> => {
    if (groupIDs.some((groupID) => !this.#known.has(groupID))) {
      await this.#read().catch(() => {});
    }
  };

  getGroupList(): Promise<Success<{ groupList: Group[]; isSyncCompleted: true }>> {
    return answered(async () => ok({ groupList: await this.#read(), isSyncCompleted: true }));
  }

  getGroupProfile(options: unknown): Promise<Success<{ group: Group }>> {
    return asked(options, (params) => this.#described(params.text("groupID")));
  }

  searchGroupByID(groupID: unknown): Promise<Success<{ group: Group }>> {
    return this.getGroupProfile({ groupID });
  }

  createGroup(options: unknown): Promise<Success<{ group: Group; overLimitUserIDList: UserId[] }>> {
    return asked(options, async (params) => {
      const name = params.text("name");
      const type = params.optionalChoice("type", GROUP_TYPES) ?? TYPES.GRP_WORK;
      const joinPolicy = joinPolicyOf(type, params.optionalChoice("joinOption", JOIN_OPTIONS));
      const rest = present({ groupID: params.optionalText("groupID"), members: membersOf(params) });
      const ext = writeExt("", { ...keptIn(params), type });
      const { groupID } = await this.#account.client().groups.create({ name, joinPolicy, ...present({ ext }), ...rest });
      this.#changed();
      return ok({ group: await this.#info(groupID), overLimitUserIDList: [] });
    });
  }

  joinGroup(options: unknown): Promise<Success<{ status: string; group: Group }>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      const status = await this.#join(groupID);
      this.#changed();
      return ok({ status, group: await this.#info(groupID) });
    });
  }

  quitGroup(groupID: unknown): Promise<Success<{ groupID: string }>> {
    return this.#leaves(groupID, "quit");
  }

  dismissGroup(groupID: unknown): Promise<Success<{ groupID: string }>> {
    return this.#leaves(groupID, "dismiss");
  }

  updateGroupProfile(options: unknown): Promise<Success<{ group: Group }>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      if (params.optionalBoolean("muteAllMembers") === true) {
        throw notThere("muteAllMembers");
      }
      const joinOption = params.optionalChoice("joinOption", JOIN_OPTIONS);
      const joinPolicy = joinOption === undefined ? undefined : joinPolicyOf(undefined, joinOption);
      const wished = present({ name: params.optionalText("name"), joinPolicy });
      const { groups } = this.#account.client();
      await groups.setInfo({ groupID, ...wished, ...(await this.#keeping(groupID, keptIn(params))) });
      this.#changed();
      return this.#described(groupID);
    });
  }

  changeGroupOwner(options: unknown): Promise<Success<{ group: Group }>> {
    return asked(
      options,
      async (params) => {
        const groupID = params.text("groupID");
        await this.#setRole(groupID, params.text("newOwnerID"), "owner");
        return this.#described(groupID);
      },
      { userID: "newOwnerID" },
    );
  }

  setGroupMemberRole(options: unknown): Promise<Success<{ group: Group }>> {
    return asked(options, async (params) => {
      const groupID = params.text("groupID");
      const role = params.optionalChoice("role", [TYPES.GRP_MBR_ROLE_ADMIN, TYPES.GRP_MBR_ROLE_MEMBER]);
      if (role === undefined) {
        throw invalid("role", "is missing");
      }
      await this.#setRole(groupID, params.text("userID"), role === TYPES.GRP_MBR_ROLE_ADMIN ? "admin" : "member");
      return this.#described(groupID);
    });
  }

  async #setRole(groupID: string, userID: UserId, role: Role): Promise<void> {
    await this.#account.client().groups.setRole({ groupID, userID, role });
    this.#changed();
  }

  /** Being in it already is as good as joining. */
  async #join(groupID: string): Promise<string> {
    try {
      await answered(() => this.#account.client().groups.join({ groupID }));
      return TYPES.JOIN_STATUS_SUCCESS;
    } catch (thrown) {
      if (thrown instanceof ChatError && thrown.data.reason === "alreadyMember") {
        return TYPES.JOIN_STATUS_ALREADY_IN_GROUP;
      }
      throw thrown;
    }
  }

  #leaves(given: unknown, how: "quit" | "dismiss"): Promise<Success<{ groupID: string }>> {
    return answered(async () => {
      const groupID = text(given, "groupID");
      await this.#account.client().groups[how]({ groupID });
      this.#changed();
      return ok({ groupID });
    });
  }

  async #keeping(groupID: string, kept: Record<string, unknown>): Promise<{ ext?: string }> {
    if (Object.keys(kept).length === 0) {
      return {};
    }
    const { group } = await this.#account.client().groups.info({ groupID });
    return { ext: keeping(group.ext, kept) };
  }

  async #described(groupID: string): Promise<Success<{ group: Group }>> {
    return ok({ group: await this.#info(groupID) });
  }

  async #info(groupID: string): Promise<Group> {
    const { group, role } = await this.#account.client().groups.info({ groupID });
    if (role !== undefined) {
      this.#known.set(groupID, group);
    }
    return groupShape(group, this.#profiles.viewer, roleShape(role));
  }

  async #read(): Promise<Group[]> {
    const client = this.#account.client();
    const groups = await everyPage((from) => client.groups.list(from), "groups");
    this.#known = new Map(groups.map((group) => [group.groupID, group]));
    return groups.map((group) => groupShape(group, this.#profiles.viewer));
  }

  async #tell(): Promise<void> {
    this.#listeners.emit(EVENT.GROUP_LIST_UPDATED, await this.#read());
  }

  #changed(): void {
    this.#tellSoon.changed();
  }
}

function keptIn(params: Params): Record<string, unknown> {
  const texts = KEPT.map((field) => [field, params.optionalText(field)]);
  return present({ ...Object.fromEntries(texts), groupCustomField: params.any("groupCustomField") });
}

/** `memberList` is a list of `{userID}`. */
function membersOf(params: Params): UserId[] | undefined {
  const list = params.any("memberList");
  if (list === undefined) {
    return undefined;
  }
  if (!Array.isArray(list)) {
    throw invalid("memberList", "must be an array of {userID}");
  }
  return list.map((member) => new Params(member, "memberList").text("userID"));
}

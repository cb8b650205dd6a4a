import type {
  Attributes,
  AttributesSet,
  Done,
  GroupCreate,
  GroupCreated,
  GroupInfo,
  GroupList,
  GroupMembers,
  GroupOnly,
  Groups as GroupPage,
  GroupSetAttributes,
  GroupSetInfo,
  GroupSetRole,
  GroupUsers,
  Members,
} from "../wire/index.js";
import type { Caller } from "./caller.js";

/** Groups. What changes one is not repeated after a lost connection. */
export class Groups {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Creates a group and owns it. First members who do not exist are left out and named in `ignoredMembers`. */
  create(group: GroupCreate = {}): Promise<GroupCreated> {
    return this.#call("group.create", group);
  }

  /** Joins a group whose `joinPolicy` is `free`. */
  join(group: GroupOnly): Promise<Done> {
    return this.#call("group.join", group);
  }

  /** Leaves a group. An owner hands it over first, or dismisses it. */
  quit(group: GroupOnly): Promise<Done> {
    return this.#call("group.quit", group);
  }

  /** Dismisses one's group. */
  dismiss(group: GroupOnly): Promise<Done> {
    return this.#call("group.dismiss", group);
  }

  /** Adds members; those who are members already are passed over. */
  addMembers(users: GroupUsers): Promise<Done> {
    return this.#call("group.addMembers", users);
  }

  /** Removes members whose role is below one's own. */
  removeMembers(users: GroupUsers): Promise<Done> {
    return this.#call("group.removeMembers", users);
  }

  /** Pages through the members, in byte order of their userIDs. */
  members(page: GroupMembers): Promise<Members> {
    return this.#call("group.members", page);
  }

  /** Reads the description of a group that one is in or could join; without a `role` one is not in it. */
  info(group: GroupOnly): Promise<GroupInfo> {
    return this.#call("group.info", group);
  }

  /** Changes a group's description; what is left out stays. */
  setInfo(info: GroupSetInfo): Promise<Done> {
    return this.#call("group.setInfo", info);
  }

  /** Changes a member's role; `owner` hands the group over. */
  setRole(role: GroupSetRole): Promise<Done> {
    return this.#call("group.setRole", role);
  }

  /**
   * Reads a group's attributes. `group.attributesChanged` tells of changes while one is online; read them again after `state` was `open`
   * anew.
   */
  attributes(group: GroupOnly): Promise<Attributes> {
    return this.#call("group.attributes", group);
  }

  /** Writes a group's attributes. With `ifVersion` it is refused (10056) when a later write has changed what it writes. */
  setAttributes(attributes: GroupSetAttributes): Promise<AttributesSet> {
    return this.#call("group.setAttributes", attributes);
  }

  /** Pages through the groups one is in, in byte order. */
  list(page: GroupList = {}): Promise<GroupPage> {
    return this.#call("group.list", page);
  }
}

import type { AnyEvent } from "../events.js";
import type {
  Attributes,
  AttributesSet,
  Done,
  GroupCreate,
  GroupCreated,
  GroupInfo,
  GroupList,
  GroupMembers,
  GroupNews,
  GroupOnly,
  Groups as GroupPage,
  GroupSetAttributes,
  GroupSetInfo,
  GroupSetRole,
  GroupUsers,
  Members,
  OnlineCount,
} from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller } from "./caller.js";

/** Groups. What changes one is not repeated after a lost connection. */
export class Groups extends Area {
  constructor(call: Caller) {
    super("group", call);
  }

  /** Creates a group and owns it. First members who do not exist are left out and named in `ignoredMembers`. */
  declare readonly create: (group?: GroupCreate) => Promise<GroupCreated>;

  /** Joins a group whose `joinPolicy` is `free`. */
  declare readonly join: (group: GroupOnly) => Promise<Done>;

  /** Leaves a group. An owner hands it over first, or dismisses it. */
  declare readonly quit: (group: GroupOnly) => Promise<Done>;

  /** Dismisses one's group. */
  declare readonly dismiss: (group: GroupOnly) => Promise<Done>;

  /** Adds members; those who are members already are passed over. */
  declare readonly addMembers: (users: GroupUsers) => Promise<Done>;

  /** Removes members whose role is below one's own. */
  declare readonly removeMembers: (users: GroupUsers) => Promise<Done>;

  /** Pages through the members, in byte order of their userIDs. */
  declare readonly members: (page: GroupMembers) => Promise<Members>;

  /** Reads the description of a group that one is in or could join; without a `role` one is not in it. */
  declare readonly info: (group: GroupOnly) => Promise<GroupInfo>;

  /** Changes a group's description; what is left out stays. */
  declare readonly setInfo: (info: GroupSetInfo) => Promise<Done>;

  /** Changes a member's role; `owner` hands the group over. */
  declare readonly setRole: (role: GroupSetRole) => Promise<Done>;

  /**
   * Reads a group's attributes and counters. `group.attributesChanged` tells of changes while one is online; read them again after `state` was `open`
   * anew.
   */
  declare readonly attributes: (group: GroupOnly) => Promise<Attributes>;

  /**
   * Writes a group's attributes and counters. With `ifVersion` it is refused (10056) when a later write has changed the attributes that it
   * writes. Counters that are added to (`add`) count whoever else adds at the same time.
   */
  declare readonly setAttributes: (attributes: GroupSetAttributes) => Promise<AttributesSet>;

  /** Counts the members who are online. Asking more often than once in 5 s gives the same answer. */
  declare readonly onlineCount: (group: GroupOnly) => Promise<OnlineCount>;

  /**
   * Reads what became of one in one's groups, and notices, in their order. A session that did not go on from a cursor was not told of them
   * (`resync`). Give that of the newest that was shown as `cursor`. What is kept goes back 7 days, unless the operator says otherwise.
   */
  declare readonly listNews: (page?: GroupNews) => Promise<{ events: AnyEvent[]; next?: number }>;

  /** Pages through the groups one is in, in byte order. */
  declare readonly list: (page?: GroupList) => Promise<GroupPage>;
}

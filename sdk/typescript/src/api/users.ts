import type {
  Blocked,
  Done,
  OwnQuiet,
  OwnReach,
  Profiles,
  PushOffer,
  PushRegister,
  Quiet,
  Statuses,
  UserGet,
  UserGetStatus,
  UserListBlocked,
  UserOnly,
  UserSetProfile,
  UserSetReach,
  UserSetStatus,
  UserWatch,
} from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller } from "./caller.js";

/** Users: profiles, blocking, and who may reach one. What changes something is not repeated after a lost connection. */
export class Users extends Area {
  readonly #call: Caller;

  constructor(call: Caller) {
    super("user", call);
    this.#call = call;
  }

  /** Reads profiles; users who do not exist are left out. With `next` in the reply, ask again for the users from that one on. */
  declare readonly get: (users: UserGet) => Promise<Profiles>;

  /** Changes one's own profile; what is left out stays. */
  declare readonly setProfile: (profile: UserSetProfile) => Promise<Done>;

  /** Blocks a user: their invitations and messages are refused with 20007. */
  declare readonly block: (user: UserOnly) => Promise<Done>;

  /** Unblocks a user. */
  declare readonly unblock: (user: UserOnly) => Promise<Done>;

  /** Pages through the users one has blocked, in byte order. */
  declare readonly listBlocked: (page?: UserListBlocked) => Promise<Blocked>;

  /** Says who may ring one (`ring`) and who may add one to groups (`add`); what is left out stays. */
  declare readonly setReach: (reach: UserSetReach) => Promise<Done>;

  /** Reads who may ring one, and who may add one to groups. */
  declare readonly getReach: () => Promise<OwnReach>;

  /**
   * Says when one's devices ring without a sound: `until` a time, and in `hours` of the week. In place of what was said before; `{}` ends it.
   * Whoever rings is not told.
   */
  declare readonly setQuiet: (quiet: Quiet) => Promise<Done>;

  /** Reads when one's devices ring without a sound. */
  declare readonly getQuiet: () => Promise<OwnQuiet>;

  /**
   * Says something of oneself, at most 100 bytes, in place of what was said before; nothing with an empty text. Who may see that one is online
   * reads it (`status`), and it ends when one has been gone for some time. Too long: 8001.
   */
  declare readonly setStatus: (status: UserSetStatus) => Promise<Done>;

  /** Tells whether users are online, and what they say of themselves, as far as one may know it. At most 100 at once. */
  declare readonly getStatus: (users: UserGetStatus) => Promise<Statuses>;

  /**
   * The same, and tells of changes from now on (`user.status`): of these users, in place of those before; nobody with an empty list. They are
   * watched again after a lost connection.
   */
  declare readonly watch: (users: UserWatch) => Promise<Statuses>;

  /** Reads how this server wakes devices that are away when somebody rings. */
  pushSettings(): Promise<PushOffer> {
    return this.#call("push.settings", {});
  }

  /** Says how this device is woken; replaces what it registered before. */
  registerPush(token: PushRegister): Promise<Done> {
    return this.#call("push.register", token);
  }

  /** This device is not woken any more. */
  unregisterPush(): Promise<Done> {
    return this.#call("push.unregister", {});
  }
}

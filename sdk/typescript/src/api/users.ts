import type {
  Blocked,
  Done,
  OwnReach,
  Profiles,
  PushOffer,
  PushRegister,
  UserGet,
  UserListBlocked,
  UserOnly,
  UserSetProfile,
  UserSetReach,
} from "../wire/index.js";
import type { Caller } from "./caller.js";

/** Users: profiles, blocking, and who may reach one. What changes something is not repeated after a lost connection. */
export class Users {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /** Reads profiles; users who do not exist are left out. With `next` in the reply, ask again for the users from that one on. */
  get(users: UserGet): Promise<Profiles> {
    return this.#call("user.get", users);
  }

  /** Changes one's own profile; what is left out stays. */
  setProfile(profile: UserSetProfile): Promise<Done> {
    return this.#call("user.setProfile", profile);
  }

  /** Blocks a user: their invitations and messages are refused with 20007. */
  block(user: UserOnly): Promise<Done> {
    return this.#call("user.block", user);
  }

  /** Unblocks a user. */
  unblock(user: UserOnly): Promise<Done> {
    return this.#call("user.unblock", user);
  }

  /** Pages through the users one has blocked, in byte order. */
  listBlocked(page: UserListBlocked = {}): Promise<Blocked> {
    return this.#call("user.listBlocked", page);
  }

  /** Says who may ring one (`ring`) and who may add one to groups (`add`); what is left out stays. */
  setReach(reach: UserSetReach): Promise<Done> {
    return this.#call("user.setReach", reach);
  }

  /** Reads who may ring one, and who may add one to groups. */
  getReach(): Promise<OwnReach> {
    return this.#call("user.getReach", {});
  }

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

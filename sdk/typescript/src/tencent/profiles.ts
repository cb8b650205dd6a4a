import type { Wigwag } from "../client.js";
import { everyPage } from "../everyPage.js";
import { Pace } from "../pace.js";
import { present } from "../present.js";
import type { Profile as NativeProfile, UserStatus as NativeStatus, UserId } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { answered, CODE, ok, type Success } from "./codes.js";
import { EVENT } from "./constants.js";
import type { Listeners } from "./listeners.js";
import { asked } from "./params.js";
import { emptyProfile, keeping, type Profile, profileShape, unsetFields, type Viewer } from "./shapes.js";

/** Most users one request may name, and one device may watch. */
const USERS_AT_ONCE = 100;
/** Least time between two readings of profiles that messages ask for, ms. */
const ASK_APART_MS = 1_000;
/** Somebody whom `getFriendProfile` has no profile of. */
export interface NoFriend {
  readonly userID: UserId;
  readonly code: number;
  readonly message: string;
}

/** How a user is. */
export interface UserStatus {
  userID: UserId;
  /** `TYPES.USER_STATUS_ONLINE`, `USER_STATUS_OFFLINE`, or `USER_STATUS_UNKNOWN` of users who do not know one. */
  statusType: number;
  /** What they say of themselves while they are online, at most 100 bytes; "" when that is nothing. */
  customStatus: string;
}

/** What `subscribeUserStatus` resolves with. */
export interface Unwatched {
  failureUserList: NoFriend[];
}

/** Profiles, who is blocked, and who is online. */
export class Profiles implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #known = new Map<UserId, NativeProfile>();
  readonly #wanted = new Set<UserId>();
  #watched: UserId[] = [];
  readonly #wantSoon = new Pace(() => this.learn([...this.#wanted]), ASK_APART_MS);

  constructor(account: Account, listeners: Listeners) {
    this.#account = account;
    this.#listeners = listeners;
  }

  readonly begins = (client: Wigwag): void => {
    client.on("user.profileChanged", ({ userID, nickname, faceURL, ext }) => this.#changed({ userID, nickname, faceURL, ext }));
    client.on("user.blocked", () => void this.#tellBlocked());
    client.on("user.unblocked", () => void this.#tellBlocked());
    client.on("user.status", this.#tellStatus);
    client.on("user.statusChanged", ({ status }) => this.#tellMine(status));
  };

  readonly opened = async (): Promise<void> => {
    await this.learn([this.#account.me]);
  };

  readonly ends = (): void => {
    this.#wantSoon.stop();
    this.#wanted.clear();
    this.#known.clear();
    this.#watched = [];
  };

  /** For whom shapes are made. */
  get viewer(): Viewer {
    const { me, secondsHere } = this.#account;
    return { me, secondsHere, profile: (userID) => this.#known.get(userID) };
  }

  /** Reads the profiles that are not known yet. Names and faces are an ornament: what needs them goes on without. */
  readonly learn = async (userIDs: readonly UserId[]): Promise<void> => {
    const unknown = [...new Set(userIDs)].filter((userID) => !this.#known.has(userID));
    if (unknown.length > 0) {
      await this.#read(unknown).catch(() => {});
    }
    for (const userID of userIDs) {
      this.#wanted.delete(userID);
    }
  };

  /** Reads a profile some time; for what cannot wait for it. */
  readonly learnSoon = (userID: UserId): void => {
    if (!this.#known.has(userID)) {
      this.#wanted.add(userID);
      this.#wantSoon.changed();
    }
  };

  getMyProfile(): Promise<Success<Profile>> {
    return answered(async () => ok(profileShape(await this.#mine())));
  }

  /** Call kits ask for friends first, and for the profiles of those who are none then. */
  getFriendProfile(options: unknown): Promise<Success<{ friendList: never[]; failureUserIDList: NoFriend[] }>> {
    return asked(options, async (params) => {
      return ok({ friendList: [], failureUserIDList: failed(params.texts("userIDList"), "is no friend") });
    });
  }

  getUserStatus(options: unknown): Promise<Success<{ successUserList: UserStatus[]; failureUserList: NoFriend[] }>> {
    return asked(options, async (params) => {
      const successUserList: UserStatus[] = [];
      const userIDs = params.texts("userIDList");
      while (userIDs.length > 0) {
        const { users } = await this.#account.client().users.getStatus({ userIDs: userIDs.splice(0, USERS_AT_ONCE) });
        successUserList.push(...users.map(statusShape));
      }
      return ok({ successUserList, failureUserList: [] });
    });
  }

  /** Gives how the user is from now on. */
  setSelfStatus(options: unknown): Promise<Success<UserStatus>> {
    return asked(
      options,
      async (params) => {
        const status = params.optionalText("customStatus") ?? params.text("customStatus");
        await this.#account.client().users.setStatus({ status });
        return ok(this.#tellMine(status));
      },
      { status: "customStatus" },
    );
  }

  subscribeUserStatus(options: unknown): Promise<Success<Unwatched>> {
    return asked(options, (params) => this.#watch([...this.#watched, ...params.texts("userIDList")]));
  }

  /** Without users: nobody is watched any more. */
  unsubscribeUserStatus(options: unknown): Promise<Success<Unwatched>> {
    return asked(options, (params) => {
      const gone = params.textsOrNone("userIDList");
      return this.#watch(this.#watched.filter((userID) => gone.length > 0 && !gone.includes(userID)));
    });
  }

  /** Those beyond what a device may watch come in `failureUserList`. */
  async #watch(wanted: UserId[]): Promise<Success<Unwatched>> {
    const userIDs = [...new Set(wanted)];
    const failureUserList = failed(userIDs.splice(USERS_AT_ONCE), "too many");
    await this.#account.client().users.watch({ userIDs });
    this.#watched = userIDs;
    return ok({ failureUserList });
  }

  getUserProfile(options: unknown): Promise<Success<Profile[]>> {
    return asked(options, async (params) => ok((await this.#read(params.texts("userIDList"))).map(profileShape)));
  }

  updateMyProfile(options: unknown): Promise<Success<Profile>> {
    return asked(options, async (params) => {
      const wished = present({ nickname: params.optionalText("nick"), faceURL: params.optionalText("avatar") });
      const kept = present(Object.fromEntries(Object.keys(unsetFields()).map((field) => [field, params.any(field)])));
      const mine = await this.#mine();
      const ext = keeping(mine.ext, kept);
      await this.#account.client().users.setProfile({ ...wished, ext });
      return ok(this.#changed({ ...mine, ...wished, ext }));
    });
  }

  getBlacklist(): Promise<Success<UserId[]>> {
    return answered(async () => {
      const client = this.#account.client();
      return ok(await everyPage((from) => client.users.listBlocked(from), "userIDs"));
    });
  }

  addToBlacklist(options: unknown): Promise<Success<UserId[]>> {
    return this.#each(options, "block");
  }

  removeFromBlacklist(options: unknown): Promise<Success<UserId[]>> {
    return this.#each(options, "unblock");
  }

  #each(options: unknown, action: "block" | "unblock"): Promise<Success<UserId[]>> {
    return asked(
      options,
      async (params) => {
        const userIDs = params.texts("userIDList");
        for (const userID of userIDs) {
          await this.#account.client().users[action]({ userID });
        }
        await this.#tellBlocked();
        return ok(userIDs);
      },
      { userID: "userIDList" },
    );
  }

  #tellMine(status: string): UserStatus {
    return this.#tellStatus({ userID: this.#account.me, presence: "online", status });
  }

  readonly #tellStatus = (status: NativeStatus): UserStatus => {
    const shape = statusShape(status);
    this.#listeners.emit(EVENT.USER_STATUS_UPDATED, [shape]);
    return shape;
  };

  async #mine(): Promise<NativeProfile> {
    const { me } = this.#account;
    const [mine] = await this.#read([me]);
    return mine ?? emptyProfile(me);
  }

  async #read(userIDs: readonly UserId[]): Promise<NativeProfile[]> {
    const found: NativeProfile[] = [];
    for (let at = 0; at < userIDs.length; ) {
      const asked = userIDs.slice(at, at + USERS_AT_ONCE);
      const { profiles, next } = await this.#account.client().users.get({ userIDs: asked });
      found.push(...profiles);
      // A reply that had no room for all says where to go on.
      at += next === undefined ? USERS_AT_ONCE : Math.max(1, asked.indexOf(next));
    }
    for (const profile of found) {
      this.#known.set(profile.userID, profile);
    }
    return found;
  }

  #changed(profile: NativeProfile): Profile {
    this.#known.set(profile.userID, profile);
    const shape = profileShape(profile);
    this.#listeners.emit(EVENT.PROFILE_UPDATED, [shape]);
    return shape;
  }

  async #tellBlocked(): Promise<void> {
    const { data } = await this.getBlacklist().catch(() => ({ data: undefined }));
    if (data !== undefined) {
      this.#listeners.emit(EVENT.BLACKLIST_UPDATED, data);
    }
  }
}

function failed(userIDs: readonly UserId[], message: string): NoFriend[] {
  return userIDs.map((userID) => ({ userID, code: CODE.notSupported, message }));
}

/** The numbers of `TYPES.USER_STATUS_UNKNOWN` and those after it. */
function statusShape({ userID, presence, status = "" }: NativeStatus): UserStatus {
  return { userID, statusType: ["unknown", "online", "offline"].indexOf(presence), customStatus: status };
}

import type { Wigwag } from "../client.js";
import { everyPage } from "../everyPage.js";
import { present } from "../present.js";
import type { Viewer } from "./callEvents.js";
import type { ChatEvents } from "./chatEvents.js";
import { refused } from "./codes.js";
import type { Lookup } from "./lookup.js";
import { fieldsOf, readOptional, readText, readTexts } from "./reading.js";
import { type BlackUserItem, blackUserItem, type SelfUserInfo, selfUserInfo } from "./shapes.js";

/** Users: profiles and blocks. */
export class Users {
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

  async myself(): Promise<SelfUserInfo> {
    const [profile] = (await this.#client.users.get({ userIDs: [this.#me] })).profiles;
    if (profile === undefined) {
      throw refused("unknownUser", "there is no profile of yours");
    }
    return selfUserInfo(profile);
  }

  async setMyself(given: unknown): Promise<void> {
    const fields = fieldsOf(given, "the argument");
    const [nickname, faceURL, ext] = ["nickname", "faceURL", "ex"].map((name) => readOptional(fields, name));
    await this.#client.users.setProfile(present({ nickname, faceURL, ext }));
    this.#events.did((news) => news.profileChanged());
  }

  async named(given: unknown): Promise<{ publicInfo: SelfUserInfo; friendInfo: null; blackInfo: null }[]> {
    const userIDs = readTexts(fieldsOf(given, "the argument").userIDList, "userIDList");
    const profiles = await this.#lookup.profiles(userIDs);
    return profiles.map((profile) => ({ publicInfo: selfUserInfo(profile), friendInfo: null, blackInfo: null }));
  }

  async block(given: unknown): Promise<void> {
    const userID = typeof given === "string" ? given : fieldsOf(given, "the argument").toUserID;
    await this.#client.users.block({ userID: readText(userID, "toUserID") });
    this.#events.did((news) => news.blackChanged("OnBlackAdded", userID as string));
  }

  async unblock(given: unknown): Promise<void> {
    const userID = readText(given, "userID");
    await this.#client.users.unblock({ userID });
    this.#events.did((news) => news.blackChanged("OnBlackDeleted", userID));
  }

  async blocked(): Promise<BlackUserItem[]> {
    const userIDs = await everyPage((from) => this.#client.users.listBlocked(from), "userIDs");
    return (await this.#lookup.profiles(userIDs)).map((profile) => blackUserItem(this.#me, profile));
  }
}

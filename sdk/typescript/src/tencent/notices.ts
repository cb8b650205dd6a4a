import type { Wigwag } from "../client.js";
import type { AnyEvent, KnownEvent } from "../events.js";
import { everyPage } from "../everyPage.js";
import { Newest } from "../newest.js";
import { storageNamed } from "../transport/tab.js";
import type { UserId } from "../wire/index.js";
import type { Part } from "./account.js";
import { EVENT, TYPES } from "./constants.js";
import type { Groups } from "./groups.js";
import type { Listeners } from "./listeners.js";
import type { Profiles } from "./profiles.js";
import { emptyMessage, faceOf, type Message } from "./shapes.js";

/** `operationType` of the system notices that a group is no more, and of those of back ends. */
const GROUP_DISMISSED = 5;
const BY_BACK_END = 255;
/** Events that may come both live and among what was missed: two pages of these. */
const MOST_TOLD = 200;

/**
 * What happens in groups, as the messages by which Tencent's package tells it; they are not in history.
 *
 * A session that does not go on from a cursor was not told what became of its user in their groups meanwhile, nor the notices of back ends
 * (docs/decisions/0036). They are read from the newest on that this browser has told; where nothing can be kept, nothing is read.
 */
export class Notices implements Part {
  readonly #listeners: Listeners;
  readonly #profiles: Profiles;
  readonly #groups: Groups;
  /** There while something was missed that is not read yet. Until then the browser has not told what comes: its next session reads it all. */
  #readMissed: (() => Promise<void>) | undefined;

  constructor(listeners: Listeners, profiles: Profiles, groups: Groups) {
    this.#listeners = listeners;
    this.#profiles = profiles;
    this.#groups = groups;
  }

  begins(client: Wigwag, me: UserId): void {
    const browser = storageNamed("localStorage");
    const key = `wigwag.groups ${me}`;
    const told = new Newest<true>(MOST_TOLD);
    let since = 0;
    let newest = 0;
    const hear = (event: AnyEvent): void => {
      const place = String(event.cursor);
      if (!told.has(place) && this.#tells(event as unknown as GroupEvent)) {
        told.set(place, true);
        newest = Math.max(newest, event.cursor);
        if (this.#readMissed === undefined) {
          browser?.setItem(key, String(newest));
        }
      }
    };
    const readMissed = async (): Promise<void> => {
      const page = ({ after: cursor = since }: { after?: number }) => client.groups.listNews({ cursor });
      const missed = await everyPage(page, "events");
      this.#readMissed = undefined;
      missed.filter(({ by }) => by !== me).forEach(hear);
    };
    client.on("event", hear);
    // Before anything comes by the new connection.
    client.on("state", () => {
      since = Number(browser?.getItem(key));
    });
    client.on("resync", ({ why }) => {
      if (browser !== undefined) {
        this.#readMissed = readMissed;
        if (why === "cursorTooOld") {
          this.ready();
        }
      }
    });
  }

  /** The app listens now. */
  ready(): void {
    this.#readMissed?.().catch(() => {});
  }

  ends(): void {
    this.#readMissed = undefined;
  }

  /** Whether there is a message for it. */
  #tells(event: GroupEvent): boolean {
    const said = saidOf(event);
    if (said !== undefined) {
      const { viewer } = this.#profiles;
      const { groupID, by = TYPES.CONV_SYSTEM, time, cursor } = event as GroupEvent & { by?: UserId };
      const { userIDList } = said;
      const { name = "", type = "", avatar = "" } = this.#groups.known(groupID) ?? {};
      const memberList = userIDList?.map((userID) => ({ userID, ...faceOf(viewer, userID) }));
      const message: Message = {
        ...emptyMessage(TYPES.CONV_GROUP, groupID),
        ID: `${groupID}-notice-${cursor}`,
        from: by,
        flow: by === viewer.me ? "out" : "in",
        time: viewer.secondsHere(time),
        status: "success",
        ...faceOf(viewer, by),
        _onlineOnlyFlag: true,
        ...(userIDList === undefined ? SYSTEM : { type: TYPES.MSG_GRP_TIP }),
        payload: { ...said, memberList, operatorID: by, groupProfile: { groupID, name, type, avatar } },
      };
      this.#listeners.emit(EVENT.MESSAGE_RECEIVED, [message]);
    }
    return said !== undefined;
  }
}

/** Where Tencent's package puts its system notices. */
const SYSTEM = {
  type: TYPES.MSG_GRP_SYS_NOTICE,
  conversationID: TYPES.CONV_SYSTEM,
  conversationType: TYPES.CONV_SYSTEM,
};

/** What a message says besides who did it and where; with a list of users it is a tip, which stands in the group's conversation. */
interface Said {
  readonly operationType: number;
  readonly userIDList?: UserId[];
  readonly newGroupProfile?: object;
  readonly userDefinedField?: string;
}

function saidOf(event: GroupEvent): Said | undefined {
  switch (event.type) {
    case "group.membersAdded":
      return { operationType: TYPES.GRP_TIP_MBR_JOIN, userIDList: event.userIDs };
    case "group.membersRemoved": {
      const { by, userIDs } = event;
      const quit = userIDs.every((userID) => userID === by);
      return { operationType: quit ? TYPES.GRP_TIP_MBR_QUIT : TYPES.GRP_TIP_MBR_KICKED_OUT, userIDList: userIDs };
    }
    case "group.roleChanged": {
      const { role, userID } = event;
      const operationType = role === "member" ? TYPES.GRP_TIP_MBR_CANCELED_ADMIN : TYPES.GRP_TIP_MBR_SET_ADMIN;
      return { operationType, userIDList: [userID] };
    }
    case "group.infoChanged":
      return {
        operationType: TYPES.GRP_TIP_GRP_PROFILE_UPDATED,
        userIDList: [],
        newGroupProfile: { groupName: event.name },
      };
    case "group.dismissed":
      return { operationType: GROUP_DISMISSED };
    case "group.notice":
      return { operationType: BY_BACK_END, userDefinedField: event.data };
    default:
      return undefined;
  }
}

type GroupEvent = Extract<KnownEvent, { type: `group.${string}` }>;

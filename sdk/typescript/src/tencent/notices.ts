import type { Wigwag } from "../client.js";
import type { KnownEvent } from "../events.js";
import type { UserId } from "../wire/index.js";
import type { Part } from "./account.js";
import { EVENT, TYPES } from "./constants.js";
import type { Groups } from "./groups.js";
import type { Listeners } from "./listeners.js";
import type { Profiles } from "./profiles.js";
import { emptyMessage, faceOf, type Message } from "./shapes.js";

/** `operationType` of the system notice that a group is no more. */
const GROUP_DISMISSED = 5;

/** What happens in groups, as the messages by which Tencent's package tells it; they are not in history. */
export class Notices implements Part {
  readonly #listeners: Listeners;
  readonly #profiles: Profiles;
  readonly #groups: Groups;

  constructor(listeners: Listeners, profiles: Profiles, groups: Groups) {
    this.#listeners = listeners;
    this.#profiles = profiles;
    this.#groups = groups;
  }

  begins(client: Wigwag): void {
    client.on("group.membersAdded", (event) => this.#tip(event, TYPES.GRP_TIP_MBR_JOIN, event.userIDs));
    client.on("group.membersRemoved", (event) => {
      const quit = event.userIDs.every((userID) => userID === event.by);
      this.#tip(event, quit ? TYPES.GRP_TIP_MBR_QUIT : TYPES.GRP_TIP_MBR_KICKED_OUT, event.userIDs);
    });
    client.on("group.roleChanged", (event) => {
      const raised = event.role !== "member";
      this.#tip(event, raised ? TYPES.GRP_TIP_MBR_SET_ADMIN : TYPES.GRP_TIP_MBR_CANCELED_ADMIN, [event.userID]);
    });
    client.on("group.infoChanged", (event) => {
      this.#tip(event, TYPES.GRP_TIP_GRP_PROFILE_UPDATED, [], { newGroupProfile: { groupName: event.name } });
    });
    client.on("group.dismissed", (event) => {
      const payload = { operationType: GROUP_DISMISSED, operatorID: event.by, groupProfile: this.#profileOf(event.groupID) };
      this.#tell({ ...this.#message(event), type: TYPES.MSG_GRP_SYS_NOTICE, payload, ...SYSTEM });
    });
  }

  ends(): void {}

  #tip(event: GroupEvent, operationType: number, userIDList: UserId[], more: object = {}): void {
    const memberList = userIDList.map((userID) => ({ userID, ...faceOf(this.#profiles.viewer, userID) }));
    const payload = {
      operationType,
      operatorID: event.by,
      userIDList,
      memberList,
      groupProfile: this.#profileOf(event.groupID),
      ...more,
    };
    this.#tell({ ...this.#message(event), type: TYPES.MSG_GRP_TIP, payload });
  }

  #message({ groupID, by, time, cursor }: GroupEvent): Message {
    const { viewer } = this.#profiles;
    return {
      ...emptyMessage(TYPES.CONV_GROUP, groupID),
      ID: `${groupID}-notice-${cursor}`,
      from: by,
      flow: by === viewer.me ? "out" : "in",
      time: viewer.secondsHere(time),
      status: "success",
      ...faceOf(viewer, by),
      _onlineOnlyFlag: true,
    };
  }

  #profileOf(groupID: string): object {
    const { name = "", type = "", avatar = "" } = this.#groups.known(groupID) ?? {};
    return { groupID, name, type, avatar };
  }

  #tell(message: Message): void {
    this.#listeners.emit(EVENT.MESSAGE_RECEIVED, [message]);
  }
}

/** Where Tencent's package puts its system notices. */
const SYSTEM = { conversationID: TYPES.CONV_SYSTEM, conversationType: TYPES.CONV_SYSTEM };

type GroupEvent = Extract<KnownEvent, { type: `group.${string}`; by: UserId }>;

import type { KnownEvent } from "../events.js";
import { GroupInfoChangeTypeEnum } from "./enums.js";
import { Listeners } from "./listeners.js";
import type { Session } from "./session.js";

/** A member, as callbacks name them. */
export interface V2TimGroupMemberInfo {
  userID: string;
}

/** What changed in a group's description, and what it is now. */
export interface V2TimGroupChangeInfo {
  /** See GroupInfoChangeTypeEnum. */
  type: number;
  value: string;
}

/** Told what happens to one's groups. Every callback is optional. */
export interface V2TimGroupListener {
  /** Members joined by themselves. */
  onMemberEnter?: (groupID: string, memberList: V2TimGroupMemberInfo[]) => void;
  /** A member left. */
  onMemberLeave?: (groupID: string, member: V2TimGroupMemberInfo) => void;
  /** Members were added by another; perhaps oneself. */
  onMemberInvited?: (groupID: string, opUser: V2TimGroupMemberInfo, memberList: V2TimGroupMemberInfo[]) => void;
  /** Members were removed; perhaps oneself. */
  onMemberKicked?: (groupID: string, opUser: V2TimGroupMemberInfo, memberList: V2TimGroupMemberInfo[]) => void;
  /** One created a group on another device. */
  onGroupCreated?: (groupID: string) => void;
  /** The group is no more. */
  onGroupDismissed?: (groupID: string, opUser: V2TimGroupMemberInfo) => void;
  /** Its description or its owner changed. */
  onGroupInfoChanged?: (groupID: string, changeInfos: V2TimGroupChangeInfo[]) => void;
  /** Members became admins. */
  onGrantAdministrator?: (groupID: string, opUser: V2TimGroupMemberInfo, memberList: V2TimGroupMemberInfo[]) => void;
  /** Members are admins no more. */
  onRevokeAdministrator?: (groupID: string, opUser: V2TimGroupMemberInfo, memberList: V2TimGroupMemberInfo[]) => void;
  /** One left the group on another device. */
  onQuitFromGroup?: (groupID: string) => void;
  /** A back end tells members something. */
  onReceiveRESTCustomData?: (groupID: string, customData: string) => void;
}

/** Tells what happens to groups. */
export class GroupNews {
  readonly listeners = new Listeners<V2TimGroupListener>([
    "onMemberEnter",
    "onMemberLeave",
    "onMemberInvited",
    "onMemberKicked",
    "onGroupCreated",
    "onGroupDismissed",
    "onGroupInfoChanged",
    "onGrantAdministrator",
    "onRevokeAdministrator",
    "onQuitFromGroup",
    "onReceiveRESTCustomData",
  ]);

  constructor(session: Session) {
    session.tells({ event: (event, userID) => this.#event(event, userID) });
  }

  #event(event: KnownEvent, userID: string): void {
    switch (event.type) {
      case "group.membersAdded":
        return this.#added(event, userID);
      case "group.membersRemoved":
        return this.#removed(event, userID);
      case "group.dismissed":
        return this.listeners.tell("onGroupDismissed", event.groupID, { userID: event.by });
      case "group.infoChanged": {
        const type = GroupInfoChangeTypeEnum.V2TIM_GROUP_INFO_CHANGE_TYPE_NAME;
        return this.listeners.tell("onGroupInfoChanged", event.groupID, [{ type, value: event.name }]);
      }
      case "group.roleChanged":
        return this.#roleChanged(event);
      case "group.notice":
        return this.listeners.tell("onReceiveRESTCustomData", event.groupID, event.data);
    }
  }

  /** Who creates a group is told as the one who adds, and is one of those added. */
  #added({ groupID, by, userIDs, created }: KnownEvent & { type: "group.membersAdded" }, userID: string): void {
    const added = userIDs.filter((one) => one !== by);
    if (by === userID && (created || (added.length > 0 && userIDs.includes(by)))) {
      this.listeners.tell("onGroupCreated", groupID);
    } else if (added.length === 0) {
      this.listeners.tell("onMemberEnter", groupID, named(userIDs));
    } else {
      this.listeners.tell("onMemberInvited", groupID, { userID: by }, named(added));
    }
  }

  #removed({ groupID, by, userIDs }: KnownEvent & { type: "group.membersRemoved" }, userID: string): void {
    if (!userIDs.includes(by)) {
      this.listeners.tell("onMemberKicked", groupID, { userID: by }, named(userIDs));
    } else if (by === userID) {
      this.listeners.tell("onQuitFromGroup", groupID);
    } else {
      this.listeners.tell("onMemberLeave", groupID, { userID: by });
    }
  }

  #roleChanged({ groupID, by, userID, role }: KnownEvent & { type: "group.roleChanged" }): void {
    if (role === "owner") {
      const type = GroupInfoChangeTypeEnum.V2TIM_GROUP_INFO_CHANGE_TYPE_OWNER;
      this.listeners.tell("onGroupInfoChanged", groupID, [{ type, value: userID }]);
    } else {
      const name = role === "admin" ? "onGrantAdministrator" : "onRevokeAdministrator";
      this.listeners.tell(name, groupID, { userID: by }, named([userID]));
    }
  }
}

function named(userIDs: readonly string[]): V2TimGroupMemberInfo[] {
  return userIDs.map((userID) => ({ userID }));
}

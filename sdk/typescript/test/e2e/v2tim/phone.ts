import { expect } from "vitest";
import WebSocket from "ws";
import {
  LogLevelEnum,
  V2TIMManager,
  type V2TimAdvancedMsgListener,
  type V2TimCallback,
  type V2TimGroupListener,
  type V2TimMessage,
  type V2TimSDKListener,
  type V2TimServer,
  type V2TimSignalingListener,
  type V2TimSimpleMsgListener,
  type V2TimValueCallback,
} from "../../../src/v2tim/index.js";
import type { Server } from "../server.js";

/** A callback that was called. */
export interface Called {
  readonly name: string;
  readonly words: unknown[];
}

const SIGNALING = [
  "onReceiveNewInvitation",
  "onInviteeAccepted",
  "onInviteeRejected",
  "onInvitationCancelled",
  "onInvitationTimeout",
  "onInvitationModified",
  "onCallHungUp",
] as const satisfies (keyof V2TimSignalingListener)[];
const MESSAGES = [
  "onRecvNewMessage",
  "onRecvMessageRevoked",
  "onRecvC2CReadReceipt",
] as const satisfies (keyof V2TimAdvancedMsgListener)[];
const SIMPLE = [
  "onRecvC2CTextMessage",
  "onRecvC2CCustomMessage",
  "onRecvGroupTextMessage",
  "onRecvGroupCustomMessage",
] as const satisfies (keyof V2TimSimpleMsgListener)[];
const GROUPS = [
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
] as const satisfies (keyof V2TimGroupListener)[];
const SDK = [
  "onConnecting",
  "onConnectSuccess",
  "onConnectFailed",
  "onKickedOffline",
  "onUserSigExpired",
  "onUserStatusChanged",
] as const satisfies (keyof V2TimSDKListener)[];

/** An app on the V2TIM surface, with a notebook for each kind of listener. */
export class Phone {
  readonly manager = new V2TIMManager();
  readonly signaling = new Notebook();
  readonly messages = new Notebook();
  readonly simple = new Notebook();
  readonly groups = new Notebook();
  readonly sdk = new Notebook();

  constructor(
    readonly server: Server,
    readonly userID: string,
  ) {
    this.manager.getSignalingManager().addSignalingListener(this.signaling.listener(SIGNALING));
    this.manager.getMessageManager().addAdvancedMsgListener(this.messages.listener(MESSAGES));
    this.manager.addSimpleMsgListener(this.simple.listener(SIMPLE));
    this.manager.addGroupListener(this.groups.listener(GROUPS));
  }

  /** Starts the app; `options` are those of initSDK. */
  async starts(options: Partial<V2TimServer> = {}): Promise<void> {
    const place = { url: this.server.url, deviceID: `${this.userID}-phone`, webSocket: WebSocket, ...options };
    done(await this.manager.initSDK(1400000000, LogLevelEnum.V2TIM_LOG_NONE, this.sdk.listener(SDK), place));
  }

  async logsIn(userSig = this.server.token(this.userID)): Promise<void> {
    done(await this.manager.login(this.userID, userSig));
  }

  /** Everything was heard that was to be heard: what the server answers next comes after it. */
  async hearsNothingElse(): Promise<void> {
    done(await this.manager.getGroupManager().getJoinedGroupList());
    expect(this.signaling.unread, this.userID).toEqual([]);
  }
}

/** What a listener was told. */
export class Notebook {
  readonly #called: Called[] = [];
  readonly #waiting = new Set<() => void>();
  #read = 0;

  /** A listener with these callbacks that writes everything down. */
  listener(names: readonly string[]): object {
    const note =
      (name: string) =>
      (...words: unknown[]) => {
        this.#called.push({ name, words });
        for (const look of this.#waiting) {
          look();
        }
      };
    return Object.fromEntries(names.map((name) => [name, note(name)]));
  }

  get unread(): readonly Called[] {
    return this.#called.slice(this.#read);
  }

  /** The next call is of this callback, with these words. */
  async hears(name: string, ...words: unknown[]): Promise<unknown[]> {
    await this.#until(() => this.#called.length > this.#read, name);
    const next = this.#called[this.#read] as Called;
    this.#read += 1;
    expect({ name: next.name, words: next.words.slice(0, words.length) }).toEqual({ name, words });
    return next.words;
  }

  /** Reads on until this callback was called. */
  async comesTo(name: string): Promise<void> {
    await this.#until(() => this.unread.some((called) => called.name === name), name);
    this.#read += this.unread.findIndex((called) => called.name === name) + 1;
  }

  /** The next message; what else it brings is looked at by the test. */
  async hearsMessage(): Promise<V2TimMessage> {
    const [message] = await this.hears("onRecvNewMessage");
    return message as V2TimMessage;
  }

  #until(isSo: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (isSo()) {
          clearTimeout(deadline);
          this.#waiting.delete(look);
          resolve();
        }
      };
      const deadline = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`in vain: ${what}; heard ${JSON.stringify(this.unread)}`));
      }, 20_000);
      this.#waiting.add(look);
      look();
    });
  }
}

/** The value of a call that has succeeded. */
export function given<T>(result: V2TimValueCallback<T>): T {
  done(result);
  return result.data as T;
}

/** The call has succeeded. */
export function done(result: V2TimCallback): void {
  expect(result).toMatchObject({ code: 0, desc: "" });
}

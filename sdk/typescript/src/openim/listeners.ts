import { report } from "../emitter.js";
import type { CallEventMap } from "./callEvents.js";
import type { ChatEventMap } from "./chatEvents.js";

/** What every call resolves with, and every event is. */
export interface WsResponse<T = unknown> {
  /** The function that was called, or the event. */
  event: string;
  /** 0 = done. */
  errCode: number;
  /** For people; empty when it is done. */
  errMsg: string;
  /** What was asked for, or what the event says. */
  data: T;
  /** The call's, as the app gave it or as it was made; empty in events. */
  operationID: string;
}

/** The events, and the `data` of each. */
export interface OpenIMEventMap extends CallEventMap, ChatEventMap {
  /** The first connection is being made. */
  OnConnecting: "";
  /** Signed in, for the first time or again. */
  OnConnectSuccess: "";
  /** The connection was lost, or could not be made; `errMsg` says why. It goes on trying. */
  OnConnectFailed: "";
  /** Comes after OnConnectSuccess. */
  OnSyncServerStart: "";
  /** What apps load their lists on. Comes after OnSyncServerStart. */
  OnSyncServerFinish: "";
  /** Another client took this one's place, or there are too many: signed out. */
  OnKickedOffline: "";
  /** The token has expired or was revoked: signed out. Sign in with a fresh one. */
  OnUserTokenExpired: "";
}

/** The name of an event. */
export type OpenIMEventName = keyof OpenIMEventMap;

/** Told of one kind of event. */
export type Listener<N extends OpenIMEventName> = (event: WsResponse<OpenIMEventMap[N]>) => unknown;

/** Listeners by the name of their event. They stay when a user signs out, and for the next one. */
export class Listeners {
  readonly #listeners = new Map<string, Listener<never>[]>();

  add(name: string, listener: Listener<never>): void {
    if (typeof listener === "function") {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    }
  }

  remove(name: string, listener: Listener<never>): void {
    const listeners = this.#listeners.get(name) ?? [];
    const at = listeners.indexOf(listener);
    this.#listeners.set(
      name,
      listeners.filter((_, index) => index !== at),
    );
  }

  /** A listener that throws disturbs nobody. */
  raise(name: string, data: unknown, errCode = 0, errMsg = ""): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (event: WsResponse) => unknown)({ event: name, errCode, errMsg, data, operationID: "" });
      } catch (thrown) {
        report(thrown);
      }
    }
  }
}

import { report } from "../emitter.js";
import type { CallEventData } from "./callEvents.js";
import type { ChatEventData } from "./chatEvents.js";

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
export interface OpenIMEventData extends CallEventData, ChatEventData {
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
export type OpenIMEventName = keyof OpenIMEventData;

/** Told of one kind of event. */
export type Handler<N extends OpenIMEventName> = (event: WsResponse<OpenIMEventData[N]>) => unknown;

/** Handlers by the name of their event. They stay when a user signs out, and for the next one. */
export class Listeners {
  readonly #handlers = new Map<string, Handler<never>[]>();

  add(name: string, handler: Handler<never>): void {
    if (typeof handler === "function") {
      this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
    }
  }

  remove(name: string, handler: Handler<never>): void {
    const handlers = this.#handlers.get(name) ?? [];
    const at = handlers.indexOf(handler);
    this.#handlers.set(
      name,
      handlers.filter((_, index) => index !== at),
    );
  }

  /** A handler that throws disturbs nobody. */
  raise(name: string, data: unknown, errCode = 0, errMsg = ""): void {
    for (const handler of this.#handlers.get(name) ?? []) {
      try {
        (handler as (event: WsResponse) => unknown)({ event: name, errCode, errMsg, data, operationID: "" });
      } catch (thrown) {
        report(thrown);
      }
    }
  }
}

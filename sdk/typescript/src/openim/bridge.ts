/**
 * Calls for apps that stay on OpenIM's own server with `@openim/wasm-client-sdk` 3.8: its signaling methods call functions of the page that
 * its core no longer has. The bridge gives the page these functions, and raises the call events at the app.
 *
 * @packageDocumentation
 */
import { isText } from "../check.js";
import { Wigwag } from "../client.js";
import { report } from "../emitter.js";
import type { WigwagOptions } from "../options.js";
import { type CallEventName, CallEvents } from "./callEvents.js";
import { CallMethods } from "./calls.js";
import { CODE, OpenIMError, openIMError, wrong } from "./codes.js";
import { InOrder } from "./inOrder.js";
import { Lookup } from "./lookup.js";

export type { Wigwag } from "../client.js";
export type { WigwagOptions } from "../options.js";
export { OpenIMError } from "./codes.js";

/** What the bridge needs of OpenIM's `getSDK()`. */
export interface OpenIMWasm {
  /** Raises an event at the app. */
  emit(name: never, told: never): unknown;
}

/** Where this server is, and who signs in to it. */
export interface BridgeOptions extends WigwagOptions {
  /** Who is signed in to OpenIM's server. */
  readonly userID: string;
}

/** Calls beside OpenIM's own session. */
export interface CallBridge {
  /** The client behind it: where the connection stands, missed calls, and all else that OpenIM has no words for. */
  readonly client: Wigwag;
  /**
   * Resolves when the user is signed in here, too. Rejects with an OpenIMError when the sign-in is refused; every signaling method then
   * rejects with the same. While the server cannot be reached it goes on trying.
   */
  readonly signedIn: Promise<void>;
  /** Ends the session; call it when the user logs out of OpenIM. Signaling methods are refused from then on. */
  close(): Promise<void>;
}

/** As long as a timer can be: the page may be opened a long time before the network is there. */
const NEVER_MS = 2 ** 31 - 1;

/** What OpenIM's package calls, with what it gives after the operationID. */
const FUNCTIONS = {
  signalingInvite: (calls, invite) => calls.invite(invite),
  signalingInviteInGroup: (calls, invite) => calls.inviteInGroup(invite),
  signalingAccept: (calls, act) => calls.accept(act),
  signalingReject: (calls, act) => calls.reject(act),
  signalingCancel: (calls, act) => calls.cancel(act),
  signalingHungUp: (calls, act) => calls.hungUp(act),
  signalingGetRoomByGroupID: (calls, groupID) => calls.roomOf(groupID),
  signalingGetTokenByRoomID: (calls, roomID) => calls.tokenOf(roomID),
  signalingSendCustomSignal: (calls, customInfo, roomID) => calls.signal(roomID, customInfo),
  getSignalingInvitationInfoStartApp: async (calls) => calls.startApp(),
} satisfies Record<string, (calls: CallMethods, ...given: unknown[]) => Promise<object>>;

/**
 * Gives an app on OpenIM's wasm package its calls. To be called when the user has signed in to OpenIM; a second call takes the place of
 * the first.
 */
export function bridgeCalls(sdk: OpenIMWasm, options: BridgeOptions): CallBridge {
  const { userID } = options ?? {};
  const client = new Wigwag({ connectTimeoutMs: NEVER_MS, ...options });
  const order = new InOrder();
  const viewer = { client, me: userID, lookup: new Lookup(client), order };
  const events = new CallEvents(viewer, (name, data) => raise(sdk, name, data));
  const methods = new CallMethods(viewer, events);
  let failed = flawOf(sdk, userID);
  const signedIn = failed === undefined ? signIn(client, events) : Promise.reject(failed);
  signedIn.catch(() => {});
  define((run) => {
    if (failed !== undefined) {
      throw failed;
    }
    return run(methods).finally(() => order.told);
  });
  const close = async () => {
    failed = signedOut();
    order.end();
    await client.close();
  };
  before?.();
  before = () => void close();
  return { client, signedIn, close };
}

/** Ends the bridge that was there before. */
let before: (() => void) | undefined;

/** Until a bridge is there, the functions say what is missing. */
export function refuseCalls(): void {
  define(() => {
    throw signedOut();
  });
}

function flawOf(sdk: unknown, userID: unknown): OpenIMError | undefined {
  if (typeof (sdk as Partial<OpenIMWasm> | undefined)?.emit !== "function") {
    return wrong("sdk must be what getSDK() of @openim/wasm-client-sdk gives");
  }
  return isText(userID) ? undefined : wrong("userID must be a text: who is signed in to OpenIM");
}

async function signIn(client: Wigwag, events: CallEvents): Promise<void> {
  try {
    await client.connect();
    events.ringWaiting();
  } catch (thrown) {
    throw openIMError(thrown);
  }
}

type Run = (calls: CallMethods) => Promise<object>;

/** Defines the functions on the page. */
function define(carryOut: (run: Run) => Promise<object>): void {
  for (const [name, call] of Object.entries<(calls: CallMethods, ...given: unknown[]) => Promise<object>>(FUNCTIONS)) {
    const called = async (_operationID: unknown, ...given: unknown[]) => {
      try {
        return JSON.stringify(await carryOut((calls) => call(calls, ...given)));
      } catch (thrown) {
        throw openIMError(thrown);
      }
    };
    Object.assign(globalThis, { [name]: called });
  }
}

/** As the package raises its own: `data` is a text for apps that have set `tryParse` to false. */
function raise(sdk: OpenIMWasm, name: CallEventName, data: object): void {
  const { tryParse, emit } = sdk as unknown as { tryParse?: boolean; emit: (name: string, told: object) => unknown };
  const told = { event: name, errCode: 0, errMsg: "", data: tryParse === false ? JSON.stringify(data) : data, operationID: "" };
  try {
    emit.call(sdk, name, told);
  } catch (thrown) {
    report(thrown);
  }
}

function signedOut(): OpenIMError {
  const words = "nobody is signed in for calls: call bridgeCalls(getSDK(), { url, token, userID }) after OpenIM's login";
  return new OpenIMError(CODE.notReady, words, "notSignedIn");
}

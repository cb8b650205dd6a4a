import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import type TencentCloudChat from "../../../src/tencent/index.js";
import type { Failure, SocketTask } from "../../../src/transport/miniProgram.js";
import { root } from "../../package/built.js";
import { SDK_APP_ID, Server } from "../server.js";

let server: Server;
beforeEach(async () => {
  server = await Server.start();
  await server.knows("bob");
});
afterEach(() => server.end());

type Options = { url: string; complete?: () => void; fail?: (failure: Failure) => void };

/** `connectSocket` of a host: connections have no properties to set, and close without a word where they could not be opened. */
function connect({ url, fail }: Options): SocketTask {
  const socket = new WebSocket(url);
  socket.on("error", ({ message }) => fail?.({ errMsg: message }));
  return {
    send: ({ data, fail: refused }) =>
      socket.readyState === WebSocket.OPEN ? socket.send(data) : refused({ errMsg: "not connected" }),
    close: ({ code }) => socket.close(code),
    onOpen: (listener) => socket.on("open", listener),
    onMessage: (listener) => socket.on("message", (data, isBinary) => listener({ data: isBinary ? data : String(data) })),
    onError: () => {},
    onClose: (listener) => socket.on("close", (code, reason) => listener({ code, reason: String(reason) })),
  };
}

const HOSTS: Readonly<Record<string, object>> = {
  wx: { connectSocket: connect },
  // It promises the connection where no callback is given.
  uni: {
    connectSocket: (options: Options) => (options.complete === undefined ? Promise.resolve(connect(options)) : connect(options)),
  },
};

/** The script for pages, in a realm that has what the language has, timers, and the host. */
function scriptIn(host: string): typeof TencentCloudChat {
  const realm = createContext({ setTimeout, clearTimeout, console, [host]: HOSTS[host] });
  runInContext(readFileSync(join(root, "dist/tencent.js"), "utf8"), realm);
  return runInContext("TIM === TencentCloudChat && TencentCloudChat", realm);
}

test.each(["wx", "uni"])("a mini program with %s signs in, invites, and connects again when the server is back", async (host) => {
  const { create, EVENT, TYPES } = scriptIn(host);
  const chat = create({ SDKAppID: SDK_APP_ID, url: server.url });
  const ready = new Promise((resolve) => chat.on(EVENT.SDK_READY, resolve));
  await chat.login({ userID: "alice", userSig: server.userSig("alice") });
  await ready;
  const { inviteID } = await chat.invite({ userID: "bob", timeout: 60 });

  const back = new Promise<void>((resolve) => {
    let lost = false;
    chat.on(EVENT.NET_STATE_CHANGE, ({ data }: { data: { state: string } }) => {
      lost ||= data.state === TYPES.NET_STATE_CONNECTING;
      if (lost && data.state === TYPES.NET_STATE_CONNECTED) {
        resolve();
      }
    });
  });
  await server.kill();
  await server.startAgain();
  await back;
  expect((await chat.cancel({ inviteID })).code).toBe(0);
  await chat.destroy();
});

test("a mini program whose host refuses the address is told", async () => {
  const { create } = scriptIn("wx");
  const chat = create({ SDKAppID: SDK_APP_ID, url: "ws://127.0.0.1:1", connectTimeoutMs: 500 });
  const refusal = await chat.login({ userID: "alice", userSig: "s" }).catch((thrown: unknown) => thrown);
  expect(refusal).toMatchObject({ code: 2801, message: expect.stringContaining("ECONNREFUSED") });
});

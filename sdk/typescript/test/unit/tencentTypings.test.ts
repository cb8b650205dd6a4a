import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import TencentCloudChat, { type Message, type UnsupportedCalls } from "../../src/tencent/index.js";
import { root, tsc } from "../package/built.js";

// Tencent's own package says what apps may mention: its declarations and its constants, read here, so that nothing can be forgotten.
const require = createRequire(import.meta.url);
const declarations = readFileSync(join(root, "node_modules/@tencentcloud/chat/index.d.ts"), "utf8");
const [, chatClass = ""] = /\nexport declare class ChatSDK \{([\s\S]*?)\n\}/.exec(declarations) ?? [];
const METHODS = [...chatClass.matchAll(/^ {2}(\w+)\(/gm)].map(([, name = ""]) => name);
const SHAPES = [...declarations.matchAll(/^export declare interface (\w+)/gm)].map(([, name = ""]) => name);

const folder = mkdtempSync(join(tmpdir(), "wigwag-typings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every constant of Tencent's package has its value here", () => {
  const quiet = [console.log, console.info];
  console.log = console.info = () => {};
  const real = require("@tencentcloud/chat");
  [console.log, console.info] = quiet as [typeof console.log, typeof console.info];
  for (const name of ["EVENT", "TYPES", "TSignaling"] as const) {
    expect(Object.keys(real[name]).length, name).toBeGreaterThan(10);
    expect(TencentCloudChat[name], name).toMatchObject(real[name]);
  }
  expect(TencentCloudChat.VERSION).toBe(real.VERSION);
});

test("an app that mentions any method and any shape of Tencent's package compiles", () => {
  expect(METHODS.length, "methods").toBe(148);
  expect(SHAPES.length, "shapes").toBeGreaterThan(10);
  const enumerations = /declare module TencentCloudChat \{[\s\S]*/;
  // Members of enumerations are no types here; what resolves with nothing there resolves with {code: 0} here.
  const common = declarations
    .replace(enumerations, "")
    .replace(/TencentCloudChat\.(TYPES|TSignaling)\.\w+/g, "TencentCloudChat.$1")
    .replace(/Promise<void>/g, "Promise<any>")
    // Where the typings are wrong about what the package gives.
    .replace("createTime: string", "createTime: number")
    .replace("lastUpdatedNumber", "lastUpdatedTime");
  const head = 'import TencentCloudChat from "@wigwag/sdk/tencent";\n';
  writeFileSync(join(folder, "shapes.d.ts"), `${head}${common}`);
  const shapes = /^export declare interface \w+ \{[\s\S]*?^\}/gm;
  const ours = `import type { ${SHAPES.join(", ")} } from "@wigwag/sdk/tencent";\n`;
  writeFileSync(join(folder, "calls.d.ts"), `${head}${ours}${common.replace(shapes, "")}`);
  writeFileSync(
    join(folder, "app.ts"),
    `import type * as Wigwag from "@wigwag/sdk/tencent";
import type * as Calls from "./calls.js";
import type * as Shapes from "./shapes.js";
// As functions, whose parameters are compared more strictly than those of methods.
type Strict<T> = { [K in keyof T]: T[K] extends (...options: infer O) => infer R ? (...options: O) => R : never };
export const calls = (chat: Wigwag.ChatSDK): Strict<Calls.ChatSDK> => chat;
// An option that is not declared is an error where an app writes it down.
type Options<T, K> = K extends keyof T ? (T[K] extends (options: infer O, ...more: never[]) => unknown ? (O extends unknown ? keyof O : 0) : 0) : 0;
type Unknown = { [K in keyof Calls.ChatSDK]: Exclude<Options<Calls.ChatSDK, K>, Options<Wigwag.ChatSDK, K> | keyof Object> };
${METHODS.map((name) => `export const of_${name} = (unknown: Unknown["${name}"]): never => unknown;`).join("\n")}
${SHAPES.map((name) => `export const a${name} = (one: Wigwag.${name}): Shapes.${name} => one;`).join("\n")}
`,
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { types: [], paths: { "@wigwag/sdk/tencent": [join(root, "src/tencent/index.ts")] } },
      files: ["app.ts"],
      include: [],
    }),
  );
  tsc(folder);
});

test("every method of Tencent's package can be called, and no rejection of it has to be handled", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const chat = TencentCloudChat.create({ SDKAppID: 1, url: "ws://127.0.0.1:1" });
  const calls = chat as unknown as Record<string, (...options: unknown[]) => unknown>;
  for (const name of [...METHODS, "hangUp"].filter((one) => one !== "on" && one !== "addSignalingListener")) {
    expect(calls[name], name).toBeTypeOf("function");
    for (const options of [undefined, null, {}, "text", []]) {
      expect(() => calls[name]?.(options), name).not.toThrow();
    }
  }
  chat.login({ userID: "alice", userSig: "nobody answers here" });
  await chat.logout();
  // What is not handled is told when this turn of the event loop has ended.
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

test("what is not there rejects with 7014 and its name", async () => {
  const chat = TencentCloudChat.create({ SDKAppID: 1, url: "ws://127.0.0.1:1" });
  const missing: (keyof UnsupportedCalls)[] = ["addMessageReaction", "followUser", "searchCloudGroupMembers", "pinGroupMessage"];
  for (const name of missing) {
    const message = expect.stringMatching(`^${name} is not there: .`);
    await expect(chat[name]({}), name).rejects.toMatchObject({ code: 7014, message, data: { reason: "notSupported" } });
  }
  expect(chat.findMessage("m")).toBeNull();
  expect(Math.abs(chat.getServerTime() - Date.now())).toBeLessThan(1_000);
});

test("a message of a kind that is not carried can be made; sending it is refused", async () => {
  const chat = TencentCloudChat.create({ SDKAppID: 1, url: "ws://127.0.0.1:1" });
  const options = { to: "bob", conversationType: TencentCloudChat.TYPES.CONV_C2C, payload: { file: {} } };
  const made: [name: string, Message][] = [
    ["createImageMessage", chat.createImageMessage(options)],
    ["createAudioMessage", chat.createAudioMessage(options)],
    ["createVideoMessage", chat.createVideoMessage(options)],
    ["createFileMessage", chat.createFileMessage(options)],
    ["createMergerMessage", chat.createMergerMessage({ ...options, payload: { messageList: [], title: "Chat" } })],
    ["createTextAtMessage", chat.createTextAtMessage({ ...options, payload: { text: "@bob", atUserList: ["bob"] } })],
    ["receiverList", chat.createTextMessage({ ...options, payload: { text: "for bob" }, receiverList: ["bob"] })],
  ];
  for (const [name, message] of made) {
    expect(message, name).toMatchObject({ to: "bob", conversationType: "C2C", flow: "out", status: "unSend" });
    expect(message.ID, name).not.toBe("");
    const refused = { code: 7014, message: expect.stringMatching(`^${name} is not there: .`) };
    await expect(chat.sendMessage(message), name).rejects.toMatchObject(refused);
  }
});

test("a forwarded message says what the first one says", () => {
  const chat = TencentCloudChat.create({ SDKAppID: 1, url: "ws://127.0.0.1:1" });
  const { CONV_C2C, CONV_GROUP } = TencentCloudChat.TYPES;
  const first = chat.createTextMessage({ to: "bob", conversationType: CONV_C2C, payload: { text: "hi" } });
  const forwarded = chat.createForwardMessage({ to: "class", conversationType: CONV_GROUP, payload: first });
  expect(forwarded).toMatchObject({ type: first.type, payload: { text: "hi" }, conversationID: "GROUPclass" });
  expect(forwarded.ID).not.toBe(first.ID);
});

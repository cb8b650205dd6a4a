import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type TencentCloudChat from "../../../src/tencent/index.js";
import type { Message } from "../../../src/tencent/index.js";
import { SDK_APP_ID, Server } from "../server.js";
import { standInForBrowser } from "./callEngine.js";
import { People, type Person } from "./people.js";

/** What the test uses of chat-uikit-engine, on which Tencent's chat kits stand, and of the chat under it. */
interface Kit {
  readonly chat: typeof TencentCloudChat;
  readonly TUIChatEngine: { login(options: object): Promise<unknown> };
  readonly TUIChatService: { sendTextMessage(options: object): Promise<unknown> };
  readonly TUIConversationService: { switchConversation(conversationID: string): Promise<unknown> };
  readonly TUIStore: { getData(store: string, key: "messageList"): readonly (Message & { revokeMessage(): Promise<unknown> })[] };
  readonly StoreName: { readonly CHAT: string };
}

let server: Server;
let people: People;
beforeAll(async () => {
  standInForBrowser();
  Object.assign(globalThis, { WebSocket });
  server = await Server.start();
  people = new People(server);
});
afterAll(async () => {
  await people.end();
  await server.end();
});

/** Bundled as an app does it: its chat is ours by the alias, and made by the kit itself. */
async function bundled(): Promise<Kit> {
  const contents = 'export { default as chat } from "@tencentcloud/chat"; export * from "@tencentcloud/chat-uikit-engine";';
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    alias: { "@tencentcloud/chat": fileURLToPath(new URL("../../../src/tencent/index.ts", import.meta.url)) },
    bundle: true,
    format: "cjs",
    platform: "browser",
    write: false,
  });
  const module = { exports: {} };
  new Function("module", "exports", outputFiles[0]?.text ?? "")(module, module.exports);
  return module.exports as Kit;
}

function textTo(person: Person, to: string, text: string): Message {
  return person.chat.createTextMessage({ to, conversationType: "C2C", payload: { text } });
}

test("a chat kit that makes its own chat shows what it sends, and what it takes back", async () => {
  const bob = await people.ready("bob");
  await people.ready("ada");
  const kit = await bundled();
  kit.chat.setServer(server.url);
  await kit.TUIChatEngine.login({ SDKAppID: SDK_APP_ID, userID: "ada", userSig: server.userSig("ada") });
  await bob.chat.sendMessage(textTo(bob, "ada", "first"));
  const list = () => kit.TUIStore.getData(kit.StoreName.CHAT, "messageList");
  const shown = () => list().map(({ payload, status, isRevoked }) => [payload.text, status, isRevoked]);
  await vi.waitFor(() => kit.TUIConversationService.switchConversation("C2Cbob"), 10_000);
  await kit.TUIChatService.sendTextMessage({ to: "bob", conversationType: "C2C", payload: { text: "second" } });
  await expect.poll(shown).toEqual([
    ["first", "success", false],
    ["second", "success", false],
  ]);
  await list().at(-1)?.revokeMessage();
  await expect.poll(shown).toEqual([
    ["first", "success", false],
    ["second", "success", true],
  ]);
  await kit.chat.create({ SDKAppID: SDK_APP_ID }).destroy();
});

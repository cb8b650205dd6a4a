import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Wigwag } from "@wigwag/sdk";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import WebSocket from "ws";
import { consoleOf, Operator } from "./operator.js";
import { World } from "./world.js";

const BUILT = fileURLToPath(new URL("../../dist/console/index.html", import.meta.url));

let world: World;
let shop: Server;
let key: string;
const clients: Wigwag[] = [];

beforeAll(async () => {
  shop = createServer((_, answer) => answer.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => shop.once("listening", resolve));
  const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`;
  const secret = `whsec_${Buffer.from("a secret of thirty-two bytes ...").toString("base64")}`;
  const endpoints = JSON.stringify([{ name: "shop", url, secret }]);
  const env = {
    WIGWAG_WEBHOOKS_ENDPOINTS: endpoints,
    WIGWAG_WEBHOOKS_ALLOW: "127.0.0.1/32",
    WIGWAG_RETENTION_EVENTS_DAYS: "10",
  };
  world = await World.start({ env });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await world.clear();
});

afterAll(async () => {
  await world.end();
  shop.close();
});

it("is not there without a key; with one it is the console that was built", async () => {
  const without = await fetch(consoleOf(world));
  expect(without.status).toBe(404);
  expect(await without.text()).toContain("wigwag key create");
  key = world.server.key("operator", "all");
  const operator = await Operator.opens(world);
  const given = await fetch(consoleOf(world));
  expect(await given.text()).toBe(readFileSync(BUILT, "utf8"));
  await operator.photographs("key");

  await operator.enters("wk_of_somebody_else");
  await operator.page.getByRole("alert").getByText("does not know this key").waitFor();
  await operator.enters(key);
  await operator.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await operator.reads("Server", "takes commits");
  await operator.reads("This node", "of them refused");
  await operator.photographs("overview");

  // The key is in this tab alone, and in no address.
  const kept = await operator.page.evaluate(() => [location.href, JSON.stringify(localStorage), document.cookie].join());
  expect(kept).not.toContain(key);
  await operator.page.reload();
  await operator.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  const other = await operator.page.context().newPage();
  await other.goto(consoleOf(world));
  await other.getByLabel("Key", { exact: true }).waitFor();
  await operator.page.getByRole("button", { name: "Forget key" }).click();
  await operator.page.getByLabel("Key", { exact: true }).waitFor();
  expect(await operator.page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(operator.flaws).toEqual([]);
});

it("shows who is online, and keeps them out", async () => {
  const [operator, ann] = await Promise.all([opened(), signedIn("ann")]);
  const gone = new Promise((resolve) => ann.on("state", ({ status }) => status === "closed" && resolve(status)));
  await operator.page.getByRole("link", { name: "Users" }).click();
  await operator.page.getByRole("link", { name: "ann", exact: true }).click();
  await operator.reads("Devices online", "Linux");
  await operator.reads("Calls", "There is no call.");
  await operator.photographs("user");
  await operator.does("Disable", "Disable ann?", "They are kept out");
  await operator.reads("Account", "disabled");
  expect(await gone).toBe("closed");
  await operator.reads("Devices online", "No device has a session.");
  await operator.does("Enable", "Enable ann?", "They can sign in again.");
  await operator.reads("Account", "enabled");

  const again = await signedIn("ann");
  const revoked = new Promise((resolve) => again.on("state", ({ status }) => status !== "open" && resolve(status)));
  await operator.reads("Devices online", "Linux");
  await operator.does("Sign out", "Sign ann out everywhere?", "All their tokens are taken back.");
  await revoked;
  expect(operator.flaws).toEqual([]);
});

it("deletes a user once their userID was written again, and says before what is deleted and what stays", async () => {
  const [operator, kim, lea] = await Promise.all([opened(), signedIn("kim"), signedIn("lea")]);
  await kim.groups.create({ groupID: "readers", name: "Readers", members: ["lea"] });
  const gone = new Promise((resolve) => kim.on("state", ({ status }) => status === "closed" && resolve(status)));
  await operator.finds("Users", "kim");
  await operator.page.getByRole("main").getByRole("button", { name: "Delete" }).click();
  const dialog = operator.page.getByRole("dialog", { name: "Delete kim for good?" });
  await dialog.getByText("Deleted are their profile").waitFor();
  await dialog.getByText("What they wrote to others stays with those").waitFor();
  const agrees = dialog.getByRole("button", { name: "Delete" });
  const again = dialog.getByLabel("To go on, write kim again:");
  await again.fill("lea");
  expect(await agrees.isDisabled()).toBe(true);
  await operator.photographs("delete");
  await again.fill("kim");
  await agrees.click();
  await dialog.waitFor({ state: "detached" });
  await operator.page.locator(".outcome").getByText("kim is deleted.").waitFor();
  expect(await gone).toBe("closed");
  // What is left of them is told by others' pages.
  await operator.panel("All users").getByRole("link", { name: "lea", exact: true }).waitFor();
  expect(await operator.panel("All users").getByRole("link", { name: "kim", exact: true }).count()).toBe(0);
  await operator.finds("Groups", "readers");
  await operator.reads("Members", "lea");
  expect(await operator.panel("Members").getByText("kim").count()).toBe(0);
  expect((await lea.groups.info({ groupID: "readers" })).role).toBe("owner");
  expect(operator.flaws).toEqual([]);
});

it("tells the story of an invitation, and settles it for an invitee", async () => {
  const [operator, bob, cyn] = await Promise.all([opened(), signedIn("bob"), signedIn("cyn")]);
  const { inviteID } = await bob.signaling.invite({ invitee: "cyn", data: "tea?", timeout: 0, call: { mediaType: "audio" } });
  await operator.finds("Invitations", inviteID);
  await operator.reads("State", "open");
  await operator.reads("Invitees", "pending");
  await operator.reads("Story", "invitation.received");
  const heard = new Promise((resolve) => cyn.on("event", (event) => event.type === "invitation.accepted" && resolve(event.type)));
  await operator.does("Accept", "Accept for cyn?", "It is accepted for cyn.");
  expect(await heard).toBe("invitation.accepted");
  await operator.reads("State", "ended: completed");
  await operator.reads("Story", "invitation.accepted");
  await operator.reads("Webhooks", "told, or given up");
  const diagram = await operator.panel("Sequence diagram").locator("pre").innerText();
  expect(diagram).toMatch(
    /^sequenceDiagram\n {2}participant p0 as bob\n {2}participant p1 as server\n {2}participant p2 as cyn\n/,
  );
  expect(diagram).toMatch(/p0->>p1: [\d:.]+ invitation\.received from /);
  expect(diagram).toMatch(/p2->>p1: [\d:.]+ invitation\.accepted\n/);
  await operator.photographs("invitation");

  await operator.page.getByRole("link", { name: inviteID, exact: true }).click();
  await operator.reads("State", "runs");
  await operator.photographs("call");
  await operator.does("End the call", "End this call for everybody?", "Everybody has hung up.");
  await operator.reads("State", "over");
  expect(operator.flaws).toEqual([]);
});

it("takes an invitation back, but not when the question is not answered", async () => {
  const [operator, dan] = await Promise.all([opened(), signedIn("dan")]);
  await signedIn("eve");
  const { inviteID } = await dan.signaling.invite({ invitee: "eve", data: "", timeout: 0 });
  await operator.finds("Invitations", inviteID);
  await operator.page.getByRole("main").getByRole("button", { name: "Take back" }).click();
  const dialog = operator.page.getByRole("dialog", { name: "Take this invitation back?" });
  await operator.photographs("question");
  await operator.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await operator.reads("State", "open");
  await operator.does("Take back", "Take this invitation back?", "It is taken back from everybody who was pending.");
  await operator.reads("State", "ended: cancelled");
  expect(operator.flaws).toEqual([]);
});

it("looks after a group and after webhooks", async () => {
  const [operator, fay] = await Promise.all([opened(), signedIn("fay")]);
  await signedIn("gus");
  await fay.groups.create({ groupID: "team", name: "The team", members: ["gus"] });
  await operator.finds("Groups", "team");
  await operator.reads("Description", "The team");
  await operator.photographs("group");
  await operator.does("Remove", "Remove gus from the group?", "gus is no member any more.");
  await operator.panel("Members").getByText("gus").waitFor({ state: "detached" });

  await operator.page.getByRole("link", { name: "Webhooks", exact: true }).click();
  await operator.does("Try", "Send a test to shop?", /has taken it/);
  await operator.does("Pause", "Pause shop?", "Nothing is sent to it any more.");
  await operator.reads("Endpoints", "paused");
  await operator.photographs("webhooks");
  await operator.does("Resume", "Resume shop?", "It is sent what waited.");
  await operator.does("Tell again", "Tell shop again?", "It is told everything of the last 1 hour again.");
  expect(operator.flaws).toEqual([]);
});

it("says what the key may not do, and what is not there", async () => {
  const operator = await Operator.opens(world);
  await operator.enters(await counts(world.server.key("reader", "read")));
  await signedIn("hal");
  await operator.finds("Users", "hal");
  await operator.reads("Account", "enabled");
  await operator.reads("Account", "This key cannot delete users");
  expect(await operator.page.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
  await operator.page.getByRole("button", { name: "Sign out" }).click();
  const dialog = operator.page.getByRole("dialog", { name: "Sign hal out everywhere?" });
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await dialog.getByText(/needs the scope tokens/).waitFor();
  await dialog.getByRole("button", { name: "Back" }).click();
  await operator.finds("Users", "nobody");
  await operator.page.getByRole("alert").getByText("There is no such user").waitFor();
});

it("speaks Chinese, where its user wants it", async () => {
  const [operator, ivy] = await Promise.all([Operator.opens(world), signedIn("ivy")]);
  await signedIn("joe");
  const { inviteID } = await ivy.signaling.invite({ invitee: "joe", data: "", timeout: 0, call: { mediaType: "video" } });
  const { page } = operator;
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: "请输入业务后台的密钥" }).waitFor();
  await operator.photographs("key-zh");
  await page.getByLabel("密钥", { exact: true }).fill(key);
  await page.getByRole("button", { name: "打开" }).click();
  for (const [path, title, words] of [
    ["overview", "概览", "可以写入"],
    ["users", "用户", "全部用户"],
    ["users/ivy", "用户 ivy", "Linux"],
    [`invitations/${inviteID}`, `邀请 ${inviteID}`, "未答复"],
    ["calls", "通话", "响铃中"],
    [`calls/${inviteID}`, `通话 ${inviteID}`, "响铃中"],
    ["webhooks", "Webhook 通知", "正常"],
  ] as const) {
    await page.evaluate((to) => {
      location.hash = `#/${to}`;
    }, path);
    await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
    await page.getByRole("main").getByText(words).first().waitFor();
    await operator.photographs(`${path.replace(/\/.*/, path.includes("/") ? "-one" : "")}-zh`);
  }
  await page.evaluate((id) => {
    location.hash = `#/calls/${id}`;
  }, inviteID);
  await operator.does("结束通话", "为所有人结束这个通话？", "所有人均已挂断。", "关闭");
  await page.reload();
  await operator.reads("状态", "已结束");
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-CN");
  await page.getByRole("button", { name: "English" }).click();
  await operator.reads("State", "over");
  expect(operator.flaws).toEqual([]);
});

/** An operator with the key, on the overview. */
async function opened(): Promise<Operator> {
  const operator = await Operator.opens(world);
  await operator.enters(key);
  await operator.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  return operator;
}

/** The key, when the server knows it. */
async function counts(made: string): Promise<string> {
  const asks = () => fetch(`http://127.0.0.1:${world.server.port}/v1/webhooks`, { headers: { Authorization: `Bearer ${made}` } });
  await expect.poll(async () => (await asks()).status, { timeout: 20_000 }).toBe(200);
  return made;
}

/** A user on a device without a browser. */
async function signedIn(userID: string): Promise<Wigwag> {
  const url = `http://127.0.0.1:${world.server.port}`;
  const token = async () => {
    const answer = await fetch(`${url}/v1/dev/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ userID }),
    });
    return ((await answer.json()) as { token: string }).token;
  };
  const client = new Wigwag({ url, token, webSocket: WebSocket, connectTimeoutMs: 30_000 });
  clients.push(client);
  await client.connect();
  return client;
}

// An app that was written for Tencent's packages; its bundler has the aliases.
import TencentCloudChat from "@tencentcloud/chat";
import Complete from "@tencentcloud/chat/index.es.js";
import GroupModule from "@tencentcloud/chat/modules/group-module.js";
import SignalingModule from "@tencentcloud/chat/modules/signaling-module";
import Lite from "@tencentcloud/lite-chat";
import Basic from "@tencentcloud/lite-chat/basic";
import SignalingPlugin from "@tencentcloud/lite-chat/plugins/signaling";
import Professional from "@tencentcloud/lite-chat/professional";
import TIM from "tim-js-sdk";
import Friendship from "tim-js-sdk/tim-js-friendship.js";
import MiniProgram from "tim-wx-sdk";

const [url, userSig] = process.argv.slice(2);
const modules = { "group-module": GroupModule, "signaling-module": SignalingModule };
const chat = Complete.create({ SDKAppID: 1_400_000_000, modules });
chat.use(SignalingPlugin);
TencentCloudChat.setServer(url, { groupSignaling: "invitees" });
const ready = new Promise((resolve) => chat.on(TencentCloudChat.EVENT.SDK_READY, resolve));
await chat.login({ userID: "alice", userSig });
await ready;
const { code, inviteID } = await chat.invite({ userID: "bob", data: "video", timeout: 30 });
const cancelled = await chat.cancel({ inviteID });
const names = [TencentCloudChat, Lite, Basic, Professional, TIM, Friendship, MiniProgram];
console.log(code, inviteID.length > 0, cancelled.code, new Set(names.map((one) => one.create({ SDKAppID: 1_400_000_000 }))).size);
await chat.destroy();

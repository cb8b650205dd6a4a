// Compiled and run against the built package, as an app without "type": "module" uses it.
import sdk = require("@wigwag/sdk");
import tencent = require("@wigwag/sdk/tencent");
import v2tim = require("@wigwag/sdk/v2tim");

// Neither the types of a browser nor those of Node are needed.
declare const console: { log(text: string): void };

const client: sdk.Wigwag = new sdk.Wigwag({ url: "ws://127.0.0.1:1", token: "t", connectTimeoutMs: 50 });
client.on("invitation.accepted", ({ invitee, device }) => {
  const platform: number | undefined = device?.platform;
  void [invitee.toUpperCase(), platform];
});
// @ts-expect-error a function is wanted
client.on("state", "no function");

const manager: v2tim.V2TIMManager = v2tim.TencentImSDKPlugin.v2TIMManager;
const level: v2tim.LogLevelEnum = v2tim.LogLevelEnum.V2TIM_LOG_NONE;
void manager.initSDK(1400000000, level, { onConnecting: () => {} }, "ws://127.0.0.1:1");

// As tsignaling takes its peer.
const chat: tencent.ChatSDK = tencent.create({ SDKAppID: 1400000000, url: "ws://127.0.0.1:1", connectTimeoutMs: 50 });
chat.on(tencent.EVENT.MESSAGE_RECEIVED, ({ data }) => void data);
const elem: string = tencent.default.TYPES.MSG_CUSTOM;

client.connect().catch(async (error: unknown) => {
  if (!(error instanceof sdk.WigwagError)) {
    throw new Error("connecting must fail with a WigwagError");
  }
  const { code } = await manager.getSignalingManager().accept("i");
  console.log(`cjs ${sdk.REASONS.settled.code} ${error.reason} ${client.state.status} ${code} ${elem} ${typeof chat.login}`);
});

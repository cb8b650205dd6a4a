// Compiled and run against the built package, as an app with "type": "module" uses it.
import {
  type EventOf,
  type InvitationReceived,
  type Reason,
  type State,
  Wigwag,
  WigwagError,
  type WigwagOptions,
} from "@wigwag/sdk";
import {
  CbEvents,
  getSDK,
  type MessageItem,
  type OpenIMError,
  type RtcInvite,
  SessionType,
  type WsResponse,
} from "@wigwag/sdk/openim";
import TencentCloudChat, { type ChatError, type ChatSDK, type Message } from "@wigwag/sdk/tencent";
import { TencentImSDKPlugin, V2TIMManager, type V2TimSignalingInfo, type V2TimSignalingListener } from "@wigwag/sdk/v2tim";

// Neither the types of a browser nor those of Node are needed.
declare const console: { log(text: string): void };

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isTrue = <T extends true>(value?: T) => value;

const options: WigwagOptions = { url: "ws://127.0.0.1:1", token: async () => "t", connectTimeoutMs: 50 };
const client = new Wigwag(options);

const forget: () => void = client.on("invitation.received", (event) => {
  isTrue<Same<typeof event, EventOf<"invitation.received">>>();
  isTrue<Same<typeof event.deadline, InvitationReceived["deadline"]>>();
  const remaining: number | undefined = event.remainingMs;
  // @ts-expect-error an invitation has no such field
  void [remaining, event.moonlight];
});
forget();
client.on("state", (state) => {
  isTrue<Same<typeof state, State>>();
  if (state.status === "closed") {
    isTrue<Same<typeof state.why, WigwagError>>();
  }
});
// @ts-expect-error there is no such event
client.on("invitation.recieved", () => {});

async function typed() {
  const inviting = client.signaling.invite({ invitee: "bob", timeout: 60 });
  isTrue<Same<typeof inviting.inviteID, string>>();
  const { cursor, version } = await inviting;
  isTrue<Same<typeof cursor, number | undefined>>();
  isTrue<Same<typeof version, number>>();
  // @ts-expect-error the invitee is missing
  await client.signaling.invite({ timeout: 60 });
  // @ts-expect-error a list of users, not one
  await client.signaling.inviteInGroup({ groupID: "g", inviteeList: "bob" });
  // @ts-expect-error to a user or to a group, not both
  await client.messages.sendText({ userID: "bob", groupID: "g", text: "hello" });
  const { messages } = await client.messages.history({ userID: "bob", direction: "newer" });
  isTrue<Same<(typeof messages)[number]["revoked"], boolean | undefined>>();
  const reason: Reason = "inviteIDTaken";
  return reason;
}

async function v2tim() {
  const heard: unknown[] = [];
  const listener: V2TimSignalingListener = {
    onReceiveNewInvitation: (inviteID, inviter, groupID, inviteeList, data) => {
      isTrue<Same<typeof inviteeList, string[]>>();
      heard.push(inviteID.length, inviter.length, groupID.length, data.length);
    },
    // @ts-expect-error the data of a timeout is not told
    onInvitationTimeout: (inviteID: string, inviteeList: string[], data: string) => heard.push(inviteID, inviteeList, data),
  };
  const signaling = TencentImSDKPlugin.v2TIMManager.getSignalingManager();
  signaling.addSignalingListener(listener);
  // @ts-expect-error the data is missing
  signaling.invite("bob");
  const { code, data, field } = await signaling.invite("bob", "video", 30, false, { title: "Alice", desc: "calls you" });
  isTrue<Same<typeof data, string | undefined>>();
  const info = await signaling.getSignalingInfo("msgID");
  isTrue<Same<typeof info.data, V2TimSignalingInfo | undefined>>();
  const manager = new V2TIMManager();
  const failed = await manager.login("alice", "sig");
  return [code, field, failed.code].join(" ");
}

async function tencent() {
  const chat: ChatSDK = TencentCloudChat.create({ SDKAppID: 1400000000, url: "ws://127.0.0.1:1", connectTimeoutMs: 50 });
  const heard: unknown[] = [];
  // Apps use the names of Tencent's enumerations as types, and say what they expect of an event.
  const conversationType: TencentCloudChat.TYPES = TencentCloudChat.TYPES.CONV_C2C;
  chat.on(TencentCloudChat.EVENT.MESSAGE_RECEIVED, (event: { data: Message[] }) => heard.push(...event.data));
  chat.addSignalingListener(TencentCloudChat.TSignaling.NEW_INVITATION_RECEIVED, ({ data }) => heard.push(data.inviteID));
  const message = chat.createTextMessage({ to: "bob", conversationType, payload: { text: "hello" } });
  isTrue<Same<typeof message, Message>>();
  // @ts-expect-error the user is missing
  const refused = chat.invite({ data: "video" }).catch((error: ChatError) => error.data.field);
  const info = chat.getSignalingInfo(message);
  isTrue<Same<NonNullable<typeof info>["inviteeList"], string[]>>();
  const login = chat.login({ userID: "alice", userSig: "s" }).then(
    ({ code }) => code,
    (error: ChatError) => error.code,
  );
  return [await refused, info, await login].join(" ");
}

async function openim() {
  const sdk = getSDK({ connectTimeoutMs: 50 });
  const heard: unknown[] = [];
  sdk
    .on(CbEvents.OnReceiveNewInvitation, ({ data, errCode }) => {
      isTrue<Same<typeof data.invitation, RtcInvite>>();
      heard.push(data.participant.userInfo.userID, errCode);
    })
    .on("OnRecvNewMessages", ({ data }) => isTrue<Same<typeof data, MessageItem[]>>());
  // @ts-expect-error there is no such event
  sdk.on("OnFriendAdded", () => {});
  const invitation = { inviterUserID: "alice", inviteeUserIDList: ["bob"], sessionType: SessionType.Single };
  const refused = sdk.signalingInvite({ invitation }).catch((error: OpenIMError) => error.errCode);
  // @ts-expect-error nobody is invited
  const incomplete = sdk.signalingInvite({ invitation: { inviterUserID: "alice" } }).catch(() => "refused");
  const friends: Promise<WsResponse<never[]>> = sdk.getFriendList();
  const login = sdk.login({ userID: "alice", token: "t", platformID: 5, wsAddr: "ws://127.0.0.1:1/openim" });
  const failed = await login.catch(({ errCode }: OpenIMError) => errCode);
  return [await refused, await incomplete, await friends.catch(() => "later"), failed].join(" ");
}

const error: unknown = await client.connect().catch((thrown: unknown) => thrown);
if (!(error instanceof WigwagError)) {
  throw new Error("connecting must fail with a WigwagError");
}
console.log(`esm ${typeof typed} ${error.reason} ${client.state.status} ${await v2tim()} ${await tencent()} ${await openim()}`);

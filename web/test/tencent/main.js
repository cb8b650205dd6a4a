// An app as TUICallKit's documentation has it. The test signs in and presses what a person presses.

import { TUICallKit, TUICallKitServer } from "@tencentcloud/call-uikit-vue";
import TencentCloudChat from "@tencentcloud/chat";
import TRTC from "trtc-sdk-v5";
import { createApp, h } from "vue";

createApp({ render: () => h(TUICallKit, { style: { width: "100%", height: "100%" } }) }).mount("#app");

let chat;

window.app = {
  TRTC,
  TUICallKitServer,
  async signIn({ server, SDKAppID, userID, userSig }) {
    // The one line that is not in Tencent's documentation says where the server is.
    TencentCloudChat.setServer(server, { groupSignaling: "invitees" });
    await TUICallKitServer.init({ SDKAppID, userID, userSig });
    // The same that the kit has made.
    chat = TencentCloudChat.create({ SDKAppID });
  },
  async createGroup(groupID, members) {
    const memberList = members.map((userID) => ({ userID }));
    await chat.createGroup({ type: "Public", groupID, name: groupID, memberList });
  },
};

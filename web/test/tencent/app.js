// What an app on TUICallKit does besides showing it, with Vue and React alike: it signs in, as the documentation has it. The test presses what a
// person presses.

import TencentCloudChat from "@tencentcloud/chat";

export function app(TUICallKitServer) {
  let chat;
  return {
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
}

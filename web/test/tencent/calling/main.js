// A page on trtc-calling-js, without a kit: elements for the pictures, and what a person presses.

import TencentCloudChat from "@tencentcloud/chat";
import TRTCCalling from "trtc-calling-js";

const VIDEO = 2;

window.app = {
  async signIn({ server, SDKAppID, userID, userSig }) {
    TencentCloudChat.setServer(server, { groupSignaling: "invitees" });
    const calling = new TRTCCalling({ SDKAppID });
    const { EVENT } = TRTCCalling;
    calling.on(EVENT.INVITED, () => show("Accept", () => calling.accept()));
    calling.on(EVENT.USER_ENTER, () => show("Hang up", () => calling.hangup()));
    calling.on(EVENT.CALL_END, () => show());
    calling.on(EVENT.USER_VIDEO_AVAILABLE, ({ userID: id, isVideoAvailable }) => isVideoAvailable && look(calling, id));
    await calling.login({ userID, userSig });
    this.calls = (id) => calling.call({ userID: id, type: VIDEO, timeout: 30 });
  },
};

/** One button, or none. */
function show(words = "", pressed = () => {}) {
  const bar = document.getElementById("bar");
  bar.textContent = "";
  if (words !== "") {
    const button = bar.appendChild(document.createElement("button"));
    button.textContent = words;
    button.onclick = pressed;
  }
}

function look(calling, userID) {
  const place = document.getElementById(userID) ?? document.body.appendChild(document.createElement("div"));
  place.id = userID;
  calling.startRemoteView({ userID, videoViewDomID: userID });
}

// A page on TUICallKit 2 for Vue, whose engine stands on trtc-js-sdk 4.

import { setLiveKit } from "@wigwag/sdk/trtc4";
import { TUICallKit, TUICallKitServer } from "call-uikit-vue-2";
import { createApp, h } from "vue";
import { app } from "../app.js";

// For servers whose calls go through LiveKit; on others it is never loaded.
setLiveKit(() => import("livekit-client"));

createApp({ render: () => h(TUICallKit, { style: { width: "100%", height: "100%" } }) }).mount("#app");

window.app = app(TUICallKitServer);

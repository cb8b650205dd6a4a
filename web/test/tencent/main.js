// A page for Vue.

import { TUICallKit, TUICallKitServer } from "@tencentcloud/call-uikit-vue";
import { setLiveKit } from "@wigwag/sdk/trtc";
import TRTC from "trtc-sdk-v5";
import { createApp, h } from "vue";
import { app } from "./app.js";

// For servers whose calls go through LiveKit; on others it is never loaded.
setLiveKit(() => import("livekit-client"));

createApp({ render: () => h(TUICallKit, { style: { width: "100%", height: "100%" } }) }).mount("#app");

window.app = { ...app(TUICallKitServer), TRTC };

// A page for Vue.

import { TUICallKit, TUICallKitServer } from "@tencentcloud/call-uikit-vue";
import TRTC from "trtc-sdk-v5";
import { createApp, h } from "vue";
import { app } from "./app.js";

createApp({ render: () => h(TUICallKit, { style: { width: "100%", height: "100%" } }) }).mount("#app");

window.app = { ...app(TUICallKitServer), TRTC };

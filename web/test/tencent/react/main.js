// A page for React.

import { TUICallKit, TUICallKitServer } from "@tencentcloud/call-uikit-react";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { app } from "../app.js";

createRoot(document.getElementById("app")).render(createElement(TUICallKit, { style: { width: "100%", height: "100%" } }));

window.app = app(TUICallKitServer);

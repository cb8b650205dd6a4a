import { render } from "preact";
import { App } from "./app/app.js";
import { applyPreferences } from "./kit/preferences.js";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/marks.css";
import "./styles/signin.css";
import "./styles/shell.css";
import "./styles/talk.css";
import "./styles/call.css";
import "./styles/group.css";
import "./styles/rooms.css";
import "./styles/class.css";
import "./styles/live.css";
import "./styles/timeline.css";

applyPreferences();
render(<App />, document.getElementById("app") as HTMLElement);

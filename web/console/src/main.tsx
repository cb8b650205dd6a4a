import { render } from "preact";
import { applyPreferences } from "../../src/kit/preferences.js";
import { Console } from "./app.js";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "../../src/styles/controls.css";
import "./console.css";

applyPreferences();
render(<Console />, document.getElementById("console") as HTMLElement);

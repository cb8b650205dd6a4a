import { render } from "preact";
import { Console } from "./app.js";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "../../src/styles/controls.css";
import "./console.css";

render(<Console />, document.getElementById("console") as HTMLElement);

import type { Workspace } from "../app/workspace.js";
import type { Show } from "./show.js";

/** What each part of the live scene is given. */
export interface ShowProps {
  workspace: Workspace;
  show: Show;
}

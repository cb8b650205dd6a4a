import type { Notices } from "../kit/notices.js";
import type { Show } from "./show.js";

/** What each part of the live scene is given. */
export interface ShowProps {
  show: Show;
  notices: Notices;
}

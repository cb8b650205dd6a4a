import type { State } from "@wigwag/sdk";

/** How the page stands to the server, in the words a person thinks in. */
export type Link = "connecting" | "online" | "reconnecting" | "offline" | "closed";

/** `networked`: whether the browser knows of a network at all. */
export function linkOf(state: State, networked: boolean): Link {
  switch (state.status) {
    case "idle":
    case "connecting":
      return networked ? "connecting" : "offline";
    case "open":
      return "online";
    case "reconnecting":
      return networked ? "reconnecting" : "offline";
    case "closed":
      return "closed";
  }
}

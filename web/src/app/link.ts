import type { State } from "@wigwag/sdk";

/** The connection to the server, as users see it. */
export type Link = "connecting" | "online" | "reconnecting" | "offline" | "closed";

/** `networked`: whether the browser reports a network. An open session proves it wrong when it reports none. */
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

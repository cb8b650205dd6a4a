import { useEffect, useState } from "preact/hooks";
import type { Notices } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import type { Session } from "../session/session.js";
import { useStore } from "../session/store.js";
import { type Link, linkOf } from "./link.js";

export function useLink(session: Session): Link {
  const state = useStore(session.connection);
  return linkOf(state, useNetworked());
}

/** The state of the connection in the bar: a dot and a word. */
export function LinkBadge({ link }: { link: Link }) {
  const say = useSay();
  return (
    <span class={`badge badge-${link}`} role="status">
      <span class="badge-point" aria-hidden="true" />
      <span class="badge-word">{say(`link.${link}`)}</span>
    </span>
  );
}

interface BannerProps {
  session: Session;
  notices: Notices;
  link: Link;
}

/** A line above the scene that says why the page cannot act now. */
export function LinkBanner({ session, notices, link }: BannerProps) {
  const say = useSay();
  const state = useStore(session.connection);
  switch (link) {
    case "online":
    case "connecting":
      return null;
    case "reconnecting":
    case "offline":
      return (
        <p class="banner" role="alert">
          <span class="spinner" aria-hidden="true" /> {say(`link.${link}More`)}
        </p>
      );
    case "closed":
      return (
        <p class="banner banner-closed" role="alert">
          {say("link.closedMore", { why: state.status === "closed" ? state.why.message : "" })}
          <button type="button" class="button small" onClick={() => void notices.attempt(() => session.open())}>
            {say("link.again")}
          </button>
        </p>
      );
  }
}

function useNetworked(): boolean {
  const [networked, setNetworked] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setNetworked(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return networked;
}

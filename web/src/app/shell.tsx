import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Calls } from "../calls/calls.js";
import { type Call, isFree } from "../calls/machine.js";
import { CallOverlay } from "../calls/overlay.js";
import { CallScene } from "../calls/scene.js";
import { ClassScene } from "../class/scene.js";
import { Icon, type IconName, Mark } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { PreferenceChoices } from "../kit/preferenceChoices.js";
import { timelineShown } from "../kit/preferences.js";
import { type Route, SCENES, type Scene, useRoute, writeRoute } from "../kit/route.js";
import { useNarrow } from "../kit/useNarrow.js";
import { useSay } from "../kit/useSay.js";
import { useTitle } from "../kit/useTitle.js";
import { LiveScene } from "../live/scene.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { WakeChoice } from "../push/choice.js";
import { QuietChoice } from "../quiet/choice.js";
import { Lobby } from "../rooms/lobby.js";
import { useStore } from "../session/store.js";
import type { Say } from "../strings/say.js";
import { Timeline } from "../timeline/timeline.js";
import type { Arrivals } from "./arrivals.js";
import { LinkBadge, LinkBanner, useLink } from "./connection.js";
import type { Workspace } from "./workspace.js";

const ICONS: Record<Scene, IconName> = { call: "phone", class: "hand", live: "live" };

interface Props {
  workspace: Workspace;
  version: string;
  onLeave: () => void;
}

/** The frame around the scenes: the bar, the links between scenes, the timeline, and the call, which may come at any time. */
export function Shell(props: Props) {
  const { workspace } = props;
  const say = useSay();
  const route = useRoute();
  const link = useLink(workspace.session);
  const timeline = useStore(timelineShown);
  const call = useStore(workspace.calls.call);
  const small = useStore(workspace.calls.small);
  const covered = call.at !== "idle" && !small;
  useTitle(titleOf(say, call, useStore(workspace.chat.view).unread));
  const hidden = useNarrow() && covered;
  useLayoutEffect(() => closeMenu(covered), [covered]);
  useGivesWay(workspace.calls, writeRoute(route));
  useAsksFirst(useStore(workspace.outbox.waiting).length > 0);
  return (
    <div class={`shell${timeline ? " with-timeline" : ""}${covered ? " with-call" : ""}${small ? " with-small-call" : ""}`}>
      <button type="button" class="skip" inert={hidden} onClick={() => document.getElementById("main")?.focus()}>
        {say("nav.skip")}
      </button>
      <header class="bar" inert={hidden}>
        <p class="brand">
          <Mark /> <span>Wigwag</span>
        </p>
        <Tools {...props} link={<LinkBadge link={link} />} />
      </header>
      <Scenes scene={route.scene} hidden={hidden} />
      <main id="main" tabIndex={-1}>
        <LinkBanner session={workspace.session} notices={workspace.notices} link={link} />
        <TooLateBanner arrivals={workspace.arrivals} />
        <ElsewhereBanner calls={workspace.calls} notices={workspace.notices} />
        <div class="floor">
          <div class="scene" inert={covered}>
            <SceneAt workspace={workspace} route={route} covered={covered} />
          </div>
          <CallOverlay calls={workspace.calls} chat={workspace.chat} notices={workspace.notices} me={workspace.session.me} />
        </div>
        <NoticeLine notices={workspace.notices} />
      </main>
      {timeline && <Timeline tracer={workspace.tracer} hidden={hidden} />}
    </div>
  );
}

/** A line above the scene while the user is in a call on another of their devices. */
function ElsewhereBanner({ calls, notices }: { calls: Calls; notices: Notices }) {
  const say = useSay();
  const elsewhere = useStore(calls.elsewhere);
  if (elsewhere === undefined) {
    return null;
  }
  return (
    <p class="banner" role="status">
      {say("call.elsewhere", { name: nameOf(elsewhere.peer) })}
      <button type="button" class="button small" onClick={() => void notices.attempt(() => calls.goOn(elsewhere))}>
        {say("call.takeOver")}
      </button>
    </p>
  );
}

/** A line above the scene for a user who came by a notification of a call that is over. */
function TooLateBanner({ arrivals }: { arrivals: Arrivals }) {
  const say = useSay();
  const words = useStore(arrivals.tooLate);
  if (words === undefined) {
    return null;
  }
  return (
    <p class="banner" role="alert">
      {say(words)}
      <button type="button" class="tool" aria-label={say("trouble.dismiss")} onClick={() => arrivals.tooLate.set(undefined)}>
        <Icon name="close" />
      </button>
    </p>
  );
}

/** A call in progress gives way to what the user goes to. */
function useGivesWay(calls: Calls, address: string): void {
  const before = useRef(address);
  useEffect(() => {
    if (before.current !== address) {
      before.current = address;
      calls.resize(true);
    }
  }, [calls, address]);
}

/** Asks before the page is left while something has not been sent. */
function useAsksFirst(waiting: boolean): void {
  useEffect(() => {
    const ask = (event: Event) => waiting && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [waiting]);
}

/** Names the tab by who calls, or else by what is unread, for users who look at another tab. */
function titleOf(say: Say, call: Call, unread: number): string {
  if (call.at === "ringing") {
    return say("call.titleRings", { name: nameOf(call.peer) });
  }
  return unread > 0 ? `(${unread}) ${say("title")}` : say("title");
}

/** An open menu lies above everything, so a call that comes closes it. */
function closeMenu(covered: boolean): void {
  const menu = document.getElementById(MENU);
  if (covered && menu?.matches(":popover-open")) {
    menu.hidePopover();
  }
}

const MENU = "me-menu";

interface SceneProps {
  workspace: Workspace;
  route: Route;
  covered: boolean;
}

function SceneAt({ workspace, route: { scene, at, now }, covered }: SceneProps) {
  const { session, online, notices, media } = workspace;
  switch (scene) {
    case "call":
      return (
        <CallScene
          calls={workspace.calls}
          chat={workspace.chat}
          outbox={workspace.outbox}
          log={workspace.log}
          missed={workspace.missed}
          notices={notices}
          me={session.me}
          covered={covered}
          at={at}
          now={now === true}
        />
      );
    case "class":
      return at === undefined ? (
        <Lobby key={scene} session={session} notices={notices} scene={scene} />
      ) : (
        <ClassScene key={at} session={session} online={online} notices={notices} media={media} name={at} />
      );
    case "live":
      return at === undefined ? (
        <Lobby key={scene} session={session} notices={notices} scene={scene} />
      ) : (
        <LiveScene key={at} session={session} online={online} notices={notices} media={media} name={at} />
      );
  }
}

function Scenes({ scene, hidden }: { scene: Scene; hidden: boolean }) {
  const say = useSay();
  return (
    <nav class="scenes" inert={hidden} aria-label={say("nav.label")}>
      {SCENES.map((name) => (
        <a key={name} href={writeRoute({ scene: name })} aria-current={name === scene ? "page" : undefined}>
          <Icon name={ICONS[name]} />
          <span>{say(`nav.${name}`)}</span>
        </a>
      ))}
    </nav>
  );
}

function Tools({ workspace, version, onLeave, link }: Props & { link: preact.ComponentChild }) {
  const say = useSay();
  const { me } = workspace.session;
  const timeline = useStore(timelineShown);
  const free = isFree(useStore(workspace.calls.call));
  const words = say("timeline.title");
  return (
    <div class="tools">
      {link}
      <button
        type="button"
        class="tool"
        aria-pressed={timeline}
        aria-label={words}
        title={words}
        onClick={() => timelineShown.set(!timeline)}
      >
        <Icon name="timeline" />
      </button>
      <button type="button" class="tool tool-me" popovertarget={MENU}>
        <Avatar userID={me} size="small" />
        <span class="unseen">{say("me.menu", { name: nameOf(me) })}</span>
      </button>
      <div id={MENU} class="menu" popover="auto">
        <p class="menu-name">
          <Avatar userID={me} /> <strong>{nameOf(me)}</strong>
        </p>
        <MyLink me={me} />
        <PreferenceChoices />
        <WakeChoice waker={workspace.waker} />
        <QuietChoice hours={workspace.quiet} notices={workspace.notices} />
        <button type="button" class="button wide" disabled={!free} onClick={() => workspace.calls.checking.set(true)}>
          <Icon name="sliders" /> {say("devices.open")}
        </button>
        <button type="button" class="button wide" onClick={onLeave}>
          <Icon name="signOut" /> {say("me.signOut")}
        </button>
        <p class="hint">{say("me.version", { version })}</p>
      </div>
    </div>
  );
}

/** The link that calls this user, to be given to others. */
function MyLink({ me }: { me: string }) {
  const say = useSay();
  const [copied, setCopied] = useState(false);
  const address = new URL(writeRoute({ scene: "call", at: me, now: true }), location.href).href;
  const copy = async () => {
    await navigator.clipboard.writeText(address);
    setCopied(true);
  };
  return (
    <div class="my-link">
      <label for="my-link">{say("me.link")}</label>
      <input id="my-link" readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
      {navigator.clipboard !== undefined && (
        <button type="button" class="button small" onClick={() => void copy()}>
          <Icon name="link" /> {say(copied ? "room.copied" : "room.copy")}
        </button>
      )}
    </div>
  );
}

function NoticeLine({ notices }: { notices: Notices }) {
  const say = useSay();
  const notice = useStore(notices.current);
  return (
    <div class="notices" role="alert">
      {notice !== undefined && (
        <p class="notice">
          {say(notice.key, { message: notice.message })}
          <button type="button" class="tool" aria-label={say("trouble.dismiss")} onClick={() => notices.current.set(undefined)}>
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}

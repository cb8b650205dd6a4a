import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { go, writeRoute } from "../kit/route.js";
import { useSay } from "../kit/useSay.js";
import { useStore } from "../session/store.js";
import type { Attendance } from "./attendance.js";
import { RoomChat } from "./chat.js";
import type { RoomScene } from "./ids.js";
import type { Room } from "./room.js";

interface Props {
  notices: Notices;
  scene: RoomScene;
  name: string;
  room: Room;
  attendance: Attendance;
  /** The role of the user in this room, such as "Teacher". */
  role: string;
  /** The bar that turns the sound on. */
  sound: ComponentChildren;
  children: ComponentChildren;
}

/** The frame around a room of either scene: its name, how many are there, the chat, and the buttons to leave. */
export function RoomFrame(props: Props) {
  const { notices, scene, room, sound, children } = props;
  const say = useSay();
  const { status } = useStore(room.view);
  if (status === "loading") {
    return (
      <p class="nothing" role="status">
        <span class="spinner" aria-hidden="true" /> {say("room.loading")}
      </p>
    );
  }
  if (status === "unreachable") {
    return (
      <section class="nothing">
        <h2>{say("room.unreachable")}</h2>
        <button type="button" class="button primary" onClick={() => void notices.attempt(() => room.enter())}>
          {say("signIn.again")}
        </button>
      </section>
    );
  }
  if (status !== "open") {
    return (
      <section class="nothing">
        <h2>{say(`room.${status}`)}</h2>
        {status === "absent" && <p>{say("room.absentMore")}</p>}
        <button type="button" class="button" onClick={() => go({ scene })}>
          {say("room.back")}
        </button>
      </section>
    );
  }
  return (
    <div class="room">
      <RoomHead {...props} />
      <div class="room-body">
        {sound}
        {children}
      </div>
      <RoomChat room={room} notices={notices} />
    </div>
  );
}

function RoomHead({ notices, scene, name, room, attendance, role }: Omit<Props, "children" | "sound">) {
  const say = useSay();
  const { owner } = useStore(room.view);
  const here = useStore(attendance.here);
  const owns = owner === room.session.me;
  const out = async () => {
    if (await notices.attempt(() => (owns ? room.dismiss() : room.leave()))) {
      go({ scene });
    }
  };
  return (
    <header class="room-head">
      <button type="button" class="tool" aria-label={say("room.back")} title={say("room.back")} onClick={() => go({ scene })}>
        <Icon name="back" />
      </button>
      <h1>{name}</h1>
      <span class="chip">{role}</span>
      <span class="chip chip-soft">
        <Icon name="people" /> {say(here.length === 1 ? "room.person" : "room.people", { count: here.length })}
      </span>
      <span class="room-ways">
        <CopyLink address={writeRoute({ scene, at: name })} />
        {owns ? <Dismiss onDismiss={out} /> : <Way icon="signOut" words={say("room.leave")} onClick={out} />}
      </span>
    </header>
  );
}

function CopyLink({ address }: { address: string }) {
  const say = useSay();
  const [copied, setCopied] = useState(false);
  // Browsers offer a clipboard only to pages from https or from the same machine.
  if (navigator.clipboard === undefined) {
    return null;
  }
  const copy = async () => {
    await navigator.clipboard.writeText(new URL(address, location.href).href);
    setCopied(true);
  };
  return (
    <>
      <Way icon="link" words={say(copied ? "room.copied" : "room.copy")} onClick={copy} />
      <span class="unseen" role="status">
        {copied && say("room.copied")}
      </span>
    </>
  );
}

/** Ends the room for everybody, so it asks for a second click. Moving the focus away cancels. */
function Dismiss({ onDismiss }: { onDismiss: () => Promise<void> }) {
  const say = useSay();
  const [asked, setAsked] = useState(false);
  return asked ? (
    <button type="button" class="button small primary" onClick={() => void onDismiss()} onBlur={() => setAsked(false)}>
      <Icon name="trash" /> {say("room.dismissSure")}
    </button>
  ) : (
    <Way icon="trash" words={say("room.dismiss")} onClick={async () => setAsked(true)} />
  );
}

/** A button that shows only its icon on narrow screens. */
function Way({ icon, words, onClick }: { icon: IconName; words: string; onClick: () => Promise<void> }) {
  return (
    <button type="button" class="button small" aria-label={words} title={words} onClick={() => void onClick()}>
      <Icon name={icon} /> <span class="wide-only">{words}</span>
    </button>
  );
}

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Chat } from "../chat/chat.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import { DeviceTroubles, useForeseen } from "../media/deviceTroubles.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import type { Calls } from "./calls.js";
import { DeviceCheck } from "./deviceChoice.js";
import { Ending, News } from "./ending.js";
import type { Call } from "./machine.js";
import { Stage } from "./stage.js";
import { useFocus } from "./useFocus.js";
import { Picture } from "./video.js";

interface OverlayProps {
  calls: Calls;
  chat: Chat;
  notices: Notices;
  me: string;
}

/** The current call, in every scene. It covers the scene but not the timeline; in a narrow window it covers everything. */
export function CallOverlay({ calls, ...props }: OverlayProps) {
  const call = useStore(calls.call);
  useFocusBack(call.at !== "idle");
  return (
    <>
      <Screen {...props} calls={calls} call={call} />
      <News call={call} />
      {useStore(calls.checking) && <DeviceCheck onClose={() => calls.checking.set(false)} />}
    </>
  );
}

/** Gives the focus back to what had it before the call, when the call takes it away; else to the content. */
function useFocusBack(called: boolean): void {
  const last = useRef<HTMLElement | undefined>(undefined);
  useEffect(() => {
    const moved = ({ target }: Event) => {
      if (target instanceof HTMLElement && target.closest(".call") === null) {
        last.current = target;
      }
    };
    document.addEventListener("focusin", moved);
    return () => document.removeEventListener("focusin", moved);
  }, []);
  useEffect(() => {
    if (!called && document.activeElement === document.body) {
      last.current?.focus();
    }
    if (!called && document.activeElement === document.body) {
      document.getElementById("main")?.focus();
    }
  }, [called]);
}

function Screen({ calls, call, ...props }: OverlayProps & { call: Call }) {
  switch (call.at) {
    case "idle":
      return null;
    case "ringing":
    case "answering":
      return <Ringing calls={calls} call={call} />;
    case "calling":
      return <Calling calls={calls} call={call} />;
    case "talking":
      return <Stage {...props} calls={calls} call={call} />;
    case "over":
      return <Ending calls={calls} call={call} />;
  }
}

type At<S extends Call["at"]> = Extract<Call, { at: S }>;
interface Props<S extends Call["at"]> {
  calls: Calls;
  call: At<S>;
}

function Ringing({ calls, call }: Props<"ringing" | "answering">) {
  const say = useSay();
  const focused = useFocus(call.inviteID);
  const name = nameOf(call.peer);
  const answering = call.at === "answering";
  const quiet = call.at === "ringing" && call.quiet === true;
  const foreseen = useForeseen(call.media);
  return (
    <section class="call call-ringing" role="alertdialog" aria-modal="true" aria-labelledby="call-title">
      <div class="call-who">
        <Waves userID={call.peer} />
        <div class="call-words">
          <h2 id="call-title">{say(call.media === "video" ? "call.incomingVideo" : "call.incomingAudio", { name })}</h2>
          <p class="call-state" role="status">
            {answering
              ? say("call.answering")
              : quiet
                ? say("call.quiet")
                : say(call.media === "video" ? "call.video" : "call.audio")}
          </p>
        </div>
      </div>
      <DeviceTroubles troubles={foreseen} />
      <div class="call-choices">
        <RoundButton tone="no" icon="hangUp" label={say("call.reject")} disabled={answering} onClick={() => calls.decline()} />
        {call.media === "video" && (
          <RoundButton
            tone="yes"
            icon="phone"
            label={say("call.acceptByVoice")}
            disabled={answering}
            onClick={() => calls.answer(true)}
          />
        )}
        <RoundButton
          tone="yes"
          icon={call.media === "video" ? "camera" : "phone"}
          label={say("call.accept")}
          disabled={answering}
          onClick={() => calls.answer()}
          focused={focused}
        />
      </div>
      {!quiet && !answering && (
        <button type="button" class="button small" onClick={() => calls.silence()}>
          {say("call.silence")}
        </button>
      )}
    </section>
  );
}

function Calling({ calls, call }: Props<"calling">) {
  const say = useSay();
  const focused = useFocus(call.inviteID);
  const { local, camera, troubles } = useStore(calls.media.view);
  return (
    <section class="call call-ringing" role="dialog" aria-modal="true" aria-labelledby="call-title">
      {camera === "on" && local !== undefined && (
        <Picture stream={local} class="preview" label={say("call.self")} mirrored muted />
      )}
      <div class="call-who">
        <Waves userID={call.peer} />
        <div class="call-words">
          <h2 id="call-title">{nameOf(call.peer)}</h2>
          <p class="call-state" role="status">
            {say(call.way === undefined ? "call.calling" : `call.${call.way}`, { name: nameOf(call.peer) })}
          </p>
        </div>
      </div>
      <DeviceTroubles troubles={troubles} onRetry={() => calls.media.retry()} />
      <div class="call-choices">
        <RoundButton tone="no" icon="hangUp" label={say("call.cancel")} onClick={() => calls.hangUp()} focused={focused} />
      </div>
    </section>
  );
}

/** Animated rings around the avatar of the other side. */
function Waves({ userID }: { userID: string }) {
  return (
    <div class="waves">
      <Avatar userID={userID} size="huge" />
    </div>
  );
}

interface RoundProps {
  tone: "yes" | "no";
  icon: "hangUp" | "camera" | "phone";
  label: string;
  disabled?: boolean;
  onClick: () => void;
  focused?: RefObject<HTMLButtonElement | null>;
}

function RoundButton({ tone, icon, label, disabled = false, onClick, focused }: RoundProps) {
  return (
    <button type="button" class={`round round-${tone}`} disabled={disabled} onClick={onClick} ref={focused ?? null}>
      <span class="round-face">
        <Icon name={icon} />
      </span>
      <span>{label}</span>
    </button>
  );
}

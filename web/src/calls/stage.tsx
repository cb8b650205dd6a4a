import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../chat/chat.js";
import { Icon } from "../kit/icons.js";
import type { Notices } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import { DeviceTroubles } from "../media/deviceTroubles.js";
import { held } from "../media/held.js";
import { Unreached } from "../media/unreached.js";
import { nameOf } from "../people/names.js";
import { durationOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";
import { AddPerson } from "./addPerson.js";
import type { Calls } from "./calls.js";
import { CallDevices } from "./deviceChoice.js";
import type { Call } from "./machine.js";
import type { Device, MediaView } from "./media.js";
import { notesOf, seesThem } from "./notes.js";
import { Faces } from "./tiles.js";
import { useFocus } from "./useFocus.js";
import { Picture } from "./video.js";

interface Props {
  calls: Calls;
  call: Extract<Call, { at: "talking" }>;
  chat: Chat;
  notices: Notices;
  me: string;
}

/** A call in progress: the pictures of the others, the own one, and the buttons. */
export function Stage({ calls, call, ...props }: Props) {
  const say = useSay();
  const media = useStore(calls.media.view);
  const small = useStore(calls.small);
  const { others, ringing } = useStore(calls.people);
  const name = others.map(({ userID }) => nameOf(userID)).join(", ");
  const shape = small ? ({ role: "region" } as const) : ({ role: "dialog", "aria-modal": true } as const);
  const sizeButton = useRef<HTMLButtonElement>(null);
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !small) {
      calls.resize(true);
      sizeButton.current?.focus();
    }
  };
  return (
    <section
      class={small ? "call stage stage-small" : "call stage"}
      {...shape}
      aria-label={say(`call.${call.media}To`, { name })}
      onKeyDown={pressed}
    >
      <Faces media={calls.media} others={others} links={media.links} video={call.media === "video"} />
      <header class="stage-head">
        <div class="stage-who">
          <strong>{name}</strong>
          {media.reach === "open" && <Clock since={call.since} />}
        </div>
        <Corner {...props} calls={calls} small={small} sizeButton={sizeButton} />
        <DeviceTroubles troubles={media.troubles} onRetry={() => calls.media.retry()} />
        <Unreached reach={media.reach} onRetry={() => calls.media.repair()} />
        <HeldBack name={name} />
        <p role="status">
          {[
            ...(media.reach === "connecting" ? [say("call.linking")] : []),
            ...(media.reach === "open" && others.length === 1
              ? notesOf(media.links.get(others[0]?.userID ?? ""), call.media === "video")
              : []
            ).map((key) => say(key, { name })),
            ...ringing.map((userID) => say("call.ringsOther", { name: nameOf(userID) })),
          ].join(" · ")}
        </p>
      </header>
      {media.camera === "on" && media.local !== undefined && (
        <Picture stream={media.local} class="mine-picture" label={say("call.self")} mirrored muted />
      )}
      <StageTools calls={calls} call={call} media={media} />
    </section>
  );
}

/** Says that the browser waits for a press before it plays the others. Any press will do; the button is where one is looked for. */
function HeldBack({ name }: { name: string }) {
  const say = useSay();
  const isHeld = useStore(held).size > 0;
  return (
    <div role="alert" class={isHeld ? "device-troubles" : undefined}>
      {isHeld && (
        <>
          <p>{say("call.heldBack", { name })}</p>
          <button type="button" class="button small">
            {say("call.play")}
          </button>
        </>
      )}
    </div>
  );
}

interface CornerProps extends Pick<Props, "calls" | "chat" | "notices" | "me"> {
  small: boolean;
  sizeButton: RefObject<HTMLButtonElement | null>;
}

/** What is done to the picture of the call, not to the call. */
function Corner({ calls, small, sizeButton, ...props }: CornerProps) {
  const say = useSay();
  const [adding, setAdding] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const size = say(small ? "call.enlarge" : "call.minimise");
  const { links } = useStore(calls.media.view);
  const { media } = useStore(calls.call) as Props["call"];
  const floats = [...links.values()].some((link) => link.state === "connected" && seesThem(link, media === "video"));
  return (
    <div class="stage-corner">
      <button
        type="button"
        class="stage-button stage-little stage-add"
        aria-label={say("add.open")}
        title={say("add.open")}
        onClick={() => setAdding(true)}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        class="stage-button stage-little stage-devices"
        aria-label={say("devices.open")}
        title={say("devices.open")}
        onClick={() => setChoosing(true)}
      >
        <Icon name="sliders" />
      </button>
      {floats && <FloatButton />}
      <button
        type="button"
        class="stage-button stage-little"
        ref={sizeButton}
        aria-label={size}
        title={size}
        onClick={() => calls.resize(!small)}
      >
        <Icon name={small ? "enlarge" : "minimise"} />
      </button>
      {adding && <AddPerson {...props} calls={calls} onClose={() => setAdding(false)} />}
      {choosing && <CallDevices media={calls.media} onClose={() => setChoosing(false)} />}
    </div>
  );
}

function StageTools({ calls, call, media }: Pick<Props, "calls" | "call"> & { media: MediaView }) {
  const say = useSay();
  const focused = useFocus(call.inviteID);
  return (
    <div class="stage-tools">
      <DeviceButton device="microphone" state={media.microphone} onClick={() => calls.media.toggle("microphone")} />
      <DeviceButton device="camera" state={media.camera} onClick={() => calls.media.toggle("camera")} />
      {mayShareScreen() && <ScreenButton shared={media.screen !== undefined} onClick={() => void calls.media.toggleScreen()} />}
      <button
        type="button"
        class="stage-button stage-end"
        ref={focused}
        aria-label={say("call.hangUp")}
        title={say("call.hangUp")}
        onClick={() => calls.hangUp()}
      >
        <Icon name="hangUp" />
      </button>
    </div>
  );
}

const WORDS = {
  microphone: { on: "call.microphoneOff", off: "call.microphoneOn", none: "call.noMicrophone" },
  camera: { on: "call.cameraOff", off: "call.cameraOn", none: "call.noCamera" },
} as const satisfies Record<string, Record<Device, TextKey>>;

function DeviceButton({ device, state, onClick }: { device: "microphone" | "camera"; state: Device; onClick: () => void }) {
  const say = useSay();
  const words = say(WORDS[device][state]);
  return (
    <button
      type="button"
      class={`stage-button stage-${device} ${state === "on" ? "" : "stage-off"}`}
      disabled={state === "none"}
      aria-label={words}
      title={words}
      onClick={onClick}
    >
      <Icon name={state === "on" ? device : `${device}Off`} />
    </button>
  );
}

/** Phones cannot, nor pages from http. */
function mayShareScreen(): boolean {
  return navigator.mediaDevices?.getDisplayMedia !== undefined;
}

function ScreenButton({ shared, onClick }: { shared: boolean; onClick: () => void }) {
  const say = useSay();
  const words = say(shared ? "call.screenOff" : "call.screenOn");
  return (
    <button
      type="button"
      class={`stage-button stage-screen ${shared ? "stage-off" : ""}`}
      aria-label={words}
      title={words}
      onClick={onClick}
    >
      <Icon name="screen" />
    </button>
  );
}

/** Puts the picture of the other side above all windows, or back. */
function FloatButton() {
  const say = useSay();
  if (!document.pictureInPictureEnabled) {
    return null;
  }
  const float = async () => {
    if (document.pictureInPictureElement !== null) {
      return document.exitPictureInPicture();
    }
    // It may have no picture yet.
    await document
      .querySelector<HTMLVideoElement>("video.theirs")
      ?.requestPictureInPicture()
      .catch(() => undefined);
  };
  return (
    <button
      type="button"
      class="stage-button stage-little stage-float"
      aria-label={say("call.float")}
      title={say("call.float")}
      onClick={() => void float()}
    >
      <Icon name="float" />
    </button>
  );
}

function Clock({ since }: { since: number }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="digits" role="timer" aria-live="off">
      {durationOf(Math.max(0, now - since) / 1_000)}
    </span>
  );
}

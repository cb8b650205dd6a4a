import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { DeviceTroubles } from "../media/deviceTroubles.js";
import { held } from "../media/held.js";
import { Level } from "../media/level.js";
import { Unreached } from "../media/unreached.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import { Voices } from "./heard.js";
import type { RoomSound } from "./roomSound.js";
import type { Sound } from "./rules.js";

interface Props {
  sound: RoomSound;
}

/** Turns the sound of a room on and off, and says how it is with it. It plays the others, too. */
export function SoundBar({ sound }: Props) {
  const say = useSay();
  const state = useStore(sound.sound);
  if (state.at === "off" && state.why === "signalingOnly") {
    return <p class="sound sound-none">{say("room.silent")}</p>;
  }
  return (
    <section class={`sound sound-${state.at}`} aria-label={say("sound.title")}>
      <div class="sound-words">
        <p role="status">
          <State sound={sound} state={state} />
        </p>
        {state.at === "off" && <p class="hint">{say("sound.busy")}</p>}
      </div>
      <div class="sound-tools">
        {state.at === "off" ? (
          <button type="button" class="button primary" onClick={() => sound.turnOn()}>
            <Icon name="sound" /> {say("sound.turnOn")}
          </button>
        ) : (
          <>
            <OwnMicrophone sound={sound} />
            <button type="button" class="button" onClick={() => void sound.turnOff()}>
              <Icon name="soundOff" /> {say("sound.turnOff")}
            </button>
          </>
        )}
      </div>
      {state.at !== "off" && <Obstacles sound={sound} />}
      {state.at === "on" && <Voices sound={sound} />}
    </section>
  );
}

function State({ sound, state }: Props & { state: Sound }) {
  const say = useSay();
  const { owner } = useStore(sound.room.view);
  const { links } = useStore(sound.meeting.view);
  const speaks = useStore(sound.speakers).includes(sound.room.session.me);
  const { most } = sound.meeting;
  switch (state.at) {
    case "off":
      return (
        <>
          {state.why === undefined || state.why === "signalingOnly"
            ? say(speaks ? "sound.offSpeaker" : "sound.off")
            : say(state.why === "full" && !Number.isFinite(most) ? "sound.fullCall" : `sound.${state.why}`, { count: most })}
        </>
      );
    case "looking":
    case "entering":
      return <>{say("sound.looking")}</>;
    case "waiting":
      return <>{owner === sound.room.session.me ? say("sound.waiting") : say("sound.waitingFor", { name: nameOf(owner) })}</>;
    case "on":
      return <>{say("sound.on", { count: links.size + 1 })}</>;
  }
}

/** The microphone of a user who may be heard: how loud it is, and the button that mutes it. */
function OwnMicrophone({ sound }: Props) {
  const say = useSay();
  const { state, stream } = useStore(sound.microphone.view);
  if (stream === undefined || state === "none") {
    return null;
  }
  const muted = state === "muted";
  return (
    <>
      {!muted && <Level stream={stream} />}
      <button type="button" class="button" aria-pressed={muted} onClick={() => sound.microphone.toggle()}>
        <Icon name={muted ? "microphoneOff" : "microphone"} /> {say(muted ? "call.microphoneOn" : "call.microphoneOff")}
      </button>
    </>
  );
}

/** What keeps this user from being heard, or from hearing. */
function Obstacles({ sound }: Props) {
  const say = useSay();
  const { troubles } = useStore(sound.microphone.view);
  const isHeld = useStore(held).size > 0;
  const { reach, links } = useStore(sound.meeting.view);
  const cut = useStore(sound.speakers).filter((userID) => links.get(userID)?.state === "interrupted");
  return (
    <>
      <DeviceTroubles troubles={troubles} onRetry={() => void sound.microphone.retry()} />
      <div role="alert" class={isHeld ? "device-troubles" : undefined}>
        {isHeld && (
          <>
            <p>{say("sound.heldBack")}</p>
            <button type="button" class="button small">
              {say("call.play")}
            </button>
          </>
        )}
      </div>
      <Unreached reach={reach} onRetry={() => sound.meeting.repair()} />
      {cut.length > 0 && (
        <p class="hint">{cut.map((userID) => say("sound.interrupted", { name: nameOf(userID) })).join(" · ")}</p>
      )}
    </>
  );
}

import { useEffect, useRef } from "preact/hooks";
import { plays } from "../media/held.js";
import { useStore } from "../session/store.js";
import type { RoomSound } from "./roomSound.js";

/**
 * Plays those who may be heard. What anybody else sends is not played: a page that goes on sending when it has lost the microphone is
 * heard by nobody.
 */
export function Voices({ sound }: { sound: RoomSound }) {
  const links = useStore(sound.links.view);
  const speakers = useStore(sound.speakers);
  return (
    <>
      {speakers.map((userID) => {
        const remote = links.get(userID)?.remote;
        return remote === undefined ? null : <Voice key={userID} stream={remote} />;
      })}
    </>
  );
}

function Voice({ stream }: { stream: MediaStream }) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    if (audio.current === null) {
      return undefined;
    }
    audio.current.srcObject = stream;
    return plays(audio.current);
  }, [stream]);
  // Nothing was written down that captions could show.
  // biome-ignore lint/a11y/useMediaCaption: it is live
  return <audio ref={audio} />;
}

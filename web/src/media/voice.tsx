import { useEffect, useRef } from "preact/hooks";
import { plays } from "./held.js";

/** Plays what is heard of somebody, without their picture. */
export function Voice({ stream }: { stream: MediaStream }) {
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

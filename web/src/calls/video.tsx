import { useEffect, useRef } from "preact/hooks";
import { plays } from "../media/held.js";

interface Props {
  stream: MediaStream;
  class: string;
  label: string;
  /** Whether to mirror the picture, as users expect of their own. */
  mirrored?: boolean;
  muted?: boolean;
}

/** A video element that plays a stream, with its sound unless `muted`. */
export function Picture({ stream, label, mirrored = false, muted = false, ...props }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current === null) {
      return undefined;
    }
    video.current.srcObject = stream;
    return plays(video.current);
  }, [stream]);
  return (
    <video ref={video} class={mirrored ? `${props.class} mirrored` : props.class} aria-label={label} playsInline muted={muted} />
  );
}

import { useEffect, useRef } from "preact/hooks";

interface Props {
  stream: MediaStream;
  class: string;
  label: string;
  /** Whether it is one's own picture, which people know from mirrors. */
  mirrored?: boolean;
  muted?: boolean;
}

/** A picture, with the sound that belongs to it. */
export function Picture({ stream, label, mirrored = false, muted = false, ...props }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current !== null) {
      video.current.srcObject = stream;
    }
  }, [stream]);
  return (
    <video
      ref={video}
      class={mirrored ? `${props.class} mirrored` : props.class}
      aria-label={label}
      autoPlay
      playsInline
      muted={muted}
    />
  );
}

import { useEffect, useRef } from "preact/hooks";
import { useSay } from "../kit/useSay.js";
import { loudness } from "../media/loudness.js";

/** How loud the microphone is. */
export function Level({ stream }: { stream: MediaStream }) {
  const say = useSay();
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    void context.resume();
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      if (meter.current !== null) {
        meter.current.value = loudness(samples);
      }
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [stream]);
  return (
    <div class="devices-level">
      <span aria-hidden="true">{say("devices.level")}</span>
      <meter ref={meter} min={0} max={1} aria-label={say("devices.level")} />
    </div>
  );
}

/** Ten times a second, which looks like at once. */
const EVERY_MS = 100;

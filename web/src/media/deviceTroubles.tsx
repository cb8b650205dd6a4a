import { useEffect, useState } from "preact/hooks";
import { useSay } from "../kit/useSay.js";
import type { Media } from "../session/payload.js";
import { foresee, type Kind, kindsOf, type Trouble, type Troubles } from "./devices.js";

interface Props {
  troubles: Troubles;
  /** Opens the devices once more; absent where they are not needed yet. */
  onRetry?: () => void;
}

/** Why the camera or the microphone is missing, and what to do. */
export function DeviceTroubles({ troubles, onRetry }: Props) {
  const say = useSay();
  const all = Object.entries(troubles) as [Kind, Trouble][];
  return (
    <div role="alert" class={all.length > 0 ? "device-troubles" : undefined}>
      {all.length > 0 && (
        <>
          <ul>
            {all.map(([kind, trouble]) => (
              <li key={kind}>{say(`device.${kind}.${trouble}`)}</li>
            ))}
          </ul>
          {onRetry !== undefined && (
            <button type="button" class="button small" onClick={onRetry}>
              {say("call.tryDevices")}
            </button>
          )}
        </>
      )}
    </div>
  );
}

/** The troubles that a call of this kind would have, as far as the browser tells before it opens the devices. */
export function useForeseen(media: Media): Troubles {
  const [troubles, setTroubles] = useState<Troubles>({});
  useEffect(() => {
    let current = true;
    void foresee(navigator.mediaDevices, kindsOf(media)).then((found) => current && setTroubles(found));
    return () => {
      current = false;
    };
  }, [media]);
  return troubles;
}

import { useSay } from "../kit/useSay.js";
import type { TransportView } from "./transport.js";

interface Props {
  reach: TransportView["reach"];
  onRetry: () => void;
}

/** Says that what carries sound and pictures cannot be reached. */
export function Unreached({ reach, onRetry }: Props) {
  const say = useSay();
  const isAway = reach === "unreachable";
  return (
    <div role="alert" class={isAway ? "device-troubles" : undefined}>
      {isAway && (
        <>
          <p>{say("media.unreachable")}</p>
          <button type="button" class="button small" onClick={onRetry}>
            {say("call.tryDevices")}
          </button>
        </>
      )}
    </div>
  );
}

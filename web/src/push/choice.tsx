import { useId } from "preact/hooks";
import { Segments } from "../kit/preferenceChoices.js";
import { useSay } from "../kit/useSay.js";
import { useStore } from "../session/store.js";
import type { TextKey } from "../strings/texts.js";
import type { Waker, Waking } from "./waker.js";

/** The choice whether this browser rings while no page is open, and what is in the way. */
export function WakeChoice({ waker }: { waker: Waker }) {
  const say = useSay();
  const waking = useStore(waker.state);
  const more = useId();
  const choose = (chosen: "off" | "on") => void (chosen === "on" ? waker.turnOn() : waker.turnOff());
  return (
    <fieldset class="choice wake" aria-describedby={more} disabled={isClosed(waking)}>
      <legend>{say("wake.legend")}</legend>
      {!isClosed(waking) && (
        <Segments
          chosen={waking.at === "on" || waking.at === "asking" ? "on" : "off"}
          choices={[
            ["off", say("wake.off")],
            ["on", say("wake.on")],
          ]}
          onChoose={choose}
        />
      )}
      <p id={more} class="hint" role="status">
        {say(wordsOf(waking))}
      </p>
    </fieldset>
  );
}

/** Whether there is nothing to choose. */
function isClosed({ at }: Waking): boolean {
  return at === "looking" || at === "hindered";
}

function wordsOf(waking: Waking): TextKey {
  switch (waking.at) {
    case "hindered":
      return `wake.${waking.why}`;
    case "off":
      return "wake.offMore";
    case "on":
      return "wake.onMore";
    default:
      return `wake.${waking.at}`;
  }
}

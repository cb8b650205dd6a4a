import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../kit/icons.js";
import { troubleOf } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { durationOf } from "../people/times.js";
import { useStore } from "../session/store.js";
import type { Calls } from "./calls.js";
import type { Call } from "./machine.js";
import { mayCallAgain, secondLater, staysFor } from "./staying.js";
import { useFocus } from "./useFocus.js";

type Over = Extract<Call, { at: "over" }>;

/** The card that tells how a call ended. It goes by itself when nobody attends to it. */
export function Ending({ calls, call }: { calls: Calls; call: Over }) {
  const say = useSay();
  const small = useStore(calls.small);
  const focused = useFocus(small ? undefined : call.inviteID);
  const shape = small ? ({ role: "region" } as const) : ({ role: "alertdialog", "aria-modal": true } as const);
  const card = useRef<HTMLDivElement>(null);
  const keyed = useStaying(call, card, () => calls.dismiss());
  const pressed = (event: KeyboardEvent) => {
    keyed.current = true;
    if (event.key === "Escape") {
      calls.dismiss();
    }
  };
  return (
    <section
      class={small ? "call call-over over-small" : "call call-over"}
      {...shape}
      aria-labelledby="call-title"
      aria-describedby="call-more"
      onKeyDown={pressed}
    >
      <div class="card" ref={card}>
        <Avatar userID={call.peer} size="large" />
        <h2 id="call-title">{say(`over.${call.why}`, { name: nameOf(call.peer) })}</h2>
        <p id="call-more">
          <More call={call} />
        </p>
        <div class="card-choices">
          {mayCallAgain(call.why) && (
            <button type="button" class="button agree" onClick={() => calls.start(call.peer, call.media)}>
              <Icon name={call.media === "video" ? "camera" : "phone"} />{" "}
              {say(call.why === "missed" ? "call.back" : "call.again")}
            </button>
          )}
          <button type="button" class="button" ref={focused} onClick={() => calls.dismiss()}>
            {say("call.close")}
          </button>
        </div>
      </div>
    </section>
  );
}

/** How the last call ended, for screen readers: it is still there when the card is not, until the next call. */
export function News({ call }: { call: Call }) {
  const say = useSay();
  const last = useRef<Over | undefined>(undefined);
  if (call.at !== "idle") {
    last.current = call.at === "over" ? call : undefined;
  }
  const { current } = last;
  return (
    <p class="unseen" role="status">
      {current !== undefined && (
        <>
          {say(`over.${current.why}`, { name: nameOf(current.peer) })}. <More call={current} />
        </>
      )}
    </p>
  );
}

function More({ call }: { call: Over }) {
  const say = useSay();
  if (call.seconds !== undefined) {
    return (
      <>
        {say("call.duration")} <strong class="digits">{durationOf(call.seconds)}</strong>
      </>
    );
  }
  return <>{call.refusal === undefined ? say(`call.${call.media}`) : say(troubleOf(call.refusal), { message: call.refusal })}</>;
}

/** Calls `leave` when nobody has attended to the card for long enough. The ref given back is for whether a key was pressed in it. */
function useStaying(call: Over, card: RefObject<HTMLElement | null>, leave: () => void): { current: boolean } {
  const keyed = useRef(false);
  useEffect(() => {
    const whole = staysFor(call);
    let left = whole;
    const timer = setInterval(() => {
      keyed.current &&= card.current?.contains(document.activeElement) === true;
      left = secondLater(left, whole, {
        // A finger leaves the pointer where it touched last.
        pointer: matchMedia("(hover: hover)").matches && card.current?.matches(":hover") === true,
        keyboard: keyed.current,
        visible: document.visibilityState === "visible",
      });
      if (left <= 0) {
        leave();
      }
    }, 1_000);
    return () => clearInterval(timer);
  }, [call.inviteID]);
  return keyed;
}

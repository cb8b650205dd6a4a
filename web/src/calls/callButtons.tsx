import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { nameOf } from "../people/names.js";
import type { Media } from "../session/payload.js";
import { useStore } from "../session/store.js";
import type { Calls } from "./calls.js";
import { isFree } from "./machine.js";

interface Props {
  calls: Calls;
  /** The userID of the person to call. */
  peer: string;
}

/** Starts a voice call or a video call, unless a call is going on. */
export function CallButtons(props: Props) {
  return (
    <>
      <CallButton {...props} media="audio" />
      <CallButton {...props} media="video" />
    </>
  );
}

function CallButton({ calls, peer, media }: Props & { media: Media }) {
  const say = useSay();
  const free = isFree(useStore(calls.call));
  return (
    <button
      type="button"
      class={media === "video" ? "button agree" : "button"}
      disabled={!free}
      aria-label={say(`call.${media}To`, { name: nameOf(peer) })}
      onClick={() => calls.start(peer, media)}
    >
      <Icon name={media === "video" ? "camera" : "phone"} /> <span class="wide-only">{say(`call.${media}`)}</span>
    </button>
  );
}

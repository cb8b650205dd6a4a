import { ActionButton } from "../kit/actionButton.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import type { ShowProps } from "./props.js";
import { isFull } from "./rules.js";

/** The listeners; the host invites them to the microphone from here. */
export function Audience({ show, notices }: ShowProps) {
  const say = useSay();
  const { owner } = useStore(show.room.view);
  const here = useStore(show.attendance.here);
  const state = useStore(show.state);
  const listeners = here.filter((userID) => userID !== owner && !state.seats.includes(userID));
  const offers = new Map(state.offers.map(({ userID, inviteID }) => [userID, inviteID]));
  return (
    <section class="panel" aria-labelledby="audience-title">
      <h2 id="audience-title">
        {say("live.audience")} <span class="chip chip-soft digits">{listeners.length}</span>
      </h2>
      {listeners.length === 0 && <p class="hint">{say("live.audienceNone")}</p>}
      <ul class="hands hands-columns">
        {listeners.map((userID) => (
          <li key={userID} class={userID === show.me ? "own" : ""}>
            <Avatar userID={userID} />
            <span class="name">{nameOf(userID)}</span>
            {show.hosts &&
              (offers.has(userID) ? (
                <span class="row-tools">
                  <span class="chip">{say("live.invited")}</span>
                  <ActionButton
                    notices={notices}
                    look="small"
                    action={() => show.withdraw(offers.get(userID) ?? "")}
                    label={say("live.takeBack", { name: nameOf(userID) })}
                  >
                    {say("room.takeBack")}
                  </ActionButton>
                </span>
              ) : (
                <ActionButton
                  notices={notices}
                  look="small"
                  disabled={isFull(state)}
                  action={() => show.offer(userID)}
                  label={say("live.invite", { name: nameOf(userID) })}
                >
                  {say("live.inviteShort")}
                </ActionButton>
              ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { ActionButton } from "../kit/actionButton.js";
import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import { SpeakerFace } from "../sound/face.js";
import type { ShowProps } from "./props.js";

/** The host and the seats at the microphones. */
export function Seats({ show, notices }: ShowProps) {
  const say = useSay();
  const { owner } = useStore(show.room.view);
  const { seats } = useStore(show.state);
  return (
    <section class="air" aria-label={say("live.seats")}>
      <div class="host">
        <span class="speaker-face">
          <SpeakerFace sound={show.sound} userID={owner}>
            <Avatar userID={owner} size="large" />
          </SpeakerFace>
        </span>
        <p>
          <strong>{nameOf(owner)}</strong>
          <span>{say("live.host")}</span>
        </p>
        <span class="on-air">
          <span class="badge-point" aria-hidden="true" /> {say("live.onAir")}
        </span>
      </div>
      <ol class="seats">
        {seats.map((who, index) => (
          <li key={index} class={who === null ? "seat" : "seat taken"}>
            <Seat show={show} notices={notices} who={who} number={index + 1} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Seat({ show, notices, who, number }: ShowProps & { who: string | null; number: number }) {
  const say = useSay();
  if (who === null) {
    return (
      <>
        <span class="seat-free">
          <Icon name="microphone" />
        </span>
        <span class="seat-name">{say("live.free")}</span>
        <span class="unseen">{say("live.seat", { number })}</span>
      </>
    );
  }
  const name = nameOf(who);
  return (
    <>
      <SpeakerFace sound={show.sound} userID={who}>
        <Avatar userID={who} size="large" />
      </SpeakerFace>
      <span class="seat-name">{name}</span>
      <span class="unseen">{say("live.seat", { number })}</span>
      {show.hosts && (
        <ActionButton
          notices={notices}
          look="small seat-remove"
          action={() => show.leave(who)}
          label={say("live.remove", { name })}
        >
          <Icon name="close" />
        </ActionButton>
      )}
    </>
  );
}

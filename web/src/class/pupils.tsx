import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import { SpeakerFace } from "../sound/face.js";
import type { Lesson } from "./lesson.js";

/** Everybody in the class, with marks for raised hands and for the speaker. */
export function Pupils({ lesson }: { lesson: Lesson }) {
  const say = useSay();
  const { owner } = useStore(lesson.room.view);
  const here = useStore(lesson.attendance.here);
  const { hands, speaker } = useStore(lesson.state);
  const up = new Set(hands.map(({ userID }) => userID));
  return (
    <section class="panel" aria-labelledby="pupils-title">
      <h2 id="pupils-title">{say("class.everybody")}</h2>
      <ul class="pupils">
        {[owner, ...here.filter((userID) => userID !== owner)].map((userID) => (
          <li key={userID} class={userID === speaker ? "speaks" : up.has(userID) ? "raised" : ""}>
            <span class="pupil-face">
              {userID === owner ? (
                <SpeakerFace sound={lesson.sound} userID={userID}>
                  <Avatar userID={userID} />
                </SpeakerFace>
              ) : (
                <Avatar userID={userID} />
              )}
              {up.has(userID) && <Icon name="hand" />}
              {userID === speaker && <Icon name="microphone" />}
            </span>
            <span class="name">{nameOf(userID)}</span>
            {userID === owner && <span class="hint">{say("class.teacher")}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { ActionButton } from "../kit/actionButton.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useStore } from "../session/store.js";
import type { LessonProps } from "./props.js";

/** The raised hands in the order in which they went up, the same on every page. */
export function Hands({ lesson, notices }: LessonProps) {
  const say = useSay();
  const { hands, called } = useStore(lesson.state);
  return (
    <section class="panel" aria-labelledby="hands-title">
      <h2 id="hands-title">
        {say("class.hands")} <span class="chip chip-soft digits">{hands.length}</span>
      </h2>
      {hands.length === 0 ? (
        <p class="hint">{say("class.handsNone")}</p>
      ) : (
        <ol class="hands">
          {hands.map(({ userID }, index) => (
            <li key={userID} class={userID === lesson.me ? "own" : ""}>
              <span class="place digits">{index + 1}</span>
              <Avatar userID={userID} />
              <span class="name">{nameOf(userID)}</span>
              {called?.userID === userID ? (
                <span class="row-tools">
                  <span class="chip">{say("class.calling")}</span>
                  {lesson.teaches && (
                    <ActionButton
                      notices={notices}
                      look="small"
                      action={() => lesson.takeBack()}
                      label={say("class.takeBack", { name: nameOf(userID) })}
                    >
                      {say("room.takeBack")}
                    </ActionButton>
                  )}
                </span>
              ) : (
                lesson.teaches && <HandTools lesson={lesson} notices={notices} userID={userID} busy={called !== undefined} />
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function HandTools({ lesson, notices, userID, busy }: LessonProps & { userID: string; busy: boolean }) {
  const say = useSay();
  const name = nameOf(userID);
  return (
    <span class="row-tools">
      <ActionButton
        notices={notices}
        look="small"
        action={() => lesson.lower(userID)}
        label={`${say("class.takeDown")}: ${name}`}
      >
        {say("class.takeDown")}
      </ActionButton>
      <ActionButton
        notices={notices}
        look="small agree"
        disabled={busy}
        action={() => lesson.callUp(userID)}
        label={`${say("class.callUp")}: ${name}`}
      >
        {say("class.callUp")}
      </ActionButton>
    </span>
  );
}

import { ActionButton } from "../kit/actionButton.js";
import { Icon } from "../kit/icons.js";
import { useSay } from "../kit/useSay.js";
import { Avatar } from "../people/avatar.js";
import { nameOf } from "../people/names.js";
import { useTakenAway } from "../rooms/useTakenAway.js";
import { useStore } from "../session/store.js";
import { SpeakerFace } from "../sound/face.js";
import type { LessonProps } from "./props.js";

/** The speaker or the current question, with the buttons that this user has for it. */
export function Lectern({ lesson, notices }: LessonProps) {
  const { me } = lesson;
  const { speaker, called } = useStore(lesson.state);
  return (
    <section class="lectern">
      {speaker !== undefined && <Speaker lesson={lesson} notices={notices} speaker={speaker} />}
      {called?.userID === me ? (
        <CalledUp lesson={lesson} notices={notices} />
      ) : lesson.teaches ? (
        <TeacherPart lesson={lesson} notices={notices} />
      ) : (
        <PupilPart lesson={lesson} notices={notices} />
      )}
    </section>
  );
}

function Speaker({ lesson, notices, speaker }: LessonProps & { speaker: string }) {
  const say = useSay();
  const name = nameOf(speaker);
  const speaks = speaker === lesson.me;
  return (
    <div class="speaker">
      <span class="speaker-face">
        <SpeakerFace sound={lesson.sound} userID={speaker}>
          <Avatar userID={speaker} size="large" />
        </SpeakerFace>
      </span>
      <p role="status">
        <Icon name="microphone" /> {speaks ? say("class.youSpeak") : say("class.speaking", { name })}
      </p>
      {(speaks || lesson.teaches) && (
        <ActionButton notices={notices} action={() => lesson.lower(speaker)}>
          {speaks ? say("class.finish") : say("class.thank", { name })}
        </ActionButton>
      )}
    </div>
  );
}

function CalledUp({ lesson, notices }: LessonProps) {
  const say = useSay();
  const { owner } = useStore(lesson.room.view);
  return (
    <div class="prompt" role="alert">
      <h2>{say("class.called", { name: nameOf(owner) })}</h2>
      <div class="card-choices">
        <ActionButton notices={notices} action={() => lesson.answer(false)}>
          {say("class.notNow")}
        </ActionButton>
        <ActionButton notices={notices} action={() => lesson.answer(true)} look="agree">
          <Icon name="microphone" /> {say("class.speak")}
        </ActionButton>
      </div>
    </div>
  );
}

function TeacherPart({ lesson, notices }: LessonProps) {
  const say = useSay();
  const { round, hands } = useStore(lesson.state);
  const { members } = useStore(lesson.room.view);
  if (round?.open === true) {
    return (
      <div class="question question-row">
        <p class="big-count digits" aria-hidden="true">
          {hands.length}
        </p>
        <h2 aria-live="polite">{say("class.open")}</h2>
        <ActionButton notices={notices} action={() => lesson.end()}>
          {say("class.end")}
        </ActionButton>
      </div>
    );
  }
  return (
    <div class="question">
      <h2>{say(round === undefined ? "class.idle" : "class.closed")}</h2>
      <p>{say(members.length < 2 ? "class.nobody" : "class.askHint")}</p>
      <ActionButton notices={notices} action={() => lesson.ask()} look="primary" disabled={members.length < 2}>
        <Icon name="hand" /> {say("class.ask")}
      </ActionButton>
    </div>
  );
}

function PupilPart({ lesson, notices }: LessonProps) {
  const say = useSay();
  const { me } = lesson;
  const { round, hands, speaker } = useStore(lesson.state);
  const { owner } = useStore(lesson.room.view);
  const takenAway = useTakenAway(lesson.room);
  if (speaker === me) {
    return null;
  }
  const told = takenAway && hands.every(({ userID }) => userID !== me);
  const place = hands.findIndex(({ userID }) => userID === me) + 1;
  if (round?.open !== true) {
    return (
      <div class="question">
        <h2 aria-live="polite">{say(round === undefined ? "class.idle" : "class.closed")}</h2>
        {told && <p role="status">{say("class.takenAway", { name: nameOf(owner) })}</p>}
        <p>{say("class.idleStudent", { name: nameOf(owner) })}</p>
      </div>
    );
  }
  return (
    <div class="question">
      {told && <p role="status">{say("class.takenAway", { name: nameOf(owner) })}</p>}
      <h2 aria-live="polite">{place > 0 ? say("class.raised", { place, count: hands.length }) : say("class.open")}</h2>
      {place > 0 ? (
        <ActionButton notices={notices} action={() => lesson.lower(me)}>
          {say("class.lower")}
        </ActionButton>
      ) : (
        <ActionButton notices={notices} action={() => lesson.raise()} look="primary">
          <Icon name="hand" /> {say("class.raise")}
        </ActionButton>
      )}
    </div>
  );
}

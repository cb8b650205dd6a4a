import { useEffect, useState } from "preact/hooks";
import type { Notices } from "../kit/notices.js";
import { useSay } from "../kit/useSay.js";
import type { ServerMedia } from "../media/meeting.js";
import type { Online } from "../presence/online.js";
import { RoomFrame } from "../rooms/frame.js";
import type { Session } from "../session/session.js";
import { useStore } from "../session/store.js";
import { SoundBar } from "../sound/bar.js";
import { Hands } from "./hands.js";
import { Lectern } from "./lectern.js";
import { Lesson } from "./lesson.js";
import type { LessonProps } from "./props.js";
import { Pupils } from "./pupils.js";

interface Props {
  session: Session;
  online: Online;
  notices: Notices;
  /** What the server says of the media of calls. */
  media: ServerMedia;
  /** The name of the room. */
  name: string;
}

/** The scene of one class. */
export function ClassScene({ session, online, notices, media, name }: Props) {
  const [lesson] = useState(() => new Lesson(session, online, name, media));
  useEffect(() => {
    void notices.attempt(() => lesson.room.enter());
    return () => lesson.close();
  }, [lesson]);
  return <Classroom lesson={lesson} notices={notices} name={name} />;
}

function Classroom({ lesson, notices, name }: LessonProps & { name: string }) {
  const say = useSay();
  // The role depends on the owner of the room, so draw again when the room changes.
  useStore(lesson.room.view);
  const role = say(lesson.teaches ? "class.teacher" : "class.student");
  return (
    <RoomFrame
      notices={notices}
      scene="class"
      name={name}
      room={lesson.room}
      attendance={lesson.attendance}
      role={role}
      sound={<SoundBar sound={lesson.sound} />}
    >
      <Lectern lesson={lesson} notices={notices} />
      <Hands lesson={lesson} notices={notices} />
      <Pupils lesson={lesson} />
    </RoomFrame>
  );
}

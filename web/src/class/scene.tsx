import { useEffect, useState } from "preact/hooks";
import type { Workspace } from "../app/workspace.js";
import { useSay } from "../kit/useSay.js";
import { RoomFrame } from "../rooms/frame.js";
import { useStore } from "../session/store.js";
import { Hands } from "./hands.js";
import { Lectern } from "./lectern.js";
import { Lesson } from "./lesson.js";
import type { LessonProps } from "./props.js";
import { Pupils } from "./pupils.js";

/** One class. */
export function ClassScene({ workspace, name }: { workspace: Workspace; name: string }) {
  const [lesson] = useState(() => new Lesson(workspace.session, name));
  useEffect(() => {
    void workspace.notices.attempt(() => lesson.room.enter());
    return () => lesson.room.close();
  }, [lesson]);
  return <Classroom workspace={workspace} lesson={lesson} name={name} />;
}

function Classroom({ workspace, lesson, name }: LessonProps & { name: string }) {
  const say = useSay();
  // The role follows the room.
  useStore(lesson.room.view);
  const role = say(lesson.teaches ? "class.teacher" : "class.student");
  return (
    <RoomFrame workspace={workspace} scene="class" name={name} room={lesson.room} role={role}>
      <Lectern workspace={workspace} lesson={lesson} />
      <Hands workspace={workspace} lesson={lesson} />
      <Pupils lesson={lesson} />
    </RoomFrame>
  );
}

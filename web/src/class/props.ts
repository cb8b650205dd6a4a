import type { Notices } from "../kit/notices.js";
import type { Lesson } from "./lesson.js";

/** What each part of the class scene is given. */
export interface LessonProps {
  lesson: Lesson;
  notices: Notices;
}

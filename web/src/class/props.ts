import type { Workspace } from "../app/workspace.js";
import type { Lesson } from "./lesson.js";

/** What each part of the class scene is given. */
export interface LessonProps {
  workspace: Workspace;
  lesson: Lesson;
}

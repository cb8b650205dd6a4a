import { idOf, nameOf } from "../people/names.js";

/** The scenes that happen in rooms. A room is a group whose ID begins with its scene. */
export type RoomScene = "class" | "live";

/** The longest groupID that the server takes, in bytes. */
export const ROOM_ID_BYTES = 48;

export function roomIDOf(scene: RoomScene, name: string): string {
  return `${scene}.${idOf(name)}`;
}

/** The name of the room; undefined when the group is no room of `scene`. */
export function roomNameOf(scene: RoomScene, groupID: string): string | undefined {
  return groupID.startsWith(`${scene}.`) ? nameOf(groupID.slice(scene.length + 1)) : undefined;
}

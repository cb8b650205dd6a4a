import { initialsOf, nameOf, tintOf } from "./names.js";

/** The letters of a user in their colour. The name stands next to it, so screen readers skip the letters. */
export function Avatar({ userID, size = "medium" }: { userID: string; size?: "small" | "medium" | "large" | "huge" }) {
  return (
    <span class={`avatar avatar-${size} tint-${tintOf(userID)}`} aria-hidden="true">
      {initialsOf(nameOf(userID))}
    </span>
  );
}

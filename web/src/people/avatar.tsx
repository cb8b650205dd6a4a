import { initialsOf, lookOf, nameOf } from "./names.js";

/** The letters of a user in their colour. The name stands next to it, so screen readers skip the letters. */
export function Avatar({ userID, size = "medium" }: { userID: string; size?: "small" | "medium" | "large" | "huge" }) {
  const { tint, pattern } = lookOf(userID);
  return (
    <span class={`avatar avatar-${size} tint-${tint} pattern-${pattern}`} aria-hidden="true">
      {initialsOf(nameOf(userID))}
    </span>
  );
}

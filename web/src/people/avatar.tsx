import { initialsOf, nameOf, tintOf } from "./names.js";

/** A person's picture: his letters in his colour. The name stands next to it, so that nobody has to hear it twice. */
export function Avatar({ userID, size = "medium" }: { userID: string; size?: "small" | "medium" | "large" | "huge" }) {
  return (
    <span class={`avatar avatar-${size} tint-${tintOf(userID)}`} aria-hidden="true">
      {initialsOf(nameOf(userID))}
    </span>
  );
}

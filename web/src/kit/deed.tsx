import type { ComponentChildren } from "preact";
import type { Notices } from "./notices.js";

interface DeedProps {
  notices: Notices;
  deed: () => Promise<unknown>;
  /** More classes for the button. */
  look?: string;
  disabled?: boolean;
  label?: string;
  children: ComponentChildren;
}

/** A button for an action that the server may refuse; a refusal becomes a notice. */
export function Deed({ notices, deed, look, disabled = false, label, children }: DeedProps) {
  return (
    <button
      type="button"
      class={look === undefined ? "button" : `button ${look}`}
      disabled={disabled}
      aria-label={label}
      onClick={() => void notices.attempt(deed)}
    >
      {children}
    </button>
  );
}

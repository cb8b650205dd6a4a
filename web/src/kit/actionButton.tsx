import type { ComponentChildren } from "preact";
import type { Notices } from "./notices.js";

interface ActionButtonProps {
  notices: Notices;
  action: () => Promise<unknown>;
  /** More classes for the button. */
  look?: string;
  disabled?: boolean;
  label?: string;
  children: ComponentChildren;
}

/** A button for an action that the server may refuse; a refusal becomes a notice. */
export function ActionButton({ notices, action, look, disabled = false, label, children }: ActionButtonProps) {
  return (
    <button
      type="button"
      class={look === undefined ? "button" : `button ${look}`}
      disabled={disabled}
      aria-label={label}
      onClick={() => void notices.attempt(action)}
    >
      {children}
    </button>
  );
}

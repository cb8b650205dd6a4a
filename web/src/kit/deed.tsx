import type { ComponentChildren } from "preact";
import type { Workspace } from "../app/workspace.js";

interface DeedProps {
  workspace: Workspace;
  deed: () => Promise<unknown>;
  /** Classes of the button. */
  look?: string;
  disabled?: boolean;
  label?: string;
  children: ComponentChildren;
}

/** A button for something that the server may refuse. */
export function Deed({ workspace, deed, look, disabled = false, label, children }: DeedProps) {
  return (
    <button
      type="button"
      class={look === undefined ? "button" : `button ${look}`}
      disabled={disabled}
      aria-label={label}
      onClick={() => void workspace.notices.attempt(deed)}
    >
      {children}
    </button>
  );
}

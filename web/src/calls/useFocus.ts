import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Gives the keyboard focus to the button with this ref, once for each `key`; without one it stays where it is. */
export function useFocus(key: string | undefined): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (key !== undefined) {
      button.current?.focus();
    }
  }, [key]);
  return button;
}

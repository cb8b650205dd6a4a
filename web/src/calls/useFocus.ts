import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Gives the keyboard focus to the button with this ref, once for each `key`. */
export function useFocus(key: string): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [key]);
  return button;
}

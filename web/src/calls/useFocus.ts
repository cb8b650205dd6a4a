import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Puts the keyboard on the button that is most likely wanted, once for each `key`. */
export function useFocus(key: string): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [key]);
  return button;
}

import { useMemo } from "preact/hooks";
import { useStore } from "../session/store.js";
import { type Say, sayIn } from "../strings/say.js";
import { language } from "./preferences.js";

/** Speaks the language the person chose, and anew when he chooses another. */
export function useSay(): Say {
  const spoken = useStore(language);
  return useMemo(() => sayIn(spoken), [spoken]);
}

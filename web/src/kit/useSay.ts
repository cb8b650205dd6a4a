import { useMemo } from "preact/hooks";
import { useStore } from "../session/store.js";
import { type Say, sayIn } from "../strings/say.js";
import { language } from "./preferences.js";

/** Texts in the language that the user chose. The component is drawn again when they choose another. */
export function useSay(): Say {
  const spoken = useStore(language);
  return useMemo(() => sayIn(spoken), [spoken]);
}

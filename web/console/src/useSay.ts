import { useMemo } from "preact/hooks";
import { language } from "../../src/kit/preferences.js";
import { useStore } from "../../src/session/store.js";
import { type Say, sayIn } from "./strings/say.js";

/** Texts in the language that the user chose, here or in the app. The component is drawn again when they choose another. */
export function useSay(): Say {
  const spoken = useStore(language);
  return useMemo(() => sayIn(spoken), [spoken]);
}

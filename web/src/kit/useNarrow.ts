import { useEffect, useState } from "preact/hooks";

/** The width of the style sheets up to which the page shows one thing at a time. */
const NARROW = "(max-width: 55.99rem)";

/** Whether the window is so narrow that a call, or the timeline, covers everything else. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const look = () => setNarrow(query.matches);
    look();
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return narrow;
}

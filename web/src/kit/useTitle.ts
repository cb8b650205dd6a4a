import { useEffect } from "preact/hooks";

/** Names the tab while the component is there; undefined leaves its name as it is. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) {
      document.title = title;
    }
  }, [title]);
}

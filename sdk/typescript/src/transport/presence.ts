/** The part of a browser's window, or of a worker, that tells how the network and the person are. */
interface Surroundings {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  document?: Surroundings & { visibilityState?: string };
}

/** Calls `nudge` when the network comes back or the page is looked at again, and `leave` when the page goes, where these exist. */
export function watchPresence(nudge: () => void, leave: () => void): () => void {
  const window = globalThis as Surroundings;
  const document = window.document;
  const seen = () => (document?.visibilityState === "visible" ? nudge() : leave());
  const watched: [Surroundings | undefined, string, () => void][] = [
    [window, "online", nudge],
    [window, "pageshow", nudge],
    [window, "pagehide", leave],
    [document, "visibilitychange", seen],
  ];
  for (const [target, type, listener] of watched) {
    target?.addEventListener?.(type, listener);
  }
  return () => {
    for (const [target, type, listener] of watched) {
      target?.removeEventListener?.(type, listener);
    }
  };
}

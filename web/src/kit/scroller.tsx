import { useLayoutEffect, useRef } from "preact/hooks";

/** A list that stays at its newest line unless the reader has scrolled away from it. */
export function Scroller({ count, label, children }: { count: number; label: string; children: preact.ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current && box.current !== null) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [count]);
  const scrolled = (event: Event & { currentTarget: HTMLDivElement }) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  };
  return (
    <div class="scroller" ref={box} onScroll={scrolled} role="log" aria-label={label}>
      {children}
    </div>
  );
}

/** About the height of a line: a reader this close to the end is at the end. */
const NEAR_END_PX = 48;

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api.js";

/** What is known of an answer. One that was read stays while it is read again. */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly again: () => void;
}

/** Between two looks at something that changes, ms: two for each key's ten requests a second, with several pages open. */
const EVERY_MS = 3_000;

/** Reads something, and again whenever `key` changes and every few seconds while the page is looked at. */
export function useAnswer<T>(key: string, read: () => Promise<T>): Answer<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const turn = useRef(0);

  const again = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    const isMine = () => mine === turn.current;
    read().then(
      (found) => {
        if (isMine()) {
          setValue(found);
          setProblem(undefined);
        }
      },
      (error: unknown) => {
        if (isMine()) {
          setProblem(error instanceof Problem ? error : new Problem(0, "unexpected", String(error)));
        }
      },
    );
  }, [key]);

  useEffect(() => {
    setValue(undefined);
    setProblem(undefined);
    again();
    const timer = setInterval(() => {
      if (!document.hidden) {
        again();
      }
    }, EVERY_MS);
    return () => {
      turn.current += 1;
      clearInterval(timer);
    };
  }, [again]);

  return { value, problem, again };
}

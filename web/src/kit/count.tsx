/** A number beside what it counts. `words`: what it says, for screen readers. */
export function Count({ count, words }: { count: number; words: string }) {
  return (
    <span class="count">
      <span aria-hidden="true">{count > MOST ? `${MOST}+` : count}</span>
      <span class="unseen">{words}</span>
    </span>
  );
}

/** What two letters have room for. */
const MOST = 99;

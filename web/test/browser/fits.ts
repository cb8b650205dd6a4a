import type { Page } from "playwright-core";

/** What of an open call a user must be able to read or press. */
const PIECES = "button, h2, p, li, strong, [role=timer], .avatar, .mine-picture";

/** The pieces of the open call that leave the window, lie below something else, or over each other. */
export function misplaced(page: Page): Promise<string[]> {
  return page.evaluate((pieces) => {
    const call = document.querySelector(".call");
    const all = [...(call?.querySelectorAll(pieces) ?? [])]
      .filter((piece) => piece.parentElement?.closest(pieces) === null)
      .map((piece) => ({ piece, name: `${piece.className} ${piece.textContent}`.trim(), box: piece.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1);
    const leaves = all
      .filter(({ box }) => box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight)
      .map(({ name }) => `${name} leaves the window`);
    const below = all
      .filter(({ piece, box }) => {
        const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
        return top === null || !piece.contains(top);
      })
      .map(({ name }) => `${name} is covered`);
    const overlaps = all.flatMap((one, place) =>
      all
        .slice(place + 1)
        .filter(
          ({ box }) =>
            box.left < one.box.right && one.box.left < box.right && box.top < one.box.bottom && one.box.top < box.bottom,
        )
        .map((other) => `${one.name} overlaps ${other.name}`),
    );
    return all.length === 0 ? ["no call is open"] : [...leaves, ...below, ...overlaps];
  }, PIECES);
}

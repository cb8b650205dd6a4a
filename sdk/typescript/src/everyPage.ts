/** Pages that are read of one list: 10,000 entries of 100 a page. A list that has more is cut, so that nothing is read without end. */
const MOST_PAGES = 100;

/** All entries of a list that the server gives in pages. */
export async function everyPage<Page extends { readonly next?: string }, Entry>(
  read: (from: { after?: string }) => Promise<Page>,
  entriesOf: (page: Page) => readonly Entry[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let from: { after?: string } = {};
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await read(from);
    entries.push(...entriesOf(page));
    if (page.next === undefined) {
      break;
    }
    from = { after: page.next };
  }
  return entries;
}

/** Pages that are read of one list: 10,000 entries of 100 a page. A list that has more is cut, so that nothing is read without end. */
const MOST_PAGES = 100;

/** All entries of a list that the server gives in pages, which have them under a name. */
export async function everyPage<Name extends string, Entry, From = string>(
  read: (from: { after?: From }) => Promise<{ readonly [_ in Name]: readonly Entry[] } & { readonly next?: From }>,
  name: Name,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let from: { after?: From } = {};
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await read(from);
    entries.push(...page[name]);
    if (page.next === undefined) {
      break;
    }
    from = { after: page.next };
  }
  return entries;
}

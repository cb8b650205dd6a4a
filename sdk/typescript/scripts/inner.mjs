// Properties by which the modules of this package speak with each other get short names in what is published: in a compressed script a name
// costs every letter where it is written first, and next to nothing after that. No app meets them: they are on no object that an app
// gets, in no frame, and no browser has one of that name. What is private with `#` is renamed by whoever builds a page.
import { parse } from "acorn";

export const INNER =
  `acted ages alive answeredBy askAgain asksAgainAt begins bookkeeper carriedOut dueAt edition emitter endOverdue ends endsAt
  failAll foundBusy happened hear heardAt hearOf invalidCancel invalidInviteID invalidParameters learn learnSoon leaving loginInProcess
  mustGoOn networkError networkTimeout nextEnd nextMs nextOverdue nextWake notBefore notReady oldest optionalBoolean optionalChoice
  optionalCount optionalObject optionalText outbox overdue probe reconnectMs renewsToken resyncing rings secondsHere sendWaiting
  serverError stage tabDevice takeID takeUnsent textsOrNone tooFrequent viewer waits waitsAt wantsOwnActs wasSound watchAgain`.split(
    /\s+/,
  );

/** Of modules, texts by file: the same texts with the short names. All else stays, comments and lines too. */
export function shortened(modules, sourceType) {
  const found = Object.entries(modules).map(([file, text]) => ({ file, text, ...namesIn(text, sourceType) }));
  const texts = new Set(found.flatMap(({ texts }) => texts));
  const said = INNER.filter((name) => texts.has(name));
  if (said.length > 0) {
    throw new Error(`scripts/inner.mjs has names that are texts too: ${said}`);
  }
  const short = shortNames(new Set(found.flatMap(({ keys }) => keys.map(({ name }) => name))));
  return Object.fromEntries(found.map(({ file, text, keys }) => [file, renamed(text, keys, short)]));
}

/** The properties that a module names, and its texts. */
function namesIn(text, sourceType) {
  const keys = [];
  const texts = [];
  walk(parse(text, { ecmaVersion: 2022, sourceType }), (node) => {
    const key = node.type === "MemberExpression" ? node.property : node.key;
    if (!node.computed && key?.type === "Identifier") {
      keys.push({ ...key, shorthand: node.shorthand });
    }
    if (node.type === "Literal") {
      texts.push(node.value);
    }
  });
  return { keys, texts };
}

/** A letter for each, or two: those that no other property has. */
function shortNames(taken) {
  const letters = [..."etnisroauchdlfgmpvwbykxqjz"];
  const free = ["", ...letters].flatMap((first) => letters.map((second) => first + second)).filter((name) => !taken.has(name));
  return new Map(INNER.map((name, place) => [name, free[place]]));
}

function renamed(text, keys, short) {
  const inner = keys.filter(({ name }) => short.has(name)).sort((one, other) => other.start - one.start);
  // From the end on, so that the places before it stay right.
  return inner.reduce((done, { start, end, name, shorthand }) => {
    return `${done.slice(0, start)}${short.get(name)}${shorthand ? `: ${name}` : ""}${done.slice(end)}`;
  }, text);
}

function walk(node, visit) {
  for (const child of Object.values(node)) {
    if (typeof child === "object" && child !== null) {
      walk(child, visit);
    }
  }
  visit(node);
}

/** One row of a sequence diagram. */
export interface Message {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Drawn with a dotted line: an answer, or what the server tells. */
  readonly isDotted?: boolean;
}

/** A remark above all lanes. */
export interface Remark {
  readonly over: readonly string[];
  readonly text: string;
}

/**
 * A sequence diagram in the language of Mermaid (https://mermaid.js.org/syntax/sequenceDiagram.html), for a report that others can draw.
 * `lanes` are the titles from left to right; rows name lanes by their titles.
 */
export function sequenceDiagram(lanes: readonly string[], rows: readonly (Message | Remark)[]): string {
  // Titles may have any character; Mermaid's own names must not.
  const names = new Map(lanes.map((title, place) => [title, `p${place}`]));
  const nameOf = (title: string) => names.get(title) ?? "p0";
  const declared = lanes.map((title) => `  participant ${nameOf(title)} as ${escaped(title)}`);
  const drawn = rows.map((row) =>
    "over" in row
      ? `  Note over ${row.over.map(nameOf).join(",")}: ${escaped(row.text)}`
      : `  ${nameOf(row.from)}${row.isDotted ? "-->>" : "->>"}${nameOf(row.to)}: ${escaped(row.text)}`,
  );
  return `${["sequenceDiagram", ...declared, ...drawn].join("\n")}\n`;
}

/** Mermaid ends a text at a line or a semicolon, and reads `#…;` as a character's number and `<` as the begin of a tag. */
function escaped(text: string): string {
  return text.replace(/[#;<>\n\r]/g, (character) => (/\s/.test(character) ? " " : `#${character.charCodeAt(0)};`));
}

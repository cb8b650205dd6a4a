/** The names of the sources that are short in what is published. */
export const INNER: readonly string[];
/** Of modules, texts by file: the same texts with the short names. */
export function shortened(modules: Record<string, string>, sourceType: "module" | "script"): Record<string, string>;

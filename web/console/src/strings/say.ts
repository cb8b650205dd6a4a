import { type SayOf, speaks } from "../../../src/strings/speaks.js";
import { en } from "./en.js";
import type { TextKey } from "./texts.js";
import { zh } from "./zh.js";

/** Returns the text for `key`, with `{names}` in braces replaced by `fillings`. */
export type Say = SayOf<TextKey>;

export const sayIn = speaks<TextKey>({ en, zh });

/** Whether there is a text of this name. */
export function isText(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

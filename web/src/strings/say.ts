import { en } from "./en.js";
import { type SayOf, speaks } from "./speaks.js";
import type { TextKey } from "./texts.js";
import { zh } from "./zh.js";

export type { Language } from "./speaks.js";

/** Returns the text for `key`, with `{names}` in braces replaced by `fillings`. */
export type Say = SayOf<TextKey>;

export const sayIn = speaks<TextKey>({ en, zh });

import type { en } from "./en.js";

/** The name of a text; English has all of them. */
export type TextKey = keyof typeof en;

/** The texts of one language. */
export type Texts = Readonly<Record<TextKey, string>>;

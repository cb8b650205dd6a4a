import { en } from "./en.js";
import type { TextKey, Texts } from "./texts.js";
import { zh } from "./zh.js";

export type Language = "en" | "zh";
type Fillings = Readonly<Record<string, string | number>>;

/** Returns the text for `key`, with `{names}` in braces replaced by `fillings`. */
export type Say = (key: TextKey, fillings?: Fillings) => string;

const LANGUAGES: Record<Language, Texts> = { en, zh };

export function sayIn(language: Language): Say {
  return (key, fillings = {}) =>
    LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(fillings[name] ?? ""));
}

import { en } from "./en.js";
import { zh } from "./zh.js";

export type Language = "en" | "zh";
export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
type Fillings = Readonly<Record<string, string | number>>;

/** The words for `key`, with what stands in `{braces}` filled in. */
export type Say = (key: TextKey, fillings?: Fillings) => string;

const LANGUAGES: Record<Language, Texts> = { en, zh };

export function sayIn(language: Language): Say {
  return (key, fillings = {}) =>
    LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(fillings[name] ?? ""));
}

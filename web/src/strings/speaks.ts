export type Language = "en" | "zh";

type Fillings = Readonly<Record<string, string | number>>;

/** Returns a text, with `{names}` in braces replaced by `fillings`. */
export type SayOf<Key extends string> = (key: Key, fillings?: Fillings) => string;

/** Says texts in a language, out of those in all of them. */
export function speaks<Key extends string>(languages: Record<Language, Readonly<Record<Key, string>>>) {
  return (language: Language): SayOf<Key> =>
    (key, fillings = {}) =>
      languages[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(fillings[name] ?? ""));
}

import { language } from "../../src/kit/preferences.js";
import { useStore } from "../../src/session/store.js";

/** The other language, named in itself. */
const OTHER = {
  en: { code: "zh", tag: "zh-CN", name: "中文" },
  zh: { code: "en", tag: "en", name: "English" },
} as const;

/** Changes the language, here and in the app. */
export function LanguageButton() {
  const { code, tag, name } = OTHER[useStore(language)];
  return (
    <button type="button" class="button small" lang={tag} onClick={() => language.set(code)}>
      {name}
    </button>
  );
}

import { useId } from "preact/hooks";
import { type Store, useStore } from "../session/store.js";
import type { Language } from "../strings/say.js";
import type { TextKey } from "../strings/texts.js";
import { language, type Theme, theme } from "./preferences.js";
import { useSay } from "./useSay.js";

/** The choices of language and appearance. Each language is named in itself. */
export function PreferenceChoices() {
  const say = useSay();
  const themes: [Theme, TextKey][] = [
    ["auto", "me.auto"],
    ["light", "me.light"],
    ["dark", "me.dark"],
  ];
  return (
    <div class="preferences">
      <Choice<Language>
        legend={say("me.language")}
        store={language}
        choices={[
          ["en", "English"],
          ["zh", "中文"],
        ]}
      />
      <Choice<Theme> legend={say("me.theme")} store={theme} choices={themes.map(([value, key]) => [value, say(key)])} />
    </div>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  store: Store<T>;
  choices: [value: T, label: string][];
}

function Choice<T extends string>({ legend, store, choices }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      <Segments chosen={useStore(store)} choices={choices} onChoose={(value) => store.set(value)} />
    </fieldset>
  );
}

interface SegmentsProps<T extends string> {
  chosen: T;
  choices: readonly (readonly [value: T, label: string])[];
  onChoose: (value: T) => void;
}

/** One of a few, side by side. */
export function Segments<T extends string>({ chosen, choices, onChoose }: SegmentsProps<T>) {
  const name = useId();
  return (
    <div class="segments">
      {choices.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name={name} checked={value === chosen} onChange={() => onChoose(value)} />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}

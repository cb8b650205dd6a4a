import { Store } from "../session/store.js";
import type { Language } from "../strings/say.js";

export type Theme = "auto" | "light" | "dark";

/** The user's choices, kept in this browser. */
export const language = new Store<Language>(kept("wigwag.language", ["en", "zh"]) ?? spoken());
export const theme = new Store<Theme>(kept("wigwag.theme", ["auto", "light", "dark"]) ?? "auto");
/** Whether the page shows the timeline beside the scene. */
export const timelineShown = new Store(localStorage.getItem("wigwag.timeline") === "shown");

/** Applies the choices to the page, and keeps later ones in this browser. */
export function applyPreferences(): void {
  const show = () => {
    document.documentElement.lang = language.get() === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset.theme = theme.get();
  };
  const keep = () => {
    localStorage.setItem("wigwag.language", language.get());
    localStorage.setItem("wigwag.theme", theme.get());
    localStorage.setItem("wigwag.timeline", timelineShown.get() ? "shown" : "hidden");
    show();
  };
  show();
  for (const store of [language, theme, timelineShown]) {
    store.subscribe(keep);
  }
}

function kept<T extends string>(key: string, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === localStorage.getItem(key));
}

function spoken(): Language {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

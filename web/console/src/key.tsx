import { useEffect, useRef, useState } from "preact/hooks";
import { Mark } from "../../src/kit/icons.js";
import { Api, Problem } from "./api.js";
import { LanguageButton } from "./languageButton.js";
import type { Say } from "./strings/say.js";
import { troubleWords } from "./trouble.js";
import { useSay } from "./useSay.js";

/** Where the key is kept: in this tab alone, until it is closed. */
const KEPT = "wigwag.console.key";

export function keptKey(): string | undefined {
  return sessionStorage.getItem(KEPT) ?? undefined;
}

export function forgetKey(): void {
  sessionStorage.removeItem(KEPT);
}

/** Asks for a key, and tries it before it is kept. */
export function KeyForm({ trouble, onKey }: { trouble: string | undefined; onKey: (key: string) => void }) {
  const say = useSay();
  const [wrong, setWrong] = useState(trouble);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    const key = field.current?.value.trim() ?? "";
    setBusy(true);
    const flaw = key === "" ? say("key.empty") : await flawOf(say, key);
    setBusy(false);
    setWrong(flaw);
    if (flaw === undefined) {
      sessionStorage.setItem(KEPT, key);
      onKey(key);
    } else {
      field.current?.focus();
    }
  };

  return (
    <main class="key">
      <form class="card" onSubmit={submit} noValidate>
        <p class="brand">
          <Mark /> {say("title")}
        </p>
        <h1>{say("key.title")}</h1>
        <p class="hint">
          {say("key.how")} <code>wigwag key create operator --scopes all</code>
        </p>
        <label for="key">{say("key.label")}</label>
        {/* No user name belongs to it, so browsers are asked not to keep it. */}
        <input
          id="key"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={wrong !== undefined}
          aria-describedby="key-remark"
        />
        <p id="key-remark" class={wrong === undefined ? "hint" : "wrong"} role={wrong === undefined ? undefined : "alert"}>
          {wrong ?? say("key.stays")}
        </p>
        <button type="submit" class="button primary wide" disabled={busy}>
          {say("key.open")}
        </button>
        <p class="buttons">
          <LanguageButton />
        </p>
      </form>
    </main>
  );
}

async function flawOf(say: Say, key: string): Promise<string | undefined> {
  try {
    await new Api(key).ask("listEndpoints");
    return undefined;
  } catch (error) {
    const isUnknown = error instanceof Problem && error.status === 401;
    return isUnknown ? say("key.unknown") : troubleWords(say, error);
  }
}

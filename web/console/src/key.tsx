import { useEffect, useRef, useState } from "preact/hooks";
import { Mark } from "../../src/kit/icons.js";
import { Api, Problem } from "./api.js";

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
  const [wrong, setWrong] = useState(trouble);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    const key = field.current?.value.trim() ?? "";
    setBusy(true);
    const flaw = key === "" ? "Enter a key." : await flawOf(key);
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
          <Mark /> Wigwag console
        </p>
        <h1>Enter a key for back ends</h1>
        <p class="hint">
          On the server: <code>wigwag key create operator --scopes all</code>
        </p>
        <label for="key">Key</label>
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
          {wrong ?? "It stays in this tab, until the tab is closed."}
        </p>
        <button type="submit" class="button primary wide" disabled={busy}>
          Open
        </button>
      </form>
    </main>
  );
}

async function flawOf(key: string): Promise<string | undefined> {
  try {
    await new Api(key).ask("listEndpoints");
    return undefined;
  } catch (error) {
    return error instanceof Problem ? wordsOf(error) : String(error);
  }
}

function wordsOf({ status, message }: Problem): string {
  return status === 401 ? "The server does not know this key: it was revoked, or mistyped." : message;
}
